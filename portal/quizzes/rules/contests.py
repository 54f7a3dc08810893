"""Contests: when they are open, what a contact looks like, who stands where, and how long anything is kept."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.messages.rules import NoPhone, evened, phone
from portal.quizzes.rules.bank import Contact

KEPT = timedelta(days=60)
"""How long after the draw contacts are kept; without a draw, after the end."""
CONSENT = "2026-11"
"""The version of the text that people agree to; another text is another version."""
MOST_WINNERS = 1_000
LONGEST_CONTACT = 60
LONGEST_BEACON = 200
SHOWN_RANKS = 100


class Phase(StrEnum):
    """Where a contest stands."""

    COMING = "coming"
    OPEN = "open"
    CLOSED = "closed"
    DRAWN = "drawn"


def phase(*, opens_at: datetime, closes_at: datetime, drawn_at: datetime | None, at: datetime) -> Phase:
    """Return where a contest stands; it closes at the very moment that was announced."""
    if drawn_at is not None:
        return Phase.DRAWN
    if at >= closes_at:
        return Phase.CLOSED
    return Phase.OPEN if at >= opens_at else Phase.COMING


def erased_from(*, closes_at: datetime, drawn_at: datetime | None) -> datetime:
    """Return when the contacts are erased."""
    return (drawn_at or closes_at) + KEPT


# --- contacts -----------------------------------------------------------------------------------------------------


class NoContact(ValueError):
    """What was typed cannot be a contact of the kind."""


_STAFF = re.compile(r"[A-Z0-9]{4,20}")


def normal(kind: Contact, typed: str) -> str:
    """Return a contact in its one form, however it was typed; empty where none is asked for.

    Raises:
        NoContact: it is no mainland mobile number, or no staff number.
    """
    if kind is Contact.NONE:
        return ""
    if len(typed) > LONGEST_CONTACT:
        raise NoContact
    if kind is Contact.PHONE:
        try:
            return phone(typed)
        except NoPhone:
            raise NoContact from None
    even = evened(typed).upper()
    if not _STAFF.fullmatch(even):
        raise NoContact
    return even


# --- standing -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Place:
    """A ticket in the list of the best."""

    rank: int
    ticket: str
    percent: float
    seconds: int


def ranking(found: Iterable[tuple[str, float, float]]) -> list[Place]:
    """Rank tickets by percent, then by time in whole seconds; who has both the same shares a rank, and the next is left
    out.

    Args:
        found: ticket, percent and seconds.
    """
    rows = sorted((-round(percent, 4), int(seconds), ticket) for ticket, percent, seconds in found)
    places: list[Place] = []
    for number, (minus, seconds, ticket) in enumerate(rows, 1):
        last = places[-1] if places else None
        shares = last is not None and (last.percent, last.seconds) == (-minus, seconds)
        places.append(Place(last.rank if last is not None and shares else number, ticket, -minus, seconds))
    return places
