"""Who comes. What says who they are is sealed, and erased after the lecture; rows with their numbers stay."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Key, Sealed, enum_column
from portal.core.settings import Audience, Locale
from portal.events.rules.keeping import AccessNeed, Purpose, Relation
from portal.events.rules.seats import ContactKind, Kind, Source, State

_LIVE = "state IN ('pending', 'confirmed', 'waiting', 'offered')"


class Registration(Base):
    """A person with company, or a group, for one lecture.

    The order of ids within a pool is the order in which people came: each is added under the lock of the pool's row.
    """

    __tablename__ = "events_registration"
    __table_args__ = (
        sa.CheckConstraint("seats > 0", name="takes_a_seat"),
        sa.CheckConstraint("(state IN ('pending', 'offered')) = (hold_until IS NOT NULL)", name="holds_end"),
        sa.CheckConstraint(
            "erased_at IS NULL OR (name IS NULL AND contact IS NULL AND person_digest IS NULL)", name="erased_is_empty"
        ),
        sa.Index(
            "uq_events_registration_live",
            "event_id",
            "person_digest",
            unique=True,
            sqlite_where=sa.text(_LIVE),
        ),
        sa.UniqueConstraint("event_id", "request"),
        sa.Index(None, "pool_id", "state", "id"),
        sa.Index(None, "event_id", "contact_digest"),
        sa.Index(None, "state", "hold_until"),
        sa.Index(
            "ix_events_registration_kept",
            "event_id",
            sqlite_where=sa.text("erased_at IS NULL"),
        ),
    )

    id: Mapped[Key]
    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events_event.id"))
    pool_id: Mapped[int] = mapped_column(sa.ForeignKey("events_pool.id"))
    kind: Mapped[Kind] = enum_column(Kind)
    state: Mapped[State] = enum_column(State)
    source: Mapped[Source] = enum_column(Source)
    code: Mapped[str] = mapped_column(sa.String(8), unique=True)
    """Read aloud, typed and scanned; it says nothing of the person."""
    token: Mapped[str | None] = mapped_column(Sealed)
    """What the address of the person's own page ends with: mails that come later tell it again."""
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    request: Mapped[str] = mapped_column(sa.String(43))
    """What the form carried: the same form sent ten times is one registration."""
    seats: Mapped[int]
    name: Mapped[str | None] = mapped_column(Sealed)
    """What to call the person; for a group the one who speaks for it."""
    contact_kind: Mapped[ContactKind] = enum_column(ContactKind)
    contact: Mapped[str | None] = mapped_column(Sealed)
    contact_digest: Mapped[str | None] = mapped_column(sa.String(64))
    person_digest: Mapped[str | None] = mapped_column(sa.String(64))
    """Of contact and name together: several people may share a telephone, and each registers once."""
    organisation: Mapped[str] = mapped_column(sa.String(120), default="")
    """Of a group: which centre, school or company."""
    members: Mapped[str | None] = mapped_column(Sealed)
    """Of a group that gave a list: the names, one a line; NULL: heads are counted."""
    answers: Mapped[str | None] = mapped_column(Sealed)
    """JSON: what the organiser asked, by the key of the question."""
    access_note: Mapped[str | None] = mapped_column(Sealed)
    under_14: Mapped[bool] = mapped_column(default=False)
    locale: Mapped[Locale] = enum_column(Locale)
    audience: Mapped[Audience] = enum_column(Audience)
    hold_until: Mapped[datetime | None]
    told_sequence: Mapped[int] = mapped_column(default=0)
    """The newest sequence of the lecture that the person was written about."""
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    """When it was cancelled, passed on or lapsed."""
    erased_at: Mapped[datetime | None]


class AccessRow(Base):
    """One need of somebody who comes; kept a day after the lecture."""

    __tablename__ = "events_access_need"

    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("events_registration.id"), primary_key=True)
    need: Mapped[AccessNeed] = enum_column(AccessNeed, primary_key=True)


class Guardian(Base):
    """Who speaks for a child under 14, and when they agreed to which text. Erased when they take it back."""

    __tablename__ = "events_guardian"

    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("events_registration.id"), primary_key=True)
    name: Mapped[str] = mapped_column(Sealed)
    contact: Mapped[str] = mapped_column(Sealed)
    contact_kind: Mapped[ContactKind] = enum_column(ContactKind)
    relation: Mapped[Relation | None] = enum_column(Relation, nullable=True)
    """NULL until they have said it."""
    text_version: Mapped[str] = mapped_column(sa.String(20))
    token: Mapped[str | None] = mapped_column(Sealed)
    token_digest: Mapped[str] = mapped_column(sa.String(64), unique=True)
    asked_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]


class Consent(Base):
    """What somebody agreed to, and when they took it back."""

    __tablename__ = "events_consent"
    __table_args__ = (sa.UniqueConstraint("registration_id", "purpose"),)

    id: Mapped[Key]
    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("events_registration.id"))
    purpose: Mapped[Purpose] = enum_column(Purpose)
    text_version: Mapped[str] = mapped_column(sa.String(20))
    given_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class Telling(Base):
    """A change of a lecture that not everybody who registered has been told of; a worker deletes it when they have.

    Who has been told is known by `Registration.told_sequence`. A newer change replaces an older one.
    """

    __tablename__ = "events_telling"

    event_id: Mapped[int] = mapped_column(sa.ForeignKey("events_event.id"), primary_key=True, autoincrement=False)
    what: Mapped[str] = mapped_column(sa.String(20))
    sequence: Mapped[int]
    at: Mapped[datetime]


class Notice(Base):
    """What a person was written about; each kind once, so that nothing is sent twice."""

    __tablename__ = "events_notice"

    registration_id: Mapped[int] = mapped_column(sa.ForeignKey("events_registration.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    at: Mapped[datetime]
