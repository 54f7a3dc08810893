"""What machines and links are told of a public lecture: structured data, maps, telephone numbers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from portal.core.settings import Locale
from portal.events.rules.lectures import Mode, Phase, Place

_NUMBER = re.compile(r"\+?[0-9 ()/.-]+")
_SCHEMA = "https://schema.org"
_MODES = {Mode.IN_PERSON: "Offline", Mode.ONLINE: "Online", Mode.HYBRID: "Mixed"}


def map_address(text: str) -> str:
    """Return the address of a map as a link may lead there; empty: it is none.

    Only https, a host, nothing that a browser would take for a name and password, no character that ends an address.
    """
    try:
        parts = urlsplit(text)
        fits = parts.scheme == "https" and bool(parts.hostname) and "@" not in parts.netloc
    except ValueError:
        return ""
    return text if fits and text.isprintable() and not set(text) & set(" <>\"'\\`") else ""


def dial(text: str) -> str:
    """Return what a telephone dials for a number as people write it; empty: nothing that can be dialled."""
    if not _NUMBER.fullmatch(text):
        return ""
    digits = "".join(sign for sign in text if sign.isdigit())
    return ("+" if text.startswith("+") else "") + digits if 3 <= len(digits) <= 15 else ""


@dataclass(frozen=True, slots=True)
class Said:
    """A lecture's texts in one language, and addresses, for `structured`."""

    title: str
    language: Locale
    """What the title is really written in: where there is no English, the English page shows Chinese."""
    summary: str
    speaker: str
    venue: str
    address: str
    url: str
    image: str
    organizer: str
    organizer_url: str


def structured(
    said: Said,
    *,
    mode: Mode,
    phase: Phase,
    starts_at: datetime,
    ends_at: datetime,
    previous_starts_at: datetime | None,
    opens_at: datetime,
    capacity: Mapping[Place, int],
    has_seats: bool,
    zone: ZoneInfo,
) -> dict[str, Any]:
    """Return a lecture as schema.org's Event. The address of the meeting is told only to those who have a seat."""

    def local(moment: datetime) -> str:
        return moment.astimezone(zone).isoformat(timespec="minutes")

    moved = previous_starts_at is not None
    status = "EventCancelled" if phase is Phase.CANCELLED else "EventRescheduled" if moved else "EventScheduled"
    places: list[dict[str, Any]] = []
    if Place.IN_PERSON in capacity:
        places.append({"@type": "Place", "name": said.venue, "address": said.address or said.venue})
    if Place.ONLINE in capacity:
        places.append({"@type": "VirtualLocation", "url": said.url})
    found: dict[str, Any] = {
        "@context": _SCHEMA,
        "@type": "Event",
        "name": said.title,
        "description": said.summary,
        "url": said.url,
        "image": said.image,
        "startDate": local(starts_at),
        "endDate": local(ends_at),
        "eventStatus": f"{_SCHEMA}/{status}",
        "eventAttendanceMode": f"{_SCHEMA}/{_MODES[mode]}EventAttendanceMode",
        "location": places[0] if len(places) == 1 else places,
        "inLanguage": said.language.value,
        "isAccessibleForFree": True,
        "organizer": {"@type": "Organization", "name": said.organizer, "url": said.organizer_url},
        "offers": {
            "@type": "Offer",
            "price": "0",
            "priceCurrency": "CNY",
            "url": said.url,
            "validFrom": local(opens_at),
            "availability": f"{_SCHEMA}/{'InStock' if has_seats else 'SoldOut'}",
        },
    }
    if previous_starts_at is not None:
        found["previousStartDate"] = local(previous_starts_at)
    if said.speaker:
        found["performer"] = {"@type": "Person", "name": said.speaker}
    for place, name in ((Place.IN_PERSON, "Physical"), (Place.ONLINE, "Virtual")):
        if place in capacity:
            found[f"maximum{name}AttendeeCapacity"] = capacity[place]
    return found
