"""When invented things happened: within a quarter, and never after now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from random import Random
from zoneinfo import ZoneInfo

from portal.reference.rules import quarters

HOURS = (time(9, 30), time(14, 0), time(19, 0))
LENGTH = timedelta(minutes=90)


@dataclass(frozen=True, slots=True)
class Span:
    """A quarter as far as it has passed."""

    quarter: str
    first: date
    end: date
    """The first day that is not part of it."""
    now: datetime
    zone: ZoneInfo

    @classmethod
    def of(cls, quarter: str, *, now: datetime, zone: ZoneInfo) -> Span:
        """Return the span of a quarter."""
        return cls(quarter, *quarters.days(quarter), now, zone)

    @property
    def days(self) -> list[date]:
        """The days that are over."""
        last = min(self.end, self.now.astimezone(self.zone).date())
        return [self.first + timedelta(days=number) for number in range((last - self.first).days)]

    def begins(self, count: int, chance: Random) -> list[datetime]:
        """Return when `count` lectures began, spread over the quarter; fewer where it has hardly begun."""
        last = min(self.end, self.now.astimezone(self.zone).date() + timedelta(days=1))
        days = (self.first + timedelta(days=number) for number in range((last - self.first).days))
        slots = [datetime.combine(day, hour, self.zone) for day in days for hour in HOURS]
        slots = [slot for slot in slots if slot + LENGTH <= self.now]
        count = min(count, len(slots))
        return [slots[int((number + 0.1 + 0.8 * chance.random()) / count * len(slots))] for number in range(count)]

    def after_end(self, days: int) -> datetime:
        """Return ten o'clock so many days after the quarter, or now."""
        return min(datetime.combine(self.end + timedelta(days=days - 1), time(10), self.zone), self.now)

    def some_time(self, chance: Random) -> datetime:
        """Return a waking hour of a day that is over; where none is, the moment before now."""
        days = self.days
        if not days:
            return self.now - timedelta(minutes=20)
        return datetime.combine(chance.choice(days), time(8 + chance.randrange(13), chance.randrange(60)), self.zone)


def shares(total: int, parts: int) -> list[int]:
    """Return `total` divided into `parts` that differ by one at most, the larger ones first."""
    return [total // parts + (number < total % parts) for number in range(parts)] if parts else []


def mark(chance: Random, length: int = 59) -> str:
    """Return random small letters and digits of hexadecimal."""
    return f"{chance.getrandbits(4 * length):0{length}x}"
