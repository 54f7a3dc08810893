"""What is kept of one person who registered: shown and copied to them, put right, and erased."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.events.models import AccessRow, Consent, Guardian, Registration
from portal.events.rules.seats import ContactKind


def erase(session: Session, *, registration_id: int, at: datetime, on_time: bool = False) -> bool:
    """Erase everything of a registration that says who it is; return whether there was anything left.

    The row stays, with its state, its seats and its time: attendance is counted from it, and the digest of its address
    lets the own page say what became of it. No seat is given back: whoever asks cancels first (`withdrawing`).

    Args:
        on_time: nobody asked for it, its time had come. What people agreed to was not withdrawn then, and the proof
            that a guardian agreed has a time of its own (`keeping.GUARDIANS_KEPT`).

    Raises:
        LookupError: there is no such registration.
    """
    registration = session.get(Registration, registration_id, populate_existing=True)
    if registration is None:
        raise LookupError(registration_id)
    forget_access(session, registration_id=registration_id)
    if not on_time:
        session.execute(sa.delete(Guardian).where(Guardian.registration_id == registration_id))
        withdraw(session, registration_id=registration_id, at=at)
    if registration.erased_at is not None:
        return False
    registration.name = registration.contact = registration.members = registration.answers = None
    registration.contact_digest = registration.person_digest = None
    registration.token = None
    registration.contact_kind = ContactKind.NONE
    registration.organisation = ""
    registration.erased_at = registration.changed_at = at
    session.flush()
    return True


def forget_access(session: Session, *, registration_id: int) -> None:
    """Erase what a person needs in order to take part."""
    session.execute(sa.delete(AccessRow).where(AccessRow.registration_id == registration_id))
    blank = sa.update(Registration).where(Registration.id == registration_id).values(access_note=None)
    session.execute(blank)


def withdraw(session: Session, *, registration_id: int, at: datetime, purpose: str = "") -> None:
    """Note that consents were taken back.

    Args:
        purpose: of one of them; empty: of all.
    """
    given = sa.update(Consent).where(Consent.registration_id == registration_id, Consent.withdrawn_at.is_(None))
    if purpose:
        given = given.where(Consent.purpose == purpose)
    session.execute(given.values(withdrawn_at=at))
