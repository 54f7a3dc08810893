"""What must not lie about in clear: passwords, tokens, codes and addresses, in logs, rows and pages."""

from __future__ import annotations

import dataclasses
import logging
import re
from pathlib import Path
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session as Database

from portal.accounts import services
from portal.accounts.models import Person
from portal.accounts.rules import Role
from portal.core import clock
from portal.core.database import db, transaction
from portal.core.settings import ROOT, Settings
from tests.accounts.helpers import PASSWORD, enter, person, post, token
from tests.conftest import make_app

CANARY = "canary-address-7f3a@example.org"
PHRASE = "kanarienvogel singt 7f3a laut"
WRONG = "falscher kanarienvogel 7f3a"


def everything_stored(settings: Settings, session: Database) -> str:
    """Return every row of every table as it lies in the database, and the bytes of its files."""
    session.rollback()
    with db.engine.connect() as connection:
        names = sa.inspect(connection).get_table_names()
        rows = [str(connection.execute(sa.text(f'SELECT * FROM "{name}"')).all()) for name in names]
    files = [path.read_bytes().decode("latin-1") for path in Path(settings.data).glob("portal.sqlite3*")]
    return "\n".join([*rows, *files])


def test_nothing_secret_is_stored_or_logged_in_clear(
    app: Flask,
    client: FlaskClient,
    session: Database,
    settings: Settings,
    mails: list[dict[str, Any]],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    with transaction() as database:
        made = services.invite(database, email=CANARY, name="周明", roles=[Role.REVIEWER], by="test", at=clock.now())
    link = mails[0]["values"]["token"]
    post(client, f"/desk/link/{link}", password=PHRASE)
    enter(client, made, WRONG)
    page = client.get("/desk/me/authenticator").text
    secret = page.partition('class="secret" translate="no">')[2].partition("<")[0].replace(" ", "")
    shown = post(client, "/desk/me/authenticator", code=pyotp.TOTP(secret).now()).text
    codes = re.findall(r"<li>([0-9a-z-]{14})</li>", shown)
    session_token = str(token(client))
    stored, logged = everything_stored(settings, session), caplog.text
    assert len(codes) == 10
    assert session.scalars(sa.select(Person)).one().email == CANARY
    for canary in (CANARY, "canary-address-7f3a", PHRASE, WRONG, link, secret, session_token, *codes):
        assert canary, "the canary was there"
        assert canary not in stored
        assert canary not in logged
    assert "$argon2id$" in stored
    assert "周明" in stored or "\\u5468\\u660e" in stored  # control: the search does find what is stored in clear


def test_the_page_never_shows_a_typed_password_again(client: FlaskClient, session: Database) -> None:
    author = person(session)
    assert WRONG not in enter(client, author, WRONG).text
    assert WRONG not in post(client, "/desk/reset", email="x", password=WRONG).text


def test_no_default_account(session: Database, app: Flask) -> None:
    assert session.scalars(sa.select(Person)).all() == []


def test_the_sources_use_no_weak_randomness() -> None:
    sources = [path.read_text("utf-8") for path in (ROOT / "portal" / "accounts").rglob("*.py")]
    assert len(sources) > 15
    assert [text for text in sources if re.search(r"\bimport (random|uuid)\b|\bmd5\b|\bsha1\b", text)] == []


def test_over_https_the_cookie_is_the_hosts_own(settings: Settings) -> None:
    app = make_app(dataclasses.replace(settings, public_url="https://learn.bank.example"))
    with app.app_context():
        author = person(None)
        client = app.test_client()
        base = "https://learn.bank.example"
        page = client.get("/desk/sign-in", base_url=base).text
        made = page.partition('name="csrf_token" value="')[2].partition('"')[0]
        answer = client.post(
            "/desk/sign-in",
            data={"csrf_token": made, "email": author.email, "password": PASSWORD},
            base_url=base,
        )
        lines = [line for line in answer.headers.getlist("Set-Cookie") if "mingbai=" in line]
        db.session.remove()
    assert re.fullmatch(r"__Host-mingbai=[\w-]{43}; Secure; HttpOnly; Path=/; SameSite=Lax", lines[0])
