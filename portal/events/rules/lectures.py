"""What a lecture is: how it is held, where it stands, when it takes registrations."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum


class Mode(StrEnum):
    """How a lecture is held."""

    IN_PERSON = "in-person"
    ONLINE = "online"
    HYBRID = "hybrid"


class Place(StrEnum):
    """Where one seat is: each place has its own capacity."""

    IN_PERSON = "in-person"
    ONLINE = "online"


PLACES: dict[Mode, tuple[Place, ...]] = {
    Mode.IN_PERSON: (Place.IN_PERSON,),
    Mode.ONLINE: (Place.ONLINE,),
    Mode.HYBRID: (Place.IN_PERSON, Place.ONLINE),
}


class EventState(StrEnum):
    """Where a lecture stands. Only what has been approved by a second person is ever public."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    """It was public, and stays so with the word that it does not take place."""


class ReviewOutcome(StrEnum):
    """What became of a text that was submitted."""

    OPEN = "open"
    APPROVED = "approved"
    SENT_BACK = "sent-back"
    TAKEN_BACK = "taken-back"


class Phase(StrEnum):
    """What the public can do with a lecture now."""

    COMING = "coming"
    """Registration has not opened."""
    OPEN = "open"
    CLOSED = "closed"
    """Registration has closed, and the lecture has not begun."""
    RUNNING = "running"
    OVER = "over"
    CANCELLED = "cancelled"


class Availability(StrEnum):
    """How many seats are left, as far as a list says it; a list changes with this only, not with every seat."""

    FREE = "free"
    FEW = "few"
    FULL = "full"


FEW_SHARE = 0.1
FEW_SEATS = 5
LONGEST = timedelta(days=7)
MOST_SEATS_EACH = 10
"""No registration of a person takes more, whatever an organiser sets."""
MOST_IN_A_GROUP = 500
MOST_CAPACITY = 100_000
MOST_REGISTRATIONS_OF_A_CONTACT = 8
"""One telephone may register a family, or a neighbour or two, but not fill a hall."""


def phase(
    *, state: EventState, opens_at: datetime, closes_at: datetime, starts_at: datetime, ends_at: datetime, at: datetime
) -> Phase:
    """Return what the public can do at `at`. Every bound belongs to what begins with it."""
    if state is EventState.CANCELLED:
        return Phase.CANCELLED
    if at >= ends_at:
        return Phase.OVER
    if at >= starts_at:
        return Phase.RUNNING
    if at >= closes_at:
        return Phase.CLOSED
    return Phase.OPEN if at >= opens_at else Phase.COMING


def availability(*, taken: int, capacity: int, waiting: bool = False) -> Availability:
    """Return how a list speaks of the seats: few are the last tenth or the last five.

    Args:
        waiting: somebody waits: whatever is free now is theirs.
    """
    left = capacity - taken
    if left <= 0 or waiting:
        return Availability.FULL
    return Availability.FEW if left <= max(FEW_SEATS, capacity * FEW_SHARE) else Availability.FREE


def four_eyes(*, authors: list[int], submitted_by: int, approver: int) -> bool:
    """Return whether `approver` may approve: people are compared, not roles; 0 is a command, which is nobody."""
    return approver != submitted_by and approver not in authors
