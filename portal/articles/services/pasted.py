"""What was copied in Word, WPS or a browser, as Markdown: the same that stays of a Word file stays of this."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from portal.articles.rules import written
from portal.articles.rules.written import MOST_PICTURES, Block, Converted, Dropped, Picture, place
from portal.core.errors import PortalError
from portal.core.markup import MAX_SOURCE_BYTES

MAX_HTML = 400_000
"""Characters; a form may have little more."""
DEEPEST = 100
"""Elements inside each other; browsers copy a dozen."""

_SKIPPED = frozenset({"script", "style", "head", "title", "template", "object", "iframe", "svg", "xml", "meta", "link"})
_BLOCKS = frozenset({
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "table", "blockquote", "section", "article",
    "pre", "main", "header", "footer", "aside", "figure", "figcaption", "dl", "dt", "dd", "hr", "form", "fieldset",
    "address",
})  # fmt: skip
_HAN = r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]"
_BREAK_IN_CHINESE = re.compile(rf"(?<={_HAN})\s*[\r\n]\s*(?={_HAN})")
_LIST = re.compile(r"mso-list:\s*\w+\s+level(\d)")
_COUNTS = re.compile(r"[（(]?[\dA-Za-z一二三四五六七八九十]{1,4}[.．、)）]|[①-⑳]")
_BOLD = re.compile(r"font-weight:\s*(bold|[6-9]00)")
_NOT_BOLD = re.compile(r"font-weight:\s*(normal|[1-5]00)")


class PastedRefused(PortalError):
    """What was pasted is too much for a text, or no text at all."""


Given = Mapping[str, tuple[str, bytes]]
"""Pictures that a browser could read, each with the name of its file, by what `data-picture` says in the HTML."""


def from_clipboard(html: str, pictures: Given | None = None) -> Converted:
    """Return HTML of a clipboard as Markdown, with the pictures that belong to it, and how much of what was left out.

    Raises:
        PastedRefused: there is no text in it, or more than an article may have.
    """
    if len(html) > MAX_HTML or not html.strip():
        raise PastedRefused
    from lxml import etree  # type: ignore[import-untyped]  # noqa: PLC0415  # no types; loaded where somebody pastes
    from lxml import html as parser  # noqa: PLC0415  # with it

    # Word marks what other programs shall not see by conditional comments; what lies between those stays.
    told = re.sub(r"<!\[(?:if|endif)[^>]*>", "", html.replace("\0", ""))
    try:
        root = parser.document_fromstring(f"<body>{told}</body>")
    except (etree.LxmlError, ValueError):
        raise PastedRefused from None
    found = _Reader(root, pictures or {}).read()
    if not found.body.strip() or len(found.body.encode()) > MAX_SOURCE_BYTES:
        raise PastedRefused
    return found


def _style(element: Any) -> str:
    return (element.get("style") or "").lower()


class _Reader:
    """Reads a clipboard from its beginning to its end."""

    def __init__(self, root: Any, given: Given) -> None:
        self._root, self._given = root, given
        self._found = Converted()
        self._pictures: list[Picture] = []
        self._shown = 0
        """How many of the pictures have their place in the text."""
        self._tight = 0
        """Inside how many headings, lists and tables we are: a picture would tear what belongs together."""
        levels = [int(element.tag[1]) for element in root.iter(*(f"h{level}" for level in range(1, 7)))]
        self._top = min(levels, default=1)
        """The largest heading becomes the larger of ours, wherever its writer began."""

    def read(self) -> Converted:
        self._found.body = written.body(self._inside(self._root, 0, -1))
        self._found.dropped = +self._found.dropped
        self._found.pictures = tuple(self._pictures)
        return self._found

    def _inside(self, element: Any, depth: int, lists: int) -> Iterator[Block]:
        """Yield the blocks of an element; words that stand between them are paragraphs of their own."""
        runs: list[tuple[str, str]] = [(written.plain(_flat(element.text)), "")]
        for child in element.iterchildren():
            if isinstance(child.tag, str) and self._is_block(child):
                yield from self._text(runs)
                runs = []
                if depth < DEEPEST:
                    yield from self._block(child, depth + 1, lists)
            elif isinstance(child.tag, str) and child.tag == "br":
                yield from self._text(runs)
                runs = []
            else:
                runs += self._inline(child, "", depth)
            runs.append((written.plain(_flat(child.tail)), ""))
        yield from self._text(runs)

    def _is_block(self, element: Any) -> bool:
        # A browser's copy may wrap whole paragraphs in an inline element.
        return element.tag in _BLOCKS or any(inner.tag in _BLOCKS for inner in element.iterdescendants())

    def _text(self, runs: list[tuple[str, str]]) -> Iterator[Block]:
        text = _tidy(written.runs(runs))
        if text:
            yield "text", written.paragraph(text)
        for number in range(self._shown, len(self._pictures)):
            yield "text", place(number)
        self._shown = len(self._pictures)

    def _block(self, element: Any, depth: int, lists: int) -> Iterator[Block]:
        style, name = _style(element), element.tag
        if name in _SKIPPED or "display:none" in style.replace(" ", ""):
            return
        if "mso-element:comment" in style or "mso-element:footnote" in style or "mso-element:endnote" in style:
            return
        marker = _LIST.search(style)
        if re.fullmatch(r"h[1-6]", name):
            text = _tidy(self._all(element, depth))
            if text:
                yield written.heading(text, int(name[1]) - self._top + 1)
        elif marker and name == "p":
            yield from self._word_item(element, int(marker[1]) - 1, depth)
        elif name in ("ul", "ol"):
            for child in element.iterchildren():
                if child.tag == "li":
                    yield from self._item(child, "1." if name == "ol" else "-", depth, lists + 1)
                elif isinstance(child.tag, str):
                    # Some programs put a list inside a list without an item around it.
                    yield from self._block(child, depth + 1, lists + 1)
        elif name == "table":
            yield from self._table(element, depth)
        else:
            yield from self._inside(element, depth, lists)

    def _item(self, element: Any, mark: str, depth: int, indent: int) -> Iterator[Block]:
        """Yield an item: its own words on one line, then the lists inside it."""
        words = [(written.plain(_flat(element.text)), "")]
        inner = []
        self._tight += 1
        for child in element.iterchildren():
            if child.tag in ("ul", "ol"):
                inner.append(child)
            else:
                words += self._inline(child, "", depth)
            words.append((written.plain(_flat(child.tail)), ""))
        self._tight -= 1
        text = _tidy(written.runs(words))
        if text:
            yield written.item(text, mark, indent)
        for child in inner:
            if depth < DEEPEST:
                yield from self._block(child, depth + 1, indent)

    def _word_item(self, element: Any, indent: int, depth: int) -> Iterator[Block]:
        """Yield what Word copies for an item: a paragraph that begins with the sign in an element of its own."""
        sign = ""
        for inner in element.iter("span"):
            if "mso-list:ignore" in _style(inner).replace(" ", ""):
                sign = "".join(inner.itertext()).strip()
                for child in list(inner):
                    inner.remove(child)
                inner.text = ""
                break
        text = _tidy(self._all(element, depth))
        if text:
            yield written.item(text, "1." if _COUNTS.fullmatch(sign) else "-", indent)

    def _table(self, element: Any, depth: int) -> Iterator[Block]:
        rows = []
        for row in element.iter("tr"):
            if next(row.iterancestors("table")) is not element:
                continue
            cells = []
            for cell in row.iterchildren("td", "th"):
                inner = list(cell.iter("table"))
                self._found.dropped[Dropped.TABLES] += len(inner)
                # Paragraphs of a cell; without any, the cell itself.
                parts = list(cell.iter("p", "li")) or [cell]
                cells.append([_tidy(self._all(one, depth)) for one in parts])
            rows.append(cells)
        yield from written.table(rows)

    def _all(self, element: Any, depth: int) -> str:
        """Return the words of a heading, cell or item."""
        self._tight += 1
        runs = [(written.plain(_flat(element.text)), "")]
        for child in element.iterchildren():
            runs += self._inline(child, "", depth)
            runs.append((written.plain(_flat(child.tail)), ""))
        self._tight -= 1
        return written.runs(runs)

    def _inline(self, element: Any, mark: str, depth: int) -> Iterator[tuple[str, str]]:
        """Yield the runs of an inline element, marked as what is around it says."""
        if not isinstance(element.tag, str) or element.tag in _SKIPPED or depth > DEEPEST:
            return
        name, style = element.tag, _style(element)
        if name == "img" or name.endswith("imagedata"):
            yield from self._picture(element)
            return
        if name == "br":
            yield " ", mark
            return
        about = f"{element.get('class') or ''} {style}".lower()
        if "msocom" in about or "mso-element:comment" in about or "mso-special-character:comment" in about:
            self._found.dropped[Dropped.COMMENTS] += name == "a"
            return
        if "mso-footnote-id" in about or "mso-endnote-id" in about:
            self._found.dropped[Dropped.FOOTNOTES] += 1
            return
        inside = _with(mark, name, style)
        runs = [(written.plain(_flat(element.text)), inside)]
        for child in element.iterchildren():
            runs += self._inline(child, inside, depth + 1)
            runs.append((written.plain(_flat(child.tail)), inside))
        if name == "a" and element.get("href") is not None:
            text = _tidy("".join(text for text, _mark in runs))
            link = written.link(text, element.get("href").strip())
            if text and link:
                yield link, "link"
                return
            self._found.dropped[Dropped.LINKS] += bool(text)
        yield from runs

    def _picture(self, element: Any) -> Iterator[tuple[str, str]]:
        """Keep a picture for its place below the paragraph; yield a word for one that cannot have a place."""
        said = " ".join((element.get("alt") or "").split())
        name, data = self._given.get(element.get("data-picture") or "", ("", b""))
        if not data or self._tight or len(self._pictures) >= MOST_PICTURES:
            self._found.dropped[Dropped.PICTURES] += 1
            yield written.picture(said), ""
        else:
            self._pictures.append(Picture(name=name, data=data, said=said))


def _with(mark: str, name: str, style: str) -> str:
    """Return `**`, `*`, both or nothing, for what stands inside an element."""
    bold, italic = "**" in mark, mark.count("*") % 2 == 1
    bold = (bold or name in ("b", "strong") or bool(_BOLD.search(style))) and not _NOT_BOLD.search(style)
    italic = italic or name in ("i", "em") or "font-style:italic" in style.replace(" ", "")
    return "**" * bold + "*" * italic


def _flat(text: str | None) -> str:
    """Return words without the line breaks of the source: between Chinese characters they are nothing."""
    return re.sub(r"[ \t\r\n\u00a0]+", " ", _BREAK_IN_CHINESE.sub("", text or ""))


def _tidy(text: str) -> str:
    return re.sub(r" {2,}", " ", text).strip()
