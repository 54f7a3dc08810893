"""What people answered: on seat cards before, after and a month later, and whoever took a quiz at home."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.commands.demo.cast import PREFIX, Shape
from portal.commands.demo.spans import Span, mark, shares
from portal.core.database import site_zone
from portal.core.settings import Audience, Locale
from portal.events.models import Card, CardAttempt, Event
from portal.events.rules import codes
from portal.events.rules.attendance import Wave
from portal.quizzes import queries as quizzes
from portal.quizzes.models import Attempt, QuizVersion, Response
from portal.quizzes.rules import answers, marking, taking
from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.bank import Source
from portal.quizzes.rules.items import UNSURE, Item, Kind
from portal.quizzes.services.taking import instrument
from portal.reference.rules import quarters

FORMS = ("lecture-form-a", "lecture-form-b")
KNOWN = 5.2
"""Questions of ten that people answer rightly before a lecture."""
MONTH = timedelta(days=30)
AUDIENCES = (Audience.GENERAL, Audience.GENERAL, Audience.ELDERLY, Audience.YOUTH, Audience.NEW_RESIDENT)


def rightly(item: Item) -> Answer:
    """Return the answer that the key wants."""
    if item.kind is Kind.MULTIPLE_CHOICE:
        return Answer(chosen=tuple(option.id for option in item.options if option.is_right))
    if item.kind is Kind.ORDERING:
        return Answer(chosen=tuple(option.id for option in item.options))
    if item.kind is Kind.MATCHING:
        return Answer(pairs={option.id: option.id for option in item.options if option.text})
    best = max(item.options, key=lambda option: option.fraction)
    if item.kind in (Kind.SHORT_ANSWER, Kind.NUMERIC):
        return Answer(text=best.text.replace("*", ""))
    return Answer(chosen=(best.id,))


def wrongly(item: Item, chance: Random) -> Answer:
    """Return an answer that is not what the key wants; sometimes that one does not know."""
    unknown = chance.random() < 0.25
    if item.kind is Kind.JUDGEMENT:
        return Answer(chosen=(UNSURE,)) if unknown else _other(item, chance)
    if unknown:
        return Answer(dont_know=True)
    if item.kind is Kind.ORDERING:
        return Answer(chosen=tuple(option.id for option in reversed(item.options)))
    if item.kind is Kind.MATCHING:
        asked = [option.id for option in item.options if option.text]
        return Answer(pairs=dict(zip(asked, [*asked[1:], asked[0]], strict=True)))
    if item.kind in (Kind.SHORT_ANSWER, Kind.NUMERIC):
        return Answer(text="-1")
    return _other(item, chance)


def _other(item: Item, chance: Random) -> Answer:
    wrong = [option.id for option in item.options if not option.is_right and option.id != UNSURE]
    return Answer(chosen=(chance.choice(wrong),)) if wrong else Answer(dont_know=True)


@dataclass
class Desk:
    """Gathers attempts in the shape in which `quizzes.services.taking` stores them, and adds them together."""

    session: Session
    chance: Random
    attempts: list[dict[str, Any]] = field(default_factory=list)
    responses: list[list[dict[str, Any]]] = field(default_factory=list)
    cards: list[tuple[int, int, Wave]] = field(default_factory=list)
    """Index of an attempt, number of a card, wave."""

    def sit(
        self, version: QuizVersion, right: float | set[str], *, audience: Audience, locale: Locale, at: datetime
    ) -> int:
        """Take a quiz to its end; return the attempt's index.

        Args:
            right: the questions answered rightly, or how likely each is.
        """
        asked, chance = instrument(version), self.chance
        places = taking.draw(asked, chance)
        rows, marks, moment = [], [], at
        for slot, place in enumerate(places):
            item = asked.items[place.item]
            knows = item.name in right if isinstance(right, set) else chance.random() < right
            given = answers.checked(rightly(item) if knows else wrongly(item, chance), item)
            mark_ = marking.mark(item, given)
            seconds = float(chance.randrange(6, 40))
            moment += timedelta(seconds=seconds)
            marks.append((mark_.fraction, place.points))
            rows.append(
                {
                    "slot": slot,
                    "item": item.name,
                    "given": answers.to_plain(given),
                    "answered_at": moment,
                    "seconds": seconds,
                    "fraction": mark_.fraction,
                    "outcome": mark_.outcome,
                }
            )
        total = marking.total(marks, pass_percent=asked.quiz.pass_percent)
        token = PREFIX + mark(chance)
        self.attempts.append(
            {
                "version_id": version.id,
                "token_digest": token,
                "series": token,
                "ordinal": 1,
                "audience": audience,
                "locale": locale,
                "source": Source.WEB,
                "layout": taking.to_plain(places),
                "started_at": at,
                "deadline": taking.deadline(asked.quiz, audience, at),
                "finished_at": moment,
                "quarter": quarters.of_moment(moment, site_zone(self.session)),
                "points": total.points,
                "possible": total.possible,
                "percent": total.percent,
                "passed": total.passed,
            }
        )
        self.responses.append(rows)
        return len(self.attempts) - 1

    def put(self) -> None:
        """Add what was gathered."""
        if not self.attempts:
            return
        added = sa.insert(Attempt).returning(Attempt.id, sort_by_parameter_order=True)
        ids = self.session.scalars(added, self.attempts).all()
        flat = [{"attempt_id": number, **row} for number, rows in zip(ids, self.responses, strict=True) for row in rows]
        self.session.execute(sa.insert(Response), flat)
        if self.cards:
            ends = [self.attempts[index]["finished_at"] for index, _card, _wave in self.cards]
            links = [
                {"card_id": card, "wave": wave, "attempt_id": ids[index], "at": at}
                for (index, card, wave), at in zip(self.cards, ends, strict=True)
            ]
            self.session.execute(sa.insert(CardAttempt), links)


# --- seat cards ---------------------------------------------------------------------------------------------------


def scores(chance: Random, count: int, *, rise: float, spread: float, most: int) -> list[tuple[int, int]]:
    """Return how many questions of `most` each person knew before and after; together they gain exactly `rise`."""
    before = [min(most - 2, max(1, round(chance.gauss(KNOWN, 1.6)))) for _person in range(count)]
    after = [min(most, max(0, round(known + chance.gauss(rise * KNOWN, spread)))) for known in before]
    missing = round((1 + rise) * sum(before)) - sum(after)
    while missing:
        person, step = chance.randrange(count), 1 if missing > 0 else -1
        if 0 <= after[person] + step <= most:
            after[person] += step
            missing -= step
    return list(zip(before, after, strict=True))


def with_cards(session: Session, chance: Random, *, shape: Shape, span: Span, events: list[Event], pairs: int) -> None:
    """Add seat cards and what was answered with them: in pairs, before only, after only, and a month later."""
    first, second = (quizzes.public_version(session, slug) for slug in FORMS)
    if not events or first is None or second is None:
        return
    desk = Desk(session, chance)
    # A lecture of few says little; in the running quarter there may be fewer lectures than were planned.
    gained = scores(chance, pairs, rise=shape.rise, spread=shape.spread, most=len(_taught(first)))
    lost = round(pairs * shape.lost)
    for number, event in enumerate(events):
        forms = (first, first) if shape.is_one_form else (first, second) if number % 2 == 0 else (second, first)
        event.pre_quiz, event.post_quiz = (FORMS[0] if form is first else FORMS[1] for form in forms)
        own = gained[number :: len(events)]
        gone, late = shares(lost, len(events))[number], 1 + number % 2
        cards = _cards(session, chance, event, len(own) + gone + late + 3)
        for card, (before, after) in zip(cards, own, strict=False):
            _pair(desk, event, card, forms, before, after, span)
        rest = iter(cards[len(own) :])
        for _person in range(gone):
            _wave(desk, event, next(rest), forms[0], Wave.PRE, chance.randrange(3, 7), _controls(chance))
        for _person in range(late):
            _wave(desk, event, next(rest), forms[1], Wave.POST, chance.randrange(5, 9), _controls(chance))
    desk.put()


def _taught(version: QuizVersion) -> list[str]:
    return [slot.item for slot in instrument(version).quiz.slots if not slot.control]


def _controls(chance: Random) -> tuple[bool, bool]:
    return chance.random() < 0.45, chance.random() < 0.6


def _cards(session: Session, chance: Random, event: Event, count: int) -> list[int]:
    rows = [
        {
            "event_id": event.id,
            "code": "".join(chance.choice(codes.ALPHABET) for _place in range(codes.LENGTH)),
            "number": number,
            "created_at": event.starts_at - timedelta(days=2),
        }
        for number in range(1, count + 1)
    ]
    return list(session.scalars(sa.insert(Card).returning(Card.id, sort_by_parameter_order=True), rows))


def _pair(
    desk: Desk, event: Event, card: int, forms: tuple[QuizVersion, QuizVersion], before: int, after: int, span: Span
) -> None:
    """Have one person answer before and after; what was not taught they answer alike."""
    chance, controls = desk.chance, _controls(desk.chance)
    _wave(desk, event, card, forms[0], Wave.PRE, before, controls)
    _wave(desk, event, card, forms[1], Wave.POST, after, controls)
    # What is asked later than the quarter is reported would change figures that were closed.
    if event.ends_at + MONTH < span.after_end(4) - timedelta(days=3) and chance.random() < 0.6:
        _wave(desk, event, card, forms[1], Wave.FOLLOW_UP, max(0, after - chance.choice((0, 0, 1, 1, 2))), controls)


def _wave(
    desk: Desk, event: Event, card: int, version: QuizVersion, wave: Wave, known: int, controls: tuple[bool, bool]
) -> None:
    chance = desk.chance
    untaught = [slot.item for slot in instrument(version).quiz.slots if slot.control]
    right = set(chance.sample(_taught(version), known))
    right |= {item for item, knows in zip(untaught, controls, strict=False) if knows}
    at = {
        Wave.PRE: event.starts_at - timedelta(minutes=chance.randrange(8, 20)),
        Wave.POST: event.ends_at - timedelta(minutes=chance.randrange(9, 20)),
        Wave.FOLLOW_UP: event.ends_at + MONTH + timedelta(hours=chance.randrange(48)),
    }[wave]
    index = desk.sit(version, right, audience=event.audience, locale=Locale.HANS, at=at)
    desk.cards.append((index, card, wave))


# --- at home ------------------------------------------------------------------------------------------------------


def at_home(session: Session, chance: Random, *, span: Span, count: int, knows: float) -> None:
    """Add quizzes that readers took by themselves.

    Args:
        knows: how likely each answer is right.
    """
    desk = Desk(session, chance)
    found = [session.get_one(QuizVersion, card.version_id) for card in quizzes.cards(session)]
    for _attempt in range(count if found else 0):
        audience = chance.choice(AUDIENCES)
        locale = Locale.EN if chance.random() < 0.1 else Locale.HANS
        able = min(0.97, max(0.15, chance.gauss(knows, 0.18)))
        desk.sit(chance.choice(found), able, audience=audience, locale=locale, at=span.some_time(chance))
    desk.put()
