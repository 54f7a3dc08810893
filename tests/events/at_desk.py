"""Who works at the desk of lectures in tests, and what their browsers send."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.accounts.models import Person
from portal.accounts.rules import Role
from portal.core import clock
from portal.core.database import db, transaction
from portal.core.settings import Locale
from portal.events.models import Event
from portal.events.rules.plans import Plan, When
from portal.events.services import planning, workflow
from tests.accounts.helpers import person, sign_in
from tests.articles.conftest import desk_library
from tests.events.hall import come, mobile
from tests.events.planned import plan, submitted
from tests.quizzes.pages import fields

__all__ = ["desk_library", "enter", "people", "there"]


@pytest.fixture
def people(desk_library: None) -> dict[str, Person]:
    """Return one person of each kind that lectures have to do with."""
    return {
        "planner": person(None, Role.ORGANISER, name="林静", locale=Locale.EN),
        "stranger": person(None, Role.ORGANISER, name="王芳", locale=Locale.EN),
        "reviewer": person(None, Role.REVIEWER, name="周明", locale=Locale.EN),
        "author": person(None, Role.AUTHOR, name="陈晓", locale=Locale.EN),
        "administrator": person(None, Role.ADMINISTRATOR, name="管理员", locale=Locale.EN),
    }


@pytest.fixture
def enter(app: Flask, people: dict[str, Person]) -> Callable[[str], FlaskClient]:
    """Return a function that opens the browser of somebody who has signed in."""
    return lambda who: sign_in(app.test_client(), people[who])


def _coming(**changed: Any) -> Plan:
    """Return a lecture in ten days that lacks nothing, for which anybody can register now."""
    begins = clock.now().replace(minute=0, second=0, microsecond=0) + timedelta(days=10)
    times = When(begins, begins + timedelta(minutes=90), begins - timedelta(days=20), begins - timedelta(hours=1))
    return plan(**{"when": times, **changed})


def draft(people: dict[str, Person], **changed: Any) -> int:
    """Add a draft of the planner's; return its id."""
    planner = people["planner"]
    with transaction() as session:
        made = planning.create(
            session, plan=_coming(**changed), slug="", by=planner.name, by_id=planner.id, at=clock.now()
        )
        return made.id


def waiting(people: dict[str, Person], **changed: Any) -> int:
    """Add a lecture that waits for review; return its id."""
    number = draft(people, **changed)
    with transaction() as session:
        submitted(session, session.get_one(Event, number), by_id=people["planner"].id, at=clock.now())
    return number


def public(people: dict[str, Person], **changed: Any) -> int:
    """Add a lecture that the public sees; return its id."""
    number = waiting(people, **changed)
    reviewer = people["reviewer"]
    with transaction() as session:
        review = planning.open_review(session, number)
        assert review is not None
        workflow.approve(
            session,
            review_id=review.id,
            number=review.number,
            opinion="",
            waived={},
            by=reviewer.name,
            by_id=reviewer.id,
            at=clock.now(),
        )
    return number


def event_of(number: int) -> Event:
    """Return a lecture as it is stored now."""
    db.session.rollback()
    return db.session.get_one(Event, number, populate_existing=True)


@pytest.fixture
def there(people: dict[str, Person]) -> dict[str, int]:
    """Return the ids of a draft, of one that waits for review, of a public one with somebody in it; and a template."""
    found = {"draft": draft(people), "waits": waiting(people), "public": public(people)}
    with transaction() as session:
        event = session.get_one(Event, found["public"])
        found["who"] = come(session, event, "陈女士", at=clock.now(), **mobile(1)).id
        found["template"] = planning.keep_template(
            session, name="防骗", plan={"title_hans": "模板里的题目"}, by="林静", at=clock.now()
        ).id
    return found


def typed(client: FlaskClient, address: str, **changed: str) -> dict[str, str]:
    """Return what the form of a page would send, with some fields typed anew."""
    # The form of a new lecture has no `base`, by which the helper knows an editor.
    page = client.get(address).text
    return {
        **fields(page if 'name="base"' in page else page.replace("</form>", '<input name="base"></form>')),
        **changed,
    }
