"""Keeping editions in step: each remembers the state of its source that somebody last saw it to agree with."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition, Revision
from portal.articles.rules import Act, Person, SourceChange, Why, fact_changes, sources_of, text_changes
from portal.articles.services.saving import sheet
from portal.articles.services.standing import Refused, Stale, lock
from portal.articles.services.workflow import audit
from portal.audit.rules import Tag
from portal.core.settings import Audience, Locale, Permission


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


def note_seen(session: Session, *, article: Article, edition: Edition) -> None:
    """Write down that an edition agrees with its source and the facts as they are now."""
    source = source_edition(session, edition)
    edition.seen_revision = source.latest_number if source is not None else None
    edition.seen_sheet = article.latest_sheet if source is not None else None


def source_changes(session: Session, *, article: Article, edition: Edition) -> list[SourceChange]:
    """Return what of an edition's source, or of the facts, has changed since the edition was written or confirmed."""
    found: list[SourceChange] = []
    source = source_edition(session, edition)
    if source is None:
        return found
    if edition.seen_sheet is not None and edition.seen_sheet != article.latest_sheet:
        before, now = sheet(session, article=article, number=edition.seen_sheet), sheet(session, article=article)
        if before is not None and now is not None:
            found += fact_changes(before.facts, now.facts, locale=edition.locale)
    if edition.seen_revision is not None and edition.seen_revision != source.latest_number:
        old, new = (_text(session, source, number) for number in (edition.seen_revision, source.latest_number))
        found += text_changes(old, new)
    return found


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
    source = sa.orm.aliased(Edition)
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


def confirm_source(
    session: Session, *, edition_id: int, revision: int, sheet_number: int, by: Person, at: datetime
) -> None:
    """Record that somebody has looked at what changed and the edition still says the same; its text stays.

    Args:
        revision: the number of the source's text that they saw.
        sheet_number: the number of the facts that they saw.

    Raises:
        Refused: the person may not write.
        Stale: the source has changed again.
    """
    if Permission.WRITE not in by.permissions:
        raise Refused(Act.EDIT, Why.NO_PERMISSION)
    edition = session.get(Edition, edition_id)
    if edition is None:
        raise LookupError("edition")
    article = lock(session, edition.article_id)
    session.refresh(edition)
    source = source_edition(session, edition)
    if source is None or (source.latest_number, article.latest_sheet) != (revision, sheet_number):
        raise Stale("the source has changed again")
    note_seen(session, article=article, edition=edition)
    session.flush()
    audit(
        session, Tag.SOURCE_CONFIRMED, article=article, by=by.name, at=at,
        edition=f"{edition.audience}/{edition.locale}", source=revision, sheet=sheet_number,
    )  # fmt: skip
