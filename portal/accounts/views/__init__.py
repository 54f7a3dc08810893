"""Pages of sign-in, of one's own account, and of the people's administration, all under `/desk/`."""

from __future__ import annotations

from flask import Flask
from flask_babel import gettext
from flask_wtf.csrf import CSRFError

from portal.accounts.views import entering, factors, own, passkeys, people
from portal.accounts.views.blueprint import blueprint
from portal.accounts.views.gate import GATE, stale_form
from portal.core import access, web
from portal.core.access import DeskSection, Permission

__all__ = ["blueprint", "entering", "factors", "install", "own", "passkeys", "people"]


def install(app: Flask) -> None:
    """Give `app` its accounts, and tell it how people are recognised."""
    access.install(app, GATE)
    app.register_blueprint(blueprint)
    app.register_error_handler(CSRFError, stale_form)
    people_section = DeskSection(lambda: gettext("People"), "accounts.people", Permission.MANAGE_PEOPLE)
    web.add_desk_section(app, people_section)
