"""What is mailed to people, as the outbox takes it."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session as Database

from portal.accounts import services
from portal.accounts.models import Person
from portal.accounts.rules import Role
from portal.core import clock
from portal.core.database import transaction
from portal.core.settings import LOCALES, Locale
from portal.messages.models import Mail
from tests.accounts.helpers import hashed, person, post


def queued(session: Database) -> list[Mail]:
    session.rollback()
    return list(session.scalars(sa.select(Mail).order_by(Mail.id)))


@pytest.mark.parametrize("locale", LOCALES)
def test_every_mail_can_be_written_in_every_language(session: Database, locale: Locale) -> None:
    someone = person(session, Role.REVIEWER, name="周明", email="zhou@example.org", locale=locale)
    boss = person(session, Role.ADMINISTRATOR)
    with transaction() as database:
        found = database.get_one(Person, someone.id)
        at = clock.now()
        services.send_invitation(database, found, by="x", at=at)
        services.send_reset(database, found, by="x", at=at)
        services.set_roles(database, person_id=found.id, roles=["author"], by_id=boss.id, by="x", at=at, keep=None)
        services.clear_factors(database, person_id=found.id, by="x", at=at)
        token = services.send_reset(database, found, by="x", at=at)
        services.accept(database, token=token, password_hash=hashed(), at=at)
    mails = queued(session)
    assert [(mail.template, mail.locale) for mail in mails] == [
        (name, locale)
        for name in ("invitation", "reset", "roles-changed", "factor-changed", "reset", "password-changed")
    ]
    for mail in mails:
        assert mail.recipient == "zhou@example.org"
        assert "周明" in str(mail.body)
        assert "http://127.0.0.1:8000/desk/" in str(mail.body)
        assert "{" not in f"{mail.subject}{mail.body}"
        assert 5 < len(str(mail.subject)) < 60


def test_a_name_cannot_bring_a_template(client: FlaskClient, session: Database) -> None:
    author = person(session, name="{{ token }}{% raw %}")
    post(client, "/desk/reset", email=author.email)
    (mail,) = queued(session)
    assert "{{ token }}{% raw %}" in str(mail.body)
