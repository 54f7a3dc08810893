"""When an answer counts, from where, and what of a comment is kept."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.articles.rules import LONGEST_COMMENT, day_of, kept_comment, place_of

ZONE = ZoneInfo("Asia/Shanghai")
moments = st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC))
zones = st.sampled_from([ZONE, UTC, ZoneInfo("America/New_York"), ZoneInfo("Pacific/Kiritimati")])


@given(moments, zones)
def test_a_day_is_the_local_one(at: datetime, zone: ZoneInfo) -> None:
    assert day_of(at, zone) == at.astimezone(zone).strftime("%Y-%m-%d")


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
