"""The tables of search. `search_document` is what is published; everything else here is derived or a note."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Key

SLUG_LENGTH = 200
QUESTION_LENGTH = 100
MOST_MISSES = 5_000
KEPT_DAYS = 30
"""A machine that was away for longer makes its index anew."""


class Document(Base):
    """One published edition as search sees it. No row: not published."""

    __tablename__ = "search_document"
    __table_args__ = (sa.UniqueConstraint("key"), sa.Index(None, "slug"))

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(sa.String(SLUG_LENGTH + 60))
    """`slug/audience/locale`."""
    slug: Mapped[str] = mapped_column(sa.String(SLUG_LENGTH))
    audience: Mapped[str] = mapped_column(sa.String(32))
    locale: Mapped[str] = mapped_column(sa.String(16))
    topic: Mapped[str] = mapped_column(sa.String(SLUG_LENGTH))
    """The topic's key."""
    topic_name: Mapped[str] = mapped_column(sa.Text, default="")
    """What the topic is called in this locale; found by its pinyin as well."""
    title: Mapped[str] = mapped_column(sa.Text)
    summary: Mapped[str] = mapped_column(sa.Text, default="")
    key_message: Mapped[str] = mapped_column(sa.Text, default="")
    headings: Mapped[str] = mapped_column(sa.Text, default="")
    """One heading a line."""
    body: Mapped[str] = mapped_column(sa.Text, default="")
    """Plain text, without Markdown or HTML."""
    published_at: Mapped[datetime]


class Change(Base):
    """The outbox: a document that came, changed or went.

    Each machine has an index of its own, which remembers the last change that it has. Rows are kept for `KEPT_DAYS`,
    and the newest for ever; an index of which the last change is no longer here is made anew. Ids grow in the order of
    commits (`services.documents`), so an index that has one change has all before it.
    """

    __tablename__ = "search_change"
    # AUTOINCREMENT: an id is never used twice, so the highest names the state of all documents.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[Key]
    document_key: Mapped[str] = mapped_column(sa.String(SLUG_LENGTH + 60))
    at: Mapped[datetime]


class Miss(Base):
    """A question that found nothing: what staff should write about. Nothing in it tells who asked."""

    __tablename__ = "search_miss"
    __table_args__ = (sa.UniqueConstraint("text", "audience", "locale"), sa.Index(None, "count", "last_at"))

    id: Mapped[Key]
    text: Mapped[str] = mapped_column(sa.String(QUESTION_LENGTH))
    audience: Mapped[str] = mapped_column(sa.String(32))
    locale: Mapped[str] = mapped_column(sa.String(16))
    count: Mapped[int] = mapped_column(default=1)
    last_at: Mapped[datetime]


class Vocabulary(Base):
    """One row: the site's own words and groups of synonyms, as its editors wrote them."""

    __tablename__ = "search_vocabulary"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    words: Mapped[list[str]]
    synonyms: Mapped[Any] = mapped_column(sa.JSON)
    """`list[list[str]]`."""
