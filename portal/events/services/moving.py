"""What is changed after a lecture is public: when and where, whether it takes place, how many fit, who runs it.

Each is one step: it holds the seats, tells everybody whom it concerns, and is logged. None waits for a second person.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import site_zone, touch_site
from portal.core.errors import PortalError
from portal.events.models import CoOrganiser, Event, Pool, Registration
from portal.events.queries.common import pools
from portal.events.rules import plans as rules
from portal.events.rules import seats as seating
from portal.events.rules.lectures import EventState, Place
from portal.events.rules.plans import When, Where
from portal.events.rules.seats import State
from portal.events.services import claiming, notices
from portal.events.services.notices import What
from portal.events.services.planning import NotNow, Stale, end_review, hold
from portal.events.services.workflow import together

HOLDS = (State.PENDING, State.OFFERED)


class SeatsTaken(PortalError):
    """More seats are taken than there would be.

    Args:
        taken: how many.
    """

    def __init__(self, taken: int) -> None:
        super().__init__(str(taken))
        self.taken = taken


class InThePast(PortalError):
    """A lecture cannot be moved to a time that is over."""


def when_moved(event: Event, *, starts_at: datetime, ends_at: datetime, at: datetime) -> When:
    """Return the times of a lecture after a move, those of registering with them."""
    old = When(event.starts_at, event.ends_at, event.opens_at, event.closes_at)
    return rules.moved(old, starts_at=starts_at, ends_at=ends_at, at=at)


def move(
    session: Session,
    *,
    event_id: int,
    starts_at: datetime,
    ends_at: datetime,
    where: Where,
    base: int,
    by: str,
    by_id: int,
    at: datetime,
) -> bool:
    """Hold a lecture at another time or place, and tell everybody; return whether anything is different.

    Args:
        base: the sequence of the lecture that was read.

    Raises:
        LookupError: there is no such lecture.
        NotNow: it is not public, or has begun.
        Stale: it was moved or called off since.
        InThePast: the new time is over.
    """
    event = hold(session, event_id)
    if event.state is not EventState.PUBLISHED or at >= event.starts_at:
        raise NotNow
    if event.sequence != base:
        raise Stale
    if starts_at <= at:
        raise InThePast
    before = event.starts_at
    when = when_moved(event, starts_at=starts_at, ends_at=ends_at, at=at)
    there = Where(event.venue, event.address, event.map_url, event.online_url)
    if (event.starts_at, event.ends_at, there) == (starts_at, ends_at, where):
        return False
    event.starts_at, event.ends_at = when.starts_at, when.ends_at
    event.opens_at, event.closes_at = when.opens_at, when.closes_at
    event.venue, event.address = where.venue, where.address
    event.map_url, event.online_url = where.map_url, where.online_url
    if starts_at != before:
        event.previous_starts_at = before
    event.sequence += 1
    event.updated_at = at
    # What a reviewer has before them is another lecture now.
    end_review(session, event, by=by, by_id=by_id, at=at)
    _shorten_holds(session, event, at)
    session.flush()
    notices.tell_all(session, event=event, what=What.MOVED, at=at)
    for pool in pools(session, event.id):
        left = (pool.taken, pool.capacity)
        claiming.offer_free(session, event=event, pool_id=pool.id, at=at)
        claiming.tell_lists(session, pool.id, left)
    touch_site(session)
    facts = {"sequence": event.sequence, "from": before.isoformat(), "to": starts_at.isoformat()}
    record(session, Tag.EVENT_MOVED, by=by, at=at, target=f"event:{event.slug}", details=facts)
    return True


def _shorten_holds(session: Session, event: Event, at: datetime) -> None:
    """Let no seat be held beyond the beginning."""
    late = sa.select(Registration).where(
        Registration.event_id == event.id,
        Registration.state.in_(HOLDS),
        Registration.hold_until > event.starts_at,
    )
    until = seating.hold_until(at, zone=site_zone(session), last=event.starts_at) or event.starts_at
    for registration in session.scalars(late):
        registration.hold_until = until


def call_off(session: Session, *, event_id: int, reason: str, base: int, by: str, by_id: int, at: datetime) -> None:
    """Say that a lecture does not take place, and tell everybody. Who had registered stays on record; offers end.

    Raises:
        LookupError: there is no such lecture.
        NotNow: it is not public, or over.
        Stale: it was moved or called off since `base`.
    """
    event = hold(session, event_id)
    if event.state is not EventState.PUBLISHED or at >= event.ends_at:
        raise NotNow
    if event.sequence != base:
        raise Stale
    event.state = EventState.CANCELLED
    event.cancelled_at, event.cancel_reason = at, reason
    event.sequence += 1
    event.updated_at = at
    end_review(session, event, by=by, by_id=by_id, at=at)
    session.flush()
    # Those with an offer are told of this, and not of the end of their offer as well.
    notices.tell_all(session, event=event, what=What.CALLED_OFF, at=at)
    held = sa.select(Registration).where(Registration.event_id == event.id, Registration.state.in_(HOLDS))
    for registration in session.scalars(held):
        registration.state = State.LAPSED
        registration.hold_until = None
        registration.ended_at = registration.changed_at = at
        claiming.give_back(session, registration.pool_id, registration.seats)
    session.flush()
    touch_site(session)
    facts = {"sequence": event.sequence}
    record(session, Tag.EVENT_CALLED_OFF, by=by, at=at, target=f"event:{event.slug}", details=facts)


def call_off_series(
    session: Session,
    *,
    event_id: int,
    numbers: Mapping[int, int],
    reason: str,
    by: str,
    by_id: int,
    at: datetime,
) -> None:
    """Say of several dates of a lecture's series that they do not take place, all or none; everybody is told of each.

    Args:
        numbers: the sequence of each date as it was read, by the id of the lecture.

    Raises:
        LookupError: there is no such lecture.
        NotNow: one of them is not public, or over, and so all stay as they are.
        Stale: one of them is gone, or was moved or called off since.
    """

    def step(number: int, base: int) -> None:
        call_off(session, event_id=number, reason=reason, base=base, by=by, by_id=by_id, at=at)

    together(session, step, "called-off", event_id=event_id, numbers=numbers, by=by, at=at)


def resize(session: Session, *, event_id: int, place: Place, capacity: int, by: str, at: datetime) -> bool:
    """Give a lecture more seats, or fewer; return whether that changed anything. More are offered to who waits.

    Raises:
        LookupError: there is no such lecture, or it is not held there.
        NotNow: it was called off, or is over.
        SeatsTaken: more are taken than there would be.
    """
    event = hold(session, event_id)
    if event.state is EventState.CANCELLED or at >= event.ends_at:
        raise NotNow
    pool = next((one for one in pools(session, event.id) if one.place is place), None)
    if pool is None:
        raise LookupError(place)
    session.refresh(pool)
    before = (pool.taken, pool.capacity)
    if capacity == pool.capacity:
        return False
    # The bound stands in the statement and in a CHECK, as for those who register.
    fits = sa.update(Pool).where(Pool.id == pool.id, Pool.taken <= capacity).values(capacity=capacity)
    changed = session.execute(fits.execution_options(synchronize_session=False))
    if not changed.rowcount:  # type: ignore[attr-defined]  # rowcount: an UPDATE returns a CursorResult
        raise SeatsTaken(pool.taken)
    session.refresh(pool)
    if capacity > before[1]:
        claiming.offer_free(session, event=event, pool_id=pool.id, at=at)
    claiming.tell_lists(session, pool.id, before)
    facts = {"place": place.value, "from": before[1], "to": capacity}
    record(session, Tag.EVENT_RESIZED, by=by, at=at, target=f"event:{event.slug}", details=facts)
    return True


def name_staff(
    session: Session,
    *,
    event_id: int,
    owner_id: int,
    runs: Collection[int],
    door: Collection[int],
    by: str,
    at: datetime,
) -> None:
    """Say who runs a lecture, and who stands at its door on the day.

    Args:
        runs: co-organisers; the owner need not be among them.
        door: on duty on the day; whoever runs it is so anyway.

    Raises:
        LookupError: there is no such lecture.
    """
    event = hold(session, event_id)
    event.owner_id = owner_id
    event.updated_at = at
    session.execute(sa.delete(CoOrganiser).where(CoOrganiser.event_id == event.id))
    wanted = dict.fromkeys(door, True) | dict.fromkeys(runs, False)
    wanted.pop(owner_id, None)
    session.add_all(
        CoOrganiser(event_id=event.id, person_id=person, at_the_door=at_door) for person, at_door in wanted.items()
    )
    session.flush()
    facts = {
        "owner": owner_id,
        "runs": sorted(person for person, at_door in wanted.items() if not at_door),
        "door": sorted(person for person, at_door in wanted.items() if at_door),
    }
    record(session, Tag.EVENT_STAFFED, by=by, at=at, target=f"event:{event.slug}", details=facts)


def report(
    session: Session, *, event_id: int, cost_cents: int | None, materials: int | None, by: str, at: datetime
) -> None:
    """Note what a lecture cost, and how many leaflets and the like were handed out.

    Raises:
        LookupError: there is no such lecture.
        NotNow: the public has never seen it.
    """
    event = hold(session, event_id)
    if event.state is EventState.DRAFT:
        raise NotNow
    event.cost_cents, event.materials = cost_cents, materials
    event.updated_at = at
    facts = {"cost_cents": cost_cents, "materials": materials}
    record(session, Tag.EVENT_REPORTED, by=by, at=at, target=f"event:{event.slug}", details=facts)
