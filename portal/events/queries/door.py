"""What whoever is on duty sees: how many are there, whom a code belongs to, and the day's list."""

from __future__ import annotations

import unicodedata
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.events.models import AccessRow, Admission, Event, Pool, Registration
from portal.events.rules import attendance as rules
from portal.events.rules.attendance import AdmissionKind, AdmissionSource, Standing
from portal.events.rules.keeping import AccessNeed
from portal.events.rules.lectures import Place
from portal.events.rules.seats import HOLDING, LIVE, ContactKind, Kind, State

SHOWN = 8
"""How many people a search tells of at most: whoever stands there can say more of their name."""
LEAST_DIGITS = 3
KNOWN_DIGITS = 4
"""How much of a telephone the day's list has: enough to be found by, too little to be called."""
LATEST = 6
IN_HALL = (AdmissionKind.CODE, AdmissionKind.GROUP, AdmissionKind.WALK_IN, AdmissionKind.TALLY)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many are in the hall, each kind apart, and how many are expected."""

    people: dict[AdmissionKind, int]
    expected: int
    """Seats in the hall of those who are confirmed."""
    capacity: int
    conflicts: int
    """How often two doors let the same people in and nobody has looked at it yet."""

    @property
    def inside(self) -> int:
        """Everybody in the hall."""
        return sum(self.people[kind] for kind in IN_HALL)

    @property
    def registered(self) -> int:
        """Of those in the hall, who had registered."""
        return self.people[AdmissionKind.CODE] + self.people[AdmissionKind.GROUP]

    def room(self, *, begun: bool) -> int:
        """Return how many can be let in who have no seat."""
        to_come = max(0, self.expected - self.registered)
        return rules.room(capacity=self.capacity, inside=self.inside, to_come=to_come, begun=begun)

    @property
    def over(self) -> int:
        """How many more are inside than there are seats."""
        return max(0, self.inside - self.capacity)


def counts(session: Session, event_id: int) -> Counts:
    """Return how many are there now."""
    people = dict.fromkeys(AdmissionKind, 0)
    conflicts = 0
    rows = sa.select(Admission.kind, Admission.conflict, sa.func.sum(Admission.people), sa.func.count())
    rows = rows.where(Admission.event_id == event_id, Admission.undone_at.is_(None))
    for kind, conflict, total, times in session.execute(rows.group_by(Admission.kind, Admission.conflict)):
        if conflict:
            conflicts += times
        else:
            people[kind] += int(total)
    hall = sa.select(Pool.id, Pool.capacity, Pool.taken)
    pool = session.execute(hall.where(Pool.event_id == event_id, Pool.place == Place.IN_PERSON)).first()
    if pool is None:
        return Counts(people, 0, 0, conflicts)
    # All that is taken save what is only held: those are few, so thousands of rows are not read with every scan.
    held = sa.select(sa.func.coalesce(sa.func.sum(Registration.seats), 0))
    held = held.where(Registration.pool_id == pool.id, Registration.state.in_(HOLDING - {State.CONFIRMED}))
    return Counts(people, pool.taken - int(session.scalar(held) or 0), pool.capacity, conflicts)


@dataclass(frozen=True, slots=True)
class Guest:
    """One registration as the door sees it."""

    id: int
    name: str
    organisation: str
    is_group: bool
    online: bool
    """Registered to take part online."""
    seats: int
    inside: int
    since: datetime | None
    """When the first of them came in."""
    door: str
    """Where that was."""
    standing: Standing
    needs: tuple[AccessNeed, ...] = ()
    note: str = ""

    @property
    def left(self) -> int:
        """How many of them may still come."""
        return self.seats - self.inside


def guest(session: Session, *, event_id: int, registration_id: int, at: datetime) -> Guest | None:
    """Return one registration with what the door must know of it."""
    registration = session.get(Registration, registration_id)
    if registration is None or registration.event_id != event_id:
        return None
    return _guests(session, [registration], at=at)[0]


def _guests(session: Session, registrations: list[Registration], *, at: datetime) -> list[Guest]:
    ids = [one.id for one in registrations]
    came: dict[int, list[Admission]] = defaultdict(list)
    for row in session.scalars(counting_rows().where(Admission.registration_id.in_(ids)).order_by(Admission.at)):
        came[row.registration_id or 0].append(row)
    needs: dict[int, list[AccessNeed]] = defaultdict(list)
    for need in session.scalars(sa.select(AccessRow).where(AccessRow.registration_id.in_(ids))):
        needs[need.registration_id].append(need.need)
    online = set(
        session.scalars(sa.select(Pool.id).where(Pool.place == Place.ONLINE, Pool.id.in_(_pools(registrations))))
    )
    return [
        Guest(
            id=one.id,
            name=one.name or "",
            organisation=one.organisation,
            is_group=one.kind is Kind.GROUP,
            online=one.pool_id in online,
            seats=one.seats,
            inside=sum(row.people for row in came[one.id]),
            since=came[one.id][0].at if came[one.id] else None,
            door=(came[one.id][0].device or came[one.id][0].by) if came[one.id] else "",
            standing=rules.standing(one.state, hold_until=one.hold_until, at=at),
            needs=tuple(sorted(needs[one.id])),
            note=one.access_note or "",
        )
        for one in registrations
    ]


def _pools(registrations: Iterable[Registration]) -> set[int]:
    return {one.pool_id for one in registrations}


def counting_rows() -> sa.Select[Admission]:
    """Return the rows that count: neither undone nor in conflict."""
    return sa.select(Admission).where(Admission.undone_at.is_(None), Admission.conflict.is_(False))


def inside(session: Session, registration_id: int) -> int:
    """Return how many people of a registration are in."""
    total = sa.select(sa.func.coalesce(sa.func.sum(Admission.people), 0)).where(
        Admission.registration_id == registration_id, Admission.undone_at.is_(None), Admission.conflict.is_(False)
    )
    return int(session.scalar(total) or 0)


@dataclass(frozen=True, slots=True)
class Found:
    """Who fits what was typed; `more`: others do as well, who are not told of."""

    guests: list[Guest]
    more: bool = False


def find(session: Session, *, event_id: int, text: str, at: datetime) -> Found:
    """Return who fits a part of a name, of an organisation, or the last digits of a telephone.

    Names and numbers are sealed, so all of one lecture are opened here, compared, and forgotten.
    """
    wanted = _even(text)
    digits = wanted.isascii() and wanted.isdigit()
    if len(wanted) < (LEAST_DIGITS if digits else 1):
        return Found([])
    rows = sa.select(
        Registration.id, Registration.name, Registration.organisation, Registration.contact_kind, Registration.contact
    )
    rows = rows.where(Registration.event_id == event_id, Registration.state.in_(LIVE), Registration.erased_at.is_(None))
    fits = []
    for number, name, organisation, kind, contact in session.execute(rows.order_by(Registration.id)):
        if digits:
            matches = kind is ContactKind.PHONE and (contact or "").endswith(wanted)
        else:
            matches = wanted in _even(name or "") or wanted in _even(organisation)
        if matches:
            fits.append(number)
        if len(fits) > SHOWN:
            break
    chosen = session.scalars(sa.select(Registration).where(Registration.id.in_(fits[:SHOWN])).order_by(Registration.id))
    return Found(_guests(session, list(chosen), at=at), more=len(fits) > SHOWN)


def _even(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(frozen=True, slots=True)
class Came:
    """One step at the door, for the list on which it can be undone."""

    id: int
    kind: AdmissionKind
    source: AdmissionSource
    people: int
    at: datetime
    by: str
    door: str
    name: str
    registration_id: int | None
    inside: int = 0
    """Of its registration, how many are counted."""
    seats: int = 0


def latest(session: Session, event_id: int, *, limit: int = LATEST) -> list[Came]:
    """Return who was let in last and counts, the newest first."""
    rows = counting_rows().where(Admission.event_id == event_id, Admission.kind.in_(IN_HALL))
    return _steps(session, rows.order_by(Admission.id.desc()).limit(limit))


def step(session: Session, *, event_id: int, admission_id: int) -> Came | None:
    """Return one step at the door that counts; None: there is none."""
    rows = counting_rows().where(Admission.event_id == event_id, Admission.id == admission_id)
    return next(iter(_steps(session, rows)), None)


def conflicts(session: Session, event_id: int) -> list[Came]:
    """Return whom two doors let in, as long as nobody has looked at it."""
    rows = sa.select(Admission).where(
        Admission.event_id == event_id, Admission.conflict.is_(True), Admission.undone_at.is_(None)
    )
    return _steps(session, rows.order_by(Admission.at, Admission.id))


def _steps(session: Session, rows: sa.Select[Admission]) -> list[Came]:
    found = session.scalars(rows).all()
    ids = {row.registration_id for row in found if row.registration_id}
    # Not whole registrations: each sealed value costs as much to open as the row to read.
    about = sa.select(Registration.id, Registration.name, Registration.organisation, Registration.seats)
    people = {one.id: one for one in session.execute(about.where(Registration.id.in_(ids)))} if ids else {}
    steps = []
    for row in found:
        who = people.get(row.registration_id or 0)
        steps.append(
            Came(
                id=row.id,
                kind=row.kind,
                source=row.source,
                people=row.people,
                at=row.at,
                by=row.by,
                door=row.device,
                name=(who.organisation or who.name or "") if who else "",
                registration_id=row.registration_id,
                inside=inside(session, who.id) if who and row.conflict else 0,
                seats=who.seats if who else 0,
            )
        )
    return steps


@dataclass(frozen=True, slots=True)
class Listed:
    """One line of the day's list: a name only where somebody is welcome."""

    code: str
    ends: str
    """The last digits of the telephone; empty: there is none, or nobody is welcome."""
    guest: Guest


def day_list(session: Session, event: Event, *, at: datetime) -> list[Listed]:
    """Return everybody whom a door without a network must know."""
    rows = list(session.scalars(sa.select(Registration).where(Registration.event_id == event.id)))
    guests = _guests(session, rows, at=at)
    return [Listed(row.code, _ends(row, who), who) for row, who in zip(rows, guests, strict=True)]


def _ends(row: Registration, who: Guest) -> str:
    known = row.contact_kind is ContactKind.PHONE and who.standing is Standing.WELCOME
    return (row.contact or "")[-KNOWN_DIGITS:] if known else ""
