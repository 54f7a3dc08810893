"""Signing in and out, and the limits of guessing, through the pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session as Database

from portal.accounts import services
from portal.accounts.models import Attempt, Session
from portal.accounts.rules import Role
from portal.audit.models import Event
from portal.core.database import transaction
from tests.accounts.helpers import PASSWORD, cookie, csrf, enter, person, post, reload, sign_in, token

START = datetime(2026, 11, 22, 6, 0, 7, tzinfo=UTC)


def test_the_right_password_lets_an_author_in(client: FlaskClient, session: Database) -> None:
    author = person(session, Role.AUTHOR)
    answer = enter(client, author)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/")
    assert author.name in client.get("/desk/me").text
    stored = session.scalars(sa.select(Session)).one()
    assert token(client) not in (None, stored.digest)


def test_capitals_and_spaces_around_the_address_do_not_matter(client: FlaskClient, session: Database) -> None:
    person(session, email="Lin.Jing@Example.org")
    assert post(client, "/desk/sign-in", email=" lin.jing@EXAMPLE.org ", password=PASSWORD).status_code == 303


def test_the_cookie_is_hidden_from_scripts_and_bound_to_the_site(client: FlaskClient, session: Database) -> None:
    answer = enter(client, person(session))
    (line,) = [one for one in answer.headers.getlist("Set-Cookie") if one.startswith("mingbai=")]
    assert re.fullmatch(r"mingbai=[\w-]{43}; HttpOnly; Path=/; SameSite=Lax", line)


def test_public_pages_set_no_cookie_even_for_staff(library: Flask, session: Database) -> None:
    client = sign_in(library.test_client(), person(session))
    for path in ("/", "/search?q=安全账户", "/hotlines"):
        assert client.get(path).headers.getlist("Set-Cookie") == []


def test_the_entry_pages_are_kept_nowhere_and_have_a_heading(client: FlaskClient) -> None:
    for path in ("/desk/sign-in", "/desk/reset", "/desk/link/" + "x" * 43):
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "private, no-store"
        assert answer.text.count("<h1>") == 1
    assert client.get("/desk/sign-in/code").headers["Location"] == "/desk/sign-in"


def test_without_a_token_or_with_a_strange_one_nothing_is_taken(client: FlaskClient, session: Database) -> None:
    author = person(session)
    for fields in ({}, {"csrf_token": ""}, {"csrf_token": "made up"}):
        answer = client.post("/desk/sign-in", data={"email": author.email, "password": PASSWORD, **fields})
        assert answer.status_code == 400
    assert session.scalars(sa.select(Session)).all() == []


def test_wrong_methods(client: FlaskClient, session: Database) -> None:
    sign_in(client, person(session))
    assert client.get("/desk/sign-out").status_code == 405
    assert client.put("/desk/sign-in", headers={"X-CSRFToken": csrf(client)}).status_code == 405


def test_empty_fields_are_named(client: FlaskClient) -> None:
    answer = post(client, "/desk/sign-in", email="", password="")
    assert answer.status_code == 422
    assert answer.text.count('aria-invalid="true"') == 2
    assert 'href="#email"' in answer.text


# --- the same answer whether an account exists --------------------------------------------------------------------


def test_the_answer_does_not_tell_whether_an_account_exists(
    client: FlaskClient, session: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = person(session, email="somebody@example.org")
    disabled = person(session, email="disabled@example.org")
    invited = person(session, email="invitees@example.org")
    with transaction():
        disabled.active = False
        invited.password_hash = ""
    hashed: list[str] = []
    verify = PasswordHasher.verify

    def watch(hasher: PasswordHasher, stored: str, typed: str) -> bool:
        hashed.append(stored)
        return verify(hasher, stored, typed)

    monkeypatch.setattr(PasswordHasher, "verify", watch)
    seen = set()
    for email in (real.email, disabled.email, invited.email, "nobodyat@example.org"):
        answer = post(client, "/desk/sign-in", email=email, password="it is not this one")
        page = re.sub(r'(value|data-token)="[\w.@-]{30,}"', "", answer.text).replace(email, "")
        seen.add((answer.status_code, page, len(answer.text)))
    assert len(seen) == 1
    assert seen.pop()[0] == 422
    # One hash was compared each time, and those of nobody cost what the real ones cost.
    assert len(hashed) == 4
    assert [services.passwords.is_dated(one) for one in hashed] == [False] * 4


def test_disabled_people_and_invited_ones_do_not_get_in_with_any_password(
    client: FlaskClient, session: Database
) -> None:
    disabled, invited = person(session), person(session)
    with transaction():
        disabled.active = False
        invited.password_hash = ""
    for someone in (disabled, invited):
        assert enter(client, someone).status_code == 422
    assert post(client, "/desk/sign-in", email=invited.email, password="x").status_code == 422


def test_a_reset_is_answered_the_same_for_everybody(client: FlaskClient, session: Database) -> None:
    person(session, email="somebody@example.org")
    known = post(client, "/desk/reset", email="somebody@example.org")
    unknown = post(client, "/desk/reset", email="nobodyat@example.org")
    assert known.status_code == unknown.status_code == 200
    assert known.text.replace("somebody", "nobodyat") == unknown.text


# --- limits -------------------------------------------------------------------------------------------------------


def test_the_eleventh_guess_at_an_account_must_wait(client: FlaskClient, session: Database) -> None:
    owner = person(session)
    with time_machine.travel(START, tick=False) as clock:
        for number in range(10):
            assert enter(client, owner, "wrong guess", address=f"10.0.0.{number}").status_code == 422
        answer = enter(client, owner, address="10.0.0.99")
        assert answer.status_code == 429
        assert answer.headers["Retry-After"] == "301"
        assert f'value="{owner.email}"' in answer.text
        assert PASSWORD not in answer.text
        clock.shift(timedelta(minutes=5))
        assert enter(client, owner, address="10.0.0.99").status_code == 303


def test_guesses_at_an_account_that_does_not_exist_are_limited_alike(client: FlaskClient) -> None:
    with time_machine.travel(START, tick=False):
        seen = [
            post(client, "/desk/sign-in", email="no@example.org", password="x", address=f"10.0.0.{n}").status_code
            for n in range(11)
        ]
    assert seen == [422] * 10 + [429]


def test_one_address_may_not_try_many_accounts(client: FlaskClient, session: Database) -> None:
    owner = person(session)
    with time_machine.travel(START, tick=False):
        for number in range(10):
            post(client, "/desk/sign-in", email=f"n{number}@example.org", password="x", address="10.0.0.1")
        assert enter(client, owner, address="10.0.0.1").status_code == 429
        assert enter(client, owner, address="10.0.0.2").status_code == 303


def test_a_subscriber_with_many_ipv6_addresses_is_one(client: FlaskClient) -> None:
    with time_machine.travel(START, tick=False):
        seen = [
            post(client, "/desk/sign-in", email=f"n{n}@example.org", password="x", address=f"2001:db8::{n:x}")
            for n in range(1, 12)
        ]
    assert [answer.status_code for answer in seen] == [422] * 10 + [429]


def test_right_passwords_do_not_count(client: FlaskClient, session: Database) -> None:
    owner = person(session)
    for _number in range(12):
        assert enter(client, owner).status_code == 303
    assert session.scalars(sa.select(Attempt)).all() == []


def test_the_owner_comes_in_from_a_known_network_whatever_strangers_guess(
    client: FlaskClient, session: Database
) -> None:
    owner = person(session)
    with time_machine.travel(START, tick=False):
        assert enter(client, owner, address="192.0.2.1").status_code == 303
        for number in range(10):
            enter(client, owner, "wrong guess", address=f"10.0.0.{number}")
        assert enter(client, owner, address="198.51.100.1").status_code == 429  # a new place waits
        assert enter(client, owner, address="192.0.2.1").status_code == 303


def test_guesses_from_a_known_network_are_limited_too(client: FlaskClient, session: Database) -> None:
    owner = person(session)
    with time_machine.travel(START, tick=False):
        assert enter(client, owner, address="192.0.2.1").status_code == 303
        seen = [enter(client, owner, "wrong guess", address="192.0.2.1").status_code for _ in range(11)]
    assert seen == [422] * 10 + [429]


def test_everybody_together_is_limited_and_the_owner_at_home_is_not_stopped(
    client: FlaskClient, session: Database
) -> None:
    owner, other = person(session), person(session)
    with time_machine.travel(START, tick=False):
        assert enter(client, owner, address="192.0.2.1").status_code == 303
        with transaction() as database:
            for number in range(1000):
                database.add(Attempt(kind="password", account=f"{number}", address=f"{number}", at=START))
        assert enter(client, other, address="192.0.2.9").status_code == 429
        assert enter(client, owner, address="192.0.2.1").status_code == 303


def test_a_flood_leaves_no_more_rows_than_the_limits(client: FlaskClient, session: Database) -> None:
    owner = person(session)
    with time_machine.travel(START, tick=False) as clock:
        for _number in range(25):
            enter(client, owner, "wrong guess")
        assert len(session.scalars(sa.select(Attempt)).all()) == 10
        clock.shift(timedelta(hours=2))
        enter(client, owner, "wrong guess")
        assert len(session.scalars(sa.select(Attempt)).all()) == 1


# --- signing out --------------------------------------------------------------------------------------------------


def test_after_signing_out_the_old_cookie_is_dead(client: FlaskClient, session: Database) -> None:
    enter(client, person(session))
    kept = str(token(client))
    answer = post(client, "/desk/sign-out")
    assert answer.status_code == 303
    assert answer.headers["Clear-Site-Data"] == '"cache", "storage"'
    assert token(client) is None
    client.set_cookie(cookie(client), kept)
    assert client.get("/desk/me").status_code == 302
    assert session.scalars(sa.select(Session)).all() == []


def test_signing_out_needs_a_token(client: FlaskClient, session: Database) -> None:
    sign_in(client, person(session))
    assert client.post("/desk/sign-out").status_code == 400
    assert client.get("/desk/me").status_code == 200


@pytest.mark.parametrize("value", ["", "x", "x" * 43, "x" * 3000, "é" * 43, "' OR 1=1 --" + "x" * 32])
def test_made_up_cookies_are_nobody(client: FlaskClient, session: Database, value: str) -> None:
    person(session)
    client.set_cookie(cookie(client), value)
    assert client.get("/desk/me").status_code == 302


def test_a_form_token_from_before_signing_in_is_dead_afterwards(client: FlaskClient, session: Database) -> None:
    author = person(session)
    before = csrf(client)
    client.post("/desk/sign-in", data={"csrf_token": before, "email": author.email, "password": PASSWORD})
    answer = client.post("/desk/sign-out", data={"csrf_token": before})
    assert answer.status_code == 400
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert "<h1>" in answer.text
    assert author.name in answer.text


# --- languages, record --------------------------------------------------------------------------------------------


def test_before_signing_in_the_address_names_the_language(client: FlaskClient) -> None:
    assert '<html lang="zh-Hans"' in client.get("/desk/sign-in").text
    assert '<html lang="en"' in client.get("/desk/sign-in?language=en").text
    assert '<html lang="zh-Hans"' in client.get("/desk/sign-in?language=xx").text


def test_comings_and_refusals_are_recorded(client: FlaskClient, session: Database) -> None:
    author = person(session, name="林静")
    enter(client, author, "wrong guess")
    post(client, "/desk/sign-in", email="nobody@example.org", password="x")
    enter(client, author)
    post(client, "/desk/sign-out")
    events = session.scalars(sa.select(Event).where(Event.tag.like("account:session:%")).order_by(Event.id))
    assert [(one.tag, one.actor, one.target) for one in events] == [
        ("account:session:refused", "", f"person:{author.id}"),
        ("account:session:refused", "", ""),
        ("account:session:signed-in", "林静", f"person:{author.id}"),
        ("account:session:signed-out", "林静", f"person:{author.id}"),
    ]


def test_a_hash_of_older_settings_is_renewed_at_sign_in(client: FlaskClient, session: Database) -> None:
    author = person(session)
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
    with transaction():
        author.password_hash = old
    assert enter(client, author).status_code == 303
    renewed = reload(author).password_hash
    assert renewed != old
    assert not services.passwords.is_dated(renewed)
    assert enter(client, author).status_code == 303


def test_typing_in_full_width_is_the_same_password(client: FlaskClient, session: Database) -> None:
    author = person(session)
    assert enter(client, author, PASSWORD.replace("42", "４２")).status_code == 303
