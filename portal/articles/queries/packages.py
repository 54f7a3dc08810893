"""Named reads for content packages: how everything stands, published or not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from portal.articles.models import Article, Edition, FormerSlug, Review, ReviewItem, Revision, Sheet
from portal.articles.rules import Before, ReviewState

BY_COMMAND = ("[0]", "[]")
"""The authors of what no person wrote, as they are stored."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An edition as it stands."""

    edition_id: int
    latest_number: int
    published_number: int | None
    before: Before


def stored_editions(session: Session) -> dict[tuple[str, str, str], Stored]:
    """Return every edition by (slug, audience, locale)."""
    latest, shown = aliased(Revision), aliased(Revision)
    by_desk = (
        sa.select(ReviewItem.edition_id)
        .join(Review, Review.id == ReviewItem.review_id)
        .where(
            ReviewItem.edition_id == Edition.id,
            ReviewItem.number == Edition.published_number,
            Review.state == ReviewState.PUBLISHED,
        )
        .exists()
    )
    statement = (
        sa.select(
            Article.slug,
            Edition.audience,
            Edition.locale,
            Edition.id,
            Edition.latest_number,
            Edition.published_number,
            latest.checksum.label("latest"),
            shown.checksum.label("shown"),
            sa.or_(by_desk, Edition.withdrawn_at.is_not(None)).label("decided"),
        )
        .join(Edition, Edition.article_id == Article.id)
        .join(latest, sa.and_(latest.edition_id == Edition.id, latest.number == Edition.latest_number))
        .outerjoin(shown, sa.and_(shown.edition_id == Edition.id, shown.number == Edition.published_number))
    )
    brought = _brought(session)
    found = {}
    for row in session.execute(statement):
        number, text = brought.get(row.id, (None, None))
        found[row.slug, row.audience.value, row.locale.value] = Stored(
            edition_id=row.id,
            latest_number=row.latest_number,
            published_number=row.published_number,
            before=Before(
                latest=row.latest,
                published=row.shown,
                is_latest_public=row.published_number == row.latest_number,
                brought=text,
                is_touched=number != row.latest_number or row.decided,
            ),
        )
    return found


def _brought(session: Session) -> dict[int, tuple[int, str]]:
    """Return number and digest of the text that a command brought last, by edition."""
    last = (
        sa.select(Revision.edition_id, sa.func.max(Revision.number).label("number"))
        .where(sa.cast(Revision.authors, sa.Text).in_(BY_COMMAND))
        .group_by(Revision.edition_id)
        .subquery()
    )
    statement = sa.select(Revision.edition_id, Revision.number, Revision.checksum).join(
        last, sa.and_(last.c.edition_id == Revision.edition_id, last.c.number == Revision.number)
    )
    return {row.edition_id: (row.number, row.checksum) for row in session.execute(statement)}


def draft_sheets(session: Session) -> dict[str, Sheet]:
    """Return the sheets that are not public yet, by the article's present slug."""
    statement = (
        sa.select(Article.slug, Sheet)
        .join(Sheet, sa.and_(Sheet.article_id == Article.id, Sheet.number == Article.latest_sheet))
        .where(sa.or_(Article.published_sheet.is_(None), Article.published_sheet != Article.latest_sheet))
    )
    return {row.slug: row.Sheet for row in session.execute(statement)}


def slugs(session: Session) -> set[str]:
    """Return the slugs of all articles, published or not."""
    return set(session.scalars(sa.select(Article.slug)))


def former_slugs(session: Session) -> dict[str, list[str]]:
    """Return the old names of each article, by its present slug."""
    statement = (
        sa.select(Article.slug, FormerSlug.slug)
        .join(FormerSlug, FormerSlug.article_id == Article.id)
        .order_by(FormerSlug.slug)
    )
    names: dict[str, list[str]] = {}
    for slug, former in session.execute(statement):
        names.setdefault(slug, []).append(former)
    return names


def latest_texts(session: Session, *, article_id: int) -> Iterator[tuple[Edition, Revision]]:
    """Yield each edition of an article with its latest revision."""
    statement = (
        sa.select(Edition, Revision)
        .join(Revision, sa.and_(Revision.edition_id == Edition.id, Revision.number == Edition.latest_number))
        .where(Edition.article_id == article_id)
        .order_by(Edition.id)
    )
    for row in session.execute(statement):
        yield row.Edition, row.Revision
