"""Sign-in sheets: printing them, and taking in what stands on them. First the fate of every row, then the taking."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core import crypto
from portal.core.errors import PortalError
from portal.events.models import Admission, Event, PaperSheetFile, Registration
from portal.events.queries import sheets as queries
from portal.events.queries.sheets import Known
from portal.events.rules import sheets as rules
from portal.events.rules.attendance import AdmissionKind, AdmissionSource
from portal.events.rules.lectures import EventState
from portal.events.rules.seats import LIVE, Kind
from portal.events.rules.sheets import Fate, Line, RowCode, RowKind, Told

KINDS = {RowKind.WALK_IN: AdmissionKind.WALK_IN, RowKind.TALLY: AdmissionKind.TALLY}


class TooEarly(PortalError):
    """The lecture is still to come, or does not take place: nobody can have been there."""


@dataclass(frozen=True, slots=True)
class Entering:
    """People that a row lets in."""

    code: str
    people: int
    kind: AdmissionKind
    nonce: str
    registration_id: int | None = None


@dataclass(slots=True)
class Report:
    """What becomes of a sheet."""

    digest: str
    rows: list[Told]
    before: PaperSheetFile | None
    """When this very file was taken before; then nothing of it is taken."""
    is_done: bool = False
    good: list[Entering] = field(default_factory=list)

    @property
    def people(self) -> int:
        """How many people the good rows let in."""
        return sum(one.people for one in self.good)

    @property
    def refused(self) -> int:
        """How many rows are mistakes."""
        return sum(row.fate not in rules.HARMLESS for row in self.rows)


def note_printed(session: Session, *, event: Event, rows: int, blanks: tuple[int, int], by: str, at: datetime) -> None:
    """Record that sheets with names were printed."""
    facts = {"rows": rows, "walk_ins": f"{blanks[0]}-{blanks[1]}"}
    record(session, Tag.EVENT_SHEETS_PRINTED, by=by, at=at, target=f"event:{event.slug}", details=facts)


def look(session: Session, *, event: Event, lines: Sequence[Line], digest: str) -> Report:
    """Return what would become of each row; change nothing."""
    report = Report(digest, [], queries.file_before(session, event.id, digest))
    understood = [rules.row_code(line.code, uid=event.uid) if line.is_whole else None for line in lines]
    wanted = [one.code for one in understood if one and one.kind is RowKind.REGISTRATION]
    known = queries.known(session, event.id, wanted)
    let_in = queries.counted_people(session, (one.id for one in known.values()))
    blanks = queries.blank_rows(session, event.id)
    seen: set[str] = set()
    for line, code in zip(lines, understood, strict=True):
        told = _told(line, code, known, let_in, blanks, seen)
        report.rows.append(told)
        if told.fate is Fate.TAKEN and code is not None:
            report.good.append(_entering(code, told.people, known.get(code.code), digest))
    return report


def _told(
    line: Line,
    code: RowCode | None,
    known: dict[str, Known],
    let_in: dict[int, int],
    blanks: dict[str, tuple[int, bool]],
    seen: set[str],
) -> Told:
    if code is None:
        return Told(line.line, line.code[:40], Fate.CELLS if not line.is_whole else Fate.MALFORMED)
    shown = rules.spoken(code.code)
    one = known.get(code.code)
    people = rules.people_of(line.people)
    if code.kind is RowKind.REGISTRATION and one is None:
        return Told(line.line, shown, Fate.UNKNOWN)
    if people is None:
        return Told(line.line, shown, Fate.NUMBER, kind=code.kind)
    if code.code in seen:
        return Told(line.line, shown, Fate.DUPLICATE, people, code.kind)
    seen.add(code.code)
    if people == 0:
        return Told(line.line, shown, Fate.NOBODY, kind=code.kind)
    fate, before = _registered(one, people, let_in) if one else _blank(code, people, blanks)
    return Told(line.line, shown, fate, people, code.kind, before)


def _registered(one: Known, people: int, let_in: dict[int, int]) -> tuple[Fate, int]:
    before = let_in.get(one.id, 0)
    if before:
        return Fate.ALREADY, before
    if one.state not in LIVE:
        return Fate.ENDED, 0
    return (Fate.MORE, one.seats) if people > one.seats else (Fate.TAKEN, 0)


def _blank(code: RowCode, people: int, blanks: dict[str, tuple[int, bool]]) -> tuple[Fate, int]:
    before, counts = blanks.get(_blank_nonce(code), (0, False))
    if before:
        return (Fate.ALREADY, before) if counts else (Fate.UNDONE, before)
    most = rules.most_people(code, 0)
    return (Fate.MORE, most) if people > most else (Fate.TAKEN, 0)


def _blank_nonce(code: RowCode) -> str:
    return f"paper-{code.code}"


def _entering(code: RowCode, people: int, one: Known | None, digest: str) -> Entering:
    if one is None:
        return Entering(code.code, people, KINDS[code.kind], _blank_nonce(code))
    kind = AdmissionKind.GROUP if one.kind is Kind.GROUP else AdmissionKind.CODE
    return Entering(code.code, people, kind, crypto.digest(f"{digest}:{code.code}")[:43], one.id)


def take(
    session: Session, *, event_id: int, lines: Sequence[Line], digest: str, by: str, by_id: int, at: datetime
) -> Report:
    """Let in whom the good rows name; the same rows again change nothing.

    Raises:
        LookupError: there is no such lecture.
        TooEarly: it is still to come.
    """
    event = lock(session, event_id)
    if at < event.starts_at - rules.EARLY or event.state is not EventState.PUBLISHED:
        raise TooEarly
    wanted = [code.code for line in lines if (code := rules.row_code(line.code, uid=event.uid))]
    lock_registrations(session, [one.id for one in queries.known(session, event_id, wanted).values()])
    report = look(session, event=event, lines=lines, digest=digest)
    if report.before is not None or not report.good:
        return report
    let_in(session, event=event, entering=report.good, source=AdmissionSource.PAPER, by=by, by_id=by_id, at=at)
    note_file(session, event=event, digest=digest, rows=len(report.rows), people=report.people, by=by, at=at)
    report.is_done = True
    return report


# --- what other lists share ---------------------------------------------------------------------------------------


def lock(session: Session, event_id: int) -> Event:
    """Return a lecture; no other list is taken in for it before this unit has ended.

    Raises:
        LookupError: there is none.
    """
    # Key share: people who register meanwhile refer to this row and must not wait.
    locked = sa.select(Event).where(Event.id == event_id).with_for_update(key_share=True)
    event = session.scalars(locked.execution_options(populate_existing=True)).one_or_none()
    if event is None:
        raise LookupError(event_id)
    return event


def lock_registrations(session: Session, ids: Sequence[int]) -> None:
    """Keep the door from letting the same people in at this moment; in the order of ids, as everybody takes them."""
    rows = sa.select(Registration.id).where(Registration.id.in_(ids)).order_by(Registration.id)
    session.execute(rows.with_for_update(key_share=True)).all()


def let_in(
    session: Session,
    *,
    event: Event,
    entering: Sequence[Entering],
    source: AdmissionSource,
    by: str,
    by_id: int,
    at: datetime,
    minutes: dict[str, int] | None = None,
) -> None:
    """Add the admissions of a list, dated to the lecture's beginning.

    Args:
        minutes: how long each was there, by code.
    """
    session.add_all(
        Admission(
            event_id=event.id,
            registration_id=one.registration_id,
            kind=one.kind,
            source=source,
            people=one.people,
            nonce=one.nonce,
            at=min(at, event.starts_at),
            received_at=at,
            by=by,
            by_id=by_id,
            minutes=minutes.get(one.code) if minutes else None,
        )
        for one in entering
    )
    session.flush()


def note_file(session: Session, *, event: Event, digest: str, rows: int, people: int, by: str, at: datetime) -> None:
    """Remember that a list was taken in, and record it."""
    session.add(PaperSheetFile(event_id=event.id, digest=digest, rows=rows, people=people, at=at, by=by))
    facts = {"rows": rows, "people": people, "digest": digest[:16]}
    record(session, Tag.EVENT_FILE_TAKEN, by=by, at=at, target=f"event:{event.slug}", details=facts)
    session.flush()
