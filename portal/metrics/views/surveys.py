"""Surveys on paper: first what becomes of every row, then, on a word, the taking in."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any
from uuid import UUID

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from portal.core import access, clock, crypto
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.i18n import in_words
from portal.metrics.forms import SurveyForm, UploadForm
from portal.metrics.models import SurveyRow
from portal.metrics.queries import stored
from portal.metrics.rules.closing import State
from portal.metrics.services import figures, files, pairs, surveys
from portal.metrics.services.pairs import Fate
from portal.metrics.views import words
from portal.quizzes.services import paper_waiting

blueprint = Blueprint("quarter_surveys", __name__)
HERE = "metrics.index"
SURVEYS = "/desk/quarters/<quarter:quarter>/surveys"
MAX_BODY = 2_000_000
"""Bytes of the form with its file, as many as `core.delivery.BodyGate` takes from anybody."""
FATES = {
    Fate.TAKEN: (_l("will be taken in"), "check", "done"),
    Fate.JOINED: (_l("belongs to an earlier row of the same code"), "check", "done"),
    Fate.EMPTY: (_l("has no answers"), "info", "wait"),
    Fate.REFUSED: (_l("cannot be taken"), "careful", "must"),
}


@blueprint.url_value_preprocessor
def _allow_file(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a file be sent, before anything reads the form; from whoever else so much is refused."""
    asking = access.actor()
    if endpoint == "quarter_surveys.check" and asking and asking.may(Permission.ANALYSE):
        flask.request.max_content_length = MAX_BODY


def _folder() -> Path:
    data: Path = flask.current_app.config["PORTAL"].data
    return data / "surveys"


@blueprint.get(SURVEYS)
@requires(Permission.ANALYSE)
def index(quarter: str) -> ResponseReturnValue:
    """List the surveys of a quarter, and offer the form for another."""
    return _index(quarter, UploadForm(formdata=None))


def _index(quarter: str, form: UploadForm, *, status: int = 200) -> ResponseReturnValue:
    row = stored.report(db.session(), quarter)
    return flask.render_template(
        "metrics/surveys.html",
        quarter=quarter,
        surveys=stored.surveys(db.session(), quarter),
        is_open=row is None or row.state is State.OPEN,
        form=form,
        zone=flask.current_app.config["PORTAL"].timezone,
        rows=surveys.MAX_ROWS,
        mb=surveys.MAX_BYTES // 1_000_000,
        here_section=HERE,
    ), status


@blueprint.post(SURVEYS)
@requires(Permission.ANALYSE)
def check(quarter: str) -> ResponseReturnValue:
    """Look at a file and keep it for a word; change nothing."""
    form = UploadForm()
    if not form.validate():
        return _index(quarter, form, status=422)
    raw = form.file.data.stream.read(surveys.MAX_BYTES + 1)
    try:
        surveys.look(db.session(), quarter=quarter, raw=raw)
    except pairs.Unreadable as problem:
        form.refuse("file", in_words(problem.args[0]))
        return _index(quarter, form, status=422)
    # Sealed: whoever typed the table may have left names in it.
    sealed = crypto.seal(base64.b64encode(raw).decode("ascii")).encode("ascii")
    token = paper_waiting.keep(sealed, _folder(), person_id=access.present().id)
    return flask.redirect(flask.url_for("quarter_surveys.found", quarter=quarter, token=token), 303)


def _waiting(token: UUID) -> bytes:
    sealed = paper_waiting.kept(_folder(), person_id=access.present().id, token=token)
    if sealed is None:
        flask.abort(404)
    try:
        return base64.b64decode(crypto.unseal(sealed.decode("ascii")))
    except crypto.Unreadable:
        # The site's key was replaced meanwhile: whoever brought the file brings it again.
        flask.abort(404)


@blueprint.get(f"{SURVEYS}/<uuid:token>")
@requires(Permission.ANALYSE)
def found(quarter: str, token: UUID) -> ResponseReturnValue:
    """Show what becomes of every row, and what the whole would come to."""
    return _found(quarter, token, _waiting(token), SurveyForm(formdata=None))


def _found(quarter: str, token: UUID, raw: bytes, form: SurveyForm, *, status: int = 200) -> ResponseReturnValue:
    return flask.render_template(
        "metrics/survey.html",
        quarter=quarter,
        token=token,
        looked=surveys.look(db.session(), quarter=quarter, raw=raw),
        form=form,
        fates=FATES,
        Fate=Fate,
        words=words,
        in_words=in_words,
        here_section=HERE,
    ), status


@blueprint.post(f"{SURVEYS}/<uuid:token>")
@requires(Permission.ANALYSE)
def confirm(quarter: str, token: UUID) -> ResponseReturnValue:
    """Take a survey in, all of it or nothing."""
    raw = _waiting(token)
    form = SurveyForm()
    if not form.validate():
        return _found(quarter, token, raw, form, status=422)
    try:
        with transaction() as session:
            taken = surveys.take(
                session,
                quarter=quarter,
                raw=raw,
                name=form.name.data,
                signer=form.signer.data,
                by=access.present().name,
                at=clock.now(),
            )
            is_new = taken is not None
    except figures.Wrong as problem:
        flask.flash(in_words(problem.said), "careful")
        return flask.redirect(flask.url_for("quarter_surveys.found", quarter=quarter, token=token), 303)
    if is_new:
        return _done(quarter, gettext("The survey is in."))
    return _done(quarter, gettext("This very file is in already. Nothing was changed."), "careful")


@blueprint.post(f"{SURVEYS}/<int(max=9007199254740991):id>/withdraw")
@requires(Permission.ANALYSE)
def withdraw(quarter: str, id: int) -> ResponseReturnValue:
    """Take a survey out of the figures."""
    try:
        with transaction() as session:
            surveys.withdraw(session, quarter=quarter, number=id, by=access.present().name, at=clock.now())
    except figures.Wrong as problem:
        return _done(quarter, in_words(problem.said), "careful")
    return _done(quarter, gettext("The survey is out of the figures. Its table is kept."))


@blueprint.post(f"{SURVEYS}/<int(max=9007199254740991):id>/file")
@requires(Permission.ANALYSE)
def save(quarter: str, id: int) -> ResponseReturnValue:
    """Save the table that a survey was taken from; that is written down."""
    with transaction() as session:
        row = session.get(SurveyRow, id)
        if row is None or row.quarter != quarter:
            flask.abort(404)
        content = row.content
        files.note_export(session, target=f"survey:{id}", form="csv", by=access.present().name, at=clock.now())
    answer = flask.Response("\ufeff" + content, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="mingbai-survey-{quarter}-{id}.csv"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _done(quarter: str, said: str, kind: str = "message") -> ResponseReturnValue:
    flask.flash(said, kind)
    return flask.redirect(flask.url_for("quarter_surveys.index", quarter=quarter), 303)
