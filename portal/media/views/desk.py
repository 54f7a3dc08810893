"""The library on the desk."""

from __future__ import annotations

from typing import Any

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.media import queries, services
from portal.media.forms import EditForm, ReplaceForm, UploadForm, refusal
from portal.media.models import Asset
from portal.media.queries import PAGE, State
from portal.media.rules import LIMITS, MARKS, MAX_UPLOAD, Kind, Refused

blueprint = Blueprint("media", __name__)
UPLOADS = ("media.new", "media.replace")
MAX_PAGE = 10_000


@blueprint.url_value_preprocessor
def _allow_files(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Let staff send files, before anything reads the form; whoever else sends so much is refused."""
    asking = access.actor()
    if endpoint in UPLOADS and asking and asking.may(Permission.WRITE):
        flask.request.max_content_length = MAX_UPLOAD


def _settings() -> Settings:
    settings: Settings = flask.current_app.config["PORTAL"]
    return settings


def _asset(key: str) -> Asset:
    return queries.asset(db.session(), key) or flask.abort(404)


@blueprint.get("/desk/media/")
@requires(Permission.WRITE)
def shelf() -> ResponseReturnValue:
    """List the library: pictures, videos and recordings, with where they are used."""
    asked = flask.request.args
    text = asked.get("q", "").replace("\x00", "").strip()[:100]
    kind = Kind(asked["kind"]) if asked.get("kind") in set(Kind) else None
    state = State(asked["state"]) if asked.get("state") in set(State) else None
    number = asked.get("page", "1")
    page = min(int(number), MAX_PAGE) if number.isascii() and number.isdecimal() and 0 < len(number) < 9 else 1
    page = max(page, 1)
    entries, total = queries.shelf(db.session(), text=text, kind=kind, state=state, page=page)
    return flask.render_template(
        "media/shelf.html",
        entries=entries, total=total, text=text, kind=kind, state=state, page=page, pages=-(-total // PAGE),
        kinds=list(Kind), states=list(State),
    )  # fmt: skip


def _new_page(form: UploadForm, status: int = 200) -> ResponseReturnValue:
    return flask.render_template("media/new.html", form=form, limits=LIMITS), status


@blueprint.get("/desk/media/new")
@requires(Permission.WRITE)
def blank() -> ResponseReturnValue:
    """Show the form for a new file."""
    return _new_page(UploadForm())


@blueprint.post("/desk/media/new")
@requires(Permission.WRITE)
def new() -> ResponseReturnValue:
    """Take in a new file with what is said about it."""
    form = UploadForm()
    if not form.validate():
        return _new_page(form, 422)
    data, at = _settings().data, clock.now()
    try:
        with (
            services.received(
                form.file.data.stream, filename=form.file.data.filename, data=data, scanner=_settings().scanner
            ) as received,
            transaction() as session,
        ):
            asset = services.add(
                session, received=received, words=form.words(), data=data, by=access.present().name, at=at
            )
            key = asset.key
    except Refused as problem:
        form.refuse("file", refusal(problem.reason))
        return _new_page(form, 422)
    except services.Duplicate as problem:
        flask.flash(gettext("This file is in the library already: here it is. Nothing was added."), "careful")
        return flask.redirect(flask.url_for("media.edit", key=problem.key), 303)
    flask.flash(gettext("Added. Put the line below into a text to show it."))
    return flask.redirect(flask.url_for("media.edit", key=key), 303)


def _edit_page(
    asset: Asset,
    *,
    form: EditForm | None = None,
    replacing: ReplaceForm | None = None,
    stored: Asset | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    uses = queries.uses(db.session(), asset.id)
    return (
        flask.render_template(
            "media/edit.html",
            item=asset,
            mark=MARKS[asset.kind],
            figure=queries.figure(db.session(), asset.key),
            form=form or EditForm(formdata=None, obj=asset),
            replacing=replacing or ReplaceForm(formdata=None),
            stored=stored,
            uses=uses,
            state=queries.state_of(asset, uses),
            limits=LIMITS,
        ),
        status,
    )


@blueprint.get("/desk/media/<slug:key>")
@requires(Permission.WRITE)
def edit(key: str) -> ResponseReturnValue:
    """Show one entry: its file, its texts, where it is used."""
    return _edit_page(_asset(key))


@blueprint.post("/desk/media/<slug:key>")
@requires(Permission.WRITE)
def describe(key: str) -> ResponseReturnValue:
    """Change what is said about a file."""
    asset = _asset(key)
    form = EditForm()
    form.kind = asset.kind
    if not form.validate():
        return _edit_page(asset, form=form, status=422)
    try:
        with transaction() as session:
            services.describe(
                session,
                key=key,
                words=form.words(),
                edits=form.edits.data or 0,
                by=access.present().name,
                at=clock.now(),
            )
    except services.Changed:
        stored = _asset(key)
        form.edits.data = form.edits.raw_data = None
        form.edits.data = stored.edits
        return _edit_page(stored, form=form, stored=stored, status=409)
    except services.Duplicate:
        form.refuse("locale", gettext("The same file is in the library already in this language."))
        return _edit_page(_asset(key), form=form, status=422)
    flask.flash(gettext("Saved. Every page that shows it shows the new words."))
    return flask.redirect(flask.url_for("media.edit", key=key), 303)


@blueprint.post("/desk/media/<slug:key>/file")
@requires(Permission.WRITE)
def replace(key: str) -> ResponseReturnValue:
    """Put another file under the same key."""
    asset = _asset(key)
    form = ReplaceForm()
    chosen = form.file.data
    if not form.validate() or not chosen or not chosen.filename:
        form.refuse("file", gettext("Please choose a file."))
        return _edit_page(asset, replacing=form, status=422)
    data = _settings().data
    try:
        with (
            services.received(
                chosen.stream, filename=chosen.filename, data=data, scanner=_settings().scanner
            ) as received,
            transaction() as session,
        ):
            changed = services.replace(
                session, key=key, received=received, data=data, by=access.present().name, at=clock.now()
            )
            version = changed.version
    except Refused as problem:
        form.refuse("file", refusal(problem.reason))
        return _edit_page(_asset(key), replacing=form, status=422)
    except services.Duplicate as problem:
        form.refuse("file", gettext("This file is in the library already, under %(key)s.", key=problem.key))
        return _edit_page(_asset(key), replacing=form, status=422)
    # The pages show the new file from the moment of the commit; nothing needs the old one.
    services.remove_old(data=data, key=key, version=version)
    flask.flash(gettext("Replaced. Every page that shows it shows the new file; its words are as before."))
    return flask.redirect(flask.url_for("media.edit", key=key), 303)


@blueprint.post("/desk/media/<slug:key>/retire")
@requires(Permission.WRITE)
def retire(key: str) -> ResponseReturnValue:
    """Take a file out of use, unless the public sees it."""
    asset = _asset(key)
    try:
        with transaction() as session:
            services.retire(session, key=key, by=access.present().name, at=clock.now())
    except services.InUse:
        flask.flash(gettext("The public sees it, so it stays. First take it out of the texts named below."), "careful")
        return _edit_page(_asset(asset.key), status=409)
    flask.flash(gettext("Retired. It can be brought back."))
    return flask.redirect(flask.url_for("media.edit", key=key), 303)


@blueprint.post("/desk/media/<slug:key>/restore")
@requires(Permission.WRITE)
def restore(key: str) -> ResponseReturnValue:
    """Bring a retired file back."""
    _asset(key)
    try:
        with transaction() as session:
            services.restore(session, key=key, by=access.present().name, at=clock.now())
    except services.Duplicate as problem:
        flask.flash(
            gettext("The same file was added again meanwhile, under %(key)s. Use that one.", key=problem.key), "careful"
        )
        return _edit_page(_asset(key), status=409)
    flask.flash(gettext("It is back in the library."))
    return flask.redirect(flask.url_for("media.edit", key=key), 303)
