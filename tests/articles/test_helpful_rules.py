"""When an answer counts, from where, and what of a comment is kept."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.articles.rules import LONGEST_COMMENT, day_of, kept_comment, place_of, quarter_of

ZONE = ZoneInfo("Asia/Shanghai")
moments = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from([ZONE, UTC, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Kiritimati")])


@given(moments, zones)
def test_a_quarter_is_that_of_the_local_month(at: datetime, zone: ZoneInfo) -> None:
    local = at.astimezone(zone)
    year, number = quarter_of(at, zone).split("Q")
    assert int(year) == local.year
    assert local.month in range(3 * int(number) - 2, 3 * int(number) + 1)
    assert day_of(at, zone) == local.strftime("%Y-%m-%d")


@given(moments, zones, st.timedeltas(min_value=timedelta(0), max_value=timedelta(days=2000)))
def test_quarters_follow_each_other(at: datetime, zone: ZoneInfo, later: timedelta) -> None:
    assert quarter_of(at, zone) <= quarter_of(at + later, zone)


@pytest.mark.parametrize(
    ("at", "quarter"),
    [
        (datetime(2026, 9, 30, 15, 59, 59, tzinfo=UTC), "2026Q3"),
        (datetime(2026, 9, 30, 16, 0, tzinfo=UTC), "2026Q4"),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), "2027Q1"),
    ],
)
def test_a_quarter_begins_at_midnight_in_the_zone_of_the_site(at: datetime, quarter: str) -> None:
    assert quarter_of(at, ZONE) == quarter


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("很有用，字再大一点更好", "很有用，字再大一点更好"),
        ("  两行\n  合成\t一行 ", "两行 合成 一行"),
        ("加我13812345678细聊", "加我***细聊"),
        ("加我138 1234 5678细聊", "加我***细聊"),
        ("打010-12345678问", "打***问"),
        ("身份证11010519491231002X", "身份证***"),
        ("６２２２０２１２３４５６７８９０", "***"),
        ("看https://evil.example/a?b=c吧", "看***吧"),
        ("看 evil.top/x 吧", "看 *** 吧"),
        ("写给a.b@example.org", "写给***"),
        ("2026年损失了50000元，打110", "2026年损失了50000元，打110"),
        ("\x00\u202e坏字符", "坏字符"),
    ],
)
def test_what_may_be_personal_is_not_kept(said: str, kept: str) -> None:
    assert kept_comment(said) == kept


@given(st.text(max_size=400))
def test_any_comment_is_one_short_line_without_long_numbers(said: str) -> None:
    kept = kept_comment(said)
    assert len(kept) <= LONGEST_COMMENT
    assert kept == "" or kept.isprintable()
    assert not any(run.isdigit() and len(run) > 6 for run in kept.split())


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:0db8:0001:0002"),
        ("2001:db8:1:2:ffff::1%eth0", "2001:0db8:0001:0002"),
        ("", ""),
        ("unix", "unix"),
    ],
)
def test_one_sender_is_an_address_or_a_network(address: str, place: str) -> None:
    assert place_of(address) == place
