"""How far a quarter is closed, as files say it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from portal.metrics.rules.closing import State

__all__ = ["Amendment", "Closing", "State"]


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
