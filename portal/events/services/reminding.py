"""Reminding those who have a seat that their lecture comes."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.database import site_zone
from portal.events.models import Event, Notice, Registration
from portal.events.rules import reminding as rules
from portal.events.rules.lectures import EventState
from portal.events.rules.seats import State
from portal.events.services import notices
from portal.events.services.notices import What


def remind_next(session: Session, *, at: datetime) -> bool:
    """Remind the next few people; return whether there were any. One write unit each.

    Nobody is reminded who registered, or was written to about this lecture, since the reminder was due: they know. So
    a lecture that moves is told of once, and reminded of anew at its new time.
    """
    zone = site_zone(session)
    coming = sa.select(Event).where(
        Event.state == EventState.PUBLISHED, Event.starts_at > at, Event.starts_at <= at + rules.AHEAD
    )
    for event in session.scalars(coming.order_by(Event.starts_at, Event.id)).all():
        due = rules.due(event.starts_at, at=at, zone=zone)
        if due is None:
            continue
        reminder, since = due
        numbers = _to_remind(session, event, since)
        if numbers:
            kind = f"reminder-{reminder}-{event.starts_at:%Y%m%dT%H%M}"
            notices.write_to(session, event=event, numbers=numbers, what=What.REMINDER, kind=kind, at=at)
            return True
    return False


def _to_remind(session: Session, event: Event, since: datetime) -> list[int]:
    written = sa.exists().where(Notice.registration_id == Registration.id, Notice.at >= since)
    people = sa.select(Registration.id).where(
        Registration.event_id == event.id,
        Registration.state == State.CONFIRMED,
        Registration.confirmed_at < since,
        Registration.erased_at.is_(None),
        ~written,
    )
    few = people.order_by(Registration.id).limit(notices.BATCH).with_for_update(of=Registration, skip_locked=True)
    return list(session.scalars(few))
