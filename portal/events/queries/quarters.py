"""What came of the lectures of a quarter: the raw figures, for whoever reports them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.database import site_zone
from portal.events.models import Event
from portal.events.queries.attendance import Attendance, attendance
from portal.events.rules import quarters
from portal.events.rules.attendance import AdmissionKind
from portal.events.rules.lectures import EventState


@dataclass(frozen=True, slots=True)
class Quarter:
    """The lectures of a quarter. People are counted once for each lecture (人次), each kind apart."""

    held: int
    """That took place: public, over, and not called off."""
    called_off: int
    registered: int
    """Seats of people and of groups that stood when their lecture began, in the hall and online."""
    person_times: int
    """Verified check-ins; see `Attendance.person_times`."""
    came: dict[AdmissionKind, int]
    no_shows: int


def of_quarter(session: Session, quarter: str, *, at: datetime) -> Quarter:
    """Return the figures of the lectures that began in a quarter, as far as they are over at `at`.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    since, until = quarters.bounds(quarter, site_zone(session))
    rows = sa.select(Event.id, Event.state, Event.ends_at).where(Event.starts_at >= since, Event.starts_at < until)
    found = session.execute(rows.where(Event.state != EventState.DRAFT).order_by(Event.id)).all()
    held = [row.id for row in found if row.state is EventState.PUBLISHED and row.ends_at <= at]
    each: list[Attendance] = [attendance(session, number) for number in held]
    return Quarter(
        held=len(held),
        called_off=sum(row.state is EventState.CANCELLED for row in found),
        registered=sum(one.registered + one.registered_groups + one.registered_online for one in each),
        person_times=sum(one.person_times for one in each),
        came={kind: sum(one.came[kind] for one in each) for kind in AdmissionKind},
        no_shows=sum(one.no_shows + one.no_shows_groups + one.no_shows_online for one in each),
    )
