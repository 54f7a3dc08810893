"""Seats of a pool: claimed, given back, and offered to who waits. Every verb takes the pool's row first.

So two units that touch one pool go one after the other on PostgreSQL too, and ids of registrations are in the order in
which people came. The claim itself is an UPDATE that names the bound, and a CHECK stands behind it.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.database import site_zone, touch_site
from portal.events.models import Event, Pool, Registration
from portal.events.rules import seats as rules
from portal.events.rules.lectures import EventState, availability
from portal.events.rules.seats import State, Waiting
from portal.events.services import notices


def lock(session: Session, pool_id: int) -> Pool:
    """Return a pool as it is now; no other unit changes its seats or its list before this one has ended."""
    pools = sa.select(Pool).where(Pool.id == pool_id).with_for_update()
    return session.scalars(pools.execution_options(populate_existing=True)).one()


_CLAIM = (
    sa.update(Pool)
    .where(Pool.id == sa.bindparam("pool"), Pool.taken + sa.bindparam("seats") <= Pool.capacity)
    .values(taken=Pool.taken + sa.bindparam("seats"))
    .returning(Pool.taken)
    .execution_options(synchronize_session=False)
)
_CLAIM_AT_ONCE = _CLAIM.where(
    ~sa.exists().where(Registration.pool_id == sa.bindparam("pool"), Registration.state == State.WAITING)
)
_WAITING = (
    sa.select(Registration.id, Registration.seats)
    .where(Registration.pool_id == sa.bindparam("pool"), Registration.state == State.WAITING)
    .order_by(Registration.id)
)


def claim(session: Session, pool_id: int, seats: int) -> int:
    """Take `seats` of a pool if there are as many; return how many are taken then, or 0 when there were not."""
    session.flush()
    return session.connection().scalar(_CLAIM, {"pool": pool_id, "seats": seats}) or 0


def claim_at_once(session: Session, pool_id: int, seats: int) -> int:
    """Take `seats` for somebody who comes now, as `claim` does; 0 also where anybody waits, who may come first."""
    session.flush()
    return session.connection().scalar(_CLAIM_AT_ONCE, {"pool": pool_id, "seats": seats}) or 0


def give_back(session: Session, pool_id: int, seats: int) -> None:
    """Give `seats` of a pool back."""
    back = sa.update(Pool).where(Pool.id == pool_id).values(taken=Pool.taken - seats)
    session.execute(back.execution_options(synchronize_session=False))


def waiting(session: Session, pool_id: int) -> list[Waiting]:
    """Return who waits for a pool, in the order in which they came."""
    session.flush()
    return [Waiting(*row) for row in session.connection().execute(_WAITING, {"pool": pool_id}).all()]


def left(session: Session, pool_id: int) -> tuple[int, int]:
    """Return how many seats of a pool are taken, and how many there are."""
    taken, capacity = session.execute(sa.select(Pool.taken, Pool.capacity).where(Pool.id == pool_id)).one()
    return taken, capacity


def offer_free(session: Session, *, event: Event, pool_id: int, at: datetime) -> None:
    """Hold what is free for those who wait and can use it, in order, and tell them; the pool is locked.

    Near the beginning nobody is asked any more (`rules.hold_until`): then seats stay free for whoever is there.
    """
    queue = waiting(session, pool_id) if event.state is EventState.PUBLISHED else []
    if not queue:
        return
    taken, capacity = left(session, pool_id)
    asked = rules.next_offers(queue, capacity - taken)
    until = rules.hold_until(at, zone=site_zone(session), last=event.starts_at) if asked else None
    if until is None:
        return
    for number in asked:
        registration = session.get_one(Registration, number)
        if not claim(session, pool_id, registration.seats):
            raise RuntimeError("seats that were free under the lock of their pool are taken")
        registration.state = State.OFFERED
        registration.hold_until = until
        registration.changed_at = at
        notices.tell(session, event=event, registration=registration, what=notices.What.OFFERED, at=at)


def tell_lists(session: Session, pool_id: int, before: tuple[int, int], now: tuple[int, int] | None = None) -> None:
    """Renew public pages when the word for how many seats are left is another than `before`: seats taken, and all.

    A list of lectures says free, few or full, so that one seat more or less does not make every page of the site anew.
    """
    now = now or left(session, pool_id)
    words = [availability(taken=taken, capacity=capacity) for taken, capacity in (before, now)]
    if words[0] is not words[1]:
        touch_site(session)
