"""Letting staff in, by the same port as the room of accounts uses."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Flask
from flask.testing import FlaskClient
from flask.typing import ResponseReturnValue

from portal.core import access
from portal.core.access import Actor, Gate, Permission, public
from portal.core.settings import Locale

EVERYBODY = frozenset(Permission)


def let_in(app: Flask, *permissions: Permission, locale: Locale = Locale.EN) -> FlaskClient:
    """Return a client of `app` in which somebody with these permissions is signed in; none: nobody is."""
    now = datetime.now(UTC)
    person = Actor(7, "林静", locale, frozenset(permissions), 1, now)

    def sign_in() -> ResponseReturnValue:
        return "sign in", 401

    access.install(app, Gate(find=lambda: person if permissions else None, sign_in=sign_in, confirm=sign_in))
    if "accounts" not in app.blueprints:
        accounts = Blueprint("accounts", __name__)

        @accounts.get("/desk/me")
        @public
        def me() -> str:
            return ""

        @accounts.post("/desk/sign-out")
        @public
        def sign_out() -> str:
            return ""

        app.register_blueprint(accounts)
    return app.test_client()
