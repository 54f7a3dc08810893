"""The door on the day, phone first: codes scanned, photographed or typed, names looked up, heads counted, undone.

Each form works without scripts and is answered with 303 to the page, which then says what happened; a script sends the
same forms and gets the two parts of the page that changed.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import flask
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session

from portal.core import access, clock, web
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.forms import whole_number
from portal.events.models import Event
from portal.events.queries import door as reads
from portal.events.queries.common import duty
from portal.events.queries.door import Came, Found, Guest
from portal.events.rules.attendance import MOST_AT_ONCE, NONCE, AdmissionKind, AdmissionSource, Standing
from portal.events.rules.keeping import Relation
from portal.events.services import door as verbs
from portal.events.services import managing
from portal.events.services.door import Admitted, NotNow, Outcome
from portal.events.views import door_common as common
from portal.events.views.door_common import CAMERA, DOOR_NAME, ID, on_duty

blueprint = Blueprint("door", __name__, url_prefix="/desk/events")
blueprint.add_app_template_filter(common.clock_time, "door_time")
blueprint.add_app_template_filter(common.need_word, "door_need")
blueprint.add_app_template_filter(common.kind_word, "door_kind")
blueprint.add_app_template_global(common.relation_words, "door_relations")

SAID = {
    "counted",
    "already",
    "ask",
    "unknown",
    "refused",
    "undone",
    "number",
    "late",
    "not-held",
}
"""What the page can say after a step."""


def install(app: Flask) -> None:
    """Give `app` the pages of the door."""
    app.register_blueprint(blueprint)


@dataclass(frozen=True, slots=True)
class Result:
    """What a step came to, for the page."""

    said: str = ""
    guest: Guest | None = None
    step: Came | None = None
    over: int = 0
    found: Found | None = None
    looked_for: str = ""


@blueprint.get(f"/{ID}/door")
@requires(Permission.DESK)
def show(id: int) -> ResponseReturnValue:
    """Show who is there, and everything by which people are let in."""
    event = on_duty(id)
    web.say_instead(CAMERA)
    return flask.render_template("events/door/show.html", **_page(event, _result_of_address(event)))


def _result_of_address(event: Event) -> Result:
    asked = flask.request.args
    said = asked.get("said", "")
    now = clock.now()
    if said not in SAID or common.shut(event, now):
        return Result()
    session = db.session()
    who, step = (whole_number(asked.get(name), otherwise=None) for name in ("guest", "step"))
    return Result(
        said=said,
        guest=reads.guest(session, event_id=event.id, registration_id=who, at=now) if who else None,
        step=reads.step(session, event_id=event.id, admission_id=step) if step else None,
        over=whole_number(asked.get("over"), otherwise=0),
    )


def _page(event: Event, result: Result) -> dict[str, Any]:
    """Return what the page, or the parts of it that change, are drawn from."""
    session, now = db.session(), clock.now()
    shut = common.shut(event, now)
    return {
        "event": event,
        "title": common.title(event),
        "shut": shut,
        "counts": reads.counts(session, event.id),
        "begun": now >= event.starts_at,
        "latest": [] if shut else reads.latest(session, event.id),
        "result": result,
        "nonce": _nonce,
        "door_name": flask.session.get(DOOR_NAME, ""),
        "runs": duty(session, event=event, person_id=access.present().id).runs,
        "most": MOST_AT_ONCE,
        "offline_url": flask.url_for("door_offline.page", id=event.id),
    }


def _nonce() -> str:
    return secrets.token_urlsafe(24)


def _told(event_id: int, result: Result, *, status: int = 200) -> ResponseReturnValue:
    """Answer a step: to a script the parts that changed, to a browser the way back to the page."""
    if flask.request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        page = _page(on_duty(event_id), result)
        parts = {name: flask.render_template(f"events/door/parts/{name}.html", **page) for name in ("result", "now")}
        return flask.jsonify({"said": result.said, **parts}), status
    query: dict[str, Any] = {
        "said": result.said,
        "guest": result.guest.id if result.guest else None,
        "step": result.step.id if result.step else None,
        "over": result.over or None,
    }
    return flask.redirect(flask.url_for("door.show", id=event_id, _anchor="result", **query), 303)


def _step(event_id: int, act: Callable[[Session, datetime], Result]) -> ResponseReturnValue:
    """Do one step at the door in one write unit, and answer it."""
    on_duty(event_id)
    try:
        with transaction() as session:
            result = act(session, clock.now())
    except NotNow:
        return _told(event_id, Result("late"))
    except LookupError:
        flask.abort(404)
    return _told(event_id, result)


def _sent_nonce() -> str:
    sent = flask.request.form.get("nonce", "")
    return sent if NONCE.fullmatch(sent) else flask.abort(400)


def _sent_people(most: int = MOST_AT_ONCE) -> int | None:
    people = whole_number(flask.request.form.get("people"), otherwise=0)
    return people if 1 <= people <= most else None


def _where(at: datetime) -> dict[str, Any]:
    asking = access.present()
    return {
        "at": at,
        "received_at": at,
        "device": flask.session.get(DOOR_NAME, ""),
        "source": AdmissionSource.DOOR,
        "by": asking.name,
        "by_id": asking.id,
    }


def _after(session: Session, event_id: int, told: Admitted, at: datetime) -> Result:
    guest = None
    if told.registration_id is not None:
        guest = reads.guest(session, event_id=event_id, registration_id=told.registration_id, at=at)
    step = reads.step(session, event_id=event_id, admission_id=told.id) if told.id else None
    said = "counted" if told.outcome is Outcome.CONFLICT else told.outcome.value
    return Result(said, guest, step, told.over)


# --- by a code or a name ------------------------------------------------------------------------------------------


@blueprint.post(f"/{ID}/door/scan")
@requires(Permission.DESK)
def scan(id: int) -> ResponseReturnValue:
    """Let in whoever has a code; of a party, ask how many have come."""
    nonce = _sent_nonce()

    def act(session: Session, at: datetime) -> Result:
        code = flask.request.form.get("code", "")
        told = verbs.look(session, event_id=id, code=code, nonce=nonce, at=at)
        if isinstance(told, Admitted):
            return _after(session, id, told, at)
        guest = reads.guest(session, event_id=id, registration_id=told, at=at)
        if guest is not None and guest.standing is Standing.WELCOME and guest.seats > 1 and guest.left:
            return Result("ask", guest)
        done = verbs.admit(session, event_id=id, registration_id=told, people=1, nonce=nonce, **_where(at))
        return _after(session, id, done, at)

    return _step(id, act)


@blueprint.post(f"/{ID}/door/find")
@requires(Permission.DESK)
def find(id: int) -> ResponseReturnValue:
    """Find people by a part of the name or the last digits of the telephone; nothing of it stands in an address."""
    event, now = on_duty(id), clock.now()
    if common.shut(event, now):
        return _told(id, Result("late"))
    text = flask.request.form.get("text", "")[:60]
    result = Result("found", found=reads.find(db.session(), event_id=id, text=text, at=now), looked_for=text)
    if flask.request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return _told(id, result)
    web.say_instead(CAMERA)
    return flask.render_template("events/door/show.html", **_page(event, result))


@blueprint.post(f"/{ID}/door/admit")
@requires(Permission.DESK)
def admit(id: int) -> ResponseReturnValue:
    """Let in so many of a registration that was looked up."""
    nonce, people = _sent_nonce(), _sent_people()
    form = flask.request.form
    who = whole_number(form.get("guest"), otherwise=0)
    said = form.get("relation", "")
    relation = Relation(said) if said in {one.value for one in Relation} else None

    def act(session: Session, at: datetime) -> Result:
        if people is None:
            return Result("number", reads.guest(session, event_id=id, registration_id=who, at=at))
        if form.get("settle"):
            verbs.settle(session, event_id=id, registration_id=who, relation=relation, at=at, by=access.present().name)
        told = verbs.admit(session, event_id=id, registration_id=who, people=people, nonce=nonce, **_where(at))
        return _after(session, id, told, at)

    try:
        return _step(id, act)
    except managing.NotOffered:
        guest = reads.guest(db.session(), event_id=id, registration_id=who, at=clock.now())
        return _told(id, Result("not-held", guest))


# --- without one --------------------------------------------------------------------------------------------------


@blueprint.post(f"/{ID}/door/people")
@requires(Permission.DESK)
def people(id: int) -> ResponseReturnValue:
    """Let in people without a registration, or count heads."""
    nonce, number = _sent_nonce(), _sent_people()
    kind = AdmissionKind.TALLY if flask.request.form.get("kind") == "tally" else AdmissionKind.WALK_IN

    def act(session: Session, at: datetime) -> Result:
        if number is None:
            return Result("number")
        told = verbs.count(session, event_id=id, kind=kind, people=number, nonce=nonce, **_where(at))
        return replace(_after(session, id, told, at), guest=None)

    return _step(id, act)


@blueprint.post(f"/{ID}/door/undo")
@requires(Permission.DESK)
def undo(id: int) -> ResponseReturnValue:
    """Take one step back."""
    step = whole_number(flask.request.form.get("step"), otherwise=0)
    if common.shut(on_duty(id), clock.now()):
        return _told(id, Result("late"))

    def act(session: Session, at: datetime) -> Result:
        verbs.undo(session, event_id=id, admission_id=step, at=at, by=access.present().name)
        return Result("undone")

    return _step(id, act)


@blueprint.post(f"/{ID}/door/name")
@requires(Permission.DESK)
def name(id: int) -> ResponseReturnValue:
    """Keep what this door is called, for the others to know where somebody came in."""
    on_duty(id)
    typed = flask.request.form.get("name", "").strip()
    flask.session[DOOR_NAME] = "".join(letter for letter in typed if letter.isprintable())[:40]
    return flask.redirect(flask.url_for("door.show", id=id), 303)


# --- conflicts ----------------------------------------------------------------------------------------------------


@blueprint.get(f"/{ID}/door/conflicts")
@requires(Permission.DESK, Permission.ORGANISE)
def conflicts(id: int) -> ResponseReturnValue:
    """List whom two doors let in, for whoever runs the lecture."""
    event = common.running(id)
    rows = reads.conflicts(db.session(), id)
    return flask.render_template("events/door/conflicts.html", event=event, title=common.title(event), rows=rows)


@blueprint.post(f"/{ID}/door/conflicts")
@requires(Permission.DESK, Permission.ORGANISE)
def resolve(id: int) -> ResponseReturnValue:
    """Note whether a conflict was the same people twice, or others."""
    common.running(id)
    form, asking = flask.request.form, access.present()
    if form.get("was") not in ("same", "others"):
        flask.abort(400)
    try:
        with transaction() as session:
            verbs.resolve(
                session,
                event_id=id,
                admission_id=whole_number(form.get("step"), otherwise=0),
                others=form["was"] == "others",
                at=clock.now(),
                by=asking.name,
                by_id=asking.id,
            )
    except LookupError:
        flask.abort(404)
    return flask.redirect(flask.url_for("door.conflicts", id=id), 303)
