"""What addresses of the list ask for, and days and times in words."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.settings import Locale
from portal.events.rules import looking, showing, when
from portal.events.rules.looking import Wanted

SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
TODAY = date(2026, 12, 31)


@pytest.mark.parametrize(
    ("given", "read"),
    [
        ({}, Wanted()),
        ({"topic": "fraud"}, Wanted(topic="fraud")),
        ({"topic": "Fraud' --"}, Wanted()),
        ({"topic": "a" * 81}, Wanted()),
        ({"audience": "elderly"}, Wanted(audience="elderly")),
        ({"audience": "everybody"}, Wanted()),
        ({"district": " 浦东新区 "}, Wanted(district="浦东新区")),
        ({"district": "a\x00b"}, Wanted()),
        ({"district": "区" * 81}, Wanted()),
        ({"when": "week"}, Wanted(when="week")),
        ({"when": "2026-12"}, Wanted(when="2026-12")),
        ({"when": "2026-13"}, Wanted()),
        ({"when": "1999-12"}, Wanted()),
        ({"when": "２０２６-12"}, Wanted()),
        ({"online": "1", "past": "1"}, Wanted(online=True, past=True)),
        ({"online": "yes"}, Wanted()),
    ],
)
def test_filters_as_they_stand_in_addresses(given: dict[str, str], read: Wanted) -> None:
    assert Wanted.read(given) == read


@given(st.dictionaries(st.sampled_from(["topic", "audience", "district", "when", "online", "past"]), st.text()))
def test_whatever_is_asked_can_be_asked_again(given: dict[str, str]) -> None:
    wanted = Wanted.read(given)
    assert Wanted.read(dict(parse_qsl(wanted.query().removeprefix("?")))) == wanted


def test_links_change_one_filter() -> None:
    wanted = Wanted(topic="fraud", online=True)
    assert wanted.query() == "?topic=fraud&online=1"
    assert wanted.query(online=False) == "?topic=fraud"
    assert wanted.query(topic="", online=False) == ""
    assert wanted.query(page=2) == "?topic=fraud&online=1&page=2"
    assert (wanted.narrows, Wanted(past=True).narrows) == (True, False)


@pytest.mark.parametrize(
    ("asked", "days"),
    [
        ("", None),
        ("week", (date(2026, 12, 28), date(2027, 1, 4))),
        ("month", (date(2026, 12, 1), date(2027, 1, 1))),
        ("2027-02", (date(2027, 2, 1), date(2027, 3, 1))),
    ],
)
def test_days_that_are_looked_at(asked: str, days: tuple[date, date] | None) -> None:
    assert Wanted(when=asked).days(TODAY) == days


@pytest.mark.parametrize(("text", "page"), [("", 1), ("0", 1), ("7", 7), ("-1", 1), ("1000", 1), ("٣", 1), ("x", 1)])
def test_pages(text: str, page: int) -> None:
    assert looking.page_of(text) == page


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2199, 11, 30)), st.integers(-11, 11))
def test_months_follow_each_other(day: date, count: int) -> None:
    first = day.replace(day=1)
    other = looking.month_after(first, count)
    assert (other.year * 12 + other.month) - (first.year * 12 + first.month) == count
    assert looking.month_of(looking.month_key(first)) == first


@given(st.dates(min_value=date(2000, 1, 1), max_value=date(2199, 11, 30)))
def test_weeks_hold_every_day_of_a_month_once(day: date) -> None:
    weeks = when.weeks(day.replace(day=1))
    assert [one for week in weeks for one in week if one] == [
        day.replace(day=1) + timedelta(days=n)
        for n in range((looking.month_after(day.replace(day=1)) - day.replace(day=1)).days)
    ]
    assert all(len(week) == 7 for week in weeks)
    assert all(one is None or one.weekday() == place for week in weeks for place, one in enumerate(week))


def test_times_in_words() -> None:
    begin, end = datetime(2026, 12, 5, 1, 30, tzinfo=UTC), datetime(2026, 12, 5, 3, 0, tzinfo=UTC)
    words = {locale: when.span(begin, end, zone=SHANGHAI, locale=locale, year=2026) for locale in Locale}
    assert words == {
        Locale.HANS: "12月5日，周六，9:30—11:00",
        Locale.HANT: "12月5日，週六，9:30—11:00",
        Locale.EN: "Saturday, 5 December, 9:30–11:00",
    }
    assert when.span(begin, end, zone=SHANGHAI, locale=Locale.HANS, year=2027) == "2026年12月5日，周六，9:30—11:00"


def test_a_lecture_across_the_end_of_the_year() -> None:
    begin = datetime(2026, 12, 31, 15, 30, tzinfo=UTC)
    told = when.span(begin, begin + timedelta(hours=1), zone=SHANGHAI, locale=Locale.HANS, year=2026)
    assert told == "12月31日，周四，23:30—2027年1月1日，周五，0:30"
    assert when.days_of(begin, begin + timedelta(hours=1), SHANGHAI) == [date(2026, 12, 31), date(2027, 1, 1)]
    assert when.days_of(begin, begin + timedelta(minutes=30), SHANGHAI) == [date(2026, 12, 31)]


def test_an_hour_that_comes_twice_is_told_apart() -> None:
    first = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    second = first + timedelta(hours=1)
    said = [when.moment_words(one, zone=BERLIN, locale=Locale.EN, year=2026) for one in (first, second)]
    assert said == ["Sunday, 25 October, 2:30 (UTC+2)", "Sunday, 25 October, 2:30 (UTC+1)"]
    assert when.hours(first, second, zone=BERLIN, locale=Locale.EN) == "2:30 (UTC+2)–2:30 (UTC+1)"
    # Also one that only spans the change.
    assert when.hours(first - timedelta(hours=1), second + timedelta(hours=2), zone=BERLIN, locale=Locale.HANS) == (
        "1:30 (UTC+2)—4:30 (UTC+1)"
    )
    assert when.hour(first, ZoneInfo("Asia/Kolkata"), with_offset=True) == "6:00 (UTC+5:30)"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("https://map.example.org/?q=1", "https://map.example.org/?q=1"),
        ("http://map.example.org/", ""),
        ("javascript:alert(1)", ""),
        ("https://user@evil.example/", ""),
        ("https://", ""),
        ("https://[::1", ""),
        ('https://a.example/"><b>', ""),
        ("https://a.example/ b", ""),
        ("", ""),
    ],
)
def test_maps_are_https_addresses(text: str, address: str) -> None:
    assert showing.map_address(text) == address


@pytest.mark.parametrize(
    ("text", "dialled"),
    [("021-0000 0000", "02100000000"), ("+86 21 0000", "+86210000"), ("955XX", ""), ("none", ""), ("", "")],
)
def test_numbers_that_can_be_dialled(text: str, dialled: str) -> None:
    assert showing.dial(text) == dialled
