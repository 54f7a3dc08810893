"""Word files as Markdown: headings, lists, tables and links stay; what cannot stay is counted and told."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from portal.articles.rules import written
from portal.articles.rules.written import MOST_PICTURES, Block, Converted, Dropped, Picture, place
from portal.core.errors import PortalError
from portal.core.markup import MAX_SOURCE_BYTES

MAX_FILE = 20_000_000
MAX_UNPACKED = 60_000_000
MAX_XML = 12_000_000
"""Bytes of all that is read as a tree, which takes many times its size in memory."""
MAX_PARTS = 2_000
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"
BLIP = "{http://schemas.openxmlformats.org/drawingml/2006/main}blip"

_INLINE = frozenset(f"{W}{name}" for name in ("ins", "smartTag", "sdt", "sdtContent", "fldSimple", "moveTo"))


class WordFlaw(StrEnum):
    """Why a file cannot be taken."""

    NOT_WORD = "not-word"
    TOO_LARGE = "too-large"
    EMPTY = "empty"
    TOO_LONG = "too-long"


class WordRefused(PortalError):
    """The file cannot be taken; nothing was changed."""

    def __init__(self, flaw: WordFlaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


def from_word(raw: bytes) -> Converted:
    """Return a Word file's text as Markdown, and how much of what was left out.

    Raises:
        WordRefused: it is no Word file, too large, or there is no text in it.
    """
    _measure(raw)
    import docx  # noqa: PLC0415  # a server loads it only where somebody brings a Word file

    try:
        document = docx.Document(io.BytesIO(raw))
        found = _Reader(document).read()
    except (KeyError, ValueError, zipfile.BadZipFile, SyntaxError, AttributeError):
        # lxml's errors are SyntaxErrors; python-docx stumbles over missing parts in its own ways.
        raise WordRefused(WordFlaw.NOT_WORD) from None
    if not found.body.strip():
        raise WordRefused(WordFlaw.EMPTY)
    if len(found.body.encode()) > MAX_SOURCE_BYTES:
        raise WordRefused(WordFlaw.TOO_LONG)
    return found


def _measure(raw: bytes) -> None:
    if len(raw) > MAX_FILE:
        raise WordRefused(WordFlaw.TOO_LARGE)
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, NotImplementedError, OSError):
        raise WordRefused(WordFlaw.NOT_WORD) from None
    trees = sum(part.file_size for part in parts if part.filename.lower().endswith((".xml", ".rels")))
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED or trees > MAX_XML:
        raise WordRefused(WordFlaw.TOO_LARGE)
    if "word/document.xml" not in {part.filename for part in parts} or any(part.flag_bits & 1 for part in parts):
        raise WordRefused(WordFlaw.NOT_WORD)


class _Reader:
    """Reads one document from its beginning to its end."""

    def __init__(self, document: Any) -> None:
        self._document = document
        self._styles = {style.style_id: str(style.name or "") for style in document.styles}
        self._links = {name: part.target_ref for name, part in document.part.rels.items() if part.is_external}
        self._ordered = _ordered(document)
        self._found = Converted()
        self._pictures: list[Picture] = []
        self._may_show = False
        """Whether what is read now is followed by a place where a picture could stand."""

    def read(self) -> Converted:
        elements = self._document.element.body.iterchildren()
        self._found.body = written.body(block for element in elements for block in self._blocks(element))
        self._found.dropped = +self._found.dropped
        self._found.pictures = tuple(self._pictures)
        return self._found

    def _blocks(self, element: Any) -> Iterator[Block]:
        if element.tag == f"{W}p":
            yield from self._paragraph(element)
        elif element.tag == f"{W}tbl":
            yield from self._table(element)
        elif element.tag in (f"{W}sdt", f"{W}sdtContent"):
            for child in element.iterchildren():
                yield from self._blocks(child)

    def _paragraph(self, element: Any) -> Iterator[Block]:
        level = self._level(element)
        indent, mark = self._item(element)
        # Inside a list or a heading a picture would tear what belongs together.
        self._may_show = level is None and not mark
        before = len(self._pictures)
        text = self._inline(element).strip()
        self._may_show = False
        if level == 0 and text and not self._found.title:
            self._found.title = re.sub(r"\\(.)", r"\1", text.replace("*", ""))
        elif level is not None and text:
            yield written.heading(text, level)
        elif mark and text:
            yield written.item(text, mark, indent)
        elif text:
            yield "text", written.paragraph(text)
        for number in range(before, len(self._pictures)):
            yield "text", place(number)

    def _style(self, element: Any) -> str:
        found = element.find(f"{W}pPr/{W}pStyle")
        return self._styles.get(found.get(f"{W}val"), "") if found is not None else ""

    def _level(self, element: Any) -> int | None:
        """Return the level of a heading, 0 for the document's title, and None for other paragraphs."""
        style = self._style(element).lower()
        if style == "title":
            return 0
        match = re.fullmatch(r"heading (\d)", style)
        if match:
            return int(match[1])
        outline = element.find(f"{W}pPr/{W}outlineLvl")
        value = outline.get(f"{W}val") if outline is not None else None
        return int(value) + 1 if value is not None and value.isdecimal() and int(value) < 9 else None

    def _item(self, element: Any) -> tuple[int, str]:
        style = self._style(element).lower()
        numbering = element.find(f"{W}pPr/{W}numPr")
        if numbering is not None:
            number, level = (numbering.find(f"{W}{name}") for name in ("numId", "ilvl"))
            indent = int(level.get(f"{W}val", "0")) if level is not None else 0
            key = number.get(f"{W}val", "0") if number is not None else "0"
            return min(indent, 3), "1." if (key, indent) in self._ordered else "-"
        if style.startswith("list number"):
            return 0, "1."
        return 0, "-" if style.startswith("list bullet") else ""

    def _inline(self, element: Any) -> str:
        """Return the text of a paragraph's runs with bold, italic and links."""
        return written.runs(self._runs(element))

    def _runs(self, element: Any) -> Iterator[tuple[str, str]]:
        for child in element.iterchildren():
            if child.tag == f"{W}r":
                yield from self._run(child)
            elif child.tag == f"{W}hyperlink":
                text = "".join(text for text, _mark in self._runs(child))
                link = written.link(text, str(self._links.get(child.get(f"{R}id"), "")))
                if text and link:
                    yield link, "link"
                else:
                    self._found.dropped[Dropped.LINKS] += bool(text)
                    yield text, ""
            elif child.tag in _INLINE:
                yield from self._runs(child)

    def _run(self, run: Any) -> Iterator[tuple[str, str]]:
        about = run.find(f"{W}rPr")
        mark = "".join(sign for name, sign in (("b", "**"), ("i", "*")) if _is_on(about, name))
        for child in run.iterchildren():
            if child.tag == f"{W}t":
                yield written.plain(child.text or ""), mark
            elif child.tag in (f"{W}tab", f"{W}br", f"{W}cr"):
                yield " ", mark
            elif child.tag in (f"{W}footnoteReference", f"{W}endnoteReference"):
                self._found.dropped[Dropped.FOOTNOTES] += 1
            elif child.tag == f"{W}commentReference":
                self._found.dropped[Dropped.COMMENTS] += 1
            elif child.tag in (f"{W}drawing", f"{W}pict", f"{W}object"):
                yield from self._drawing(child)

    def _drawing(self, element: Any) -> Iterator[tuple[str, str]]:
        if next(element.iter(f"{W}txbxContent"), None) is not None:
            self._found.dropped[Dropped.BOXES] += 1
            return
        about = next(element.iter(DRAWING), None)
        said = " ".join((about.get("descr") or "").split()) if about is not None else ""
        picture = self._picture(element, said) if self._may_show and len(self._pictures) < MOST_PICTURES else None
        if picture is not None:
            self._pictures.append(picture)
            return
        self._found.dropped[Dropped.PICTURES] += 1
        yield written.picture(said), ""

    def _picture(self, element: Any, said: str) -> Picture | None:
        blip = next(element.iter(BLIP), None)
        part = self._document.part.related_parts.get(blip.get(f"{R}embed", "")) if blip is not None else None
        if part is None:
            return None
        return Picture(name=str(part.partname).rpartition("/")[2], data=part.blob, said=said)

    def _table(self, element: Any) -> Iterator[Block]:
        rows = []
        for row in element.iterchildren(f"{W}tr"):
            cells = []
            for cell in row.iterchildren(f"{W}tc"):
                self._found.dropped[Dropped.TABLES] += len(list(cell.iterchildren(f"{W}tbl")))
                cells.append([self._inline(paragraph).strip() for paragraph in cell.iter(f"{W}p")])
            rows.append(cells)
        yield from written.table(rows)


def _is_on(about: Any, name: str) -> bool:
    found = about.find(f"{W}{name}") if about is not None else None
    return found is not None and found.get(f"{W}val", "1") not in ("0", "false", "none")


def _ordered(document: Any) -> set[tuple[str, int]]:
    """Return the lists that count, by number and level."""
    try:
        root = document.part.numbering_part.element
    except (KeyError, NotImplementedError):
        return set()
    counts: dict[str, set[int]] = {}
    for kind in root.iterchildren(f"{W}abstractNum"):
        levels = set()
        for level in kind.iterchildren(f"{W}lvl"):
            form = level.find(f"{W}numFmt")
            if form is not None and form.get(f"{W}val") not in ("bullet", "none"):
                levels.add(int(level.get(f"{W}ilvl", "0")))
        counts[kind.get(f"{W}abstractNumId", "")] = levels
    found = set()
    for number in root.iterchildren(f"{W}num"):
        kind = number.find(f"{W}abstractNumId")
        for level in counts.get(kind.get(f"{W}val", "") if kind is not None else "", ()):
            found.add((number.get(f"{W}numId", ""), level))
    return found
