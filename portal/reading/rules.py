"""Pure rules of the public pages: text sizes, titles that break well, long pages."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping

SIZES = ("20", "24", "30")
"""Text sizes of the elderly edition in CSS pixels; the first is the default."""
LONG_PAGE = 4
"""A page with at least this many sections gets a table of contents."""

_PHRASE = re.compile(r"[^，。？：；、“”]*(?:“[^”]*”)?[^，。？：；、“”]*[，。？：；、]?")
_INTERNAL_LINK = re.compile(
    r'href="(/(?!assets/|static/|api/|feed|[^"?#]*\.(?:xml|svg|txt))[^"?#]*)(\?[^"#]*)?(#[^"]*)?"'
)


def phrases(title: str) -> list[str]:
    """Cut a title after its punctuation, so that a line never breaks inside a phrase where it need not."""
    parts = [part for part in _PHRASE.findall(title) if part]
    return parts if "".join(parts) == title else [title]


def headline(title: str) -> str:
    """Return a title as HTML, each phrase kept together."""
    parts = phrases(title)
    if len(parts) == 1:
        return html.escape(title)
    return "".join(f'<span class="ph">{html.escape(part)}</span>' for part in parts)


def text_size(asked: str | None, *, audience: str) -> str:
    """Return the text size to show; only the elderly edition has a choice."""
    if audience != "elderly":
        return ""
    return asked if asked in SIZES else SIZES[0]


def keep_size(page: str, size: str) -> str:
    """Return a finished page whose links inside the site carry a chosen text size on.

    This is how the choice outlives a click without a cookie and without JavaScript.
    """

    def one(match: re.Match[str]) -> str:
        query = match[2] or ""
        if "size=" in query:
            return match[0]
        joined = f"{query}&amp;size={size}" if query else f"?size={size}"
        return f'href="{match[1]}{joined}{match[3] or ""}"'

    return _INTERNAL_LINK.sub(one, page)


_SLOT = re.compile("\ue000([a-z_]+)\ue001")


def slot(name: str) -> str:
    """Return a mark that stands in a page for what differs from article to article."""
    return f"\ue000{name}\ue001"


class Frame:
    """A page with slots: everything around an article, made once for each version of the site."""

    def __init__(self, page: str) -> None:
        pieces = _SLOT.split(page)
        self._names = pieces[1::2]
        # Encoded once: most of a page's bytes are its frame's.
        self._pieces = [piece.encode() for piece in pieces]

    def fill(self, values: Mapping[str, str]) -> bytes:
        """Return the page with finished HTML in every slot."""
        encoded = {name: value.encode() for name, value in values.items()}
        pieces = self._pieces.copy()
        pieces[1::2] = [encoded[name] for name in self._names]
        return b"".join(pieces)
