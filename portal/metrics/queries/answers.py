"""Answers of seat cards before, after and a month later, of all lectures of a span together.

Who answered is not known: a card has a code and no name.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.events.models import Card, CardAttempt, Event
from portal.events.rules.attendance import Wave
from portal.events.rules.lectures import EventState
from portal.metrics.rules.inputs import Answers, CardAnswers, Frozen, Sitting, Taken
from portal.quizzes.models import Attempt, Document, QuizVersion, Response
from portal.quizzes.rules.answers import from_plain
from portal.quizzes.rules.detection import Judged
from portal.quizzes.rules.items import Item, Kind
from portal.quizzes.rules.marking import Outcome
from portal.quizzes.rules.quizzes import Instrument
from portal.quizzes.services.taking import instrument

PART = 5_000
"""Rows that are read at a time."""


def of_cards(session: Session, *, since: datetime, until: datetime, at: datetime) -> Answers:
    """Return what was answered with the cards of the lectures that were held in a span."""
    which = sa.select(Event.id).where(Event.starts_at >= since, Event.starts_at < until, Event.ends_at <= at)
    which = which.where(Event.state == EventState.PUBLISHED)
    taken = (
        sa.select(Card.event_id, Card.id, CardAttempt.wave, Attempt.id, Attempt.version_id)
        .join(CardAttempt, CardAttempt.card_id == Card.id)
        .join(Attempt, Attempt.id == CardAttempt.attempt_id)
        .where(Card.event_id.in_(which), Attempt.finished_at.is_not(None))
        .order_by(Card.event_id, Card.id, CardAttempt.wave)
    )
    cards: dict[int, CardAnswers] = {}
    sittings: dict[int, tuple[Wave, Sitting]] = {}
    for event, card, wave, attempt, version in session.execute(taken):
        sitting = Sitting(version)
        cards.setdefault(card, CardAnswers(event)).waves[wave] = sitting
        sittings[attempt] = wave, sitting
    asked_of = _asked(session, {sitting.version_id for _wave, sitting in sittings.values()})
    versions = {number: _frozen(quiz_id, asked) for number, (quiz_id, asked) in asked_of.items()}
    judgements = {
        number: {name: item for name, item in asked.items.items() if item.kind is Kind.JUDGEMENT}
        for number, (_quiz_id, asked) in asked_of.items()
    }
    for _wave, sitting in sittings.values():
        asked = versions[sitting.version_id]
        sitting.right = {item: False for item in asked.points if item not in asked.controls}
    judged = _mark(session, which, sittings, versions, judgements)
    return Answers(tuple(cards.values()), versions, {wave: judged[wave].detection for wave in Wave})


def _mark(
    session: Session,
    which: sa.Select[int],
    sittings: Mapping[int, tuple[Wave, Sitting]],
    versions: Mapping[int, Frozen],
    judgements: Mapping[int, Mapping[str, Item]],
) -> Mapping[Wave, Judged]:
    """Put each answer to its sitting; return how judgement items were judged."""
    named = {name for items in judgements.values() for name in items}
    # What was chosen matters where something was judged; of the others it would only fill the memory.
    given_there = sa.case((Response.item.in_(sorted(named)), Response.given))
    rows = (
        sa.select(Response.attempt_id, Response.item, Response.fraction, Response.outcome, given_there)
        .join(CardAttempt, CardAttempt.attempt_id == Response.attempt_id)
        .join(Card, Card.id == CardAttempt.card_id)
        .where(Card.event_id.in_(which))
        .execution_options(yield_per=PART)
    )
    drawn: defaultdict[int, set[str]] = defaultdict(set)
    judged: defaultdict[Wave, Judged] = defaultdict(Judged)
    for attempt, item, fraction, outcome, given in session.execute(rows):
        if attempt not in sittings:
            continue
        wave, sitting = sittings[attempt]
        asked = versions[sitting.version_id]
        points = asked.points.get(item, 1.0)
        if item in asked.controls:
            sitting.control_got += max(0.0, fraction) * points
        else:
            sitting.got += max(0.0, fraction) * points
            sitting.right[item] = outcome is Outcome.RIGHT
        drawn[attempt].add(item)
        judgement = judgements[sitting.version_id].get(item)
        if judgement is not None:
            judged[wave].add(judgement, from_plain(given))
    for attempt, (_wave, sitting) in sittings.items():
        asked = versions[sitting.version_id]
        # Of drawn questions only those count that this sitting asked; an unanswered fixed one counts as not right.
        for item in {*asked.points, *drawn[attempt]}:
            if item in asked.controls:
                sitting.control_possible += asked.points.get(item, 1.0)
            else:
                sitting.possible += asked.points.get(item, 1.0)
    return judged


def _asked(session: Session, versions: Iterable[int]) -> dict[int, tuple[int, Instrument]]:
    """Return the quiz of each version, and what it asks."""
    found = session.scalars(sa.select(QuizVersion).where(QuizVersion.id.in_(sorted(versions))))
    return {version.id: (version.quiz_id, instrument(version)) for version in found}


def _frozen(quiz_id: int, asked: Instrument) -> Frozen:
    controls = {slot.item for slot in asked.quiz.slots if slot.control and slot.pool is None}
    for place, names in asked.pools.items():
        if asked.quiz.slots[place].control:
            controls |= set(names)
    return Frozen(
        quiz_id=quiz_id,
        pair=asked.quiz.pair,
        points={slot.item: slot.points for slot in asked.quiz.slots if slot.pool is None},
        controls=frozenset(controls),
    )


# --- quizzes that anybody takes -----------------------------------------------------------------------------------


def taken(session: Session, *, since: datetime, until: datetime) -> list[Taken]:
    """Return how quizzes were taken that were ended in a span, by version and audience."""
    rows = (
        sa.select(
            Attempt.version_id,
            Attempt.audience,
            sa.func.count(),
            sa.func.sum(sa.case((Attempt.passed.is_(True), 1), else_=0)),
            sa.func.sum(Attempt.percent),
        )
        .where(Attempt.finished_at >= since, Attempt.finished_at < until)
        .group_by(Attempt.version_id, Attempt.audience)
        .order_by(Attempt.version_id, Attempt.audience)
    )
    return [
        Taken(version, audience, finished, int(passed), float(percents or 0.0))
        for version, audience, finished, passed, percents in session.execute(rows)
    ]


def quiz_names(session: Session, versions: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return slug and title of the quiz of each version."""
    rows = sa.select(QuizVersion.id, Document.name, Document.label).join(Document, Document.id == QuizVersion.quiz_id)
    found = session.execute(rows.where(QuizVersion.id.in_(sorted(versions))))
    return {version: (name, label) for version, name, label in found}
