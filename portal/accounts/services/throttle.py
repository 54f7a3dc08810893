"""Counting attempts, and forgetting them when they no longer count."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session as Database

from portal.accounts import queries
from portal.accounts.models import Attempt, Link, Place, Session, Spent
from portal.accounts.rules import ABSOLUTE, Kind
from portal.accounts.rules.limits import LONGEST_WINDOW
from portal.core.errors import PortalError

_LINKS_KEPT = timedelta(days=7)
"""So long a used or expired link stays known; nothing tells it from an unknown one but its row."""
_LOCK = 0x6D62_6163  # any number that only this room uses


class Throttled(PortalError):
    """There were too many attempts; nothing was looked at."""

    def __init__(self, wait: timedelta) -> None:
        super().__init__("Too many attempts.")
        self.seconds = max(1, int(wait.total_seconds()) + 1)


def reserve(database: Database, kind: Kind, *, email: str, address: str, at: datetime) -> int:
    """Count one attempt before it is made, and return its number for `forgive`.

    The same whether the account exists. Refused attempts are not stored, so the table is no larger than the limits.

    Raises:
        Throttled: too many were made.
    """
    if database.get_bind().dialect.name == "postgresql":
        # On SQLite the write unit stands alone; here two could count before either has stored.
        database.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
    database.execute(sa.delete(Attempt).where(Attempt.at <= at - LONGEST_WINDOW))
    accounts, places = queries.email_digests(email), queries.address_digests(address)
    must = queries.must_wait(database, kind, accounts=accounts, addresses=places, at=at)
    if must is not None:
        raise Throttled(must)
    attempt = Attempt(kind=kind, account=accounts[0], address=places[0], at=at)
    database.add(attempt)
    database.flush()
    return attempt.id


def forgive(database: Database, attempt_id: int) -> None:
    """Forget an attempt that was right: only wrong ones count."""
    database.execute(sa.delete(Attempt).where(Attempt.id == attempt_id))


def purge(database: Database, *, at: datetime) -> None:
    """Delete what has run out: attempts, sessions, links, answered challenges, places of long ago."""
    database.execute(sa.delete(Attempt).where(Attempt.at <= at - LONGEST_WINDOW))
    database.execute(sa.delete(Session).where(Session.created_at <= at - ABSOLUTE))
    database.execute(sa.delete(Link).where(Link.expires_at <= at - _LINKS_KEPT))
    database.execute(sa.delete(Spent).where(Spent.expires_at <= at))
    database.execute(sa.delete(Place).where(Place.last_at <= at - queries.PLACE_LIFE))
