"""When people are reminded of a lecture: three days before at 10, and on the day before at 18 o'clock.

A worker that was down sends late, but never from 20 to 8 o'clock, and the first reminder not on the day before, when
the second comes.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from portal.events.rules.seats import SLEEPS, WAKES


class Reminder(StrEnum):
    """Which of the two."""

    EARLY = "early"
    LATE = "late"


EARLY_DAYS, EARLY_AT = 3, time(10)
LATE_DAYS, LATE_AT = 1, time(18)
AHEAD = timedelta(days=EARLY_DAYS + 1)
"""No lecture that begins later is due for any."""


def due(starts_at: datetime, *, at: datetime, zone: ZoneInfo) -> tuple[Reminder, datetime] | None:
    """Return the reminder that is sent at `at`, and since when it is due; None: none is.

    Args:
        zone: the site's.
    """
    if at >= starts_at or not WAKES <= at.astimezone(zone).time() < SLEEPS:
        return None
    day = starts_at.astimezone(zone).date()
    late = datetime.combine(day - timedelta(days=LATE_DAYS), LATE_AT, zone)
    if at >= late:
        return Reminder.LATE, late
    early = datetime.combine(day - timedelta(days=EARLY_DAYS), EARLY_AT, zone)
    end = datetime.combine(late.date(), time(0), zone)
    return (Reminder.EARLY, early) if early <= at < end else None
