"""What the clock does to texts through the worker's own jobs, and what staff are told of it by mail."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from portal.accounts.rules import Role
from portal.articles import services
from portal.articles.models import Article, Edition, Review
from portal.articles.rules import Kind, Person, State
from portal.commands.working import jobs, run
from portal.core.database import db, transaction
from portal.core.settings import Permission
from portal.messages.models import Mail
from tests.accounts.helpers import person
from tests.articles.desk import AT, LATER, begin, forbid, of, write


class Account(NamedTuple):
    """An account past the session that it was read in."""

    id: int
    name: str
    email: str


@pytest.fixture
def people(desk_library: None) -> dict[str, Account]:
    def made(role: Role, name: str) -> Account:
        account = person(None, role, name=name)
        return Account(account.id, account.name, account.email)

    with time_machine.travel(AT, tick=False):
        return {
            "author": made(Role.AUTHOR, "林静"),
            "reviewer": made(Role.REVIEWER, "周明"),
            "other": made(Role.REVIEWER, "陈晓"),
        }


def acting(account: Account) -> Person:
    return Person(account.id, account.name, frozenset(Permission))


@pytest.fixture
def scheduled(people: dict[str, Account]) -> int:
    with transaction() as session:
        article = begin(session, by=acting(people["author"]))
        edition = write(session, article, by=acting(people["author"]))
        review = services.submit(
            session, article_id=article.id, edition_ids=[edition.id], by=acting(people["author"]), at=AT
        )
        services.decide(session, review_id=review.id, approve=True, opinion="", by=acting(people["reviewer"]), at=AT)
        services.schedule(session, review_id=review.id, publish_at=LATER, by=acting(people["reviewer"]), at=AT)
        return review.id


def work(app: Flask, name: str) -> None:
    """Do one of the worker's jobs, as the worker does it."""
    [job] = [job for job in jobs(app.config["PORTAL"]) if job.name == name]
    db.session.remove()
    run(app, job)


def told(template: str) -> set[str]:
    db.session.rollback()
    return {mail.recipient for mail in db.session.scalars(sa.select(Mail).where(Mail.template == template))}


def test_it_goes_out_at_the_time_also_after_a_stop(app: Flask, scheduled: int) -> None:
    with time_machine.travel(LATER - timedelta(seconds=1), tick=False):
        work(app, "publish")
    assert db.session.get_one(Review, scheduled).published_at is None
    db.session.remove()
    with time_machine.travel(LATER + timedelta(hours=9), tick=False):
        work(app, "publish")
        work(app, "publish")
    review = db.session.get_one(Review, scheduled)
    assert (review.published_by, review.published_at) == ("周明", LATER + timedelta(hours=9))
    assert told("publication-failed") == set()


def test_a_failure_is_told_once_and_mended_later(app: Flask, scheduled: int, people: dict[str, Account]) -> None:
    forbid(db.session(), "停下来")
    for minutes in (0, 1):
        with time_machine.travel(LATER + timedelta(minutes=minutes), tick=False):
            work(app, "publish")
    assert told("publication-failed") == {people["author"].email, people["reviewer"].email}
    assert db.session.scalar(sa.select(sa.func.count()).where(Mail.template == "publication-failed")) == 2
    assert db.session.get_one(Review, scheduled).tries == 2
    db.session.remove()
    forbid(db.session(), "稳赚")
    with time_machine.travel(LATER + timedelta(hours=1), tick=False):
        work(app, "publish")
    assert db.session.get_one(Review, scheduled).published_at == LATER + timedelta(hours=1)


def test_owner_and_deputy_are_reminded_once_for_each_day(
    app: Flask, scheduled: int, people: dict[str, Account]
) -> None:
    with time_machine.travel(LATER, tick=False):
        work(app, "publish")
    with transaction() as session:
        article = session.scalars(sa.select(Article).where(Article.slug == "new-one")).one()
        article.deputy_id = people["other"].id
    for _time in range(2):
        with time_machine.travel("2027-02-01T03:00:00Z", tick=False):
            work(app, "remind")
    mails = db.session.scalars(sa.select(Mail).where(Mail.template == "review-due")).all()
    # The starter article is due on the same day; nobody owns it, so its mails go to the reviewers.
    link = f"/desk/articles/{db.session.scalars(sa.select(Article.id).where(Article.slug == 'new-one')).one()}\n"
    own = sorted(mail.recipient for mail in mails if link in f"{mail.body}\n")
    assert own == sorted([people["author"].email, people["other"].email])


def test_what_ends_is_taken_from_the_public(app: Flask, people: dict[str, Account]) -> None:
    with transaction() as session:
        alert = begin(
            session, slug="alert", by=acting(people["reviewer"]), kind=Kind.ALERT, expires_at=AT + timedelta(days=9)
        )
        edition = write(session, alert, by=acting(people["reviewer"]))
        services.publish_alone(
            session,
            article_id=alert.id,
            edition_ids=[edition.id],
            reason="急",
            by=acting(people["reviewer"]),
            at=AT,
        )
        number = alert.id
    for hours, state in ((71, State.PUBLISHED), (73, State.WITHDRAWN)):
        with time_machine.travel(AT + timedelta(hours=hours), tick=False):
            work(app, "expire")
        found = of(db.session(), db.session.get_one(Article, number))
        assert isinstance(found, Edition)
        assert found.state is state
        db.session.remove()


def test_reviewers_who_wrote_nothing_are_asked(app: Flask, people: dict[str, Account]) -> None:
    with transaction() as session:
        article = begin(session, by=acting(people["author"]))
        write(session, article, by=acting(people["reviewer"]))
        edition = write(session, article, "[一句话]\n先挂断。\n[/]\n\n先停。\n", by=acting(people["author"]))
        review = services.submit(
            session, article_id=article.id, edition_ids=[edition.id], by=acting(people["author"]), at=AT
        )
        writers = services.authors(session, article, edition)
        services.tell_submitted(session, review=review, writers=writers, site="https://example.org", at=AT)
    assert told("review-asked") == {people["other"].email}
