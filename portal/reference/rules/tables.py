"""Tables of text as spreadsheets save them: in which encoding they are, and their rows."""

from __future__ import annotations

import codecs
import csv
import io
import math
from collections.abc import Iterator


class NotText(ValueError):
    """The bytes are no text; `line` is the first that cannot be read, from 1, and None where none of it is text."""

    def __init__(self, line: int | None = None) -> None:
        super().__init__("no text" if line is None else f"line {line} cannot be read")
        self.line = line


class Torn(ValueError):
    """A row cannot be taken apart, and nothing after it: a quotation mark is left open, or a cell is huge."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"line {line}: {why}")
        self.line = line
        """The line on which the row begins, from 1."""
        self.why = why


class TooLong(ValueError):
    """A table has more lines than whoever reads it takes."""


def rows(text: str, *, head: int = 1, most: float = math.inf) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows of a table with the line that each begins on, from 1; rows without anything are left out.

    Cells are divided by comma, semicolon or tab: by whichever of them is the most frequent in the first `head` lines
    that hold anything.

    Raises:
        TooLong: there are more than `most` lines, blank ones too.
        Torn: a row cannot be taken apart.
    """
    text = text.removeprefix("\ufeff")
    begin = io.StringIO(text)
    first = "".join(line for line, _number in zip(filter(str.strip, begin), range(head), strict=False))
    found = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count), strict=True)
    while True:
        line = found.line_num + 1
        try:
            cells = next(found, None)
        except csv.Error as problem:
            raise Torn(line, str(problem)) from None
        if found.line_num > most:
            raise TooLong
        if cells is None:
            return
        if any(cell.strip() for cell in cells):
            yield line, cells


def encoding_of(raw: bytes) -> str:
    """Return the encoding of a table as spreadsheets save it: UTF-8, UTF-16 with its mark, or GB18030.

    The bytes can be decoded with it, and a mark at the beginning is no part of the text. Nearly any bytes can be read
    as GB18030; whoever takes them in checks what the cells hold.

    Raises:
        NotText: they are none of these, or hold a NUL character.
    """
    is_marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not is_marked and b"\0" in raw:
        raise NotText
    place = 0
    for encoding in ("utf-16",) if is_marked else ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as problem:
            # The encoding that went further is the one that was meant.
            place = max(place, problem.start)
        else:
            if is_marked and "\0" in text:
                raise NotText
            return encoding
    raise NotText(raw.count(b"\n", 0, place) + 1)
