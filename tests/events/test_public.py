"""List, calendar and page of a lecture, as the public meets them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.core.database import site_version, touch_site, transaction
from portal.core.settings import AUDIENCES, LOCALES, Audience
from portal.events.queries import public
from portal.events.rules.lectures import EventState, Mode
from portal.events.services import turning
from portal.reference.rules import address
from tests.conftest import make_app
from tests.events.hall import AT, STARTS, come, lecture
from tests.events.visits import DAY, EDITIONS, HOUR, PAGES, names, now, page, words

__all__ = ["now"]


# --- the list -----------------------------------------------------------------------------------------------------


def test_every_edition_has_every_page(library: Flask, session: Session) -> None:
    with transaction() as unit:
        lecture(unit, slug="one", topic="police-impersonation", articles=["fake-police-safe-account"], online=5)
    client = library.test_client()
    for locale, audience in EDITIONS:
        for path in PAGES:
            html = page(client, address(path, locale=locale, audience=audience))
            assert f'<html lang="{locale}" data-edition="{audience}"' in html
            assert "Keep your savings safe" in html if locale == "en" else "守住" in html
            for other in LOCALES:
                assert f'href="{address(path, locale=other, audience=audience)}"' in html
        # Links of the page stay in the edition.
        listed = page(client, address("/events/", locale=locale, audience=audience))
        assert f'href="{address("/events/one", locale=locale, audience=audience)}"' in listed


def test_traditional_characters_are_made(client: FlaskClient, session: Session) -> None:
    with transaction() as unit:
        lecture(unit, slug="one")
    html = page(client, "/zh-Hant/events/one")
    assert "守住養老錢" in html
    assert "11月20日，週五" in html


FILTERED: list[tuple[str, list[str]]] = [
    ("", ["today", "elderly", "online", "far", "new-year"]),
    ("?when=week", ["today"]),
    ("?when=month", ["today", "elderly", "online"]),
    ("?when=2026-12", ["far", "new-year"]),
    ("?when=2027-01", ["new-year"]),
    ("?when=nonsense", ["today", "elderly", "online", "far", "new-year"]),
    ("?topic=part-time-jobs", ["far"]),
    ("?topic=fraud", ["today", "elderly", "online", "far", "new-year"]),
    ("?topic=money", []),
    ("?audience=elderly", ["today", "elderly", "far", "new-year"]),
    ("?audience=general", ["today", "far", "new-year"]),
    ("?district=%E6%B5%A6%E4%B8%9C%E6%96%B0%E5%8C%BA", ["today", "online", "far", "new-year"]),
    ("?district=none", []),
    ("?online=1", ["online"]),
    ("?online=1&audience=elderly", []),
    ("?past=1", ["over"]),
    ("?past=1&when=2026-10", ["over"]),
    ("?past=1&when=month", []),
    ("?page=2", []),
    ("?topic=&audience=&district=&when=", ["today", "elderly", "online", "far", "new-year"]),
]


def test_filters(library: Flask, session: Session) -> None:
    topic = "police-impersonation"
    with transaction() as unit:
        for slug, starts, changed in (
            ("far", AT + 40 * DAY, {"topic": "part-time-jobs"}),
            ("today", AT + 4 * HOUR, {}),
            ("elderly", AT + 7 * DAY, {"audience": Audience.ELDERLY, "district": "黄浦区"}),
            ("online", AT + 8 * DAY, {"audience": Audience.YOUTH, "mode": Mode.ONLINE, "online": 9}),
            ("new-year", datetime(2026, 12, 31, 15, 30, tzinfo=UTC), {}),
            ("over", AT - 3 * DAY, {}),
            ("draft", AT + DAY, {"state": EventState.DRAFT}),
        ):
            whole = {"topic": topic, **changed}
            lecture(
                unit,
                slug=slug,
                starts_at=starts,
                ends_at=starts + HOUR,
                closes_at=starts,
                opens_at=AT - 9 * DAY,
                **whole,
            )
    client = library.test_client()
    for query, found in FILTERED:
        html = page(client, f"/events/{query}")
        assert names(html) == found, query
        assert ('class="empty"' in html) == (not found), query


def test_what_helps_where_nothing_is_found(client: FlaskClient, session: Session) -> None:
    assert "No lecture is planned yet" in page(client, "/en/events/")
    assert "No lecture is over yet" in page(client, "/en/events/?past=1")
    assert "No lecture in this month" in page(client, "/en/events/calendar")
    with transaction() as unit:
        lecture(unit)
    assert "No lecture fits all of this" in page(client, "/en/events/?online=1")
    assert "The list has fewer pages" in page(client, "/en/events/?page=9")
    # What is not among the choices any more can still be seen to be set, and taken away.
    html = page(client, "/en/events/?district=%E9%BB%84%E6%B5%A6%E5%8C%BA&online=1")
    assert '<option value="黄浦区" selected>' in html
    assert 'href="/en/events/?online=1"' in html


def test_pages_are_links(client: FlaskClient, session: Session) -> None:
    with transaction() as unit:
        for number in range(45):
            starts = STARTS + number * HOUR
            lecture(unit, slug=f"l-{number}", starts_at=starts, ends_at=starts + HOUR, closes_at=starts)
    seen = [name for number in (1, 2, 3) for name in names(page(client, f"/events/?online=&page={number}"))]
    assert seen == [f"l-{number}" for number in range(45)]
    html = page(client, "/en/events/?page=2")
    links = re.findall(r'<nav class="pages".*?</nav>', html, re.DOTALL)[0]
    assert re.findall(r'href="([^"]+)"', links) == ["/en/events/", "/en/events/?page=2", "/en/events/?page=3"]
    assert "45 lectures" in html


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({}, "Seats free"),
        ({"seats": 5}, "Few seats left"),
        ({"seats": 1}, "Full, waiting list open"),
        ({"opens_at": AT + DAY}, "Registration opens: Tuesday, 3 November, 10:00"),
        ({"closes_at": AT - HOUR}, "Registration is closed"),
        ({"starts_at": AT - HOUR, "closes_at": AT - HOUR}, "Going on now"),
        ({"state": EventState.CANCELLED, "cancelled_at": AT}, "Called off"),
        ({"previous_starts_at": STARTS - DAY}, "Moved, it was to be on: Thursday, 19 November, 14:00"),
        ({"step_free": True, "hearing_loop": True, "sign_language": True}, "Step-free Hearing loop Sign language"),
        ({"seats": 1, "online": 50}, "In the hall: Full, waiting list open Online: Seats free"),
        ({"audience": Audience.NEW_RESIDENT}, "For: New residents"),
    ],
)
def test_cards_say_how_it_stands(client: FlaskClient, session: Session, changed: dict[str, object], said: str) -> None:
    with transaction() as unit:
        event = lecture(unit, slug="one", **changed)  # type: ignore[arg-type]  # fields of a lecture
        if changed.get("seats") == 1:
            come(unit, event)
    assert said in words(page(client, "/en/events/"))


def test_a_list_keeps_the_text_size_and_works_as_a_form(client: FlaskClient, session: Session) -> None:
    with transaction() as unit:
        lecture(unit, slug="one")
    html = page(client, "/elderly/events/?online=&size=30")
    assert 'name="size" value="30"' in html
    assert 'href="/elderly/events/one?size=30"' in html
    form = re.findall(r'<form class="look__form" action="([^"]+)">', html)
    assert form == ["/elderly/events/"]
    assert re.findall(r'name="(topic|audience|district|when|online)"', html) == [
        "topic", "audience", "district", "when", "online",
    ]  # fmt: skip
    # Another language keeps the filters.
    assert 'href="/en/elderly/events/?online=1"' in page(client, "/elderly/events/?online=1")


# --- one lecture --------------------------------------------------------------------------------------------------


def test_the_page_of_a_lecture(client: FlaskClient, session: Session) -> None:
    with transaction() as unit:
        event = lecture(
            unit,
            slug="one",
            seats=3,
            online=50,
            step_free=True,
            map_url="https://map.example.org/?a=1&b=2",
            online_url="https://meet.example.org/secret",
        )
        for name in "abc":
            come(unit, event, name)
        come(unit, event, "d")
    answer = client.get("/en/events/one")
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    text = words(answer.text)
    assert text.index("What you will learn") < text.index("Friday, 20 November") < text.index("Register for it")
    assert "In the hall: full , of 3 seats 1 registration waits" in text
    assert "Online: 50 seats left , of 50" in text
    assert "Step-free: a wheelchair gets in" in text
    assert "No hearing loop" in text
    assert "No sign language" in text
    assert "Whoever came first is asked first." in text
    assert 'href="https://map.example.org/?a=1&amp;b=2" rel="noopener noreferrer nofollow"' in answer.text
    assert 'href="tel:02100000000"' in answer.text
    assert 'href="/en/events/one/register"' in answer.text
    assert 'href="/en/events/one.ics"' in answer.text
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("changed", "said", "offers"),
    [
        ({}, "10 seats left , of 10", True),
        ({"opens_at": AT + DAY}, "Come back here: Tuesday, 3 November, 10:00", False),
        ({"closes_at": AT - HOUR}, "Would you still like to come? Call and ask.", False),
        ({"starts_at": AT - HOUR, "closes_at": AT - HOUR}, "It is going on now", False),
        ({"state": EventState.CANCELLED, "cancelled_at": AT, "cancel_reason": "讲师生病"}, "Why: 讲师生病", False),
        ({"previous_starts_at": STARTS - DAY}, "Before: Thursday, 19 November, 14:00", True),
        ({"map_url": "javascript:alert(1)"}, "Zhangjiang", True),
    ],
)
def test_what_a_page_says_and_offers(
    client: FlaskClient, session: Session, changed: dict[str, object], said: str, offers: bool
) -> None:
    with transaction() as unit:
        lecture(unit, slug="one", **changed)  # type: ignore[arg-type]  # fields of a lecture
    html = page(client, "/en/events/one")
    assert said in words(html)
    assert ("/events/one/register" in html) == offers
    assert ("<s>" in html) == ("previous_starts_at" in changed or "state" in changed)
    assert "javascript:" not in html


def test_after_the_end_it_leads_on(library: Flask, session: Session) -> None:
    with transaction() as unit:
        lecture(unit, slug="one", articles=["fake-police-safe-account", "gone"])
    with time_machine.travel(STARTS + DAY, tick=False):
        html = page(library.test_client(), "/en/events/one")
    text = words(html)
    assert text.index("What was handed out") < text.index("What was taught")
    assert "This lecture is over" in text
    assert 'href="/en/articles/fake-police-safe-account"' in html
    assert 'href="/en/quizzes/spot-fake-police"' in html
    assert "/register" not in html


def test_pages_that_are_not_there(client: FlaskClient, session: Session) -> None:
    with transaction() as unit:
        lecture(unit, slug="draft", state=EventState.DRAFT)
    for path in ("/events/none", "/events/draft", "/en/youth/events/draft"):
        assert client.get(path).status_code == 404
    for path in (*PAGES[:2], "/events/draft"):
        assert client.post(path).status_code == 405
    assert names(page(client, "/events/")) == []
    assert "draft" not in page(client, "/sitemap.xml")
    assert client.get("/api/v1/events").get_json() == {"events": [], "total": 0}


# --- elsewhere ----------------------------------------------------------------------------------------------------


def test_home_pages_name_the_next_three(library: Flask, session: Session) -> None:
    with transaction() as unit:
        for number, audience in enumerate([*AUDIENCES, Audience.YOUTH, Audience.GENERAL]):
            starts = STARTS + number * DAY
            lecture(
                unit, slug=f"l-{number}", audience=audience, starts_at=starts, ends_at=starts + HOUR, closes_at=starts
            )
        lecture(unit, slug="off", starts_at=AT + HOUR, closes_at=AT, state=EventState.CANCELLED, cancelled_at=AT)
        touch_site(unit)
    client = library.test_client()
    shown = {audience: names(page(client, address("/", audience=audience))) for audience in AUDIENCES}
    assert shown == {
        Audience.GENERAL: ["l-0", "l-1", "l-2"],
        Audience.ELDERLY: [],
        Audience.YOUTH: ["l-0", "l-2", "l-4"],
        Audience.NEW_RESIDENT: ["l-0", "l-3", "l-5"],
    }


def test_machines_find_lectures(library: Flask, session: Session) -> None:
    with transaction() as unit:
        lecture(unit, slug="one", topic="police-impersonation", online=50, online_url="https://meet.example.org/secret")
        lecture(unit, slug="two", audience=Audience.YOUTH, district="黄浦区", previous_starts_at=STARTS - DAY)
        touch_site(unit)
    client = library.test_client()
    assert "/en/elderly/events/two</loc>" in page(client, "/sitemap.xml")
    found = client.get("/api/v1/events?locale=en").get_json()
    assert (found["total"], [one["slug"] for one in found["events"]]) == (2, ["one", "two"])
    assert found["events"][0]["seats"] == [
        {"place": "in-person", "availability": "free"},
        {"place": "online", "availability": "free"},
    ]
    assert found["events"][1]["previous_starts_at"] == "2026-11-19T06:00:00+00:00"
    assert "secret" not in str(found)
    for query, slugs in (
        ("audience=elderly", ["one"]),
        ("audience=youth", ["one", "two"]),
        ("topic=fraud", ["one"]),
        ("district=%E9%BB%84%E6%B5%A6%E5%8C%BA", ["two"]),
        ("online=1", ["one"]),
        ("limit=1&offset=1", ["two"]),
        ("topic=A%00", []),
        ("district=%00", []),
    ):
        found = client.get(f"/api/v1/events?{query}").get_json()
        assert [one["slug"] for one in found["events"]] == slugs, query
    for query in ("online=2", "limit=0", "audience=all"):
        assert client.get(f"/api/v1/events?{query}").status_code == 400, query


# --- the clock ----------------------------------------------------------------------------------------------------


def test_the_clock_alone_renews_lists(app: Flask, session: Session) -> None:
    with transaction() as unit:
        lecture(unit, slug="one", opens_at=AT + HOUR)
    opens = AT + HOUR
    moments = [opens, STARTS - HOUR, STARTS, STARTS + timedelta(minutes=90)]

    def turned(since: datetime | None, at: datetime) -> bool:
        before = site_version(session)
        with transaction() as unit:
            changed = turning.turn(unit, since=since, at=at)
        assert (site_version(session) > before) == changed
        session.rollback()
        return changed

    for moment in moments:
        late = moment + turning.LAG
        assert not turned(moment - timedelta(seconds=1), late - timedelta(microseconds=1))
        assert turned(moment - timedelta(seconds=1), late)
        assert not turned(late, late + timedelta(minutes=1))
    # Nobody knows what has passed while no worker ran.
    assert not turned(None, AT)
    assert turned(None, STARTS)
    # After midnight "this week" may be another one.
    midnight = datetime(2026, 11, 2, 16, 0, tzinfo=UTC)
    assert turned(midnight, midnight + turning.LAG)
    assert not turned(midnight + 3 * HOUR, midnight + 4 * HOUR)


def test_kept_pages_follow_the_clock(app: Flask, session: Session) -> None:
    with transaction() as unit:
        lecture(unit, slug="one", opens_at=AT + HOUR)
        touch_site(unit)
    client = make_app(app.config["PORTAL"]).test_client()
    assert "Registration opens" in page(client, "/en/events/")
    with time_machine.travel(AT + HOUR + turning.LAG, tick=False):
        # Made anew, it is right without any worker; kept, as soon as one has looked.
        assert "Seats free" in page(make_app(app.config["PORTAL"]).test_client(), "/en/events/")
        with transaction() as unit:
            turning.turn(unit, since=AT, at=AT + HOUR + turning.LAG)
        assert "Seats free" in page(make_app(app.config["PORTAL"]).test_client(), "/en/events/")


def test_a_waiting_group_leaves_seats_for_others(session: Session) -> None:
    with transaction() as unit:
        event = lecture(unit, seats=10)
        come(unit, event, "a", seats=4)
        come(unit, event, "b", seats=4)
        come(unit, event, "group", seats=4)
    left = public.seats_left(session, list(session.scalars(public.sa.select(public.Pool)).all()))
    assert [(one.free, one.waiting, one.is_open, one.availability) for one in left] == [(2, 1, True, "few")]


def test_examples_say_that_they_are(app: Flask, session: Session) -> None:
    runner = app.test_cli_runner()
    assert runner.invoke(args=["events", "demo"]).output == "3 examples added.\n"
    assert runner.invoke(args=["events", "demo"]).output == "The examples are there already.\n"
    client = app.test_client()
    shown = names(page(client, "/events/"))
    assert shown == ["example-fake-police", "example-deposits", "example-paid-tasks"]
    for slug in shown:
        assert "示例：" in page(client, f"/events/{slug}")
        assert "It does not take place." in page(client, f"/en/events/{slug}")
