"""Writing Markdown as the editor has it, out of what other programs keep: Word files and the clipboard."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

_SPECIAL = re.compile(r"([\\`*_<])")
_BEGINS = re.compile(r"^(\s*)([#>=~]|-(?=\s|-|$)|\+(?=\s|$)|\d+[.)](?=\s|$))")
_ADDRESS = re.compile(r"https?://[^\s()<>]+")

MOST_PICTURES = 12
"""Pictures that one file or clipboard may bring; each is drawn anew in a process of its own."""

Block = tuple[str, str]
"""What a piece is (`heading`, `text`, `table`, a mark of a list, or `nested` for what stands inside a list), and its
Markdown."""


class Dropped(StrEnum):
    """What other programs keep and a text may not."""

    PICTURES = "pictures"
    """That cannot be shown, or stand where the text has no place for one."""
    UNDESCRIBED = "undescribed"
    UNSOURCED = "unsourced"
    FOOTNOTES = "footnotes"
    COMMENTS = "comments"
    BOXES = "boxes"
    LINKS = "links"
    TABLES = "tables"
    """Tables inside tables; their words stay."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that came with a text, not looked at yet, and what its writer said that it shows."""

    name: str
    data: bytes
    said: str


@dataclass(slots=True)
class Converted:
    """A text as the editor takes it; where a picture belongs stands `place(n)`."""

    title: str = ""
    body: str = ""
    dropped: Counter[Dropped] = field(default_factory=Counter)
    pictures: tuple[Picture, ...] = ()


def place(number: int) -> str:
    """Return the mark of a picture's place in the text, until it is known what stands there."""
    return f"\ue000{number}\ue001"


def presentable(found: Converted, *, source: str, licence: str) -> dict[int, Picture]:
    """Return the pictures of a text that may come into the library, by number; of the others it is noted why not."""
    may: dict[int, Picture] = {}
    for number, one in enumerate(found.pictures):
        if not one.said:
            found.dropped[Dropped.UNDESCRIBED] += 1
        elif not (source and licence):
            found.dropped[Dropped.UNSOURCED] += 1
        else:
            may[number] = one
    return may


def with_pictures(found: Converted, lines: Mapping[int, str]) -> str:
    """Return the text with each picture's line, by number; a word stands for those that have none."""
    text = found.body
    for number, one in enumerate(found.pictures):
        text = text.replace(place(number), lines.get(number) or picture(one.said))
    return text


def plain(text: str) -> str:
    """Return words as Markdown that shows just them."""
    return _SPECIAL.sub(r"\\\1", text)


def paragraph(text: str) -> str:
    """Return a paragraph that is not taken for a heading, quotation or item because of how it begins."""
    return _BEGINS.sub(r"\1\\\2", text)


def heading(text: str, level: int) -> Block:
    """Return a heading; a text has two levels of them, and weight says nothing there."""
    return "heading", f"{'##' if level <= 1 else '###'} {text.replace('**', '')}"


def item(text: str, mark: str, indent: int) -> Block:
    """Return an item of a list: `mark` is `-` or `1.`, `indent` how many lists it stands inside of, beyond its own."""
    indent = min(indent, 3)
    return "nested" if indent else mark, f"{'    ' * indent}{mark} {text}"


def link(text: str, address: str) -> str:
    """Return a link to another site; empty where the address leads nowhere that a reader could go."""
    return f"[{text}]({address})" if _ADDRESS.fullmatch(address) else ""


def picture(said: str) -> str:
    """Return what stands where a picture stood, so that its writer can put one of the library there."""
    named = plain(" ".join(said.split()))
    return f"（图片：{named}）" if named else "（图片）"


def runs(pieces: Iterable[tuple[str, str]]) -> str:
    """Return the runs of a paragraph, `(text, mark)` with `**`, `*`, both, `link` or nothing; equal neighbours join."""
    joined: list[tuple[str, str]] = []
    for text, mark in pieces:
        if joined and joined[-1][1] == mark and mark != "link":
            joined[-1] = (joined[-1][0] + text, mark)
        else:
            joined.append((text, mark))
    return "".join(_marked(text, mark) for text, mark in joined)


def _marked(text: str, mark: str) -> str:
    """Return a text between marks, blanks outside: Markdown wants them so."""
    if mark in ("", "link") or not text.strip():
        return text
    mark = "**" if mark.startswith("**") else "*"
    before, after = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
    return f"{before}{mark}{text.strip()}{mark}{after}"


def table(rows: list[list[list[str]]]) -> Iterator[Block]:
    """Yield a table of cells with their paragraphs; its first row becomes the head. Nothing: it is empty."""
    lines = [["<br>".join(text.replace("|", "\\|") for text in cell if text) for cell in row] for row in rows]
    width = max((len(line) for line in lines), default=0)
    if any(any(line) for line in lines):
        written = [f"| {' | '.join(line + [''] * (width - len(line)))} |" for line in lines]
        written.insert(1, f"|{'---|' * width}")
        yield "table", "\n".join(written)


def body(blocks: Iterable[Block]) -> str:
    """Return blocks as one text: items of a list stand together with what is nested in it, everything else apart."""
    lines: list[str] = []
    before = ""
    for kind, text in blocks:
        here = before if kind == "nested" and before in ("-", "1.") else kind
        if lines and (here != before or here not in ("-", "1.")):
            lines.append("")
        lines.append(text)
        before = here
    return "\n".join(lines).strip() + "\n"
