"""What the public sees of lectures: cards of a list, and the moments at which a list changes by itself.

Lists read columns, not rows of the ORM: 500 lectures cost some milliseconds.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.settings import Audience
from portal.events.models import Event, Pool, Registration
from portal.events.rules import lectures as rules
from portal.events.rules import seats as seating
from portal.events.rules.lectures import Availability, EventState, Mode, Phase, Place
from portal.events.rules.looking import Wanted
from portal.events.rules.seats import State, Waiting

IS_PUBLIC = Event.state != EventState.DRAFT
IS_ONLINE = Event.mode.in_((Mode.ONLINE, Mode.HYBRID))


@dataclass(frozen=True, slots=True)
class Card:
    """One lecture in a list."""

    id: int
    slug: str
    state: EventState
    mode: Mode
    audience: Audience
    topic: str
    district: str
    starts_at: datetime
    ends_at: datetime
    previous_starts_at: datetime | None
    opens_at: datetime
    closes_at: datetime
    venue: dict[str, str]
    address: dict[str, str]
    step_free: bool
    hearing_loop: bool
    sign_language: bool
    title: dict[str, str]
    phase: Phase
    seats: dict[Place, Availability]
    """What is said of the seats of each place, those in the hall first."""


_COLUMNS: tuple[Any, ...] = (
    Event.id,
    Event.slug,
    Event.state,
    Event.mode,
    Event.audience,
    Event.topic,
    Event.district,
    Event.starts_at,
    Event.ends_at,
    Event.previous_starts_at,
    Event.opens_at,
    Event.closes_at,
    Event.venue,
    Event.address,
    Event.step_free,
    Event.hearing_loop,
    Event.sign_language,
    Event.words["title"],
)


@dataclass(frozen=True, slots=True)
class Found:
    """A part of a list, and how long the whole is."""

    cards: list[Card]
    total: int


@dataclass(frozen=True, slots=True)
class Choices:
    """What the filters of a list can be set to, because some lecture has it."""

    topics: set[str]
    districts: list[str]
    begins: list[datetime]


def _is_listed(at: datetime, *, past: bool) -> sa.ColumnElement[bool]:
    """Return the condition for one of the two lists. What was called off is told until its time has passed."""
    if past:
        return sa.and_(Event.state == EventState.PUBLISHED, Event.ends_at <= at)
    return sa.and_(IS_PUBLIC, Event.ends_at > at)


def _conditions(
    wanted: Wanted, *, topics: Collection[str], between: tuple[datetime, datetime] | None
) -> list[sa.ColumnElement[bool]]:
    """Return what filters mean. `topics`: the one that is wanted with those below it."""
    found: list[sa.ColumnElement[bool]] = []
    if wanted.topic:
        found.append(Event.topic.in_(sorted(topics)))
    if wanted.audience:
        found.append(Event.audience.in_({Audience(wanted.audience), Audience.GENERAL}))
    if wanted.district:
        found.append(Event.district == wanted.district)
    if wanted.online:
        found.append(IS_ONLINE)
    if between:
        found += [Event.starts_at < between[1], Event.ends_at > between[0]]
    return found


def find(
    session: Session,
    wanted: Wanted,
    *,
    topics: Collection[str],
    between: tuple[datetime, datetime] | None,
    limit: int,
    offset: int,
    at: datetime,
) -> Found:
    """Return a part of the list of lectures to come, the next first, or of past ones, the last first."""
    conditions = [_is_listed(at, past=wanted.past), *_conditions(wanted, topics=topics, between=between)]
    total = session.scalar(sa.select(sa.func.count()).select_from(Event).where(*conditions)) or 0
    order = (Event.starts_at.desc(), Event.id.desc()) if wanted.past else (Event.starts_at, Event.id)
    rows = sa.select(*_COLUMNS).where(*conditions).order_by(*order).limit(limit).offset(offset)
    return Found(_cards(session, session.execute(rows).all(), at), total)


def held_between(
    session: Session, wanted: Wanted, *, topics: Collection[str], between: tuple[datetime, datetime], at: datetime
) -> list[Card]:
    """Return all lectures that are held in a time, for the calendar: past ones, and those called off, too."""
    conditions = [IS_PUBLIC, *_conditions(wanted, topics=topics, between=between)]
    rows = sa.select(*_COLUMNS).where(*conditions).order_by(Event.starts_at, Event.id)
    return _cards(session, session.execute(rows).all(), at)


def next_for(session: Session, audience: Audience, *, limit: int, at: datetime) -> list[Card]:
    """Return the next lectures for one kind of reader; who reads the general edition may ask for anybody."""
    wanted = Wanted(audience="" if audience is Audience.GENERAL else audience)
    conditions = [Event.state == EventState.PUBLISHED, Event.starts_at > at]
    conditions += _conditions(wanted, topics=(), between=None)
    rows = sa.select(*_COLUMNS).where(*conditions).order_by(Event.starts_at, Event.id).limit(limit)
    return _cards(session, session.execute(rows).all(), at)


def choices(session: Session, *, past: bool, at: datetime) -> Choices:
    """Return what the lectures of one of the two lists could be told apart by."""
    rows = session.execute(sa.select(Event.topic, Event.district, Event.starts_at).where(_is_listed(at, past=past)))
    topics, districts, begins = set(), set(), []
    for topic, district, starts_at in rows:
        topics.add(topic)
        districts.add(district)
        begins.append(starts_at)
    return Choices(topics, sorted(districts - {""}), begins)


def bounds(session: Session) -> tuple[datetime, datetime] | None:
    """Return when the first public lecture began or begins, and when the last ends; None: there are none."""
    first, last = session.execute(
        sa.select(sa.func.min(Event.starts_at), sa.func.max(Event.ends_at)).where(IS_PUBLIC)
    ).one()
    return (first, last) if first is not None else None


def public_slugs(session: Session) -> list[str]:
    """Return the names of all public lectures, in the order in which they were made."""
    return list(session.scalars(sa.select(Event.slug).where(IS_PUBLIC).order_by(Event.id)))


def _cards(session: Session, rows: Sequence[Sequence[Any]], at: datetime) -> list[Card]:
    seats: dict[int, dict[Place, Availability]] = {row[0]: {} for row in rows}
    pools = sa.select(Pool.event_id, Pool.place, Pool.taken, Pool.capacity).where(Pool.event_id.in_(seats))
    # By their names those in the hall come first.
    for event_id, place, taken, capacity in session.execute(pools.order_by(Pool.place)) if seats else ():
        seats[event_id][place] = rules.availability(taken=taken, capacity=capacity)
    return [Card(*(*row, _phase(row, at), seats[row[0]])) for row in rows]


def _phase(row: Sequence[Any], at: datetime) -> Phase:
    _id, _slug, state, _mode, _audience, _topic, _district, starts_at, ends_at, _before, opens_at, closes_at = row[:12]
    return rules.phase(state=state, opens_at=opens_at, closes_at=closes_at, starts_at=starts_at, ends_at=ends_at, at=at)


@dataclass(frozen=True, slots=True)
class SeatsLeft:
    """The seats of one place, for the page of a lecture."""

    place: Place
    capacity: int
    free: int
    waiting: int
    """How many registrations wait."""
    is_open: bool
    """Whether somebody who comes alone gets a seat at once."""

    @property
    def availability(self) -> Availability:
        """Return the word of the list for it; full also where others wait for what is free."""
        return rules.availability(taken=self.capacity - self.free, capacity=self.capacity, waiting=not self.is_open)


def seats_left(session: Session, pools: Iterable[Pool]) -> list[SeatsLeft]:
    """Return what is left of the seats of each pool."""
    found: dict[Pool, list[Waiting]] = {pool: [] for pool in pools}
    by_id = {pool.id: pool for pool in found}
    rows = sa.select(Registration.pool_id, Registration.id, Registration.seats)
    rows = rows.where(Registration.pool_id.in_(by_id), Registration.state == State.WAITING).order_by(Registration.id)
    for pool_id, number, seats in session.execute(rows) if by_id else ():
        found[by_id[pool_id]].append(Waiting(number, seats))
    return [
        SeatsLeft(
            place=pool.place,
            capacity=pool.capacity,
            free=pool.capacity - pool.taken,
            waiting=len(queue),
            is_open=seating.may_take(queue, seats=1, free=pool.capacity - pool.taken),
        )
        for pool, queue in found.items()
    ]


def has_turned(session: Session, *, after: datetime | None, until: datetime) -> bool:
    """Return whether some public lecture came, after one moment and until another, to where lists speak otherwise.

    Args:
        after: None: at any time.
    """
    moments = (Event.opens_at, Event.closes_at, Event.starts_at, Event.ends_at)
    passed = [sa.and_(moment <= until, *([moment > after] if after is not None else ())) for moment in moments]
    return session.scalar(sa.select(sa.literal(1)).where(IS_PUBLIC, sa.or_(*passed)).limit(1)) is not None


def has_public(session: Session) -> bool:
    """Return whether there is any lecture for the public."""
    return session.scalar(sa.select(sa.literal(1)).where(IS_PUBLIC).limit(1)) is not None
