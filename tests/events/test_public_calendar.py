"""The calendar of lectures, as the public meets it."""

from __future__ import annotations

import re
import time
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.core.database import transaction
from portal.core.settings import Settings
from portal.events.rules.lectures import EventState, Mode
from tests.conftest import make_app
from tests.events.hall import AT, STARTS, lecture
from tests.events.visits import DAY, HOUR, PAGES, names, now, page, words

__all__ = ["now"]


def cells(html: str) -> dict[str, str]:
    """Return the words of each day of a calendar."""
    found = re.findall(r'<td class="cal__(?:held|free).*?</td>', html, re.DOTALL)
    return {re.findall(r'datetime="([^"]+)"', cell)[0]: words(f"<main {cell}</main>") for cell in found}


def test_a_calendar_across_the_end_of_the_year(client: FlaskClient, session: Session) -> None:
    starts = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)
    with transaction() as unit:
        lecture(unit, slug="one", starts_at=starts, ends_at=starts + HOUR, closes_at=starts)
    december = page(client, "/en/events/calendar?month=2026-12")
    assert len(cells(december)) == 31
    assert cells(december)["2026-12-31"] == (
        "31 31 December, Thursday 23:30–Friday, 1 January 2027, 0:30 Keep your savings safe"
    )
    assert 'href="/en/events/calendar?month=2027-01"' in december
    january = cells(page(client, "/en/events/calendar?month=2027-01"))
    assert "Keep your savings safe" in january["2027-01-01"]
    assert sum("Keep" in text for text in january.values()) == 1
    # Machines that follow the links come to an end.
    assert "month=2027-02" not in page(client, "/en/events/calendar?month=2027-01")
    assert "month=2028-02" not in page(client, "/en/events/calendar?month=2028-01")


def test_a_calendar_has_monday_first_and_keeps_filters(client: FlaskClient, session: Session) -> None:
    with transaction() as unit:
        lecture(unit, slug="one")
        lecture(unit, slug="other", mode=Mode.ONLINE, online=5)
        lecture(unit, slug="off", state=EventState.CANCELLED, cancelled_at=AT)
    html = page(client, "/en/events/calendar")
    assert re.findall(r'<th scope="col">(\w+)</th>', html)[0] == "Monday"
    assert html.count("<tr>") == 7
    assert names(html) == ["one", "other", "off"]
    assert "Called off" in cells(html)["2026-11-20"]
    assert "Today" in cells(html)["2026-11-02"]
    narrowed = page(client, "/en/events/calendar?online=1")
    assert names(narrowed) == ["other"]
    assert 'href="/en/events/calendar?online=1&amp;month=2026-12"' in narrowed
    for nonsense in ("2026-13", "x", "99999-01", "1999-01"):
        assert "Lectures in November 2026" in page(client, f"/en/events/calendar?month={nonsense}")


def test_an_hour_that_comes_twice_in_the_calendar(settings: Settings) -> None:
    app = make_app(replace(settings, timezone=ZoneInfo("Europe/Berlin")))
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    with app.app_context():
        with transaction() as unit:
            for number in (0, 1):
                starts = first + number * HOUR
                lecture(
                    unit,
                    slug=f"l-{number}",
                    starts_at=starts,
                    ends_at=starts + HOUR,
                    opens_at=first - 9 * DAY,
                    closes_at=starts,
                )
        day = cells(page(app.test_client(), "/en/events/calendar?month=2026-10"))["2026-10-25"]
    assert "2:30 (UTC+2)–2:30 (UTC+1)" in day
    assert "2:30 (UTC+1)–3:30 (UTC+1)" in day


@pytest.mark.parametrize("zone", ["UTC", "America/Los_Angeles", "Pacific/Kiritimati"])
def test_the_zone_of_the_server_changes_nothing(
    app: Flask, session: Session, zone: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction() as unit:
        lecture(unit, slug="one", previous_starts_at=STARTS - DAY)
    paths = ("/", *PAGES, "/events/?when=week", "/sitemap.xml", "/api/v1/events")
    before = [page(make_app(app.config["PORTAL"]).test_client(), path) for path in paths]
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        assert [page(make_app(app.config["PORTAL"]).test_client(), path) for path in paths] == before
    finally:
        monkeypatch.undo()
        time.tzset()
