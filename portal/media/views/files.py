"""The files that pages show.

A file is public only while a text shows it that the public reads; before that, only the desk sees it.
"""

from __future__ import annotations

import flask
from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from portal.core import access
from portal.core.access import Permission, public
from portal.core.database import db
from portal.core.settings import Settings
from portal.core.web import ASSET_CACHING, PAGE_CACHING
from portal.media import queries, services
from portal.media.queries import Served
from portal.media.rules import NAMES

blueprint = Blueprint("media_files", __name__)
BOX = "default-src 'none'; sandbox"
"""Whatever a file pretends to be: opened by itself it may do nothing."""


def _find(key: str) -> Served:
    """Return what to serve, or answer 404: to strangers, what is not public does not exist."""
    found = queries.served(db.session(), key)
    if found is None:
        flask.abort(404)
    if not found.public:
        asking = access.actor()
        if asking is None or not asking.may(Permission.DESK):
            flask.abort(404)
    return found


def _finish(answer: Response, found: Served, caching: str) -> Response:
    answer.headers["Cache-Control"] = caching if found.public else "private, no-store"
    answer.headers["Content-Security-Policy"] = BOX
    return answer


@blueprint.get(f"/media/<slug:key>/<int(max=999999999):version>/<any({', '.join(repr(name) for name in NAMES)}):name>")
@public
def serve(key: str, version: int, name: str) -> ResponseReturnValue:
    """Serve a file, or a part of it; send the address of a replaced one to the present one."""
    found = _find(key)
    if version != found.version:
        return _finish(_elsewhere(found, key, name), found, "no-store")
    if name not in found.names:
        flask.abort(404)
    settings: Settings = flask.current_app.config["PORTAL"]
    path = services.folder(settings.data, key, version) / name
    if not path.is_file():
        flask.current_app.logger.error("a file of the library is missing: %s/%s/%s", key, version, name)
        flask.abort(404)
    answer = flask.send_file(
        path,
        mimetype=found.names[name],
        download_name=f"{key}-{version}-{name}",
        conditional=True,
        etag=f"{found.digest[:24]}-{name}",
        last_modified=None,
    )
    return _finish(answer, found, ASSET_CACHING)


def _elsewhere(found: Served, key: str, name: str) -> Response:
    size, _, _ = name.rpartition(".")
    likely = [name, f"{size}.jpg", f"{size}.png", *sorted(found.names)]
    there = next((one for one in likely if one in found.names), None)
    if there is None:
        flask.abort(404)
    return flask.make_response(flask.redirect(f"/media/{key}/{found.version}/{there}", 302))


@blueprint.get("/media/<slug:key>/captions.vtt")
@public
def captions(key: str) -> ResponseReturnValue:
    """Serve the captions of a video."""
    found = _find(key)
    if not found.captions:
        flask.abort(404)
    answer = Response(found.captions, mimetype="text/vtt")
    answer.add_etag()
    answer.make_conditional(flask.request)
    return _finish(answer, found, PAGE_CACHING)
