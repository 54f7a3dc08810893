"""The points of `peers/events.md` §2 that the public pages answer for."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.core.database import transaction
from portal.events.rules.lectures import EventState, Mode
from tests.events.hall import AT, STARTS, WORDS, come, lecture

SECRET = "https://meet.example.org/secret-room"


@pytest.fixture(autouse=True)
def now() -> Iterator[None]:
    """Let registration be open."""
    with time_machine.travel(AT, tick=False):
        yield


def structured(client: FlaskClient, path: str) -> dict[str, Any]:
    """Return what a page tells machines."""
    answer = client.get(path)
    assert answer.status_code == 200
    blocks = re.findall(r'<script type="application/ld\+json">(.*?)</script>', answer.text, re.DOTALL)
    assert len(blocks) == 1
    found: dict[str, Any] = json.loads(blocks[0])
    return found


def test_10_json_ld_of_a_lecture_in_two_places(library: Flask, session: Session) -> None:
    with transaction() as unit:
        lecture(unit, slug="one", seats=40, online=500, online_url=SECRET)
    answer = library.test_client().get("/en/events/one").text
    assert "secret-room" not in answer
    told = structured(library.test_client(), "/en/events/one")
    base = library.config["PORTAL"].base_url
    assert told.pop("image").startswith(f"{base}/static/og-image.png")
    organizer = told.pop("organizer")
    assert (organizer["@type"], organizer["name"]) == ("Organization", "Example Bank Consumer Protection")
    assert told == {
        "@context": "https://schema.org",
        "@type": "Event",
        "name": "Keep your savings safe",
        "description": "Recognise six scams in an hour and a half.",
        "url": f"{base}/en/events/one",
        "startDate": "2026-11-20T14:00+08:00",
        "endDate": "2026-11-20T15:30+08:00",
        "eventStatus": "https://schema.org/EventScheduled",
        "eventAttendanceMode": "https://schema.org/MixedEventAttendanceMode",
        "maximumPhysicalAttendeeCapacity": 40,
        "maximumVirtualAttendeeCapacity": 500,
        "location": [
            {
                "@type": "Place",
                "name": "Zhangjiang Community Centre, 2nd floor",
                "address": "1 Example Road",
            },
            {"@type": "VirtualLocation", "url": f"{base}/en/events/one"},
        ],
        "inLanguage": "en",
        "isAccessibleForFree": True,
        "performer": {"@type": "Person", "name": "Ms Wang, Example Bank"},
        "offers": {
            "@type": "Offer",
            "price": "0",
            "priceCurrency": "CNY",
            "url": f"{base}/en/events/one",
            "validFrom": "2026-11-01T10:00+08:00",
            "availability": "https://schema.org/InStock",
        },
    }


@pytest.mark.parametrize(
    ("changed", "expected"),
    [
        (
            {"previous_starts_at": STARTS - timedelta(days=1)},
            {"eventStatus": "EventRescheduled", "previousStartDate": "2026-11-19T14:00+08:00"},
        ),
        ({"state": EventState.CANCELLED, "cancelled_at": AT}, {"eventStatus": "EventCancelled"}),
        (
            {"mode": Mode.ONLINE, "online": 5},
            {"eventAttendanceMode": "OnlineEventAttendanceMode", "maximumVirtualAttendeeCapacity": 5},
        ),
        ({"seats": 7}, {"eventAttendanceMode": "OfflineEventAttendanceMode", "maximumPhysicalAttendeeCapacity": 7}),
    ],
)
def test_10_json_ld_follows_the_life_of_a_lecture(
    client: FlaskClient, session: Session, changed: dict[str, Any], expected: dict[str, Any]
) -> None:
    with transaction() as unit:
        lecture(unit, slug="one", **changed)
    told = structured(client, "/events/one")
    for name, value in expected.items():
        assert told[name] in (value, f"https://schema.org/{value}")
    assert ("maximumPhysicalAttendeeCapacity" in told) == (changed.get("mode") is not Mode.ONLINE)
    assert ("maximumVirtualAttendeeCapacity" in told) == (changed.get("mode") is Mode.ONLINE)
    assert ("previousStartDate" in told) == ("previous_starts_at" in changed)


def test_10_json_ld_of_a_full_lecture_is_sold_out(client: FlaskClient, session: Session) -> None:
    with transaction() as unit:
        come(unit, lecture(unit, slug="one", seats=1))
    assert structured(client, "/events/one")["offers"]["availability"] == "https://schema.org/SoldOut"


def test_10_json_ld_cannot_end_its_element(client: FlaskClient, session: Session) -> None:
    evil = "</script><script>alert(1)</script><!-- & ' \" \u2028 \\"
    with transaction() as unit:
        lecture(unit, slug="one", words={**WORDS, "title": {"zh-Hans": evil}, "speaker": {"zh-Hans": evil}})
    told = structured(client, "/events/one")
    assert (told["name"], told["performer"]["name"]) == (evil, evil)
    assert "<script>alert" not in client.get("/events/one").text


@pytest.mark.parametrize(
    ("path", "with_english", "language", "name"),
    [
        ("", True, "zh-Hans", "守住养老钱"),
        ("/zh-Hant", True, "zh-Hant", "守住養老錢"),
        ("/en", True, "en", "Keep your savings safe"),
        ("/en", False, "zh-Hans", "守住养老钱"),
    ],
)
def test_10_json_ld_names_the_language_of_its_text(
    client: FlaskClient, session: Session, path: str, with_english: bool, language: str, name: str
) -> None:
    title = WORDS["title"] if with_english else {"zh-Hans": WORDS["title"]["zh-Hans"]}
    with transaction() as unit:
        lecture(unit, slug="one", words={**WORDS, "title": title})
    told = structured(client, f"{path}/events/one")
    assert (told["inLanguage"], told["name"]) == (language, name)
