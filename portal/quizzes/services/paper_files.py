"""Taking in a file of paper results: first the fate of every row, then, if that is wished, what is good of it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.quizzes.models import Document, Group, PaperFile, PaperSheet, QuizVersion
from portal.quizzes.queries import questions_of
from portal.quizzes.rules import paper, taking
from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.items import Item
from portal.quizzes.rules.paper import BadAnswer, Flaw, Sheet, Typed, read_answer, sheet_of
from portal.quizzes.rules.paper_file import (
    HARMLESS,
    Fate,
    Row,
    Told,
    audience_of,
    check_columns,
    day_of,
    rows_of,
)
from portal.quizzes.rules.quizzes import Instrument
from portal.quizzes.services import taking as verbs
from portal.quizzes.services.paper import Taken, Typist, lock, take_many, versions_of


@dataclass(slots=True)
class Report:
    """What becomes of a file."""

    version_id: int
    version: int
    digest: str
    rows: list[Told]
    before: PaperFile | None
    """When this very file was taken before; then nothing of it is taken."""
    is_done: bool = False
    """Whether rows were taken, or would be only."""
    good: list[Taken] = field(default_factory=list)
    layouts: dict[int, list[taking.Place]] = field(default_factory=dict)

    def count(self, *fates: Fate) -> int:
        """Return how many rows have one of these fates."""
        return sum(row.fate in fates for row in self.rows)

    @property
    def refused(self) -> int:
        """How many rows are mistakes."""
        return sum(row.fate not in HARMLESS for row in self.rows)


@dataclass(slots=True)
class _Known:
    """What a file is compared with."""

    version: QuizVersion
    only: int | None
    instrument: Instrument
    items: Mapping[str, Item]
    present: Mapping[str, PaperSheet]
    groups: Mapping[str, Group]
    today: date
    layouts: dict[int, list[taking.Place]]
    seen: set[str] = field(default_factory=set)
    read: dict[tuple[int, int, str], Answer | Flaw | None] = field(default_factory=dict)
    """By form, place and cell: thousands of sheets have a few answers each."""


@dataclass(frozen=True, slots=True)
class _File:
    """A file that is a table of one version of a quiz."""

    rows: list[Row]
    version: QuizVersion
    only: int | None
    digest: str


def _open(session: Session, quiz: Document, raw: bytes) -> _File:
    columns, rows = rows_of(raw)
    versions = versions_of(session, quiz.id)
    if not versions:
        raise LookupError(quiz.name)
    only = next(iter(versions)) if len(versions) == 1 else None
    # The first row with a number says which version the file is of.
    read = (sheet_of(row.cells.get("sheet", ""), only=only) for row in rows)
    named = next((sheet.version for sheet in read if sheet is not None and sheet.version in versions), max(versions))
    check_columns(columns, questions=questions_of(verbs.instrument(versions[named]).quiz))
    return _File(rows, versions[named], only, hashlib.sha256(raw).hexdigest())


def look(session: Session, *, quiz: Document, raw: bytes, at: datetime, zone: tzinfo) -> Report:
    """Return what would become of each row of a file; change nothing.

    Raises:
        Unreadable: it is no table of this quiz.
        Unprintable: the quiz cannot be on paper.
        PoolEmpty: the quiz does not hold enough questions.
        LookupError: the quiz has no version.
    """
    return _judge(session, _open(session, quiz, raw), at=at, zone=zone)


def _judge(session: Session, file: _File, *, at: datetime, zone: tzinfo) -> Report:
    version = file.version
    instrument = verbs.instrument(version)
    known = _Known(
        version=version,
        only=file.only,
        instrument=instrument,
        items=verbs.keyed(session, version),
        present={one.sheet: one for one in session.scalars(_sheets(version))},
        groups={one.code: one for one in session.scalars(sa.select(Group).where(Group.quiz_id == version.quiz_id))},
        today=at.astimezone(zone).date(),
        # Every file of a quiz that cannot be on paper fails here, before any row.
        layouts={1: paper.layout(instrument, version=version.number, form=1)},
    )
    before = session.scalar(
        sa.select(PaperFile)
        .join(QuizVersion, QuizVersion.id == PaperFile.version_id)
        .where(QuizVersion.quiz_id == version.quiz_id, PaperFile.digest == file.digest)
    )
    report = Report(version.id, version.number, file.digest, [], before, layouts=known.layouts)
    for row in file.rows:
        told, good = _fate(row, known)
        report.rows.append(told)
        if told.fate is Fate.TAKEN and good is not None:
            report.good.append(good)
    return report


def _sheets(version: QuizVersion) -> sa.Select[PaperSheet]:
    return sa.select(PaperSheet).where(PaperSheet.version_id == version.id)


class _Bad(Exception):
    """What keeps a row from being taken."""

    def __init__(self, fate: Fate, **more: object) -> None:
        super().__init__(fate.value)
        self.fate = fate
        self.more = more


def _fate(row: Row, known: _Known) -> tuple[Told, Taken | None]:
    number = row.cells["sheet"][:40]
    try:
        sheet = _sheet(row, known)
        number = sheet.number
        good = Taken(sheet, *_typed(row, sheet, known))
    except _Bad as bad:
        return Told(row.line, number, bad.fate, **bad.more), None  # type: ignore[arg-type]  # fields of Told
    present = known.present.get(number)
    if number in known.seen:
        return Told(row.line, number, Fate.REPEATED), None
    known.seen.add(number)
    if present is None:
        return Told(row.line, number, Fate.TAKEN), good
    if present.attempt_id is None:
        return Told(row.line, number, Fate.HALF), None
    differing = paper.typed_from_plain(present.first).differences(good.typed)
    if differing:
        return Told(row.line, number, Fate.DIFFERENT, column=differing[0]), None
    return Told(row.line, number, Fate.SAME), None


def _sheet(row: Row, known: _Known) -> Sheet:
    if not row.is_whole:
        raise _Bad(Fate.CELLS)
    sheet = sheet_of(row.cells["sheet"], only=known.only)
    if sheet is None:
        raise _Bad(Fate.SHEET, said=row.cells["sheet"][:40])
    if sheet.version != known.version.number:
        raise _Bad(Fate.VERSION)
    return sheet


def _typed(row: Row, sheet: Sheet, known: _Known) -> tuple[Typed, int | None]:
    cells = row.cells
    if sheet.form not in known.layouts:
        known.layouts[sheet.form] = paper.layout(known.instrument, version=known.version.number, form=sheet.form)
    given: dict[int, Answer] = {}
    for slot, place in enumerate(known.layouts[sheet.form]):
        text = cells[f"q{slot + 1}"]
        if (sheet.form, slot, text) not in known.read:
            known.read[sheet.form, slot, text] = _read(text, place, known)
        answer = known.read[sheet.form, slot, text]
        if isinstance(answer, Flaw):
            raise _Bad(Fate.ANSWER, column=f"q{slot + 1}", flaw=answer, said=text[:40])
        if answer is not None:
            given[slot] = answer
    if not given:
        raise _Bad(Fate.NOTHING)
    audience = audience_of(cells["audience"])
    if audience is None:
        raise _Bad(Fate.AUDIENCE, said=cells["audience"][:40])
    day = day_of(cells.get("day", ""), today=known.today)
    if day is None:
        raise _Bad(Fate.DAY, said=cells["day"][:40])
    code = taking.heard(cells.get("group", ""))
    if cells.get("group", "") and code not in known.groups:
        raise _Bad(Fate.GROUP, said=cells["group"][:40])
    return Typed(audience, given, code, day), known.groups[code].id if code else None


def _read(text: str, place: taking.Place, known: _Known) -> Answer | Flaw | None:
    item = known.items[place.item]
    try:
        return read_answer(text, item, place, asks_certainty=known.instrument.quiz.certainty)
    except BadAnswer as bad:
        return bad.flaw


def take(
    session: Session,
    *,
    quiz: Document,
    raw: bytes,
    by: Typist,
    at: datetime,
    zone: tzinfo,
    all_or_nothing: bool = False,
) -> Report:
    """Take the good rows of a file; of a file that was taken before, nothing.

    Args:
        all_or_nothing: take nothing when a single row is a mistake.

    Raises:
        Unreadable: it is no table of this quiz.
        LookupError: the quiz has no version.
    """
    file = _open(session, quiz, raw)
    # What is there already is read behind the lock: somebody may be taking the same sheets at this moment.
    version = lock(session, file.version.id)
    report = _judge(session, file, at=at, zone=zone)
    if report.before is not None or not report.good or (all_or_nothing and report.refused):
        return report
    take_many(
        session,
        version=version,
        sheets=report.good,
        layouts=report.layouts,
        by=by,
        at=at,
        zone=zone,
    )
    session.add(PaperFile(version_id=version.id, digest=report.digest, rows=len(report.good), at=at, by=by.name))
    details = {"rows": len(report.good), "refused": report.refused, "digest": report.digest[:16]}
    record(session, Tag.PAPER_TAKEN, by=by.name, at=at, target=f"version:{version.id}", details=details)
    session.flush()
    report.is_done = True
    return report
