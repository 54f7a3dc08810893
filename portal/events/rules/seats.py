"""Registrations: their states, who may have a free seat, and until when one is held.

The rule of the waiting list, as readers are told it: whoever came first is asked first. A group that needs more seats
than are free keeps its place, and what it cannot use is offered to the next who fit; as soon as enough is free
together, it is asked first. Nobody who comes later gets a seat that somebody who waits could use.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo


class State(StrEnum):
    """Where a registration stands."""

    PENDING = "pending"
    """A child's: the seat is held until a guardian confirms."""
    CONFIRMED = "confirmed"
    WAITING = "waiting"
    OFFERED = "offered"
    """A seat is held until `hold_until`, to be accepted or passed on."""
    CANCELLED = "cancelled"
    PASSED = "passed"
    """The person did not want the seat that was offered."""
    LAPSED = "lapsed"
    """Nobody answered in time: an offer, or a guardian's confirmation."""


HOLDING = frozenset({State.PENDING, State.CONFIRMED, State.OFFERED})
"""States whose seats are taken."""
LIVE = HOLDING | {State.WAITING}
"""States in which a person has one registration at most."""

MOVES: dict[State, frozenset[State]] = {
    State.PENDING: frozenset({State.CONFIRMED, State.CANCELLED, State.LAPSED}),
    State.CONFIRMED: frozenset({State.CANCELLED}),
    State.WAITING: frozenset({State.OFFERED, State.CANCELLED, State.LAPSED}),
    State.OFFERED: frozenset({State.CONFIRMED, State.PENDING, State.CANCELLED, State.PASSED, State.LAPSED}),
    State.CANCELLED: frozenset(),
    State.PASSED: frozenset(),
    State.LAPSED: frozenset(),
}


class Kind(StrEnum):
    """Who registers."""

    PERSON = "person"
    GROUP = "group"


class ContactKind(StrEnum):
    """How a person wants to hear from us."""

    PHONE = "phone"
    MAIL = "mail"
    NONE = "none"
    """Not at all: the code on the page is read out or printed."""


class Source(StrEnum):
    """Where a registration came in."""

    WEB = "web"
    STAFF = "staff"
    DOOR = "door"
    PAPER = "paper"


GUARDIAN_HOLD = timedelta(hours=48)
"""How long a child's seat is held for the guardian's word."""
OFFER_WAKING = timedelta(hours=6)
"""How long an offered seat is held, counted in the hours in which people are awake."""
WAKES, SLEEPS = time(8), time(20)
"""An offer never runs out from `SLEEPS` to `WAKES`, and no time is counted then."""
SHORTEST_OFFER = timedelta(minutes=30)
"""Where less is left before the lecture, nobody is asked any more: seats go to whoever is there."""


def hold_until(at: datetime, *, zone: ZoneInfo, last: datetime) -> datetime | None:
    """Return until when a seat that is offered at `at` is held; None: there is no time left to ask.

    Only the hours from 8 to 20 of the site's zone count, so no hold runs out at night: `peers/events.md` §2.11.

    Args:
        at: aware.
        last: the beginning of the lecture; nothing is held longer.
    """
    left = OFFER_WAKING
    here = at.astimezone(zone)
    while True:
        opens, closes = (datetime.combine(here.date(), edge, zone) for edge in (WAKES, SLEEPS))
        begin = max(_utc(here), _utc(opens))
        span = _utc(closes) - begin
        if span > left:
            end = begin + left
            break
        if span > timedelta(0):
            left -= span
        here = datetime.combine(here.date() + timedelta(days=1), time(0), zone)
    if end > last:
        end = _before_night(last, zone)
    return end if end - at >= SHORTEST_OFFER else None


def _utc(moment: datetime) -> datetime:
    return moment.astimezone(ZoneInfo("UTC"))


def _before_night(moment: datetime, zone: ZoneInfo) -> datetime:
    """Return `moment`, or the last minute before the night that it lies in."""
    here = moment.astimezone(zone)
    if WAKES <= here.time() < SLEEPS:
        return _utc(moment)
    day = here.date() if here.time() >= SLEEPS else here.date() - timedelta(days=1)
    return _utc(datetime.combine(day, SLEEPS, zone) - timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class Waiting:
    """One entry of a waiting list."""

    id: int
    seats: int


def next_offers(waiting: Iterable[Waiting], free: int) -> list[int]:
    """Return who is asked when `free` seats are free, in order.

    Args:
        waiting: in the order in which they came.
    """
    asked = []
    for entry in waiting:
        if free <= 0:
            break
        if entry.seats <= free:
            asked.append(entry.id)
            free -= entry.seats
    return asked


def may_take(waiting: Iterable[Waiting], *, seats: int, free: int) -> bool:
    """Return whether somebody who comes now gets `seats` at once: they are free, and nobody who waits could use any."""
    return seats <= free and not next_offers(waiting, free)
