"""A question before it is public, in the layout that its readers will see."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

import flask
from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext

from portal.core import web
from portal.core.access import Permission, requires
from portal.core.i18n import CATALOGUES
from portal.core.settings import AUDIENCES, LOCALES, Audience, Locale
from portal.quizzes.rules import taking
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.items import Item, from_plain
from portal.quizzes.rules.marking import Mark, Outcome
from portal.quizzes.rules.quizzes import Instrument, Quiz, Slot
from portal.quizzes.views.common import blueprint, document_or_404
from portal.quizzes.views.showing import show


@blueprint.get("/desk/questions/<slug:name>/preview")
@requires(Permission.DESK)
def preview(name: str) -> ResponseReturnValue:
    """Show the saved text of a question as one audience would see it, asked and answered."""
    _document, latest = document_or_404(Sort.ITEM, name)
    audience = Audience(_one_of("audience", AUDIENCES))
    locale = Locale(_one_of("locale", LOCALES))
    banner = {
        "said": gettext("Preview, not public"),
        "revision": gettext("Revision %(number)d", number=latest.number),
        "back": gettext("Back to the desk"),
        "language": flask.g.locale,
    }
    answer = _page(from_plain(latest.content), audience, locale, banner)
    answer.headers["Cache-Control"] = "private, no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


def _one_of(name: str, known: Sequence[Audience] | Sequence[Locale]) -> str:
    value = flask.request.args.get(name, "")
    return value if value in known else known[0]


def _page(item: Item, audience: Audience, locale: Locale, banner: dict[str, str]) -> Response:
    """Return the page in the true layout of an edition; the rest of the request speaks its language."""
    flask.g.audience, flask.g.locale = audience, locale
    alone = Instrument(
        quiz=Quiz(slug="preview", title="", slots=(Slot(item=item.name),)), items={item.name: item}, pools={}
    )
    # The same order each time: whoever mends a text looks at it again and again.
    [place] = taking.draw(alone, Random(item.name))  # noqa: S311  # nosec B311  # nothing is at stake here
    with force_locale(CATALOGUES[locale]):
        asked = show(item, place, slot=0, audience=audience, locale=locale)
        told = show(item, place, slot=0, audience=audience, locale=locale, mark=Mark(1.0, Outcome.RIGHT))
        return web.reader_page(
            "quizzes/preview.html",
            path="/quizzes/",
            name=item.name,
            asked=asked,
            told=told,
            banner=banner,
            editions=[(one, other) for other in LOCALES for one in AUDIENCES],
        )
