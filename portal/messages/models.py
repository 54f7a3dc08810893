"""The table of the outbox."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from portal.core.database import Base, Key, Sealed, enum_column
from portal.messages.rules import Channel, State


class Mail(Base):
    """One mail or short message to one person. What it says is gone as soon as it has been sent."""

    __tablename__ = "messages_mail"
    __table_args__ = (
        sa.UniqueConstraint("key"),
        sa.Index(None, "state", "due_at"),
        sa.CheckConstraint(
            "state != 'sent' OR (recipient IS NULL AND subject IS NULL AND body IS NULL AND calendar IS NULL"
            " AND sent_at IS NOT NULL)",
            name="sent_is_erased",
        ),
        sa.CheckConstraint("state != 'sending' OR claimed_until IS NOT NULL", name="sending_is_claimed"),
    )

    id: Mapped[Key]
    key: Mapped[str] = mapped_column(sa.String(32))
    """The left part of its Message-ID, or the id that the gateway is told, the same in every attempt."""
    channel: Mapped[Channel] = enum_column(Channel)
    template: Mapped[str] = mapped_column(sa.String(60))
    locale: Mapped[str] = mapped_column(sa.String(16))
    recipient: Mapped[str | None] = mapped_column(Sealed)
    subject: Mapped[str | None] = mapped_column(Sealed)
    """Of a short message: empty."""
    body: Mapped[str | None] = mapped_column(Sealed)
    calendar: Mapped[str | None] = mapped_column(Sealed)
    """Of a mail: a calendar (RFC 5545) that goes with it."""
    digest: Mapped[str] = mapped_column(sa.String(64))
    """A keyed digest of recipient, subject and body: shows later whether a given mail was this one."""
    state: Mapped[State] = enum_column(State)
    attempts: Mapped[int] = mapped_column(default=0)
    """How often it was claimed; together with the id it names one claim."""
    created_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_until: Mapped[datetime | None]
    sent_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(sa.String(80), default="")
    """What kind of failure it was; never what a server said, which may name people."""
