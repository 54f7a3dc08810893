"""Somebody at the desk, for tests of single rooms: let in by the same port as the room of accounts uses."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import flask
from flask import Flask
from flask.testing import FlaskClient

from portal.core import access, clock
from portal.core.access import Actor, Gate, Permission
from portal.core.settings import Locale

EVERYBODY = frozenset(Permission)
LONG_AGO = timedelta(hours=1)
SIGN_IN, CONFIRM = "/desk/sign-in", "/desk/confirm"
"""Where strangers are sent, and those who did not prove lately who they are."""


def guard(app: Flask, find: Callable[[], Actor | None]) -> None:
    """Let in whom `find` gives."""
    # The context of a test may be that of every request in it.
    if flask.has_app_context():
        flask.g.pop("actor", None)
    gate = Gate(
        find=find,
        sign_in=lambda: flask.redirect(SIGN_IN, 303),
        confirm=lambda: flask.redirect(CONFIRM, 303),
        by_token=lambda _shown: None,
    )
    access.install(app, gate)


def someone(
    *permissions: Permission,
    locale: str = Locale.EN,
    confirmed_at: datetime | None = None,
    person_id: int = 1,
    name: str = "林静",
) -> Actor:
    """Return a person who holds `permissions`."""
    return Actor(
        id=person_id,
        name=name,
        locale=Locale(locale),
        permissions=frozenset(permissions),
        session_id=1,
        confirmed_at=confirmed_at or clock.now(),
    )


def staff(app: Flask, *permissions: Permission, **about: Any) -> FlaskClient:
    """Return the client of a person who holds `permissions`; with none: of somebody who has not signed in.

    Args:
        about: see `someone`.
    """
    guard(app, lambda: someone(*permissions, **about) if permissions else None)
    return app.test_client()


def token(client: FlaskClient, address: str) -> str:
    """Return the CSRF token of a page."""
    return client.get(address).text.partition('name="csrf_token" value="')[2].partition('"')[0]
