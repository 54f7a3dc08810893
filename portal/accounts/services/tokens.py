"""Tokens by which programs of the bank read figures: made by a command, for one person, for a year at most."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session as Database

from portal.accounts.models import Person, Token
from portal.accounts.rules import permissions
from portal.audit import services as audit
from portal.audit.rules import Tag
from portal.core import crypto
from portal.core.access import Actor
from portal.core.settings import Permission

LIFETIME = timedelta(days=365)
READ_ONLY = frozenset({Permission.ANALYSE})
"""What a token can be good for, whatever else its person may do."""


def make(database: Database, *, person: Person, label: str, by: str, at: datetime) -> str:
    """Make a token and return it; it is shown this once, and only its digest is kept."""
    token = crypto.token()
    database.add(
        Token(
            person_id=person.id,
            digest=crypto.digest(token),
            label=label,
            created_at=at,
            created_by=by,
            expires_at=at + LIFETIME,
        )
    )
    audit.record(database, Tag.PROGRAM_LET_IN, by=by, at=at, target=f"person:{person.id}", details={"label": label})
    return token


def revoke(database: Database, *, token_id: int, by: str, at: datetime) -> bool:
    """End a token; return whether there was one that still held."""
    token = database.get(Token, token_id)
    if token is None or token.revoked_at is not None:
        return False
    token.revoked_at = at
    details = {"label": token.label}
    audit.record(database, Tag.PROGRAM_ENDED, by=by, at=at, target=f"person:{token.person_id}", details=details)
    return True


def of(database: Database, person: Person) -> Sequence[Token]:
    """Return the tokens of a person that were ever made, the newest first."""
    return database.scalars(sa.select(Token).where(Token.person_id == person.id).order_by(Token.id.desc())).all()


def actor_of(database: Database, shown: str, *, at: datetime) -> Actor | None:
    """Return in whose name a token speaks, with what it may do; None: it holds no more, or never did."""
    row = database.execute(
        sa.select(Token, Person)
        .join(Person, Person.id == Token.person_id)
        .where(Token.digest == crypto.digest(shown), Token.revoked_at.is_(None), Token.expires_at > at, Person.active)
    ).one_or_none()
    if row is None:
        return None
    token, person = row
    return Actor(
        id=person.id,
        name=person.name,
        locale=person.locale,
        permissions=permissions(person.roles) & READ_ONLY,
        session_id=0,
        confirmed_at=token.created_at,
    )
