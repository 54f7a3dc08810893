"""Named reads of articles. Public ones see published revisions only."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition, FormerSlug, Revision
from portal.articles.rules import Kind
from portal.core.database.hot import HotRead, SqliteFile
from portal.reference.rules import Audience, Locale


class Text(NamedTuple):
    """A published revision, with what its article says for all editions."""

    topic: str
    checked_on: str
    review_by: str
    related: list[str]
    sources: list[dict[str, Any]]
    title: str
    summary: str
    html: str
    toc: list[dict[str, Any]]
    key_message: str
    minutes: int
    published_at: datetime


@dataclass(frozen=True, slots=True)
class Card:
    """What a list shows of a published edition."""

    slug: str
    topic: str
    audience: Audience
    locale: Locale
    title: str
    summary: str
    hook: str
    minutes: int
    checked_on: str
    published_at: datetime
    kind: Kind = Kind.ARTICLE
    expires_at: datetime | None = None
    """It is no longer shown from then on."""


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An edition that the public has read and reads no more."""

    audience: Audience
    locale: Locale
    title: str
    """What it was called when it was last read; empty where that is not known."""
    note: str
    """What readers are told of the withdrawal; may be empty."""
    to: str
    """The slug of the article that readers are pointed to; may be empty."""


# Built once: composing a statement costs more than running it.
_article, _edition, _revision = Article.__table__.c, Edition.__table__.c, Revision.__table__.c
_TEXT = HotRead(
    sa.select(
        _article.topic,
        _article.checked_on,
        _article.review_by,
        _article.related,
        _article.sources,
        _revision.title,
        _revision.summary,
        _revision.html,
        _revision.toc,
        _revision.key_message,
        _revision.minutes,
        _edition.published_at,
    )
    .select_from(Article.__table__)
    .join(Edition.__table__, _edition.article_id == _article.id)
    .join(
        Revision.__table__, sa.and_(_revision.edition_id == _edition.id, _revision.number == _edition.published_number)
    )
    .where(
        _article.slug == sa.bindparam("slug"),
        _edition.audience == sa.bindparam("audience"),
        _edition.locale == sa.bindparam("locale"),
    )
)
_CARDS = (
    sa.select(
        Article.slug,
        Article.topic,
        Edition.audience,
        Edition.locale,
        Revision.title,
        Revision.summary,
        Revision.hook,
        Revision.minutes,
        Article.checked_on,
        Edition.published_at,
        Article.kind,
        Article.expires_at,
    )
    .join(Edition, Edition.article_id == Article.id)
    .join(Revision, sa.and_(Revision.edition_id == Edition.id, Revision.number == Edition.published_number))
    .order_by(Article.created_at, Article.id, Edition.id)
)


def text(source: SqliteFile | Engine, slug: str, *, audience: str, locale: str) -> Text | None:
    """Return the published text of one edition. This is the hottest read."""
    row = _TEXT.one(source, slug=slug, audience=audience, locale=locale)
    return Text(*row) if row is not None else None


def facts(session: Session, slug: str) -> list[dict[str, Any]]:
    """Return the facts that all editions of an article agree on."""
    return session.scalar(sa.select(Article.facts).where(Article.slug == slug)) or []


def cards(session: Session) -> list[Card]:
    """Return all published editions, oldest article first."""
    return [Card(**row._mapping) for row in session.execute(_CARDS)]


def withdrawn(session: Session, slug: str, *, now: datetime) -> list[Withdrawn]:
    """Return the editions of an article that were taken from the public, or are past their end.

    An edition that never was public is not among them, nor is what was written since: nobody learns of drafts here.
    """
    number = sa.func.coalesce(Edition.published_number, Edition.withdrawn_number)
    ended = sa.and_(Edition.published_number.is_not(None), Article.expires_at <= now)
    statement = (
        sa.select(
            Edition.audience,
            Edition.locale,
            sa.func.coalesce(Revision.title, "").label("title"),
            sa.func.coalesce(Edition.withdrawn_note, "").label("note"),
            sa.func.coalesce(Edition.withdrawn_to, "").label("to"),
        )
        .join(Article, Article.id == Edition.article_id)
        .outerjoin(Revision, sa.and_(Revision.edition_id == Edition.id, Revision.number == number))
        .where(Article.slug == slug, sa.or_(Edition.withdrawn_at.is_not(None), ended))
        .order_by(Edition.id)
    )
    return [Withdrawn(**row._mapping) for row in session.execute(statement)]


def current_slug(session: Session, former: str) -> str | None:
    """Return the present slug of an article that was once called `former`."""
    return session.scalar(
        sa.select(Article.slug).join(FormerSlug, FormerSlug.article_id == Article.id).where(FormerSlug.slug == former)
    )
