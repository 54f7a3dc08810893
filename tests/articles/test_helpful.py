""" "Was this helpful?": counted once, forgotten who, limited, and nothing personal kept."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.articles import queries, services
from portal.articles.models import Helpful, Salt, Sender
from portal.articles.rules import MOST_FROM_ONE
from portal.articles.services import TooMany
from portal.articles.services import helpful as module
from portal.core.database import transaction
from portal.core.settings import Audience, Locale
from tests.articles.desk import AT, begin
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("desk_library")
ZONE = ZoneInfo("Asia/Shanghai")


# --- counting -----------------------------------------------------------------------------------------------------


def say(
    *, yes: bool = True, comment: str = "", address: str = "192.0.2.7", at: datetime = AT, slug: str = "hang-up",
    audience: Audience = Audience.GENERAL,
) -> None:  # fmt: skip
    with transaction() as session:
        services.answer(
            session,
            slug=slug,
            audience=audience,
            locale=Locale.HANS,
            was_helpful=yes,
            comment=comment,
            address=address,
            zone=ZONE,
            at=at,
        )


def stored(session: Session) -> list[tuple[str, str, bool, str | None]]:
    session.expire_all()
    rows = session.scalars(sa.select(Helpful).order_by(Helpful.id))
    return [(row.quarter, row.audience, row.was_helpful, row.comment) for row in rows]


def test_a_double_click_counts_once_and_the_later_answer_holds(session: Session) -> None:
    say()
    say()
    assert stored(session) == [("2026Q4", "general", True, None)]
    say(yes=False, comment="太长了")
    say(yes=False)
    assert stored(session) == [("2026Q4", "general", False, "太长了")]
    say(yes=True)
    assert stored(session) == [("2026Q4", "general", True, "太长了")]


def test_other_editions_people_and_days_count_on_their_own(session: Session) -> None:
    say()
    say(audience=Audience.ELDERLY)
    say(address="192.0.2.8")
    say(at=AT + timedelta(days=1))
    assert len(stored(session)) == 4


def test_nobody_can_be_recognised_when_the_day_is_over(session: Session) -> None:
    say(comment="好")
    assert session.scalar(sa.select(sa.func.count(Salt.day))) == 1
    salt = session.scalars(sa.select(Salt.salt)).one()
    with transaction() as unit:
        services.forget_senders(unit, zone=ZONE, at=AT)
    assert session.scalars(sa.select(Salt.salt)).one() == salt, "it lasts for its day"
    with transaction() as unit:
        services.forget_senders(unit, zone=ZONE, at=AT + timedelta(days=1))
    assert session.scalar(sa.select(sa.func.count(Salt.day))) == 0
    assert session.scalar(sa.select(sa.func.count(Sender.key))) == 0
    assert len(stored(session)) == 1


def test_the_first_answer_of_a_day_forgets_the_day_before(session: Session) -> None:
    say()
    say(at=AT + timedelta(days=1))
    assert session.scalars(sa.select(Salt.day)).all() == ["2026-11-23"]


def test_nothing_stored_tells_the_address_and_comments_are_sealed(session: Session) -> None:
    say(address="203.0.113.99", comment="秘密的话")
    for table in ("articles_helpful", "articles_salt", "articles_sender"):
        for row in session.execute(sa.text(f"SELECT * FROM {table}")):
            assert "203.0.113.99" not in str(row)
            assert "秘密" not in str(row)


def test_one_place_may_answer_so_often_in_an_hour(session: Session) -> None:
    with transaction():
        for number in range(MOST_FROM_ONE + 1):
            begin(session, slug=f"number-{number}")
    for number in range(MOST_FROM_ONE):
        say(slug=f"number-{number}")
        say(slug=f"number-{number}")
    with pytest.raises(TooMany):
        say(slug=f"number-{MOST_FROM_ONE}")
    assert len(stored(session)) == MOST_FROM_ONE
    say(slug=f"number-{MOST_FROM_ONE}", address="192.0.2.8")
    say(slug=f"number-{MOST_FROM_ONE}", at=AT + timedelta(hours=1))
    assert len(stored(session)) == MOST_FROM_ONE + 2


def test_all_together_may_answer_so_often(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_OF_ALL", 3)
    for number in range(3):
        say(address=f"192.0.2.{number}")
    with pytest.raises(TooMany):
        say(address="192.0.2.99")
    assert len(stored(session)) == 3


def test_an_unknown_article_counts_nothing(session: Session) -> None:
    with pytest.raises(LookupError):
        say(slug="nowhere")
    assert stored(session) == []


def refusals(app: Flask, addresses: list[str]) -> list[BaseException]:
    """Answer from all these places at once; return what was refused."""
    came = at_once(app, *[partial(say, address=address) for address in addresses])
    return [one for one in came if isinstance(one, BaseException)]


def test_answers_at_once_count_once_for_each_place(app: Flask, session: Session) -> None:
    session.rollback()
    assert refusals(app, ["192.0.2.1"] * 6) == []
    assert len(stored(session)) == 1
    session.rollback()
    # The control: it is the place that makes them one.
    assert refusals(app, [f"192.0.2.{number}" for number in range(1, 7)]) == []
    assert len(stored(session)) == 6


def test_staff_see_counts_and_comments(session: Session) -> None:
    say(comment="好")
    say(address="192.0.2.8", yes=False, comment="看不懂")
    say(address="192.0.2.9")
    say(address="192.0.2.9", at=AT - timedelta(days=100))
    assert queries.quarters(session) == ["2026Q4", "2026Q3"]
    (tally,) = queries.tallies(session, quarter="2026Q4")
    assert (tally.slug, tally.title, tally.audience, tally.yes, tally.no, tally.comments, tally.share) == (
        "hang-up", "先挂断", "general", 2, 1, 2, 67,
    )  # fmt: skip
    assert [entry.quarter for entry in queries.tallies(session)] == ["2026Q4", "2026Q3"]
    found = queries.comments(session, article_id=tally.article_id)
    assert [(comment.was_helpful, comment.text) for comment in found] == [(False, "看不懂"), (True, "好")]
