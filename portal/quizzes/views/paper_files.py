"""Paper results from a file: first what becomes of every row, then, on a word, the taking."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField
from wtforms import BooleanField

from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.files import csv_file
from portal.core.forms import Form, required
from portal.quizzes.models import Document
from portal.quizzes.queries import questions_of
from portal.quizzes.rules import paper, taking
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.paper_file import MAX_BYTES, MAX_ROWS, Fate, Unreadable
from portal.quizzes.services import find, paper_files, paper_waiting
from portal.quizzes.services import taking as quizzes
from portal.quizzes.views.paper import quiz_of, settings, typist
from portal.quizzes.views.paper_words import fate_words, file_words

blueprint = Blueprint("paper_files", __name__)
MAX_BODY = MAX_BYTES + 100_000
"""Bytes of the form with the file in it."""


@blueprint.url_value_preprocessor
def _allow_file(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a file be sent, before anything reads the form; from whoever else so much is refused."""
    asking = access.actor()
    if endpoint == "paper_files.check" and asking and asking.may(Permission.ORGANISE):
        flask.request.max_content_length = MAX_BODY


class UploadForm(Form):
    """A file to look at."""

    file = FileField(_l("CSV file"), validators=[required(_l("Please choose a CSV file."))])


class ConfirmForm(Form):
    """The word to take a file in."""

    whole = BooleanField(_l("Only if every row is good"))


def _folder() -> Path:
    return settings().data / "paper"


@blueprint.get("/desk/quizzes/<slug:slug>/paper/files")
@requires(Permission.ORGANISE)
def start(slug: str) -> ResponseReturnValue:
    """Offer the form for a file, and a template of it."""
    document, _versions = quiz_of(slug)
    return _start(document, UploadForm(formdata=None))


def _start(document: Document, form: UploadForm, *, status: int = 200) -> ResponseReturnValue:
    return flask.render_template(
        "quizzes/paper/files.html", document=document, form=form, rows=MAX_ROWS, mb=MAX_BYTES // 1_000_000
    ), status


@blueprint.get("/desk/quizzes/<slug:slug>/paper/template.csv")
@requires(Permission.ORGANISE)
def template(slug: str) -> ResponseReturnValue:
    """Give out an empty table with the columns of this quiz."""
    _document, versions = quiz_of(slug)
    newest = versions[max(versions)]
    count = questions_of(quizzes.instrument(newest).quiz)
    head = ["sheet", "audience", "group", "day", *(f"q{place}" for place in range(1, count + 1))]
    rows = [[paper.Sheet(newest.number, 1, copy).number, "general", *[""] * (count + 2)] for copy in range(1, 31)]
    return csv_file([head, *rows], name=f"{slug}-paper-v{newest.number}")


@blueprint.post("/desk/paper/<slug:slug>/files")
@requires(Permission.ORGANISE)
def check(slug: str) -> ResponseReturnValue:
    """Look at a file and keep it for a word; change nothing."""
    document, _versions = quiz_of(slug)
    form = UploadForm()
    if not form.validate():
        return _start(document, form, status=422)
    raw = form.file.data.stream.read(MAX_BYTES + 1)
    try:
        _look(document, raw)
    except _Refused as problem:
        form.refuse("file", str(problem))
        return _start(document, form, status=422)
    token = paper_waiting.keep(raw, _folder(), person_id=access.present().id)
    return flask.redirect(flask.url_for("paper_files.found", slug=slug, token=token), 303)


class _Refused(Exception):
    """A file cannot be looked at; the text says why."""


def _look(document: Document, raw: bytes) -> paper_files.Report:
    try:
        return paper_files.look(db.session(), quiz=document, raw=raw, at=clock.now(), zone=settings().timezone)
    except Unreadable as problem:
        raise _Refused(file_words(problem)) from None
    except (paper.Unprintable, taking.PoolEmpty):
        raise _Refused(gettext("This quiz cannot be on paper.")) from None


def _waiting(token: UUID) -> bytes:
    raw = paper_waiting.kept(_folder(), person_id=access.present().id, token=token)
    if raw is None:
        flask.abort(404)
    return raw


@blueprint.get("/desk/paper/<slug:slug>/files/<uuid:token>")
@requires(Permission.ORGANISE)
def found(slug: str, token: UUID) -> ResponseReturnValue:
    """Show what becomes, or has become, of every row."""
    document, _versions = quiz_of(slug)
    try:
        report = _look(document, _waiting(token))
    except _Refused:
        flask.abort(404)
    return flask.render_template(
        "quizzes/paper/found.html",
        document=document,
        report=report,
        token=token,
        form=ConfirmForm(formdata=None),
        fate_words=fate_words,
        Fate=Fate,
    )


@blueprint.post("/desk/paper/<slug:slug>/files/<uuid:token>")
@requires(Permission.ORGANISE)
def confirm(slug: str, token: UUID) -> ResponseReturnValue:
    """Take the good rows of a file, or by choice nothing unless all are good."""
    quiz_of(slug)
    raw = _waiting(token)
    form = ConfirmForm()
    if not form.validate():
        flask.abort(400)
    with transaction() as session:
        document = find(session, sort=Sort.QUIZ, name=slug)
        if document is None:
            flask.abort(404)
        report = paper_files.take(
            session,
            quiz=document,
            raw=raw,
            by=typist(),
            at=clock.now(),
            zone=settings().timezone,
            all_or_nothing=form.whole.data,
        )
        taken, refused, is_done = len(report.good), report.refused, report.is_done
    if is_done:
        flask.flash(gettext("%(count)d sheets are in.", count=taken))
    elif form.whole.data and refused:
        flask.flash(gettext("Nothing was taken: not every row is good."), "careful")
    else:
        flask.flash(gettext("Nothing was taken: there is nothing new in this file."), "careful")
    return flask.redirect(flask.url_for("paper_files.found", slug=slug, token=token), 303)
