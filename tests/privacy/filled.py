"""An installation with something sealed in every table that seals, and looks at what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask import Flask

from portal.accounts import queries
from portal.accounts import services as accounts
from portal.accounts.models import Person
from portal.core import clock, crypto
from portal.core.database import Base, db, transaction
from portal.core.settings import Audience, Locale
from portal.events.rules.keeping import Relation
from portal.events.rules.seats import ContactKind
from portal.events.rules.wishes import GuardianWish
from portal.metrics.services import surveys
from portal.privacy.services.rotating import sealed_columns
from portal.quizzes import queries as quizzes
from portal.quizzes.services import taking
from tests.accounts.helpers import person
from tests.events.hall import come, lecture, mobile
from tests.messages.helpers import put as mail
from tests.quizzes.gathering import announce, enter, take

EMAIL = "lin.jing@bank.example"


@dataclass(frozen=True)
class Filled:
    """What can be asked for again."""

    recovery_codes: list[str]
    event_id: int
    contest_id: int
    attempt: str
    """The token of an attempt under way."""


def fill(app: Flask, *, people: int = 60) -> Filled:
    """Fill every room; the lecture has `people` registrations and a child's."""
    someone = person(None, "administrator", email=EMAIL)
    number = someone.id
    with transaction() as session:
        codes = accounts.new_recovery_codes(session, person_id=number, by="test", at=clock.now())
    for _one in range(3):
        mail()
    contest_id = announce()
    enter(take(contest_id).attempt)
    with transaction() as session:
        version = quizzes.public_version(session, "try")
        assert version is not None
        made = taking.begin(session, version=version, audience=Audience.GENERAL, locale=Locale.HANS, at=clock.now())
        token = made.token
    with transaction() as session:
        hall = lecture(session, seats=people + 50, online=0)
        for place in range(people):
            come(session, hall, f"张{place}", access_note="轮椅", answers={"q": "答"}, **mobile(place))
        named = GuardianWish("王女士", ContactKind.PHONE, "13900000001", Relation.PARENT)
        come(session, hall, "小明", under_14=True, guardian=named, **mobile(9_000))
        event_id = hall.id
    with transaction() as session:
        answers = b"code,pre,post,max\nA1,1,2,4\nA2,2,3,4\n"
        surveys.take(session, quarter="2026Q2", raw=answers, name="x", signer="x", by="test", at=clock.now())
    db.session.remove()
    return Filled(codes, event_id, contest_id, token)


def sealed() -> dict[tuple[str, Any, str], str]:
    """Return every sealed text as it is stored, by table, key and column."""
    found = {}
    with db.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            (key, *_rest) = table.primary_key.columns
            for name in sealed_columns(table):
                column = sa.type_coerce(table.c[name], sa.Text)
                for one, text in connection.execute(sa.select(key, column).where(column.is_not(None))):
                    found[table.name, one, name] = text
    return found


def former(app: Flask) -> int:
    """Return how many texts do not lie under the present key."""
    with app.app_context():
        return sum(not crypto.is_present(text) for text in sealed().values())


def person_of(email: str) -> Person | None:
    return queries.person_by_email(db.session(), email)
