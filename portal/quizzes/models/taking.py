"""What people answer. Nothing in these tables says who they are."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Key, Sealed, enum_column
from portal.core.settings import Audience, Locale
from portal.quizzes.rules.bank import Source
from portal.quizzes.rules.marking import Outcome


class Group(Base):
    """A class, a community centre: attempts gathered under a code, without names."""

    __tablename__ = "quizzes_group"

    id: Mapped[Key]
    quiz_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_document.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(12), unique=True)
    label: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(120))
    closes_at: Mapped[datetime | None]
    results_digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    """Of the token in the address where whoever has it sees the results; NULL: nobody was given one."""


class Attempt(Base):
    """One taking of a quiz, pinned to the version that was taken."""

    __tablename__ = "quizzes_attempt"
    __table_args__ = (
        sa.CheckConstraint("audience <> 'youth' OR contest_id IS NULL", name="youth_is_anonymous"),
        sa.Index("ix_quizzes_attempt_figures", "version_id", "quarter", "audience"),
        # What an entry to a contest refers to: it holds that the attempt was made for this contest.
        sa.Index("uq_quizzes_attempt_id_contest_id", "id", "contest_id", unique=True),
    )

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_version.id"))
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    token: Mapped[str | None] = mapped_column(Sealed, deferred=True)
    """For going on elsewhere by the short code; forgotten when the attempt has ended."""
    code_digest: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
    series: Mapped[str] = mapped_column(sa.String(64), index=True)
    """What the attempts of one person in a row share: the digest of the first one's token."""
    ordinal: Mapped[int]
    """The how manieth attempt of its series, from 1."""
    audience: Mapped[Audience] = enum_column(Audience)
    locale: Mapped[Locale] = enum_column(Locale)
    source: Mapped[Source] = enum_column(Source)
    layout: Mapped[list[dict[str, Any]]]
    """The questions as they were drawn and shuffled: `item`, `points` and `order` of the options for each."""
    group_id: Mapped[int | None] = mapped_column(sa.ForeignKey("quizzes_group.id"), index=True)
    contest_id: Mapped[int | None] = mapped_column(sa.ForeignKey("quizzes_contest.id"), index=True)
    started_at: Mapped[datetime]
    deadline: Mapped[datetime | None]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
    quarter: Mapped[str | None] = mapped_column(sa.String(6))
    """The quarter in which it was finished, such as 2026Q4, in the site's time zone."""
    points: Mapped[float | None]
    possible: Mapped[float]
    percent: Mapped[float | None]
    passed: Mapped[bool | None]
    first_points: Mapped[float | None]
    first_percent: Mapped[float | None]
    first_passed: Mapped[bool | None]
    """What it came to before it was marked anew; NULL: it never was."""


class Response(Base):
    """The answer to one question of an attempt."""

    __tablename__ = "quizzes_response"

    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_attempt.id"), primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    """The place in the attempt's layout, from 0."""
    item: Mapped[str] = mapped_column(sa.String(80))
    given: Mapped[dict[str, Any]]
    answered_at: Mapped[datetime]
    seconds: Mapped[float]
    """From the answer before it (or the beginning) to this one, the first time."""
    fraction: Mapped[float]
    outcome: Mapped[Outcome] = enum_column(Outcome)
    first_fraction: Mapped[float | None]
    first_outcome: Mapped[str | None] = mapped_column(sa.String(32))
    """What it was marked before it was marked anew; NULL: it never was."""


class Certificate(Base):
    """A passed attempt that somebody asked a certificate for; the code proves it, and no name is kept."""

    __tablename__ = "quizzes_certificate"

    id: Mapped[Key]
    code: Mapped[str] = mapped_column(sa.String(16), unique=True)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_attempt.id"), unique=True)
    issued_on: Mapped[str] = mapped_column(sa.String(10))
