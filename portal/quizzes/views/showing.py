"""Questions as a page shows them. What tells the key is filled in only once it is due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import flask
from flask_babel import gettext

from portal.core.database import db
from portal.core.i18n import to_hant
from portal.core.settings import Audience, Locale
from portal.media import queries as media
from portal.media.queries import Figure
from portal.quizzes.rules import items
from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.items import Item, Kind, Medium
from portal.quizzes.rules.marking import Mark, Outcome
from portal.quizzes.rules.taking import Place


@dataclass(frozen=True, slots=True)
class ShownOption:
    """An option as it is offered."""

    id: str
    text: str
    chosen: bool
    position: int
    """Ordering: the place given to it, from 1; 0: none yet."""
    side: str
    """Matching: the id of the right side given to it."""


@dataclass(frozen=True, slots=True)
class Told:
    """The key of a question, and what became of the answer."""

    outcome: Outcome
    points: float
    right: frozenset[str]
    """Ids of the right options."""
    answers: tuple[str, ...]
    """What would have been right, in words, where options do not show it: typed answers, the right order, pairs."""
    feedback: dict[str, str]
    explanation: str
    article: str


@dataclass(frozen=True, slots=True)
class Shown:
    """A question on a page."""

    slot: int
    kind: Kind
    stem: str
    lang: str
    """The language that it is really in."""
    medium: Medium | None
    sender: str
    lines: tuple[tuple[str, str], ...]
    """The message to be judged: who says it (may be empty) and what."""
    figure: Figure | None
    options: tuple[ShownOption, ...]
    sides: tuple[tuple[str, str], ...]
    text: str
    dont_know: bool
    certainty: int
    points: float
    told: Told | None = None
    error: str = ""
    answered: bool = field(default=False)

    @property
    def name(self) -> str:
        """The name of its fields."""
        return f"q{self.slot}"

    @property
    def is_judgement(self) -> bool:
        """Whether "not sure" is among its options already."""
        return self.kind is Kind.JUDGEMENT


def show(
    item: Item,
    place: Place,
    *,
    slot: int,
    audience: Audience,
    locale: Locale,
    answer: Answer | None = None,
    mark: Mark | None = None,
    error: str = "",
) -> Shown:
    """Return a question for one reader.

    Args:
        answer: what was given; None: nothing yet.
        mark: given only once the key may be told.
    """
    said, language = items.wording(item, audience=audience, locale=locale)
    turned = locale is Locale.HANT and language is Locale.HANS

    def say(text: str) -> str:
        return to_hant(text) if turned else text

    given = answer or Answer()
    by_id = {option.id: option for option in said.options}
    positions = {name: number for number, name in enumerate(given.chosen, 1)} if said.kind is Kind.ORDERING else {}
    stimulus = said.stimulus
    return Shown(
        slot=slot,
        kind=said.kind,
        stem=say(said.stem),
        lang=locale.value if turned else language.value,
        medium=stimulus.medium if stimulus else None,
        sender=stimulus.sender if stimulus else "",
        lines=_lines(say(stimulus.text), stimulus.medium) if stimulus and stimulus.text else (),
        figure=media.figure(db.session(), stimulus.picture) if stimulus and stimulus.picture else None,
        options=tuple(
            ShownOption(
                id=name,
                text=say(by_id[name].text),
                chosen=name in given.chosen and said.kind is not Kind.ORDERING,
                position=positions.get(name, 0),
                side=given.pairs.get(name, ""),
            )
            for name in place.order
            if name in by_id and said.kind not in (Kind.SHORT_ANSWER, Kind.NUMERIC)
        ),
        sides=tuple((name, say(by_id[name].match)) for name in place.sides if name in by_id),
        text=given.text,
        dont_know=given.dont_know,
        certainty=given.certainty,
        points=place.points,
        told=_told(said, place, mark, say) if mark is not None else None,
        error=error,
        answered=answer is not None and not answer.is_blank,
    )


def _lines(text: str, medium: Medium) -> tuple[tuple[str, str], ...]:
    found = []
    for line in text.split("\n"):
        who, colon, words = line.replace(":", "：", 1).partition("：")
        is_turn = medium in (Medium.CALL, Medium.CHAT) and colon and len(who) <= 12
        if line.strip():
            found.append((who.strip(), words.strip()) if is_turn else ("", line.strip()))
    return tuple(found)


def _told(said: Item, place: Place, mark: Mark, say: Callable[[str], str]) -> Told:
    right = [option for option in said.options if option.is_right]
    answers: list[str] = []
    if said.kind in (Kind.SHORT_ANSWER, Kind.NUMERIC):
        answers = [say(option.text) for option in right if option.text != "*"][:3]
    elif said.kind is Kind.ORDERING:
        answers = [say(option.text) for option in said.options]
    elif said.kind is Kind.MATCHING:
        answers = [f"{say(option.text)} → {say(option.match)}" for option in said.options if option.text]
    return Told(
        outcome=mark.outcome,
        points=mark.fraction * place.points,
        right=frozenset(option.id for option in right),
        answers=tuple(answers),
        feedback={option.id: say(option.feedback) for option in said.options if option.feedback},
        explanation=say(said.explanation),
        article=said.article,
    )


def medium_name(medium: Medium) -> str:
    """Return what a shown message is, in the reader's language."""
    return str(MEDIA[medium]())


MEDIA = {
    Medium.SMS: lambda: gettext("Text message"),
    Medium.CHAT: lambda: gettext("Chat"),
    Medium.MAIL: lambda: gettext("E-mail"),
    Medium.CALL: lambda: gettext("Telephone call"),
    Medium.PAGE: lambda: gettext("Web page"),
    Medium.PICTURE: lambda: gettext("Picture"),
}


def attempt_edition() -> tuple[Audience, Locale]:
    """Return audience and language of the request's address."""
    return Audience(flask.g.audience), Locale(flask.g.locale)
