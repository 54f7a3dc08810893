"""Waiting lists that have come to their end."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.events.models import Event, Registration
from portal.events.rules.seats import State
from portal.events.services import claiming


def end_waiting(session: Session, *, at: datetime) -> bool:
    """End one waiting list whose lecture has begun; return whether there was one. Nobody is told: it is too late.

    One write unit each, under the lock of the pool like everything that touches its list.
    """
    begun = sa.select(Registration.pool_id).join(Event, Event.id == Registration.event_id)
    begun = begun.where(Registration.state == State.WAITING, Event.starts_at <= at)
    pool_id = session.scalar(begun.order_by(Registration.pool_id).limit(1))
    if pool_id is None:
        return False
    claiming.lock(session, pool_id)
    over = sa.update(Registration).where(Registration.pool_id == pool_id, Registration.state == State.WAITING)
    session.execute(over.values(state=State.LAPSED, ended_at=at, changed_at=at))
    return True
