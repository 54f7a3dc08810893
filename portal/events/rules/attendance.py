"""Attendance: how people come in, from where that is known, and what is counted as what."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from enum import StrEnum

from portal.events.rules.seats import State


class AdmissionKind(StrEnum):
    """How people came in; each is counted apart (`domain.md` §8)."""

    CODE = "code"
    """Somebody who had registered."""
    GROUP = "group"
    """Heads of a group that had registered."""
    WALK_IN = "walk-in"
    """Somebody who had not."""
    TALLY = "tally"
    """Heads of whom nothing is known."""
    ONLINE = "online"


class AdmissionSource(StrEnum):
    """From where it is known."""

    DOOR = "door"
    OFFLINE = "offline"
    """At the door, with no network: sent later."""
    PAPER = "paper"
    FILE = "file"
    """The meeting tool's list."""
    LINK = "link"


class Wave(StrEnum):
    """When a card's quiz was taken."""

    PRE = "pre"
    POST = "post"
    FOLLOW_UP = "follow-up"


# --- the door -----------------------------------------------------------------------------------------------------

DOOR_OPENS = timedelta(hours=6)
"""Before the lecture: from then on people are let in, and whoever is on duty sees names."""
DOOR_CLOSES = timedelta(hours=24)
"""After the lecture: later only what is on paper is taken in."""
MOST_AT_ONCE = 500
"""How many people one step lets in at most: a group of the largest size."""
NONCE = re.compile(r"[A-Za-z0-9_-]{16,43}")


class Window(StrEnum):
    """Whether the door of a lecture is open."""

    EARLY = "early"
    OPEN = "open"
    OVER = "over"


def window(*, starts_at: datetime, ends_at: datetime, at: datetime) -> Window:
    """Return whether people can be let in at `at`."""
    if at < starts_at - DOOR_OPENS:
        return Window.EARLY
    return Window.OPEN if at <= ends_at + DOOR_CLOSES else Window.OVER


def came_at(claimed: datetime, *, received_at: datetime, starts_at: datetime) -> datetime:
    """Return when somebody came in, as a device says: never later than it was received, nor before the door opened.

    The clock of a telephone without a network may be wrong by any amount.
    """
    return min(max(claimed, starts_at - DOOR_OPENS), received_at)


class Standing(StrEnum):
    """What a registration is at the door."""

    WELCOME = "welcome"
    HELD = "held"
    """A seat is held for it: coming is accepting."""
    CHILD = "child"
    """It waits for a guardian's word, who may be standing there."""
    WAITING = "waiting"
    ENDED = "ended"
    """Cancelled, passed on or lapsed."""


def standing(state: State, *, hold_until: datetime | None, at: datetime) -> Standing:
    """Return what a registration is at the door; a hold that has run out is none."""
    if state is State.CONFIRMED:
        return Standing.WELCOME
    if state in (State.OFFERED, State.PENDING):
        if hold_until is None or at >= hold_until:
            return Standing.WAITING
        return Standing.HELD if state is State.OFFERED else Standing.CHILD
    return Standing.WAITING if state is State.WAITING else Standing.ENDED


def share(*, seats: int, inside: int, people: int) -> tuple[int, int]:
    """Return how many of `people` are counted for a registration, and how many are more than it has seats."""
    counted = max(0, min(people, seats - inside))
    return counted, people - counted


def room(*, capacity: int, inside: int, to_come: int, begun: bool) -> int:
    """Return how many people without a seat can be let in: before the beginning, seats wait for those who have them."""
    return max(0, capacity - inside - (0 if begun else to_come))
