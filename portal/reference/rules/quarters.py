"""Quarters of the calendar by name, such as 2026Q3: half-open, from midnight to midnight in a zone."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo

NAME = re.compile(r"2[01][0-9]{2}Q[1-4]")


def of_day(day: date) -> str:
    """Return the quarter of a day."""
    return f"{day.year:04}Q{(day.month + 2) // 3}"


def of_moment(at: datetime, zone: tzinfo) -> str:
    """Return the quarter of a moment, as the zone has it."""
    return of_day(at.astimezone(zone).date())


def shift(quarter: str, by: int) -> str:
    """Return the quarter that comes `by` quarters after this one; before it: a negative number.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    year, number = _parts(quarter)
    year, before = divmod(year * 4 + number - 1 + by, 4)
    return f"{year:04}Q{before + 1}"


def days(quarter: str) -> tuple[date, date]:
    """Return the first day of a quarter, and the first that is no longer part of it.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    year, number = _parts(quarter)
    return date(year, 3 * number - 2, 1), date(year + number // 4, 3 * number % 12 + 1, 1)


def moments(quarter: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """Return when a quarter begins and when the next one does, in UTC; the second is not part of it.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    first, end = days(quarter)
    return midnight(first, zone), midnight(end, zone)


def midnight(day: date, zone: tzinfo) -> datetime:
    """Return when a day begins in a zone, in UTC."""
    return datetime.combine(day, time(), tzinfo=zone).astimezone(UTC)


def split(since: date, until: date) -> Iterator[tuple[date, date]]:
    """Yield the parts of a half-open span of days that lie in one quarter each.

    Raises:
        ValueError: it begins before the year 2000.
    """
    while since < until:
        end = min(days(of_day(since))[1], until)
        yield since, end
        since = end


def last_day(quarter: str) -> date:
    """Return the last day that is part of a quarter.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    return days(quarter)[1] - timedelta(days=1)


def _parts(quarter: str) -> tuple[int, int]:
    if not NAME.fullmatch(quarter):
        raise ValueError(f"{quarter!r} is no quarter; one looks like 2026Q3")
    return int(quarter[:4]), int(quarter[5])
