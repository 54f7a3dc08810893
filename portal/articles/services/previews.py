"""Showing working copies before they are public: to people without an account, and to who is typing."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition, PreviewLink, Revision
from portal.articles.queries import Text
from portal.articles.rules import Person
from portal.articles.services.saving import Words, sheet
from portal.articles.services.standing import lock
from portal.articles.services.workflow import audit
from portal.audit.rules import Tag
from portal.core import crypto, markup
from portal.core.database import local_day
from portal.prose.rules import reading_minutes
from portal.reference.rules import Audience, Locale

LONGEST_DAYS = 30


def share_preview(session: Session, *, article_id: int, note: str, days: int, by: Person, at: datetime) -> str:
    """Make an address under which a person without an account sees an article's working copies; return its token.

    Only a digest is stored: the token is seen this once.

    Raises:
        LookupError: there is no such article.
        ValueError: not a number of days from 1 to 30.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise ValueError(f"A preview can be shared for 1 to {LONGEST_DAYS} days.")
    article = lock(session, article_id)
    token = crypto.token()
    link = PreviewLink(
        article_id=article.id,
        digest=crypto.digest(token),
        note=note,
        created_at=at,
        created_by=by.name,
        expires_at=at + timedelta(days=days),
    )
    session.add(link)
    session.flush()
    audit(session, Tag.PREVIEW_SHARED, article=article, by=by.name, at=at, link=link.id, note=note, days=days)
    return token


def revoke_preview(session: Session, *, link_id: int, by: Person, at: datetime) -> PreviewLink:
    """End an address at once; ending it again changes nothing.

    Raises:
        LookupError: there is no such address.
    """
    link = session.get(PreviewLink, link_id)
    if link is None:
        raise LookupError(f"preview {link_id}")
    article = lock(session, link.article_id)
    session.refresh(link)
    if link.revoked_at is None:
        link.revoked_at = at
        session.flush()
        audit(session, Tag.PREVIEW_REVOKED, article=article, by=by.name, at=at, link=link.id)
    return link


def working_text(session: Session, *, edition_id: int, number: int) -> Text | None:
    """Return any revision of an edition as a page shows it, with the latest facts and sources of its article."""
    row = session.execute(
        sa.select(Article, Edition, Revision)
        .join(Edition, Edition.article_id == Article.id)
        .join(Revision, Revision.edition_id == Edition.id)
        .where(Edition.id == edition_id, Revision.number == number)
    ).one_or_none()
    if row is None:
        return None
    said = sheet(session, article=row.Article) or row.Article
    text = row.Revision
    return Text(
        topic=said.topic,
        checked_on=said.checked_on,
        review_by=said.review_by,
        related=said.related,
        sources=said.sources,
        title=text.title,
        summary=text.summary,
        html=text.html,
        toc=text.toc,
        key_message=text.key_message,
        minutes=text.minutes,
        published_at=row.Edition.published_at or text.created_at,
    )


def typed_text(
    session: Session,
    *,
    renderer: markup.Renderer,
    title: str,
    summary: str,
    body: str,
    audience: Audience,
    locale: Locale,
    article_id: int | None,
    at: datetime,
) -> Text:
    """Return what is being typed as a page shows it; nothing is stored.

    Args:
        article_id: whose latest facts and sources go with it; None: it has none yet.

    Raises:
        MarkupError: the text cannot become a page.
    """
    rendered = renderer.render(body, locale=locale)
    filled = Words.of(session).plain(rendered.html, locale=locale)
    article = session.get(Article, article_id) if article_id is not None else None
    said = (sheet(session, article=article) or article) if article is not None else None
    today = local_day(session, at=at).isoformat()
    return Text(
        topic=said.topic if said else "",
        checked_on=said.checked_on if said else today,
        review_by=said.review_by if said else today,
        related=said.related if said else [],
        sources=said.sources if said else [],
        title=title,
        summary=summary,
        html=rendered.html,
        toc=rendered.toc,
        key_message=markup.key_message(filled),
        minutes=reading_minutes(markup.plain(filled), audience=audience),
        published_at=at,
    )
