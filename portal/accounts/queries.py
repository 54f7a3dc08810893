"""Reads of people, sessions, second factors and links."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session as Database

from portal.accounts.models import Attempt, Link, Passkey, Person, Place, RecoveryCode, Session
from portal.accounts.rules import LIMITS, Kind, Role, Scope, Stage, is_live, network, wait
from portal.core import crypto
from portal.core.settings import Locale

PLACE_LIFE = timedelta(days=90)


def email_digest(email: str) -> str:
    """Return what an address is looked up by; capitals make no difference."""
    return crypto.keyed_digest(email.strip().casefold(), purpose="account address")


def email_digests(email: str) -> list[str]:
    """Return what an address may lie under while the site's keys are rotated."""
    return crypto.keyed_digests(email.strip().casefold(), purpose="account address")


def address_digest(address: str) -> str:
    """Return what a network address is counted by."""
    return crypto.keyed_digest(network(address), purpose="network address")


def address_digests(address: str) -> list[str]:
    """Return what a network address may lie under while the site's keys are rotated."""
    return crypto.keyed_digests(network(address), purpose="network address")


@dataclass(frozen=True, slots=True)
class Known:
    """Somebody who has shown a live session, as far as a request needs to know."""

    session_id: int
    person_id: int
    name: str
    locale: Locale
    roles: tuple[str, ...]
    stage: Stage
    confirmed_at: datetime
    seen_at: datetime
    lacks_factor: bool
    """Their roles demand a second factor that they have not set up."""


def known(database: Database, token: str, *, at: datetime) -> Known | None:
    """Return whose session `token` is; None: nobody's, too old, or its person was disabled."""
    row = database.execute(
        sa.select(Session, Person, _has_factor())
        .join(Person, Person.id == Session.person_id)
        .where(Session.digest == crypto.digest(token), Person.active)
    ).first()
    if row is None:
        return None
    session, person, has_factor = row
    if not is_live(stage=session.stage, created_at=session.created_at, seen_at=session.seen_at, at=at):
        return None
    return Known(
        session_id=session.id,
        person_id=person.id,
        name=person.name,
        locale=person.locale,
        roles=tuple(person.roles),
        stage=session.stage,
        confirmed_at=session.confirmed_at,
        seen_at=session.seen_at,
        lacks_factor=person.must_have_factor and not has_factor,
    )


def _has_factor() -> sa.ColumnElement[bool]:
    return sa.or_(Person.totp_secret.is_not(None), sa.exists().where(Passkey.person_id == Person.id))


def has_factor(database: Database, person: Person) -> bool:
    """Return whether a person has set up any second factor."""
    return person.totp_secret is not None or bool(passkeys(database, person.id))


def person_by_email(database: Database, email: str) -> Person | None:
    """Return the person with this mail address."""
    return database.scalar(sa.select(Person).where(Person.email_digest.in_(email_digests(email))))


def people(database: Database) -> Sequence[Person]:
    """Return everybody: those who may sign in first, by name."""
    return database.scalars(sa.select(Person).order_by(Person.active.desc(), Person.name, Person.id)).all()


def named(database: Database, ids: Collection[int | None]) -> Sequence[Person]:
    """Return those of these ids who have an account, in the order in which they came."""
    return database.scalars(sa.select(Person).where(Person.id.in_(ids)).order_by(Person.id)).all()


def reviewers(database: Database, *, but: Collection[int] = ()) -> list[Person]:
    """Return everybody who reviews, without those of `but`, who wrote what is to be reviewed."""
    return [person for person in people(database) if Role.REVIEWER in person.roles and person.id not in but]


def with_factor(database: Database) -> set[int]:
    """Return the ids of everybody who has a second factor."""
    return set(database.scalars(sa.select(Person.id).where(_has_factor())))


def other_administrators(database: Database, person_id: int) -> int:
    """Return how many people besides this one can look after the people, now and by themselves.

    Everybody's row is held until the write unit ends, in one order: of two administrators who take each other's role
    away at once, the second sees what the first has done.
    """
    rows = database.scalars(
        sa.select(Person)
        .where(Person.active)
        .order_by(Person.id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return sum(1 for one in rows if one.id != person_id and one.is_administrator and one.password_hash)


def sessions(database: Database, person_id: int, *, at: datetime) -> list[Session]:
    """Return a person's live sessions, the one used last first."""
    rows = database.scalars(
        sa.select(Session)
        .where(Session.person_id == person_id, Session.stage == Stage.COMPLETE)
        .order_by(Session.seen_at.desc(), Session.id.desc())
    )
    return [one for one in rows if is_live(stage=one.stage, created_at=one.created_at, seen_at=one.seen_at, at=at)]


def passkeys(database: Database, person_id: int) -> Sequence[Passkey]:
    """Return a person's passkeys, the oldest first."""
    return database.scalars(sa.select(Passkey).where(Passkey.person_id == person_id).order_by(Passkey.id)).all()


def recovery_codes_left(database: Database, person_id: int) -> int:
    """Return how many recovery codes a person can still use."""
    return (
        database.scalar(
            sa.select(sa.func.count()).where(RecoveryCode.person_id == person_id, RecoveryCode.used_at.is_(None))
        )
        or 0
    )


def live_link(database: Database, token: str, *, at: datetime) -> tuple[Link, Person] | None:
    """Return the link with this token and its person; None: unknown, used, too old, or its person was disabled."""
    row = database.execute(
        sa.select(Link, Person)
        .join(Person, Person.id == Link.person_id)
        .where(
            Link.digest == crypto.digest(token), Link.used_at.is_(None), Link.expires_at > at, Person.active.is_(True)
        )
    ).first()
    return (row[0], row[1]) if row else None


def must_wait(
    database: Database, kind: Kind, *, accounts: list[str], addresses: list[str], at: datetime
) -> timedelta | None:
    """Return how long further attempts must wait; None: one may be made now.

    Args:
        accounts: the digests of one mail address.
        addresses: the digests of one network address.

    From a place where the owner has signed in before, guesses that came from elsewhere are not counted.
    """
    at_home = kind is not Kind.RESET and _is_home(database, accounts=accounts, addresses=addresses, at=at)
    waits = []
    for limit in LIMITS[kind]:
        asked = sa.select(Attempt.at).where(Attempt.kind == kind, Attempt.at > at - limit.within)
        if limit.scope is Scope.ACCOUNT:
            asked = asked.where(Attempt.account.in_(accounts))
            if at_home:
                asked = asked.where(Attempt.address.in_(addresses))
        elif limit.scope is Scope.ADDRESS:
            asked = asked.where(Attempt.address.in_(addresses))
        elif at_home:
            continue
        times = database.scalars(asked.order_by(Attempt.at.desc()).limit(limit.most)).all()
        must = wait(times, limit, at)
        if must is not None:
            waits.append(must)
    return max(waits, default=None)


def _is_home(database: Database, *, accounts: list[str], addresses: list[str], at: datetime) -> bool:
    return bool(
        database.scalar(
            sa.select(
                sa.exists()
                .where(Place.address.in_(addresses), Place.last_at > at - PLACE_LIFE)
                .where(Place.person_id == Person.id, Person.email_digest.in_(accounts))
            )
        )
    )
