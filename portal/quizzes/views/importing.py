"""Questions from a file, through the desk: first what would become of each, then, at a word, drafts."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.articles.services import sweep
from portal.core import clock
from portal.core.access import Permission, present, requires
from portal.core.database import transaction
from portal.quizzes import forms, services
from portal.quizzes.rules import formats
from portal.quizzes.rules.formats import Format, Reading
from portal.quizzes.rules.items import Item
from portal.quizzes.views.common import blueprint, me, settings

SECTION = "bank.questions"
SHOWN = 300
"""Rows of each kind that the page lists."""


@dataclass(frozen=True, slots=True)
class Row:
    """A question of the file, and what becomes of it."""

    line: int
    name: str
    item: Item | None
    fate: str
    """`added`, `changed`, `same` or `kept`; empty: it only names a category."""


class _Undo(Exception):
    """Ends a write unit without keeping anything of it."""


def _folder() -> Path:
    folder = settings().data / "questions"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _waiting() -> Path:
    """Return where the file of the person who asks waits for their word, an hour at most."""
    return _folder() / f"{present().id}.file"


def _take(reading: Reading, *, keep: bool) -> services.Report:
    """Store what a file holds as drafts of whoever asks; or only say what that would do."""
    report = services.Report()
    try:
        with transaction() as session:
            report = services.from_desk(session, found=reading.items, by=me(), at=clock.now())
            if not keep:
                raise _Undo
    except _Undo:
        pass
    return report


@blueprint.get("/desk/questions/import")
@requires(Permission.WRITE)
def import_form() -> ResponseReturnValue:
    """Ask for a file."""
    return _page(forms.FileForm(formdata=None))


@blueprint.post("/desk/questions/import")
@requires(Permission.WRITE)
def look_at_file() -> ResponseReturnValue:
    """Say what would become of every question of a file; change nothing."""
    form = forms.FileForm()
    if not form.validate():
        return _page(form), 400
    raw: bytes = form.file.data.stream.read()
    reading = formats.read(raw, name=form.file.data.filename or "")
    if not reading.found and not reading.errors:
        form.refuse("file", gettext("There is no question in this file."))
        return _page(form), 400
    sweep(_folder())
    path = _waiting()
    path.touch(mode=0o600)
    path.write_bytes(raw)
    report = _take(reading, keep=False)
    fates = {name: fate for fate in ("added", "changed", "same", "kept") for name in getattr(report, fate)}
    rows = [
        Row(one.line, one.name, one.item, fates.get(one.item.name, "") if one.item else "") for one in reading.found
    ]
    return _page(
        form,
        reading=reading,
        rows=rows,
        report=report,
        digest=_digest(raw, reading.format),
        filename=form.file.data.filename or "",
    )


def _digest(raw: bytes, format: Format) -> str:
    return hashlib.sha256(format.value.encode() + raw).hexdigest()


@blueprint.post("/desk/questions/import/take")
@requires(Permission.WRITE)
def take_file() -> ResponseReturnValue:
    """Take in the file that was looked at, as drafts; the same file again changes nothing."""
    form = forms.TakeForm()
    form.validate()
    try:
        raw = _waiting().read_bytes()
    except FileNotFoundError:
        raw = b""
    wanted = next((one for one in Format if _digest(raw, one) == form.digest.data), None)
    if not raw or wanted is None:
        flask.flash(gettext("This file does not wait any more. Please choose it again."), "careful")
        return flask.redirect(flask.url_for("bank.import_form"), 303)
    report = _take(formats.read(raw, format=wanted), keep=True)
    _waiting().unlink(missing_ok=True)
    count = len(report.added) + len(report.changed)
    flask.flash(
        ngettext(
            "%(num)d question is a draft now. The public sees it after review.",
            "%(num)d questions are drafts now. The public sees them after review.",
            count,
        )
    )
    return flask.redirect(flask.url_for("bank.questions", state="draft"), 303)


def _page(form: forms.FileForm, **found: Any) -> str:
    return flask.render_template("quizzes/desk/import.html", here_section=SECTION, form=form, shown=SHOWN, **found)
