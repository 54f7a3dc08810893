"""Pages of sign-in, of one's own account, and of the people's administration, all under `/desk/`."""

from __future__ import annotations

from flask import Flask

from portal.accounts.views import entering, own
from portal.accounts.views.blueprint import blueprint
from portal.accounts.views.gate import GATE
from portal.core import access

__all__ = ["blueprint", "entering", "install", "own"]


def install(app: Flask) -> None:
    """Give `app` its accounts, and tell it how people are recognised."""
    access.install(app, GATE)
    app.register_blueprint(blueprint)
