"""`flask accounts …`."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session as Database

from portal.accounts import services
from portal.accounts.models import Link, Person
from portal.accounts.rules import Role
from tests.accounts.helpers import PASSWORD, enter, person, post, reload

CREATE = ["accounts", "create", "--email", "lin@example.org", "--name", "林静"]


def test_an_account_is_made_with_the_password_from_standard_input(
    app: Flask, client: FlaskClient, session: Database
) -> None:
    result = app.test_cli_runner().invoke(
        args=[*CREATE, "--role", "author", "--role", "organiser"], input=f"{PASSWORD}\n"
    )
    assert result.exit_code == 0, result.output
    assert "http://127.0.0.1:8000/desk/sign-in" in result.output
    assert PASSWORD not in result.output
    made = session.scalars(sa.select(Person)).one()
    assert (made.email, made.name, made.roles) == ("lin@example.org", "林静", ["author", "organiser"])
    assert enter(client, made).status_code == 303


def test_spaces_of_a_password_are_kept(app: Flask, session: Database) -> None:
    app.test_cli_runner().invoke(args=[*CREATE, "--role", "author"], input="  two spaces  \r\n")
    stored = session.scalars(sa.select(Person.password_hash)).one()
    assert services.fits(stored, "  two spaces  ")
    assert not services.fits(stored, "two spaces")


def test_the_authenticators_secret_is_printed_once(app: Flask, session: Database) -> None:
    result = app.test_cli_runner().invoke(args=[*CREATE, "--role", "administrator", "--totp"], input=f"{PASSWORD}\n")
    (uri,) = [line for line in result.output.splitlines() if line.startswith("otpauth://")]
    parts = urlsplit(uri)
    secret = parse_qs(parts.query)["secret"][0]
    made = session.scalars(sa.select(Person)).one()
    assert secret == made.totp_secret
    listed = app.test_cli_runner().invoke(args=["accounts", "list"]).output
    assert secret not in listed
    assert "second factor" in listed


@pytest.mark.parametrize(
    ("args", "typed", "said"),
    [
        (["--role", "author"], "short\n", "fewer than 8"),
        (["--role", "author"], "", "fewer than 8"),
        (["--role", "author"], "x9" * 70 + "\n", "more than 128"),
        (["--role", "author"], "password1\n", "Many people"),
        (["--role", "author"], "lin@example.org\n", "hardly more"),
        (["--role", "king"], f"{PASSWORD}\n", "king"),
        ([], f"{PASSWORD}\n", "--role"),
        (["--role", "author", "--email", "nobody"], f"{PASSWORD}\n", "not a mail address"),
        (["--role", "author", "--name", "a\nb"], f"{PASSWORD}\n", "one line"),
        (["--role", "author", "--name", " "], f"{PASSWORD}\n", "one line"),
    ],
)
def test_what_is_refused(app: Flask, session: Database, args: list[str], typed: str, said: str) -> None:
    result = app.test_cli_runner().invoke(args=[*CREATE, *args], input=typed)
    assert result.exit_code != 0
    assert said in result.output
    assert session.scalars(sa.select(Person)).all() == []


def test_an_address_is_taken_once(app: Flask, session: Database) -> None:
    person(session, email="LIN@example.org")
    result = app.test_cli_runner().invoke(args=[*CREATE, "--role", "author"], input=f"{PASSWORD}\n")
    assert result.exit_code != 0
    assert "already" in result.output


def test_a_reset_link_is_printed_and_works_once(
    app: Flask, client: FlaskClient, session: Database, mails: list[dict[str, Any]]
) -> None:
    reviewer = person(session, Role.REVIEWER)
    result = app.test_cli_runner().invoke(args=["accounts", "reset", reviewer.email])
    assert result.exit_code == 0
    path = urlsplit(result.output.strip()).path
    new = "三只猫在屋顶上看月亮"
    assert post(client, path, password=new).status_code == 303
    assert post(client, path, password=new).status_code == 404
    assert enter(client, reviewer, new).headers["Location"] == "/desk/sign-in/code"
    assert [mail["template"] for mail in mails] == ["reset", "password-changed"]


def test_lost_factors_are_taken_away_by_command(app: Flask, session: Database) -> None:
    boss = person(session, Role.ADMINISTRATOR)
    app.test_cli_runner().invoke(args=["accounts", "reset", boss.email])
    assert reload(boss).totp_secret is not None
    app.test_cli_runner().invoke(args=["accounts", "reset", boss.email, "--factors"])
    assert reload(boss).totp_secret is None


def test_a_reset_for_nobody(app: Flask, session: Database) -> None:
    result = app.test_cli_runner().invoke(args=["accounts", "reset", "nobody@example.org"])
    assert result.exit_code != 0
    assert session.scalars(sa.select(Link)).all() == []
