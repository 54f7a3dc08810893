"""Targets, figures that people enter, daily sums, and the stored report of each quarter."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Key, Sealed, enum_column
from portal.metrics.rules.closing import Section, State
from portal.metrics.rules.targets import Measure, TargetUnit


class TargetRow(Base):
    """A target that a site set; the newest row of a measure whose `since` has come holds."""

    __tablename__ = "metrics_target"
    __table_args__ = (sa.CheckConstraint("value >= 0", name="not_below_nothing"),)

    id: Mapped[Key]
    measure: Mapped[Measure] = enum_column(Measure)
    value: Mapped[float]
    unit: Mapped[TargetUnit] = enum_column(TargetUnit)
    least: Mapped[int | None]
    since: Mapped[str] = mapped_column(sa.String(6))
    set_at: Mapped[datetime]
    set_by: Mapped[str] = mapped_column(sa.String(120))


class EntryRow(Base):
    """A figure that somebody entered for a quarter; another row of the same measure takes its place, and both stay."""

    __tablename__ = "metrics_entry"
    __table_args__ = (
        sa.CheckConstraint("numerator >= 0", name="not_below_nothing"),
        sa.CheckConstraint("denominator IS NULL OR denominator >= numerator", name="a_part_of_the_whole"),
        sa.Index(None, "quarter", "measure"),
    )

    id: Mapped[Key]
    quarter: Mapped[str] = mapped_column(sa.String(6))
    measure: Mapped[Measure] = enum_column(Measure)
    numerator: Mapped[float]
    denominator: Mapped[float | None]
    source: Mapped[str] = mapped_column(sa.String(300))
    """Where the figure comes from: which list, which system."""
    signer: Mapped[str] = mapped_column(sa.String(120))
    """Who answers for it."""
    entered_at: Mapped[datetime]
    entered_by: Mapped[str] = mapped_column(sa.String(120))


class SurveyRow(Base):
    """A survey on paper, brought as a table of answers before and after; what was taken out stays, uncounted."""

    __tablename__ = "metrics_survey"
    __table_args__ = (
        sa.UniqueConstraint("quarter", "digest"),
        sa.CheckConstraint("(withdrawn_at IS NULL) = (withdrawn_by IS NULL)", name="withdrawn_by"),
    )

    id: Mapped[Key]
    quarter: Mapped[str] = mapped_column(sa.String(6))
    name: Mapped[str] = mapped_column(sa.String(120))
    """What was asked, and where."""
    signer: Mapped[str] = mapped_column(sa.String(120))
    """Who answers for it."""
    digest: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of the file as it was sent."""
    rows: Mapped[int]
    content: Mapped[str] = mapped_column(Sealed, deferred=True)
    """The table without the columns that mean nothing here: names and numbers of people may have stood in them."""
    taken_at: Mapped[datetime]
    taken_by: Mapped[str] = mapped_column(sa.String(120))
    withdrawn_at: Mapped[datetime | None]
    withdrawn_by: Mapped[str | None] = mapped_column(sa.String(120))


class DayRow(Base):
    """A daily sum: what happened on one day of the site's zone. All of them can be made again from what they count.

    `subject` is the lecture, or the frozen version of a quiz, whose day it is.
    """

    __tablename__ = "metrics_day"
    __table_args__ = (sa.PrimaryKeyConstraint("day", "subject", "number", "measure", "part"),)

    day: Mapped[str] = mapped_column(sa.String(10))
    subject: Mapped[str] = mapped_column(sa.String(8))
    number: Mapped[int] = mapped_column(sa.BigInteger().with_variant(sa.Integer, "sqlite"))
    measure: Mapped[str] = mapped_column(sa.String(24))
    part: Mapped[str] = mapped_column(sa.String(24))
    """The audience, the level, the kind: whatever the measure is divided by; empty: nothing."""
    value: Mapped[float]


class ReportRow(Base):
    """The report of a quarter. Once it is closed its content never changes."""

    __tablename__ = "metrics_report"
    __table_args__ = (
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed_at"),
        sa.CheckConstraint("(state = 'confirmed') = (confirmed_at IS NOT NULL)", name="confirmed_at"),
        sa.CheckConstraint("confirmed_by_id IS NULL OR confirmed_by_id <> closed_by_id", name="two_people"),
    )

    quarter: Mapped[str] = mapped_column(sa.String(6), primary_key=True)
    state: Mapped[State] = enum_column(State)
    report: Mapped[dict[str, Any]]
    digest: Mapped[str] = mapped_column(sa.String(64))
    """SHA-256 of the report as canonical JSON."""
    built_at: Mapped[datetime]
    built_by: Mapped[str] = mapped_column(sa.String(120))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(sa.String(120))
    closed_by_id: Mapped[int | None]
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[str | None] = mapped_column(sa.String(120))
    confirmed_by_id: Mapped[int | None]


class Amendment(Base):
    """A fact that came to light after a quarter was closed; it stands beside the figures and changes none of them."""

    __tablename__ = "metrics_amendment"

    id: Mapped[Key]
    quarter: Mapped[str] = mapped_column(sa.ForeignKey("metrics_report.quarter"), index=True)
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))
    text: Mapped[str] = mapped_column(sa.String(1000))
    changes: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """Figures that would be others today: `key`, `was`, `now`."""


class Narrative(Base):
    """What staff say in a section of the report; a second person approves it."""

    __tablename__ = "metrics_narrative"
    __table_args__ = (
        sa.CheckConstraint("approved_by_id IS NULL OR approved_by_id <> written_by_id", name="four_eyes"),
        sa.Index(None, "quarter", "section"),
    )

    id: Mapped[Key]
    quarter: Mapped[str] = mapped_column(sa.String(6))
    section: Mapped[Section] = enum_column(Section)
    text: Mapped[str] = mapped_column(sa.Text)
    written_at: Mapped[datetime]
    written_by: Mapped[str] = mapped_column(sa.String(120))
    written_by_id: Mapped[int]
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str | None] = mapped_column(sa.String(120))
    approved_by_id: Mapped[int | None]


class DemoRow(Base):
    """One row while the installation holds invented data (`flask demo`); no row: whatever it holds is real."""

    __tablename__ = "metrics_demo"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seed: Mapped[int] = mapped_column(sa.BigInteger)
    first_day: Mapped[str] = mapped_column(sa.String(10))
    """The first day that was made up, and `end_day` the first that was not."""
    end_day: Mapped[str] = mapped_column(sa.String(10))
    counted_days: Mapped[list[str]]
    """Days between them on which readers had been counted before: nothing was invented there."""
    made_at: Mapped[datetime]
