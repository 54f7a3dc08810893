"""Mailed links: they show on GET, act on POST, and work once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session as Database

from portal.accounts import services
from portal.accounts.models import Link, Person
from portal.accounts.rules import Role
from portal.core.database import transaction
from tests.accounts.helpers import PASSWORD, SECRET, csrf, person, post, reload, sign_in

START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
NEW = "三只猫在屋顶上看月亮"


def invited(session: Database, *roles: Role) -> Person:
    with transaction() as database:
        return services.invite(
            database,
            email="new@example.org",
            name="周明",
            roles=roles or [Role.AUTHOR],
            by="管理",
            at=datetime.now(UTC),
        )


def path(mail: dict[str, Any]) -> str:
    return f"/desk/link/{mail['values']['token']}"


def test_an_invitation_survives_scanners_and_works_once(
    client: FlaskClient, session: Database, mails: list[dict[str, Any]]
) -> None:
    someone = invited(session)
    (mail,) = mails
    assert (mail["to"], mail["template"]) == ("new@example.org", "invitation")
    assert mail["values"]["site"] == "http://127.0.0.1:8000"
    for _round in range(5):
        assert client.get(path(mail), headers={"Purpose": "prefetch"}).status_code == 200
        assert client.head(path(mail)).status_code == 200
    assert reload(someone).password_hash == ""
    answer = post(client, path(mail), password=NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/")
    assert client.get("/desk/me").status_code == 200
    assert client.get(path(mail)).status_code == 404
    assert post(client, path(mail), password="and another 77").status_code == 404
    assert post(client, "/desk/sign-in", email="new@example.org", password=NEW).status_code == 303


def test_an_invited_administrator_sets_up_a_factor_first(
    client: FlaskClient, session: Database, mails: list[dict[str, Any]]
) -> None:
    invited(session, Role.ADMINISTRATOR)
    assert post(client, path(mails[0]), password=NEW).status_code == 303
    assert client.get("/desk/people/").headers["Location"] == "/desk/me/authenticator"


@pytest.mark.parametrize("weak", ["", "short", "password1", "周明的密码1", "x9" * 70])
def test_weak_passwords_leave_the_link_as_it_was(
    client: FlaskClient, session: Database, mails: list[dict[str, Any]], weak: str
) -> None:
    invited(session)
    assert post(client, path(mails[0]), password=weak).status_code == 422
    assert post(client, path(mails[0]), password=NEW).status_code == 303


def test_a_reset_changes_the_password_and_nothing_else(
    app: Flask, client: FlaskClient, session: Database, mails: list[dict[str, Any]]
) -> None:
    reviewer = person(session, Role.REVIEWER)
    old = sign_in(app.test_client(), reviewer)
    assert post(client, "/desk/reset", email=reviewer.email.upper()).status_code == 200
    answer = post(client, path(mails[0]), password=NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/sign-in")
    assert client.get("/desk/me").status_code == 302  # a reset signs nobody in …
    assert old.get("/desk/me").status_code == 302
    entered = post(client, "/desk/sign-in", email=reviewer.email, password=NEW)
    assert entered.headers["Location"] == "/desk/sign-in/code"  # … and the second factor is asked for
    assert reload(reviewer).totp_secret == SECRET
    assert [mail["template"] for mail in mails] == ["reset", "password-changed"]


def test_a_newer_link_ends_the_one_before(client: FlaskClient, session: Database, mails: list[dict[str, Any]]) -> None:
    author = person(session)
    for _round in range(2):
        post(client, "/desk/reset", email=author.email)
    assert client.get(path(mails[0])).status_code == 404
    assert client.get(path(mails[1])).status_code == 200


def test_changing_the_password_ends_the_links(
    app: Flask, client: FlaskClient, session: Database, mails: list[dict[str, Any]]
) -> None:
    author = person(session)
    post(app.test_client(), "/desk/reset", email=author.email)
    post(sign_in(client, author), "/desk/me/password", current=PASSWORD, password=NEW)
    assert client.get(path(mails[0])).status_code == 404


@pytest.mark.parametrize(("minutes", "status"), [(29, 200), (30, 404)])
def test_a_reset_lives_half_an_hour(
    client: FlaskClient, session: Database, mails: list[dict[str, Any]], minutes: int, status: int
) -> None:
    author = person(session)
    with time_machine.travel(START, tick=False) as clock:
        post(client, "/desk/reset", email=author.email)
        clock.shift(timedelta(minutes=minutes))
        assert client.get(path(mails[0])).status_code == status
        assert post(client, path(mails[0]), password=NEW).status_code == (303 if status == 200 else 404)


def test_unknown_used_expired_and_disabled_look_the_same(
    client: FlaskClient, session: Database, mails: list[dict[str, Any]]
) -> None:
    author = person(session)
    post(client, "/desk/reset", email=author.email)
    with transaction():
        author.active = False
    dead, unknown = client.get(path(mails[0])), client.get("/desk/link/" + "x" * 43)
    assert (dead.status_code, unknown.status_code) == (404, 404)
    assert dead.text.replace(mails[0]["values"]["token"], "x" * 43) == unknown.text


@pytest.mark.parametrize("token", ["x", "x" * 42, "x" * 44, "x" * 42 + "=", "%2e%2e", "../" * 10])
def test_other_shapes_are_no_links(client: FlaskClient, token: str) -> None:
    assert client.get(f"/desk/link/{token}").status_code == 404


def test_a_link_needs_the_token_of_its_form(
    client: FlaskClient, session: Database, mails: list[dict[str, Any]]
) -> None:
    invited(session)
    assert client.post(path(mails[0]), data={"password": NEW}).status_code == 400
    assert client.put(path(mails[0]), headers={"X-CSRFToken": csrf(client)}).status_code == 405


def test_whoever_has_not_joined_yet_gets_the_invitation_again(
    client: FlaskClient, session: Database, mails: list[dict[str, Any]]
) -> None:
    invited(session)
    post(client, "/desk/reset", email="new@example.org")
    assert [mail["template"] for mail in mails] == ["invitation", "invitation"]
    assert client.get(path(mails[0])).status_code == 404


def test_resets_are_limited(client: FlaskClient, session: Database, mails: list[dict[str, Any]]) -> None:
    author = person(session)
    seen = [post(client, "/desk/reset", email=author.email) for _ in range(4)]
    assert [answer.status_code for answer in seen] == [200, 200, 200, 429]
    assert len(mails) == 3
    assert f'value="{author.email}"' in seen[-1].text


def test_only_digests_of_tokens_are_stored(session: Database, mails: list[dict[str, Any]]) -> None:
    invited(session)
    (link,) = session.scalars(sa.select(Link))
    assert mails[0]["values"]["token"] not in (link.digest, "")


def test_the_first_link_is_there_until_somebody_can_sign_in(session: Database) -> None:
    with transaction() as database:
        first = services.first_link(database, name="演示", at=START)
    with transaction() as database:
        second = services.first_link(database, name="演示", at=START)
    assert first
    assert second
    assert first != second
    with transaction() as database:
        assert services.accept(database, token=first, password_hash="x", at=START) is None
        assert services.accept(database, token=second, password_hash="x", at=START + timedelta(hours=24)) is None
        accepted = services.accept(database, token=second, password_hash="x", at=START + timedelta(hours=23))
    assert accepted
    assert accepted[0].roles == ["author", "reviewer", "administrator"]
    with transaction() as database:
        assert services.first_link(database, name="演示", at=START) is None


def test_the_first_link_is_not_for_an_installation_that_has_people(session: Database) -> None:
    invited(session)
    with transaction() as database:
        assert services.first_link(database, name="演示", at=START) is None
