"""The people's administration, through the pages."""

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
from portal.accounts.models import Person, RecoveryCode
from portal.accounts.rules import Obstacle, Role
from portal.audit.models import Event
from portal.core import clock
from portal.core.database import transaction
from tests.accounts.helpers import SECRET, person, post, reload, sign_in, token

START = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
ACTS = ("roles", "sessions/end", "disable", "enable", "link", "factors/clear")


@pytest.fixture
def boss(client: FlaskClient, session: Database) -> Person:
    """Sign an administrator in at `client`."""
    made = person(session, Role.ADMINISTRATOR, name="管理")
    sign_in(client, made)
    return made


def tags(session: Database) -> list[str]:
    session.rollback()
    rows = session.scalars(sa.select(Event.tag).order_by(Event.id))
    return [tag for tag in rows if tag != "account:person:created"]


def test_everybody_is_listed(client: FlaskClient, session: Database, boss: Person) -> None:
    other = person(session, Role.AUTHOR, name="<b>林静</b>")
    page = client.get("/desk/people/").text
    assert "&lt;b&gt;林静&lt;/b&gt;" in page
    assert boss.email in page
    assert f"/desk/people/{other.id}" in page


@pytest.mark.parametrize("role", [Role.AUTHOR, Role.REVIEWER, Role.ORGANISER, Role.ANALYST])
def test_nobody_else_comes_in(client: FlaskClient, session: Database, role: Role) -> None:
    someone = person(session, role)
    sign_in(client, someone)
    for path in ("", "invite", f"{someone.id}"):
        assert client.get(f"/desk/people/{path}").status_code == 403
    for act in ACTS:
        assert post(client, f"/desk/people/{someone.id}/{act}", roles="administrator").status_code == 403
    assert post(client, "/desk/people/invite", name="x", email="x@example.org", roles="author").status_code == 403
    assert reload(someone).roles == [role]


@pytest.mark.parametrize("act", ACTS)
def test_each_act_needs_a_token_a_person_and_a_fresh_proof(client: FlaskClient, session: Database, act: str) -> None:
    boss, other = person(session, Role.ADMINISTRATOR), person(session, Role.REVIEWER)
    with time_machine.travel(START, tick=False) as now:
        sign_in(client, boss)
        assert client.post(f"/desk/people/{other.id}/{act}").status_code == 400
        assert client.get(f"/desk/people/{other.id}/{act}").status_code == 405
        assert post(client, f"/desk/people/9999/{act}", roles="author").status_code == 404
        assert post(client, f"/desk/people/{10**19}/{act}").status_code == 404
        now.shift(timedelta(minutes=11))
        assert post(client, f"/desk/people/{other.id}/{act}").headers["Location"].startswith("/desk/confirm")
    stored = reload(other)
    assert (stored.roles, stored.active, stored.totp_secret) == (["reviewer"], True, SECRET)


def test_missing_people(client: FlaskClient, session: Database, boss: Person) -> None:
    for number in ("9999", "0", str(10**19), "-1", "x"):
        assert client.get(f"/desk/people/{number}").status_code == 404


def test_inviting(client: FlaskClient, session: Database, boss: Person, mails: list[dict[str, Any]]) -> None:
    fields = {"name": "周明", "email": "zhou@example.org", "roles": ["author", "reviewer"], "locale": "zh-Hant"}
    assert client.post("/desk/people/invite", data=fields).status_code == 400
    assert post(client, "/desk/people/invite", **fields, password_hash="x", active="").status_code == 303
    made = session.scalars(sa.select(Person).where(Person.name == "周明")).one()
    assert (made.roles, made.locale, made.password_hash, made.active) == (["author", "reviewer"], "zh-Hant", "", True)
    assert [(mail["to"], mail["template"], mail["locale"]) for mail in mails] == [
        ("zhou@example.org", "invitation", "zh-Hant")
    ]
    assert tags(session) == ["account:person:invited"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "two\nlines"},
        {"email": "no address"},
        {"email": "a@example.org\r\nBcc: b@example.org"},
        {"email": ""},
        {"roles": []},
        {"roles": ["king"]},
        {"roles": ["author", "king"]},
        {"locale": "xx"},
    ],
)
def test_what_an_invitation_cannot_be(
    client: FlaskClient, session: Database, boss: Person, wrong: dict[str, Any]
) -> None:
    fields = {"name": "周明", "email": "zhou@example.org", "roles": ["author"], "locale": "en", **wrong}
    answer = post(client, "/desk/people/invite", **fields)
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert len(session.scalars(sa.select(Person)).all()) == 1


def test_an_address_belongs_to_one_person(client: FlaskClient, session: Database, boss: Person) -> None:
    person(session, email="zhou@example.org")
    fields = {"name": "周明", "email": "ZHOU@example.org", "roles": ["author"], "locale": "en"}
    answer = post(client, "/desk/people/invite", **fields)
    assert answer.status_code == 422
    assert 'value="ZHOU@example.org"' in answer.text


def test_other_roles_hold_after_signing_in_again(
    app: Flask, client: FlaskClient, session: Database, boss: Person, mails: list[dict[str, Any]]
) -> None:
    author = person(session, Role.AUTHOR)
    theirs = sign_in(app.test_client(), author)
    answer = post(client, f"/desk/people/{author.id}/roles", roles=["organiser", "author"])
    assert answer.status_code == 303
    assert reload(author).roles == ["author", "organiser"]
    assert theirs.get("/desk/me").status_code == 302
    assert [mail["template"] for mail in mails] == ["roles-changed"]
    assert tags(session) == ["account:roles:changed"]
    post(client, f"/desk/people/{author.id}/roles", roles=["author", "organiser"])
    assert tags(session) == ["account:roles:changed"]


def test_ones_own_roles_grow_under_another_token(client: FlaskClient, session: Database, boss: Person) -> None:
    before = token(client)
    assert post(client, f"/desk/people/{boss.id}/roles", roles=["administrator", "analyst"]).status_code == 303
    assert reload(boss).roles == ["analyst", "administrator"]
    assert client.get("/desk/people/").status_code == 200
    assert token(client) != before


@pytest.mark.parametrize("roles", [["author"], [], ["king"]])
def test_nobody_takes_the_administrators_role_from_themselves(
    client: FlaskClient, session: Database, boss: Person, roles: list[str]
) -> None:
    person(session, Role.ADMINISTRATOR)
    assert post(client, f"/desk/people/{boss.id}/roles", roles=roles).status_code == 422
    assert reload(boss).roles == ["administrator"]


def test_disabling_and_opening_again(app: Flask, client: FlaskClient, session: Database, boss: Person) -> None:
    author = person(session, Role.AUTHOR)
    theirs = sign_in(app.test_client(), author)
    with transaction() as database:
        link = services.send_reset(database, database.get_one(Person, author.id), by="test", at=clock.now())
    assert post(client, f"/desk/people/{author.id}/disable").status_code == 303
    assert theirs.get("/desk/me").status_code == 302
    assert theirs.get(f"/desk/link/{link}").status_code == 404
    assert post(client, f"/desk/people/{author.id}/link").status_code == 409
    assert post(client, f"/desk/people/{author.id}/enable").status_code == 303
    assert theirs.get(f"/desk/link/{link}").status_code == 404
    assert reload(author).active
    assert tags(session)[-2:] == ["account:person:disabled", "account:person:enabled"]


def test_nobody_disables_themselves(client: FlaskClient, session: Database, boss: Person) -> None:
    person(session, Role.ADMINISTRATOR)
    post(client, f"/desk/people/{boss.id}/disable")
    assert reload(boss).active
    assert client.get("/desk/people/").status_code == 200


def test_the_last_administrator_stays(session: Database) -> None:
    boss, other = person(session, Role.ADMINISTRATOR), person(session, Role.ADMINISTRATOR)
    with transaction() as database:
        services.disable(database, person_id=other.id, by_id=boss.id, by="x", at=START)
    with pytest.raises(services.Refused) as refused, transaction() as database:
        services.disable(database, person_id=boss.id, by_id=None, by="command", at=START)
    assert refused.value.obstacle is Obstacle.LAST_ADMINISTRATOR
    with pytest.raises(services.Refused) as refused, transaction() as database:
        services.set_roles(database, person_id=boss.id, roles=["author"], by_id=None, by="command", at=START, keep=None)
    assert refused.value.obstacle is Obstacle.LAST_ADMINISTRATOR


def test_ending_somebodys_sessions(app: Flask, client: FlaskClient, session: Database, boss: Person) -> None:
    author = person(session, Role.AUTHOR)
    theirs = sign_in(app.test_client(), author)
    assert post(client, f"/desk/people/{author.id}/sessions/end").status_code == 303
    assert theirs.get("/desk/me").status_code == 302
    assert client.get("/desk/people/").status_code == 200
    assert post(client, f"/desk/people/{boss.id}/sessions/end").status_code == 303
    assert client.get("/desk/people/").status_code == 200  # this browser stays
    assert tags(session) == ["account:session:ended"]


def test_sending_a_reset_or_the_invitation_again(
    client: FlaskClient, session: Database, boss: Person, mails: list[dict[str, Any]]
) -> None:
    author = person(session, Role.AUTHOR)
    post(client, f"/desk/people/{author.id}/link")
    with transaction():
        author.password_hash = ""
    post(client, f"/desk/people/{author.id}/link")
    assert [mail["template"] for mail in mails] == ["reset", "invitation"]


def test_taking_lost_factors_away(
    app: Flask, client: FlaskClient, session: Database, boss: Person, mails: list[dict[str, Any]]
) -> None:
    reviewer = person(session, Role.REVIEWER)
    with transaction() as database:
        services.new_recovery_codes(database, person_id=reviewer.id, by="test", at=START)
    theirs = sign_in(app.test_client(), reviewer)
    assert post(client, f"/desk/people/{reviewer.id}/factors/clear").status_code == 303
    assert reload(reviewer).totp_secret is None
    assert session.scalars(sa.select(RecoveryCode)).all() == []
    assert theirs.get("/desk/me").status_code == 302
    assert [mail["template"] for mail in mails] == ["factor-changed"]
    sign_in(theirs, reviewer)
    assert theirs.get("/desk/me").headers["Location"] == "/desk/me/authenticator"
    post(client, f"/desk/people/{boss.id}/factors/clear")
    assert reload(boss).totp_secret == SECRET
