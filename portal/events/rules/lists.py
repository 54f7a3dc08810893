"""Lists of names that leave the system: what one may be wanted for."""

from __future__ import annotations

from enum import StrEnum


class Purpose(StrEnum):
    """What a list of names is wanted for; it is recorded, and decides what the list holds."""

    ENTRANCE = "entrance"
    """Letting people in."""
    SEATING = "seating"
    CALLING = "calling"
    """Reaching people about the lecture: the only one for which contacts go out."""
    PROOF = "proof"
    """Showing a school, centre or company who of theirs came."""
