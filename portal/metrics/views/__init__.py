"""The quarter at the desk."""

from flask import Flask
from flask_babel import gettext

from portal.core import web
from portal.core.access import DeskSection, Permission
from portal.metrics.views import api, dashboard, work


def install(app: Flask) -> None:
    """Give `app` the pages of the quarter and their word in the desk's menu."""
    app.register_blueprint(dashboard.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(work.blueprint)
    web.add_desk_section(app, DeskSection(lambda: gettext("Quarter"), "metrics.index", Permission.ANALYSE))
