"""What readers think of an article: yes or no, and a line of text if they like. Nobody is asked who they are."""

from __future__ import annotations

from urllib.parse import urlencode

import flask
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import TooManyRequests

from portal.articles import services
from portal.articles.rules import LONGEST_COMMENT
from portal.core import clock
from portal.core.database import transaction
from portal.core.web import is_from_here, public_page
from portal.reading import rules
from portal.reading.views.article import find
from portal.reading.views.reader import Reader, blueprint, render

ANSWERS = {"yes": True, "no": False}


@public_page(blueprint, "/articles/<slug:slug>/helpful", methods=("POST",))
def helpful(slug: str) -> ResponseReturnValue:
    """Count an answer, with the line of text that came along, about the edition that the reader saw."""
    if not is_from_here():
        flask.abort(403)
    reader = Reader.of_request()
    _editions, choice = find(slug, reader)
    said = flask.request.form.get("answer", "")
    comment = flask.request.form.get("comment", "").strip()
    if said not in ANSWERS:
        flask.abort(400)
    reader.size = rules.text_size(flask.request.form.get("size"), audience=reader.audience)
    if len(comment) > LONGEST_COMMENT:
        again = _page(slug, reader, said=said, comment=comment)
        again.status_code = 422
        again.headers["Cache-Control"] = "no-store"
        return again
    try:
        with transaction() as session:
            services.answer(
                session,
                slug=slug,
                audience=choice.audience,
                locale=choice.locale,
                was_helpful=ANSWERS[said],
                comment=comment,
                address=flask.request.remote_addr or "",
                zone=reader.settings.timezone,
                at=clock.now(),
            )
    except services.TooMany:
        raise TooManyRequests(retry_after=3600) from None
    query = {"answer": said, **({"text": "1"} if comment else {})}
    if reader.size not in ("", rules.SIZES[0]):
        query["size"] = reader.size
    return flask.redirect(f"{reader.url(f'/articles/{slug}/helpful/thanks')}?{urlencode(query)}", 303)


@public_page(blueprint, "/articles/<slug:slug>/helpful/thanks")
def thanks(slug: str) -> ResponseReturnValue:
    """Thank for an answer and offer a line of text. The page is the same for everybody who answered so."""
    reader = Reader.of_request()
    said = flask.request.args.get("answer", "")
    return _page(slug, reader, said=said if said in ANSWERS and "text" not in flask.request.args else "")


def _page(slug: str, reader: Reader, *, said: str, comment: str = "") -> flask.Response:
    editions, choice = find(slug, reader)
    reader.path = f"/articles/{slug}/helpful/thanks"
    reader.query = f"?answer={said}" if said else ""
    card = editions[choice.audience, choice.locale]
    return render("thanks.html", reader, card=card, said=said, comment=comment, longest=LONGEST_COMMENT)


@blueprint.record_once
def _without_token(state: BlueprintSetupState) -> None:
    # The only form that asks for no token: it stands in pages that every reader gets from one cache, it is sent by
    # people who have no session, and it does nothing in anybody's name. `is_from_here` refuses what comes from
    # elsewhere.
    state.app.extensions["csrf"].exempt(helpful)
