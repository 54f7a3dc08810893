"""The door without a network: a page that a telephone keeps, the day's list for it, and what it sends afterwards.

The page itself says nothing of anybody, so it is the same for all and may be kept by a telephone; names come with the
list alone, which is sealed on the telephone before it is kept (`static/js/door-store.js`).
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime
from typing import Any

import flask
from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session

from portal.core import access, clock, web
from portal.core.access import Permission, public, requires
from portal.core.database import db, transaction
from portal.core.settings import LOCALES
from portal.core.web import STATIC
from portal.events.forms import door as forms
from portal.events.forms.door import Step
from portal.events.queries import door as reads
from portal.events.queries.door import Listed
from portal.events.rules.attendance import DOOR_CLOSES, AdmissionKind, AdmissionSource, Standing
from portal.events.services import door as verbs
from portal.events.services.door import NotNow, Outcome
from portal.events.views import door_common as common
from portal.events.views.door_common import CAMERA, ID, on_duty

blueprint = Blueprint("door_offline", __name__, url_prefix="/desk/events")
LOCALE = f"<any({', '.join(repr(name.value) for name in LOCALES)}):locale>"


def install(app: Flask) -> None:
    """Give `app` the page that works without a network."""
    app.register_blueprint(blueprint)


@blueprint.get(f"/{ID}/door/offline")
@requires(Permission.DESK)
def page(id: int) -> ResponseReturnValue:
    """Show the page that a telephone keeps."""
    on_duty(id)
    web.say_instead(CAMERA)
    return _shell()


@blueprint.get(f"/door-shell/{LOCALE}")
@public
def shell(locale: str) -> ResponseReturnValue:
    """Give a telephone the page to keep: it knows no lecture and no person."""
    flask.g.locale = locale
    web.say_instead(CAMERA)
    return web.page(_shell())


def _shell() -> str:
    return flask.render_template("events/door/offline.html", locale=flask.g.locale)


@blueprint.get("/door-sw.js")
@public
def worker() -> ResponseReturnValue:
    """Serve the worker that shows the kept page when there is no network; its scope is this folder."""
    return web.page((STATIC / "js" / "door-sw.js").read_text("utf-8"), mimetype="text/javascript")


@blueprint.get(f"/{ID}/door/state")
@requires(Permission.DESK)
def state(id: int) -> ResponseReturnValue:
    """Tell a page that is back on the network whether somebody is still signed in, and give it a token."""
    event = on_duty(id)
    return flask.jsonify(
        {"token": generate_csrf(), "shut": common.shut(event, clock.now()), "title": common.title(event)}
    )


@blueprint.post(f"/{ID}/door/list")
@requires(Permission.DESK, fresh=True)
def day_list(id: int) -> ResponseReturnValue:
    """Hand out the day's list; the log says who took it.

    A line is found by a keyed digest of its code, so that the list holds no codes; the key is new with every list.
    """
    event, now, asking = on_duty(id), clock.now(), access.present()
    key = secrets.token_bytes(32)
    try:
        with transaction() as session:
            listed = verbs.take_list(session, event_id=id, at=now, by=asking.name)
            lines = [_line(one, hmac.new(key, one.code.encode(), hashlib.sha256).hexdigest()) for one in listed]
    except LookupError:
        flask.abort(404)
    except NotNow:
        return _refused(409, "late")
    event = on_duty(id)
    return flask.jsonify(
        {
            "key": key.hex(),
            "title": common.title(event),
            "door": flask.session.get(common.DOOR_NAME, ""),
            "taken": now.isoformat(),
            "starts": event.starts_at.isoformat(),
            "until": (event.ends_at + DOOR_CLOSES).isoformat(),
            "zone": flask.current_app.config["PORTAL"].timezone.key,
            "lines": lines,
        }
    )


def _line(listed: Listed, found_by: str) -> dict[str, Any]:
    """Return one line of the list; of those who have no seat it says only that."""
    guest = listed.guest
    line: dict[str, Any] = {"by": found_by, "guest": guest.id, "standing": guest.standing.value}
    if guest.standing is not Standing.WELCOME:
        return line
    return line | {
        "name": guest.organisation or guest.name,
        "ends": listed.ends,
        "group": guest.is_group,
        "seats": guest.seats,
        "inside": guest.inside,
        "since": guest.since.isoformat() if guest.since else None,
        "needs": [common.need_word(need) for need in guest.needs],
        "note": guest.note,
    }


@blueprint.post(f"/{ID}/door/sync")
@requires(Permission.DESK)
def sync(id: int) -> ResponseReturnValue:
    """Take what a telephone did without a network; each step is answered by itself, and sent twice it counts once."""
    on_duty(id)
    if not flask.request.is_json:
        return _refused(415, "json")
    if (flask.request.content_length or 0) > forms.LARGEST:
        return _refused(413, "large")
    sent = flask.request.get_json(silent=True)
    steps = forms.steps(sent)
    if steps is None:
        return _refused(422, "malformed")
    asking, now = access.present(), clock.now()
    where = {
        "event_id": id,
        "received_at": now,
        "device": forms.device(sent),
        "source": AdmissionSource.OFFLINE,
        "by": asking.name,
        "by_id": asking.id,
    }
    with transaction() as session:
        answers = [{"nonce": nonce, **_take(session, step, where, at=now)} for nonce, step in steps]
    counts = reads.counts(db.session(), id)
    return flask.jsonify(
        {"answers": answers, "inside": counts.inside, "expected": counts.expected, "conflicts": counts.conflicts}
    )


def _take(session: Session, step: Step | None, where: dict[str, Any], *, at: datetime) -> dict[str, Any]:
    """Take one step; return what became of it."""
    if step is None:
        return {"outcome": "malformed"}
    try:
        if step.kind == "undo":
            done = verbs.undo_sent(session, event_id=where["event_id"], nonce=step.of, at=at, by=where["by"])
            return {"outcome": Outcome.UNKNOWN.value if done is None else "undone"}
        about = {**where, "people": step.people, "nonce": step.nonce, "at": step.at}
        if step.kind == "code":
            told = verbs.admit(session, code=step.code, registration_id=step.guest, **about)
        else:
            told = verbs.count(session, kind=AdmissionKind(step.kind), **about)
    except (NotNow, LookupError):
        return {"outcome": "late"}
    return {
        "outcome": told.outcome.value,
        "people": told.people,
        "over": told.over,
        "standing": told.standing.value if told.standing else None,
    }


def _refused(status: int, why: str) -> Response:
    answer = flask.jsonify({"error": {"status": status, "why": why}})
    answer.status_code = status
    return answer
