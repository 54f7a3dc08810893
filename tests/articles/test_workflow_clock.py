"""Emergencies, and what happens by the clock: once, also after a stop, and loudly when it fails."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Article, Review
from portal.articles.rules import Kind, Why
from portal.audit.models import Event
from portal.core.database import transaction
from tests.articles.desk import (
    ANN,
    AT,
    BOB,
    EVE,
    LATER,
    approved,
    begin,
    editions,
    forbid,
    public,
    refused,
    write,
)
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("desk_library")


def test_an_alert_alone_needs_a_reason_and_a_second_person_within_three_days(session: Session) -> None:
    end = AT + timedelta(days=30)
    with transaction():
        alert = begin(session, slug="alert", by=BOB, kind=Kind.ALERT, expires_at=end)
        edition = write(session, alert, by=BOB)
        review = services.publish_alone(
            session, article_id=alert.id, edition_ids=[edition.id], reason="今天多人受骗", by=BOB, at=AT
        ).id
    assert public(session, alert) == {"general": 1}
    assert refused(services.confirm, review_id=review, opinion="", by=BOB, at=AT) is Why.OWN_TEXT
    assert services.expired(session, at=AT + timedelta(hours=71)) == []
    assert services.expired(session, at=AT + timedelta(hours=72)) == [alert.id]
    with transaction():
        services.confirm(session, review_id=review, opinion="属实", by=EVE, at=AT)
    assert services.expired(session, at=AT + timedelta(hours=73)) == []
    assert services.expired(session, at=end) == [alert.id]
    with transaction():
        assert services.expire(session, article_id=alert.id, at=end) is True
        assert services.expire(session, article_id=alert.id, at=end) is False
    assert public(session, alert) == {"general": None}


def test_an_unconfirmed_alert_is_withdrawn_and_nothing_else_of_it(session: Session) -> None:
    with transaction():
        alert = begin(session, slug="alert", by=BOB, kind=Kind.ALERT, expires_at=AT + timedelta(days=30))
        edition = write(session, alert, by=BOB)
        services.publish_alone(session, article_id=alert.id, edition_ids=[edition.id], reason="急", by=BOB, at=AT)
    with transaction():
        assert services.expire(session, article_id=alert.id, at=AT + timedelta(hours=72)) is True
    assert public(session, alert) == {"general": None}


def test_an_ordinary_article_never_goes_out_alone(session: Session, draft: Article) -> None:
    ids = editions(session, draft)
    options = {"article_id": draft.id, "edition_ids": ids, "reason": "急", "by": BOB, "at": AT}
    assert refused(services.publish_alone, **options) is Why.NOT_AN_ALERT


def test_the_clock_publishes_once_and_also_after_a_stop(session: Session, draft: Article) -> None:
    review = approved(session, draft)
    with transaction():
        services.schedule(session, review_id=review, publish_at=LATER, by=BOB, at=AT)
    assert services.due_reviews(session, at=LATER - timedelta(seconds=1)) == []
    late = LATER + timedelta(days=2)
    assert services.due_reviews(session, at=late) == [review]
    with transaction():
        assert services.publish_due(session, review_id=review, at=late) is True
    with transaction():
        assert services.publish_due(session, review_id=review, at=late) is False
    assert set(public(session, draft).values()) == {1}
    assert session.scalar(sa.select(sa.func.count()).where(Event.tag == "desk:article:published")) == 1


def test_a_publication_that_fails_says_so_and_is_tried_again(session: Session, draft: Article) -> None:
    review = approved(session, draft)
    with transaction():
        services.schedule(session, review_id=review, publish_at=LATER, by=BOB, at=AT)
    forbid(session, "停下来")
    with transaction():
        assert services.publish_due(session, review_id=review, at=LATER) is False
    kept = session.get_one(Review, review)
    assert (kept.failure, kept.tries, kept.next_try_at) == ("findings", 1, LATER + timedelta(minutes=1))
    assert set(public(session, draft).values()) == {None}
    assert services.due_reviews(session, at=LATER) == []
    forbid(session, "稳赚")
    with transaction():
        assert services.publish_due(session, review_id=review, at=LATER + timedelta(minutes=1)) is True
    assert session.get_one(Review, review).failure == ""


def test_two_workers_publish_a_set_once(app: Flask, session: Session, draft: Article) -> None:
    review = approved(session, draft)
    with transaction():
        services.schedule(session, review_id=review, publish_at=LATER, by=BOB, at=AT)
    session.rollback()

    def work() -> bool:
        with transaction() as own:
            return services.publish_due(own, review_id=review, at=LATER)

    done = at_once(app, *[work] * 4)
    assert sorted(done) == [False, False, False, True]
    assert session.scalar(sa.select(sa.func.count()).where(Event.tag == "desk:article:published")) == 1


def test_opinions_of_two_reviewers_at_once_get_two_numbers(app: Flask, session: Session) -> None:
    reviews = []
    with transaction():
        for place in range(4):
            article = begin(session, slug=f"a-{place}")
            edition = write(session, article)
            reviews.append(services.submit(session, article_id=article.id, edition_ids=[edition.id], by=ANN, at=AT).id)
    session.rollback()

    def work(review: int) -> None:
        with transaction() as own:
            services.decide(own, review_id=review, approve=True, opinion="", by=BOB, at=AT)

    assert at_once(app, *[partial(work, review) for review in reviews]) == [None] * 4
    numbers = sorted(session.scalars(sa.select(Review.opinion_number)))
    assert numbers == ["2026-0001", "2026-0002", "2026-0003", "2026-0004"]
