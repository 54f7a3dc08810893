"""Whatever random people do in whatever order: the published text always has two people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.articles import services
from portal.articles.models import Article, Edition, Review, ReviewItem, Revision
from portal.articles.rules import Kind, ReviewState
from portal.core.database import db, transaction
from portal.core.settings import Audience
from tests.articles.desk import (
    ADMIN,
    ANN,
    AT,
    BOB,
    EVE,
    GOOD,
    approved,
    begin,
    editions,
    of,
    write,
)

pytestmark = pytest.mark.usefixtures("desk_library")


steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["write", "facts", "restore", "submit", "approve", "changes", "publish", "schedule", "due", "alone"]
        ),
        st.sampled_from([ANN, BOB, EVE, ADMIN]),
        st.integers(0, 3),
    ),
    min_size=4,
    max_size=18,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps, st.sampled_from(Kind))
def test_the_published_text_always_has_two_people(app: Flask, steps: list[tuple[str, Any, int]], kind: Kind) -> None:
    """Random people do random things; whatever the public reads was written by some and let through by another."""
    session = db.session()
    with transaction():
        count = session.scalar(sa.select(sa.func.count()).select_from(Article)) or 0
        article = begin(session, slug=f"p-{count}", kind=kind, expires_at=AT + timedelta(days=9))
    at = AT
    for step, (what, person, which) in enumerate(steps):
        at += timedelta(minutes=1)
        try:
            with transaction():
                one_step(session, article, what, person, which, step, at)
        except (services.Refused, services.Stale, LookupError):
            pass
        check_two_people(session, article)


def one_step(session: Session, article: Article, what: str, person: Any, which: int, step: int, at: Any) -> None:
    audience = list(Audience)[which]
    edition = of(session, article, audience)
    reviews = list(session.scalars(sa.select(Review.id).where(Review.article_id == article.id).order_by(Review.id)))
    if what == "write":
        write(session, article, GOOD + f"\n第{step}句。\n", audience=audience, by=person, at=at)
    elif what == "facts":
        services.save_facts(
            session,
            article_id=article.id,
            expected=article.latest_sheet,
            values={"review_by": f"2027-03-{step + 1:02}"},
            by=person,
            at=at,
        )
    elif what == "restore" and edition is not None:
        services.restore(
            session,
            edition_id=edition.id,
            number=1,
            expected=edition.latest_number,
            words=services.Words.of(session),
            by=person,
            at=at,
        )
    elif what == "submit":
        services.submit(session, article_id=article.id, edition_ids=editions(session, article), by=person, at=at)
    elif what == "alone" and edition is not None:
        services.publish_alone(session, article_id=article.id, edition_ids=[edition.id], reason="急", by=person, at=at)
    elif what == "due":
        for review in services.due_reviews(session, at=at):
            services.publish_due(session, review_id=review, at=at)
    elif reviews:
        act = {"publish": services.publish, "schedule": services.schedule}.get(what)
        options: dict[str, Any] = {"review_id": reviews[-1 - which % len(reviews)], "by": person, "at": at}
        if what == "schedule":
            options["publish_at"] = at
        if act is None:
            services.decide(session, approve=what == "approve", opinion="", **options)
        else:
            act(session, **options)


def check_two_people(session: Session, article: Article) -> None:
    session.expire_all()
    shown = session.execute(
        sa.select(Revision.authors, Review)
        .join(Edition, Edition.id == Revision.edition_id)
        .join(ReviewItem, sa.and_(ReviewItem.edition_id == Edition.id, ReviewItem.number == Revision.number))
        .join(Review, sa.and_(Review.id == ReviewItem.review_id, Review.state == ReviewState.PUBLISHED))
        .where(Edition.article_id == article.id, Edition.published_number == Revision.number)
    ).all()
    public_count = session.scalar(
        sa.select(sa.func.count()).where(Edition.article_id == article.id, Edition.published_number.is_not(None))
    )
    assert public_count is not None
    assert len({id(row) for row in shown}) >= public_count
    for row in shown:
        if row.Review.alone_reason:
            assert article.kind is Kind.ALERT
            assert row.Review.confirm_by is not None
        else:
            assert row.Review.decided_by_id not in row.authors
            assert row.Review.published_by_id not in row.authors


def test_control_the_check_of_two_people_can_fail(session: Session, draft: Article) -> None:
    review = approved(session, draft)
    with transaction():
        services.publish(session, review_id=review, by=BOB, at=AT)
    check_two_people(session, draft)
    with transaction():
        session.execute(sa.update(Review).where(Review.id == review).values(decided_by_id=ANN.id))
    with pytest.raises(AssertionError):
        check_two_people(session, draft)
