"""Days and times of lectures in words, as people of the site's zone say them.

A time that the clocks of the zone show twice, or a lecture across such a change, is told with its distance from UTC.
"""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from portal.core.settings import Locale

WEEKDAYS = {
    Locale.HANS: ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    Locale.HANT: ("週一", "週二", "週三", "週四", "週五", "週六", "週日"),
    Locale.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
          "December")  # fmt: skip
DAY = timedelta(days=1)


def midnight(day: date, zone: ZoneInfo) -> datetime:
    """Return the moment at which a day begins in `zone`."""
    return datetime.combine(day, time(0), zone)


def weekday(day: date, locale: Locale) -> str:
    """Return the name of the day of the week."""
    return WEEKDAYS[locale][day.weekday()]


def day_words(day: date, *, locale: Locale, year: int | None = None) -> str:
    """Return a day in words, with its year where that is not `year`."""
    if locale is Locale.EN:
        return f"{day.day} {MONTHS[day.month - 1]}" + (f" {day.year}" if day.year != year else "")
    return (f"{day.year}年" if day.year != year else "") + f"{day.month}月{day.day}日"


def month_words(first: date, locale: Locale) -> str:
    """Return a month in words."""
    return f"{MONTHS[first.month - 1]} {first.year}" if locale is Locale.EN else f"{first.year}年{first.month}月"


def comma(locale: Locale) -> str:
    """Return what stands between two parts of a line."""
    return ", " if locale is Locale.EN else "，"


def is_ambiguous(moment: datetime, zone: ZoneInfo) -> bool:
    """Return whether the clocks of `zone` show the time of `moment` twice on that day."""
    here = moment.astimezone(zone)
    return here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()


def hour(moment: datetime, zone: ZoneInfo, *, with_offset: bool = False) -> str:
    """Return the time of day, such as 9:30, or 2:30 (UTC+1)."""
    here = moment.astimezone(zone)
    words = f"{here.hour}:{here.minute:02}"
    if not with_offset:
        return words
    offset = here.utcoffset() or timedelta(0)
    minutes = round(abs(offset).total_seconds() / 60)
    sign = "-" if offset < timedelta(0) else "+"
    return f"{words} (UTC{sign}{minutes // 60}{f':{minutes % 60:02}' if minutes % 60 else ''})"


def moment_words(moment: datetime, *, zone: ZoneInfo, locale: Locale, year: int | None = None) -> str:
    """Return day, weekday and time of one moment."""
    told = is_ambiguous(moment, zone)
    return comma(locale).join(
        (full_day(moment, zone=zone, locale=locale, year=year), hour(moment, zone, with_offset=told))
    )


def full_day(moment: datetime, *, zone: ZoneInfo, locale: Locale, year: int | None = None) -> str:
    """Return the day of a moment with its weekday."""
    day = moment.astimezone(zone).date()
    words, name = day_words(day, locale=locale, year=year), weekday(day, locale)
    return comma(locale).join((name, words) if locale is Locale.EN else (words, name))


def hours(starts: datetime, ends: datetime, *, zone: ZoneInfo, locale: Locale, year: int | None = None) -> str:
    """Return from when until when, without the first day; the last day is named where it is another."""
    changes = starts.astimezone(zone).utcoffset() != ends.astimezone(zone).utcoffset()
    told = changes or is_ambiguous(starts, zone) or is_ambiguous(ends, zone)
    begin, end = hour(starts, zone, with_offset=told), hour(ends, zone, with_offset=told)
    if starts.astimezone(zone).date() != ends.astimezone(zone).date():
        end = f"{full_day(ends, zone=zone, locale=locale, year=year)}{comma(locale)}{end}"
    return f"{begin}–{end}" if locale is Locale.EN else f"{begin}—{end}"


def span(starts: datetime, ends: datetime, *, zone: ZoneInfo, locale: Locale, year: int | None = None) -> str:
    """Return day and times of a lecture."""
    first = full_day(starts, zone=zone, locale=locale, year=year)
    return f"{first}{comma(locale)}{hours(starts, ends, zone=zone, locale=locale, year=year)}"


def weeks(first: date) -> list[list[date | None]]:
    """Return the weeks of a month, Monday first; None: a day of another month."""
    day = first.replace(day=1)
    row: list[date | None] = [None] * day.weekday()
    found = []
    while day.month == first.month:
        row.append(day)
        if len(row) == 7:
            found.append(row)
            row = []
        day += DAY
    if row:
        found.append(row + [None] * (7 - len(row)))
    return found


def days_of(starts: datetime, ends: datetime, zone: ZoneInfo) -> list[date]:
    """Return the days on which a lecture is held; one that ends at midnight has no share in the day that begins."""
    day = starts.astimezone(zone).date()
    last = (ends - timedelta(microseconds=1)).astimezone(zone).date()
    return [day + DAY * count for count in range((last - day).days + 1)]
