"""Lectures for calendars: one, all that come, and a person's own."""

from __future__ import annotations

import flask
from flask import Blueprint, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock, web
from portal.core.database import db
from portal.core.settings import Audience, Locale
from portal.core.web import public_page
from portal.events.queries import calendars as queries
from portal.events.queries.common import public_event
from portal.events.rules.lectures import EventState
from portal.events.rules.seats import State
from portal.events.services import calendars

blueprint = Blueprint("calendars", __name__)


@public_page(blueprint, "/events/<slug:slug>.ics")
def lecture(slug: str) -> ResponseReturnValue:
    """Return one lecture."""
    event = public_event(db.session(), slug)
    if event is None:
        flask.abort(404)
    return _answer(calendars.public(db.session(), [event], locale=_locale(), audience=_audience()), name=event.slug)


@public_page(blueprint, "/events/feed.ics")
def feed() -> ResponseReturnValue:
    """Return all lectures that come, of one topic, audience or district if the query says so."""
    asked = {name: flask.request.args.get(name, "") for name in ("topic", "audience", "district")}
    found = queries.feed(db.session(), **asked, at=clock.now())
    name = str(gettext("Mingbai lectures"))
    return _answer(calendars.public(db.session(), found, locale=_locale(), audience=_audience(), name=name))


@public_page(blueprint, "/events/registrations/<token:token>.ics")
def own(token: str) -> ResponseReturnValue:
    """Return a person's own seat; when it was given back, or the lecture called off, what takes it out again."""
    found = queries.registration_of(db.session(), token)
    if found is None or found[1].confirmed_at is None:
        flask.abort(404)
    event, registration = found
    gone = registration.state is not State.CONFIRMED or event.state is EventState.CANCELLED
    text = calendars.own(db.session(), event, registration, cancel=gone, made_at=clock.now())
    answer = _answer(text, name=event.slug)
    answer.headers["Cache-Control"] = "no-store"
    web.say_instead(web.NO_REFERRER)
    return answer


def _locale() -> Locale:
    return Locale(flask.g.locale)


def _audience() -> Audience:
    return Audience(flask.g.audience)


def _answer(text: str, *, name: str = "") -> Response:
    """Return a calendar; with a name it is a file to open, else a feed to follow."""
    answer = web.page(text, mimetype="text/calendar")
    if name:
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return answer
