"""What is planned: local times, recurring days, moving, what a lecture lacks."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.events.rules import plans as rules
from portal.events.rules.lectures import Mode
from portal.events.rules.plans import Every, When, Where
from tests.events.hall import AT, STARTS
from tests.events.planned import plan, when, words

SHANGHAI, BERLIN, HOWE = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin"), ZoneInfo("Australia/Lord_Howe")
ZONES = [SHANGHAI, BERLIN, HOWE, ZoneInfo("America/St_Johns"), ZoneInfo("Pacific/Apia"), ZoneInfo("UTC")]


@given(st.datetimes(datetime(2026, 1, 1), datetime(2028, 12, 31)), st.sampled_from(ZONES))
def test_every_moment_of_a_local_time_shows_it(local: datetime, zone: ZoneInfo) -> None:
    found = rules.moments(local, zone)
    assert len(found) <= 2
    assert [moment.astimezone(zone).replace(tzinfo=None, fold=0) for moment in found] == [local] * len(found)
    assert list(found) == sorted(set(found))


def test_skipped_and_repeated_times() -> None:
    assert rules.moments(datetime(2027, 3, 28, 2, 30), BERLIN) == ()
    twice = rules.moments(datetime(2026, 10, 25, 2, 30), BERLIN)
    assert [moment.hour for moment in twice] == [0, 1]
    # Here the clocks are put back by half an hour.
    assert len(rules.moments(datetime(2027, 4, 4, 1, 45), HOWE)) == 2
    assert len(rules.moments(datetime(2027, 4, 4, 1, 15), HOWE)) == 1
    assert len(rules.moments(datetime(2026, 12, 31, 23, 30), SHANGHAI)) == 1


def test_days_recur_across_the_end_of_the_year() -> None:
    assert rules.days(date(2026, 12, 24), every=Every.WEEK, times=2) == [date(2026, 12, 31), date(2027, 1, 7)]
    assert rules.days(date(2026, 12, 24), every=Every.FORTNIGHT, times=1) == [date(2027, 1, 7)]
    months = rules.days(date(2026, 11, 30), every=Every.MONTH, times=4)
    assert months == [date(2026, 12, 30), date(2027, 1, 30), date(2027, 2, 28), date(2027, 3, 30)]


def test_the_local_time_stays_when_the_clocks_change() -> None:
    first = when(datetime(2026, 10, 19, 12, 0, tzinfo=UTC))  # 14 o'clock in Berlin's summer
    [after] = rules.recurring(first, [date(2026, 10, 26)], zone=BERLIN, opens_before=timedelta(days=7), at=AT)
    assert after.starts_at == datetime(2026, 10, 26, 13, 0, tzinfo=UTC)
    assert after.ends_at - after.starts_at == timedelta(minutes=90)
    assert after.closes_at == after.starts_at - timedelta(hours=1)
    assert after.opens_at == after.starts_at - timedelta(days=7)
    night = replace(first, starts_at=datetime(2027, 3, 21, 1, 30, tzinfo=UTC))
    with pytest.raises(rules.ClockSkips) as caught:
        rules.recurring(night, [date(2027, 3, 28), date(2027, 4, 4)], zone=BERLIN, opens_before=None, at=AT)
    assert caught.value.days == [date(2027, 3, 28)]


@given(
    st.timedeltas(timedelta(days=-3), timedelta(days=60)),
    st.timedeltas(timedelta(minutes=1), timedelta(days=30)),
    st.timedeltas(timedelta(0), timedelta(days=20)),
)
def test_a_move_keeps_the_order_of_times(shift: timedelta, opens: timedelta, closes: timedelta) -> None:
    old = When(STARTS, STARTS + timedelta(hours=2), STARTS - closes - opens, STARTS - closes)
    new = rules.moved(old, starts_at=STARTS + shift, ends_at=STARTS + shift + timedelta(hours=1), at=AT)
    assert new.opens_at <= new.closes_at <= new.starts_at < new.ends_at
    assert new.starts_at - new.closes_at == closes
    if old.opens_at <= AT:
        assert new.opens_at <= AT


def test_what_a_lecture_lacks() -> None:
    assert rules.problems(plan(), is_public=False, at=AT) == []
    empty = plan(content={"title": {"en": "x"}}, where=Where(), mode=Mode.HYBRID)
    lacks = ["title", "summary", "learn", "venue", "address", "online"]
    assert rules.problems(empty, is_public=False, at=AT) == [f"{name}-missing" for name in lacks]
    assert rules.problems(plan(content=words(learn="")), is_public=False, at=AT) == ["learn-missing"]
    assert rules.problems(plan(), is_public=False, at=STARTS) == ["over"]
    assert rules.problems(plan(), is_public=True, at=STARTS) == []


def test_names_in_the_address() -> None:
    assert rules.is_slug("savings-2026")
    assert not any(map(rules.is_slug, ("", "Savings", "a--b", "-a", "new", "feed", "a" * 81, "a\n")))
    assert rules.slug_for("phone_Scams", date(2026, 12, 5)) == "phone-scams-2026-12-05"
    assert rules.is_slug(rules.slug_for("电话", date(2026, 12, 5)))
