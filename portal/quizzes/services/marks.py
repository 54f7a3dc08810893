"""Reading a table of marks from a file: names of the items, their maximum marks, then one row an attempt.

What is understood: UTF-8 (with or without a byte order mark), GB18030 (and so GBK and GB2312), UTF-16 with a byte order
mark; any line ends; commas, semicolons or tabs between the cells; quoted cells; full-width digits and signs; blank
lines; empty columns at the right end. An empty cell is an item without a mark, which counts as 0. A row of empty cells
is an attempt with nothing answered, unless nothing but such rows follows: spreadsheets leave those behind.

What is refused, by a sentence that names the line: rows that are longer or shorter than the first, what is no number,
negative maximum marks, items with no name or with the same. A mark may be negative, or above its maximum: marking by
certainty gives both.

The limits keep every file, however hostile, from costing more than two seconds: `MAX_BYTES` for the file, `MAX_LINES`
and `MAX_LINE` for its lines, `MAX_ITEMS`, and `MAX_CELLS` for all marks. 100,000 attempts at 40 items are within them.
"""

from __future__ import annotations

import csv
import io
import itertools
import math
import re
import unicodedata
from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO

from portal.core.errors import PortalError
from portal.reference.rules.tables import NotText, encoding_of

if TYPE_CHECKING:
    from numpy.typing import NDArray

MAX_BYTES = 32_000_000
MAX_LINES = 200_000
MAX_LINE = 100_000
MAX_ITEMS = 500
MAX_CELLS = 4_000_000
MAX_MARK = 1_000_000
KNOWN = 10_000
"""So many different cells are remembered."""
BATCH = 60_000
"""About so many characters are taken at once."""
SHOWN = 40
"""So many characters of a cell are shown in a sentence."""

_FIGURES = re.compile(r'[-+.,;\t 0-9eE"\r\n]*')
"""A line in which `float` can take nothing for a number that people would not (1_000, nan, infinity)."""
_QUOTED = re.compile(r'"[^"]*"')
_SIGNS = str.maketrans({"\u2212": "-", "\u2013": "-", "\ufeff": ""})


class TableError(PortalError):
    """The file is no table of marks; the sentence names the line."""


@dataclass(frozen=True, slots=True)
class MarkTable:
    """A table of marks as it was read."""

    names: tuple[str, ...]
    maxima: tuple[float, ...]
    marks: NDArray[Any]
    """Attempts × items; missing marks are 0 already."""
    missing: int
    """How many cells of attempts were empty."""
    left_out: int
    """How many rows of empty cells at the end were taken for nothing."""


def read_marks(file: BinaryIO) -> MarkTable:
    """Read a table of marks.

    Raises:
        TableError: it is none, or goes beyond the limits.
    """
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise TableError(f"The file is larger than {MAX_BYTES // 1_000_000} MB. Please split it.")
    rows = _rows(_Lines(data))
    line, cells = next(rows, (1, []))
    names = _names(line, cells)
    line, cells = next(rows, (line + 1, []))
    maxima = _maxima(line, cells, names)
    return _attempts(rows, names, maxima)


class _Lines:
    """The lines of a file, within the limits.

    They are taken in batches: what is done with each line of 100,000 takes longer than it looks.
    """

    def __init__(self, data: bytes) -> None:
        self._text = io.TextIOWrapper(io.BytesIO(data), encoding=_encoding(data), newline="")
        self._count = 0
        self.figures = False
        """Whether lines now hold figures, which are given out as a Latin keyboard writes them."""
        self.odd: float = math.inf
        """The first line of these that has something else than figures."""
        self._ahead: list[str] = []
        filled: list[str] = []
        while len(filled) < 2 and (line := self._text.readline(MAX_LINE + 1)):
            self._ahead.append(line)
            self._check(self._ahead[-1:], len(self._ahead) - 1)
            if line.strip():
                filled.append(line)
        self.delimiter = _delimiter(filled)

    def __iter__(self) -> Iterator[str]:
        return itertools.chain.from_iterable(self._batches())

    def _batches(self) -> Iterator[list[str]]:
        for line in self._ahead:
            yield self._made_plain([line])
        # One by one up to the figures, since names stay as they are.
        while batch := self._text.readlines(BATCH if self.figures else 1):
            self._check(batch, self._count)
            yield self._made_plain(batch)

    def _check(self, batch: list[str], before: int) -> None:
        if max(map(len, batch)) > MAX_LINE:
            long = next(place for place, line in enumerate(batch, before + 1) if len(line) > MAX_LINE)
            raise TableError(f"Line {long} is longer than {MAX_LINE:,} characters.")
        if before + len(batch) > MAX_LINES:
            raise TableError(f"Line {MAX_LINES + 1} is one too many: a table has at most {MAX_LINES:,} lines.")

    def _made_plain(self, batch: list[str]) -> list[str]:
        before, self._count = self._count, self._count + len(batch)
        if not self.figures or _FIGURES.fullmatch("".join(batch)):
            return batch
        plain = [line if _FIGURES.fullmatch(line) else _plain(line) for line in batch]
        if self.odd == math.inf:
            odd = (place for place, line in enumerate(plain, before + 1) if not _FIGURES.fullmatch(line))
            self.odd = next(odd, math.inf)
        return plain


def _encoding(data: bytes) -> str:
    try:
        return encoding_of(data)
    except NotText as problem:
        if problem.line is None:
            raise TableError("Line 1: this file is not text. Please save the table as CSV.") from None
        raise TableError(f"Line {problem.line} cannot be read: please save the file as UTF-8.") from None


def _delimiter(ahead: list[str]) -> str:
    """Return what stands between the cells: told by the maximum marks, else by the names."""
    second = _plain(ahead[1]) if len(ahead) > 1 else ""
    if _FIGURES.fullmatch(second):
        for one in "\t;,":
            if one in second:
                return one
    first = _QUOTED.sub("", ahead[0]) if ahead else ""
    return max(",;\t", key=first.count)


def _plain(cell: str) -> str:
    """Return figures as a Latin keyboard writes them."""
    return unicodedata.normalize("NFKC", cell).translate(_SIGNS)


def _rows(lines: _Lines) -> Iterator[tuple[int, list[str]]]:
    """Return the rows that are not blank, each with the line on which it begins."""
    reader = csv.reader(lines, delimiter=lines.delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise TableError(f"Line {line}: the quotation marks do not match.") from None
        if reader.line_num >= lines.odd:
            wrong = next(place for place, cell in enumerate(row) if not _FIGURES.fullmatch(cell))
            raise _no_number(line, wrong, row[wrong])
        if row and (len(row) > 1 or row[0].strip()):
            lines.figures = True
            yield line, row


def _no_number(line: int, place: int, cell: str, *, name: str = "") -> TableError:
    shown = "".join(one if one.isprintable() else " " for one in cell.strip())
    shown = shown if len(shown) <= SHOWN else f"{shown[:SHOWN]}…"
    where = f" ({name})" if name else ""
    return TableError(f"Line {line}: “{shown}” in column {place + 1}{where} is not a number.")


def _names(line: int, cells: list[str]) -> tuple[str, ...]:
    names = [cell.strip() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if not names:
        raise TableError("Line 1: there is no table. The first row gives the names of the items.")
    if len(names) > MAX_ITEMS:
        raise TableError(f"Line {line} names {len(names):,} items; at most {MAX_ITEMS} are possible.")
    known: dict[str, int] = {}
    for place, name in enumerate(names, 1):
        if not name:
            raise TableError(f"Line {line}: column {place} has no name.")
        if name in known:
            raise TableError(f"Line {line}: columns {known[name]} and {place} have the same name.")
        known[name] = place
    return tuple(names)


def _maxima(line: int, cells: list[str], names: tuple[str, ...]) -> tuple[float, ...]:
    if not cells:
        raise TableError(f"Line {line}: the maximum marks are missing. The second row gives one for each item.")
    values = []
    for place, cell in enumerate(_fitted(line, cells, len(names))):
        value = _number(line, place, cell)
        if value is None:
            raise TableError(f"Line {line}: column {place + 1} has no maximum mark.")
        if not 0 <= value <= MAX_MARK:
            raise TableError(
                f"Line {line}: the maximum mark in column {place + 1} must lie between 0 and {MAX_MARK:,}."
            )
        values.append(value)
    return tuple(values)


def _number(line: int, place: int, cell: str) -> float | None:
    if not cell.strip():
        return None
    try:
        return float(cell)
    except ValueError:
        raise _no_number(line, place, cell) from None


def _fitted(line: int, cells: list[str], width: int) -> list[str]:
    """Return a row without empty cells beyond the last item."""
    if len(cells) > width and not any(cell.strip() for cell in itertools.islice(cells, width, None)):
        return cells[:width]
    if len(cells) != width:
        raise TableError(f"Line {line} has {len(cells):,} cells, but there are {width} items.")
    return cells


class _Known(dict[str, float]):
    """The numbers of cells: tables have few different ones, and looking one up is quicker than reading it again."""

    def __missing__(self, cell: str) -> float:
        value = float(cell) if cell.strip() else math.nan
        if len(self) < KNOWN:
            self[cell] = value
        return value


def _attempts(rows: Iterator[tuple[int, list[str]]], names: tuple[str, ...], maxima: tuple[float, ...]) -> MarkTable:
    width = len(names)
    value = _Known().__getitem__
    marks = array("d")
    lines = array("L")
    for line, cells in rows:
        row = cells if len(cells) == width else _fitted(line, cells, width)
        lines.append(line)
        if len(lines) * width > MAX_CELLS:
            raise TableError(f"Line {line} is one too many: a table has at most {MAX_CELLS:,} marks.")
        try:
            marks.fromlist(list(map(value, row)))
        except ValueError:
            for place, cell in enumerate(row):
                _number(line, place, cell)  # raises at the one that is none, and names it
            raise
    table, missing = _checked(marks, lines, width)
    return MarkTable(names, maxima, table, missing, len(lines) - len(table))


def _checked(marks: array[float], lines: array[int], width: int) -> tuple[NDArray[Any], int]:
    """Return the attempts, and how many of their marks are missing; empty rows at the end are left out."""
    import numpy as np  # noqa: PLC0415  # a server loads numpy only where somebody asks for it

    table = np.frombuffer(marks, dtype=np.float64).reshape(-1, width)
    absent = np.isnan(table)
    filled = np.flatnonzero(~absent.all(axis=1))
    if not filled.size:
        raise TableError("There is no attempt: below the maximum marks, give one row an attempt.")
    count = int(filled[-1]) + 1
    table[absent] = 0
    beyond = np.flatnonzero(np.abs(table).max(axis=1) > MAX_MARK)
    if beyond.size:
        raise TableError(f"Line {lines[int(beyond[0])]}: a mark lies beyond {MAX_MARK:,}.")
    return table[:count], int(absent[:count].sum())
