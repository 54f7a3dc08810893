"""Article → edition (audience and language) → immutable revision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Key, enum_column
from portal.reference.rules import Audience, Locale


class Article(Base):
    """What all editions share: the topic, the facts, their sources and the dates of checking."""

    __tablename__ = "articles_article"

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    topic: Mapped[str] = mapped_column(sa.String(80), index=True)
    checked_on: Mapped[str] = mapped_column(sa.String(10))
    review_by: Mapped[str] = mapped_column(sa.String(10))
    related: Mapped[list[str]]
    facts: Mapped[list[dict[str, Any]]]
    sources: Mapped[list[dict[str, Any]]]
    created_at: Mapped[datetime]


class FormerSlug(Base):
    """An old name of an article; its address leads to the article."""

    __tablename__ = "articles_former_slug"

    slug: Mapped[str] = mapped_column(sa.String(80), primary_key=True)
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles_article.id"), index=True)


class Edition(Base):
    """One audience × language rendition of an article, pointing at its revisions by number."""

    __tablename__ = "articles_edition"
    __table_args__ = (
        sa.UniqueConstraint("article_id", "audience", "locale"),
        sa.CheckConstraint("published_number IS NULL OR published_number <= latest_number", name="published_exists"),
    )

    id: Mapped[Key]
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles_article.id"))
    audience: Mapped[Audience] = enum_column(Audience)
    locale: Mapped[Locale] = enum_column(Locale)
    latest_number: Mapped[int]
    published_number: Mapped[int | None]
    """The revision the public reads; NULL: the edition is not published."""
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]


class Revision(Base):
    """One saved text of an edition; never changed afterwards."""

    __tablename__ = "articles_revision"
    __table_args__ = (sa.UniqueConstraint("edition_id", "number"),)

    id: Mapped[Key]
    edition_id: Mapped[int] = mapped_column(sa.ForeignKey("articles_edition.id"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(120))
    summary: Mapped[str] = mapped_column(sa.String(300))
    hook: Mapped[str] = mapped_column(sa.String(80))
    body: Mapped[str] = mapped_column(sa.Text)
    html: Mapped[str] = mapped_column(sa.Text)
    toc: Mapped[list[dict[str, Any]]]
    key_message: Mapped[str] = mapped_column(sa.Text)
    minutes: Mapped[int]
    checksum: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(120))
    note: Mapped[str] = mapped_column(sa.String(300))
