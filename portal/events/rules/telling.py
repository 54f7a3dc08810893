"""Words of messages about lectures that are made of values: days and times, and what stands in calendars."""

from __future__ import annotations

import unicodedata
from datetime import datetime
from zoneinfo import ZoneInfo

from portal.core.settings import Locale

WEEKDAYS = {
    Locale.HANS: ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    Locale.HANT: ("週一", "週二", "週三", "週四", "週五", "週六", "週日"),
    Locale.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
MONTHS = (
    *("January", "February", "March", "April", "May", "June", "July"),
    *("August", "September", "October", "November", "December"),
)
ONLINE = {Locale.HANS: "线上", Locale.HANT: "線上", Locale.EN: "Online"}
CALLED_OFF = {Locale.HANS: "（取消）{}", Locale.HANT: "（取消）{}", Locale.EN: "Called off: {}"}
CODE = {
    Locale.HANS: "报名码：{}（到场时出示或念出来）",
    Locale.HANT: "報名碼：{}（到場時出示或唸出來）",
    Locale.EN: "Code: {} (show it or say it at the door)",
}
TELEPHONE = {Locale.HANS: "电话：{}", Locale.HANT: "電話：{}", Locale.EN: "Telephone: {}"}
LONGEST_TITLE, LONGEST_REASON = 40, 60
"""Characters of a title, and of a reason, in a short message."""


def moment(at: datetime, *, zone: ZoneInfo, locale: Locale) -> str:
    """Return a day with its weekday and the time, as people of the site's zone say it."""
    return f"{_day(at.astimezone(zone), locale)}{_comma(locale)}{_time(at, zone)}"


def span(starts_at: datetime, ends_at: datetime, *, zone: ZoneInfo, locale: Locale) -> str:
    """Return from when until when a lecture is held; the last day is named where it is another."""
    begin, end = starts_at.astimezone(zone), ends_at.astimezone(zone)
    last = "" if begin.date() == end.date() else f"{_day(end, locale)}{_comma(locale)}"
    dash = "–" if locale is Locale.EN else "—"
    return f"{moment(starts_at, zone=zone, locale=locale)}{dash}{last}{_time(ends_at, zone)}"


def _day(here: datetime, locale: Locale) -> str:
    name = WEEKDAYS[locale][here.weekday()]
    if locale is Locale.EN:
        return f"{name}, {here.day} {MONTHS[here.month - 1]} {here.year}"
    return f"{here.year}年{here.month}月{here.day}日，{name}"


def _time(at: datetime, zone: ZoneInfo) -> str:
    """Return the time of day; with its distance from UTC where the clocks show it twice on that day."""
    here = at.astimezone(zone)
    words = f"{here.hour}:{here.minute:02}"
    if here.replace(fold=0).utcoffset() == here.replace(fold=1).utcoffset():
        return words
    return f"{words} (UTC{here:%z})"


def _comma(locale: Locale) -> str:
    return ", " if locale is Locale.EN else "，"


def place(venue: str, address: str, locale: Locale) -> str:
    """Return where a lecture is held, in one line."""
    return _comma(locale).join(part for part in (one_line(venue), one_line(address)) if part)


def one_line(text: str) -> str:
    """Return a text of the desk as one line without control characters, fit for a subject."""
    spaced = "".join(" " if unicodedata.category(sign) in {"Cc", "Cs", "Zl", "Zp"} else sign for sign in text)
    return " ".join(spaced.split())


def short(text: str, most: int) -> str:
    """Return at most `most` characters of a line."""
    return text if len(text) <= most else f"{text[: most - 1]}…"
