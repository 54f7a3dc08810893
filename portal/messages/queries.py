"""Reading the outbox: what a worker sends, and what staff see of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core import crypto
from portal.messages.models import Mail
from portal.messages.rules import State, masked


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail as it is sent."""

    key: str
    recipient: str
    subject: str
    body: str
    locale: str
    created_at: datetime


def is_due(at: datetime) -> sa.ColumnElement[bool]:
    """Return the condition of mails that somebody must claim: their time has come, or their claim has ended."""
    waiting = sa.and_(Mail.state == State.WAITING, Mail.due_at <= at)
    left = sa.and_(Mail.state == State.SENDING, Mail.claimed_until <= at)
    return sa.or_(waiting, left)


def any_due(session: Session, *, at: datetime) -> bool:
    """Return whether there is anything to claim, without keeping any writer waiting for the answer."""
    return session.scalar(sa.select(Mail.id).where(is_due(at)).limit(1)) is not None


def letter(session: Session, mail_id: int, *, attempts: int) -> Letter | None:
    """Return what is to be sent by whoever made the `attempts`-th claim; None: the claim no longer holds.

    Raises:
        Unreadable: it was sealed under another key.
    """
    columns = (Mail.key, Mail.recipient, Mail.subject, Mail.body, Mail.locale, Mail.created_at)
    held = (Mail.id == mail_id, Mail.state == State.SENDING, Mail.attempts == attempts)
    row = session.execute(sa.select(*columns).where(*held)).first()
    return Letter(**row._mapping) if row else None


def exists(session: Session, mail_id: int) -> bool:
    """Return whether there is, or was less than a month ago, a mail of this number."""
    return session.scalar(sa.select(Mail.id).where(Mail.id == mail_id)) is not None


def counts(session: Session) -> dict[State, int]:
    """Return how many mails are in each state."""
    rows = session.execute(sa.select(Mail.state, sa.func.count()).group_by(Mail.state)).all()
    return {**dict.fromkeys(State, 0), **{row[0]: row[1] for row in rows}}


@dataclass(frozen=True, slots=True)
class Failed:
    """A mail that could not be sent, as staff see it."""

    id: int
    template: str
    recipient: str
    """Masked; empty: it can no longer be read."""
    created_at: datetime
    failed_at: datetime
    last_error: str


def failed(session: Session, *, limit: int = 100) -> list[Failed]:
    """Return mails that could not be sent, the newest first."""
    sealed = sa.type_coerce(Mail.recipient, sa.Text).label("recipient")
    columns = (Mail.id, Mail.template, sealed, Mail.created_at, Mail.failed_at, Mail.last_error)
    rows = sa.select(*columns).where(Mail.state == State.FAILED).order_by(Mail.failed_at.desc(), Mail.id.desc())
    found = session.execute(rows.limit(limit)).mappings()
    return [Failed(**{**row, "recipient": _recognised(row["recipient"])}) for row in found]


def _recognised(sealed: str) -> str:
    try:
        return masked(crypto.unseal(sealed))
    except crypto.Unreadable:
        return ""
