"""Mail to staff about texts: rows of the outbox, written in the same write unit as what they tell of."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.articles.models import Article, Edition, Review, Revision
from portal.articles.services.workflow import members
from portal.messages import services as messages


def _title(session: Session, editions: list[Edition], article: Article) -> str:
    for edition in editions:
        found = session.scalar(
            sa.select(Revision.title).where(Revision.edition_id == edition.id, Revision.number == edition.latest_number)
        )
        if found:
            return found
    return article.slug


def tell_submitted(session: Session, *, review: Review, writers: frozenset[int], site: str, at: datetime) -> None:
    """Ask the reviewers who wrote nothing of a set to look at it."""
    article = session.get_one(Article, review.article_id)
    messages.tell_staff(
        session,
        accounts.reviewers(session, but=writers),
        "review-asked",
        at=at,
        title=_title(session, members(session, review), article),
        who=review.submitted_by,
        link=f"{site}/desk/reviews/{review.id}",
    )


def tell_sent_back(session: Session, *, review: Review, site: str, at: datetime) -> None:
    """Tell whoever submitted a set what is to be changed."""
    article = session.get_one(Article, review.article_id)
    messages.tell_staff(
        session,
        accounts.named(session, [review.submitted_by_id]),
        "changes-asked",
        at=at,
        title=_title(session, members(session, review), article),
        who=review.decided_by or "",
        why=review.opinion,
        link=f"{site}/desk/reviews/{review.id}",
    )


def tell_failed(session: Session, *, review_id: int, site: str, at: datetime) -> None:
    """Tell who named the time, and who owns the article, that it did not go out; once for each new reason."""
    review = session.get_one(Review, review_id)
    if review.tries > 1:
        return
    article = session.get_one(Article, review.article_id)
    messages.tell_staff(
        session,
        accounts.named(session, [review.published_by_id, article.owner_id, article.deputy_id]),
        "publication-failed",
        at=at,
        title=_title(session, members(session, review), article),
        why=review.failure,
        link=f"{site}/desk/reviews/{review.id}",
    )


def remind(session: Session, *, today: date, site: str, at: datetime) -> int:
    """Write to owner and deputy of public articles whose day has come; once for each day that was set."""
    public = sa.select(Edition.article_id).where(Edition.published_number.is_not(None))
    due = sa.select(Article).where(
        Article.id.in_(public),
        Article.review_by <= today.isoformat(),
        sa.or_(Article.reminded_on.is_(None), Article.reminded_on != Article.review_by),
    )
    count = 0
    for article in session.scalars(due.with_for_update()):
        editions = list(session.scalars(sa.select(Edition).where(Edition.article_id == article.id)))
        # An article from a package has no owner: the reviewers look after it.
        people = accounts.named(session, [article.owner_id, article.deputy_id]) or accounts.reviewers(session)
        messages.tell_staff(
            session,
            people,
            "review-due",
            at=at,
            title=_title(session, editions, article),
            day=article.review_by,
            link=f"{site}/desk/articles/{article.id}",
        )
        article.reminded_on = article.review_by
        count += 1
    return count
