"""Recognising a sender for one day, and never after it.

What came from one place is recognised by digests under a salt of the day. The salt goes with the day; from then on
nobody can tell whether two things came from one place, not even with the site's key.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import date, datetime, tzinfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Salt, Seen, Sender
from portal.articles.rules import day_of


def forget_senders(session: Session, *, zone: tzinfo, at: datetime) -> None:
    """Throw away by what answers and reads of earlier days, and senders of earlier hours, could be recognised.

    The first answer or read of a day does it; the worker calls it too, for days without any.
    """
    _forget_days_before(session, day_of(at, zone))
    session.execute(sa.delete(Sender).where(Sender.hour < at.replace(minute=0, second=0, microsecond=0)))


def known_salt(session: Session, day: str) -> str | None:
    """Return the salt of a day; None: there is none yet, or none any more."""
    return session.scalar(sa.select(Salt.salt).where(Salt.day == day))


def day_salt(session: Session, day: str) -> str:
    """Return the salt of today; the first to ask for it throws away what earlier days left."""
    found = known_salt(session, day)
    if found is not None:
        return found
    _forget_days_before(session, day)
    session.execute(sa.delete(Sender))
    # Of two first answers of a day the second waits here, and takes the salt of the first.
    session.execute(
        sa.text("INSERT INTO articles_salt (day, salt) VALUES (:day, :salt) ON CONFLICT (day) DO NOTHING"),
        {"day": day, "salt": secrets.token_hex(32)},
    )
    return session.scalars(sa.select(Salt.salt).where(Salt.day == day)).one()


def held_count(session: Session, key: str, hour: datetime) -> int:
    """Return how often a sender came in this hour, and keep its row until the end of the write unit."""
    statement = sa.text(
        "INSERT INTO articles_sender (key, hour, count) VALUES (:key, :hour, 0) ON CONFLICT (key) DO UPDATE SET"
        " count = CASE WHEN articles_sender.hour = excluded.hour THEN articles_sender.count ELSE 0 END,"
        " hour = excluded.hour RETURNING count"
    ).bindparams(sa.bindparam("hour", type_=Sender.__table__.c.hour.type))
    return int(session.execute(statement, {"key": key, "hour": hour}).scalar_one())


def digest(salt: str, *parts: str) -> str:
    """Return what stands for `parts` as long as the salt is there."""
    return hmac.new(salt.encode(), "\n".join(parts).encode(), hashlib.sha256).hexdigest()


def _forget_days_before(session: Session, day: str) -> None:
    session.execute(sa.delete(Salt).where(Salt.day < day))
    session.execute(sa.delete(Seen).where(Seen.day < date.fromisoformat(day)))
