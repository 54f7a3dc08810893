"""The log on the desk, and where each request's acts come from."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from zoneinfo import ZoneInfo

import flask
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.audit import queries
from portal.audit.forms import FilterForm
from portal.audit.rules import Tag
from portal.audit.services import ORIGIN
from portal.audit.views.words import words
from portal.core import web
from portal.core.access import DeskSection, Permission, requires
from portal.core.database import db
from portal.core.files import csv_file

blueprint = Blueprint("audit", __name__)

A_PAGE = 50
FURTHEST = 2**53 - 1


def install(app: Flask) -> None:
    """Add the log to `app`."""
    app.register_blueprint(blueprint)
    app.before_request(_note_origin)
    app.teardown_request(_forget_origin)
    section = DeskSection(lambda: gettext("Audit log"), "audit.log", Permission.READ_AUDIT)
    web.add_desk_section(app, section)


def _note_origin() -> None:
    ORIGIN.set(flask.request.remote_addr or "unknown")


def _forget_origin(_problem: BaseException | None) -> None:
    ORIGIN.set("command")


@blueprint.get("/desk/audit")
@requires(Permission.READ_AUDIT)
def log() -> ResponseReturnValue:
    """Show who did what, the newest first."""
    form = _form()
    zone = _zone()
    entries: list[queries.Entry] = []
    if form.validate():
        before = flask.request.args.get("before", type=_number)
        entries = queries.newest(db.session(), form.wanted(zone), before=before, limit=A_PAGE + 1)
    asked = _asked(form)
    older = flask.url_for("audit.log", **asked, before=entries[A_PAGE - 1].id) if len(entries) > A_PAGE else ""
    return flask.render_template(
        "audit/log.html",
        form=form,
        entries=[_shown(entry, zone) for entry in entries[:A_PAGE]],
        older=older,
        newest=flask.url_for("audit.log", **asked) if "before" in flask.request.args else "",
        export=flask.url_for("audit.export", **asked),
        here_section="audit.log",
    ), (422 if form.wrong else 200)


@blueprint.get("/desk/audit/export")
@requires(Permission.READ_AUDIT, fresh=True)
def export() -> ResponseReturnValue:
    """Give out the acts that the filter finds as a CSV file."""
    form = _form()
    if not form.validate():
        return flask.redirect(flask.url_for("audit.log", **_asked(form)), 303)
    zone = _zone()
    wanted = form.wanted(zone)
    head = [
        gettext("Number"),
        gettext("When"),
        gettext("Who"),
        gettext("What was done"),
        gettext("To what"),
        gettext("Details"),
        gettext("From where"),
        gettext("Tag"),
    ]

    def rows() -> Iterator[list[object]]:
        yield head
        for entry in queries.every(db.session(), wanted):
            act = entry.act
            when = act.at.astimezone(zone).isoformat(timespec="seconds")
            details = json.dumps(act.details, ensure_ascii=False) if act.details else ""
            yield [entry.id, when, act.actor, words(act.tag), act.target, details, act.origin, act.tag]

    return csv_file(rows(), name="audit")


def _zone() -> ZoneInfo:
    zone: ZoneInfo = flask.current_app.config["PORTAL"].timezone
    return zone


def _number(text: str) -> int:
    number = int(text)
    if not 0 <= number <= FURTHEST:
        raise ValueError
    return number


def _form() -> FilterForm:
    form = FilterForm(flask.request.args)
    form.tag.choices = [("", gettext("Everything")), *((tag.value, words(tag)) for tag in Tag)]
    return form


def _asked(form: FilterForm) -> dict[str, Any]:
    return {name: value for name, value in form.data.items() if value}


def _shown(entry: queries.Entry, zone: ZoneInfo) -> dict[str, Any]:
    at = entry.act.at.astimezone(zone)
    return {
        "act": entry.act,
        "at": at.isoformat(timespec="seconds"),
        "when": f"{at:%Y-%m-%d %H:%M:%S}",
        "what": words(entry.act.tag),
        "details": [
            (name, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
            for name, value in entry.act.details.items()
        ],
    }
