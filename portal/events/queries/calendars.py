"""Which lectures a feed holds, and whose a calendar is."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core import crypto
from portal.core.settings import Audience
from portal.events.models import Event, Registration
from portal.events.rules.lectures import EventState

MOST = 500
LATELY = timedelta(days=30)
"""How long after it was called off a lecture stays in the feed: calendars take it out when they see that."""
_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
LONGEST_DISTRICT = 80


def feed(session: Session, *, topic: str, audience: str, district: str, at: datetime) -> list[Event]:
    """Return lectures to come and those called off lately, the next first.

    Args:
        audience: lectures for everybody are among those for any audience.
    """
    found = sa.select(Event).where(
        sa.or_(
            sa.and_(Event.state == EventState.PUBLISHED, Event.ends_at > at),
            sa.and_(Event.state == EventState.CANCELLED, sa.or_(Event.ends_at > at, Event.cancelled_at > at - LATELY)),
        )
    )
    if topic:
        found = found.where(Event.topic == topic if _KEY.fullmatch(topic) else sa.false())
    if audience:
        known = audience in set(Audience)
        found = found.where(Event.audience.in_([Audience(audience), Audience.GENERAL]) if known else sa.false())
    if district:
        fits = len(district) <= LONGEST_DISTRICT and "\0" not in district
        found = found.where(Event.district == district if fits else sa.false())
    return list(session.scalars(found.order_by(Event.starts_at, Event.id).limit(MOST)))


def registration_of(session: Session, token: str) -> tuple[Event, Registration] | None:
    """Return whose own page has this address, with the lecture; None: nobody's, or they were erased."""
    rows = sa.select(Event, Registration).join(Registration, Registration.event_id == Event.id)
    found = session.execute(
        rows.where(Registration.token_digest == crypto.digest(token), Registration.erased_at.is_(None))
    ).first()
    return (found[0], found[1]) if found else None
