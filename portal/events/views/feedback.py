"""How satisfied people are: five levels, by the code in their hand or the link that they were sent. GET only shows."""

from __future__ import annotations

import flask
import sqlalchemy as sa
from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.core import clock, crypto, web
from portal.core.database import db
from portal.core.settings import address
from portal.core.together import together
from portal.core.web import NO_REFERRER, public_page, say_instead
from portal.events.models import Event, Registration
from portal.events.queries.common import public_event
from portal.events.rules import codes
from portal.events.rules.attendance import AdmissionSource
from portal.events.rules.satisfaction import LEVELS, OPEN_FOR
from portal.events.rules.seats import State
from portal.events.services import feedback as verbs
from portal.events.views.after_words import LEVELS as LEVEL_WORDS

blueprint = Blueprint("feedback", __name__)


def install(app: Flask) -> None:
    """Give `app` the pages on which people say how satisfied they are."""
    app.register_blueprint(blueprint)
    for view in (by_code, by_link):
        # No session to guard: the code or the address is all that anybody has, and `is_from_here` refuses others.
        app.extensions["csrf"].exempt(view)


@public_page(blueprint, "/events/<slug:slug>/feedback", methods=("GET", "POST"))
def by_code(slug: str) -> ResponseReturnValue:
    """Ask for a code and a level; keep the answer."""
    event = public_event(db.session(), slug) or flask.abort(404)
    typed = flask.request.values.get("code", "")[:40]
    place = f"/events/{event.slug}/feedback"
    if flask.request.method == "GET":
        return _page(event, place, typed=typed, asks_code=True)
    _from_here()
    problems = {}
    code = ""
    try:
        code = verbs.code_of(db.session(), event_id=event.id, typed=typed)
    except verbs.NoTicket:
        problems["code"] = gettext(
            "No seat of this lecture has this code. It has eight signs, such as %(code)s. "
            "0, O, 1, I and L are never among them.",
            code="K7M3 9QXT",
        )
    level = _level(problems)
    if problems:
        return _page(event, place, typed=typed, asks_code=True, problems=problems, level=level)
    return _keep(event, code, level, AdmissionSource.DOOR, place)


@public_page(blueprint, "/events/feedback/<token:token>", methods=("GET", "POST"))
def by_link(token: str) -> ResponseReturnValue:
    """Ask for a level; keep the answer of whoever has this registration."""
    say_instead(NO_REFERRER)
    found = db.session().scalar(sa.select(Registration).where(Registration.token_digest == crypto.digest(token)))
    if found is None or found.state is not State.CONFIRMED:
        flask.abort(404)
    event = db.session().get_one(Event, found.event_id)
    place = f"/events/feedback/{token}"
    if flask.request.method == "GET":
        return _page(event, place)
    _from_here()
    problems: dict[str, str] = {}
    level = _level(problems)
    if problems:
        return _page(event, place, problems=problems)
    return _keep(event, found.code, level, AdmissionSource.LINK, place)


def _from_here() -> None:
    if not web.is_from_here():
        flask.abort(403)


def _level(problems: dict[str, str]) -> int:
    said = flask.request.form.get("level", "")
    if said in map(str, LEVELS):
        return int(said)
    problems["level"] = gettext("Choose one of the five answers.")
    return 0


def _keep(event: Event, code: str, level: int, source: AdmissionSource, place: str) -> ResponseReturnValue:
    number = event.id

    def work(session: Session) -> None:
        verbs.answer(session, event_id=number, code=code, level=level, source=source, at=clock.now())

    try:
        together.run(work)
    except verbs.NotNow:
        return _page(db.session().get_one(Event, number), place)
    here = address(place, locale=flask.g.locale, audience=flask.g.audience)
    return flask.redirect(f"{here}?done=1", 303)


def _page(
    event: Event,
    place: str,
    *,
    typed: str = "",
    asks_code: bool = False,
    problems: dict[str, str] | None = None,
    level: int = 0,
) -> Response:
    code = codes.typed(typed)
    now = clock.now()
    is_open = verbs.is_open(event, now)
    answer = web.reader_page(
        "events/feedback.html",
        path=place,
        status=422 if problems else (200 if is_open or now < event.starts_at else 410),
        event=event,
        place=place,
        is_open=is_open,
        is_early=now < event.starts_at,
        closes=event.ends_at + OPEN_FOR,
        asks_code=asks_code,
        typed=codes.spoken(code) if code else typed,
        problems=problems or {},
        chosen=level,
        levels=[(one, LEVEL_WORDS[one]) for one in LEVELS],
        is_done=flask.request.args.get("done") == "1" and is_open,
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
