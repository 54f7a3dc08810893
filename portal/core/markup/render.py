"""Markdown to safe HTML, in this order: checked, rendered, sanitised by allow-lists."""

from __future__ import annotations

import html as htmllib
import re
from dataclasses import dataclass
from typing import Any

import markdown
import nh3
from markdown.extensions.tables import TableExtension
from markdown.extensions.toc import TocExtension, slugify_unicode

from portal.core.errors import Said
from portal.core.markup.blocks import LABELS, Blocks
from portal.core.markup.source import KEY, MarkupError
from portal.core.markup.stored import KEY_TEXT

_CLASSES = re.compile(
    r"(?:key(?:__\w+)?|ph|scam|notice(?:--\w+|__title)?|case|steps|saa(?:__\w+|__mark--word)?|src|is-\w+)\Z"
)
_TAGS = {
    "a", "abbr", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "figcaption", "figure", "h2", "h3", "h4",
    "hr", "li", "ol", "p", "pre", "section", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead",
    "tr", "ul",
}  # fmt: skip
_ATTRIBUTES: dict[str, set[str]] = {
    **{tag: {"class"} for tag in ("div", "section", "ol", "p")},
    "li": {"class", "id"}, "figure": {"class", "data-media"},
    "h2": {"id", "class"}, "h3": {"id", "class"}, "h4": {"id"},
    "a": {"href", "class"}, "abbr": {"title"}, "sup": {"id"}, "ol": {"class", "start"},
    "th": {"scope", "class"}, "td": {"data-label", "class"},
    "span": {"class", "aria-hidden", "data-hotline", "data-term"},
}  # fmt: skip


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        kept = [word for word in value.split() if _CLASSES.match(word)]
        return " ".join(kept) or None
    if name in ("data-hotline", "data-term", "data-media"):
        return value if KEY.match(value) else None
    if (name == "id" and not value.strip()) or (name == "href" and not _ADDRESS.match(_IGNORED.sub("", value))):
        return None
    return value


_OUTSIDE = re.compile(r'<a((?: class="[^"]*")?) href="(https?:)', re.I)
_IGNORED = re.compile(r"[\x00-\x20]")
"""What browsers leave out of addresses."""
_ADDRESS = re.compile(r"(?:https?|mailto|tel|article):|(?![/\\]{2}|\\)[^:]*?(?:[/?#]|\Z)", re.I)
"""An address with a scheme that is taken, or one inside this site."""


def sanitise(html: str) -> str:
    """Return `html` with nothing but the tags, attributes and addresses that an article may have."""
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel", "article"},
        link_rel=None,
        strip_comments=True,
    )
    return _OUTSIDE.sub(r'<a\1 rel="noopener noreferrer" href="\2', clean)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one source became."""

    html: str
    toc: list[dict[str, str]]
    """Level-2 headings in order: `id` and `text`."""


def _slug(heading: str, separator: str) -> str:
    # The prefix keeps a heading such as "Sources" apart from the page's own anchors.
    return "h-" + slugify_unicode(heading, separator)


def render(source: str, *, locale: str) -> Rendered:
    """Render `source` in this process; callers outside the child use a `Renderer`.

    Raises:
        MarkupError: a block is not built as it must be.
    """
    md = markdown.Markdown(
        extensions=[
            "abbr", "def_list", "fenced_code", "footnotes", "admonition", "sane_lists",
            TableExtension(use_align_attribute=True),
            TocExtension(slugify=_slug, toc_depth="2-2"),
            Blocks(LABELS[locale]),
        ],
        extension_configs={"footnotes": {"UNIQUE_IDS": True, "BACKLINK_TITLE": "↑"}},
        output_format="html",
    )  # fmt: skip
    html = _NEIGHBOURS.sub(_together, sanitise(md.convert(source)))
    toc = [
        {"id": token["id"], "text": htmllib.unescape(token["name"])}
        for token in _flat(md.toc_tokens)  # type: ignore[attr-defined]  # set by the toc extension
        if token["level"] == 2 and token["id"] != "key"
    ]
    found = KEY_TEXT.search(html)
    if not found or not found[1].strip():
        raise MarkupError(Said("The key message has no text."))
    if locale != "en":
        html = KEY_TEXT.sub(lambda match: match[0].replace(match[1], _phrased(match[1])), html)
    return Rendered(html=html, toc=toc)


_NEIGHBOURS = re.compile(
    r'([“‘《（("]?)(<span data-(?:hotline|term)="[^"]*">[^<]*</span>)([”’》）)"，。、：；？,.;:?]*)'
)


def _together(match: re.Match[str]) -> str:
    """Keep a number or term and the punctuation beside it in one line.

    The link or button that it becomes is a box of its own, before and after which a line may break. Before an opening
    quotation mark it may break as well, which browsers do not do by themselves in Chinese.
    """
    if not match[1] and not match[3]:
        return match[0]
    return f'{"<wbr>" if match[1] else ""}<span class="nowrap">{match[0]}</span>'


_CLAUSE_END = "，。？；：、"
_PIECE = re.compile(r"<[^>]+>|[^<" + _CLAUSE_END + r"]+|[" + _CLAUSE_END + r"][”》）]?")


def _phrased(html: str) -> str:
    """Keep each clause of a Chinese key message together, so that a line breaks after punctuation where it can."""
    clauses: list[str] = []
    clause, depth, ended = "", 0, False
    for piece in _PIECE.findall(html):
        clause += piece
        if piece[0] == "<":
            depth += -1 if piece[1] == "/" else 0 if piece in ("<br>", "<wbr>") else 1
        else:
            ended = piece[0] in _CLAUSE_END
        if ended and depth == 0:
            clauses.append(clause)
            clause, ended = "", False
    clauses.append(clause)
    kept = [clause for clause in clauses if clause]
    return html if len(kept) < 2 else "".join(f'<span class="ph">{clause}</span>' for clause in kept)


def _flat(tokens: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for token in tokens for entry in (token, *_flat(token["children"]))]
