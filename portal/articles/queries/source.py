"""What an edition is written after, and what of that has changed since somebody last saw them agree."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from portal.articles.models import Article, Edition, Revision, Sheet
from portal.articles.rules import SourceChange, fact_changes, sources_of, text_changes
from portal.core.settings import Audience, Locale


def source_edition(session: Session, edition: Edition) -> Edition | None:
    """Return the edition that this one is written after; None: it is written after none."""
    for audience, locale in sources_of(edition.audience, edition.locale):
        found = session.scalar(
            sa.select(Edition).where(
                Edition.article_id == edition.article_id, Edition.audience == audience, Edition.locale == locale
            )
        )
        if found is not None:
            return found
    return None


def source_changes(session: Session, *, article: Article, edition: Edition) -> list[SourceChange]:
    """Return what of an edition's source, or of the facts, has changed since the edition was written or confirmed."""
    found: list[SourceChange] = []
    source = source_edition(session, edition)
    if source is None:
        return found
    if edition.seen_sheet is not None and edition.seen_sheet != article.latest_sheet:
        before, now = (_facts(session, article, number) for number in (edition.seen_sheet, article.latest_sheet))
        if before is not None and now is not None:
            found += fact_changes(before, now, locale=edition.locale)
    if edition.seen_revision is not None and edition.seen_revision != source.latest_number:
        old, new = (_text(session, source, number) for number in (edition.seen_revision, source.latest_number))
        found += text_changes(old, new)
    return found


def _facts(session: Session, article: Article, number: int) -> list[dict[str, Any]] | None:
    return session.scalar(sa.select(Sheet.facts).where(Sheet.article_id == article.id, Sheet.number == number))


def _text(session: Session, edition: Edition, number: int) -> dict[str, str]:
    row = session.execute(
        sa.select(Revision.title, Revision.summary, Revision.body).where(
            Revision.edition_id == edition.id, Revision.number == number
        )
    ).one_or_none()
    return {"title": row.title, "summary": row.summary, "body": row.body} if row else dict.fromkeys(_PARTS, "")


_PARTS = ("title", "summary", "body")


def out_of_step(session: Session) -> dict[int, list[Edition]]:
    """Return the editions whose source has changed, by article."""
    found: dict[int, list[Edition]] = {}
    behind = sa.select(Edition).where(Edition.seen_sheet.is_not(None) | Edition.seen_revision.is_not(None))
    source = aliased(Edition)
    moved = sa.exists().where(
        source.article_id == Edition.article_id,
        source.audience == Audience.GENERAL,
        source.locale.in_((Edition.locale, Locale.HANS)),
        source.latest_number != Edition.seen_revision,
    )
    newer = sa.exists().where(Article.id == Edition.article_id, Article.latest_sheet != Edition.seen_sheet)
    for edition in session.scalars(behind.where(sa.or_(moved, newer)).order_by(Edition.article_id, Edition.id)):
        article = session.get_one(Article, edition.article_id)
        if source_changes(session, article=article, edition=edition):
            found.setdefault(article.id, []).append(edition)
    return found
