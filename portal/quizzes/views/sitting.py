"""An attempt as a request finds it, and its pages."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any

import flask

from portal.core import clock, web
from portal.core.database import db
from portal.core.settings import Audience, Locale, address
from portal.core.web import NO_REFERRER, say_instead
from portal.quizzes import queries
from portal.quizzes.models import Attempt, Response
from portal.quizzes.rules import answers, taking
from portal.quizzes.rules.items import Item
from portal.quizzes.rules.quizzes import Quiz
from portal.quizzes.rules.taking import Place
from portal.quizzes.services import taking as verbs
from portal.quizzes.views.showing import Shown, show


class Sitting:
    """An attempt as a request finds it."""

    def __init__(self, token: str) -> None:
        found = verbs.of_token(db.session(), token)
        if found is None:
            flask.abort(404)
        say_instead(NO_REFERRER)
        self.attempt: Attempt = found
        self.token = token
        self.edition: tuple[Audience, Locale] = (found.audience, found.locale)
        """That it was begun in."""
        self.version = queries.version_of(db.session(), found)
        self.quiz: Quiz = verbs.instrument(self.version).quiz
        self.places: list[Place] = taking.from_plain(found.layout)

    @cached_property
    def items(self) -> Mapping[str, Item]:
        """Its questions, by name."""
        return verbs.keyed(db.session(), self.version)

    @cached_property
    def responses(self) -> dict[int, Response]:
        """What has been answered, by place."""
        return verbs.responses(db.session(), self.attempt)

    def url(self, more: str = "") -> str:
        """Return its address, in its edition."""
        audience, locale = self.edition
        return address(f"/quizzes/attempts/{self.token}{more}", locale=locale, audience=audience)

    def item(self, slot: int) -> Item:
        """Return the question at a place."""
        return self.items[self.places[slot].item]

    @property
    def is_late(self) -> bool:
        """Whether the time is over."""
        return taking.is_late(self.attempt.deadline, clock.now())

    @property
    def first_open(self) -> int | None:
        """The first place that has no answer."""
        return next((slot for slot in range(len(self.places)) if slot not in self.responses), None)

    def shown(self, slot: int, *, told: bool, error: str = "", form: Any = None) -> Shown:
        """Return a question as the page shows it; `told`: with its key."""
        audience, locale = self.edition
        response = self.responses.get(slot)
        given = answers.from_plain(response.given) if response else None
        if form is not None:
            given = _typed(form, slot, self.item(slot)) or given
        return show(
            self.item(slot),
            self.places[slot],
            slot=slot,
            audience=audience,
            locale=locale,
            answer=given,
            mark=verbs.mark_of(response) if told else None,
            error=error,
        )

    def page(self, template: str, *, status: int = 200, **context: Any) -> flask.Response:
        """Return a page of this attempt, which no cache keeps."""
        audience, locale = self.edition
        words, language = self.quiz.words(audience=audience, locale=locale)
        answer = web.reader_page(
            f"quizzes/{template}",
            path=f"/quizzes/{self.quiz.slug}",
            status=status,
            sitting=self,
            quiz=self.quiz,
            words=words,
            language=language,
            code=None if self.attempt.finished_at else taking.spoken(taking.code_of(self.token)),
            **context,
        )
        answer.headers["Cache-Control"] = "private, no-store"
        return answer


def _typed(form: Any, slot: int, item: Item) -> answers.Answer | None:
    """Return what a refused form held, so that nobody types it twice."""
    name = f"q{slot}"
    text = form.get(name, "")[: answers.LONGEST_TEXT * 2] if not item.options or not form.getlist(name) else ""
    known = {option.id for option in item.options}
    pairs = {key: form.get(f"{name}-{key}", "") for key in known}
    return answers.Answer(
        chosen=tuple(key for key in form.getlist(name) if key in known),
        text=text or form.get(name, ""),
        pairs={key: value for key, value in pairs.items() if value in known},
        certainty=int(form.get(f"{name}-sure", "0")) if form.get(f"{name}-sure", "") in ("1", "2", "3") else 0,
    )
