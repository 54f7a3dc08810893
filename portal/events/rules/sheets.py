"""Sign-in sheets on paper: the codes of their rows, and the table `row code, people` that comes back.

A row of somebody who had registered carries the code of the registration. Blank rows and the box for heads carry codes
made from the lecture's UID, a number and three signs that check both: no table has to remember what was printed.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from portal.events.rules import codes
from portal.quizzes.rules.paper_file import FileFlaw, Row, Unreadable, rows_of

EARLY = timedelta(hours=3)
"""How long before the lecture begins a sheet may come back: doors open earlier."""
WALK_IN, TALLY = "W", "T"
MOST_ROWS = len(codes.ALPHABET) ** 2 - 1
"""Numbers of blank rows run from 1 to this."""
MOST_WALK_IN = 10
"""People on one blank row: more are a group, or heads in the box."""
MOST_TALLY = 2_000
CHECKS = 3
_CODE = re.compile(rf"[{WALK_IN}{TALLY}][{codes.ALPHABET}]{{{2 + CHECKS}}}\Z")


class Fate(StrEnum):
    """What becomes of a row."""

    TAKEN = "taken"
    """People are let in by it (or would be, in a trial)."""
    NOBODY = "nobody"
    """No number, or 0: nobody came."""
    ALREADY = "already"
    """They are in already, from the door or from another sheet."""
    UNKNOWN = "unknown"
    """No row of this lecture has this code."""
    DUPLICATE = "duplicate"
    """An earlier row has the same code."""
    MALFORMED = "malformed"
    """It is no row code."""
    NUMBER = "number"
    """What stands for the people is no number, or one that no row can have."""
    MORE = "more"
    """More people than seats."""
    ENDED = "ended"
    """The registration was cancelled, passed on or has lapsed."""
    UNDONE = "undone"
    """It was in, and was taken back at the desk."""
    CELLS = "cells"
    """More cells than columns, or one that is far too long."""


HARMLESS = frozenset({Fate.TAKEN, Fate.NOBODY, Fate.ALREADY})
"""What is no mistake."""


class RowKind(StrEnum):
    """What a row code stands for."""

    REGISTRATION = "registration"
    WALK_IN = "walk-in"
    TALLY = "tally"


@dataclass(frozen=True, slots=True)
class RowCode:
    """A row code that was understood."""

    kind: RowKind
    code: str
    """In its one form."""
    number: int = 0
    """Of a blank row or box."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row as it was typed."""

    line: int
    code: str
    people: str
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Told:
    """What becomes of a row."""

    line: int
    code: str
    """As it is shown: understood, or else as it was typed."""
    fate: Fate
    people: int = 0
    kind: RowKind | None = None
    before: int = 0
    """How many are in already; or how many seats there are."""


def blank_code(uid: str, number: int, *, sign: str = WALK_IN) -> str:
    """Return the code of a blank row of one lecture, or of the box for heads.

    Args:
        uid: of the lecture; it never changes.
        number: from 1 to `MOST_ROWS`.
        sign: `WALK_IN` or `TALLY`.

    Raises:
        ValueError: there is no row of this number.
    """
    if not 1 <= number <= MOST_ROWS:
        raise ValueError(number)
    base = len(codes.ALPHABET)
    place = codes.ALPHABET[number // base] + codes.ALPHABET[number % base]
    digest = hashlib.sha256(f"{uid}:{sign}{number}".encode()).digest()
    value = int.from_bytes(digest[:8], "big")
    check = "".join(codes.ALPHABET[value // base**turn % base] for turn in range(CHECKS))
    return f"{sign}{place}{check}"


def spoken(code: str) -> str:
    """Return a row code as it is printed."""
    return codes.spoken(code) if len(code) == codes.LENGTH else f"{code[:3]} {code[3:]}"


def row_code(text: str, *, uid: str) -> RowCode | None:
    """Return what a typed row code stands for; None: it is none, or one of another lecture's blank rows."""
    registration = codes.typed(text)
    if registration is not None:
        return RowCode(RowKind.REGISTRATION, registration)
    if len(text) > 64:
        return None
    plain = "".join(sign for sign in unicodedata.normalize("NFKC", text).upper() if sign.isalnum())
    if not _CODE.match(plain):
        return None
    number = codes.ALPHABET.index(plain[1]) * len(codes.ALPHABET) + codes.ALPHABET.index(plain[2])
    if number == 0 or blank_code(uid, number, sign=plain[0]) != plain:
        return None
    return RowCode(RowKind.WALK_IN if plain[0] == WALK_IN else RowKind.TALLY, plain, number)


_PEOPLE = re.compile(r"([0-9]{1,5})(?:\.0{1,2})?\s*(?:人|people)?\Z")


def people_of(text: str) -> int | None:
    """Return how many people a cell says; nothing is 0; None: it is no number."""
    even = unicodedata.normalize("NFKC", text).strip().lower()
    if not even:
        return 0
    found = _PEOPLE.match(even)
    return int(found[1]) if found else None


def most_people(code: RowCode, seats: int) -> int:
    """Return how many people a row can have."""
    return {RowKind.WALK_IN: MOST_WALK_IN, RowKind.TALLY: MOST_TALLY}.get(code.kind, seats)


# --- reading ------------------------------------------------------------------------------------------------------

CODE_NAMES = frozenset({"row code", "code", "row", "行码", "行编码", "编码", "报名码", "行号", "编号", "報名碼"})
PEOPLE_NAMES = frozenset({"people", "came", "人数", "来了几人", "实到", "实到人数", "到场人数", "人數"})


def lines_of_file(raw: bytes) -> list[Line]:
    """Return the rows of a file; other columns than the two are let be.

    Raises:
        Unreadable: it is no table, or one of the two columns is missing or there twice.
    """
    columns, rows = rows_of(raw)
    code = _column(columns, CODE_NAMES, "row code")
    people = _column(columns, PEOPLE_NAMES, "people")
    return [_line(row, code, people) for row in rows]


def _column(columns: list[str], names: frozenset[str], wanted: str) -> str:
    found = [name for name in columns if name.replace("_", " ") in names]
    if not found:
        raise Unreadable(FileFlaw.NO_COLUMN, wanted)
    if len(found) > 1:
        raise Unreadable(FileFlaw.COLUMN_TWICE, wanted)
    return found[0]


def _line(row: Row, code: str, people: str) -> Line:
    return Line(row.line, row.cells[code], row.cells[people], row.is_whole)


_TYPED = re.compile(r"(.*?)[\s,;:，；：、]+([0-9０-９]+\s*人?)\s*\Z")
MOST_TYPED = 2_000


def lines_of_text(text: str) -> list[Line]:
    """Return rows as somebody typed them: on each line a row code, then how many people.

    Raises:
        Unreadable: nothing is typed, or too much.
    """
    found: list[Line] = []
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        if len(found) == MOST_TYPED:
            raise Unreadable(FileFlaw.TOO_MANY)
        found.append(Line(number, *_split(line[:200].strip())))
    if not found:
        raise Unreadable(FileFlaw.EMPTY)
    return found


def _split(text: str) -> tuple[str, str]:
    """Return code and people; a code that ends in digits and stands alone is no code with a number of people."""
    found = _TYPED.match(text)
    if found is None:
        return text, ""
    signs = sum(sign.isalnum() for sign in found[1])
    if signs not in (3 + CHECKS, codes.LENGTH) and codes.typed(text) is not None:
        return text, ""
    return found[1], found[2]


def digest_of(lines: Iterable[Line]) -> str:
    """Return what typed rows are recognised by, however they were spaced."""
    said = "\n".join(f"{line.code}\t{line.people}" for line in lines)
    return hashlib.sha256(f"typed\n{said}".encode()).hexdigest()


def event_code(uid: str) -> str:
    """Return the short code of a lecture that stands on each of its sheets."""
    value = int.from_bytes(hashlib.sha256(f"lecture:{uid}".encode()).digest()[:8], "big")
    base = len(codes.ALPHABET)
    return "".join(codes.ALPHABET[value // base**turn % base] for turn in range(4))


def digest_of_file(raw: bytes) -> str:
    """Return what a file is recognised by."""
    return hashlib.sha256(b"sheet\n" + raw).hexdigest()
