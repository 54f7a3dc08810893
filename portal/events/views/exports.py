"""Files of a lecture: figures for those who read figures, names for those who run it. Each is recorded."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence

import flask
from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue

from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.files import csv_file
from portal.events.forms import FORMATS, NamesForm
from portal.events.models import Event
from portal.events.rules.lists import Purpose
from portal.events.services import exports as verbs
from portal.events.views.after_common import ID, lecture, running, settings, title
from portal.quizzes.services.exports import Table, write_xlsx

blueprint = Blueprint("event_exports", __name__)
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def install(app: Flask) -> None:
    """Give `app` the files of lectures."""
    app.register_blueprint(blueprint)


@blueprint.post(f"/desk/events/{ID}/after/figures")
@requires(Permission.DESK)
def figures(id: int) -> ResponseReturnValue:
    """Save the figures of a lecture, without anybody in them."""
    event = lecture(id)
    form = flask.request.form.get("form", "")
    if form not in FORMATS:
        flask.abort(400)
    tables = verbs.figures(db.session(), event, zone=settings().timezone)
    with transaction() as session:
        event = session.get_one(Event, id)
        verbs.note_figures(session, event=event, form=form, by=access.present().name, at=clock.now())
        name = f"{event.slug}-figures"
    return _file([verbs.in_one(tables)] if form == "csv" else tables, form=form, name=name)


def _file(tables: Sequence[Table], *, form: str, name: str) -> Response:
    if form == "csv":
        answer = csv_file(tables[0].lines(), name=name)
    else:
        with tempfile.SpooledTemporaryFile(max_size=8_000_000) as file:
            write_xlsx(file, tables)  # type: ignore[arg-type]  # it reads and writes bytes
            file.seek(0)
            answer = Response(file.read(), mimetype=XLSX)
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}.xlsx"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.get(f"/desk/events/{ID}/after/names")
@requires(Permission.ORGANISE, fresh=True)
def ask_names(id: int) -> ResponseReturnValue:
    """Ask what a list of names is wanted for."""
    return _ask(running(id), NamesForm(formdata=None))


def _ask(event: Event, form: NamesForm, *, status: int = 200) -> ResponseReturnValue:
    return flask.render_template("events/after/names.html", event=event, title=title(event), form=form), status


@blueprint.post(f"/desk/events/{ID}/after/names")
@requires(Permission.ORGANISE, fresh=True)
def names(id: int) -> ResponseReturnValue:
    """Save the list of names for one purpose; who took it and what for is recorded."""
    event = running(id)
    form = NamesForm()
    if not form.validate():
        return _ask(event, form, status=422)
    purpose = Purpose(form.purpose.data)
    table = verbs.names(db.session(), event, purpose=purpose)
    rows = list(table.rows)
    with transaction() as session:
        event = session.get_one(Event, id)
        verbs.note_names(
            session,
            event=event,
            purpose=purpose,
            form=form.form.data,
            rows=len(rows),
            by=access.present().name,
            at=clock.now(),
        )
        name = f"{event.slug}-{purpose.value}"
    return _file([Table(table.name, table.head, rows)], form=form.form.data, name=name)
