"""Signing in and out, codes, and the limits of guessing, through the pages."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pyotp
import pytest
import sqlalchemy as sa
import time_machine
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session as Database
from werkzeug.test import TestResponse

from portal.accounts import services
from portal.accounts.models import Attempt, Person, Session
from portal.accounts.rules import Role
from portal.accounts.views.gate import inside
from portal.audit.models import Event
from portal.core.database import transaction
from tests.accounts.helpers import PASSWORD, SECRET, cookie, csrf, person, reload, sign_in, token

START = datetime(2026, 11, 22, 6, 0, 7, tzinfo=UTC)


def post(client: FlaskClient, path: str, *, address: str = "127.0.0.1", **fields: str) -> TestResponse:
    data = {"csrf_token": csrf(client), **fields}
    return client.post(path, data=data, environ_base={"REMOTE_ADDR": address})


def enter(client: FlaskClient, someone: Person, password: str = PASSWORD, **options: str) -> TestResponse:
    return post(client, "/desk/sign-in", email=someone.email, password=password, **options)


def test_the_right_password_lets_an_author_in(client: FlaskClient, session: Database) -> None:
    author = person(session, Role.AUTHOR)
    answer = enter(client, author)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/me")
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


# --- the second factor --------------------------------------------------------------------------------------------


def half_way(client: FlaskClient, someone: Person) -> None:
    assert enter(client, someone).headers["Location"] == "/desk/sign-in/code"


def code_at(moment: datetime, steps: int = 0) -> str:
    return str(pyotp.TOTP(SECRET).at(moment + timedelta(seconds=30 * steps)))


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
        assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/me")
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
            if answer.headers.get("Location") != "/desk/me/authenticator":
                reached.add(rule.endpoint)
    assert reached == {
        "accounts.authenticator",
        "accounts.authenticator_picture",
        "accounts.passkeys",
        "accounts.passkey_options",
        "accounts.confirm",
    }


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
    assert client.post("/desk/sign-out", data={"csrf_token": before}).status_code == 400


# --- where people go ----------------------------------------------------------------------------------------------

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
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/me")


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
