"""The quarter at the desk."""

from flask import Flask
from flask_babel import gettext

from portal.core import web
from portal.core.access import DeskSection, Permission
from portal.core.database import db
from portal.metrics.queries import stored
from portal.metrics.views import api, dashboard, entries, surveys, work, year


def install(app: Flask) -> None:
    """Give `app` the pages of the quarter, their word in the desk's menu, and what layouts ask for demo data."""
    app.register_blueprint(dashboard.blueprint)
    app.register_blueprint(api.blueprint)
    app.register_blueprint(work.blueprint)
    app.register_blueprint(year.blueprint)
    app.register_blueprint(entries.blueprint)
    app.register_blueprint(surveys.blueprint)
    web.add_desk_section(app, DeskSection(lambda: gettext("Quarter"), "metrics.index", Permission.ANALYSE))
    app.jinja_env.globals["is_demo"] = is_demo


def is_demo() -> bool:
    """Return whether the installation holds invented data, which every page then says."""
    session = db.session()
    was_reading = session.in_transaction()
    found = stored.is_demo(session)
    if not was_reading:
        # A page that read nothing else leaves nothing open: on SQLite that would keep whoever writes waiting.
        session.rollback()
    return found
