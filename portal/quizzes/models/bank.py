"""Questions and quizzes as staff write them, their way through review, and the frozen instruments that come of it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.articles.rules import ReviewState, State
from portal.core.database import Base, Key, enum_column
from portal.quizzes.rules.bank import Sort


class Document(Base):
    """A question or a quiz: what staff write, review and publish. Its texts are revisions."""

    __tablename__ = "quizzes_document"
    __table_args__ = (
        sa.UniqueConstraint("sort", "name"),
        sa.CheckConstraint("published_number IS NULL OR published_number <= latest_number", name="published_exists"),
    )

    id: Mapped[Key]
    sort: Mapped[Sort] = enum_column(Sort)
    name: Mapped[str] = mapped_column(sa.String(80))
    """The lasting key of a question; the slug of a quiz."""
    label: Mapped[str] = mapped_column(sa.String(200))
    topic: Mapped[str] = mapped_column(sa.String(80), index=True)
    article: Mapped[str] = mapped_column(sa.String(80), default="")
    state: Mapped[State] = enum_column(State)
    latest_number: Mapped[int]
    published_number: Mapped[int | None]
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    review_id: Mapped[int | None] = mapped_column(sa.ForeignKey("quizzes_review.id"), index=True)


class Revision(Base):
    """One saved text of a document; never changed afterwards."""

    __tablename__ = "quizzes_revision"
    __table_args__ = (sa.UniqueConstraint("document_id", "number"),)

    id: Mapped[Key]
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_document.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    """The plain values of an item or a quiz."""
    checksum: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(120))
    note: Mapped[str] = mapped_column(sa.String(300))
    authors: Mapped[list[int]]
    """Who wrote any part of it; 0: a command."""


class Review(Base):
    """Documents that were submitted together: approved as one, published together or not at all."""

    __tablename__ = "quizzes_review"

    id: Mapped[Key]
    state: Mapped[ReviewState] = enum_column(ReviewState)
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[str] = mapped_column(sa.String(120))
    submitted_by_id: Mapped[int]
    note: Mapped[str] = mapped_column(sa.String(500))
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(sa.String(120))
    decided_by_id: Mapped[int | None]
    opinion: Mapped[str] = mapped_column(sa.Text, default="")
    opinion_number: Mapped[str | None] = mapped_column(sa.String(20), unique=True)
    findings: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    published_at: Mapped[datetime | None]
    published_by: Mapped[str | None] = mapped_column(sa.String(120))


class ReviewMember(Base):
    """One revision in a review."""

    __tablename__ = "quizzes_review_member"

    review_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_review.id"), primary_key=True)
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_document.id"), primary_key=True)
    number: Mapped[int]
    base_number: Mapped[int | None]


class Waiver(Base):
    """A finding of the check that a reviewer lets stand, with the reason; it holds while the sentence stays."""

    __tablename__ = "quizzes_waiver"
    __table_args__ = (sa.UniqueConstraint("document_id", "finding"),)

    id: Mapped[Key]
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_document.id"))
    finding: Mapped[str] = mapped_column(sa.String(20))
    rule: Mapped[str] = mapped_column(sa.String(80))
    passage: Mapped[str] = mapped_column(sa.String(300))
    reason: Mapped[str] = mapped_column(sa.String(500))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))
    by_id: Mapped[int]


class QuizVersion(Base):
    """An instrument: a quiz with every question that it can ask, as published at one moment. Never changed.

    Whatever changes key, weights or wording makes another version; the newest is the one that is taken.
    """

    __tablename__ = "quizzes_version"
    __table_args__ = (sa.UniqueConstraint("quiz_id", "number"),)

    id: Mapped[Key]
    quiz_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_document.id"))
    number: Mapped[int]
    instrument: Mapped[dict[str, Any]] = mapped_column(deferred=True)
    """Large, and read once by each process (`services.taking.instrument`)."""
    checksum: Mapped[str] = mapped_column(sa.String(64))
    published_at: Mapped[datetime]
    published_by: Mapped[str] = mapped_column(sa.String(120))


class Regrade(Base):
    """A wrong key, found later: the questions of a version marked anew, by whom and why. Both marks are kept."""

    __tablename__ = "quizzes_regrade"

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_version.id"), index=True)
    item: Mapped[str] = mapped_column(sa.String(80))
    reason: Mapped[str] = mapped_column(sa.String(500))
    before: Mapped[dict[str, Any]]
    """The question with the key that it was marked by."""
    after: Mapped[dict[str, Any]]
    """The question with the key that it is marked by from now on, in this version."""
    last_attempt: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"))
    """The last attempt that may have been marked by the key before."""
    through: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), default=0)
    """The last attempt whose answer has been marked anew; those after it follow."""
    done_at: Mapped[datetime | None]
    """When all were; NULL: the worker is at it."""
    answers: Mapped[int] = mapped_column(default=0)
    """How many answers have been marked anew."""
    changed: Mapped[int] = mapped_column(default=0)
    """How many of them have another mark."""
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))
    by_id: Mapped[int]
