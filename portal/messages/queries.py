"""Reading the outbox: what a worker sends, and what staff see of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core import crypto
from portal.messages.models import Mail
from portal.messages.rules import Channel, State, masked


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail or short message as it is sent."""

    key: str
    recipient: str
    subject: str
    body: str
    calendar: str | None
    locale: str
    created_at: datetime


def is_due(at: datetime, channel: Channel) -> sa.ColumnElement[bool]:
    """Return the condition of messages that somebody must claim: their time has come, or their claim has ended."""
    waiting = sa.and_(Mail.state == State.WAITING, Mail.due_at <= at)
    left = sa.and_(Mail.state == State.SENDING, Mail.claimed_until <= at)
    return sa.and_(sa.or_(waiting, left), Mail.channel == channel)


def any_due(session: Session, *, at: datetime, channel: Channel) -> bool:
    """Return whether there is anything to claim, without keeping any writer waiting for the answer."""
    return session.scalar(sa.select(Mail.id).where(is_due(at, channel)).limit(1)) is not None


def letter(session: Session, mail_id: int, *, attempts: int) -> Letter | None:
    """Return what is to be sent by whoever made the `attempts`-th claim; None: the claim no longer holds.

    Raises:
        Unreadable: it was sealed under another key.
    """
    columns = (Mail.key, Mail.recipient, Mail.subject, Mail.body, Mail.calendar, Mail.locale, Mail.created_at)
    held = (Mail.id == mail_id, Mail.state == State.SENDING, Mail.attempts == attempts)
    row = session.execute(sa.select(*columns).where(*held)).first()
    return Letter(**row._mapping) if row else None


def channel_of(session: Session, mail_id: int) -> Channel | None:
    """Return how a message was to leave; None: there is none of this number, or it was sent or given up a month ago."""
    return session.scalar(sa.select(Mail.channel).where(Mail.id == mail_id))


def counts(session: Session) -> dict[tuple[Channel, State], int]:
    """Return how many messages of each channel are in each state."""
    groups = sa.select(Mail.channel, Mail.state, sa.func.count()).group_by(Mail.channel, Mail.state)
    found = {(channel, state): count for channel, state, count in session.execute(groups).all()}
    return {(channel, state): found.get((channel, state), 0) for channel in Channel for state in State}


@dataclass(frozen=True, slots=True)
class Failed:
    """A message that could not be sent, as staff see it."""

    id: int
    channel: Channel
    template: str
    recipient: str
    """Masked; empty: it can no longer be read."""
    created_at: datetime
    failed_at: datetime
    last_error: str


def failed(session: Session, *, limit: int = 100) -> list[Failed]:
    """Return messages that could not be sent, the newest first."""
    sealed = sa.type_coerce(Mail.recipient, sa.Text).label("recipient")
    columns = (Mail.id, Mail.channel, Mail.template, sealed, Mail.created_at, Mail.failed_at, Mail.last_error)
    rows = sa.select(*columns).where(Mail.state == State.FAILED).order_by(Mail.failed_at.desc(), Mail.id.desc())
    found = session.execute(rows.limit(limit)).mappings()
    return [Failed(**{**row, "recipient": _recognised(row["recipient"])}) for row in found]


def _recognised(sealed: str) -> str:
    try:
        return masked(crypto.unseal(sealed))
    except crypto.Unreadable:
        return ""
