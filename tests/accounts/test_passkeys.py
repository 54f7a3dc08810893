"""Passkeys, with a device made of software; the real browser's way is in the journeys."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session as Database
from werkzeug.test import TestResponse

from portal.accounts.models import Passkey, Person, Spent
from portal.accounts.rules import Role
from portal.accounts.services import Site
from portal.core.database import transaction
from tests.accounts.authenticator import Device
from tests.accounts.helpers import cookie, csrf, person, reload, sign_in, token

ORIGIN = "http://localhost:8000"
START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)


def send(client: FlaskClient, path: str, body: Any) -> TestResponse:
    return client.post(path, json=body, headers={"X-CSRFToken": csrf(client)})


def add(client: FlaskClient, device: Device, **extra: Any) -> TestResponse:
    options = client.get("/desk/me/passkeys/options").json
    assert options
    return send(client, "/desk/me/passkeys", {"credential": device.create(options), "name": "手机", **extra})


def enter(client: FlaskClient, device: Device, **options: Any) -> TestResponse:
    asked = client.get("/desk/sign-in/passkey").json
    assert asked
    return send(client, "/desk/sign-in/passkey", {"credential": device.get(asked, **options)})


@pytest.fixture
def device() -> Device:
    return Device(ORIGIN)


@pytest.fixture
def owner(client: FlaskClient, session: Database, device: Device) -> Person:
    """Return a reviewer whose only factor is a passkey; `client` is signed in."""
    made = person(session, Role.REVIEWER, factor=False)
    sign_in(client, made)
    assert add(client, device).json == {"next": "/desk/me"}
    return made


def test_a_passkey_stands_for_both_factors(app: Flask, client: FlaskClient, owner: Person, device: Device) -> None:
    assert client.get("/desk/me").status_code == 200
    other = app.test_client()
    answer = enter(other, device)
    assert answer.json == {"next": "/desk/"}
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert other.get("/desk/me").status_code == 200


def test_adding_one_ends_all_other_sessions(app: Flask, client: FlaskClient, session: Database, device: Device) -> None:
    author = person(session)
    sign_in(client, author)
    other = sign_in(app.test_client(), author)
    before = token(client)
    assert add(client, device).status_code == 200
    assert (other.get("/desk/me").status_code, client.get("/desk/me").status_code) == (302, 200)
    assert token(client) != before


def test_an_answer_works_once(
    app: Flask, client: FlaskClient, owner: Person, device: Device, session: Database
) -> None:
    other = app.test_client()
    asked = other.get("/desk/sign-in/passkey").json
    assert asked
    credential = device.get(asked)
    assert send(other, "/desk/sign-in/passkey", {"credential": credential}).status_code == 200
    with transaction() as database:  # as if the device counted nothing
        database.scalars(sa.select(Passkey)).one().sign_count = 0
    other.delete_cookie(cookie(other))
    assert send(other, "/desk/sign-in/passkey", {"credential": credential}).status_code == 422


def test_a_copied_device_is_noticed_by_its_count(
    app: Flask, client: FlaskClient, owner: Person, device: Device
) -> None:
    copied = copy.copy(device)
    assert enter(app.test_client(), device).status_code == 200
    assert enter(app.test_client(), device).status_code == 200
    assert enter(app.test_client(), copied).status_code == 422


@pytest.mark.parametrize("forge", ["origin", "site", "unverified", "key", "challenge", "unknown", "purpose"])
def test_forged_answers_are_refused(app: Flask, client: FlaskClient, owner: Person, device: Device, forge: str) -> None:
    other = app.test_client()
    asked = other.get("/desk/sign-in/passkey").json
    assert asked
    forger = copy.copy(device)
    if forge == "origin":
        forger.origin = "http://localhost:8000.evil.example"
    elif forge == "site":
        forger.rp_id = "evil.example"
    elif forge == "key":
        forger.key = Device(ORIGIN).key
    elif forge == "unknown":
        forger = Device(ORIGIN)
    elif forge == "challenge":
        asked["challenge"] = "A" * len(asked["challenge"])
    elif forge == "purpose":
        asked = client.get("/desk/confirm/passkey").json
        assert asked
    credential = forger.get(asked, verified=forge != "unverified")
    answer = send(other, "/desk/sign-in/passkey", {"credential": credential})
    assert (answer.status_code, answer.json) == (422, {"error": {"status": 422}})
    assert other.get("/desk/me").status_code == 302


def test_forgeries_leave_no_challenge_rows(app: Flask, client: FlaskClient, owner: Person, session: Database) -> None:
    before = len(session.scalars(sa.select(Spent)).all())
    for _round in range(20):
        assert enter(app.test_client(), Device(ORIGIN)).status_code == 422
    session.rollback()
    assert len(session.scalars(sa.select(Spent)).all()) == before


def test_a_challenge_runs_out(app: Flask, client: FlaskClient, session: Database, device: Device) -> None:
    author = person(session)
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, author)
        add(client, device)
        other = app.test_client()
        asked = other.get("/desk/sign-in/passkey").json
        assert asked
        credential = device.get(asked)
        clock.shift(timedelta(minutes=5))
        assert send(other, "/desk/sign-in/passkey", {"credential": credential}).status_code == 422


def test_a_disabled_person_has_no_passkey(app: Flask, client: FlaskClient, owner: Person, device: Device) -> None:
    with transaction():
        owner.active = False
    assert enter(app.test_client(), device).status_code == 422


def test_guesses_at_the_password_do_not_stop_a_passkey(
    app: Flask, client: FlaskClient, owner: Person, device: Device
) -> None:
    stranger = app.test_client()
    for _round in range(11):
        data = {"csrf_token": csrf(stranger), "email": owner.email, "password": "a guess"}
        last = stranger.post("/desk/sign-in", data=data)
    assert last.status_code == 429
    assert enter(stranger, device).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        None,
        [],
        "text",
        5,
        {},
        {"credential": None},
        {"credential": "x"},
        {"credential": []},
        {"credential": {}},
        {"credential": {"id": 5, "response": {"clientDataJSON": 7}}},
        {"credential": {"id": "x", "response": {"clientDataJSON": "e30"}}},
        {"credential": {"id": "x", "response": {"clientDataJSON": "W10"}}},
        {"credential": {"id": "x", "response": []}},
    ],
)
def test_other_shapes_are_refused(client: FlaskClient, session: Database, body: Any) -> None:
    assert send(client, "/desk/sign-in/passkey", body).status_code == 422
    sign_in(client, person(session))
    assert send(client, "/desk/me/passkeys", body).status_code == 422
    assert send(client, "/desk/confirm/passkey", body).status_code == 422


@given(data=st.data())
@hypothesis_settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_spoilt_answers_are_refused_and_break_nothing(
    app: Flask, client: FlaskClient, owner: Person, device: Device, data: st.DataObject
) -> None:
    asked = app.test_client().get("/desk/sign-in/passkey").json
    assert asked
    credential = device.get(asked)
    field = data.draw(st.sampled_from(["clientDataJSON", "authenticatorData", "signature"]))
    text = credential["response"][field]
    place = data.draw(st.integers(0, 999)) * (len(text) - 2) // 1000
    other = "B" if text[place] == "A" else "A"
    spoilt = [text[:place], text[:place] + other + text[place + 1 :], "", "é", text + "AAAA"]
    credential["response"][field] = spoilt[data.draw(st.integers(0, len(spoilt) - 1))]
    assert send(app.test_client(), "/desk/sign-in/passkey", {"credential": credential}).status_code == 422


@given(garbage=st.binary(max_size=200))
@hypothesis_settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_spoilt_new_passkeys_are_refused_and_break_nothing(
    app: Flask, client: FlaskClient, owner: Person, garbage: bytes
) -> None:
    from tests.accounts.authenticator import text

    options = client.get("/desk/me/passkeys/options").json
    assert options
    credential = Device(ORIGIN).create(options)
    credential["response"]["attestationObject"] = text(garbage)
    assert send(client, "/desk/me/passkeys", {"credential": credential, "name": "x"}).status_code == 422


def test_posts_need_a_token(client: FlaskClient, owner: Person) -> None:
    for path in ("/desk/sign-in/passkey", "/desk/confirm/passkey", "/desk/me/passkeys", "/desk/me/passkeys/1/remove"):
        assert client.post(path, json={}).status_code == 400


def test_a_person_proves_with_their_own_passkey_only(
    app: Flask, client: FlaskClient, session: Database, owner: Person, device: Device
) -> None:
    other, theirs = app.test_client(), Device(ORIGIN)
    stranger = person(session)
    sign_in(other, stranger)
    add(other, theirs)
    asked = client.get("/desk/confirm/passkey").json
    assert asked
    assert send(client, "/desk/confirm/passkey", {"credential": theirs.get(asked)}).status_code == 422
    before, asked = token(client), client.get("/desk/confirm/passkey").json
    assert asked
    answer = send(client, "/desk/confirm/passkey?next=/desk/me/passkeys", {"credential": device.get(asked)})
    assert answer.json == {"next": "/desk/me/passkeys"}
    assert token(client) != before


def test_registering_answers_only_ones_own_challenge(
    app: Flask, client: FlaskClient, session: Database, device: Device
) -> None:
    one, two = sign_in(client, person(session)), sign_in(app.test_client(), person(session))
    options = one.get("/desk/me/passkeys/options").json
    assert options
    credential = device.create(options)
    assert send(two, "/desk/me/passkeys", {"credential": credential, "name": "x"}).status_code == 422
    unverified = Device(ORIGIN).create(options, verified=False)
    assert send(one, "/desk/me/passkeys", {"credential": unverified, "name": "x"}).status_code == 422
    assert send(one, "/desk/me/passkeys", {"credential": credential, "name": ["x"]}).status_code == 422
    assert send(one, "/desk/me/passkeys", {"credential": credential, "name": "x"}).status_code == 200
    assert send(one, "/desk/me/passkeys", {"credential": credential, "name": "x"}).status_code == 422
    assert len(session.scalars(sa.select(Passkey)).all()) == 1


def test_one_device_cannot_belong_to_two(
    app: Flask, client: FlaskClient, owner: Person, device: Device, session: Database
) -> None:
    other = sign_in(app.test_client(), person(session))
    assert add(other, device).status_code == 422


def test_removing(app: Flask, client: FlaskClient, session: Database, owner: Person) -> None:
    (only,) = session.scalars(sa.select(Passkey.id))
    stranger = sign_in(app.test_client(), person(session))
    assert stranger.post(f"/desk/me/passkeys/{only}/remove", data={"csrf_token": csrf(stranger)}).status_code == 404
    path = f"/desk/me/passkeys/{only}/remove"
    assert client.get(path).status_code == 405
    assert client.post(path, data={"csrf_token": csrf(client)}).status_code == 303
    assert len(session.scalars(sa.select(Passkey)).all()) == 1  # a reviewer's only factor stays
    assert add(client, Device(ORIGIN)).status_code == 200
    assert client.post(path, data={"csrf_token": csrf(client)}).status_code == 303
    session.rollback()
    assert only not in session.scalars(sa.select(Passkey.id)).all()
    assert client.post(path, data={"csrf_token": csrf(client)}).status_code == 404
    assert reload(owner).active


def test_ten_are_enough(client: FlaskClient, session: Database) -> None:
    sign_in(client, person(session))
    assert [add(client, Device(ORIGIN)).status_code for _ in range(11)] == [200] * 10 + [422]


@pytest.mark.parametrize(
    ("base", "site", "origins"),
    [
        ("https://learn.bank.example", "learn.bank.example", ("https://learn.bank.example",)),
        ("https://learn.bank.example:8443", "learn.bank.example", ("https://learn.bank.example:8443",)),
        ("http://127.0.0.1:8000", "localhost", ("http://localhost:8000",)),
        ("http://[::1]:8000", "localhost", ("http://localhost:8000",)),
        ("http://localhost:8000", "localhost", ("http://localhost:8000",)),
    ],
)
def test_what_passkeys_are_bound_to(base: str, site: str, origins: tuple[str, ...]) -> None:
    found = Site.of(base, name="x")
    assert (found.id, found.origins) == (site, origins)


def test_the_options_name_nobody_before_sign_in(client: FlaskClient, owner: Person) -> None:
    text = client.get("/desk/sign-in/passkey").text
    assert json.loads(text)["userVerification"] == "required"
    assert "allowCredentials" not in text or json.loads(text)["allowCredentials"] == []
    assert owner.email not in text
