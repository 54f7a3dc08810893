"""From the outbox to the mail server, and to the gateway of short messages.

Each message is claimed in one write unit, sent outside any, and marked in another. A worker that dies in between
leaves a claim that ends; then the message is claimed again. So none is lost, and each is sent once, but for this: when
a worker dies after the server took it and before that was noted, or the connection breaks in that moment, the server
gets the same message twice, with the same Message-ID or `id`, by which servers and programs recognise it.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core import clock
from portal.core.crypto import Unreadable
from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.messages.models import Mail
from portal.messages.queries import any_due, is_due, letter
from portal.messages.rules import LEASE, MOST_ATTEMPTS, Channel, State, next_try
from portal.messages.services import texting
from portal.messages.services.transports import Post, Refused, Unreachable, Way

BATCH = 10


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to send one message; `attempts` tells it from earlier claims of the same one."""

    id: int
    attempts: int


def claim(session: Session, *, at: datetime, limit: int = BATCH, channel: Channel = Channel.MAIL) -> list[Claim]:
    """Claim messages that are due, and those whose claim has ended, for `LEASE`; the oldest first.

    Workers do not wait for each other: what one is claiming, the others pass over (on SQLite a write unit is alone).
    """
    rows = sa.select(Mail.id, Mail.attempts).where(is_due(at, channel)).order_by(Mail.due_at, Mail.id).limit(limit)
    claims = []
    for number, attempts in session.execute(rows.with_for_update(skip_locked=True)).all():
        if attempts >= MOST_ATTEMPTS:
            # Only a claim that ended comes here: a message that takes every worker down with it ends as well.
            _set(session, Mail.id == number, state=State.FAILED, failed_at=at, last_error="Abandoned")
            continue
        _set(session, Mail.id == number, state=State.SENDING, attempts=attempts + 1, claimed_until=at + LEASE)
        claims.append(Claim(number, attempts + 1))
    return claims


def mark_sent(session: Session, claimed: Claim, *, at: datetime) -> None:
    """Note that a message was sent, and erase what it said. It counts even when the claim has ended meanwhile."""
    done = {"state": State.SENT, "sent_at": at, "claimed_until": None, "failed_at": None, "last_error": ""}
    _set(session, Mail.id == claimed.id, recipient=None, subject=None, body=None, calendar=None, **done)


def mark_failed(session: Session, claimed: Claim, *, why: str, permanent: bool, at: datetime) -> None:
    """Note that a message was not sent: it is tried again later, or has failed for good.

    Nothing happens when the claim has ended and the message is somebody else's now.
    """
    pause = None if permanent else next_try(claimed.attempts)
    values: dict[str, Any] = {"claimed_until": None, "last_error": why[:80]}
    if pause is None:
        values |= {"state": State.FAILED, "failed_at": at}
    else:
        values |= {"state": State.WAITING, "due_at": at + pause}
    held = sa.and_(Mail.id == claimed.id, Mail.state == State.SENDING, Mail.attempts == claimed.attempts)
    _set(session, held, **values)


def _set(session: Session, condition: sa.ColumnElement[bool], **values: Any) -> None:
    session.execute(sa.update(Mail).where(condition).values(values))


def send_batch(*, settings: Settings, channel: Channel = Channel.MAIL) -> int:
    """Claim some messages, send them and note what became of each; return how many were claimed.

    When the server cannot be reached, the rest of the batch is put back as well: each would wait as long in vain.
    """
    begun = clock.now()
    if not any_due(db.session(), at=begun, channel=channel):
        return 0
    with transaction() as session:
        claims = claim(session, at=begun, channel=channel)
    with closing(_way(settings, channel)) as way:
        for place, claimed in enumerate(claims):
            if clock.now() - begun > LEASE / 2:
                break  # So slow a server: the rest comes again when the claims end.
            try:
                _send(claimed, way)
            except Refused as problem:
                _note_failure([claimed], str(problem), permanent=problem.permanent)
            except Unreachable as problem:
                _note_failure(claims[place:], str(problem), permanent=False)
                break
            except (Unreadable, ValueError) as problem:
                # Sealed under another key, or something that no message can hold.
                _note_failure([claimed], type(problem).__name__, permanent=True)
    return len(claims)


def _way(settings: Settings, channel: Channel) -> Way:
    return Post(settings) if channel is Channel.MAIL else texting.way(settings)


def _send(claimed: Claim, way: Way) -> None:
    found = letter(db.session(), claimed.id, attempts=claimed.attempts)
    db.session.remove()  # No transaction is open while a server takes its time.
    if found is None:
        return
    way.hand_over(found)
    with transaction() as session:
        mark_sent(session, claimed, at=clock.now())


def _note_failure(claims: list[Claim], why: str, *, permanent: bool) -> None:
    with transaction() as session:
        for claimed in claims:
            mark_failed(session, claimed, why=why, permanent=permanent, at=clock.now())
