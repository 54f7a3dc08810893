"""Registering for a lecture: people with company, and groups."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
import sqlalchemy as sa
from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.database import db
from portal.core.settings import Audience
from portal.core.together import together
from portal.core.web import public_page
from portal.events.forms import EntryForm, GroupForm, PersonForm, field_of
from portal.events.models import Event, Pool
from portal.events.queries import common, own
from portal.events.rules import questions as asking
from portal.events.rules.lectures import Phase
from portal.events.rules.wishes import GuardianWish, Wish
from portal.events.services import limits, registering
from portal.events.services.registering import Became, NoSuchPlace, NotOpen, Registered, TooMany
from portal.events.views.visiting import edition, here, personal_page, sender, sent_from_here, without_token

blueprint = Blueprint("registering", __name__)


def install(app: Flask) -> None:
    """Give `app` the forms for registering."""
    app.register_blueprint(blueprint)
    without_token(app, (register, register_group))


def _event(slug: str) -> Event:
    return common.public_event(db.session(), slug) or flask.abort(404)


@public_page(blueprint, "/events/<slug:slug>/register", methods=("GET", "POST"))
@sent_from_here
def register(slug: str) -> ResponseReturnValue:
    """Ask what is needed, and register one person with company."""
    event = _event(slug)
    sent = flask.request.form if flask.request.method == "POST" else None
    form = PersonForm(sent, most_seats=event.most_seats, **_options(event))
    if sent is None:
        return _page(event, form)
    part = _part_to_show(form)
    if part is not None:
        form.errors = form.wrong_in(part) if part == form.value("step") and form.value("go") != "back" else {}
        return _page(event, form, part=part, status=422 if form.errors else 200)
    if form.wish is None:
        return _page(event, form, status=422)
    return _taken(event, form, _wish(form.wish))


@public_page(blueprint, "/events/<slug:slug>/register-group", methods=("GET", "POST"))
@sent_from_here
def register_group(slug: str) -> ResponseReturnValue:
    """Register a community centre, a school or a company."""
    event = _event(slug)
    if not event.takes_groups:
        flask.abort(404)
    sent = flask.request.form if flask.request.method == "POST" else None
    form = GroupForm(sent, **_options(event))
    if sent is None:
        return _page(event, form)
    if form.wish is None:
        return _page(event, form, status=422)
    return _taken(event, form, _wish(form.wish))


@public_page(blueprint, "/events/<slug:slug>/register/known")
def known(slug: str) -> ResponseReturnValue:
    """Say that a registration stands, and that its code was sent once more."""
    return personal_page("register_known.html", event=_event(slug))


def _options(event: Event) -> dict[str, Any]:
    audience, locale = edition()
    return {
        "places": tuple(pool.place for pool in common.pools(db.session(), event.id)),
        "questions": asking.read((event.words or {}).get("questions")),
        "audience": audience,
        "locale": locale,
    }


# --- one part at a time -------------------------------------------------------------------------------------------


def _part_to_show(form: PersonForm) -> str | None:
    """Return which part comes next where the form is shown in parts; None: it was sent as a whole."""
    parts = form.parts()
    step = form.value("step")
    if form.audience is not Audience.ELDERLY or step not in parts:
        return None
    at = parts.index(step)
    if form.value("go") == "back":
        return parts[max(0, at - 1)]
    if form.wrong_in(step) or at == len(parts) - 1:
        return step if at < len(parts) - 1 else None
    return parts[at + 1]


def _first_wrong(form: PersonForm) -> str:
    """Return the part that holds the first error, or the last part."""
    return next((part for part in form.parts() if form.wrong_in(part)), form.parts()[-1])


# --- registering --------------------------------------------------------------------------------------------------


def _wish(values: dict[str, Any]) -> Wish:
    guardian = values.get("guardian")
    return Wish(**{**values, "guardian": GuardianWish(**guardian) if guardian else None})


def _taken(event: Event, form: EntryForm, wish: Wish) -> ResponseReturnValue:
    """Register, and lead to the own page; or say why not, with everything that was typed."""
    try:
        done = _register(event, wish)
    except NotOpen as problem:
        form.refuse("form", _closed(problem.phase))
        return _page(event, form, status=409)
    except TooMany as problem:
        _say_too_many(form, problem)
        return _page(event, form, status=422)
    except NoSuchPlace:
        form.refuse("place" if len(form.places) > 1 else "form", gettext("The lecture is not held there any more."))
        return _page(event, form, status=422)
    except limits.TooOften as problem:
        form.refuse("form", gettext("Very many have just registered from your network. Please call, or try later."))
        answer = _page(event, form, status=429)
        answer.headers["Retry-After"] = str(problem.seconds)
        return answer
    if done.became is Became.KNOWN or not done.token:
        return flask.redirect(here(f"/events/{event.slug}/register/known"), 303)
    return flask.redirect(here(f"/events/registrations/{done.token}"), 303)


def _register(event: Event, wish: Wish) -> Registered:
    event_id, address = event.id, sender()
    pool_id = db.session.scalar(sa.select(Pool.id).where(Pool.event_id == event_id, Pool.place == wish.place)) or 0

    def work(session: Session) -> Registered:
        now = clock.now()
        done = registering.register(session, event_id=event_id, wish=wish, at=now)
        if done.became is Became.NEW:
            limits.count_registration(session, pool_id=pool_id, address=address, at=now)
        return done

    try:
        return together.run(work, order=pool_id)
    except sa.exc.IntegrityError:
        # The same person, or the same form, for the other place of this lecture at the same moment: now it is there.
        return together.run(work, order=pool_id)


_CLOSED: dict[Phase, Callable[[], str]] = {
    Phase.COMING: lambda: gettext("Registration has not opened yet."),
    Phase.CLOSED: lambda: gettext("Registration has closed meanwhile. Call us: perhaps there is a seat."),
    Phase.RUNNING: lambda: gettext("The lecture has begun. Whoever is near may simply come in, if seats are free."),
    Phase.OVER: lambda: gettext("The lecture is over."),
    Phase.CANCELLED: lambda: gettext("The lecture does not take place."),
}


def _closed(phase: Phase) -> str:
    return _CLOSED[phase]()


def _say_too_many(form: EntryForm, problem: TooMany) -> None:
    if problem.of == "registrations":
        said = gettext(
            "%(most)d people are registered with this contact already. For more, register as a group or call us.",
            most=problem.most,
        )
        form.refuse("phone" if form.value("contact_kind") == "phone" else "mail", said)
    elif problem.of == "group":
        form.refuse("form", gettext("This lecture takes no groups. Please call us."))
    else:
        name = "people" if isinstance(form, GroupForm) else "seats"
        form.refuse(name, gettext("Choose 1 to %(most)d seats.", most=problem.most))


def _page(event: Event, form: EntryForm, *, part: str = "", status: int = 200) -> Response:
    """Return the form with what was typed; in the edition for the elderly one part of it."""
    session, now = db.session(), clock.now()
    phase = common.phase_of(event, now)
    pools = common.pools(session, event.id)
    context: dict[str, Any] = {
        "event": event,
        "form": form,
        "phase": phase,
        "is_open": phase is Phase.OPEN,
        "closed": form.voiced(_closed(phase)) if phase is not Phase.OPEN else "",
        "pools": pools,
        "waiting": {pool.id: own.waiting(session, pool.id) for pool in pools},
        "field_of": field_of,
        "said": asking.said,
    }
    if isinstance(form, GroupForm):
        return personal_page(
            "register_group.html", status=status, path=f"/events/{event.slug}/register-group", **context
        )
    assert isinstance(form, PersonForm)  # noqa: S101  # nosec B101  # there are two forms
    in_parts = form.audience is Audience.ELDERLY
    if in_parts and not part:
        part = form.parts()[0] if form.is_new else _first_wrong(form)
    return personal_page(
        "register.html",
        status=status,
        path=f"/events/{event.slug}/register",
        parts=form.parts(),
        shown=[part] if in_parts else form.parts(),
        part=part if in_parts else "",
        **context,
    )
