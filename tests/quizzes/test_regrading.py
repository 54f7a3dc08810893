"""Marking anew in batches: bounded units, nothing twice, whatever happens to the worker; and what waits for its end."""

from __future__ import annotations

import signal
import time
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.core.database import db, transaction
from portal.core.settings import Audience, Locale
from portal.quizzes.models import Attempt, QuizVersion, Regrade, Response
from portal.quizzes.queries import results
from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.bank import Source
from portal.quizzes.rules.items import Item
from portal.quizzes.rules.marking import Outcome
from portal.quizzes.services import drawing, regrading, taking
from tests.articles.desk import AT, BOB
from tests.quizzes.bank import judgement, publish, quiz, single
from tests.quizzes.gathering import END, announce, contest, enter, events
from tests.quizzes.gathering import take as take_for
from tests.quizzes.taken import SHANGHAI, marked_anew, take
from tests.test_worker import once, working
from tests.threads import PATIENCE_S

pytestmark = pytest.mark.usefixtures("desk_library")
SAID = ("a", "b", "c")


def with_right(key: str) -> Item:
    """Return the question with another right option."""
    return single(options=tuple(replace(one, fraction=float(one.id == key)) for one in single().options))


def order(key: str = "b", *, version_id: int = 1) -> None:
    """Publish the question with another key, and order that its answers are marked by it."""
    with transaction() as session:
        publish(session, with_right(key))
        regrading.regrade(session, version_id=version_id, item="code", reason="答案写错了", by=BOB, at=AT)


def step(*, at: datetime = AT) -> bool:
    """Mark one batch."""
    with transaction() as session:
        return regrading.mark_next(session, at=at)


def many(people: int) -> None:
    """Let many take a quiz of two questions whose first has a wrong key; every third says each of the options."""
    with transaction() as session:
        publish(session, with_right("a"), judgement(), quiz())
        layout = [{"item": name, "points": 1.0, "order": []} for name in ("code", "sms")]
        attempts, responses = [], []
        for number in range(1, people + 1):
            said = SAID[number % 3]
            marked = Outcome.RIGHT if said == "a" else Outcome.WRONG
            attempts.append(
                {"id": number, "version_id": 1, "token_digest": f"{number:064}", "series": f"{number:064}",
                 "ordinal": 1, "audience": Audience.GENERAL, "locale": Locale.HANS, "source": Source.WEB,
                 "layout": layout, "started_at": AT, "finished_at": AT, "quarter": "2026Q4", "possible": 2.0,
                 "points": 1.0 + (said == "a"), "percent": 50.0 + 50 * (said == "a"), "passed": said == "a"}
            )  # fmt: skip
            for slot, (item, given, outcome) in enumerate((("code", said, marked), ("sms", "scam", Outcome.RIGHT))):
                responses.append(
                    {"attempt_id": number, "slot": slot, "item": item, "given": {"chosen": [given]}, "seconds": 1.0,
                     "answered_at": AT, "fraction": float(outcome is Outcome.RIGHT), "outcome": outcome}
                )  # fmt: skip
        session.execute(sa.insert(Attempt), attempts)
        session.execute(sa.insert(Response), responses)


def marks(session: Session) -> dict[tuple[Any, ...], int]:
    """Return how many attempts came to what, before and now."""
    session.rollback()
    columns = (
        Response.first_fraction, Response.first_outcome, Response.fraction, Response.outcome,
        Attempt.first_percent, Attempt.first_passed, Attempt.percent, Attempt.passed,
    )  # fmt: skip
    statement = sa.select(*columns, sa.func.count()).join(Attempt, Attempt.id == Response.attempt_id)
    rows = session.execute(statement.where(Response.item == "code").group_by(*columns))
    return {tuple(row[:-1]): row[-1] for row in rows}


def expected(people: int) -> dict[tuple[Any, ...], int]:
    """Return what `marks` has to come to when all have been marked."""
    each = people // 3
    return {
        (1.0, "right", 0.0, Outcome.WRONG, 100.0, True, 50.0, False): each,
        (0.0, "wrong", 1.0, Outcome.RIGHT, 50.0, False, 100.0, True): each,
        (None, None, 0.0, Outcome.WRONG, None, None, 50.0, False): each,
    }


def test_a_worker_that_is_killed_goes_on_where_it_was_and_nothing_is_marked_twice(app: Flask, session: Session) -> None:
    people = 12_000
    many(people)
    order()
    limit = time.monotonic() + PATIENCE_S
    with working(app) as process:
        while how_far() == 0:
            assert time.monotonic() < limit
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
    between = how_far()
    assert 0 < between < people
    assert between % regrading.BATCH == 0
    # What a batch did and how far it came are one: up to there all is marked, beyond it nothing.
    done = session.scalars(sa.select(Attempt.id).where(Attempt.first_percent.is_not(None)).order_by(Attempt.id)).all()
    assert list(done) == [number for number in range(1, between + 1) if SAID[number % 3] != "c"]
    # A read that stays open would keep the worker waiting.
    session.rollback()
    once(app)
    assert marks(session) == expected(people)
    regrade = session.scalars(sa.select(Regrade)).one()
    assert (regrade.answers, regrade.changed, regrade.through) == (people, people // 3 * 2, people)
    assert regrade.done_at is not None
    (event,) = events(session, "bank:version:regrade-done")
    assert (event.actor, event.details) == ("worker", {"item": "code", "answers": people, "changed": people // 3 * 2})
    session.rollback()
    once(app)
    assert (marks(session), len(events(session, "bank:version:regrade-done"))) == (expected(people), 1)


def how_far() -> int:
    with db.engine.connect() as connection:
        return connection.scalar(sa.text("SELECT through FROM quizzes_regrade")) or 0


def test_each_write_unit_marks_one_batch(session: Session) -> None:
    people = 2 * regrading.BATCH
    many(people // 3 * 3)
    order()
    found = []
    while step():
        found.append(how_far())
    assert found == [regrading.BATCH, people // 3 * 3]
    assert marks(session) == expected(people // 3 * 3)


def test_nobody_who_is_answering_is_waited_for(session: Session) -> None:
    if db.engine.dialect.name == "sqlite":
        pytest.skip("SQLite lets one write at a time, so nobody is answering meanwhile")
    many(30)
    order()
    session.rollback()
    with db.engine.connect() as answering:
        answering.execute(sa.text("SELECT 1 FROM quizzes_attempt WHERE id = 11 FOR UPDATE"))
        assert [step(), how_far(), step(), how_far()] == [True, 10, False, 10]
        answering.rollback()
    while step():
        pass
    assert marks(session) == expected(30)


def test_while_it_is_under_way_answers_go_by_the_mended_key(session: Session) -> None:
    with transaction():
        publish(session, with_right("a"), judgement(), quiz())
    ended, begun = take(session, ["b", "scam"]), take(session, [None, "scam"], end=False)
    order()
    with transaction():
        answer = {"slot": 0, "answer": Answer(chosen=("b",)), "at": AT}
        assert taking.save(session, attempt_id=begun.id, **answer).outcome is Outcome.RIGHT  # type: ignore[arg-type]
    # A second order waits for the first, whatever the key is by then.
    with pytest.raises(regrading.CannotRegrade, match="under-way"):
        order("c")
    late = take(session, ["b", "scam"])
    while step():
        pass
    with transaction():
        taking.finish(session, attempt_id=begun.id, at=AT, zone=SHANGHAI)
    session.expire_all()
    assert [(one.first_percent, one.percent) for one in (ended, begun, late)] == [
        (50.0, 100.0),
        (None, 100.0),
        (None, 100.0),
    ]
    regrade = session.scalars(sa.select(Regrade)).one()
    assert (regrade.answers, regrade.changed) == (2, 1)
    with transaction():
        publish(session, with_right("c"))
        marked_anew(session, version_id=1, item="code", reason="又写错了", by=BOB, at=AT)
    session.expire_all()
    assert (ended.first_percent, ended.percent) == (50.0, 50.0)


def test_nobody_answered_and_it_ends_at_once(session: Session) -> None:
    with transaction():
        publish(session, with_right("a"), judgement(), quiz())
    order()
    assert [step(), step()] == [True, False]
    assert results.under_way(session, 1, "code") is None


def test_the_list_of_a_contest_waits_until_all_are_marked(session: Session) -> None:
    number = announce()
    enter(take_for(number).attempt)
    version_id = session.scalars(sa.select(QuizVersion.id)).one()
    order("a", version_id=version_id)
    for act in (drawing.draw, drawing.erase):
        with pytest.raises(drawing.BeingMarked), transaction() as unit:
            act(unit, slug="spring", by="林静", at=END)
    with transaction() as unit:
        assert drawing.close_due(unit, at=END) == 0
    assert contest(session).draw is None
    while step():
        pass
    with transaction() as unit:
        assert drawing.close_due(unit, at=END) == 1
    assert contest(session).draw is not None
