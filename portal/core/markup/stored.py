"""Stored HTML of articles: filled in for a page, and taken apart into plain text."""

from __future__ import annotations

import html as htmllib
import re
from collections.abc import Callable

KEY_TEXT = re.compile(r'<p class="key__text">(.*?)</p>', re.S)
# Both alternatives begin with the same character, so that the rest of the text is passed over quickly.
_PLACE = re.compile(r'<(?:span data-(hotline|term)="([a-z0-9-]+)">([^<]*)</span>|a href="article:([^"]*)")')
_FIGURE = re.compile(r'<figure data-media="([a-z0-9-]+)"></figure>')


def fill(
    html: str,
    *,
    hotline: Callable[[str], str],
    term: Callable[[str, str], str],
    article: Callable[[str], str],
    media: Callable[[str], str] | None = None,
) -> str:
    """Return stored `html` with its placeholders completed.

    Args:
        hotline: key to HTML.
        term: key and the words shown (may be empty) to HTML.
        article: slug to the attribute `href="…"`.
        media: key to the HTML of a figure; None leaves the place empty.
    """
    # Cut at the places: text, then for each place its four groups and the text after it.
    pieces = _PLACE.split(html)
    filled = pieces[:1]
    for kind, key, shown, slug, rest in zip(*(pieces[group::5] for group in range(1, 6)), strict=True):
        if kind is None:
            filled.append("<a " + article(slug))
        else:
            filled.append(hotline(key) if kind == "hotline" else term(key, shown))
        filled.append(rest)
    page = "".join(filled)
    if media is None or "<figure data-media" not in page:
        return page
    # Last, so that nothing is looked for in what the figures say.
    return _FIGURE.sub(lambda match: media(match[1]), page)


_OUTSIDE = re.compile(r'<a(?: class="[^"]*")?(?: rel="[^"]*")? href="(https?:[^"]*)"', re.I)


def outside_links(html: str) -> set[str]:
    """Return the web addresses that stored `html` leads to."""
    return {htmllib.unescape(url) for url in _OUTSIDE.findall(html)}


def key_message(html: str) -> str:
    """Return the first paragraph of the key message of stored or filled `html`, as plain text."""
    found = KEY_TEXT.search(html)
    return plain(found[1]) if found else ""


_BREAK = re.compile(r"</(?:p|h\d|li|dt|dd|tr|td|th|figcaption|blockquote|div)>|<br>")
_TAG = re.compile(r"<[^>]+>")
_LABEL = re.compile(
    r'<h2 class="key__label"[^>]*>.*?</h2>|<span aria-hidden[^>]*>.*?</span>|<figcaption>.*?</figcaption>'
    r'|<a class="src"[^>]*>.*?</a>'
)
"""What the page says around the author's words."""


def plain(html: str) -> str:
    """Return the author's words of sanitised `html`, one line for each block; labels and marks are left out."""
    text = htmllib.unescape(_TAG.sub("", _BREAK.sub("\n", _LABEL.sub("", html))))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())
