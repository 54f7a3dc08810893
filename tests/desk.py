"""Somebody at the desk, for tests of single rooms: who it is stands in a header, past any sign-in."""

from __future__ import annotations

from datetime import datetime, timedelta

import flask
from flask import Blueprint, Flask
from flask.testing import FlaskClient

from portal.core import clock
from portal.core.access import Actor, Gate, Permission, install, public
from portal.core.settings import Locale

LONG_AGO = timedelta(hours=1)


def staff(
    app: Flask,
    *permissions: Permission,
    locale: str = "en",
    confirmed_at: datetime | None = None,
    person_id: int = 1,
    name: str = "林静",
) -> FlaskClient:
    """Return the client of a person who holds `permissions`; with none: of somebody who has not signed in."""

    def find() -> Actor | None:
        if not permissions:
            return None
        at = confirmed_at or clock.now()
        return Actor(
            id=person_id,
            name=name,
            locale=Locale(locale),
            permissions=frozenset(permissions),
            session_id=1,
            confirmed_at=at,
        )

    # The context of the test is that of every request in it.
    flask.g.pop("actor", None)
    # The layout leads to these.
    if "accounts" not in app.blueprints:
        accounts = Blueprint("accounts", __name__)
        accounts.add_url_rule("/desk/me", "me", public(lambda: ""))
        accounts.add_url_rule("/desk/sign-out", "sign_out", public(lambda: ""), methods=["POST"])
        app.register_blueprint(accounts)
    gate = Gate(find=find, sign_in=lambda: flask.redirect("/desk/in", 303), confirm=lambda: flask.redirect("/desk/ok"))
    install(app, gate)
    return app.test_client()


def token(client: FlaskClient, address: str) -> str:
    """Return the CSRF token of a page."""
    return client.get(address).text.partition('name="csrf_token" value="')[2].partition('"')[0]
