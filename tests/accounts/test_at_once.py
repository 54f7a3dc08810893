"""Two at once: a code, a link and a recovery code admit one. Controls show that the race is real."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session as Database

from portal.accounts import queries, services
from portal.accounts.models import Attempt, Link, Person
from portal.accounts.rules import Kind, Purpose, Role, Stage
from portal.accounts.services.factors import step_of
from portal.core import crypto
from portal.core.database import db, transaction
from tests.accounts.helpers import SECRET, code_at, hashed, person
from tests.threads import at_once

NOW = datetime(2026, 11, 22, 6, 0, 7, tzinfo=UTC)
MANY = 6


def together(app: Flask, act: Callable[[threading.Barrier], Any], count: int = MANY) -> list[Any]:
    """Do `act` in so many threads, each with a connection of its own, and return what came of each."""
    barrier = threading.Barrier(count)
    return at_once(app, *[partial(act, barrier)] * count)


def test_a_code_admits_one_of_many(app: Flask, session: Database) -> None:
    reviewer = person(session, Role.REVIEWER)
    number, code = reviewer.id, code_at(NOW)

    def use(barrier: threading.Barrier) -> Any:
        barrier.wait(30)
        with transaction() as database:
            return services.accept_code(database, person_id=number, typed=code, at=NOW)

    accepted = together(app, use)
    assert sum(one is not None for one in accepted) == 1


def test_control_looking_first_and_storing_later_admits_all(app: Flask, session: Database) -> None:
    reviewer = person(session, Role.REVIEWER)
    number, code = reviewer.id, code_at(NOW)

    def use(barrier: threading.Barrier) -> bool:
        found = db.session.get_one(Person, number)
        step = step_of(SECRET, code, at=NOW)
        assert step is not None
        fresh = found.totp_step < step
        db.session.rollback()
        barrier.wait(30)
        with transaction() as database:
            database.get_one(Person, number).totp_step = step
        return fresh

    assert together(app, use) == [True] * MANY


def test_a_recovery_code_admits_one_of_many(app: Flask, session: Database) -> None:
    reviewer = person(session, Role.REVIEWER)
    number = reviewer.id
    with transaction() as database:
        codes = services.new_recovery_codes(database, person_id=number, by="test", at=NOW)

    def use(barrier: threading.Barrier) -> Any:
        barrier.wait(30)
        with transaction() as database:
            return services.accept_code(database, person_id=number, typed=codes[0], at=NOW)

    assert sum(one is not None for one in together(app, use)) == 1


def link(number: int) -> str:
    with transaction() as database:
        return services.make_link(database, person_id=number, purpose=Purpose.RESET, at=NOW)


def test_a_link_works_for_one_of_many(app: Flask, session: Database) -> None:
    token = link(person(session).id)

    def use(barrier: threading.Barrier) -> Any:
        barrier.wait(30)
        with transaction() as database:
            accepted = services.accept(database, token=token, password_hash=hashed(), at=NOW)
            return accepted is not None

    assert sorted(together(app, use)) == [False] * (MANY - 1) + [True]


def test_control_a_link_that_is_looked_at_first_works_for_all(app: Flask, session: Database) -> None:
    token = link(person(session).id)

    def use(barrier: threading.Barrier) -> bool:
        found = db.session.scalars(sa.select(Link).where(Link.digest == crypto.digest(token))).one()
        live = found.used_at is None
        db.session.rollback()
        barrier.wait(30)
        with transaction() as database:
            database.execute(sa.update(Link).where(Link.digest == crypto.digest(token)).values(used_at=NOW))
        return live

    assert together(app, use) == [True] * MANY


def test_no_more_guesses_than_the_limit_get_through_at_once(app: Flask, session: Database) -> None:
    def guess(barrier: threading.Barrier) -> bool:
        barrier.wait(30)
        try:
            with transaction() as database:
                services.reserve(database, Kind.CODE, email="a@example.org", address="10.0.0.1", at=NOW)
        except services.Throttled:
            return False
        return True

    assert sum(together(app, guess, 12)) == 5
    assert len(session.scalars(sa.select(Attempt)).all()) == 5


def test_two_administrators_cannot_disable_each_other(app: Flask, session: Database) -> None:
    one, two = person(session, Role.ADMINISTRATOR), person(session, Role.ADMINISTRATOR)
    pairs = [(one.id, two.id), (two.id, one.id)]

    def act(barrier: threading.Barrier) -> bool:
        by_id, person_id = pairs.pop()
        barrier.wait(30)
        try:
            with transaction() as database:
                services.disable(database, person_id=person_id, by_id=by_id, by="x", at=NOW)
        except services.Refused:
            return False
        return True

    assert sorted(together(app, act, 2)) == [False, True]
    session.rollback()
    assert len([someone for someone in session.scalars(sa.select(Person)) if someone.active]) == 1


def test_the_same_address_is_given_to_one_of_many(app: Flask, session: Database) -> None:
    def make(barrier: threading.Barrier) -> bool:
        barrier.wait(30)
        try:
            with transaction() as database:
                services.create(database, email="a@example.org", name="x", roles=[Role.AUTHOR], by="test", at=NOW)
        except services.Refused:
            return False
        return True

    assert sum(together(app, make)) == 1


def test_a_session_renewed_twice_at_once_has_one_token(app: Flask, session: Database) -> None:
    author = person(session)
    with transaction() as database:
        opened = services.open_session(
            database, person_id=author.id, stage=Stage.COMPLETE, visitor=services.Visitor(), at=NOW
        )

    def act(barrier: threading.Barrier) -> str:
        barrier.wait(30)
        with transaction() as database:
            renewed = services.renew(database, session_id=opened.session_id)
            assert renewed
            return renewed.token

    tokens = together(app, act, 2)
    session.rollback()
    assert sum(queries.known(session, token, at=NOW) is not None for token in tokens) == 1
