"""People for tests, and clients that have signed in, without the way through the pages."""

from __future__ import annotations

import itertools
from datetime import datetime, timedelta
from typing import Any

import flask
import pyotp
from flask.testing import FlaskClient
from flask_wtf.csrf import generate_csrf
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.accounts import services
from portal.accounts.models import Person
from portal.accounts.rules import Role, Stage
from portal.core import clock
from portal.core.database import db, transaction
from portal.core.settings import Locale

PASSWORD = "蓝色的自行车在雨里 42"
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
_numbers = itertools.count(1)
_hashes: dict[str, str] = {}


def hashed(password: str = PASSWORD) -> str:
    """Return the hash of a password, made once: hashing is slow on purpose."""
    if password not in _hashes:
        _hashes[password] = services.hash_password(password)
    return _hashes[password]


def person(
    _session: Session | None = None,
    *roles: Role | str,
    name: str = "",
    email: str = "",
    factor: bool = True,
    locale: Locale = Locale.HANS,
) -> Person:
    """Store a person with these roles (an author, if none is named); reviewers and administrators have a factor.

    Their password is `PASSWORD`, their authenticator's secret `SECRET`. Opens a write unit of its own.
    """
    number = next(_numbers)
    with transaction() as session:
        made = services.create(
            session,
            email=email or f"person{number}@example.org",
            name=name or f"林静{number}",
            roles=[str(role) for role in roles] or [Role.AUTHOR],
            by="test",
            at=clock.now(),
            password_hash=hashed(),
            locale=locale,
        )
        if factor and made.must_have_factor:
            made.totp_secret = SECRET
    return made


def sign_in(client: FlaskClient, someone: Person, *, at: datetime | None = None) -> FlaskClient:
    """Give `client` a whole session of a person, begun and confirmed at `at` (now)."""
    with transaction() as session:
        opened = services.open_session(
            session,
            person_id=someone.id,
            stage=Stage.COMPLETE,
            visitor=services.Visitor("127.0.0.1", "a test"),
            at=at or clock.now(),
        )
    client.set_cookie(cookie(client), opened.token)
    return client


def cookie(client: FlaskClient) -> str:
    """Return the name of the session's cookie."""
    base = client.application.config["PORTAL"].base_url
    return "__Host-mingbai" if base.startswith("https://") else "mingbai"


def token(client: FlaskClient) -> str | None:
    """Return the session's token that a client holds."""
    held = client.get_cookie(cookie(client))
    return held.value if held else None


def csrf(client: FlaskClient) -> str:
    """Return a token with which the client's next POSTs are taken."""
    with client.application.test_request_context():
        flask.g.pop("csrf_token", None)  # left by the request before
        made: str = generate_csrf()
        value = flask.session["csrf_token"]
    with client.session_transaction() as kept:
        kept["csrf_token"] = value
    return made


def reload(someone: Person) -> Person:
    """Return the person as they are stored now."""
    db.session.rollback()
    db.session.expire_all()
    return db.session.get_one(Person, someone.id)


def post(client: FlaskClient, path: str, *, address: str = "127.0.0.1", **fields: Any) -> TestResponse:
    """Send a form with a valid token."""
    data = {"csrf_token": csrf(client), **fields}
    return client.post(path, data=data, environ_base={"REMOTE_ADDR": address})


def enter(client: FlaskClient, someone: Person, password: str = PASSWORD, **options: str) -> TestResponse:
    """Send the sign-in form."""
    return post(client, "/desk/sign-in", email=someone.email, password=password, **options)


def half_way(client: FlaskClient, someone: Person) -> None:
    """Sign in as far as the second factor."""
    assert enter(client, someone).headers["Location"] == "/desk/sign-in/code"


def code_at(moment: datetime, steps: int = 0) -> str:
    """Return the authenticator's code of a moment, or some half minutes from it."""
    return str(pyotp.TOTP(SECRET).at(moment + timedelta(seconds=30 * steps)))
