"""Taking in what the editions of an article share, as a package has it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, FormerSlug, Sheet
from portal.articles.queries.packages import BY_COMMAND
from portal.articles.rules import ArticleFile, Kind, Mode
from portal.articles.services.saving import COMMAND, add_sheet, publish_sheet, sheet


@dataclass(slots=True)
class Taken:
    """What became of the shared part of an article."""

    article: Article
    is_new: bool = False
    is_changed: bool = False
    is_kept: bool = False
    """The desk has gone on from what the file says; that stays."""
    drops_names: bool = False
    """The file's former slugs differ from the stored ones and were not taken."""


def save_article(
    session: Session,
    *,
    slug: str,
    said: ArticleFile,
    by: str,
    at: datetime,
    authors: list[int] | None = None,
    mode: Mode = Mode.COMMAND,
    shows: bool = True,
) -> Taken:
    """Store what all editions of `slug` share.

    Args:
        mode: `DRAFT` keeps it for review; the public goes on reading what it reads.
        shows: a text of the package is to be public, so what it stands on must be.
    """
    values: dict[str, Any] = {
        "topic": said.topic,
        "checked_on": said.checked_on,
        "review_by": said.review_by,
        "related": said.related,
        "facts": said.facts,
        "sources": said.sources,
    }
    article = session.scalar(sa.select(Article).where(Article.slug == slug))
    taken = Taken(article) if article is not None else _create(session, slug, values, at=at)
    article = taken.article
    wanted = taken.is_new or _is_wanted(session, article, values, mode, taken)
    if wanted:
        added = add_sheet(session, article=article, values=values, by=by, authors=authors or [COMMAND], at=at)
        taken.is_changed = taken.is_new or added is not None
    if mode is Mode.DRAFT:
        taken.drops_names = _names(session, article) != set(said.former_slugs)
        return taken
    if wanted and article.published_sheet != article.latest_sheet and (taken.is_changed or shows):
        publish_sheet(session, article=article, number=article.latest_sheet)
        taken.is_changed = True
    if _names(session, article) != set(said.former_slugs):
        # A name may come here from another article of the same package.
        held = sa.or_(FormerSlug.article_id == article.id, FormerSlug.slug.in_(said.former_slugs))
        session.execute(sa.delete(FormerSlug).where(held))
        session.add_all(FormerSlug(slug=name, article_id=article.id) for name in said.former_slugs)
        taken.is_changed = True
    return taken


def _create(session: Session, slug: str, values: dict[str, Any], *, at: datetime) -> Taken:
    article = Article(slug=slug, kind=Kind.ARTICLE, latest_sheet=0, created_at=at, **values)
    session.add(article)
    session.flush()
    return Taken(article, is_new=True)


def _is_wanted(session: Session, article: Article, values: dict[str, Any], mode: Mode, taken: Taken) -> bool:
    """Whether the file brings something; `taken` is told when the desk has gone on from what it says."""

    def says(stored: Sheet | None) -> bool:
        return stored is not None and all(getattr(stored, name) == value for name, value in values.items())

    if mode is Mode.TRIAL:
        return True
    shown = None if article.published_sheet is None else sheet(session, article=article, number=article.published_sheet)
    if says(shown):
        taken.is_kept = mode is Mode.DRAFT and article.latest_sheet != article.published_sheet
        return False
    if mode is Mode.COMMAND:
        brought = session.scalar(
            sa.select(Sheet)
            .where(Sheet.article_id == article.id, sa.cast(Sheet.authors, sa.Text).in_(BY_COMMAND))
            .order_by(Sheet.number.desc())
            .limit(1)
        )
        if brought is not None and brought.number != article.latest_sheet and says(brought):
            taken.is_kept = True
            return False
    return True


def _names(session: Session, article: Article) -> set[str]:
    return set(session.scalars(sa.select(FormerSlug.slug).where(FormerSlug.article_id == article.id)))
