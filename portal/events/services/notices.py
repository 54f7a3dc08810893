"""What people who registered are written about, by mail or short message."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy.orm import Session

from portal.events.models import Event, Registration


class What(StrEnum):
    """What a person is told."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    """Said to the guardian: a child's seat is held for 48 hours."""
    WAITING = "waiting"
    OFFERED = "offered"
    CHANGED = "changed"
    """The person changed their own registration."""
    CANCELLED = "cancelled"
    """The person cancelled."""
    LAPSED = "lapsed"
    MOVED = "moved"
    CALLED_OFF = "called-off"
    """The lecture does not take place."""
    REMINDER = "reminder"
    THANKS = "thanks"
    AGAIN = "again"
    """Somebody registered a second time with the same name and contact: the same code once more."""


def tell(session: Session, *, event: Event, registration: Registration, what: What, at: datetime) -> None:
    """Put what the person is told into the outbox, inside the caller's write unit."""


def tell_all(session: Session, *, event: Event, what: What, at: datetime) -> None:
    """Tell everybody who has registered and not cancelled."""
