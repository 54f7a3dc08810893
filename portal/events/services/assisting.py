"""Staff at the telephone change and cancel for those who have no screen. The log says who did it, never for whom."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.events.models import Event, Registration
from portal.events.services import managing


def cancel(session: Session, *, event: Event, registration_id: int, by: str, at: datetime) -> bool:
    """Cancel a registration of a lecture for somebody; return whether it still stood.

    Raises:
        LookupError: the lecture has no such registration.
        TooLate: the lecture has begun.
    """
    _belongs(session, event, registration_id)
    done = managing.cancel(session, registration_id=registration_id, at=at)
    return _log(session, Tag.EVENT_REGISTRATION_CANCELLED, event, registration_id, "cancelled", done, by=by, at=at)


def accept(session: Session, *, event: Event, registration_id: int, by: str, at: datetime) -> bool:
    """Accept the seats that are held for somebody; return whether that changed anything.

    Raises:
        LookupError: the lecture has no such registration.
        NotOffered: none are held, or no longer.
        TooLate: the lecture does not take place.
    """
    _belongs(session, event, registration_id)
    done = managing.accept(session, registration_id=registration_id, at=at)
    return _log(session, Tag.EVENT_REGISTRATION_CHANGED, event, registration_id, "accepted", done, by=by, at=at)


def pass_on(session: Session, *, event: Event, registration_id: int, by: str, at: datetime) -> bool:
    """Leave the seats that are held for somebody to the next; return whether they still were.

    Raises:
        LookupError: the lecture has no such registration.
        NotOffered: none were offered.
    """
    _belongs(session, event, registration_id)
    done = managing.pass_on(session, registration_id=registration_id, at=at)
    return _log(session, Tag.EVENT_REGISTRATION_CHANGED, event, registration_id, "passed", done, by=by, at=at)


def change_seats(session: Session, *, event: Event, registration_id: int, seats: int, by: str, at: datetime) -> bool:
    """Take more seats for somebody, or fewer; return whether that changed anything.

    Raises:
        LookupError: the lecture has no such registration.
        TooLate: the lecture has begun, or the registration has ended.
        TooMany: more than one registration may take.
        NoSeats: so many are not free.
    """
    _belongs(session, event, registration_id)
    done = managing.change_seats(session, registration_id=registration_id, seats=seats, at=at)
    return _log(session, Tag.EVENT_REGISTRATION_CHANGED, event, registration_id, "seats", done, by=by, at=at)


def _belongs(session: Session, event: Event, registration_id: int) -> None:
    found = session.get(Registration, registration_id)
    if found is None or found.event_id != event.id:
        raise LookupError(registration_id)


def _log(
    session: Session, tag: Tag, event: Event, registration_id: int, act: str, done: bool, *, by: str, at: datetime
) -> bool:
    if done:
        facts = {"registration": registration_id, "act": act}
        record(session, tag, by=by, at=at, target=f"event:{event.slug}", details=facts)
    return done
