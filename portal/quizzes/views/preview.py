"""A question or a quiz before it is public, in the layout that its readers will see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from random import Random

import flask
from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from portal.core import web
from portal.core.access import Permission, requires
from portal.core.database import db
from portal.core.i18n import CATALOGUES
from portal.core.settings import AUDIENCES, LOCALES, Audience, Locale
from portal.quizzes import services
from portal.quizzes.models import Document, Revision
from portal.quizzes.rules import taking
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.items import from_plain
from portal.quizzes.rules.marking import Mark, Outcome
from portal.quizzes.rules.quizzes import Instrument, Quiz, Slot, quiz_from_plain
from portal.quizzes.views.common import blueprint, document_or_404
from portal.quizzes.views.showing import show


@blueprint.get("/desk/questions/<slug:name>/preview")
@requires(Permission.DESK)
def preview(name: str) -> ResponseReturnValue:
    """Show the saved text of a question as one audience would see it, asked and answered."""
    document, latest = document_or_404(Sort.ITEM, name)
    item = from_plain(latest.content)
    alone = Instrument(
        quiz=Quiz(slug="preview", title="", slots=(Slot(item=item.name),)), items={item.name: item}, pools={}
    )
    return _page(alone, document, latest, alone=True)


@blueprint.get("/desk/quizzes/<slug:name>/preview")
@requires(Permission.DESK)
def preview_quiz(name: str) -> ResponseReturnValue:
    """Show the saved text of a quiz and of all that it asks as one audience would see it; of its pools one drawing."""
    document, latest = document_or_404(Sort.QUIZ, name)
    return _page(services.drafted(db.session(), quiz_from_plain(latest.content)), document, latest)


def _one_of(name: str, known: Sequence[Audience] | Sequence[Locale]) -> str:
    value = flask.request.args.get(name, "")
    return value if value in known else known[0]


def _drawn(instrument: Instrument, name: str) -> tuple[list[taking.Place], bool]:
    """Return what would be asked, and whether the pools hold enough; without that, only what is named."""
    # The same order each time: whoever mends a text looks at it again and again.
    try:
        return taking.draw(instrument, Random(name)), True  # noqa: S311  # nosec B311  # nothing is at stake here
    except taking.PoolEmpty:
        slots = tuple(slot for slot in instrument.quiz.slots if slot.pool is None)
        named = replace(instrument, quiz=replace(instrument.quiz, slots=slots), pools={})
        return taking.draw(named, Random(name)), False  # noqa: S311  # nosec B311  # as above


def _page(instrument: Instrument, document: Document, latest: Revision, *, alone: bool = False) -> Response:
    """Return the page in the true layout of an edition; the rest of the request speaks its language."""
    audience, locale = Audience(_one_of("audience", AUDIENCES)), Locale(_one_of("locale", LOCALES))
    banner = {
        "said": gettext("Preview, not public"),
        "revision": gettext("Revision %(number)d", number=latest.number),
        "back": gettext("Back to the desk"),
        "short": gettext("A pool holds fewer questions than are to be drawn from it. They are not shown."),
        "language": flask.g.locale,
    }
    flask.g.audience, flask.g.locale = audience, locale
    places, enough = _drawn(instrument, document.name)
    words, language = instrument.quiz.words(audience=audience, locale=locale)
    with force_locale(CATALOGUES[locale]):
        questions = []
        for slot, place in enumerate(places):
            item = instrument.items[place.item]
            asked = show(item, place, slot=slot, audience=audience, locale=locale)
            told = show(item, place, slot=slot, audience=audience, locale=locale, mark=Mark(1.0, Outcome.RIGHT))
            questions.append((asked, told))
        answer = web.reader_page(
            "quizzes/preview.html",
            path="/quizzes/",
            document=document,
            alone=alone,
            quiz=instrument.quiz,
            words=words,
            language=language,
            minutes=instrument.quiz.time_limit(audience),
            questions=questions,
            enough=enough,
            banner=banner,
            editions=[(one, other) for other in LOCALES for one in AUDIENCES],
        )
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
