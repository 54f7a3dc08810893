"""What becomes of a registration: changed, cancelled, a seat accepted or passed on, a guardian's word, time run out.

Whoever has the address of their own page does these; staff do them for those who have none. Done twice, each changes
nothing the second time.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.errors import PortalError
from portal.events.models import Consent, Event, Guardian, Registration
from portal.events.rules import keeping
from portal.events.rules import lectures as rules
from portal.events.rules.keeping import Purpose, Relation
from portal.events.rules.lectures import EventState
from portal.events.rules.seats import HOLDING, MOVES, Kind, State
from portal.events.services import claiming, notices
from portal.events.services.notices import What
from portal.events.services.registering import TooMany


class TooLate(PortalError):
    """The lecture has begun, or does not take place."""


class NotOffered(PortalError):
    """No seat is held for this registration: the offer ran out, or was answered."""


class NoSeats(PortalError):
    """So many seats are not free.

    Args:
        free: how many more the registration could take.
    """

    def __init__(self, free: int) -> None:
        super().__init__(str(free))
        self.free = free


def cancel(session: Session, *, registration_id: int, at: datetime) -> bool:
    """Give a registration back, with its seats to whoever waits; return whether it still stood.

    Raises:
        TooLate: the lecture has begun.
    """
    event, registration = _hold(session, registration_id)
    if State.CANCELLED not in MOVES[registration.state]:
        return False
    if at >= event.starts_at:
        raise TooLate
    _end(session, event, registration, State.CANCELLED, at)
    notices.tell(session, event=event, registration=registration, what=What.CANCELLED, at=at)
    return True


def accept(session: Session, *, registration_id: int, at: datetime) -> bool:
    """Take the seats that are held; return whether that changed anything.

    Raises:
        NotOffered: none are held, or no longer.
        TooLate: the lecture does not take place.
    """
    event, registration = _hold(session, registration_id)
    if registration.state in (State.CONFIRMED, State.PENDING):
        return False
    if event.state is EventState.CANCELLED:
        raise TooLate
    if registration.state is not State.OFFERED or registration.hold_until is None or at >= registration.hold_until:
        raise NotOffered
    guardian = session.get(Guardian, registration.id)
    if guardian is not None and guardian.confirmed_at is None:
        # The time to answer goes on: it was set by day, for somebody who was asked.
        registration.state = State.PENDING
        registration.changed_at = at
        notices.tell(session, event=event, registration=registration, what=What.PENDING, at=at)
        return True
    _confirm(session, event, registration, at)
    return True


def pass_on(session: Session, *, registration_id: int, at: datetime) -> bool:
    """Leave seats that are held to the next; return whether they still were.

    Raises:
        NotOffered: none were offered.
    """
    event, registration = _hold(session, registration_id)
    if registration.state is State.PASSED:
        return False
    if registration.state is not State.OFFERED:
        raise NotOffered
    _end(session, event, registration, State.PASSED, at)
    return True


def confirm_guardian(session: Session, *, registration_id: int, name: str, relation: Relation, at: datetime) -> bool:
    """Note that a guardian agrees; return whether that is new.

    Raises:
        NotOffered: the seat is no longer held.
    """
    event, registration = _hold(session, registration_id)
    guardian = session.get(Guardian, registration_id)
    if guardian is None or registration.state not in (State.PENDING, State.WAITING, State.OFFERED, State.CONFIRMED):
        raise NotOffered
    if guardian.confirmed_at is not None:
        return False
    if registration.hold_until is not None and at >= registration.hold_until:
        raise NotOffered
    guardian.name, guardian.relation, guardian.confirmed_at = name, relation, at
    session.add(
        Consent(
            registration_id=registration.id,
            purpose=Purpose.CHILD,
            text_version=keeping.GUARDIAN_NOTE,
            given_at=at,
        )
    )
    if registration.state is State.PENDING:
        _confirm(session, event, registration, at)
    return True


def change_seats(session: Session, *, registration_id: int, seats: int, at: datetime) -> bool:
    """Take more seats or fewer; return whether that changed anything. On a waiting list the place stays.

    Raises:
        TooLate: the lecture has begun, or the registration has ended.
        TooMany: more than one registration may take.
        NoSeats: so many are not free, or others wait for them.
    """
    event, registration = _hold(session, registration_id)
    if at >= event.starts_at or event.state is EventState.CANCELLED or State.CANCELLED not in MOVES[registration.state]:
        raise TooLate
    most = rules.MOST_IN_A_GROUP if registration.kind is Kind.GROUP else min(event.most_seats, rules.MOST_SEATS_EACH)
    if not 1 <= seats <= most:
        raise TooMany(most, "seats")
    more = seats - registration.seats
    if more == 0:
        return False
    before = claiming.left(session, registration.pool_id)
    if registration.state in HOLDING:
        waits = claiming.waiting(session, registration.pool_id)
        if more > 0 and (waits or not claiming.claim(session, registration.pool_id, more)):
            raise NoSeats(0 if waits else before[1] - before[0])
        if more < 0:
            claiming.give_back(session, registration.pool_id, -more)
    registration.seats = seats
    registration.changed_at = at
    session.flush()
    claiming.offer_free(session, event=event, pool_id=registration.pool_id, at=at)
    claiming.tell_lists(session, registration.pool_id, before)
    notices.tell(session, event=event, registration=registration, what=What.CHANGED, at=at)
    return True


def lapse_due(session: Session, *, at: datetime) -> bool:
    """End the first hold whose time has run out, and offer its seats on; return whether there was one.

    One write unit each: a long list does not keep people at their forms waiting.
    """
    due = sa.select(Registration.id).where(
        Registration.state.in_((State.PENDING, State.OFFERED)), Registration.hold_until <= at
    )
    number = session.scalar(due.order_by(Registration.hold_until, Registration.id).limit(1))
    if number is None:
        return False
    event, registration = _hold(session, number)
    # Looked at again under the lock: the person may have answered in this moment.
    if registration.hold_until is not None and registration.hold_until <= at:
        _end(session, event, registration, State.LAPSED, at)
        notices.tell(session, event=event, registration=registration, what=What.LAPSED, at=at)
    return True


def _hold(session: Session, registration_id: int) -> tuple[Event, Registration]:
    """Return a registration with its lecture, under the lock of its pool.

    Raises:
        LookupError: there is none.
    """
    pool_id = session.scalar(sa.select(Registration.pool_id).where(Registration.id == registration_id))
    if pool_id is None:
        raise LookupError(registration_id)
    claiming.lock(session, pool_id)
    registration = session.get_one(Registration, registration_id, populate_existing=True)
    return session.get_one(Event, registration.event_id), registration


def _confirm(session: Session, event: Event, registration: Registration, at: datetime) -> None:
    registration.state = State.CONFIRMED
    registration.hold_until = None
    registration.confirmed_at = registration.changed_at = at
    session.flush()
    notices.tell(session, event=event, registration=registration, what=What.CONFIRMED, at=at)


def _end(session: Session, event: Event, registration: Registration, state: State, at: datetime) -> None:
    """Move a registration to a state in which it holds nothing, and its seats to whoever waits."""
    before = claiming.left(session, registration.pool_id)
    held = registration.state in HOLDING
    registration.state = state
    registration.hold_until = None
    registration.ended_at = registration.changed_at = at
    session.flush()
    if held:
        claiming.give_back(session, registration.pool_id, registration.seats)
    claiming.offer_free(session, event=event, pool_id=registration.pool_id, at=at)
    claiming.tell_lists(session, registration.pool_id, before)
