"""Many answers at once: one write unit for those who wait, and nobody pays for another's mistake."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.core.database import db
from portal.core.errors import Busy
from portal.core.together import Together
from portal.search.models import Change

PEOPLE = 12
AT = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)


@pytest.fixture
def commits(app: Flask) -> Iterator[list[int]]:
    """Count the commits of write units from here on."""
    seen: list[int] = []

    def note(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("portal_write"):
            seen.append(1)

    event.listen(db.engine, "commit", note)
    yield seen
    event.remove(db.engine, "commit", note)


def writing(number: int, *, fails: bool = False) -> Callable[[Session], int]:
    """Return a work that writes one row."""

    def work(session: Session) -> int:
        session.execute(sa.insert(Change).values(id=number, document_key=str(number), at=AT))
        if fails:
            raise LookupError(number)
        return number

    return work


def written() -> list[int]:
    db.session.rollback()
    return sorted(db.session.scalars(sa.select(Change.id)))


def at_once(app: Flask, together: Together, works: list[object]) -> list[object]:
    """Let everybody come while the first one's unit is held open; return what each got."""
    inside, go_on = threading.Event(), threading.Event()

    def slow(_session: Session) -> str:
        inside.set()
        assert go_on.wait(30)
        return "first"

    def one(work: object) -> object:
        with app.app_context():
            # As a request does that has looked at its attempt: an open read, which keeps SQLite's writers waiting.
            db.session.scalar(sa.select(sa.func.count()).select_from(Change))
            try:
                return together.run(work)  # type: ignore[arg-type]  # a work
            except Exception as problem:  # looked at below
                return type(problem)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(works) + 1) as pool:
        first = pool.submit(one, slow)
        assert inside.wait(30)
        others = [pool.submit(one, work) for work in works]
        while len(together._waiting) < len(works):
            threading.Event().wait(0.001)
        go_on.set()
        return [first.result(), *(other.result() for other in others)]


def test_those_who_wait_are_committed_together(app: Flask, commits: list[int]) -> None:
    numbers = list(range(1, PEOPLE + 1))
    assert at_once(app, Together(), [writing(number) for number in numbers]) == ["first", *numbers]
    # Two units: the one that was held open, and one for everybody who came meanwhile.
    assert len(commits) == 2
    assert written() == numbers


def test_a_mistake_undoes_only_itself(app: Flask, commits: list[int]) -> None:
    got = at_once(app, Together(), [writing(1), writing(2, fails=True), writing(3), writing(1)])
    assert got[0] == "first"
    assert [got[2], got[3]] == [LookupError, 3]
    # Of two equal ones the second breaks a constraint, and only its own work.
    assert sorted(str(one) for one in (got[1], got[4])) == ["1", "<class 'sqlalchemy.exc.IntegrityError'>"]
    assert written() == [1, 3]


def test_when_the_unit_fails_it_fails_for_everybody(app: Flask, commits: list[int]) -> None:
    def work(_session: Session) -> str:
        return "never"

    def refuse(_connection: sa.Connection) -> None:
        raise sa.exc.OperationalError("commit", {}, Exception("disk full"))

    event.listen(db.engine, "commit", refuse)
    try:
        got = at_once(app, Together(), [work] * 3)
    finally:
        event.remove(db.engine, "commit", refuse)
    assert got == [Busy] * 4
