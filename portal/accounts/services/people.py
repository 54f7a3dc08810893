"""People: made, renamed, given roles, disabled and enabled."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session as Database

from portal.accounts import queries
from portal.accounts.models import Link, Person
from portal.accounts.rules import Obstacle, Role, obstacle_to_disabling, obstacle_to_roles
from portal.accounts.services.notices import tell
from portal.accounts.services.sessions import end_all
from portal.audit import services as audit
from portal.audit.rules import Tag
from portal.core.errors import PortalError
from portal.core.settings import DEFAULT_LOCALE, Locale


class Refused(PortalError):
    """The act cannot be done; `obstacle` says why."""

    def __init__(self, obstacle: Obstacle) -> None:
        super().__init__(obstacle.value)
        self.obstacle = obstacle


def create(
    database: Database,
    *,
    email: str,
    name: str,
    roles: Iterable[str],
    by: str,
    at: datetime,
    password_hash: str = "",
    locale: Locale = DEFAULT_LOCALE,
) -> Person:
    """Make an account; without a password hash nobody can sign in with it yet.

    Raises:
        Refused: the address belongs to somebody already, or there is no role.
    """
    chosen = [role.value for role in Role if role in set(roles)]
    if not chosen:
        raise Refused(Obstacle.NO_ROLE)
    # The constraint refuses the same digest; while keys are rotated a person may still lie under a former one.
    if queries.person_by_email(database, email) is not None:
        raise Refused(Obstacle.TAKEN)
    person = Person(
        email=email.strip(),
        email_digest=queries.email_digest(email),
        name=name,
        locale=locale,
        roles=chosen,
        active=True,
        password_hash=password_hash,
        totp_secret=None,
        totp_step=0,
        created_at=at,
    )
    try:
        with database.begin_nested():
            database.add(person)
    except sa.exc.IntegrityError:
        raise Refused(Obstacle.TAKEN) from None
    audit.record(database, Tag.PERSON_CREATED, by=by, at=at, target=f"person:{person.id}", details={"roles": chosen})
    return person


def rename(database: Database, *, person_id: int, name: str, locale: Locale, at: datetime) -> None:
    """Change the name a person goes by and the language they are spoken to in."""
    person = database.get_one(Person, person_id)
    old = person.name
    person.locale = locale
    if old != name:
        person.name = name
        audit.record(
            database,
            Tag.PERSON_RENAMED,
            by=old,
            at=at,
            target=f"person:{person_id}",
            details={"old": old, "new": name},
        )


def set_roles(
    database: Database,
    *,
    person_id: int,
    roles: Iterable[str],
    by_id: int | None,
    by: str,
    at: datetime,
    keep: int | None,
) -> bool:
    """Give a person these roles and end their sessions, so that they come back with what they may do now.

    Args:
        keep: the session of whoever changes their own roles.

    Returns:
        Whether anything has changed.

    Raises:
        Refused: it would leave nobody to look after the people, or take that role from oneself.
    """
    person = database.get_one(Person, person_id)
    wanted = set(roles)
    obstacle = obstacle_to_roles(
        by_id=by_id,
        person_id=person_id,
        old=person.roles,
        new=wanted,
        other_administrators=queries.other_administrators(database, person_id),
    )
    if obstacle:
        raise Refused(obstacle)
    old, new = list(person.roles), [role.value for role in Role if role in wanted]
    if old == new:
        return False
    person.roles = new
    end_all(database, person_id=person_id, keep=keep)
    audit.record(
        database, Tag.ROLES_CHANGED, by=by, at=at, target=f"person:{person_id}", details={"old": old, "new": new}
    )
    tell(database, person, "roles-changed", at=at)
    return True


def disable(database: Database, *, person_id: int, by_id: int | None, by: str, at: datetime) -> None:
    """Let a person in no more; their sessions and links end. What they did stays under their name.

    Raises:
        Refused: it is oneself, or the last who looks after the people.
    """
    person = database.get_one(Person, person_id)
    obstacle = obstacle_to_disabling(
        by_id=by_id,
        person_id=person_id,
        roles=person.roles,
        other_administrators=queries.other_administrators(database, person_id),
    )
    if obstacle:
        raise Refused(obstacle)
    person.active = False
    end_all(database, person_id=person_id, keep=None)
    database.execute(sa.delete(Link).where(Link.person_id == person_id))
    audit.record(database, Tag.PERSON_DISABLED, by=by, at=at, target=f"person:{person_id}")


def enable(database: Database, *, person_id: int, by: str, at: datetime) -> None:
    """Let a person in again, with the password and factors they had."""
    database.get_one(Person, person_id).active = True
    audit.record(database, Tag.PERSON_ENABLED, by=by, at=at, target=f"person:{person_id}")
