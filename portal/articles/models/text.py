"""Article → edition (audience and language) → immutable revision."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.articles.rules import Kind, State
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

    kind: Mapped[Kind] = enum_column(Kind, default=Kind.ARTICLE, server_default=Kind.ARTICLE.value)
    expires_at: Mapped[datetime | None]
    """An alert is taken from the public at this time."""
    latest_sheet: Mapped[int] = mapped_column(default=0, server_default="0")
    published_sheet: Mapped[int | None]
    """The sheet that the columns above were taken from; NULL: the public has seen none."""
    owner_id: Mapped[int | None]
    deputy_id: Mapped[int | None]
    """Who is reminded when the article is due for a check, and who in their absence."""
    reminded_on: Mapped[str | None] = mapped_column(sa.String(10))


class Sheet(Base):
    """One saved state of what all editions of an article share; never changed afterwards.

    The article's own columns are a copy of the published sheet, so that a public page reads one row.
    """

    __tablename__ = "articles_sheet"
    __table_args__ = (sa.UniqueConstraint("article_id", "number"),)

    id: Mapped[Key]
    article_id: Mapped[int] = mapped_column(sa.ForeignKey("articles_article.id"))
    number: Mapped[int]
    slug: Mapped[str] = mapped_column(sa.String(80))
    topic: Mapped[str] = mapped_column(sa.String(80))
    checked_on: Mapped[str] = mapped_column(sa.String(10))
    review_by: Mapped[str] = mapped_column(sa.String(10))
    expires_at: Mapped[datetime | None]
    related: Mapped[list[str]]
    facts: Mapped[list[dict[str, Any]]]
    sources: Mapped[list[dict[str, Any]]]
    authors: Mapped[list[int]]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(120))
    note: Mapped[str] = mapped_column(sa.String(300))


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
    first_published_at: Mapped[datetime | None]
    """When the public could first read any text of it; stays when it is changed or withdrawn."""
    updated_at: Mapped[datetime]
    state: Mapped[State] = enum_column(State, default=State.DRAFT, server_default=State.DRAFT.value)
    """Where the working copy stands in the workflow."""
    review_id: Mapped[int | None] = mapped_column(sa.ForeignKey("articles_review.id"), index=True)
    """The review that the working copy is in, or was last in."""
    seen_revision: Mapped[int | None]
    """The text of its source (the general edition) that this one was written after or last confirmed with."""
    seen_sheet: Mapped[int | None]
    """The same of the facts; NULL: it has no source."""
    withdrawn_at: Mapped[datetime | None]
    withdrawn_number: Mapped[int | None]
    """The revision that the public read last: the page that says so calls it by that name, not by a draft's."""
    withdrawn_note: Mapped[str | None] = mapped_column(sa.String(300))
    """What readers are told of the withdrawal."""
    withdrawn_to: Mapped[str | None] = mapped_column(sa.String(80))
    """The article that readers are pointed to."""


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
    authors: Mapped[list[int]] = mapped_column(default=list)
    """Who wrote any part of it: the person who saved it and, of a restored text, those who wrote that; 0: a command."""
