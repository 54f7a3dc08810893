"""Quarters by name, such as 2026Q3."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

NAME = re.compile(r"(20[0-9]{2})Q([1-4])")


def of_day(day: date) -> str:
    """Return the quarter of a day."""
    return f"{day.year}Q{(day.month + 2) // 3}"


def at_time(at: datetime, zone: ZoneInfo) -> str:
    """Return the quarter of a moment, as the zone has it."""
    return of_day(at.astimezone(zone).date())


def back(quarter: str, steps: int) -> str:
    """Return the quarter so many before.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    found = NAME.fullmatch(quarter)
    if not found:
        raise ValueError(f"{quarter!r} is no quarter; one looks like 2026Q3")
    count = int(found[1]) * 4 + int(found[2]) - 1 - steps
    return f"{count // 4}Q{count % 4 + 1}"


def first_day(quarter: str) -> date:
    """Return the first day of a quarter.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    year, number = divmod(int(back(quarter, 0)[:4]) * 4 + int(quarter[5]) - 1, 4)
    return date(year, 3 * number + 1, 1)


def end(quarter: str) -> date:
    """Return the first day that is no longer part of a quarter.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    return first_day(back(quarter, -1))
