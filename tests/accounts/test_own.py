"""Sessions and one's own account, through the pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pyotp
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session as Database

from portal.accounts import services
from portal.accounts.models import Person, RecoveryCode, Session
from portal.accounts.rules import Role, Stage
from portal.core.database import transaction
from tests.accounts.helpers import PASSWORD, SECRET, cookie, csrf, person, post, reload, sign_in, token

START = datetime(2026, 11, 22, 6, 0, 7, tzinfo=UTC)
NEW = "三只猫在屋顶上看月亮"


# --- how long a session lives -------------------------------------------------------------------------------------


def test_half_an_hour_without_use_ends_a_session(client: FlaskClient, session: Database) -> None:
    author = person(session)
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, author)
        for _round in range(4):
            clock.shift(timedelta(minutes=29))
            assert client.get("/desk/me").status_code == 200
        clock.shift(timedelta(minutes=30))
        assert client.get("/desk/me").status_code == 302


def test_twelve_hours_end_a_session_however_it_is_used(client: FlaskClient, session: Database) -> None:
    author = person(session)
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, author)
        for _round in range(28):
            clock.shift(timedelta(minutes=25))
            assert client.get("/desk/me").status_code == 200
        clock.shift(timedelta(minutes=19))
        assert client.get("/desk/me").status_code == 200
        clock.shift(timedelta(minutes=1))
        assert client.get("/desk/me").status_code == 302


def test_requests_in_the_background_do_not_prolong_it(client: FlaskClient, session: Database) -> None:
    author = person(session)
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, author)
        for _round in range(2):
            clock.shift(timedelta(minutes=14))
            assert client.get("/desk/me", headers={"X-Background": "1"}).status_code == 200
        clock.shift(timedelta(minutes=2))
        assert client.get("/desk/me").status_code == 302


def test_reading_writes_at_most_once_a_minute(client: FlaskClient, session: Database) -> None:
    author = person(session)
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, author)
        clock.shift(timedelta(seconds=59))
        client.get("/desk/me")
        assert session.scalars(sa.select(Session.seen_at)).one() == START
        clock.shift(timedelta(seconds=1))
        client.get("/desk/me")
        session.rollback()
        assert session.scalars(sa.select(Session.seen_at)).one() == START + timedelta(minutes=1)


def test_a_session_that_was_ended_is_not_brought_back_by_a_request_in_flight(
    client: FlaskClient, session: Database
) -> None:
    author = person(session)
    with transaction() as database:
        opened = services.open_session(
            database, person_id=author.id, stage=Stage.COMPLETE, visitor=services.Visitor(), at=START
        )
    with transaction() as database:
        services.end_all(database, person_id=author.id, keep=None)
    with transaction() as database:
        services.note_use(database, session_id=opened.session_id, at=START + timedelta(hours=1))
        assert services.renew(database, session_id=opened.session_id) is None
    assert session.scalars(sa.select(Session)).all() == []


def test_no_number_of_a_session_is_given_twice(session: Database) -> None:
    author = person(session)
    numbers = []
    for _round in range(3):
        with transaction() as database:
            opened = services.open_session(
                database, person_id=author.id, stage=Stage.COMPLETE, visitor=services.Visitor(), at=START
            )
            numbers.append(opened.session_id)
        with transaction() as database:
            services.end_all(database, person_id=author.id, keep=None)
    assert len(set(numbers)) == 3


def test_disabling_and_demotion_hold_from_the_next_request(client: FlaskClient, session: Database) -> None:
    first, second = person(session, Role.ADMINISTRATOR), person(session, Role.ADMINISTRATOR)
    sign_in(client, second)
    assert client.get("/desk/people/").status_code == 200
    with transaction():
        second.roles = ["author"]
    assert client.get("/desk/people/").status_code == 403
    with transaction() as database:
        services.disable(database, person_id=second.id, by_id=first.id, by=first.name, at=START)
    assert client.get("/desk/me").status_code == 302


# --- the list of sessions -----------------------------------------------------------------------------------------


def test_one_sees_and_ends_ones_own_sessions(app: Flask, client: FlaskClient, session: Database) -> None:
    author, other = person(session), person(session)
    here, there, elsewhere = sign_in(client, author), sign_in(app.test_client(), author), app.test_client()
    sign_in(elsewhere, other)
    pairs = session.execute(sa.select(Session.id, Session.person_id).order_by(Session.id)).all()
    (_mine, second), (foreign,) = (
        [number for number, owner in pairs if owner == author.id],
        [number for number, owner in pairs if owner == other.id],
    )
    assert here.get("/desk/me").text.count("a test") == 2
    assert post(here, f"/desk/me/sessions/{foreign}/end").status_code == 404
    assert elsewhere.get("/desk/me").status_code == 200
    assert here.post(f"/desk/me/sessions/{second}/end").status_code == 400
    assert there.get("/desk/me").status_code == 200
    assert post(here, f"/desk/me/sessions/{second}/end").status_code == 303
    assert there.get("/desk/me").status_code == 302
    assert here.get("/desk/me").status_code == 200
    assert post(here, "/desk/me/sessions/99999/end").status_code == 404
    assert here.get(f"/desk/me/sessions/{second}/end").status_code == 405


def test_all_others_end_at_once(app: Flask, client: FlaskClient, session: Database) -> None:
    author = person(session)
    here, there = sign_in(client, author), sign_in(app.test_client(), author)
    assert here.post("/desk/me/sessions/end").status_code == 400
    assert post(here, "/desk/me/sessions/end").status_code == 303
    assert (here.get("/desk/me").status_code, there.get("/desk/me").status_code) == (200, 302)


# --- name, language, password -------------------------------------------------------------------------------------


def test_name_and_language(client: FlaskClient, session: Database) -> None:
    author = sign_in_person(client, session)
    assert post(client, "/desk/me", name="  周明 ", locale="en").status_code == 303
    page = client.get("/desk/me").text
    assert '<html lang="en"' in page
    assert "周明" in page
    assert reload(author).name == "周明"


def sign_in_person(client: FlaskClient, session: Database, *roles: Role) -> Person:
    someone = person(session, *roles)
    sign_in(client, someone)
    return someone


@pytest.mark.parametrize(
    "fields",
    [
        {"name": "", "locale": "en"},
        {"name": "x" * 61, "locale": "en"},
        {"name": "two\nlines", "locale": "en"},
        {"name": "Bcc:\r\nx@example.org", "locale": "en"},
        {"name": "x", "locale": "xx"},
        {"name": "x"},
    ],
)
def test_what_a_name_cannot_be(client: FlaskClient, session: Database, fields: dict[str, str]) -> None:
    author = sign_in_person(client, session)
    old = author.name
    assert post(client, "/desk/me", **fields).status_code == 422
    assert reload(author).name == old


def test_nobody_gives_themselves_anything(client: FlaskClient, session: Database) -> None:
    author = sign_in_person(client, session)
    extra = {"roles": "administrator", "active": "y", "email": "new@example.org", "password_hash": "x", "id": "99"}
    assert post(client, "/desk/me", name="周明", locale="en", **extra).status_code == 303
    stored = reload(author)
    assert (stored.roles, stored.email) == (["author"], author.email)
    assert post(client, f"/desk/people/{author.id}/roles", roles="administrator").status_code == 403


def test_a_new_password_ends_all_other_sessions(
    app: Flask, client: FlaskClient, session: Database, mails: list[dict[str, Any]]
) -> None:
    author = sign_in_person(client, session)
    other = sign_in(app.test_client(), author)
    before = str(token(client))
    answer = post(client, "/desk/me/password", current=PASSWORD, password=NEW)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/me")
    assert client.get("/desk/me").status_code == 200
    assert other.get("/desk/me").status_code == 302
    assert token(client) != before
    client.set_cookie(cookie(client), before)
    assert client.get("/desk/me").status_code == 302
    assert [(mail["to"], mail["template"], mail["locale"]) for mail in mails] == [
        (author.email, "password-changed", "zh-Hans")
    ]
    fresh = app.test_client()
    assert post(fresh, "/desk/sign-in", email=author.email, password=PASSWORD).status_code == 422
    assert post(fresh, "/desk/sign-in", email=author.email, password=NEW).status_code == 303


@pytest.mark.parametrize(
    ("current", "new"),
    [("not mine at all", NEW), (PASSWORD, "short"), (PASSWORD, "password1"), ("", NEW), (PASSWORD, "")],
)
def test_passwords_that_are_not_changed(client: FlaskClient, session: Database, current: str, new: str) -> None:
    author = sign_in_person(client, session)
    old = author.password_hash
    assert post(client, "/desk/me/password", current=current, password=new).status_code == 422
    assert reload(author).password_hash == old


def test_the_present_password_cannot_be_guessed_here(client: FlaskClient, session: Database) -> None:
    sign_in_person(client, session)
    seen = [post(client, "/desk/me/password", current="a wrong one", password=NEW).status_code for _ in range(11)]
    assert seen == [422] * 10 + [429]


# --- proving again ------------------------------------------------------------------------------------------------


def test_after_ten_minutes_the_password_is_asked_for_again(client: FlaskClient, session: Database) -> None:
    author = person(session)
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, author)
        assert client.get("/desk/me/authenticator").status_code == 200
        clock.shift(timedelta(minutes=10, seconds=1))
        answer = client.get("/desk/me/authenticator")
        assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/confirm?next=/desk/me/authenticator")
        before = token(client)
        assert client.post("/desk/confirm", data={"password": PASSWORD}).status_code == 400
        assert post(client, "/desk/confirm", password="not it").status_code == 422
        done = post(client, answer.headers["Location"], password=PASSWORD)
        assert (done.status_code, done.headers["Location"]) == (303, "/desk/me/authenticator")
        assert token(client) != before
        assert client.get("/desk/me/authenticator").status_code == 200


def test_a_stale_post_does_nothing_and_leads_back_to_its_page(client: FlaskClient, session: Database) -> None:
    reviewer = person(session, Role.REVIEWER, Role.AUTHOR)
    with time_machine.travel(START, tick=False) as clock:
        sign_in(client, reviewer)
        clock.shift(timedelta(minutes=11))
        answer = client.post(
            "/desk/me/authenticator/remove",
            data={"csrf_token": csrf(client)},
            headers={"Referer": "http://localhost/desk/me"},
        )
    assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/confirm?next=/desk/me")
    assert reload(reviewer).totp_secret == SECRET


def test_guesses_at_the_confirmation_are_limited(client: FlaskClient, session: Database) -> None:
    sign_in_person(client, session)
    assert [post(client, "/desk/confirm", password="x").status_code for _ in range(11)] == [422] * 10 + [429]


# --- the authenticator --------------------------------------------------------------------------------------------


def shown_secret(client: FlaskClient) -> str:
    page = client.get("/desk/me/authenticator").text
    return page.partition('class="secret" translate="no">')[2].partition("<")[0].replace(" ", "")


def test_setting_up_the_authenticator(
    app: Flask, client: FlaskClient, session: Database, mails: list[dict[str, Any]]
) -> None:
    reviewer = person(session, Role.REVIEWER, factor=False)
    with time_machine.travel(START, tick=False):
        sign_in(client, reviewer)
        other = sign_in(app.test_client(), reviewer)
        secret = shown_secret(client)
        assert secret == shown_secret(client)
        assert secret != shown_secret(other)
        assert len(secret) == 32
        picture = client.get("/desk/me/authenticator.svg")
        assert picture.mimetype == "image/svg+xml"
        assert secret not in picture.text
        assert picture.headers["Cache-Control"] == "private, no-store"
        assert post(client, "/desk/me/authenticator", code="000000").status_code == 422
        assert reload(reviewer).totp_secret is None
        answer = post(client, "/desk/me/authenticator", code=pyotp.TOTP(secret).now())
        assert answer.status_code == 200
        assert answer.text.count("<li>") == 10
        assert client.get("/desk/me").status_code == 200
        assert other.get("/desk/me").status_code == 302
        # The code that turned it on cannot sign anybody in as well.
        post(other, "/desk/sign-in", email=reviewer.email, password=PASSWORD)
        assert post(other, "/desk/sign-in/code", code=pyotp.TOTP(secret).now()).status_code == 422
        assert client.get("/desk/me/authenticator").status_code == 303
        assert client.get("/desk/me/authenticator.svg").status_code == 404
    assert reload(reviewer).totp_secret == secret
    assert [mail["template"] for mail in mails] == ["factor-changed"]


def test_set_up_guesses_are_limited(client: FlaskClient, session: Database) -> None:
    sign_in_person(client, session)
    seen = [post(client, "/desk/me/authenticator", code="000000").status_code for _ in range(6)]
    assert seen == [422] * 5 + [429]


def test_who_must_have_a_factor_cannot_remove_the_only_one(client: FlaskClient, session: Database) -> None:
    reviewer = sign_in_person(client, session, Role.REVIEWER)
    assert post(client, "/desk/me/authenticator/remove").status_code == 303
    assert reload(reviewer).totp_secret == SECRET
    assert client.post("/desk/me/authenticator/remove").status_code == 400
    assert client.get("/desk/me/authenticator/remove").status_code == 405


def test_an_author_may_turn_it_off_and_the_codes_go_with_it(client: FlaskClient, session: Database) -> None:
    author = sign_in_person(client, session)
    with transaction() as database:
        database.get_one(Person, author.id).totp_secret = SECRET
        services.new_recovery_codes(database, person_id=author.id, by="test", at=START)
    assert post(client, "/desk/me/authenticator/remove").status_code == 303
    assert reload(author).totp_secret is None
    assert session.scalars(sa.select(RecoveryCode)).all() == []
    first = shown_secret(client)
    assert first


def test_recovery_codes_are_made_anew_and_shown_once(client: FlaskClient, session: Database) -> None:
    author = sign_in_person(client, session)
    assert post(client, "/desk/me/recovery-codes").status_code == 303  # without a factor there is nothing to recover
    with transaction() as database:
        database.get_one(Person, author.id).totp_secret = SECRET
    page = post(client, "/desk/me/recovery-codes")
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "private, no-store"
    codes = [line.partition("<")[0] for line in page.text.split("<li>")[1:]]
    assert len(set(codes)) == 10
    assert all(code not in client.get("/desk/me").text for code in codes)
    assert client.post("/desk/me/recovery-codes").status_code == 400
    post(client, "/desk/me/recovery-codes")
    assert len(session.scalars(sa.select(RecoveryCode)).all()) == 10
