"""Counting what one network does within an hour (`rules.limits`)."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.accounts.rules.limits import network
from portal.core import crypto
from portal.core.errors import PortalError
from portal.events.models import Sender
from portal.events.rules import limits as rules


class TooOften(PortalError):
    """More came from one network in this hour than people send.

    Args:
        wait: until the hour is over.
    """

    def __init__(self, wait: timedelta) -> None:
        super().__init__("Too many in an hour.")
        self.seconds = max(1, int(wait.total_seconds()) + 1)


def count_registration(session: Session, *, pool_id: int, address: str, at: datetime) -> None:
    """Count a new registration; the row of the pool is locked already, so units take these rows in one order.

    Raises:
        TooOften: the registration is to be undone.
    """
    _count(session, f"register\n{pool_id}\n{network(address)}", most=rules.REGISTRATIONS_FROM_ONE_NETWORK, at=at)


def may_guess(session: Session, *, code: str, address: str, at: datetime) -> None:
    """Refuse to look whether a code and a name belong together, where too many did not.

    Raises:
        TooOften: nothing is to be looked at.
    """
    for key, most in _guesses(code, address):
        if _counted(session, key, at) >= most:
            raise TooOften(rules.hour_of(at) + timedelta(hours=1) - at)


def count_wrong(session: Session, *, code: str, address: str, at: datetime) -> None:
    """Count a code and a name that did not belong together."""
    for key, _most in _guesses(code, address):
        _add(session, key, at)


def forget(session: Session, *, at: datetime) -> None:
    """Throw away what was counted in earlier hours; counting does it too, the worker where nobody comes."""
    session.execute(sa.delete(Sender).where(Sender.hour < rules.hour_of(at)))


def _guesses(code: str, address: str) -> list[tuple[str, int]]:
    # In one order always, so that no unit waits for another that waits for it.
    found = [
        ("guess\nall", rules.WRONG_CODES_OF_ALL),
        (f"guess\nfrom\n{network(address)}", rules.WRONG_CODES_FROM_ONE_NETWORK),
    ]
    return found + ([(f"guess\ncode\n{code}", rules.WRONG_NAMES_FOR_ONE_CODE)] if code else [])


def _count(session: Session, what: str, *, most: int, at: datetime) -> None:
    if _add(session, what, at) > most:
        raise TooOften(rules.hour_of(at) + timedelta(hours=1) - at)


def _key(what: str, at: datetime) -> str:
    return crypto.keyed_digest(f"{rules.hour_of(at).isoformat()}\n{what}", purpose="event sender")


def _counted(session: Session, what: str, at: datetime) -> int:
    return session.scalar(sa.select(Sender.count).where(Sender.key == _key(what, at))) or 0


def _add(session: Session, what: str, at: datetime) -> int:
    """Count one more and return how many that makes; the row is kept until the end of the write unit."""
    statement = sa.text(
        "INSERT INTO events_sender (key, hour, count) VALUES (:key, :hour, 1)"
        " ON CONFLICT (key) DO UPDATE SET count = events_sender.count + 1 RETURNING count"
    ).bindparams(sa.bindparam("hour", type_=Sender.__table__.c.hour.type))
    made = int(session.execute(statement, {"key": _key(what, at), "hour": rules.hour_of(at)}).scalar_one())
    if made == 1:
        forget(session, at=at)
    return made
