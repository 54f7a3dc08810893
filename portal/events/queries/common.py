"""Lectures, their seats, and who is on duty."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.database import row_of_unit
from portal.events.models import CoOrganiser, Event, Pool, Registration
from portal.events.rules import lectures as rules
from portal.events.rules.lectures import EventState, Phase, Place


def public_event(session: Session, slug: str) -> Event | None:
    """Return a lecture that the public may see; one that was called off is still shown."""
    return session.scalars(sa.select(Event).where(Event.slug == slug, Event.state != EventState.DRAFT)).first()


def phase_of(event: Event, at: datetime) -> Phase:
    """Return what the public can do with a lecture at `at`."""
    return rules.phase(
        state=event.state,
        opens_at=event.opens_at,
        closes_at=event.closes_at,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        at=at,
    )


def pools(session: Session, event_id: int) -> list[Pool]:
    """Return the seats of a lecture, those in the hall first."""
    found = session.scalars(sa.select(Pool).where(Pool.event_id == event_id)).all()
    return sorted(found, key=lambda pool: list(rules.Place).index(pool.place))


def place_of(session: Session, registration: Registration) -> Place:
    """Return where somebody has a seat, or wants one."""
    pool = row_of_unit(session, Pool, registration.pool_id)
    if pool is None:
        raise LookupError(registration.pool_id)
    return pool.place


@dataclass(frozen=True, slots=True)
class Duty:
    """What a member of staff has to do with one lecture."""

    runs: bool
    """Owner or co-organiser: plans it, moves it, sees who registered."""
    on_duty: bool
    """Runs it, or stands at the door on the day: sees names, and needs of access in detail."""


def duty(session: Session, *, event: Event, person_id: int) -> Duty:
    """Return what a person has to do with a lecture; permissions are asked for apart."""
    row = session.get(CoOrganiser, (event.id, person_id))
    runs = event.owner_id == person_id or (row is not None and not row.at_the_door)
    return Duty(runs=runs, on_duty=runs or row is not None)
