"""Content packages through the desk: out as a zip file, in as drafts after a look at what would change."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import IO, Any
from uuid import UUID

import flask
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf.file import FileField

from portal.articles import services
from portal.articles.rules import Mode
from portal.articles.services import waiting
from portal.articles.services.archives import MAX_UNPACKED
from portal.articles.services.waiting import Findings
from portal.core import access, clock, web
from portal.core.access import DeskSection, Permission, requires
from portal.core.database import db, local_day, transaction
from portal.core.forms import Form, required
from portal.core.i18n import in_words
from portal.core.markup import Renderer
from portal.core.settings import Settings
from portal.reference.rules import PackageError

MAX_BODY = services.MAX_PACKED + 100_000
"""Bytes of the form with the file in it."""
MAX_FILES = 2_500
"""Files that the desk takes: 2,000 new texts are checked in about 20 seconds and stored in 6, and for no longer than
eight seconds does anybody else's saving wait for its turn."""
SHOWN = 300
"""Problems, and names of each kind, that the page lists."""
FLAWS = {
    services.Flaw.NOT_A_ZIP: _l("This is not a zip file. Choose one that was exported here, or zip the folder."),
    services.Flaw.DAMAGED: _l("The zip file is damaged. Make it again."),
    services.Flaw.EMPTY: _l("The zip file holds no file."),
    services.Flaw.ENCRYPTED: _l("This file is encrypted. Make the zip file without a password."),
    services.Flaw.METHOD: _l("This file is compressed in an unusual way. Make the zip file with the usual settings."),
    services.Flaw.TOO_LARGE: _l("The zip file is too large: at most %(mb)d MB.", mb=services.MAX_PACKED // 1_000_000),
    services.Flaw.TOO_LARGE_UNPACKED: _l(
        "What the zip file holds is too large: at most %(mb)d MB.", mb=MAX_UNPACKED // 1_000_000
    ),
    services.Flaw.TOO_MANY: _l(
        "The zip file holds too many files: here at most %(files)d. For more, use the command `flask content import`.",
        files=MAX_FILES,
    ),
    services.Flaw.BOMB: _l("This file is packed far more tightly than texts can be. It was not unpacked."),
    services.Flaw.NAME_OUTSIDE: _l("This name leads out of the package."),
    services.Flaw.NAME_BAD: _l("This name holds a character that cannot stand in it."),
    services.Flaw.NAME_NOT_UTF8: _l("This name is not UTF-8. Give the file a name in Latin letters."),
    services.Flaw.NAME_LONG: _l("This name is too long."),
    services.Flaw.SPECIAL: _l("This is neither a file nor a folder, but a link or a device."),
    services.Flaw.TWICE: _l(
        "This name stands there twice, or differs from another only by capital letters or accents."
    ),
}

blueprint = Blueprint("transfer", __name__)


def install(app: Flask) -> None:
    """Give `app` the pages, and their word in the desk's menu."""
    app.register_blueprint(blueprint)
    section = DeskSection(lambda: gettext("Import and export"), "transfer.start", Permission.MOVE_CONTENT)
    web.add_desk_section(app, section)


@blueprint.url_value_preprocessor
def _allow_file(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let a package be sent, before anything reads the form; from whoever else so much is refused."""
    asking = access.actor()
    if endpoint == "transfer.check" and asking and asking.may(Permission.MOVE_CONTENT):
        flask.request.max_content_length = MAX_BODY


class UploadForm(Form):
    """A package to look at."""

    file = FileField(_l("Zip file"), validators=[required(_l("Please choose a zip file."))])


class _Undo(Exception):
    """Ends a write unit without keeping anything of it."""


class _Changed(Exception):
    """What the package stands on is not what its owner has seen."""


def _folder() -> Path:
    return _settings().data / "transfer"


def _settings() -> Settings:
    settings: Settings = flask.current_app.config["PORTAL"]
    return settings


@blueprint.get("/desk/transfer")
@requires(Permission.MOVE_CONTENT)
def start() -> ResponseReturnValue:
    """Offer the export, and the form for an import."""
    return _start(UploadForm(formdata=None))


def _start(form: UploadForm, status: int = 200) -> ResponseReturnValue:
    return flask.render_template("articles/transfer.html", form=form, most=MAX_FILES), status


@blueprint.get("/desk/transfer/package.zip")
@requires(Permission.MOVE_CONTENT)
def export() -> ResponseReturnValue:
    """Give everything out as one zip file, drafts as well; without a line in the log nothing is given out."""
    _folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    services.sweep(_folder())
    # Without a name from the start: nothing of it stays, however this ends.
    file = tempfile.TemporaryFile()  # noqa: SIM115  # closed with the answer
    with tempfile.TemporaryDirectory(prefix="export-", dir=_folder()) as folder:
        count = services.export_package(db.session(), Path(folder) / "content", data=_settings().data)
        db.session().rollback()
        services.pack(Path(folder) / "content", file)
    size = file.tell()
    file.seek(0)
    with transaction() as session:
        services.note_export(session, articles=count, size=size, by=access.present().name, at=clock.now())
    day = local_day(db.session(), at=clock.now()).isoformat()
    answer = flask.send_file(
        file, mimetype="application/zip", as_attachment=True, download_name=f"mingbai-{day}.zip", etag=False
    )
    answer.content_length = size
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


@blueprint.post("/desk/transfer")
@requires(Permission.MOVE_CONTENT)
def check() -> ResponseReturnValue:
    """Check a package and say what it would change; change nothing."""
    form = UploadForm()
    if not form.validate():
        return _start(form, 422)
    person = access.present()
    try:
        with waiting.alone(_folder()):
            findings = _work(form.file.data.stream, name=form.file.data.filename or "")
            token = waiting.keep(form.file.data.stream, _folder(), person_id=person.id, findings=findings)
    except services.ArchiveRefused as problem:
        said = FLAWS[problem.flaw]
        form.refuse("file", f"{problem.name}: {said}" if problem.name else said)
        return _start(form, 422)
    except waiting.OneAtATime:
        form.refuse("file", gettext("Another package is being worked on. Please send this one again in a minute."))
        return _start(form, 503)
    return flask.redirect(flask.url_for("transfer.found", token=token), 303)


def _work(raw: IO[bytes], *, name: str = "", seen: str | None = None) -> Findings:
    """Check the package; with `seen`, store it as well if it still is what its owner has seen.

    Raises:
        ArchiveRefused: the zip file is not taken.
        _Changed: it would do something else by now; nothing was changed.
    """
    person = access.present()
    with services.unpacked(raw, _folder(), max_files=MAX_FILES) as folder:
        findings = Findings(name=name, files=sum(path.is_file() for path in folder.rglob("*")))
        try:
            with Renderer() as renderer:
                package = services.prepare(
                    db.session(), folder, renderer=renderer, settings=_settings(), mode=Mode.DRAFT
                )
        except PackageError as refused:
            # The folder itself has a name that means nothing to people.
            found = [
                ("" if one.file == str(folder) else one.file, one.line, in_words(one.text))
                for one in refused.problems[:SHOWN]
            ]
            findings.problems, findings.more_problems = found, max(0, len(refused.problems) - SHOWN)
            return findings
        try:
            with package, transaction() as session:
                report = services.apply(session, package, by=person.name, at=clock.now(), authors=[person.id])
                _tell(findings, report)
                if seen is None:
                    raise _Undo
                if findings.basis != seen:
                    raise _Changed
        except _Undo:
            pass
        except services.Stale as problem:
            raise _Changed from problem
    return findings


def _tell(findings: Findings, report: services.Report) -> None:
    findings.pictures_added = report.pictures.added
    findings.articles_added, findings.articles_changed = report.articles.added, report.articles.changed
    findings.editions_added, findings.editions_changed = report.editions.added, report.editions.changed
    findings.unchanged = report.editions.unchanged
    findings.kept, findings.names = report.kept, report.names
    findings.basis = hashlib.sha256(json.dumps(report.basis).encode()).hexdigest()


@blueprint.get("/desk/transfer/<uuid:token>")
@requires(Permission.MOVE_CONTENT)
def found(token: UUID) -> ResponseReturnValue:
    """Show what a package would change, or has changed."""
    findings = waiting.findings_of(_folder(), person_id=access.present().id, token=token)
    if findings is None:
        flask.abort(404)
    return flask.render_template("articles/transfer_found.html", found=findings, token=token, shown=SHOWN)


@blueprint.post("/desk/transfer/<uuid:token>")
@requires(Permission.MOVE_CONTENT)
def confirm(token: UUID) -> ResponseReturnValue:
    """Take in exactly the package that was checked, once."""
    person_id = access.present().id
    before = waiting.findings_of(_folder(), person_id=person_id, token=token)
    if before is None:
        flask.abort(404)
    here = flask.redirect(flask.url_for("transfer.found", token=token), 303)
    try:
        with (
            waiting.alone(_folder()),
            waiting.claimed(_folder(), person_id=person_id, token=token) as raw,
        ):
            findings = _work(raw, name=before.name, seen=before.basis)
            findings.is_done = not findings.problems
            waiting.note(_folder(), person_id=person_id, token=token, findings=findings)
    except waiting.OneAtATime:
        flask.flash(gettext("Another package is being worked on. Please try again in a minute."), "careful")
        return here
    except waiting.Gone:
        flask.flash(gettext("This package was imported already, or has waited too long. Nothing changed."), "careful")
        return here
    except _Changed:
        flask.flash(
            gettext("Somebody has changed texts meanwhile, so nothing was imported. Please check the package again."),
            "careful",
        )
        return flask.redirect(flask.url_for("transfer.start"), 303)
    if findings.is_done:
        flask.flash(gettext("Imported as drafts. The public goes on reading what it reads until they are reviewed."))
    return here
