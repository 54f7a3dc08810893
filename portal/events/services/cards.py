"""Seat cards: printed codes without names, by which answers before and after a lecture belong together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.errors import PortalError
from portal.core.settings import Audience, Locale
from portal.events.models import Card, CardAttempt, Event
from portal.events.rules import codes, waves
from portal.events.rules.attendance import Wave
from portal.events.rules.lectures import EventState
from portal.events.rules.waves import MOST_CARDS
from portal.events.services.sheets import lock
from portal.quizzes import queries as quizzes
from portal.quizzes.models import Attempt, QuizVersion
from portal.quizzes.services import taking


class TooManyCards(PortalError):
    """A lecture has so many cards at most."""


class NoCard(PortalError):
    """No card of this lecture has this code."""


class NoQuiz(PortalError):
    """The lecture has no quiz for this moment, or its time is over."""


class Done(PortalError):
    """The quiz of the card was ended."""


def make(session: Session, *, event_id: int, count: int, by: str, at: datetime) -> tuple[int, int]:
    """Make so many new cards; return the first and the last of their numbers.

    Raises:
        LookupError: there is no such lecture.
        TooManyCards: it would have too many.
        ValueError: none is asked for.
    """
    if count < 1:
        raise ValueError(count)
    event = lock(session, event_id)
    last = session.scalar(sa.select(sa.func.max(Card.number)).where(Card.event_id == event_id)) or 0
    if last + count > MOST_CARDS:
        raise TooManyCards
    numbers = range(last + 1, last + count + 1)
    session.add_all(Card(event_id=event_id, code=codes.new_code(), number=one, created_at=at) for one in numbers)
    session.flush()
    facts = {"cards": f"{numbers[0]}-{numbers[-1]}"}
    record(session, Tag.EVENT_CARDS_PRINTED, by=by, at=at, target=f"event:{event.slug}", details=facts)
    return numbers[0], numbers[-1]


def between(session: Session, *, event_id: int, first: int, last: int) -> list[Card]:
    """Return the cards from one number to another, for printing."""
    rows = sa.select(Card).where(Card.event_id == event_id, Card.number.between(first, last))
    return list(session.scalars(rows.order_by(Card.number)))


def quiz_of(event: Event, wave: Wave) -> str:
    """Return the name of the quiz of a wave; empty: the lecture has none. Where one is missing, the other stands."""
    return event.pre_quiz or event.post_quiz if wave is Wave.PRE else event.post_quiz or event.pre_quiz


def wave_of(event: Event, at: datetime, wanted: Wave | None = None) -> Wave | None:
    """Return which wave it is for a lecture; None: none."""
    if event.state is not EventState.PUBLISHED:
        return None
    return waves.wave_at(starts_at=event.starts_at, ends_at=event.ends_at, at=at, wanted=wanted)


@dataclass(frozen=True, slots=True)
class Sitting:
    """The attempt that a card leads to."""

    token: str
    audience: Audience
    locale: Locale


def begin(
    session: Session,
    *,
    event_id: int,
    code: str,
    wanted: Wave | None,
    audience: Audience,
    locale: Locale,
    at: datetime,
) -> Sitting:
    """Begin the quiz of a card, or go on with it; each wave is taken once.

    Raises:
        NoCard: no card of this lecture has this code.
        NoQuiz: there is nothing to take now.
        Done: it was taken to its end.
    """
    event = session.get_one(Event, event_id)
    heard = codes.typed(code)
    # The card's row first: of two phones that scan one card at once the second finds what the first has begun.
    locked = sa.select(Card).where(Card.event_id == event_id, Card.code == heard).with_for_update(key_share=True)
    card = session.scalars(locked).one_or_none() if heard else None
    if card is None:
        raise NoCard
    wave = wave_of(event, at, wanted)
    if wave is None:
        raise NoQuiz
    taken = session.scalar(sa.select(CardAttempt).where(CardAttempt.card_id == card.id, CardAttempt.wave == wave))
    if taken is not None:
        attempt = session.get_one(Attempt, taken.attempt_id)
        if attempt.finished_at is not None or attempt.token is None:
            raise Done
        return Sitting(attempt.token, attempt.audience, attempt.locale)
    version = _version(session, event, card, wave)
    # A lecture for pupils is answered in their edition, which never asks who somebody is.
    meant = event.audience if event.audience is not Audience.GENERAL else audience
    begun = taking.begin(session, version=version, audience=meant, locale=locale, at=at)
    session.add(CardAttempt(card_id=card.id, wave=wave, attempt_id=begun.attempt.id, at=at))
    session.flush()
    return Sitting(begun.token, meant, locale)


def _version(session: Session, event: Event, card: Card, wave: Wave) -> QuizVersion:
    """Return what is asked: where the card was asked the same quiz before, the very same version of it."""
    slug = quiz_of(event, wave)
    version = quizzes.public_version(session, slug) if slug else None
    if version is None:
        raise NoQuiz
    earlier = (
        sa.select(QuizVersion)
        .join(Attempt, Attempt.version_id == QuizVersion.id)
        .join(CardAttempt, CardAttempt.attempt_id == Attempt.id)
        .where(CardAttempt.card_id == card.id, QuizVersion.quiz_id == version.quiz_id)
        .order_by(CardAttempt.id)
    )
    return session.scalars(earlier).first() or version
