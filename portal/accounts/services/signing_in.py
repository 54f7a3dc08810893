"""Signing in: the password, then the second factor. The answer and its time are the same where there is no account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session as Database

from portal.accounts import queries
from portal.accounts.models import Person, Place, Session
from portal.accounts.rules import Stage
from portal.accounts.services.passwords import fits, hash_password, is_dated
from portal.accounts.services.sessions import Opened, Visitor, open_session
from portal.accounts.services.throttle import forgive, purge
from portal.audit import services as audit
from portal.audit.rules import Tag

_PLACES = 20
"""So many networks are remembered for a person; the oldest give way."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a password, looked at outside any write unit: hashing takes its time."""

    right: bool
    person_id: int | None
    stored: str
    renewed: str
    """The hash in today's settings, where the stored one has older ones."""


def check(person: Person | None, password: str) -> Checked:
    """Compare a password with a person's, or with nobody's."""
    stored = person.password_hash if person else ""
    right = fits(stored, password) and person is not None and person.active
    renewed = hash_password(password) if right and is_dated(stored) else ""
    return Checked(right, person.id if person else None, stored, renewed)


def sign_in(database: Database, checked: Checked, *, attempt_id: int, visitor: Visitor, at: datetime) -> Opened | None:
    """Begin a session where the password was right: a half one where the second factor is still to come.

    None: it was wrong, or was changed or the person disabled while it was looked at.
    """
    person = database.get(Person, checked.person_id) if checked.right else None
    if person is None or not person.active or person.password_hash != checked.stored:
        target = f"person:{checked.person_id}" if checked.person_id else ""
        audit.record(database, Tag.SIGN_IN_REFUSED, by="", at=at, target=target)
        return None
    forgive(database, attempt_id)
    if checked.renewed:
        person.password_hash = checked.renewed
    if queries.has_factor(database, person):
        return open_session(database, person_id=person.id, stage=Stage.PASSWORD, visitor=visitor, at=at)
    return begin(database, person, how="password", visitor=visitor, at=at)


def complete(database: Database, *, session_id: int, how: str, visitor: Visitor, at: datetime) -> Opened | None:
    """Turn a half session into a whole one under another token; None: it has ended meanwhile."""
    gone = database.execute(
        sa.delete(Session).where(Session.id == session_id, Session.stage == Stage.PASSWORD).returning(Session.person_id)
    ).first()
    person = database.get(Person, gone[0]) if gone else None
    if person is None or not person.active:
        return None
    return begin(database, person, how=how, visitor=visitor, at=at)


def begin(database: Database, person: Person, *, how: str, visitor: Visitor, at: datetime) -> Opened:
    """Begin a whole session and remember the network it came from."""
    purge(database, at=at)
    _remember(database, person.id, visitor.address, at)
    audit.record(database, Tag.SIGNED_IN, by=person.name, at=at, target=f"person:{person.id}", details={"how": how})
    return open_session(database, person_id=person.id, stage=Stage.COMPLETE, visitor=visitor, at=at)


def _remember(database: Database, person_id: int, address: str, at: datetime) -> None:
    digests = queries.address_digests(address)
    places = database.scalars(sa.select(Place).where(Place.person_id == person_id).order_by(Place.last_at)).all()
    here = next((place for place in places if place.address in digests), None)
    if here:
        here.address, here.last_at = digests[0], at
        return
    for oldest in places[: max(0, len(places) - _PLACES + 1)]:
        database.delete(oldest)
    database.add(Place(person_id=person_id, address=digests[0], last_at=at))
