"""Answers of seat cards before, after and a month later, of all lectures of a span together.

Who answered is not known: a card has a code and no name.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.events.models import Card, CardAttempt, Event
from portal.events.rules.attendance import Wave
from portal.events.rules.lectures import EventState
from portal.metrics.rules.inputs import Answers, CardAnswers, Frozen, Sitting, Taken
from portal.quizzes.models import Attempt, Document, QuizVersion, Response
from portal.quizzes.rules.detection import Detection
from portal.quizzes.rules.items import GENUINE, SCAM, UNSURE, Item, Kind
from portal.quizzes.rules.marking import Outcome
from portal.quizzes.rules.quizzes import Instrument
from portal.quizzes.services.taking import instrument

UNKNOWN = "unknown"


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
    versions = _frozen(session, {sitting.version_id for _wave, sitting in sittings.values()})
    for _wave, sitting in sittings.values():
        asked = versions[sitting.version_id]
        sitting.right = {item: False for item in asked.points if item not in asked.controls}
    judged = _mark(session, which, sittings, versions)
    return Answers(tuple(cards.values()), versions, {wave: _detection(judged[wave]) for wave in Wave})


def _mark(
    session: Session,
    which: sa.Select[int],
    sittings: Mapping[int, tuple[Wave, Sitting]],
    versions: Mapping[int, Frozen],
) -> Mapping[Wave, Counter[tuple[bool, str]]]:
    """Put each answer to its sitting; return how judgement items were judged."""
    rows = (
        sa.select(Response.attempt_id, Response.item, Response.fraction, Response.outcome, Response.given)
        .join(CardAttempt, CardAttempt.attempt_id == Response.attempt_id)
        .join(Card, Card.id == CardAttempt.card_id)
        .where(Card.event_id.in_(which))
    )
    drawn: defaultdict[int, set[str]] = defaultdict(set)
    judged: defaultdict[Wave, Counter[tuple[bool, str]]] = defaultdict(Counter)
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
        is_scam = asked.scams.get(item)
        if is_scam is not None:
            chosen = given.get("chosen") or ()
            judged[wave][is_scam, UNKNOWN if given.get("dont_know") else chosen[0] if chosen else ""] += 1
    for attempt, (_wave, sitting) in sittings.items():
        asked = versions[sitting.version_id]
        # Of drawn questions only those count that this sitting asked; an unanswered fixed one counts as not right.
        for item in {*asked.points, *drawn[attempt]}:
            if item in asked.controls:
                sitting.control_possible += asked.points.get(item, 1.0)
            else:
                sitting.possible += asked.points.get(item, 1.0)
    return judged


def _frozen(session: Session, versions: Iterable[int]) -> dict[int, Frozen]:
    found = session.scalars(sa.select(QuizVersion).where(QuizVersion.id.in_(sorted(versions))))
    return {version.id: _what(version.quiz_id, instrument(version)) for version in found}


def _what(quiz_id: int, asked: Instrument) -> Frozen:
    controls = {slot.item for slot in asked.quiz.slots if slot.control and slot.pool is None}
    for place, names in asked.pools.items():
        if asked.quiz.slots[place].control:
            controls |= set(names)
    return Frozen(
        quiz_id=quiz_id,
        pair=asked.quiz.pair,
        points={slot.item: slot.points for slot in asked.quiz.slots if slot.pool is None},
        controls=frozenset(controls),
        scams={name: _is_scam(item) for name, item in asked.items.items() if item.kind is Kind.JUDGEMENT},
    )


def _is_scam(item: Item) -> bool:
    option = item.option(SCAM)
    return option is not None and option.is_right


def _detection(counts: Counter[tuple[bool, str]]) -> Detection:
    return Detection(
        hits=counts[True, SCAM],
        misses=counts[True, GENUINE],
        false_alarms=counts[False, SCAM],
        correct_rejections=counts[False, GENUINE],
        unsure=counts[True, UNSURE] + counts[False, UNSURE],
        unknown=counts[True, UNKNOWN] + counts[False, UNKNOWN],
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
