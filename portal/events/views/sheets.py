"""Sign-in sheets on paper and lists of the meeting tool: printed, and taken in after a look at every row."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import flask
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext, ngettext

from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.i18n import CATALOGUES
from portal.core.settings import LOCALES
from portal.events.forms import ConfirmForm, MeetingForm, PrintForm, SheetFileForm, TypedForm
from portal.events.models import Event
from portal.events.queries import sheets as queries
from portal.events.rules import meetings as meeting_rules
from portal.events.rules import sheets as rules
from portal.events.services import meetings, waiting
from portal.events.services import sheets as verbs
from portal.events.services.waiting import Waiting
from portal.events.views.after_common import ID, by, on_duty, pdf_answer, settings, title
from portal.events.views.after_words import file_words, meeting_fate_words, sheet_fate_words
from portal.quizzes.rules.paper_file import MAX_BYTES, MAX_ROWS, Unreadable
from portal.quizzes.services import pdf

blueprint = Blueprint("sheets", __name__)
MAX_BODY = MAX_BYTES + 100_000
"""Bytes of the form with the file in it."""
UPLOADS = "/desk/event-files/"
"""Where files are brought."""


def install(app: Flask) -> None:
    """Give `app` the pages of sheets."""
    app.register_blueprint(blueprint)


@blueprint.url_value_preprocessor
def _allow_file(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a file be sent, before anything reads the form; from whoever else so much is refused."""
    asking = access.actor()
    if endpoint in ("sheets.bring", "sheets.bring_meeting") and asking and asking.may(Permission.ORGANISE):
        flask.request.max_content_length = MAX_BODY


def _folder() -> Path:
    return settings().data / "lectures"


# --- printing -----------------------------------------------------------------------------------------------------


@blueprint.get(f"/desk/events/{ID}/sheets")
@requires(Permission.ORGANISE)
def show(id: int) -> ResponseReturnValue:
    """Offer the sheets, and the ways in which they come back."""
    return _show(on_duty(id))


def _show(event: Event, *, status: int = 200, problem: str = "", **forms: Any) -> ResponseReturnValue:
    session = db.session()
    printing = PrintForm(formdata=None)
    printing.first.data = str(queries.next_blank(session, event.id, uid=event.uid))
    meeting = MeetingForm(formdata=None)
    meeting.minutes.data = str(meeting_rules.least_minutes(event.ends_at - event.starts_at))
    offered = {"printing": printing, "file": SheetFileForm(formdata=None), "typed": TypedForm(formdata=None)}
    return flask.render_template(
        "events/after/sheets.html",
        event=event,
        title=title(event),
        forms={**offered, "meeting": meeting, **forms},
        wrong=next(iter(forms.values()), None),
        problem=problem,
        files=queries.files(session, event.id),
        has_begun=clock.now() >= event.starts_at - rules.EARLY,
        rows=MAX_ROWS,
        mb=MAX_BYTES // 1_000_000,
    ), status


@blueprint.get(f"/desk/events/{ID}/sheets.pdf")
@requires(Permission.ORGANISE, fresh=True)
def print_sheets(id: int) -> ResponseReturnValue:
    """Give the sign-in sheets out; the log says who took them."""
    event = on_duty(id)
    form = PrintForm(flask.request.args or None)
    if not form.validate():
        return _show(event, status=422, printing=form)
    first = int(form.first.data)
    last = min(first + int(form.blanks.data) - 1, rules.MOST_ROWS)
    signers = queries.signers(db.session(), event.id)
    # People sign in the language of the place, whatever the person who prints reads.
    with force_locale(CATALOGUES[LOCALES[0]]):
        html = flask.render_template(
            "events/after/sheet_print.html",
            event=event,
            title=title(event, LOCALES[0]),
            venue=event.venue.get(LOCALES[0], ""),
            day=_day(event),
            short=rules.event_code(event.uid),
            signers=signers,
            blanks=[rules.blank_code(event.uid, number) for number in range(first, last + 1)],
            tally=rules.blank_code(event.uid, first, sign=rules.TALLY),
            spoken=rules.spoken,
            lang=LOCALES[0],
        )
    with transaction() as session:
        event = session.get_one(Event, id)
        verbs.note_printed(
            session, event=event, rows=len(signers), blanks=(first, last), by=access.present().name, at=clock.now()
        )
    try:
        return pdf_answer(html, name=f"{on_duty(id).slug}-sheets", keep=False)
    except pdf.Unavailable:
        problem = gettext("No PDF can be made on this server. Ask whoever runs it to install Pango.")
    except pdf.TooMuch:
        problem = gettext("This is too much for one PDF. Print fewer blank rows.")
    return _show(on_duty(id), status=422, problem=problem)


def _day(event: Event) -> str:
    starts = event.starts_at.astimezone(settings().timezone)
    ends = event.ends_at.astimezone(settings().timezone)
    return f"{starts:%Y-%m-%d %H:%M}-{ends:%H:%M}" if ends - starts < timedelta(days=1) else f"{starts:%Y-%m-%d %H:%M}"


# --- taking in ----------------------------------------------------------------------------------------------------


@blueprint.post(f"{UPLOADS}{ID}/sheet")
@requires(Permission.ORGANISE)
def bring(id: int) -> ResponseReturnValue:
    """Look at a table of what stands on sheets, and keep it for a word; change nothing."""
    event = on_duty(id)
    form = SheetFileForm()
    if not form.validate():
        return _show(event, status=422, file=form)
    return _look(event, Waiting(event.id, "sheet", form.file.data.stream.read(MAX_BYTES + 1)), form, "file")


@blueprint.post(f"/desk/events/{ID}/sheets/typed")
@requires(Permission.ORGANISE)
def type_rows(id: int) -> ResponseReturnValue:
    """Look at rows that somebody typed, and keep them for a word; change nothing."""
    event = on_duty(id)
    form = TypedForm()
    if not form.validate():
        return _show(event, status=422, typed=form)
    return _look(event, Waiting(event.id, "typed", form.rows.data.encode()), form, "rows")


@blueprint.post(f"{UPLOADS}{ID}/meeting")
@requires(Permission.ORGANISE)
def bring_meeting(id: int) -> ResponseReturnValue:
    """Look at a list of the meeting tool, and keep it for a word; change nothing."""
    event = on_duty(id)
    form = MeetingForm()
    if not form.validate():
        return _show(event, status=422, meeting=form)
    raw = form.file.data.stream.read(MAX_BYTES + 1)
    return _look(event, Waiting(event.id, "meeting", raw, int(form.minutes.data)), form, "file")


def _look(event: Event, brought: Waiting, form: Any, field: str) -> ResponseReturnValue:
    try:
        _report(event, brought)
    except Unreadable as problem:
        form.refuse(field, file_words(problem))
        name = {"sheet": "file"}.get(brought.kind, brought.kind)
        return _show(event, status=422, **{name: form})
    token = waiting.keep(brought, _folder(), person_id=access.present().id)
    return flask.redirect(flask.url_for("sheets.found", id=event.id, token=token), 303)


def _lines(brought: Waiting) -> tuple[list[rules.Line], str]:
    if brought.kind == "typed":
        lines = rules.lines_of_text(brought.raw.decode())
        return lines, rules.digest_of(lines)
    return rules.lines_of_file(brought.raw), rules.digest_of_file(brought.raw)


def _report(event: Event, brought: Waiting) -> verbs.Report | meetings.Report:
    if brought.kind == "meeting":
        return meetings.look(db.session(), event=event, raw=brought.raw, minutes=brought.minutes)
    lines, digest = _lines(brought)
    return verbs.look(db.session(), event=event, lines=lines, digest=digest)


def _kept(event: Event, token: UUID) -> Waiting:
    found = waiting.kept(_folder(), person_id=access.present().id, token=token, event_id=event.id)
    return found or flask.abort(404)


@blueprint.get(f"{UPLOADS}{ID}/<uuid:token>")
@requires(Permission.ORGANISE, fresh=True)
def found(id: int, token: UUID) -> ResponseReturnValue:
    """Show what would become of every row."""
    event = on_duty(id)
    brought = _kept(event, token)
    return flask.render_template(
        "events/after/found.html",
        event=event,
        title=title(event),
        report=_report(event, brought),
        is_meeting=brought.kind == "meeting",
        token=token,
        words=meeting_fate_words if brought.kind == "meeting" else sheet_fate_words,
        harmless=meeting_rules.HARMLESS if brought.kind == "meeting" else rules.HARMLESS,
        form=ConfirmForm(formdata=None),
    )


@blueprint.post(f"{UPLOADS}{ID}/<uuid:token>")
@requires(Permission.ORGANISE, fresh=True)
def confirm(id: int, token: UUID) -> ResponseReturnValue:
    """Take the good rows in, and erase the list."""
    brought = _kept(on_duty(id), token)
    try:
        with transaction() as session:
            if brought.kind == "meeting":
                report: verbs.Report | meetings.Report = meetings.take(
                    session, event_id=id, raw=brought.raw, minutes=brought.minutes, at=clock.now(), **by()
                )
            else:
                lines, digest = _lines(brought)
                report = verbs.take(session, event_id=id, lines=lines, digest=digest, at=clock.now(), **by())
            people, is_done = sum(one.people for one in report.good), report.is_done
    except verbs.TooEarly:
        flask.flash(gettext("Nothing was taken: the lecture has not begun, or does not take place."), "careful")
        return flask.redirect(flask.url_for("sheets.found", id=id, token=token), 303)
    waiting.forget(_folder(), person_id=access.present().id, token=token)
    if is_done:
        flask.flash(ngettext("%(num)d person is in.", "%(num)d people are in.", people))
    else:
        flask.flash(gettext("Nothing was taken: there is nothing new in this list."), "careful")
    return flask.redirect(flask.url_for("sheets.show", id=id), 303)
