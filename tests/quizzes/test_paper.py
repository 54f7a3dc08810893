"""Sheets typed by two people or taken from a file: each becomes one attempt, once, as if taken on the site."""

from __future__ import annotations

import threading
from datetime import UTC, datetime
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.core.database import db, transaction
from portal.core.settings import Audience
from portal.quizzes.models import Group, PaperSheet, QuizVersion
from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.bank import Source
from portal.quizzes.services import paper
from portal.quizzes.services.paper import Stage, Typist
from tests.quizzes.sheets import (
    ANN,
    AT,
    BOB,
    CODE,
    EVE,
    ONE,
    RIGHT,
    WRONG,
    ZONE,
    attempts,
    csv,
    kept,
    key_in,
    take,
    typed,
    version_,
)
from tests.threads import at_once

__all__ = ["version_"]


# --- double keying ---


def test_two_people_who_type_the_same_make_an_attempt(version: int, session: Session) -> None:
    what = typed(group=CODE, day="2026-09-30")
    assert key_in(version, ANN, what) is Stage.HALF
    assert kept(session) == (0, 0, 1, 0)
    assert key_in(version, BOB, what) is Stage.TAKEN
    [attempt] = attempts(session)
    assert (attempt.percent, attempt.passed, attempt.source) == (100, True, Source.PAPER)
    assert (attempt.audience, attempt.token, attempt.code_digest) == (Audience.ELDERLY, None, None)
    # The quarter is that of the lecture, not that of the typing.
    assert (attempt.quarter, attempt.finished_at) == ("2026Q3", datetime(2026, 9, 30, 4, tzinfo=UTC))
    group = session.scalars(sa.select(Group)).one()
    assert attempt.group_id == group.id
    session.rollback()
    with pytest.raises(paper.AlreadyTaken):
        key_in(version, EVE)
    tags = session.scalars(sa.select(Event.tag).order_by(Event.id)).all()
    assert tags[-2:] == ["quiz:paper:typed", "quiz:paper:typed"]


def test_the_same_person_cannot_be_both(version: int, session: Session) -> None:
    key_in(version, ANN)
    with pytest.raises(paper.SamePerson):
        key_in(version, ANN)
    assert kept(session) == (0, 0, 1, 0)


@pytest.mark.parametrize("mends", [ANN, BOB])
def test_where_two_differ_either_types_again(version: int, session: Session, mends: Typist) -> None:
    key_in(version, ANN, typed(WRONG))
    assert key_in(version, BOB) is Stage.DIFFERENT
    again = typed() if mends is ANN else typed(WRONG)
    other = typed({0: Answer(dont_know=True)})
    assert key_in(version, mends, other) is Stage.DIFFERENT
    assert key_in(version, mends, again) is Stage.TAKEN
    assert [one.percent for one in attempts(session)] == [100 if mends is ANN else 50]


@pytest.mark.parametrize(("says", "percent"), [(RIGHT, 100), (WRONG, 50)])
def test_a_third_person_settles_it(version: int, session: Session, says: dict[int, Answer], percent: float) -> None:
    key_in(version, ANN, typed(WRONG))
    key_in(version, BOB)
    assert key_in(version, EVE, typed(says)) is Stage.TAKEN
    assert [one.percent for one in attempts(session)] == [percent]
    row = session.scalars(sa.select(PaperSheet)).one()
    assert {row.first_by, row.second_by} == {"陈晓", "周明" if says is RIGHT else "林静"}


def test_a_third_opinion_replaces_the_second(version: int, session: Session) -> None:
    key_in(version, ANN, typed(WRONG))
    key_in(version, BOB)
    assert key_in(version, EVE, typed({0: Answer(dont_know=True)})) is Stage.DIFFERENT
    row = session.scalars(sa.select(PaperSheet)).one()
    assert (row.first_by, row.second_by) == ("林静", "陈晓")


def test_audience_group_and_day_are_typed_twice_as_well(version: int, session: Session) -> None:
    key_in(version, ANN, typed(group=CODE))
    assert key_in(version, BOB, typed(audience=Audience.GENERAL)) is Stage.DIFFERENT
    assert key_in(version, BOB, typed(group=CODE)) is Stage.TAKEN


def test_what_cannot_be_is_refused_and_changes_nothing(version: int, session: Session) -> None:
    with pytest.raises(paper.NoSuchGroup):
        key_in(version, ANN, typed(group="ZZZZ9999"))
    with pytest.raises(paper.NoAnswers):
        key_in(version, ANN, typed({}))
    assert kept(session) == (0, 0, 0, 0)


# --- two at once, and a control ---


def test_two_second_typists_at_once_make_one_attempt(version: int, app: Flask, session: Session) -> None:
    key_in(version, ANN)
    came = at_once(app, partial(key_in, version, BOB), partial(key_in, version, EVE))
    assert sorted(type(one).__name__ for one in came) == ["AlreadyTaken", "Stage"]
    assert kept(session) == (1, 2, 1, 0)


def test_two_first_typists_at_once_make_one_sheet(version: int, app: Flask, session: Session) -> None:
    came = at_once(app, partial(key_in, version, BOB), partial(key_in, version, EVE))
    assert sorted(came) == [Stage.HALF, Stage.TAKEN]
    assert kept(session) == (1, 2, 1, 0)


def test_the_control_looks_before_its_turn_and_makes_two(version: int, app: Flask, session: Session) -> None:
    """Without the lock the same race makes two attempts of one sheet: the tests above can fail."""
    key_in(version, ANN)
    both_looked = threading.Barrier(2)

    def careless() -> None:
        row = paper.find(db.session(), version_id=version, sheet=ONE)
        assert row is not None
        is_free = row.attempt_id is None
        row_id = row.id
        db.session.remove()
        both_looked.wait(60)
        with transaction() as unit:
            if is_free:
                found = unit.get_one(PaperSheet, row_id)
                paper._take(unit, unit.get_one(QuizVersion, version), ONE, found, at=AT, zone=ZONE)

    assert at_once(app, careless, careless) == [None, None]
    assert kept(session)[0] == 2


def test_a_file_sent_twice_at_once_is_taken_once(version: int, app: Flask, session: Session) -> None:
    raw = csv(*[f"P1-1-{n},general,,B,A" for n in range(1, 31)])
    came = at_once(app, partial(take, raw), partial(take, raw))
    assert sorted(one.is_done for one in came) == [False, True]
    assert kept(session) == (30, 60, 30, 1)
