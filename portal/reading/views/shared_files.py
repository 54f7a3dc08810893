"""The files of texts that are not public, for whoever has the address of their preview.

They stand under that address, so they end with it, and what a shared text does not show does not exist there.
"""

from __future__ import annotations

import flask
from flask import Response
from flask.typing import ResponseReturnValue

from portal.articles import queries
from portal.core import markup
from portal.core.access import public
from portal.core.database import db
from portal.core.settings import Settings
from portal.media import queries as media
from portal.media import services
from portal.media.queries import Served
from portal.media.rules import NAMES
from portal.reading.views.preview import preview_link, unkept
from portal.reading.views.reader import blueprint

BOX = "default-src 'none'; sandbox"
"""Whatever a file pretends to be: opened by itself it may do nothing."""
_PLACE = "/preview/<token:token>/media/<slug:key>"
_NAME = f"<any({', '.join(repr(name) for name in NAMES)}):name>"


def _served(token: str, key: str) -> Served:
    """Return what to serve of a file that a working copy of the shared article shows, or answer 404."""
    link = preview_link(token)
    session = db.session()
    texts = queries.latest_texts(session, article_id=link.article_id)
    if not any(key in markup.references(text.body)["media"] for _edition, text in texts):
        flask.abort(404)
    found = media.served(session, key)
    if found is None or found.retired:
        flask.abort(404)
    return found


@blueprint.get(f"{_PLACE}/<int(max=999999999):version>/{_NAME}")
@public
def shared_file(token: str, key: str, version: int, name: str) -> ResponseReturnValue:
    """Serve a file that a shared text shows, or a part of it."""
    found = _served(token, key)
    settings: Settings = flask.current_app.config["PORTAL"]
    path = services.folder(settings.data, key, version) / name
    if version != found.version or name not in found.names or not path.is_file():
        flask.abort(404)
    return _boxed(flask.send_file(path, mimetype=found.names[name], conditional=True, etag=False, last_modified=None))


@blueprint.get(f"{_PLACE}/captions.vtt")
@public
def shared_captions(token: str, key: str) -> ResponseReturnValue:
    """Serve the captions of a video that a shared text shows."""
    found = _served(token, key)
    if not found.captions:
        flask.abort(404)
    return _boxed(Response(found.captions, mimetype="text/vtt"))


def _boxed(answer: Response) -> Response:
    answer.headers["Content-Security-Policy"] = BOX
    return unkept(answer)
