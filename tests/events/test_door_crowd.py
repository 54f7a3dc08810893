"""Several doors at the same moment: people are counted once, and the control counts them twice."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from portal.core.database import db, transaction
from portal.events.models import Registration
from portal.events.queries import door as reads
from portal.events.rules.attendance import AdmissionSource
from portal.events.services import door
from portal.events.services.door import Admitted, Outcome
from tests.conftest import POSTGRES
from tests.events.doors import DOOR, OFFLINE, heads, let_in, rows
from tests.events.hall import come, lecture
from tests.threads import at_once

# --- two doors at once --------------------------------------------------------------------------------------------


def _storm(app: Flask, source: AdmissionSource) -> tuple[list[Any], reads.Counts, int]:
    with transaction() as session:
        hall = lecture(session)
        number, who = hall.id, come(session, hall, seats=3).id

    def one_door() -> Admitted:
        with transaction() as session:
            return let_in(session, number, who, 1, source=source)

    came = at_once(app, *[one_door] * 8)
    with transaction() as session:
        return came, reads.counts(session, number), rows(session)


def test_eight_doors_at_the_same_moment_let_a_party_of_three_in_once(app: Flask) -> None:
    came, counts, kept = _storm(app, DOOR)
    assert sorted(one.outcome for one in came) == ["already"] * 5 + ["counted"] * 3
    assert (counts.inside, kept) == (3, 3)


def test_eight_telephones_send_at_the_same_moment(app: Flask) -> None:
    came, counts, kept = _storm(app, OFFLINE)
    assert sorted(one.outcome for one in came) == ["conflict"] * 5 + ["counted"] * 3
    assert (counts.inside, counts.conflicts, kept) == (3, 5, 8)


def test_without_the_lock_people_would_be_counted_twice(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: two doors that look before either has written, as they would without the lock."""
    with transaction() as session:
        hall = lecture(session)
        number, who = hall.id, come(session, hall).id
    both_have_looked = threading.Barrier(2)
    look = reads.inside
    if POSTGRES:
        # The step as it is, save for the lock.
        def unlocked(session: Session, event_id: int, **_how: Any) -> Registration:
            return session.get_one(Registration, who)

        def slowly(session: Session, registration_id: int) -> int:
            seen = look(session, registration_id)
            both_have_looked.wait(20)
            return seen

        monkeypatch.setattr(door, "_locked", unlocked)
        monkeypatch.setattr(reads, "inside", slowly)
    else:
        # The lock is the write unit itself, so the look has to lie outside it.
        seen = threading.local()
        monkeypatch.setattr(reads, "inside", lambda _session, _who: seen.inside)

    def one_door() -> Admitted:
        if not POSTGRES:
            seen.inside = look(db.session(), who)
            db.session.rollback()
            both_have_looked.wait(20)
        with transaction() as session:
            return let_in(session, number, who)

    came = at_once(app, one_door, one_door)
    assert [one.outcome for one in came] == [Outcome.COUNTED] * 2
    monkeypatch.undo()
    with transaction() as session:
        assert reads.inside(session, who) == 2


def test_the_same_step_sent_at_the_same_moment_is_one_row(app: Flask) -> None:
    with transaction() as session:
        number = lecture(session).id

    def send() -> Admitted:
        with transaction() as session:
            return heads(session, number, 5, nonce="same step" * 3)

    came = at_once(app, *[send] * 6)
    assert {one.outcome for one in came} == {Outcome.COUNTED}
    with transaction() as session:
        assert (reads.counts(session, number).inside, rows(session)) == (5, 1)
