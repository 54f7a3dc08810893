"""Reading a table of answers before and after, so that a survey on paper counts too.

Two shapes are understood: `code,pre,post,max`, and one column a question, `pre_1 … post_1 …` of 0 and 1. `lecture` may
say where it was; `control_pre,control_post,control_max`, or `pre_c1 … post_c1 …`, hold questions that were not taught.
An empty cell is a wave in which nobody answered; within an answered wave of questions it is a question left out, which
is not right.

A code joins what lies on two rows. A row without a code is somebody of whom it is not known who they are in the other
wave. Every row gets a fate, and a file of which one row is refused is refused as a whole.
"""

from __future__ import annotations

import csv
import io
import math
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import BinaryIO

from portal.core.errors import PortalError, Said
from portal.metrics.rules.uplift import Person
from portal.reference.rules import tables
from portal.reference.rules.tables import NotText, encoding_of

MAX_BYTES = 32_000_000
MAX_ROWS = 200_000
MAX_COLUMNS = 500
MAX_CELL = 200
SHOWN = 40
_At = Callable[[str], str]
NAMES = {
    "编号": "code",
    "代码": "code",
    "卡号": "code",
    "前测": "pre",
    "后测": "post",
    "满分": "max",
    "讲座": "lecture",
    "场次": "lecture",
}
"""How Chinese tables call the columns."""
SUMMED = ("code", "pre", "post", "max")
CONTROLS = ("control_pre", "control_post", "control_max")
_ITEM = re.compile(r"(pre|post)_(c?)([0-9]{1,4})")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")


class Unreadable(PortalError):
    """The file is no such table; the sentence says why."""


class Fate(StrEnum):
    """What became of a row."""

    TAKEN = "taken"
    JOINED = "joined"
    """It was put to an earlier row of the same code."""
    EMPTY = "empty"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Row:
    """A row and its fate; `why` is a sentence where it was refused."""

    line: int
    fate: Fate
    why: Said | None = None


@dataclass(frozen=True, slots=True)
class Pairs:
    """What a table held."""

    people: tuple[Person, ...]
    rows: tuple[Row, ...]
    ignored: tuple[str, ...] = ()
    """Columns that mean nothing here."""

    @property
    def refused(self) -> tuple[Row, ...]:
        """Rows that could not be taken."""
        return tuple(row for row in self.rows if row.fate is Fate.REFUSED)


class _Refused(Exception):
    """A row cannot be taken."""

    def __init__(self, why: Said) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True)
class _Columns:
    """Where things stand."""

    places: Mapping[str, int]
    items: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    ignored: tuple[str, ...] = field(default=())


def read_pairs(file: BinaryIO, *, most_rows: int = MAX_ROWS) -> Pairs:
    """Read a table of answers before and after.

    Args:
        most_rows: of a longer table nothing is read.

    Raises:
        Unreadable: it is none at all; single rows that cannot be taken are among `Pairs.rows`.
    """
    rows = _cells(file)
    line, header = next(rows, (1, []))
    columns = _columns(header)
    people: dict[str, tuple[Person, int]] = {}
    strangers: list[Person] = []
    fates: list[Row] = []
    for line, cells in rows:
        if len(fates) >= most_rows:
            raise Unreadable(Said("The table has more than %(most)s rows. Please split it.", most=f"{most_rows:,}"))
        try:
            code, person = _person(cells, columns, width=len(header))
            fates.append(Row(line, _put(code, person, line, people, strangers)))
        except _Refused as problem:
            fates.append(Row(line, Fate.REFUSED, problem.why))
    if not fates:
        raise Unreadable(Said("There is no row below the names of the columns."))
    return Pairs((*(person for person, _line in people.values()), *strangers), tuple(fates), columns.ignored)


def without_ignored(file: BinaryIO) -> str:
    """Return a table that `read_pairs` reads to the same people, without the columns that mean nothing to it.

    Raises:
        Unreadable: it is no such table.
    """
    rows = _cells(file)
    _line, header = next(rows, (1, []))
    columns = _columns(header)
    kept = [name for name in columns.places if _shown(name) not in columns.ignored]
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(kept)
    for _line, cells in rows:
        writer.writerow([cells[place] if (place := columns.places[name]) < len(cells) else "" for name in kept])
    return out.getvalue()


def _cells(file: BinaryIO) -> Iterator[tuple[int, list[str]]]:
    data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise Unreadable(Said("The file is larger than %(most)s MB. Please split it.", most=MAX_BYTES // 1_000_000))
    try:
        text = data.decode(encoding_of(data))
    except NotText as problem:
        if problem.line is None:
            raise Unreadable(Said("This file is not text. Please save the table as CSV.")) from None
        raise Unreadable(
            Said("Line %(line)s cannot be read: please save the file as UTF-8.", line=problem.line)
        ) from None
    try:
        for line, cells in tables.rows(text):
            yield line, [_plain(cell) for cell in cells]
    except tables.Torn as problem:
        raise Unreadable(Said("Line %(line)s: the quotation marks do not match.", line=problem.line)) from None


def _plain(cell: str) -> str:
    """Return a cell as a Latin keyboard writes it."""
    return unicodedata.normalize("NFKC", cell[: MAX_CELL + 1]).strip().replace("\u2212", "-")


def _columns(header: list[str]) -> _Columns:
    names = [NAMES.get(name, name.casefold()) for name in header]
    if len(names) > MAX_COLUMNS:
        raise Unreadable(Said("The table has more than %(most)s columns.", most=MAX_COLUMNS))
    places: dict[str, int] = {}
    for place, name in enumerate(names):
        if name in places:
            raise Unreadable(Said("Two columns are called “%(name)s”.", name=_shown(name)))
        if name:
            places[name] = place
    found = {name: match for name in places if (match := _ITEM.fullmatch(name))}
    if found:
        by_wave = {
            wave: [name.partition("_")[2] for name, match in found.items() if match[1] == wave]
            for wave in ("pre", "post")
        }
        alone = set(by_wave["pre"]) ^ set(by_wave["post"])
        if alone:
            raise Unreadable(Said("Question %(item)s was asked in one wave only: both need a column.", item=min(alone)))
        if {"pre", "post", "max"} & places.keys():
            raise Unreadable(Said("The table has columns of questions and of sums: please keep one of them."))
        needed: tuple[str, ...] = ("code",)
    else:
        by_wave, needed = {"pre": []}, SUMMED
    missing = [name for name in needed if name not in places]
    if missing:
        raise Unreadable(Said("The table has no column “%(name)s”.", name=missing[0]))
    if not found and set(CONTROLS) & places.keys() and not set(CONTROLS) <= places.keys():
        raise Unreadable(Said("Untaught questions need three columns: control_pre, control_post, control_max."))
    known = {*needed, "lecture", *found, *(() if found else CONTROLS)}
    return _Columns(
        places,
        tuple(item for item in by_wave["pre"] if not item.startswith("c")),
        tuple(item for item in by_wave["pre"] if item.startswith("c")),
        tuple(_shown(name) for name in places if name not in known),
    )


def _person(cells: list[str], columns: _Columns, *, width: int) -> tuple[str, Person]:
    if len(cells) > width and any(cells[width:]):
        raise _Refused(Said("It has %(count)s cells, but there are %(width)s columns.", count=len(cells), width=width))

    def at(name: str) -> str:
        place = columns.places.get(name, width)
        return cells[place] if place < len(cells) else ""

    code, lecture = at("code").upper(), at("lecture")
    if max(len(code), len(lecture)) > MAX_CELL:
        raise _Refused(Said("A code may have %(most)s characters.", most=MAX_CELL))
    if columns.items or columns.controls:
        waves = {wave: _answers(at, wave, (*columns.items, *columns.controls)) for wave in ("pre", "post")}
        before, after = (_share(waves[wave], columns.items) for wave in ("pre", "post"))
        first, second = (_share(waves[wave], columns.controls) for wave in ("pre", "post"))
        taught = [{item: one[item] for item in columns.items if item in one} for one in waves.values()]
        person = Person(before, after, lecture, first, second, taught[0], taught[1])
    else:
        before, after = _scores(at, "pre", "post", "max")
        first, second = _scores(at, *CONTROLS) if "control_max" in columns.places else (None, None)
        person = Person(before, after, lecture, first, second)
    return code, person


def _answers(at: _At, wave: str, items: tuple[str, ...]) -> dict[str, bool]:
    """Return a wave's answers, or nothing: all its cells are empty."""
    cells = {item: at(f"{wave}_{item}") for item in items}
    if not any(cells.values()):
        return {}
    for item, cell in cells.items():
        if cell not in {"", "0", "1"}:
            raise _Refused(Said("“%(cell)s” in %(name)s is neither 0 nor 1.", cell=_shown(cell), name=f"{wave}_{item}"))
    return {item: cell == "1" for item, cell in cells.items()}


def _share(answers: Mapping[str, bool], items: tuple[str, ...]) -> float | None:
    return sum(answers[item] for item in items) / len(items) if answers and items else None


def _scores(at: _At, pre: str, post: str, maximum: str) -> tuple[float | None, float | None]:
    first, second, most = (_number(at(name), name) for name in (pre, post, maximum))
    if first is None and second is None:
        return None, None
    if most is None or most <= 0:
        raise _Refused(Said("%(name)s must be a number above 0.", name=maximum))
    for name, value in ((pre, first), (post, second)):
        if value is not None and not 0 <= value <= most:
            raise _Refused(
                Said(
                    "%(name)s is %(value)s: it must lie between 0 and %(most)s.",
                    name=name,
                    value=f"{value:g}",
                    most=f"{most:g}",
                )
            )
    return None if first is None else first / most, None if second is None else second / most


def _number(cell: str, name: str) -> float | None:
    if not cell:
        return None
    if not _NUMBER.fullmatch(cell) or not math.isfinite(float(cell)):
        raise _Refused(Said("“%(cell)s” in %(name)s is not a number.", cell=_shown(cell), name=name))
    return float(cell)


def _put(code: str, person: Person, line: int, people: dict[str, tuple[Person, int]], strangers: list[Person]) -> Fate:
    if person.before is None and person.after is None:
        return Fate.EMPTY
    if not code:
        if person.before is not None and person.after is not None:
            raise _Refused(Said("It has answers of both waves but no code: nothing says that they are one person's."))
        strangers.append(replace(person, is_linked=False))
        return Fate.TAKEN
    known = people.get(code)
    if known is None:
        people[code] = person, line
        return Fate.TAKEN
    other, where = known
    if (other.before is not None and person.before is not None) or (
        other.after is not None and person.after is not None
    ):
        raise _Refused(
            Said("Code %(code)s answered the same wave on line %(line)s already.", code=_shown(code), line=where)
        )
    if other.lecture and person.lecture and other.lecture != person.lecture:
        raise _Refused(
            Said("Code %(code)s belongs to another lecture on line %(line)s.", code=_shown(code), line=where)
        )
    earlier, later = (other, person) if person.before is None else (person, other)
    people[code] = (
        Person(
            earlier.before,
            later.after,
            earlier.lecture or later.lecture,
            earlier.control_before,
            later.control_after,
            earlier.items_before,
            later.items_after,
        ),
        where,
    )
    return Fate.JOINED


def _shown(cell: str) -> str:
    clean = "".join(one if one.isprintable() else " " for one in cell)
    return clean if len(clean) <= SHOWN else f"{clean[:SHOWN]}…"
