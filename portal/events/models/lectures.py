"""Lectures as organisers plan them, their texts with the way through review, and their seats."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Key, enum_column
from portal.core.settings import Audience
from portal.events.rules.lectures import EventState, Mode, Place, ReviewOutcome


class Series(Base):
    """Lectures that recur; each is an event of its own afterwards."""

    __tablename__ = "events_series"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(sa.String(120))
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(120))


class Template(Base):
    """What new lectures begin with: topic, audience, texts, articles, quizzes."""

    __tablename__ = "events_template"

    id: Mapped[Key]
    name: Mapped[str] = mapped_column(sa.String(120), unique=True)
    plan: Mapped[dict[str, Any]]
    """Values of the form of a lecture, save its time."""
    updated_at: Mapped[datetime]
    updated_by: Mapped[str] = mapped_column(sa.String(120))


class Event(Base):
    """One lecture. When and where is stored here; its texts are revisions, of which `words` is the public one."""

    __tablename__ = "events_event"
    __table_args__ = (
        sa.CheckConstraint("starts_at < ends_at", name="ends_after_it_starts"),
        sa.CheckConstraint("opens_at <= closes_at AND closes_at <= starts_at", name="closes_before_it_starts"),
        sa.CheckConstraint("state = 'draft' OR published_number IS NOT NULL", name="public_is_approved"),
        sa.CheckConstraint("(state = 'cancelled') = (cancelled_at IS NOT NULL)", name="cancelled_at"),
        sa.Index(None, "state", "starts_at"),
    )

    id: Mapped[Key]
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    state: Mapped[EventState] = enum_column(EventState)
    mode: Mapped[Mode] = enum_column(Mode)
    audience: Mapped[Audience] = enum_column(Audience)
    """Whom it is for; general: everybody."""
    topic: Mapped[str] = mapped_column(sa.String(80), index=True)
    district: Mapped[str] = mapped_column(sa.String(80), default="")
    branch: Mapped[str] = mapped_column(sa.String(120), default="")
    campaign: Mapped[str] = mapped_column(sa.String(120), default="")
    series_id: Mapped[int | None] = mapped_column(sa.ForeignKey("events_series.id"), index=True)
    owner_id: Mapped[int]
    """Who runs it; a person of `accounts`."""

    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime] = mapped_column(index=True)
    previous_starts_at: Mapped[datetime | None]
    """When it was to begin before it was moved last; NULL: it never was."""
    opens_at: Mapped[datetime]
    closes_at: Mapped[datetime]
    """From when and until when the public can register."""
    venue: Mapped[dict[str, str]] = mapped_column(default=dict)
    address: Mapped[dict[str, str]] = mapped_column(default=dict)
    map_url: Mapped[str] = mapped_column(sa.String(500), default="")
    online_url: Mapped[str] = mapped_column(sa.String(500), default="")
    """Told to those only who have a seat online."""
    step_free: Mapped[bool] = mapped_column(default=False)
    hearing_loop: Mapped[bool] = mapped_column(default=False)
    sign_language: Mapped[bool] = mapped_column(default=False)
    access_note: Mapped[dict[str, str]] = mapped_column(default=dict)
    telephone: Mapped[str] = mapped_column(sa.String(40), default="")
    """Where people without a screen register, change and cancel."""
    most_seats: Mapped[int] = mapped_column(default=4)
    """How many seats one registration of a person takes at most, family and carers included."""
    takes_groups: Mapped[bool] = mapped_column(default=True)

    articles: Mapped[list[str]] = mapped_column(default=list)
    pre_quiz: Mapped[str] = mapped_column(sa.String(80), default="")
    post_quiz: Mapped[str] = mapped_column(sa.String(80), default="")
    cost_cents: Mapped[int | None]
    materials: Mapped[int | None]
    """How many leaflets and the like were handed out."""

    uid: Mapped[str] = mapped_column(sa.String(64), unique=True)
    """The left part of the UID in calendars, the same for ever (RFC 5545, 3.8.4.7)."""
    sequence: Mapped[int] = mapped_column(default=0)
    """Grows with every change of time, place or state that calendars must follow (RFC 5545, 3.8.7.4)."""
    words: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    """The texts that the public reads: `published_number`'s."""
    latest_number: Mapped[int]
    published_number: Mapped[int | None]
    published_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]
    cancel_reason: Mapped[str] = mapped_column(sa.String(300), default="")
    erased_at: Mapped[datetime | None]
    """When names and contacts of all who came were erased."""
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(120))


class CoOrganiser(Base):
    """Somebody who runs a lecture beside its owner, or only sees names at the door on the day."""

    __tablename__ = "events_co_organiser"

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events_event.id"), primary_key=True)
    person_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    at_the_door: Mapped[bool] = mapped_column(default=False)
    """On duty on the day: sees names, and needs of access in detail."""


class Revision(Base):
    """One saved text of a lecture; never changed afterwards.

    `content` holds `title`, `summary`, `learn`, `speaker`, `materials` by language, and `questions`, what an organiser
    asks those who register.
    """

    __tablename__ = "events_revision"
    __table_args__ = (sa.UniqueConstraint("event_id", "number"),)

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events_event.id"))
    number: Mapped[int]
    content: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(120))
    authors: Mapped[list[int]]
    """Who wrote any part of it since the last approval; 0: a command."""


class Review(Base):
    """A text that was submitted, and what a second person said."""

    __tablename__ = "events_review"
    __table_args__ = (
        # One at a time: whoever approves approves the text that they have read.
        sa.Index(
            "uq_events_review_open",
            "event_id",
            unique=True,
            sqlite_where=sa.text("outcome = 'open'"),
        ),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events_event.id"), index=True)
    number: Mapped[int]
    outcome: Mapped[ReviewOutcome] = enum_column(ReviewOutcome)
    note: Mapped[str] = mapped_column(sa.String(500), default="")
    submitted_at: Mapped[datetime]
    submitted_by: Mapped[str] = mapped_column(sa.String(120))
    submitted_by_id: Mapped[int]
    decided_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = mapped_column(sa.String(120))
    decided_by_id: Mapped[int | None]
    opinion: Mapped[str] = mapped_column(sa.Text, default="")
    findings: Mapped[list[dict[str, Any]]] = mapped_column(default=list)
    """What the check said and the second person let stand, each with the reason."""


class Pool(Base):
    """The seats of a lecture in one place. `taken` is the sum of the seats of registrations that hold any."""

    __tablename__ = "events_pool"
    __table_args__ = (
        sa.UniqueConstraint("event_id", "place"),
        sa.CheckConstraint("taken >= 0 AND taken <= capacity", name="not_oversold"),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events_event.id"))
    place: Mapped[Place] = enum_column(Place)
    capacity: Mapped[int]
    taken: Mapped[int] = mapped_column(default=0)
