"""What the own page of somebody who registered shows."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core import crypto
from portal.events.models import AccessRow, Consent, Event, Guardian, Pool, Registration
from portal.events.rules.keeping import AccessNeed
from portal.events.rules.lectures import Place
from portal.events.rules.seats import State


def by_token(session: Session, token: str) -> tuple[Registration, Event, Place] | None:
    """Return the registration that an address leads to, with its lecture and where its seats are."""
    rows = sa.select(Registration, Event, Pool.place).join(Event, Registration.event_id == Event.id)
    rows = rows.join(Pool, Registration.pool_id == Pool.id).where(Registration.token_digest == crypto.digest(token))
    found = session.execute(rows).first()
    return None if found is None else (found[0], found[1], found[2])


def by_guardian_token(session: Session, token: str) -> tuple[Guardian, Registration, Event, Place] | None:
    """Return what a guardian is asked about."""
    rows = sa.select(Guardian, Registration, Event, Pool.place)
    rows = rows.join(Registration, Guardian.registration_id == Registration.id)
    rows = rows.join(Event, Registration.event_id == Event.id).join(Pool, Registration.pool_id == Pool.id)
    found = session.execute(rows.where(Guardian.token_digest == crypto.digest(token))).first()
    return None if found is None else (found[0], found[1], found[2], found[3])


def position(session: Session, registration: Registration) -> int:
    """Return the place on the waiting list, from 1 on; 0: it is on none."""
    if registration.state is not State.WAITING:
        return 0
    before = sa.select(sa.func.count()).where(
        Registration.pool_id == registration.pool_id,
        Registration.state == State.WAITING,
        Registration.id <= registration.id,
    )
    return session.scalars(before).one()


def needs(session: Session, registration_id: int) -> Sequence[AccessNeed]:
    """Return what somebody needs in order to take part, in the order of the form."""
    rows = session.scalars(sa.select(AccessRow.need).where(AccessRow.registration_id == registration_id)).all()
    return sorted(rows, key=list(AccessNeed).index)


def consents(session: Session, registration_id: int) -> Sequence[Consent]:
    """Return what somebody agreed to, in the order in which they did."""
    rows = sa.select(Consent).where(Consent.registration_id == registration_id)
    return session.scalars(rows.order_by(Consent.id)).all()


def guardian(session: Session, registration_id: int) -> Guardian | None:
    """Return who speaks for a child."""
    return session.get(Guardian, registration_id)


def waiting(session: Session, pool_id: int) -> int:
    """Return how many registrations wait for seats of a place."""
    rows = sa.select(sa.func.count()).where(Registration.pool_id == pool_id, Registration.state == State.WAITING)
    return session.scalars(rows).one()
