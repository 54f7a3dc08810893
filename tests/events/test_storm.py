"""Many at once, in several processes, on the engine at hand: nothing is oversold and nobody is passed over."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.events.models import Pool, Registration
from portal.events.rules.seats import HOLDING, State
from tests.events.hall import lecture
from tests.house.files import ROOT

PROCESSES = 4


def storm(settings: Settings, event: int, how: str, *, threads: int, acts: int) -> Counter[str]:
    """Let several processes loose on a lecture; return what people were told."""
    db.session.rollback()
    running = []
    for part in range(PROCESSES):
        told = {"data": str(settings.data), "database": settings.database_url, "event": event, "how": how}
        told |= {"part": part, "threads": threads, "acts": acts}
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.events.storm"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(told).encode())
        process.stdin.close()
        process.stdin = None
        running.append(process)
    said: Counter[str] = Counter()
    for process in running:
        came = json.loads(process.communicate()[0])
        assert came["problems"] == []
        said.update(came["said"])
    return said


def pool_of(event: int) -> Pool:
    return db.session.scalars(sa.select(Pool).where(Pool.event_id == event)).one()


def rows_of(event: int) -> list[Any]:
    columns = (Registration.id, Registration.seats, Registration.state, Registration.confirmed_at)
    statement = sa.select(*columns).where(Registration.event_id == event).order_by(Registration.id)
    return list(db.session.execute(statement).all())


def is_sound(event: int) -> bool:
    """Return whether the pool's count is the sum of the seats that are held, and within its bound."""
    pool = pool_of(event)
    held = sum(row.seats for row in rows_of(event) if row.state in HOLDING)
    return pool.taken == held <= pool.capacity


def passed_over(event: int) -> list[tuple[int, int]]:
    """Return who waits while somebody who came later, and needs as much or more, has or had seats."""
    rows = rows_of(event)
    had = [
        row
        for row in rows
        if row.state in HOLDING | {State.PASSED} or row.confirmed_at is not None or row.state is State.LAPSED
    ]
    return [
        (one.id, other.id)
        for one in rows
        if one.state is State.WAITING
        for other in had
        if other.id > one.id and other.seats >= one.seats
    ]


@pytest.fixture
def hall(app: Flask) -> int:
    """Return a lecture with ten seats."""
    with transaction() as session:
        return lecture(session, seats=10).id


def test_two_hundred_for_ten_seats(hall: int, settings: Settings) -> None:
    said = storm(settings, hall, "register", threads=10, acts=5)
    assert said == {"confirmed": 10, "waiting": 190}
    stored = Counter(row.state.value for row in rows_of(hall))
    assert stored == said
    first = [row.id for row in rows_of(hall)][:10]
    assert [row.id for row in rows_of(hall) if row.state is State.CONFIRMED] == first
    assert is_sound(hall)


def test_without_the_guard_they_would_be_oversold(hall: int, settings: Settings) -> None:
    if db.engine.dialect.name == "postgresql":
        with transaction() as session:
            session.execute(sa.text("ALTER TABLE events_pool DROP CONSTRAINT ck_events_pool_not_oversold"))
    said = storm(settings, hall, "overbook", threads=20, acts=1)
    assert said["confirmed"] > 10
    assert pool_of(hall).taken > 10


def test_two_thousand_acts_of_every_kind(app: Flask, settings: Settings) -> None:
    with transaction() as session:
        hall = lecture(session, seats=60).id
    said = storm(settings, hall, "mix", threads=5, acts=100)
    assert sum(said.values()) == 2_000
    assert is_sound(hall)
    assert passed_over(hall) == []
    # Whoever fits has been asked: what is left free is too little for everybody who waits.
    pool = pool_of(hall)
    waiting = [row.seats for row in rows_of(hall) if row.state is State.WAITING]
    assert all(seats > pool.capacity - pool.taken for seats in waiting)
    # The storm was one: each kind of act did something.
    for act in ("register waiting", "group waiting", "cancel True", "accept True", "pass_on True", "shrink True"):
        assert said[act] > 0, said
