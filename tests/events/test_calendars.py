"""Calendars of lectures: read by two programs that others wrote, wherever the server stands."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from portal.core.database import transaction
from portal.core.settings import ROOT, Audience, Locale
from portal.events.models import Registration
from portal.events.rules import when
from portal.events.rules.calendar import Entry, Method, calendar
from portal.events.rules.lectures import EventState, Mode, Place
from portal.events.services import managing
from tests.conftest import make_app
from tests.events.calendars import by_ical_js, by_icalendar, needs_node
from tests.events.hall import AT, STARTS, come, lecture
from tests.events.post import MAIL

ENTRY = {
    "uid": "u1",
    "sequence": 3,
    "made_at": AT,
    "changed_at": AT,
    "starts_at": STARTS,
    "ends_at": STARTS + timedelta(minutes=90),
    "title": "守住养老钱",
    "place": "张江社区中心二楼，示例路1号",
    "words": "学会认出六种骗局",
    "url": "https://x.example/events/a",
    "cancelled": False,
}
HOSTILE = (
    "养老, 钱; \\n\\, \r\nEND:VEVENT\r\nBEGIN:VEVENT\rUID:x\nATTENDEE:mailto:a@b"
    '\x00\x0b\u2028\u2029\x85"^n' + "很长" * 90
)


def made(**changed: object) -> str:
    return calendar(
        [Entry(**{**ENTRY, **changed})],  # type: ignore[arg-type]
        method=Method.PUBLISH,
        host="x.example",
        sender="a@x.example",
    )


# --- rules --------------------------------------------------------------------------------------------------------


def test_what_a_calendar_says() -> None:
    assert made() == "\r\n".join(
        (
            "BEGIN:VCALENDAR",
            "VERSION:2.0",
            "PRODID:-//Mingbai//Lectures//ZH",
            "CALSCALE:GREGORIAN",
            "METHOD:PUBLISH",
            "BEGIN:VEVENT",
            "SUMMARY:守住养老钱",
            "DTSTART:20261120T060000Z",
            "DTEND:20261120T073000Z",
            "DTSTAMP:20261102T020000Z",
            "UID:u1@x.example",
            "SEQUENCE:3",
            "DESCRIPTION:学会认出六种骗局",
            "LAST-MODIFIED:20261102T020000Z",
            "LOCATION:张江社区中心二楼，示例路1号",
            "ORGANIZER:mailto:a@x.example",
            "STATUS:CONFIRMED",
            "URL:https://x.example/events/a",
            "END:VEVENT",
            "END:VCALENDAR",
            "",
        )
    )


@pytest.mark.parametrize("field", ["title", "place", "words"])
def test_no_text_breaks_out_of_its_line_and_long_ones_are_folded(field: str) -> None:
    text = made(**{field: HOSTILE})
    lines = text.encode().split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert not {"\r", "\n"} & set(text.replace("\r\n", ""))
    (entry,) = by_icalendar(text)["events"]
    said = entry[{"title": "summary", "place": "location", "words": "description"}[field]]
    assert said == ('养老, 钱; \\n\\, \nEND:VEVENT\nBEGIN:VEVENT\nUID:x\nATTENDEE:mailto:a@b"^n' + "很长" * 90)
    assert entry["uid"] == "u1@x.example"


@needs_node
@pytest.mark.parametrize("field", ["title", "place", "words"])
def test_both_programs_read_the_same(field: str) -> None:
    for text in (made(), made(cancelled=True), made(**{field: HOSTILE}), made(starts_at=STARTS - timedelta(days=9))):
        assert by_ical_js(text) == by_icalendar(text)


@given(st.text(max_size=300), st.text(max_size=300))
def test_any_text_comes_back_without_its_control_characters(title: str, words: str) -> None:
    (entry,) = by_icalendar(made(title=title, words=words))["events"]
    assert (entry["uid"], entry["sequence"], entry["starts"]) == ("u1@x.example", 3, "2026-11-20T06:00:00.000Z")


@pytest.mark.parametrize(
    ("starts", "zone", "stored", "told"),
    [
        # Across the end of a year.
        (
            (2026, 12, 31, 23, 30),
            "Asia/Shanghai",
            "20261231T153000Z",
            "2026年12月31日，周四，23:30—2027年1月1日，周五，1:00",
        ),
        # Across a change of the clocks; 2:30 comes twice.
        ((2026, 10, 25, 1, 30), "Europe/Berlin", "20261024T233000Z", "2026年10月25日，周日，1:30 (UTC+2)—2:00 (UTC+1)"),
        ((2026, 3, 29, 1, 30), "Europe/Berlin", "20260329T003000Z", "2026年3月29日，周日，1:30 (UTC+1)—4:00 (UTC+2)"),
        ((2026, 7, 1, 9, 0), "America/St_Johns", "20260701T113000Z", "2026年7月1日，周三，9:00—10:30"),
    ],
)
def test_days_and_times_in_words_and_in_calendars(
    starts: tuple[int, int, int, int, int], zone: str, stored: str, told: str
) -> None:
    begin = datetime(*starts, tzinfo=ZoneInfo(zone)).astimezone(UTC)
    end = begin + timedelta(minutes=90)
    assert f"DTSTART:{stored}\r\n" in made(starts_at=begin.astimezone(ZoneInfo(zone)), ends_at=end)
    assert when.span(begin, end, zone=ZoneInfo(zone), locale=Locale.HANS) == told


# --- pages --------------------------------------------------------------------------------------------------------


@pytest.fixture
def now() -> time_machine.Traveller:  # type: ignore[misc]  # a generator
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def test_one_lecture(client: FlaskClient, now: object) -> None:
    with transaction() as session:
        lecture(session, slug="savings", uid="u" * 32)
    answer = client.get("/events/savings.ics")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="savings.ics"'
    assert "Set-Cookie" not in answer.headers
    found = by_icalendar(answer.text)
    assert found == {
        "method": "PUBLISH",
        "events": [
            {
                "uid": f"{'u' * 32}@127.0.0.1",
                "sequence": 0,
                "status": "CONFIRMED",
                "summary": "守住养老钱",
                "location": "张江社区中心二楼，示例路1号",
                "description": "一个半小时，学会认出六种骗局。\n电话：021-00000000\nhttp://127.0.0.1:8000/events/savings",
                "url": "http://127.0.0.1:8000/events/savings",
                "starts": "2026-11-20T06:00:00.000Z",
                "ends": "2026-11-20T07:30:00.000Z",
            }
        ],
    }


def test_one_lecture_in_other_languages_and_editions(client: FlaskClient, now: object) -> None:
    with transaction() as session:
        lecture(session, slug="savings", online=5)
    english = by_icalendar(client.get("/en/elderly/events/savings.ics").text)["events"][0]
    assert (english["summary"], english["url"], english["location"]) == (
        "Keep your savings safe",
        "http://127.0.0.1:8000/en/elderly/events/savings",
        "Zhangjiang Community Centre, 2nd floor, 1 Example Road / Online",
    )
    assert by_icalendar(client.get("/zh-Hant/events/savings.ics").text)["events"][0]["summary"] == "守住養老錢"


def test_what_is_not_public_has_no_calendar(client: FlaskClient, now: object) -> None:
    with transaction() as session:
        lecture(session, slug="draft", state=EventState.DRAFT)
    assert [client.get(f"/events/{slug}.ics").status_code for slug in ("draft", "nothing")] == [404, 404]
    assert client.post("/events/draft.ics").status_code == 405
    assert by_icalendar(client.get("/events/feed.ics").text)["events"] == []


def test_the_host_header_is_in_no_calendar(client: FlaskClient, now: object) -> None:
    with transaction() as session:
        lecture(session, slug="savings")
    for path in ("/events/savings.ics", "/events/feed.ics"):
        assert "evil" not in client.get(path, headers={"Host": "evil.example"}).text


def test_the_feed_holds_what_comes_and_what_was_called_off_lately(client: FlaskClient, now: object) -> None:
    off = {"state": EventState.CANCELLED}
    with transaction() as session:
        lecture(session, slug="coming", uid="coming")
        begins, ended = AT - timedelta(hours=1), AT - timedelta(days=2)
        old = {"opens_at": ended - timedelta(days=9), "closes_at": ended}
        lecture(session, slug="running", uid="running", **{**old, "starts_at": begins, "ends_at": AT + timedelta(1)})
        lecture(session, slug="over", uid="over", **old, starts_at=ended, ends_at=ended + timedelta(hours=1))
        lecture(session, slug="off", uid="off", **off, cancelled_at=AT - timedelta(days=60), cancel_reason="讲师生病")
        past = {**off, **old, "starts_at": ended, "ends_at": ended + timedelta(hours=1)}
        lecture(session, slug="lately", uid="lately", **past, cancelled_at=AT - timedelta(days=29))
        lecture(session, slug="long-ago", uid="long-ago", **past, cancelled_at=AT - timedelta(days=31))
    answer = client.get("/events/feed.ics")
    assert "Content-Disposition" not in answer.headers
    found = by_icalendar(answer.text)["events"]
    assert [(entry["uid"].partition("@")[0], entry["status"]) for entry in found] == [
        ("lately", "CANCELLED"),
        ("running", "CONFIRMED"),
        ("coming", "CONFIRMED"),
        ("off", "CANCELLED"),
    ]
    assert found[-1]["summary"] == "（取消）守住养老钱"
    assert found[-1]["description"].startswith("讲师生病\n")
    whole = icalendar.Calendar.from_ical(answer.text)
    assert (whole["method"], whole["x-wr-calname"]) == ("PUBLISH", "明白讲座")
    assert "REFRESH-INTERVAL;VALUE=DURATION:PT6H\r\n" in answer.text


@pytest.mark.parametrize(
    ("query", "uids"),
    [
        ("topic=phone", ["a", "c"]),
        ("audience=youth", ["b", "c"]),
        ("audience=elderly", ["a", "c"]),
        ("district=浦东新区", ["a"]),
        ("topic=phone&audience=elderly&district=浦东新区", ["a"]),
        ("topic=&audience=&district=", ["a", "b", "c"]),
        ("topic=PHONE%00", []),
        ("audience=nobody", []),
        ("district=%00", []),
        (f"district={'长' * 81}", []),
    ],
)
def test_the_feed_is_of_a_topic_an_audience_or_a_district(
    client: FlaskClient, now: object, query: str, uids: list[str]
) -> None:
    with transaction() as session:
        lecture(session, uid="a", audience=Audience.ELDERLY)
        lecture(session, uid="b", audience=Audience.YOUTH, topic="loans", district="黄浦区")
        lecture(session, uid="c", district="黄浦区")
    found = by_icalendar(client.get(f"/events/feed.ics?{query}").text)["events"]
    assert sorted(entry["uid"].partition("@")[0] for entry in found) == uids


def test_a_persons_own_seat(client: FlaskClient, now: object) -> None:
    with transaction() as session:
        event = lecture(session, slug="savings", seats=1, online=1, online_url="https://meet.example/7")
        seat = come(session, event, "欧阳", place=Place.ONLINE, **MAIL)
        waits = come(session, event, "李", place=Place.ONLINE)
        code = session.get_one(Registration, seat.id).code
    answer = client.get(f"/events/registrations/{seat.token}.ics")
    assert (answer.headers["Cache-Control"], answer.headers["Referrer-Policy"]) == ("no-store", "no-referrer")
    found = by_icalendar(answer.text)
    (entry,) = found["events"]
    assert (found["method"], entry["location"]) == ("PUBLISH", "线上")
    assert f"{code[:4]} {code[4:]}" in entry["description"]
    assert "https://meet.example/7" in entry["description"]
    assert "欧阳" not in answer.text
    assert seat.token not in answer.text
    assert client.get(f"/events/registrations/{waits.token}.ics").status_code == 404
    assert client.get(f"/events/registrations/{'x' * 43}.ics").status_code == 404
    assert client.post(f"/events/registrations/{seat.token}.ics").status_code == 405
    with transaction() as session:
        managing.cancel(session, registration_id=seat.id, at=AT)
    gone = by_icalendar(client.get(f"/events/registrations/{seat.token}.ics").text)
    assert (gone["method"], gone["events"][0]["status"]) == ("CANCEL", "CANCELLED")
    assert "meet.example" not in gone["events"][0]["description"]


def test_an_online_lecture_does_not_tell_its_address_to_everybody(client: FlaskClient, now: object) -> None:
    with transaction() as session:
        lecture(session, slug="a", mode=Mode.ONLINE, online_url="https://meet.example/7")
    text = client.get("/events/a.ics").text
    assert "meet.example" not in text
    assert by_icalendar(text)["events"][0]["location"] == "线上"


_FILES = """
import hashlib, wsgi
client = wsgi.app.test_client()
files = [client.get(path).data for path in ("/events/savings.ics", "/events/feed.ics")]
print(hashlib.sha256(b"".join(files)).hexdigest())
"""


def test_servers_in_several_zones_make_the_same_files(app: Flask) -> None:
    far = datetime(2099, 10, 25, 0, 30, tzinfo=UTC)
    with transaction() as session:
        lecture(session, slug="savings", starts_at=far, ends_at=far + timedelta(hours=1))
    settings = app.config["PORTAL"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    own = {"PORTAL_DATA": str(settings.data)} | (
        {"PORTAL_DATABASE_URL": settings.database_url} if settings.database_url else {}
    )
    found = [
        subprocess.run(
            [sys.executable, "-c", _FILES], cwd=ROOT, env={**kept, **own, "TZ": zone}, capture_output=True, text=True,
            check=True,
        ).stdout.strip()
        for zone in ("Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Chatham")
    ]  # fmt: skip
    client = make_app(settings).test_client()
    here = b"".join(client.get(path).data for path in ("/events/savings.ics", "/events/feed.ics"))
    assert here.count(b"DTSTART:20991025T003000Z") == 2
    assert found == [hashlib.sha256(here).hexdigest()] * 4
