"""Where people go after signing in, and where nobody is led."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session as Database

from portal.accounts.rules import Role
from portal.accounts.views.gate import inside
from tests.accounts.helpers import PASSWORD, code_at, csrf, person, post

START = datetime(2026, 11, 22, 6, 0, 7, tzinfo=UTC)


HOSTILE = [
    "//evil.example",
    "///evil.example",
    "////evil.example",
    "https://evil.example",
    "https:evil.example",
    "http:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "\\\\evil.example",
    "/\\evil.example",
    "/\\/evil.example",
    "/\t/evil.example",
    "/\n/evil.example",
    "\t//evil.example",
    " //evil.example",
    "/desk//evil.example",
    "//evil.example/desk/me",
    "/desk/../evil",
    "/desk/..//evil.example",
    "/desk/%2e%2e/%2fevil.example",
    "/%2fevil.example",
    "/%5cevil.example",
    "/desk/%5c%5cevil.example",
    "/desk/me\r\nSet-Cookie: a=b",
    "/desk/me%0d%0aSet-Cookie:a=b",
    "/desk/me\x00",
    "/desk/me#//evil.example",
    "/desk/me?next=https://evil.example",
    "/desk/me?a=\r\nb",
    "/desk/me@evil.example",
    "/desk@evil.example",
    "@evil.example",
    "evil.example",
    "/desk/nowhere",
    "/desk/sign-out",
    "/desk/sign-in",
    "/desk/people/9999999999999999999999",
    "/",
    "/articles/anything",
    "／／evil.example",
    "/desk／me",
    "/desk/me" + "a" * 600,
    "/DESK/me",
    "",
    "?",
    "/desk/me;evil",
]


@pytest.mark.parametrize("target", HOSTILE)
def test_nobody_is_led_elsewhere(client: FlaskClient, session: Database, target: str) -> None:
    author = person(session)
    data = {"csrf_token": csrf(client), "email": author.email, "password": PASSWORD}
    answer = client.post("/desk/sign-in", query_string={"next": target}, data=data)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/")


@pytest.mark.parametrize("target", ["/desk/me", "/desk/me/password", "/desk/me?a=1&b=x-y", "/desk/people/7"])
def test_pages_of_the_desk_are_where_people_go_on(app: Flask, target: str) -> None:
    with app.test_request_context():
        assert inside(target) == target


def test_whoever_must_sign_in_comes_back_to_where_they_were(client: FlaskClient, session: Database) -> None:
    reviewer = person(session, Role.REVIEWER)
    asked = client.get("/desk/me/password?a=1")
    assert asked.status_code == 302
    form = asked.headers["Location"]
    assert client.get(form).status_code == 200
    with time_machine.travel(START, tick=False):
        code = post(client, form, email=reviewer.email, password=PASSWORD).headers["Location"]
        answer = post(client, code, code=code_at(START))
    assert answer.headers["Location"] == "/desk/me/password?a=1"


def test_a_post_without_a_session_says_that_nothing_was_lost(client: FlaskClient) -> None:
    answer = post(client, "/desk/me", name="x", locale="en")
    assert answer.status_code == 401
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert 'target="_blank"' in answer.text


def test_scripts_are_told_in_json(client: FlaskClient) -> None:
    answer = client.get("/desk/me", headers={"Accept": "application/json"})
    assert answer.status_code == 401
    assert answer.json == {"error": {"status": 401, "sign_in": "/desk/sign-in?next=/desk/me"}}
