"""Quarters of the calendar: without gaps, in the zone of the site, and what is none is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.reference.rules import quarters

SHANGHAI = ZoneInfo("Asia/Shanghai")
days = st.dates(min_value=date(2000, 1, 1), max_value=date(2100, 1, 1))
moments = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from([SHANGHAI, UTC, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Kiritimati")])
names = st.builds("{}Q{}".format, st.integers(2000, 2198), st.integers(1, 4))


@given(st.integers(2000, 2198), st.integers(1, 4), zones)
def test_quarters_follow_each_other_without_a_gap(year: int, number: int, zone: ZoneInfo) -> None:
    since, until = quarters.moments(f"{year}Q{number}", zone)
    assert until == quarters.moments(f"{year + number // 4}Q{number % 4 + 1}", zone)[0]
    assert since.astimezone(zone).replace(tzinfo=None) == datetime(year, 3 * number - 2, 1)
    assert timedelta(days=89) < until - since < timedelta(days=93)


@given(moments, zones)
def test_a_quarter_is_that_of_the_local_month(at: datetime, zone: ZoneInfo) -> None:
    local = at.astimezone(zone)
    year, number = quarters.of_moment(at, zone).split("Q")
    assert int(year) == local.year
    assert local.month in range(3 * int(number) - 2, 3 * int(number) + 1)


@given(moments, zones, st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2000)))
def test_a_later_moment_is_in_no_earlier_quarter(at: datetime, zone: ZoneInfo, later: timedelta) -> None:
    assert quarters.of_moment(at, zone) <= quarters.of_moment(at + later, zone)


@pytest.mark.parametrize(
    ("at", "quarter"),
    [
        (datetime(2026, 3, 31, 15, 59, 59, tzinfo=UTC), "2026Q1"),
        (datetime(2026, 3, 31, 16, 0, tzinfo=UTC), "2026Q2"),
        (datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC), "2026Q3"),
        (datetime(2026, 9, 30, 16, 0, tzinfo=UTC), "2026Q4"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "2027Q1"),
    ],
)
def test_a_quarter_begins_at_midnight_in_the_zone_of_the_site(at: datetime, quarter: str) -> None:
    assert quarters.of_moment(at, SHANGHAI) == quarter


@given(days)
def test_a_day_lies_in_its_quarter(day: date) -> None:
    first, end = quarters.days(quarters.of_day(day))
    assert first <= day < end
    assert quarters.last_day(quarters.of_day(day)) == end - timedelta(days=1)
    assert (first.day, (first.month - 1) % 3) == (1, 0)


def test_days() -> None:
    assert quarters.days("2026Q1") == (date(2026, 1, 1), date(2026, 4, 1))
    assert quarters.days("2026Q4") == (date(2026, 10, 1), date(2027, 1, 1))
    assert quarters.last_day("2026Q1") == date(2026, 3, 31)
    assert quarters.last_day("2026Q4") == date(2026, 12, 31)


@given(names, st.integers(-100, 100))
def test_quarters_are_shifted_and_back(name: str, by: int) -> None:
    there = quarters.shift(name, by)
    assert (there > name) - (there < name) == (by > 0) - (by < 0)
    if quarters.NAME.fullmatch(there):
        assert quarters.shift(there, -by) == name


def test_shifting() -> None:
    assert [quarters.shift("2026Q1", by) for by in (-4, -1, 0, 1, 7)] == [
        "2025Q1",
        "2025Q4",
        "2026Q1",
        "2026Q2",
        "2027Q4",
    ]


@given(days, st.integers(min_value=0, max_value=2000))
def test_a_span_is_cut_into_quarters_without_gaps(since: date, length: int) -> None:
    until = since + timedelta(days=length)
    parts = list(quarters.split(since, until))
    assert [day for first, end in parts for day in range(first.toordinal(), end.toordinal())] == list(
        range(since.toordinal(), until.toordinal())
    )
    assert all(quarters.of_day(first) == quarters.of_day(end - timedelta(days=1)) for first, end in parts)


@pytest.mark.parametrize(
    "name", ["", "2026", "2026Q0", "2026Q5", "26Q1", "2026q1", "2026Q1 ", "2026Q1\n", "２０２６Q1", "1999Q4"]
)
def test_what_is_no_quarter(name: str) -> None:
    for asked in (quarters.days, quarters.last_day, lambda text: quarters.shift(text, 1)):
        with pytest.raises(ValueError, match="is no quarter"):
            asked(name)
    with pytest.raises(ValueError, match="is no quarter"):
        quarters.moments(name, SHANGHAI)
