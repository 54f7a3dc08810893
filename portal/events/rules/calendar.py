"""Lectures as calendars read them (RFC 5545, 5546).

Every time is in UTC: a lecture is one moment, so no calendar has to know the site's zone and its changes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

PRODUCT = "-//Mingbai//Lectures//ZH"
REFRESH = timedelta(hours=6)
"""How often programs that keep up with a feed are asked to look."""


class Method(StrEnum):
    """What is to be done with a calendar (RFC 5546, 1.4)."""

    PUBLISH = "PUBLISH"
    CANCEL = "CANCEL"


@dataclass(frozen=True, slots=True)
class Entry:
    """One lecture as it stands in a calendar."""

    uid: str
    """The left part; the host makes it whole."""
    sequence: int
    made_at: datetime
    """DTSTAMP: of two with one sequence, calendars take the later."""
    changed_at: datetime
    starts_at: datetime
    ends_at: datetime
    title: str
    place: str
    words: str
    url: str
    cancelled: bool


def calendar(entries: Iterable[Entry], *, method: Method, host: str, sender: str, name: str = "") -> str:
    """Return a calendar.

    Args:
        host: the right part of every UID.
        sender: the mail address of the organiser, which PUBLISH and CANCEL need (RFC 5546, 3.2.1 and 3.2.5).
        name: of a feed, as it stands in the list of calendars.
    """
    import icalendar  # noqa: PLC0415  # 60 ms, and servers seldom need it

    whole = icalendar.Calendar()
    for key, value in (("prodid", PRODUCT), ("version", "2.0"), ("calscale", "GREGORIAN"), ("method", method.value)):
        whole.add(key, value)
    if name:
        whole.add("name", plain(name))
        whole.add("x-wr-calname", plain(name))
        whole.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
        whole.add("x-published-ttl", REFRESH)
    for entry in entries:
        event = icalendar.Event()
        event.add("uid", f"{entry.uid}@{host}")
        event.add("sequence", entry.sequence)
        event.add("dtstamp", entry.made_at.astimezone(UTC))
        event.add("last-modified", entry.changed_at.astimezone(UTC))
        event.add("dtstart", entry.starts_at.astimezone(UTC))
        event.add("dtend", entry.ends_at.astimezone(UTC))
        event.add("summary", plain(entry.title))
        if entry.place:
            event.add("location", plain(entry.place))
        event.add("description", plain(entry.words))
        event.add("url", entry.url)
        event.add("organizer", icalendar.vCalAddress(f"mailto:{sender}"))
        event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
        whole.add_component(event)
    return str(whole.to_ical(), "utf-8")


def plain(text: str) -> str:
    """Return a text with ordinary line breaks and no other control character, which no reader of calendars expects."""
    even = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(sign for sign in even if sign == "\n" or unicodedata.category(sign) not in {"Cc", "Cs", "Zl", "Zp"})
