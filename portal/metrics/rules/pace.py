"""How far a quarter is, and what it would come to if it went on as it began."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal.events.rules.quarters import bounds


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
    first, last = days(quarter, zone)
    whole = (last - first).days + 1
    return Pace(min(max((at.astimezone(zone).date() - first).days, 0), whole), whole)


def days(quarter: str, zone: ZoneInfo) -> tuple[date, date]:
    """Return the first and the last day of a quarter."""
    begins, ends = (moment.astimezone(zone).date() for moment in bounds(quarter, zone))
    return begins, ends - timedelta(days=1)


def shift(quarter: str, by: int) -> str:
    """Return the quarter that comes `by` quarters after this one (before it: a negative number)."""
    number = int(quarter[:4]) * 4 + int(quarter[5]) - 1 + by
    return f"{number // 4}Q{number % 4 + 1}"


def quarter_of(at: datetime, zone: ZoneInfo) -> str:
    """Return the quarter of a moment."""
    there = at.astimezone(zone)
    return f"{there.year}Q{(there.month + 2) // 3}"
