"""Files of paper results: a table with the columns `sheet,audience,group,q1…qn`, and perhaps `day`.

What spreadsheets make of such a table is understood: UTF-8 with or without a mark at its beginning, UTF-16, GB18030;
commas, tabs or semicolons; any line ends; full-width letters and digits.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal.core.settings import Audience
from portal.quizzes.rules.paper import Flaw
from portal.reference.rules import tables
from portal.reference.rules.tables import NotText, encoding_of

MAX_BYTES = 5_000_000
MAX_ROWS = 5_000
MAX_LINES = 50_000
"""Lines with nothing in them are no rows, but somebody has to look at them."""
MAX_COLUMNS = 500
MAX_CELL = 1_000


class FileFlaw(StrEnum):
    """Why a file cannot be read at all."""

    TOO_LARGE = "too-large"
    EMPTY = "empty"
    NOT_TEXT = "not-text"
    DAMAGED = "damaged"
    """A quotation mark without its other half, or a cell without end."""
    NO_COLUMN = "no-column"
    COLUMN_TWICE = "column-twice"
    UNKNOWN_COLUMN = "unknown-column"
    TOO_WIDE = "too-wide"
    TOO_MANY = "too-many"


class Unreadable(Exception):
    """The file cannot be read; `name` is the column that is meant, where it is one."""

    def __init__(self, flaw: FileFlaw, name: str = "") -> None:
        super().__init__(flaw.value)
        self.flaw = flaw
        self.name = name


class Fate(StrEnum):
    """What becomes of a row."""

    TAKEN = "taken"
    """It becomes an attempt (or would, in a trial)."""
    SAME = "same"
    """The sheet is there already, with the same answers."""
    DIFFERENT = "different"
    """The sheet is there already, with other answers; those stay."""
    REPEATED = "repeated"
    """An earlier row of this file has the same sheet."""
    HALF = "half"
    """One person has typed the sheet at the desk; a second one is to type it there."""
    NOTHING = "nothing"
    """No question is answered: nothing to take."""
    SHEET = "sheet"
    """The number is no number of a sheet."""
    VERSION = "version"
    """The sheet is of a version that the quiz does not have, or not of the one that the file begins with."""
    AUDIENCE = "audience"
    GROUP = "group"
    """The quiz has no group with this code."""
    DAY = "day"
    """No date, or one that has not come yet."""
    ANSWER = "answer"
    """What stands in a question's column is no answer to it."""
    CELLS = "cells"
    """The row has more cells than the table has columns, or one that is far too long."""


HARMLESS = frozenset({Fate.TAKEN, Fate.SAME, Fate.NOTHING})
"""What is no mistake of the file."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row as it stands in the file."""

    line: int
    cells: Mapping[str, str]
    """By column, without white space around."""
    is_whole: bool = True
    """Whether it has no cells beyond the columns, and none that is far too long."""


@dataclass(frozen=True, slots=True)
class Told:
    """What becomes of a row, and why."""

    line: int
    sheet: str
    fate: Fate
    column: str = ""
    """The question that is meant, as `q3`."""
    flaw: Flaw | None = None
    said: str = ""
    """What stands in the cell that is meant."""


def decoded(raw: bytes) -> str:
    """Return the text of a file.

    Raises:
        Unreadable: it is too large, empty, or no text.
    """
    if len(raw) > MAX_BYTES:
        raise Unreadable(FileFlaw.TOO_LARGE)
    if not raw.strip():
        raise Unreadable(FileFlaw.EMPTY)
    try:
        return raw.decode(encoding_of(raw))
    except NotText:
        raise Unreadable(FileFlaw.NOT_TEXT) from None


def rows_of(raw: bytes) -> tuple[list[str], list[Row]]:
    """Return the columns and the rows of a file.

    Raises:
        Unreadable: it is no table.
    """
    columns: list[str] = []
    found: list[Row] = []
    try:
        for line, cells in tables.rows(decoded(raw), most=MAX_LINES):
            if not columns:
                columns = _columns(cells)
            elif len(found) == MAX_ROWS:
                raise Unreadable(FileFlaw.TOO_MANY)
            else:
                found.append(_row(line, columns, cells))
    except tables.TooLong:
        raise Unreadable(FileFlaw.TOO_MANY) from None
    except tables.Torn:
        raise Unreadable(FileFlaw.DAMAGED) from None
    if not columns or not found:
        raise Unreadable(FileFlaw.EMPTY)
    return columns, found


def _columns(cells: list[str]) -> list[str]:
    # What a spreadsheet leaves at the end of each line is no column.
    names = [_even(cell[:80]).lower() for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise Unreadable(FileFlaw.TOO_WIDE)
    for place, name in enumerate(names):
        if name in names[:place]:
            raise Unreadable(FileFlaw.COLUMN_TWICE, name)
    return names


def _row(line: int, columns: list[str], cells: list[str]) -> Row:
    extra = any(cell.strip() for cell in cells[len(columns) :])
    is_whole = not extra and all(len(cell) <= MAX_CELL for cell in cells)
    values = [cell[:MAX_CELL].strip() for cell in cells] + [""] * (len(columns) - len(cells))
    return Row(line, dict(zip(columns, values, strict=False)), is_whole)


def check_columns(columns: list[str], *, questions: int) -> None:
    """Check that a table has the columns of a quiz with so many questions.

    Raises:
        Unreadable: one is missing, or one means nothing.
    """
    wanted = ["sheet", "audience", *(f"q{place}" for place in range(1, questions + 1))]
    for name in wanted:
        if name not in columns:
            raise Unreadable(FileFlaw.NO_COLUMN, name)
    for name in columns:
        if name not in (*wanted, "group", "day"):
            raise Unreadable(FileFlaw.UNKNOWN_COLUMN, name[:40])


def _even(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip()


AUDIENCES = {
    "general": Audience.GENERAL,
    "通用": Audience.GENERAL,
    "大众": Audience.GENERAL,
    "elderly": Audience.ELDERLY,
    "长辈": Audience.ELDERLY,
    "老年": Audience.ELDERLY,
    "youth": Audience.YOUTH,
    "青少年": Audience.YOUTH,
    "new-resident": Audience.NEW_RESIDENT,
    "新市民": Audience.NEW_RESIDENT,
}


def audience_of(text: str) -> Audience | None:
    """Return the audience that a cell names; None: none."""
    return AUDIENCES.get(_even(text).lower().replace("_", "-").replace(" ", "-"))


_DAY = re.compile(r"([0-9]{4})[-/.年]([0-9]{1,2})[-/.月]([0-9]{1,2})日?\Z")


def day_of(text: str, *, today: date) -> str | None:
    """Return a day as 2026-11-22, empty for none given; None: it is no date, or one to come.

    Spreadsheets turn dates about: 2026/11/22 and 2026年11月22日 are understood as well.
    """
    even = _even(text)
    if not even:
        return ""
    found = _DAY.match(even)
    try:
        day = date(int(found[1]), int(found[2]), int(found[3])) if found else None
    except ValueError:
        return None
    return day.isoformat() if day is not None and date(2000, 1, 1) <= day <= today else None
