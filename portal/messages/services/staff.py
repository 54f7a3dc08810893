"""Mail to staff, to each in their own language; the rooms above say to whom, and about what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.messages.services.queueing import queue


def tell_staff(session: Session, people: Iterable[Person], template: str, *, at: datetime, **values: str) -> None:
    """Put a mail into the outbox for each of `people` whose account is in use."""
    for person in people:
        if person.active:
            queue(session, to=person.email, template=template, locale=person.locale, values=values, at=at)
