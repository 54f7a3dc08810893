"""Word files as Markdown: headings, lists, tables and links stay; what cannot stay is counted and told."""

from __future__ import annotations

import io
import re
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.core.errors import PortalError
from portal.core.markup import MAX_SOURCE_BYTES

MAX_FILE = 1_900_000
"""Bytes of a file; what anybody may send is little more."""
MAX_UNPACKED = 40_000_000
MAX_PARTS = 2_000
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
R = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}"
DRAWING = "{http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing}docPr"

_SPECIAL = re.compile(r"([\\`*_<])")
_BEGINS = re.compile(r"^(\s*)([#>+-]|\d+[.)])(?=\s)")
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


class Dropped(StrEnum):
    """What a Word file may hold and a text may not."""

    PICTURES = "pictures"
    FOOTNOTES = "footnotes"
    COMMENTS = "comments"
    BOXES = "boxes"
    LINKS = "links"
    TABLES = "tables"
    """Tables inside tables; their words stay."""


@dataclass(slots=True)
class Converted:
    """A Word file as the editor takes it."""

    title: str = ""
    body: str = ""
    dropped: Counter[Dropped] = field(default_factory=Counter)


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
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED:
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

    def read(self) -> Converted:
        blocks: list[tuple[str, str]] = []
        for element in self._document.element.body.iterchildren():
            blocks += self._blocks(element)
        lines: list[str] = []
        before = ""
        for kind, text in blocks:
            # Items of one list stand together with what is nested in it, everything else apart.
            here = before if kind == "nested" and before in ("-", "1.") else kind
            if lines and (here != before or here not in ("-", "1.")):
                lines.append("")
            lines.append(text)
            before = here
        self._found.body = "\n".join(lines).strip() + "\n"
        self._found.dropped = +self._found.dropped
        return self._found

    def _blocks(self, element: Any) -> Iterator[tuple[str, str]]:
        if element.tag == f"{W}p":
            yield from self._paragraph(element)
        elif element.tag == f"{W}tbl":
            table = self._table(element)
            if table:
                yield "table", table
        elif element.tag in (f"{W}sdt", f"{W}sdtContent"):
            for child in element.iterchildren():
                yield from self._blocks(child)

    def _paragraph(self, element: Any) -> Iterator[tuple[str, str]]:
        text = self._inline(element).strip()
        if not text:
            return
        level = self._level(element)
        plain = text.replace("**", "")
        if level == 0 and not self._found.title:
            self._found.title = re.sub(r"\\(.)", r"\1", plain.replace("*", ""))
        elif level is not None:
            yield "heading", f"{'##' if level <= 1 else '###'} {plain}"
        else:
            indent, mark = self._item(element)
            if mark:
                yield "nested" if indent else mark, f"{'    ' * indent}{mark} {text}"
            else:
                yield "text", _BEGINS.sub(r"\1\\\2", text)

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
        """Return the text of a paragraph's runs with bold, italic and links; equal neighbours are joined."""
        pieces: list[tuple[str, str]] = []
        for text, mark in self._runs(element):
            if pieces and pieces[-1][1] == mark and mark != "link":
                pieces[-1] = (pieces[-1][0] + text, mark)
            else:
                pieces.append((text, mark))
        return "".join(_marked(text, mark) for text, mark in pieces)

    def _runs(self, element: Any) -> Iterator[tuple[str, str]]:
        for child in element.iterchildren():
            if child.tag == f"{W}r":
                yield from self._run(child)
            elif child.tag == f"{W}hyperlink":
                text = "".join(text for text, _mark in self._runs(child))
                address = str(self._links.get(child.get(f"{R}id"), ""))
                if text and address.startswith(("https://", "http://")) and not re.search(r"[\s()<>]", address):
                    yield f"[{text}]({address})", "link"
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
                yield _SPECIAL.sub(r"\\\1", child.text or ""), mark
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
        self._found.dropped[Dropped.PICTURES] += 1
        about = next(element.iter(DRAWING), None)
        said = " ".join((about.get("descr") or "").split()) if about is not None else ""
        # Where it stood, so that its writer can put one of the library there.
        named = _SPECIAL.sub(r"\\\1", said)
        yield f"（图片：{named}）" if named else "（图片）", ""

    def _table(self, element: Any) -> str:
        rows = []
        for row in element.iterchildren(f"{W}tr"):
            cells = []
            for cell in row.iterchildren(f"{W}tc"):
                self._found.dropped[Dropped.TABLES] += len(list(cell.iterchildren(f"{W}tbl")))
                texts = (self._inline(paragraph).strip() for paragraph in cell.iter(f"{W}p"))
                cells.append("<br>".join(text.replace("|", "\\|") for text in texts if text))
            rows.append(cells)
        width = max((len(row) for row in rows), default=0)
        if not any(any(row) for row in rows):
            return ""
        lines = [f"| {' | '.join(row + [''] * (width - len(row)))} |" for row in rows]
        lines.insert(1, f"|{'---|' * width}")
        return "\n".join(lines)


def _is_on(about: Any, name: str) -> bool:
    found = about.find(f"{W}{name}") if about is not None else None
    return found is not None and found.get(f"{W}val", "1") not in ("0", "false", "none")


def _marked(text: str, mark: str) -> str:
    """Return a text between marks, blanks outside: Markdown wants them so."""
    if mark in ("", "link") or not text.strip():
        return text
    mark = "**" if mark.startswith("**") else "*"
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{mark}{text.strip()}{mark}{after}"


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
