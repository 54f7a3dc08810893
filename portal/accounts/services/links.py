"""Links that are mailed and work once: invitations and resets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session as Database

from portal.accounts import queries
from portal.accounts.models import Link, Person
from portal.accounts.rules import LINK_LIFE, Purpose, Role
from portal.accounts.services.notices import tell
from portal.accounts.services.passwords import set_password
from portal.accounts.services.people import create
from portal.accounts.services.sessions import Opened, Visitor
from portal.accounts.services.signing_in import begin
from portal.audit import services as audit
from portal.audit.rules import Tag
from portal.core import crypto
from portal.core.settings import DEFAULT_LOCALE, Locale

FIRST_LIFE = timedelta(hours=24)
FIRST_EMAIL = "demo@example.org"


def make_link(
    database: Database, *, person_id: int, purpose: Purpose, at: datetime, life: timedelta | None = None
) -> str:
    """Make a link's token; links of the same purpose that were sent before stop working."""
    database.execute(sa.delete(Link).where(Link.person_id == person_id, Link.purpose == purpose))
    token = crypto.token()
    database.add(
        Link(
            person_id=person_id,
            digest=crypto.digest(token),
            purpose=purpose,
            expires_at=at + (life or LINK_LIFE[purpose]),
            used_at=None,
        )
    )
    return token


def invite(
    database: Database,
    *,
    email: str,
    name: str,
    roles: Iterable[str],
    by: str,
    at: datetime,
    locale: Locale = DEFAULT_LOCALE,
) -> Person:
    """Make an account and mail its owner a link with which they choose a password.

    Raises:
        Refused: the address belongs to somebody already, or there is no role.
    """
    person = create(database, email=email, name=name, roles=roles, by=by, at=at, locale=locale)
    send_invitation(database, person, by=by, at=at)
    return person


def send_invitation(database: Database, person: Person, *, by: str, at: datetime) -> None:
    """Mail a person who has not joined yet a new invitation; the one before stops working."""
    token = make_link(database, person_id=person.id, purpose=Purpose.INVITATION, at=at)
    audit.record(database, Tag.PERSON_INVITED, by=by, at=at, target=f"person:{person.id}")
    hours = str(int(LINK_LIFE[Purpose.INVITATION].total_seconds() // 3600))
    tell(database, person, "invitation", at=at, token=token, hours=hours)


def send_reset(database: Database, person: Person, *, by: str, at: datetime) -> str:
    """Mail a person a link with which they choose another password; return its token.

    The second factor is asked for all the same when they sign in.
    """
    token = make_link(database, person_id=person.id, purpose=Purpose.RESET, at=at)
    audit.record(database, Tag.RESET_SENT, by=by, at=at, target=f"person:{person.id}")
    minutes = str(int(LINK_LIFE[Purpose.RESET].total_seconds() // 60))
    tell(database, person, "reset", at=at, token=token, minutes=minutes)
    return token


def ask_reset(database: Database, *, email: str, at: datetime) -> None:
    """Mail a reset to whoever has this address; somebody who has not joined yet gets their invitation again."""
    person = queries.person_by_email(database, email)
    if person is None or not person.active:
        return
    if person.password_hash:
        send_reset(database, person, by="", at=at)
    else:
        send_invitation(database, person, by="", at=at)


def accept(database: Database, *, token: str, password_hash: str, at: datetime) -> tuple[Person, Purpose] | None:
    """Use a link: its person has this password from now on. None: it was used, or has run out, or never was."""
    used = database.execute(
        sa.update(Link)
        .where(Link.digest == crypto.digest(token), Link.used_at.is_(None), Link.expires_at > at)
        .values(used_at=at)
        .returning(Link.person_id, Link.purpose)
    ).first()
    person = database.get(Person, used[0]) if used else None
    if used is None or person is None or not person.active:
        return None
    purpose = Purpose(used[1])
    if purpose is Purpose.INVITATION:
        person.password_hash = password_hash
        audit.record(database, Tag.INVITATION_TAKEN, by=person.name, at=at, target=f"person:{person.id}")
    else:
        set_password(database, person, password_hash=password_hash, by=person.name, at=at)
    return person, purpose


def enter_by_link(
    database: Database, person: Person, purpose: Purpose, *, visitor: Visitor, at: datetime
) -> Opened | None:
    """Let somebody in who has just taken up an invitation; None: whoever has reset a password signs in with it.

    So a reset never stands for the second factor, and neither does an invitation where there is one already.
    """
    if purpose is not Purpose.INVITATION or queries.has_factor(database, person):
        return None
    return begin(database, person, how="invitation", visitor=visitor, at=at)


def first_link(database: Database, *, name: str, at: datetime) -> str | None:
    """Make a link with which the first person of an installation chooses a password; None: somebody can sign in."""
    everybody = queries.people(database)
    if any(person.password_hash for person in everybody):
        return None
    person = queries.person_by_email(database, FIRST_EMAIL)
    if person is None:
        if everybody:
            return None
        roles = (Role.AUTHOR, Role.REVIEWER, Role.ADMINISTRATOR)
        person = create(database, email=FIRST_EMAIL, name=name, roles=roles, by="command", at=at)
    return make_link(database, person_id=person.id, purpose=Purpose.INVITATION, at=at, life=FIRST_LIFE)
