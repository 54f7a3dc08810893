"""Safety tips that were published and have ended: nobody reads them any more, and the quarters count them."""

from __future__ import annotations

import hashlib
from datetime import datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import (
    Article,
    Edition,
    FormerSlug,
    Helpful,
    PreviewLink,
    Receipt,
    Review,
    ReviewItem,
    Revision,
    Sheet,
    Slot,
    Waiver,
)
from portal.articles.rules import Kind, ReviewState, State
from portal.commands.demo.cast import CHECKER, PREFIX, TIPS, WRITER
from portal.commands.demo.spans import Span
from portal.core import markup
from portal.core.settings import Audience, Locale

AFTER = timedelta(days=20)
"""Into a quarter; before that the running one has none yet."""
STANDS = timedelta(days=14)


def publish(session: Session, *, span: Span) -> None:
    """Add the tip of a quarter, as its review let the public read it and its end took it away again."""
    at = datetime.combine(span.first + AFTER, time(10), span.zone)
    if at >= span.now:
        return
    topic, title, summary, body = TIPS[int(span.quarter[5])]
    ended = min(at + STANDS, span.now)
    shared: dict[str, Any] = {
        "slug": f"{PREFIX}tip-{span.quarter.lower()}",
        "topic": topic,
        "checked_on": at.date().isoformat(),
        "review_by": (at + STANDS).date().isoformat(),
        "expires_at": ended,
        "related": [],
        "facts": [],
        "sources": [],
    }
    article = Article(kind=Kind.ALERT, created_at=at, latest_sheet=1, published_sheet=1, **shared)
    session.add(article)
    session.flush()
    made: dict[str, Any] = {"number": 1, "created_at": at, "created_by": WRITER[0], "note": "", "authors": [WRITER[1]]}
    session.add(Sheet(article_id=article.id, **made, **shared))
    edition = Edition(
        article_id=article.id,
        audience=Audience.GENERAL,
        locale=Locale.HANS,
        latest_number=1,
        first_published_at=at,
        updated_at=at,
        state=State.WITHDRAWN,
        withdrawn_at=ended,
        withdrawn_number=1,
        withdrawn_note="",
        withdrawn_to="",
    )
    review = Review(
        article_id=article.id,
        state=ReviewState.PUBLISHED,
        sheet_number=1,
        submitted_at=at - timedelta(hours=3),
        submitted_by=WRITER[0],
        submitted_by_id=WRITER[1],
        note="",
        decided_at=at,
        decided_by=CHECKER[0],
        decided_by_id=CHECKER[1],
        published_at=at,
        published_by=CHECKER[0],
        published_by_id=CHECKER[1],
    )
    session.add_all((edition, review))
    session.flush()
    edition.review_id = review.id
    rendered = markup.render(body, locale=Locale.HANS)
    text = Revision(
        edition_id=edition.id,
        title=title,
        summary=summary,
        hook="",
        body=body,
        html=rendered.html,
        toc=rendered.toc,
        key_message=markup.key_message(rendered.html),
        minutes=1,
        checksum=hashlib.sha256(body.encode()).hexdigest(),
        **made,
    )
    session.add_all((text, ReviewItem(review_id=review.id, edition_id=edition.id, number=1)))


def remove(session: Session) -> None:
    """Take the tips away, with whatever staff did with them since."""
    articles = sa.select(Article.id).where(Article.slug.like(f"{PREFIX}tip-%"), Article.kind == Kind.ALERT)
    ids = session.scalars(articles).all()
    editions = sa.select(Edition.id).where(Edition.article_id.in_(ids))
    for item in (ReviewItem, Waiver, Revision):
        session.execute(sa.delete(item).where(item.edition_id.in_(editions)))
    session.execute(sa.update(Edition).where(Edition.article_id.in_(ids)).values(review_id=None))
    for part in (Review, Edition, Sheet, Slot, PreviewLink, Helpful, Receipt, FormerSlug):
        session.execute(sa.delete(part).where(part.article_id.in_(ids)))
    session.execute(sa.delete(Article).where(Article.id.in_(ids)))
