"""Answers of seat cards before, after, and a month later: for what a lecture changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.events.models import Card, CardAttempt
from portal.events.rules import uplift as rules
from portal.events.rules.attendance import Wave
from portal.events.rules.uplift import Taken, Uplift
from portal.quizzes.models import Attempt, QuizVersion, Response
from portal.quizzes.services.taking import instrument


@dataclass(frozen=True, slots=True)
class Pair:
    """What was answered with one card, by wave; only what was ended."""

    card: int
    """The card's number in the order of the print."""
    waves: dict[Wave, Taken] = field(default_factory=dict)


def pairs(session: Session, event_id: int) -> list[Pair]:
    """Return the cards of a lecture with which a quiz was ended, in the order of the print."""
    rows = session.execute(
        sa.select(Card.number, CardAttempt.wave, Attempt.id, Attempt.version_id, Attempt.percent)
        .join(CardAttempt, CardAttempt.card_id == Card.id)
        .join(Attempt, Attempt.id == CardAttempt.attempt_id)
        .where(Card.event_id == event_id, Attempt.finished_at.is_not(None))
        .order_by(Card.number)
    ).all()
    outcomes: dict[int, dict[str, str]] = {row.id: {} for row in rows}
    answers = (
        sa.select(Response.attempt_id, Response.item, Response.outcome)
        .join(CardAttempt, CardAttempt.attempt_id == Response.attempt_id)
        .join(Card, Card.id == CardAttempt.card_id)
        .where(Card.event_id == event_id)
    )
    for attempt_id, item, outcome in session.execute(answers):
        if attempt_id in outcomes:
            outcomes[attempt_id][item] = outcome.value
    names = _pair_names(session, {row.version_id for row in rows})
    found: dict[int, Pair] = {}
    for number, wave, attempt_id, version_id, percent in rows:
        taken = Taken(version_id, percent or 0.0, outcomes[attempt_id], names[version_id])
        found.setdefault(number, Pair(number)).waves[wave] = taken
    return list(found.values())


def _pair_names(session: Session, versions: Iterable[int]) -> dict[int, str]:
    """Return which pair of forms each version belongs to; empty: to none."""
    found = session.scalars(sa.select(QuizVersion).where(QuizVersion.id.in_(list(versions))))
    return {version.id: instrument(version).quiz.pair for version in found}


def uplift(session: Session, event_id: int, *, wave: Wave = Wave.POST, least: int = rules.LEAST) -> Uplift:
    """Return what a lecture changed, from before it to `wave`."""
    known = ((pair.waves.get(Wave.PRE), pair.waves.get(wave)) for pair in pairs(session, event_id))
    return rules.uplift(known, least=least)
