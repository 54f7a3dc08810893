"""What happens without a second person, or without any: emergencies, and what is due at a time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition, Review, ReviewItem
from portal.articles.rules import EMERGENCY_LASTS, LIVE, Act, Person, ReviewState, State
from portal.articles.services.saving import end_review
from portal.articles.services.standing import Refused, Stale, allow, lock
from portal.articles.services.workflow import audit, chosen, next_opinion_number, open_review, reach, release, remove
from portal.audit.rules import Tag
from portal.core.settings import Permission

RETRIES = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2))
"""After how long a publication that failed is tried again; then every two hours."""
WORKER = "worker"


def publish_alone(
    session: Session, *, article_id: int, edition_ids: Sequence[int], reason: str, by: Person, at: datetime
) -> Review:
    """Publish an alert without a second person: only in an emergency, with a reason.

    It is flagged until another reviewer confirms it, and withdrawn after 72 hours otherwise.
    """
    article = lock(session, article_id)
    editions = chosen(session, article=article, edition_ids=edition_ids)
    allow(session, Act.PUBLISH_ALONE, article=article, editions=editions, by=by, at=at)
    live = sa.select(Review).where(Review.article_id == article.id, Review.state.in_(LIVE))
    for other in session.scalars(live):
        end_review(session, review=other, state=ReviewState.VOID, editions=State.DRAFT)
    review = open_review(session, article=article, editions=editions, note="", by=by, at=at)
    review.alone_reason = reason
    review.confirm_by = at + EMERGENCY_LASTS
    release(session, review, article, editions, act=Act.PUBLISH_ALONE, by=by.name, by_id=by.id, at=at)
    return review


def confirm(session: Session, *, review_id: int, opinion: str, by: Person, at: datetime) -> Review:
    """Be the second pair of eyes for an alert that somebody published alone."""
    review, article, editions = reach(session, review_id)
    allow(session, Act.CONFIRM, article=article, editions=editions, by=by, at=at)
    review.confirmed_at, review.confirmed_by = at, by.name
    review.decided_at, review.decided_by, review.decided_by_id = at, by.name, by.id
    review.opinion = opinion
    review.opinion_number = next_opinion_number(session, at=at)
    session.flush()
    audit(session, Tag.CONFIRMED, article=article, by=by.name, at=at, review=review.id)
    return review


# --- by the clock -------------------------------------------------------------------------------------------------


def due_reviews(session: Session, *, at: datetime) -> list[int]:
    """Return the scheduled sets whose time has come, the oldest first; found from the rows alone, also after a stop."""
    wanted = sa.select(Review.id).where(Review.state == ReviewState.SCHEDULED, Review.next_try_at <= at)
    return list(session.scalars(wanted.order_by(Review.publish_at, Review.id)))


def publish_due(session: Session, *, review_id: int, at: datetime) -> bool:
    """Publish one scheduled set, once; say whether this call did it.

    A set that cannot go out (the check finds something new, or its text changed) is marked as failed, so that staff
    see it, and tried again later.
    """
    review, article, editions = reach(session, review_id)
    if review.state is not ReviewState.SCHEDULED or review.next_try_at is None or review.next_try_at > at:
        return False
    # The worker acts for the reviewer who named the time; that they may was asked then.
    for_whom = Person(review.published_by_id or 0, review.published_by or WORKER, frozenset({Permission.REVIEW}))
    try:
        with session.begin_nested():
            allow(session, Act.PUBLISH, article=article, editions=editions, by=for_whom, at=at)
            release(session, review, article, editions, act=Act.PUBLISH, by=for_whom.name, by_id=for_whom.id, at=at)
    except (Refused, Stale) as problem:
        failed(session, review_id=review_id, why=problem.why.value if isinstance(problem, Refused) else "stale", at=at)
        return False
    return True


def failed(session: Session, *, review_id: int, why: str, at: datetime) -> None:
    """Write down that a publication failed, and when it is tried again."""
    review, article, _editions = reach(session, review_id)
    review.tries += 1
    review.failure = why
    review.next_try_at = at + RETRIES[min(review.tries, len(RETRIES)) - 1]
    audit(session, Tag.PUBLICATION_FAILED, article=article, by=WORKER, at=at, review=review.id, why=why)


def expired(session: Session, *, at: datetime) -> list[int]:
    """Return the articles that the public reads past their end, or unconfirmed past their 72 hours."""
    public = sa.select(Edition.article_id).where(Edition.published_number.is_not(None))
    ended = sa.select(Article.id).where(Article.expires_at <= at, Article.id.in_(public))
    return sorted({*session.scalars(ended), *(article for article, _edition in _unconfirmed(session, at=at))})


def _unconfirmed(session: Session, *, at: datetime) -> list[tuple[int, int]]:
    statement = (
        sa.select(Review.article_id, ReviewItem.edition_id)
        .join(ReviewItem, ReviewItem.review_id == Review.id)
        .join(Edition, Edition.id == ReviewItem.edition_id)
        .where(
            Review.state == ReviewState.PUBLISHED,
            Review.confirm_by <= at,
            Review.confirmed_at.is_(None),
            Edition.published_number == ReviewItem.number,
        )
    )
    return [(row.article_id, row.edition_id) for row in session.execute(statement)]


def expire(session: Session, *, article_id: int, at: datetime) -> bool:
    """Take an article's editions from the public whose time is over; say whether there were any."""
    article = lock(session, article_id)
    wanted = sa.select(Edition).where(Edition.article_id == article.id, Edition.published_number.is_not(None))
    if article.expires_at is None or article.expires_at > at:
        wanted = wanted.where(Edition.id.in_([edition for _article, edition in _unconfirmed(session, at=at)]))
    editions = list(session.scalars(wanted))
    if not editions:
        return False
    remove(session, article=article, editions=editions, note="", to="", at=at)
    audit(session, Tag.EXPIRED, article=article, by=WORKER, at=at, editions=[str(e.audience) for e in editions])
    return True
