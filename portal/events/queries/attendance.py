"""What came of a lecture, in numbers: each kind apart, nobody by name."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.settings import Audience
from portal.events.models import Admission, Card, Event, Feedback, Pool, Registration
from portal.events.rules import satisfaction
from portal.events.rules.attendance import AdmissionKind, AdmissionSource
from portal.events.rules.lectures import Place
from portal.events.rules.satisfaction import LEVELS, Satisfaction
from portal.events.rules.seats import Kind, State
from portal.quizzes.rules.cells import guarded

COUNTED = (Admission.undone_at.is_(None), Admission.conflict.is_(False))
"""Admissions that count: not taken back, and not a second one of the same people."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """The same people let in by two doors."""

    code: str
    people: int
    at: datetime
    device: str
    by: str


@dataclass(frozen=True, slots=True)
class Attendance:
    """Who registered and who came; all are people, save `registrations`."""

    registrations: int
    """That stood when the lecture began."""
    registered: int
    """Seats of people in the hall."""
    registered_groups: int
    """Seats of groups in the hall."""
    registered_online: int
    waiting: int
    cancelled: int
    came: dict[AdmissionKind, int]
    no_shows: int
    """Seats in the hall of people that stayed empty."""
    no_shows_groups: int
    no_shows_online: int
    """Registrations for online of whom no list of the meeting tool says that they took part."""
    sources: dict[AdmissionSource, int]

    @property
    def person_times(self) -> int:
        """Verified check-ins in the hall: by code, of groups, and of people who had not registered (`domain.md` §8).

        Heads of whom nothing is known, and people online, are never part of it.
        """
        return sum(self.came[kind] for kind in (AdmissionKind.CODE, AdmissionKind.GROUP, AdmissionKind.WALK_IN))


def attendance(session: Session, event_id: int) -> Attendance:
    """Return who registered for a lecture and who came."""
    came = dict.fromkeys(AdmissionKind, 0)
    counted = sa.select(Admission.kind, Admission.source, sa.func.sum(Admission.people))
    counted = counted.where(Admission.event_id == event_id, *COUNTED).group_by(Admission.kind, Admission.source)
    sources: Counter[AdmissionSource] = Counter()
    for kind, source, people in session.execute(counted):
        came[kind] += int(people)
        sources[source] += int(people)
    let_in = people_by_registration(session, event_id)
    seats, missing, states = Counter[str](), Counter[str](), Counter[State]()
    rows = sa.select(Registration.id, Registration.kind, Registration.state, Registration.seats, Pool.place)
    rows = rows.join(Pool, Pool.id == Registration.pool_id).where(Registration.event_id == event_id)
    for key, who, state, taken, place in session.execute(rows):
        states[state] += 1
        if state is not State.CONFIRMED:
            continue
        part = "online" if place is Place.ONLINE else who.value
        seats[part] += taken
        missing[part] += max(0, (1 if part == "online" else taken) - let_in.get(key, 0))
    return Attendance(
        registrations=states[State.CONFIRMED],
        registered=seats[Kind.PERSON],
        registered_groups=seats[Kind.GROUP],
        registered_online=seats["online"],
        waiting=states[State.WAITING] + states[State.OFFERED],
        cancelled=states[State.CANCELLED],
        came=came,
        no_shows=missing[Kind.PERSON],
        no_shows_groups=missing[Kind.GROUP],
        no_shows_online=missing["online"],
        sources=dict(sources),
    )


def groups(session: Session, event_id: int) -> list[tuple[int, int]]:
    """Return of each group that has seats how many people registered and how many came, in the order in which they did.

    Who the group is stands in the list of names alone.
    """
    let_in = people_by_registration(session, event_id)
    rows = sa.select(Registration.id, Registration.seats).where(
        Registration.event_id == event_id, Registration.kind == Kind.GROUP, Registration.state == State.CONFIRMED
    )
    return [(seats, let_in.get(key, 0)) for key, seats in session.execute(rows.order_by(Registration.id))]


def confirmers(session: Session, event_id: int) -> dict[int, list[str]]:
    """Return who of the staff let people of a registration in, by its id."""
    rows = sa.select(Admission.registration_id, Admission.by).where(
        Admission.event_id == event_id, Admission.registration_id.is_not(None), *COUNTED
    )
    found: defaultdict[int, list[str]] = defaultdict(list)
    for key, by in session.execute(rows.distinct().order_by(Admission.registration_id, Admission.by)):
        if key is not None:
            found[key].append(by)
    return dict(found)


def people_by_registration(session: Session, event_id: int) -> dict[int, int]:
    """Return how many people of each registration are in; nothing of those of whom nobody is."""
    rows = sa.select(Admission.registration_id, sa.func.sum(Admission.people)).where(
        Admission.event_id == event_id, Admission.registration_id.is_not(None), *COUNTED
    )
    found = session.execute(rows.group_by(Admission.registration_id))
    return {key: int(people) for key, people in found if key is not None}


def conflicts(session: Session, event_id: int) -> list[Conflict]:
    """Return what two doors did to the same code, the first one first."""
    rows = (
        sa.select(Registration.code, Admission.people, Admission.at, Admission.device, Admission.by)
        .join(Registration, Registration.id == Admission.registration_id)
        .where(Admission.event_id == event_id, Admission.conflict.is_(True), Admission.undone_at.is_(None))
        .order_by(Admission.at, Admission.id)
    )
    return [Conflict(*row) for row in session.execute(rows)]


def by_audience(session: Session, event_id: int) -> dict[Audience, int | None]:
    """Return how many of those let in by code chose which edition; None: too few to be shown."""
    rows = (
        sa.select(Registration.audience, sa.func.sum(Admission.people))
        .join(Registration, Registration.id == Admission.registration_id)
        .where(Admission.event_id == event_id, *COUNTED)
        .group_by(Registration.audience)
    )
    counts = {audience: int(people) for audience, people in session.execute(rows)}
    shown = guarded(counts)
    return {audience: counts[audience] if audience in shown else None for audience in Audience if audience in counts}


def levels(session: Session, event_id: int, *, source: AdmissionSource | None = None) -> dict[int, int]:
    """Return how often each level of satisfaction was given, perhaps only by one way."""
    rows = sa.select(Feedback.level, sa.func.count()).where(Feedback.event_id == event_id)
    if source is not None:
        rows = rows.where(Feedback.source == source)
    found = {level: int(count) for level, count in session.execute(rows.group_by(Feedback.level))}
    return {level: found.get(level, 0) for level in LEVELS}


def satisfied(session: Session, event_id: int) -> Satisfaction:
    """Return what people thought of a lecture."""
    return satisfaction.summarise(levels(session, event_id))


def cards(session: Session, event_id: int) -> int:
    """Return how many seat cards there are."""
    return session.scalar(sa.select(sa.func.count()).select_from(Card).where(Card.event_id == event_id)) or 0


def of_id(session: Session, event_id: int) -> Event | None:
    """Return a lecture, whatever its state."""
    return session.get(Event, event_id)
