"""Groups: who may begin with a code, and results that tell sums and nobody; forgetting what was left."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.core.database import transaction
from portal.quizzes import queries
from portal.quizzes.models import Attempt, Group, Response
from portal.quizzes.rules.taking import SIGNS
from portal.quizzes.services import forgetting, groups, taking
from tests.articles.desk import AT
from tests.quizzes.gathering import put, take

pytestmark = pytest.mark.usefixtures("desk_library")


def made(closes: timedelta | None = None) -> Group:
    quiz_id = put()
    with transaction() as session:
        closes_at = AT + closes if closes else None
        return groups.open_group(session, quiz_id=quiz_id, label="三年二班", closes_at=closes_at, by="林静", at=AT)


def test_a_code_gathers_until_it_is_closed(session: Session) -> None:
    group = made(timedelta(hours=1))
    assert len(group.code) == 8
    assert set(group.code) <= set(SIGNS)
    assert take(group=f"{group.code[:4]}-{group.code[4:]}".lower()).attempt.group_id == group.id
    with pytest.raises(taking.GroupClosed):
        take(group=group.code, at=AT + timedelta(hours=1))
    with transaction() as unit:
        groups.close_group(unit, group_id=group.id, by="周明", at=AT + timedelta(minutes=5))
        groups.close_group(unit, group_id=group.id, by="周明", at=AT + timedelta(minutes=9))
        with pytest.raises(LookupError):
            groups.close_group(unit, group_id=99, by="周明", at=AT)
    with pytest.raises(taking.GroupClosed):
        take(group=group.code, at=AT + timedelta(minutes=5))
    session.rollback()
    told = session.execute(sa.select(Event.tag, Event.actor).where(Event.tag.like("quiz:group:%")).order_by(Event.id))
    assert [tuple(row) for row in told] == [("quiz:group:opened", "林静"), ("quiz:group:closed", "周明")]


def test_four_attempts_tell_nothing_and_steps_are_fives(session: Session) -> None:
    group = made()
    for place in range(4):
        take(group=group.code, right=2, at=AT + timedelta(minutes=place))
    assert queries.group_results(session, group) == queries.Results(None, (), {})
    take(group=group.code, right=0, at=AT + timedelta(minutes=9))
    session.rollback()
    found = queries.group_results(session, group)
    assert found.summary is not None
    assert (found.summary.mean, found.summary.median, found.summary.bands) == (80.0, 100.0, (1, 0, 0, 0, 4))
    assert [(f.item, f.asked, f.facility, f.dont_know) for f in found.figures] == [
        ("code", 5, 0.8, 0.0),
        ("sms", 5, 0.8, 0.0),
    ]
    assert found.stems["code"] == "有人要验证码，怎么办？"
    for place in range(4):
        take(group=group.code, right=0, at=AT + timedelta(minutes=10 + place))
        session.rollback()
        more = queries.group_results(session, group).summary
        assert more is not None
        assert (more.finished, more.counted, more.mean) == (6 + place, 5, 80.0)
    take(group=group.code, right=0, at=AT + timedelta(minutes=20))
    session.rollback()
    last = queries.group_results(session, group).summary
    assert last is not None
    assert (last.counted, last.mean) == (10, 40.0)


def test_others_do_not_count(session: Session) -> None:
    group = made()
    for _ in range(5):
        take()
    first = take(group=group.code).attempt
    assert take(after=first.id).attempt.group_id is None
    assert queries.group_results(session, group).summary is None


def test_a_link_is_stored_as_a_digest_and_the_next_one_ends_it(session: Session) -> None:
    group = made()
    with transaction() as unit:
        first = groups.new_link(unit, group_id=group.id, by="林静", at=AT)
        found = groups.of_link(unit, first)
        assert found is not None
        assert found.id == group.id
    with transaction() as unit:
        second = groups.new_link(unit, group_id=group.id, by="林静", at=AT)
    assert groups.of_link(session, first) is None
    assert groups.of_link(session, second) is not None
    stored = session.execute(sa.text("SELECT * FROM quizzes_group")).one()
    assert first not in str(stored)
    assert second not in str(stored)


# --- forgetting ---------------------------------------------------------------------------------------------------


def left(at_days_ago: int) -> int:
    with transaction() as session:
        version = queries.public_version(session, "try")
        assert version is not None
        begun = taking.begin(
            session,
            version=version,
            audience="general",  # type: ignore[arg-type]  # stored by value
            locale="zh-Hans",  # type: ignore[arg-type]  # stored by value
            at=AT - timedelta(days=at_days_ago),
        )
        taking.save(
            session,
            attempt_id=begun.attempt.id,
            slot=0,
            answer=taking.answers.Answer(dont_know=True),
            at=AT - timedelta(days=at_days_ago),
        )
        return begun.attempt.id


def test_what_was_left_for_thirty_days_is_forgotten_with_its_answers(session: Session) -> None:
    put()
    old, edge, young = left(31), left(30), left(1)
    done = take(at=AT - timedelta(days=400)).attempt.id
    with transaction() as unit:
        assert forgetting.purge(unit, at=AT) == 1
        assert forgetting.purge(unit, at=AT) == 0
    session.rollback()
    assert sorted(session.scalars(sa.select(Attempt.id))) == [edge, young, done]
    assert old not in set(session.scalars(sa.select(Response.attempt_id)))
    assert set(session.scalars(sa.select(Response.attempt_id))) == {edge, young, done}


def test_so_many_at_once_and_the_rest_next_time(session: Session) -> None:
    put()
    for _ in range(3):
        left(40)
    with transaction() as unit:
        assert [forgetting.purge(unit, at=AT, most=2) for _ in range(3)] == [2, 1, 0]


def test_a_token_that_stayed_behind_is_cleared(session: Session) -> None:
    put()
    done = take().attempt.id
    with transaction() as unit:
        unit.execute(sa.update(Attempt).where(Attempt.id == done).values(code_digest="c" * 64))
        forgetting.purge(unit, at=AT)
    session.rollback()
    assert session.scalar(sa.select(Attempt.code_digest).where(Attempt.id == done)) is None
