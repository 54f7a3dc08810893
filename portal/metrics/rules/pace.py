"""How far a quarter is, and what it would come to if it went on as it began."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.reference.rules import quarters


@dataclass(frozen=True, slots=True)
class Pace:
    """The days of a quarter."""

    passed: int
    """Days that are over."""
    days: int

    @property
    def left(self) -> int:
        """Days to come, with today."""
        return self.days - self.passed

    def reached(self, value: float) -> int | None:
        """Return what a count comes to by the end at this pace; None: no day is over, so nothing can be said."""
        return math.floor(value / self.passed * self.days) if self.passed else None


def pace(quarter: str, zone: ZoneInfo, at: datetime) -> Pace:
    """Return how much of a quarter is over at `at`, in days of the site's zone."""
    first, end = quarters.days(quarter)
    whole = (end - first).days
    return Pace(min(max((at.astimezone(zone).date() - first).days, 0), whole), whole)
