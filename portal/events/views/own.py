"""The own page of whoever registered: where it stands, what they can do, and their rights over what is kept.

The address is all that they have; it is a secret of 256 bits. A GET shows and never acts, since mail programs and
scanners open addresses by themselves.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import flask
from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.database import db, transaction
from portal.core.files import qr_svg
from portal.core.forms import whole_number
from portal.core.web import NO_REFERRER, public_page, say_instead
from portal.events.forms import CodeForm, CorrectForm
from portal.events.models import Event, Registration
from portal.events.queries import common, own
from portal.events.rules import codes
from portal.events.rules import lectures as rules
from portal.events.rules import questions as asking
from portal.events.rules.keeping import Purpose
from portal.events.rules.lectures import EventState, Place
from portal.events.rules.seats import MOVES, Kind, State
from portal.events.services import limits, managing, own_data
from portal.events.services.registering import TooMany
from portal.events.views.visiting import edition, here, personal_page, sender, sent_from_here, without_token

blueprint = Blueprint("own", __name__)


def install(app: Flask) -> None:
    """Give `app` the own pages of those who registered."""
    app.register_blueprint(blueprint)
    without_token(app, (accept, pass_on, cancel, seats, correct, copy, withdraw, erase, code))


@dataclass(frozen=True, slots=True)
class Own:
    """What the address of an own page leads to."""

    token: str
    registration: Registration
    event: Event
    place: Place

    @classmethod
    def of(cls, token: str) -> Own:
        """Find it, or say what has become of it."""
        found = own.by_token(db.session(), token)
        if found is None:
            flask.abort(personal_page("gone.html", status=404, why="unknown", path="/"))
        if found[0].erased_at is not None:
            flask.abort(personal_page("gone.html", status=410, why="erased", event=found[1], path="/"))
        return cls(token, *found)

    def url(self, more: str = "") -> str:
        """Return the address of this page, or of one below it."""
        return here(f"/events/registrations/{self.token}{more}")

    @property
    def has_begun(self) -> bool:
        """Whether nothing can be changed any more."""
        return clock.now() >= self.event.starts_at

    @property
    def can_cancel(self) -> bool:
        """Whether there is something to cancel, and time to do it."""
        return State.CANCELLED in MOVES[self.registration.state] and not self.has_begun

    @property
    def can_change(self) -> bool:
        """Whether seats can be changed."""
        return self.can_cancel and self.event.state is not EventState.CANCELLED

    @property
    def most_seats(self) -> int:
        """How many seats this registration may take."""
        if self.registration.kind is Kind.GROUP:
            return rules.MOST_IN_A_GROUP
        return min(self.event.most_seats, rules.MOST_SEATS_EACH)

    def page(self, template: str = "own.html", *, status: int = 200, error: str = "", **context: Any) -> Response:
        """Return a page of this registration."""
        session, now = db.session(), clock.now()
        registration = self.registration
        _audience, locale = edition()
        questions = asking.read((self.event.words or {}).get("questions"))
        return personal_page(
            template,
            status=status,
            path=f"/events/registrations/{self.token}",
            own=self,
            event=self.event,
            registration=registration,
            place=self.place,
            phase=common.phase_of(self.event, now),
            is_held=_is_held(registration, now),
            position=own.position(session, registration),
            needs=own.needs(session, registration.id),
            consents={row.purpose: row for row in own.consents(session, registration.id)},
            guardian=own.guardian(session, registration.id),
            answers=_answers(registration, questions, locale),
            error=error,
            **context,
        )


def _is_held(registration: Registration, now: datetime) -> bool:
    return registration.hold_until is not None and now < registration.hold_until


def _answers(registration: Registration, questions: tuple[asking.Question, ...], locale: Any) -> list[tuple[Any, str]]:
    kept = own_data.answers_of(registration)
    yes_no: dict[str, Callable[[], str]] = {asking.YES: lambda: gettext("Yes"), asking.NO: lambda: gettext("No")}
    return [
        (
            question,
            yes_no[text]()
            if question.kind is asking.QuestionKind.YES_NO and text in yes_no
            else asking.told(question, text, locale),
        )
        for question in questions
        if (text := kept.get(question.key, ""))
    ]


@public_page(blueprint, "/events/registrations/<token:token>")
def show(token: str) -> ResponseReturnValue:
    """Show where a registration stands."""
    return Own.of(token).page()


@public_page(blueprint, "/events/registrations/<token:token>/qr.svg")
def qr(token: str) -> ResponseReturnValue:
    """Draw the code, and nothing but the code, to be scanned at the door."""
    found = Own.of(token)
    say_instead(NO_REFERRER)
    return qr_svg(found.registration.code, caching="no-store")


# --- acting -------------------------------------------------------------------------------------------------------


def _act(found: Own, work: Callable[[Session, int], object]) -> ResponseReturnValue:
    """Do one thing to a registration and show its page; what cannot be done any more is explained there."""
    number = found.registration.id
    try:
        with transaction() as session:
            work(session, number)
    except managing.NotOffered:
        said = gettext("No seat is held for you now. Perhaps the time ran out, or you have answered before.")
    except managing.TooLate:
        said = gettext("The lecture has begun or does not take place. Nothing can be changed any more.")
    except managing.NoSeats as problem:
        said = (
            gettext("Only %(free)d more seats are free. Your registration stays as it was.", free=problem.free)
            if problem.free
            else gettext("No more seats are free, or others wait for them. Your registration stays as it was.")
        )
    except TooMany as problem:
        said = gettext("Choose 1 to %(most)d seats.", most=problem.most)
    else:
        return flask.redirect(found.url(), 303)
    return Own.of(found.token).page(status=409, error=said)


@public_page(blueprint, "/events/registrations/<token:token>/accept", methods=("POST",))
@sent_from_here
def accept(token: str) -> ResponseReturnValue:
    """Take the seats that are held."""
    return _act(Own.of(token), lambda session, number: managing.accept(session, registration_id=number, at=clock.now()))


@public_page(blueprint, "/events/registrations/<token:token>/pass", methods=("POST",))
@sent_from_here
def pass_on(token: str) -> ResponseReturnValue:
    """Leave the seats that are held to the next."""
    return _act(
        Own.of(token), lambda session, number: managing.pass_on(session, registration_id=number, at=clock.now())
    )


@public_page(blueprint, "/events/registrations/<token:token>/cancel", methods=("GET", "POST"))
@sent_from_here
def cancel(token: str) -> ResponseReturnValue:
    """Say what cancelling means; cancel."""
    found = Own.of(token)
    if flask.request.method == "POST":
        return _act(found, lambda session, number: managing.cancel(session, registration_id=number, at=clock.now()))
    if not found.can_cancel:
        return flask.redirect(found.url(), 303)
    return found.page("own_cancel.html")


@public_page(blueprint, "/events/registrations/<token:token>/seats", methods=("POST",))
@sent_from_here
def seats(token: str) -> ResponseReturnValue:
    """Take more seats or fewer."""
    wanted = whole_number(flask.request.form.get("seats", "").strip(), otherwise=0)
    return _act(
        Own.of(token),
        lambda session, number: managing.change_seats(session, registration_id=number, seats=wanted, at=clock.now()),
    )


# --- what is kept -------------------------------------------------------------------------------------------------


@public_page(blueprint, "/events/registrations/<token:token>/correct", methods=("GET", "POST"))
@sent_from_here
def correct(token: str) -> ResponseReturnValue:
    """Put name, contact and needs right."""
    found = Own.of(token)
    audience, _locale = edition()
    sent = flask.request.form if flask.request.method == "POST" else None
    needs = list(own.needs(db.session(), found.registration.id))
    form = CorrectForm(sent, registration=found.registration, needs=needs, audience=audience)
    if form.correction is None:
        return found.page("own_correct.html", form=form, status=422 if form.errors else 200)
    number, correction = found.registration.id, own_data.Correction(**form.correction)
    try:
        with transaction() as session:
            own_data.correct(session, registration_id=number, correction=correction, at=clock.now())
    except own_data.Taken:
        said = gettext("Somebody is registered with this name and this contact already. Nothing was changed.")
    except TooMany as problem:
        said = gettext("%(most)d people are registered with this contact already.", most=problem.most)
    else:
        return flask.redirect(found.url("#kept"), 303)
    form.refuse("phone" if form.value("contact_kind") == "phone" else "mail", said)
    return Own.of(token).page("own_correct.html", form=form, status=422)


@public_page(blueprint, "/events/registrations/<token:token>/copy", methods=("POST",))
@sent_from_here
def copy(token: str) -> ResponseReturnValue:
    """Hand out everything that is kept, for people to take along."""
    found = Own.of(token)
    number = found.registration.id
    with transaction() as session:
        kept = own_data.copy(session, registration_id=number, at=clock.now())
    say_instead(NO_REFERRER)
    answer = Response(json.dumps(kept, ensure_ascii=False, indent=2), mimetype="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="mingbai-registration.json"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


@public_page(blueprint, "/events/registrations/<token:token>/withdraw", methods=("POST",))
@sent_from_here
def withdraw(token: str) -> ResponseReturnValue:
    """Take back that needs of access may be kept: they are erased and the registration stands."""
    found = Own.of(token)
    if flask.request.form.get("purpose") != Purpose.ACCESS:
        return flask.redirect(found.url("/erase"), 303)
    number = found.registration.id
    with transaction() as session:
        own_data.take_back_access(session, registration_id=number, at=clock.now())
    return flask.redirect(found.url("#kept"), 303)


@public_page(blueprint, "/events/registrations/<token:token>/erase", methods=("GET", "POST"))
@sent_from_here
def erase(token: str) -> ResponseReturnValue:
    """Say what erasing means; cancel and erase."""
    found = Own.of(token)
    if flask.request.method == "GET":
        return found.page("own_erase.html")
    number = found.registration.id
    with transaction() as session:
        own_data.erase_own(session, registration_id=number, at=clock.now())
    return flask.redirect(found.url(), 303)


# --- by the code --------------------------------------------------------------------------------------------------


@public_page(blueprint, "/events/code", methods=("GET", "POST"))
@sent_from_here
def code() -> ResponseReturnValue:
    """Lead whoever has a code and knows the name to the own page."""
    audience, _locale = edition()
    sent = flask.request.form if flask.request.method == "POST" else None
    form = CodeForm(sent, audience=audience)
    if sent is None or form.errors:
        return personal_page("code.html", path="/events/code", form=form, status=422 if form.errors else 200)
    try:
        token = _look(form)
    except limits.TooOften as problem:
        form.refuse("form", gettext("There were too many wrong tries. Wait an hour, or call us."))
        answer = personal_page("code.html", path="/events/code", form=form, status=429)
        answer.headers["Retry-After"] = str(problem.seconds)
        return answer
    if token is None:
        said = gettext("We know no registration with this code and this name. Look at both once more, or call us.")
        form.refuse("code", said)
        return personal_page("code.html", path="/events/code", form=form, status=422)
    return flask.redirect(here(f"/events/registrations/{token}"), 303)


def _look(form: CodeForm) -> str | None:
    typed, address = codes.typed(form.code) or "", sender()
    with transaction() as session:
        now = clock.now()
        limits.may_guess(session, code=typed, address=address, at=now)
        token = own_data.of_code(session, code=form.code, name=form.name)
        if token is None:
            limits.count_wrong(session, code=typed, address=address, at=now)
    return token
