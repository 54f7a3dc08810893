"""What was published and kept up to date in a span."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition, Review
from portal.articles.rules import Kind
from portal.metrics.rules.inputs import Library


def library(session: Session, *, since: datetime, until: datetime, first: date, end: date, today: date) -> Library:
    """Return the articles and tips published, those checked again, and those overdue at the end of the span or today.

    Args:
        since: when the span begins, and `until` when it has ended.
        until: see `since`.
        first: the first day of the span in the site's zone, and `end` the first day after it.
        end: see `first`.
        today: in the site's zone.
    """
    public = sa.select(Edition.article_id).where(Edition.published_number.is_not(None))
    # An edition that was taken from the public, as every tip is at its end, no longer says when it was published: the
    # review that published it does.
    shown = sa.union(
        *(
            sa.select(table.article_id).where(table.published_at >= since, table.published_at < until)
            for table in (Edition, Review)
        )
    )
    fresh = sa.select(Article.kind, sa.func.count()).where(Article.id.in_(shown)).group_by(Article.kind)
    published = {kind: int(count) for kind, count in session.execute(fresh)}
    checked = sa.select(sa.func.count()).select_from(Article).where(Article.id.in_(public))
    reviewed = session.scalar(
        checked.where(Article.checked_on >= first.isoformat(), Article.checked_on < end.isoformat())
    )
    overdue = session.scalar(checked.where(Article.review_by < min(today, end).isoformat()))
    return Library(
        published=published.get(Kind.ARTICLE, 0),
        reviewed=reviewed or 0,
        overdue=overdue or 0,
        tips=published.get(Kind.ALERT, 0),
    )
