"""What tests of groups and contests start from: a published quiz, and people who take it."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.core.database import transaction
from portal.core.settings import Audience, Locale
from portal.quizzes import queries
from portal.quizzes.models import Attempt, Contest, Document, Entry
from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.bank import Contact, DrawnFrom, Sort
from portal.quizzes.rules.quizzes import Quiz
from portal.quizzes.services import contests, taking
from portal.quizzes.services.contests import Entered
from portal.quizzes.services.taking import Begun
from tests.articles.desk import AT
from tests.quizzes.bank import judgement, publish, quiz, single

SHANGHAI = ZoneInfo("Asia/Shanghai")
END = AT + timedelta(days=7)
PHONE = "13800138000"
RIGHT = {"code": "b", "sms": "scam"}
WRONG = {"code": "a", "sms": "genuine"}


def put(made: Quiz | None = None) -> int:
    """Publish a quiz of two questions; return its number."""
    with transaction() as session:
        publish(session, single(), judgement(), made or quiz())
        found = session.scalars(sa.select(Document.id).where(Document.sort == Sort.QUIZ)).all()
        return found[-1]


def terms(quiz_id: int, **changed: Any) -> dict[str, Any]:
    """Return the terms of a contest that is open at `AT`."""
    return {
        "slug": "spring",
        "quiz_id": quiz_id,
        "title": "春节有奖问答",
        "prize": "三份礼品",
        "opens_at": AT - timedelta(days=1),
        "closes_at": END,
        "contact": Contact.PHONE,
        "drawn_from": DrawnFrom.EVERYBODY,
        "winners": 2,
        "has_leaderboard": True,
        "beacon": "",
        **changed,
    }


def announce(made: Quiz | None = None, **changed: Any) -> int:
    """Publish a quiz and announce a contest; return its number."""
    quiz_id = put(made)
    with transaction() as session:
        return contests.set_up(session, values=terms(quiz_id, **changed), by="林静", at=AT - timedelta(days=2)).id


def take(
    contest_id: int | None = None,
    *,
    right: int = 2,
    at: datetime = AT,
    seconds: int = 60,
    after: int | None = None,
    audience: Audience = Audience.GENERAL,
    **options: Any,
) -> Begun:
    """Take the quiz to its end with some right answers, in a contest or not."""
    with transaction() as session:
        version = queries.public_version(session, "try")
        assert version is not None
        begun = taking.begin(
            session,
            version=version,
            audience=audience,
            locale=Locale.HANS,
            contest_id=contest_id,
            after=session.get(Attempt, after) if after else None,
            at=at,
            chance=Random(1),
            **options,
        )
        for slot, place in enumerate(begun.attempt.layout):
            given = (RIGHT if slot < right else WRONG)[place["item"]]
            taking.save(session, attempt_id=begun.attempt.id, slot=slot, answer=Answer(chosen=(given,)), at=at)
        end = at + timedelta(seconds=seconds)
        taking.finish(session, attempt_id=begun.attempt.id, at=end, zone=SHANGHAI)
        return begun


def enter(attempt: Attempt, contact: str = PHONE, *, at: datetime = AT + timedelta(hours=1)) -> Entered:
    """Enter an attempt."""
    with transaction() as session:
        return contests.enter(session, attempt_id=attempt.id, typed=contact, at=at)


def phone(number: int) -> str:
    """Return one of many mobile numbers."""
    return f"139{number:08d}"


def contest(session: Session, slug: str = "spring") -> Contest:
    """Return the contest as it is stored now."""
    session.rollback()
    found = queries.contest_of(session, slug)
    assert found is not None
    return found


def entries(session: Session) -> list[Entry]:
    """Return all entries as they are stored now."""
    session.rollback()
    return list(session.scalars(sa.select(Entry).order_by(Entry.id)))


def events(session: Session, tag: str) -> list[Event]:
    """Return what the log has of one kind."""
    session.rollback()
    return list(session.scalars(sa.select(Event).where(Event.tag == tag).order_by(Event.id)))
