"""Contests with their draws, and answers that come in on paper."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Key, Sealed, enum_column
from portal.core.settings import Audience
from portal.quizzes.rules.bank import Contact, DrawnFrom


class Contest(Base):
    """A quiz with an end, perhaps a list of the best, and perhaps prizes drawn by lot that anyone can check."""

    __tablename__ = "quizzes_contest"

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    quiz_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_document.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(120))
    prize: Mapped[str] = mapped_column(sa.String(500))
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    contact: Mapped[Contact] = enum_column(Contact)
    drawn_from: Mapped[DrawnFrom] = enum_column(DrawnFrom)
    winners: Mapped[int]
    """How many prizes are drawn; 0: no draw."""
    has_leaderboard: Mapped[bool]
    seed: Mapped[str] = mapped_column(Sealed)
    commitment: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of the seed, published before the first entry."""
    beacon: Mapped[str] = mapped_column(sa.String(200), default="")
    """Which public value, known only after the end, is mixed into the draw; empty: none."""
    drawn_at: Mapped[datetime | None]
    draw: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    """From the end on: the tickets that take part and their hash. Once drawn: the published record of the draw, which
    `flask quizzes draw --verify` checks."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(120))
    edits: Mapped[int]
    """+1 with every change, so that nobody overwrites what they have not seen."""
    edited_by: Mapped[str] = mapped_column(sa.String(120))
    """Who changed it last; at first, who announced it."""


class Entry(Base):
    """An entry to a contest. The contact is kept sealed, and erased when the prizes have been given out.

    The foreign key is over both columns, and an attempt of the youth edition belongs to no contest
    (`ck_quizzes_attempt_youth_is_anonymous`): so the database itself refuses an entry from there.
    """

    __tablename__ = "quizzes_entry"
    __table_args__ = (
        sa.UniqueConstraint("contest_id", "contact_digest"),
        sa.ForeignKeyConstraint(["attempt_id", "contest_id"], ["quizzes_attempt.id", "quizzes_attempt.contest_id"]),
    )

    id: Mapped[Key]
    contest_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_contest.id"), index=True)
    ticket: Mapped[str] = mapped_column(sa.String(16), unique=True)
    """The public number of the entry: random, told to the person, in the list and in the draw."""
    attempt_id: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"), unique=True)
    """The attempt that counts."""
    contact: Mapped[str | None] = mapped_column(Sealed)
    contact_digest: Mapped[str | None] = mapped_column(sa.String(64))
    """One person enters once: of the contact or, where none is asked for, of the person's attempts in a row."""
    consent: Mapped[str] = mapped_column(sa.String(40))
    """The version of the text that was agreed to."""
    entered_at: Mapped[datetime]
    erased_at: Mapped[datetime | None]


class PaperSheet(Base):
    """A filled-in sheet, typed twice by two people; when both agree it becomes an attempt."""

    __tablename__ = "quizzes_paper_sheet"
    __table_args__ = (sa.UniqueConstraint("version_id", "sheet"),)

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_version.id"))
    sheet: Mapped[str] = mapped_column(sa.String(40))
    """The number on the sheet."""
    audience: Mapped[Audience] = enum_column(Audience)
    group_id: Mapped[int | None] = mapped_column(sa.ForeignKey("quizzes_group.id"))
    first: Mapped[dict[str, Any]]
    """What was first typed: audience, group, day, and answers by place (`rules.paper.typed_to_plain`)."""
    first_at: Mapped[datetime]
    first_by: Mapped[str] = mapped_column(sa.String(120))
    first_by_id: Mapped[int]
    second: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    second_at: Mapped[datetime | None]
    second_by: Mapped[str | None] = mapped_column(sa.String(120))
    second_by_id: Mapped[int | None]
    attempt_id: Mapped[int | None] = mapped_column(sa.ForeignKey("quizzes_attempt.id"), unique=True)


class PaperFile(Base):
    """A file of paper results that was taken in; the same file again changes nothing."""

    __tablename__ = "quizzes_paper_file"
    __table_args__ = (sa.UniqueConstraint("version_id", "digest"),)

    id: Mapped[Key]
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_version.id"))
    digest: Mapped[str] = mapped_column(sa.String(64))
    rows: Mapped[int]
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))
