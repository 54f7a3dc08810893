"""The library on the desk, and the files that pages show."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext

from portal.core import web
from portal.core.access import DeskSection, Permission
from portal.media.views import desk, files


def install(app: Flask) -> None:
    """Give `app` the library's pages and its word in the desk's menu."""
    app.register_blueprint(desk.blueprint)
    app.register_blueprint(files.blueprint)
    web.add_desk_section(
        app,
        DeskSection(label=lambda: gettext("Pictures and media"), endpoint="media.shelf", permission=Permission.WRITE),
    )


__all__ = ["install"]
