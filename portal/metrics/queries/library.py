"""What was published and kept up to date in a span."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition
from portal.articles.rules import Kind
from portal.metrics.rules.inputs import Library


def library(session: Session, *, since: datetime, until: datetime, first: date, end: date, today: date) -> Library:
    """Return the articles and tips first published, those checked again, and those overdue at its end or today.

    Args:
        since: when the span begins, and `until` when it has ended.
        until: see `since`.
        first: the first day of the span in the site's zone, and `end` the first day after it.
        end: see `first`.
        today: in the site's zone.
    """
    public = sa.select(Edition.article_id).where(Edition.published_number.is_not(None))
    # A text that was mended is no new article, and neither is its next edition: what counts is when the public could
    # first read any of it.
    first_read = sa.func.min(Edition.first_published_at)
    shown = sa.select(Edition.article_id).group_by(Edition.article_id).having(first_read >= since, first_read < until)
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
