"""Who was there, what they thought of it, and the cards by which answers before and after belong together."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Key, enum_column
from portal.events.rules.attendance import AdmissionKind, AdmissionSource, Wave


class Admission(Base):
    """People let in at one moment: by a code, without one, or counted.

    The sum of `people` over rows that are neither undone nor in conflict is the attendance; no row is ever deleted.
    """

    __tablename__ = "events_admission"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "nonce"),
        sa.CheckConstraint("people > 0", name="lets_somebody_in"),
        sa.CheckConstraint(
            "(kind IN ('code', 'group')) = (registration_id IS NOT NULL) OR kind = 'online'", name="of_whom"
        ),
        sa.Index(None, "event_id", "kind"),
        sa.Index(None, "registration_id"),
        sa.Index(None, "at"),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events_event.id"))
    registration_id: Mapped[int | None] = mapped_column(sa.ForeignKey("events_registration.id"))
    kind: Mapped[AdmissionKind] = enum_column(AdmissionKind)
    source: Mapped[AdmissionSource] = enum_column(AdmissionSource)
    people: Mapped[int]
    nonce: Mapped[str] = mapped_column(sa.String(43))
    """Made by the device that let them in: sent again, it adds nothing."""
    device: Mapped[str] = mapped_column(sa.String(40), default="")
    at: Mapped[datetime]
    """When they came in, as the device says, within the bounds of what it can know."""
    received_at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))
    by_id: Mapped[int]
    conflict: Mapped[bool] = mapped_column(default=False)
    """Another door had let the same people in before; counted once, and shown to the organiser."""
    minutes: Mapped[int | None]
    """Online: how long somebody stayed."""
    undone_at: Mapped[datetime | None]
    undone_by: Mapped[str | None] = mapped_column(sa.String(120))


class Feedback(Base):
    """What one person thought of a lecture: five levels, no name."""

    __tablename__ = "events_feedback"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "ticket"),
        sa.CheckConstraint("level BETWEEN 1 AND 5", name="five_levels"),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events_event.id"))
    level: Mapped[int]
    """From 5, very satisfied, to 1, very dissatisfied; the upper two count as satisfied (`domain.md` §8)."""
    ticket: Mapped[str] = mapped_column(sa.String(64))
    """A digest of what gave the right to answer once: a registration's token, a seat card, a row of a paper."""
    source: Mapped[AdmissionSource] = enum_column(AdmissionSource)
    at: Mapped[datetime]


class Card(Base):
    """A printed code without a name: the same before and after the lecture (`domain.md` §8)."""

    __tablename__ = "events_card"

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events_event.id"), index=True)
    code: Mapped[str] = mapped_column(sa.String(8), unique=True)
    number: Mapped[int]
    """In the order of the print; it says nothing of who sits where."""
    created_at: Mapped[datetime]


class CardAttempt(Base):
    """The quiz that whoever has a card took before, after, or a month later."""

    __tablename__ = "events_card_attempt"
    __table_args__ = (sa.UniqueConstraint("card_id", "wave"),)

    id: Mapped[Key]
    card_id: Mapped[int] = mapped_column(sa.ForeignKey("events_card.id"))
    wave: Mapped[Wave] = enum_column(Wave)
    attempt_id: Mapped[int] = mapped_column(sa.ForeignKey("quizzes_attempt.id"), unique=True)
    at: Mapped[datetime]


class PaperSheetFile(Base):
    """A file of what was on paper, or of the meeting tool, that was taken in; the same file again changes nothing."""

    __tablename__ = "events_paper_file"
    __table_args__ = (sa.UniqueConstraint("event_id", "digest"),)

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events_event.id"))
    digest: Mapped[str] = mapped_column(sa.String(64))
    rows: Mapped[int]
    people: Mapped[int]
    """How many people it let in."""
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(sa.String(120))
