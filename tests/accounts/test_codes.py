"""The second factor at sign-in, through the pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session as Database

from portal.accounts import services
from portal.accounts.rules import Role
from portal.core.database import transaction
from tests.accounts.helpers import PASSWORD, code_at, cookie, enter, half_way, person, post, token

START = datetime(2026, 11, 22, 6, 0, 7, tzinfo=UTC)


def test_the_password_alone_opens_nothing_to_a_reviewer(client: FlaskClient, session: Database) -> None:
    half_way(client, person(session, Role.REVIEWER))
    for path in ("/desk/me", "/desk/me/authenticator", "/desk/me/passkeys", "/desk/people/", "/desk/confirm"):
        assert client.get(path).headers["Location"].startswith("/desk/sign-in")
    assert post(client, "/desk/me/password", current=PASSWORD, password="another good one 7").status_code == 401


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_of_now_or_just_before_or_after_is_taken(client: FlaskClient, session: Database, steps: int) -> None:
    reviewer = person(session, Role.REVIEWER)
    with time_machine.travel(START, tick=False):
        half_way(client, reviewer)
        before = token(client)
        answer = post(client, "/desk/sign-in/code", code=code_at(START, steps))
        assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/")
        assert client.get("/desk/me").status_code == 200
        assert token(client) != before
        client.set_cookie(cookie(client), str(before))
        assert client.get("/desk/me").status_code == 302


@pytest.mark.parametrize("code", ["000000", "12345", "", "1234567", "abcdef", "１", "9" * 100])
def test_other_codes_are_refused(client: FlaskClient, session: Database, code: str) -> None:
    half_way(client, person(session, Role.REVIEWER))
    assert post(client, "/desk/sign-in/code", code=code).status_code == 422


@pytest.mark.parametrize("steps", [-2, 2])
def test_codes_of_other_times_are_refused(client: FlaskClient, session: Database, steps: int) -> None:
    reviewer = person(session, Role.REVIEWER)
    with time_machine.travel(START, tick=False):
        half_way(client, reviewer)
        assert post(client, "/desk/sign-in/code", code=code_at(START, steps)).status_code == 422


def test_a_code_works_once_with_or_without_spaces(client: FlaskClient, session: Database) -> None:
    reviewer = person(session, Role.REVIEWER)
    with time_machine.travel(START, tick=False):
        half_way(client, reviewer)
        code = code_at(START)
        assert post(client, "/desk/sign-in/code", code=f"{code[:3]} {code[3:]}").status_code == 303
        for again in (code, f" {code[:3]} {code[3:]} ", code_at(START, -1)):
            half_way(client, reviewer)
            assert post(client, "/desk/sign-in/code", code=again).status_code == 422
        assert post(client, "/desk/sign-in/code", code=code_at(START, 1)).status_code == 303


def test_codes_are_limited_apart_from_passwords(client: FlaskClient, session: Database) -> None:
    reviewer = person(session, Role.REVIEWER)
    with time_machine.travel(START, tick=False) as clock:
        half_way(client, reviewer)
        assert [post(client, "/desk/sign-in/code", code="000000").status_code for _ in range(6)] == [422] * 5 + [429]
        half_way(client, reviewer)  # the password is still taken
        clock.shift(timedelta(minutes=5))
        assert post(client, "/desk/sign-in/code", code=code_at(START + timedelta(minutes=5))).status_code == 303


def test_twenty_codes_an_hour(client: FlaskClient, session: Database) -> None:
    reviewer = person(session, Role.REVIEWER)
    seen = []
    with time_machine.travel(START, tick=False) as clock:
        for _round in range(5):
            half_way(client, reviewer)
            seen += [post(client, "/desk/sign-in/code", code="000000").status_code for _ in range(5)]
            clock.shift(timedelta(minutes=6))
    assert seen == [422] * 20 + [429] * 5


def test_a_recovery_code_works_once(client: FlaskClient, session: Database) -> None:
    reviewer = person(session, Role.REVIEWER)
    with transaction() as database:
        codes = services.new_recovery_codes(database, person_id=reviewer.id, by="test", at=START)
    assert len(set(codes)) == 10
    half_way(client, reviewer)
    assert post(client, "/desk/sign-in/code", code=codes[3].upper().replace("-", " ")).status_code == 303
    half_way(client, reviewer)
    assert post(client, "/desk/sign-in/code", code=codes[3]).status_code == 422
    assert post(client, "/desk/sign-in/code", code=codes[4]).status_code == 303


def test_somebody_elses_recovery_code_is_nothing(client: FlaskClient, session: Database) -> None:
    reviewer, other = person(session, Role.REVIEWER), person(session, Role.REVIEWER)
    with transaction() as database:
        codes = services.new_recovery_codes(database, person_id=other.id, by="test", at=START)
    half_way(client, reviewer)
    assert post(client, "/desk/sign-in/code", code=codes[0]).status_code == 422


def test_the_second_factor_must_come_within_ten_minutes(client: FlaskClient, session: Database) -> None:
    reviewer = person(session, Role.REVIEWER)
    with time_machine.travel(START, tick=False) as clock:
        half_way(client, reviewer)
        clock.shift(timedelta(minutes=10))
        answer = post(client, "/desk/sign-in/code", code=code_at(START + timedelta(minutes=10)))
    assert answer.headers["Location"] == "/desk/sign-in"


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMINISTRATOR])
def test_without_a_second_factor_they_reach_only_its_set_up(
    app: Flask, client: FlaskClient, session: Database, role: Role
) -> None:
    someone = person(session, role, factor=False)
    assert enter(client, someone).status_code == 303
    reached = set()
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith("/desk/") and rule.methods and "GET" in rule.methods:
            view = app.view_functions[rule.endpoint]
            if view.access == "public":  # type: ignore[attr-defined]
                continue
            path = "/".join("1" if part.startswith("<") else part for part in rule.rule.split("/"))
            answer = client.get(path, headers={"Accept": "text/html"})
            if answer.status_code != 404 and answer.headers.get("Location") != "/desk/me/authenticator":
                reached.add(rule.endpoint)
    assert reached == {
        "accounts.authenticator",
        "accounts.authenticator_picture",
        "accounts.passkeys",
        "accounts.passkey_options",
        "accounts.confirm",
    }
