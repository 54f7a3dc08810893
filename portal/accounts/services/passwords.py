"""Passwords: hashed with argon2id, at most two at a time, so that many sign-ins at once cannot take all memory."""

from __future__ import annotations

import threading
from datetime import datetime

import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError
from sqlalchemy.orm import Session as Database

from portal.accounts.models import Link, Person
from portal.accounts.rules import LONGEST, Weakness, folded, weakness
from portal.accounts.services.notices import tell
from portal.accounts.services.sessions import Opened, end_all, renew
from portal.audit import services as audit
from portal.audit.rules import Tag

HASHER = PasswordHasher(time_cost=2, memory_cost=47_104, parallelism=1)
_TURN = threading.BoundedSemaphore(2)
NOBODY = "$argon2id$v=19$m=47104,t=2,p=1$z8DTPhe3vGC4KeVHYpQkjg$6luvamqyNTUNdRSFmASR6ZCMxjSyiJj657et1Uul6tU"
"""A hash that no password has: where there is no account, this one is compared, so that the answer takes as long."""


def hash_password(password: str) -> str:
    """Return what is stored of a password."""
    with _TURN:
        return HASHER.hash(folded(password))


def fits(stored: str, password: str) -> bool:
    """Return whether `password` is the one of which `stored` is the hash; takes as long where there is none."""
    with _TURN:
        try:
            right = HASHER.verify(stored or NOBODY, folded(password[: LONGEST + 1]))
        except (Argon2Error, InvalidHashError):
            return False
    return right and bool(stored) and len(password) <= LONGEST


def is_dated(stored: str) -> bool:
    """Return whether a hash was made with weaker settings than today's."""
    return HASHER.check_needs_rehash(stored)


def set_password(
    database: Database, person: Person, *, password_hash: str, by: str, at: datetime, keep: int | None = None
) -> None:
    """Store a new password's hash, end the person's sessions but `keep` and their mailed links, and tell them."""
    person.password_hash = password_hash
    end_all(database, person_id=person.id, keep=keep)
    database.execute(sa.update(Link).where(Link.person_id == person.id, Link.used_at.is_(None)).values(used_at=at))
    audit.record(database, Tag.PASSWORD_CHANGED, by=by, at=at, target=f"person:{person.id}")
    tell(database, person, "password-changed", at=at)


def change_password(
    database: Database, *, person_id: int, stored: str, password_hash: str, session_id: int, at: datetime
) -> Opened | None:
    """Change a person's own password; all other sessions end and this one goes on under another token.

    None: the password of which `stored` is the hash has been changed meanwhile, or the session has ended.
    """
    person = database.get_one(Person, person_id)
    opened = renew(database, session_id=session_id, confirmed_at=at)
    if opened is None or person.password_hash != stored:
        return None
    set_password(database, person, password_hash=password_hash, by=person.name, at=at, keep=session_id)
    return opened


def refuse_weak(person: Person, password: str) -> Weakness | None:
    """Return why a person cannot have this password."""
    return weakness(password, own=(person.name, person.email))
