"""Quarters, as the site's zone has them."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

_NAME = re.compile(r"(20[0-9]{2}|21[0-9]{2})Q([1-4])")


def bounds(quarter: str, zone: ZoneInfo) -> tuple[datetime, datetime]:
    """Return when a quarter such as `2026Q3` begins and when the next one does, in UTC: the second is not part of it.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    found = _NAME.fullmatch(quarter)
    if not found:
        raise ValueError(f"{quarter!r} is no quarter; one looks like 2026Q3")
    year, number = int(found[1]), int(found[2])
    begins = datetime(year, 3 * number - 2, 1, tzinfo=zone)
    ends = datetime(year + number // 4, 3 * number % 12 + 1, 1, tzinfo=zone)
    return begins.astimezone(UTC), ends.astimezone(UTC)
