"""How far a quarter is closed, as files say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class State(StrEnum):
    """How far the figures are frozen."""

    OPEN = "open"
    CLOSED = "closed"
    """By one person; another one has to confirm it."""
    CONFIRMED = "confirmed"


class Amendment(NamedTuple):
    """A fact that became known after closing: it stands beside the figures and changes none."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Closing:
    """Who froze the figures, when, and what became known later."""

    state: State = State.OPEN
    closed_by: str = ""
    closed_at: datetime | None = None
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    digest: str = ""
    """SHA-256 of what was frozen."""
    amendments: tuple[Amendment, ...] = ()
