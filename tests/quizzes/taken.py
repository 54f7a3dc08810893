"""Attempts for tests of figures: taken by the services, as people take them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.core.database import transaction
from portal.core.settings import Audience, Locale
from portal.quizzes import queries
from portal.quizzes.models import Attempt, QuizVersion, Regrade
from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.items import Item, Kind, Option
from portal.quizzes.services import regrading, taking
from tests.articles.desk import AT
from tests.quizzes.bank import single

SHANGHAI = ZoneInfo("Asia/Shanghai")


def take(
    session: Session,
    answers: Sequence[str | None],
    *,
    slug: str = "try",
    audience: Audience = Audience.GENERAL,
    at: datetime = AT,
    after: Attempt | None = None,
    seconds: float = 10,
    end: bool = True,
    chance: int = 1,
) -> Attempt:
    """Take the quiz as it is now: an option for each question, `?` for "I don't know", None for nothing."""
    version = queries.public_version(session, slug)
    assert version is not None
    with transaction():
        begun = taking.begin(
            session, version=version, audience=audience, locale=Locale.HANS, at=at, after=after, chance=Random(chance)
        )
        items = taking.keyed(session, session.get_one(QuizVersion, begun.attempt.version_id))
        now = at
        by_item = dict(zip(taking.instrument(version).items, answers, strict=False))
        for slot, place in enumerate(begun.attempt.layout):
            said = by_item.get(place["item"]) if len(by_item) == len(answers) else answers[slot]
            if said is None:
                continue
            now += timedelta(seconds=seconds)
            taking.save(
                session, attempt_id=begun.attempt.id, slot=slot, answer=answer(items[place["item"]], said), at=now
            )
        if end:
            taking.finish(session, attempt_id=begun.attempt.id, at=now + timedelta(seconds=1), zone=SHANGHAI)
    return begun.attempt


def answer(item: Item, said: str) -> Answer:
    """Return an answer as it is stored."""
    if said == "?":
        return Answer(dont_know=True)
    typed = item.kind in (Kind.NUMERIC, Kind.SHORT_ANSWER)
    return Answer(text=said) if typed else Answer(chosen=tuple(said.split("+")))


def several(name: str = "signs") -> Item:
    """Return a question with several right options."""
    return replace(
        single(name),
        kind=Kind.MULTIPLE_CHOICE,
        options=(Option("a", "催您快"), Option("b", "不让告诉家人", 0.5), Option("c", "=1+1", 0.5)),
    )


def number(name: str = "interest") -> Item:
    """Return a question that is answered by a number."""
    return replace(single(name), kind=Kind.NUMERIC, options=(Option("v", "102", 1.0, tolerance=0.5),))


def marked_anew(session: Session, **ordered: Any) -> Regrade:
    """Mark an item's answers anew to the end, inside the write unit that is open."""
    found = regrading.regrade(session, **ordered)
    while regrading.mark_next(session, at=AT):
        pass
    assert found.done_at == AT
    return found
