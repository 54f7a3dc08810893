"""What is allowed, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.accounts import rules
from portal.accounts.rules import Kind, Limit, Obstacle, Role, Scope, Stage, Weakness
from portal.core.settings import Permission

NOW = datetime(2026, 11, 22, 6, 0, tzinfo=UTC)
ROLES = st.sets(st.sampled_from(list(Role)), min_size=1)


def test_the_table_of_permissions() -> None:
    desk = Permission.DESK
    assert {
        Role.AUTHOR: {desk, Permission.WRITE},
        Role.REVIEWER: {desk, Permission.WRITE, Permission.REVIEW},
        Role.ORGANISER: {desk, Permission.ORGANISE},
        Role.ANALYST: {desk, Permission.ANALYSE},
        Role.ADMINISTRATOR: {
            desk,
            Permission.MANAGE_PEOPLE,
            Permission.READ_AUDIT,
            Permission.MOVE_CONTENT,
            Permission.ANALYSE,
        },
    } == rules.ROLES


@given(ROLES, ROLES)
def test_roles_add_up(some: set[Role], others: set[Role]) -> None:
    assert rules.permissions(some | others) == rules.permissions(some) | rules.permissions(others)


@given(st.sets(st.text(max_size=20)))
def test_words_that_are_no_roles_give_nothing(words: set[str]) -> None:
    assert rules.permissions(words - set(Role)) == frozenset()


@given(ROLES)
def test_reviewers_and_administrators_need_a_second_factor(roles: set[Role]) -> None:
    assert rules.needs_second_factor(roles) == bool(roles & {Role.REVIEWER, Role.ADMINISTRATOR})


# --- passwords ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "password",
    [
        "蓝色的自行车在雨里",
        "correct horse battery staple",
        "   spaces at both ends   ",
        "t7#Kq!mZ",
        "Ünïcödé ist schön genug",
        "🙂🙃🙂 vier Bilder",
        "mingbai has a very long tail that nobody guesses",
        "x" * 50 + "y" * 50 + "z1" * 10,
        "\x00\x01 control \x02 characters",
    ],
)
def test_good_passwords(password: str) -> None:
    assert rules.weakness(password, own=("林静", "lin.jing@example.org")) is None


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", Weakness.SHORT),
        ("七个字的密码呀", Weakness.SHORT),
        ("y7" * 64 + "!", Weakness.LONG),
        ("password", Weakness.COMMON),
        ("Password123!", Weakness.COMMON),
        ("P@ssw0rd", Weakness.COMMON),
        ("ｐａｓｓｗｏｒｄ", Weakness.COMMON),
        ("12345678", Weakness.COMMON),
        ("qwertyui", Weakness.COMMON),
        ("1qaz2wsx", Weakness.COMMON),
        ("abcabcabc", Weakness.COMMON),
        ("aaaaaaaaaaaa", Weakness.COMMON),
        ("woaini1314", Weakness.COMMON),
        ("19900101", Weakness.COMMON),
        ("中华人民共和国中华", Weakness.OWN),
        ("Mingbai2026", Weakness.COMMON),
        ("明白银行12345", Weakness.OWN),
        ("zhongguo#1", Weakness.COMMON),
        ("Fanzha-2026", Weakness.OWN),
        ("lin.jing2026", Weakness.OWN),
        ("JING1234lin!", Weakness.OWN),
        ("林静林静林静林静林静", Weakness.COMMON),
        ("林静的密码666", Weakness.OWN),
    ],
)
def test_bad_passwords(password: str, why: Weakness) -> None:
    assert rules.weakness(password, own=("林静", "lin.jing@example.org", "jing")) is why


@given(st.text(min_size=rules.SHORTEST, max_size=rules.LONGEST), st.text(max_size=60), st.text(max_size=60))
def test_any_text_is_judged_without_failing(password: str, name: str, email: str) -> None:
    assert rules.weakness(password, own=(name, email)) in {None, Weakness.COMMON, Weakness.OWN}


@given(st.text(max_size=300))
def test_length_is_counted_before_anything_else(password: str) -> None:
    found = rules.weakness(password)
    assert (found is Weakness.SHORT) == (len(password) < 8)
    assert (found is Weakness.LONG) == (len(password) > 128)


# --- limits -------------------------------------------------------------------------------------------------------

MOMENTS = st.lists(st.integers(-4000, 0).map(lambda s: NOW + timedelta(seconds=s)), max_size=30)


@given(MOMENTS, st.integers(1, 12), st.integers(1, 3600))
def test_whoever_must_wait_may_then_try_and_not_a_second_sooner(times: list[datetime], most: int, span: int) -> None:
    limit = Limit(Scope.ACCOUNT, most, timedelta(seconds=span))
    must = rules.wait(times, limit, NOW)
    inside = sum(1 for time in times if time > NOW - limit.within)
    assert (must is None) == (inside < most)
    if must is not None:
        assert timedelta(0) < must <= limit.within
        assert rules.wait(times, limit, NOW + must) is None
        assert rules.wait(times, limit, NOW + must - timedelta(microseconds=1)) is not None


@given(st.lists(st.integers(0, 900), min_size=1, max_size=60))
def test_no_window_ever_holds_more_than_the_limit(seconds: list[int]) -> None:
    limit = Limit(Scope.ACCOUNT, 5, timedelta(minutes=5))
    taken: list[datetime] = []
    for second in sorted(seconds):
        at = NOW + timedelta(seconds=second)
        if rules.wait(taken, limit, at) is None:
            taken.append(at)
    for first in taken:
        assert sum(1 for time in taken if first <= time < first + limit.within) <= limit.most


def test_the_limits_of_the_house() -> None:
    assert [(one.scope, one.most, one.within.total_seconds() / 60) for one in rules.LIMITS[Kind.PASSWORD]] == [
        (Scope.ACCOUNT, 10, 5),
        (Scope.ADDRESS, 10, 5),
        (Scope.GLOBAL, 1000, 5),
    ]
    assert [(one.scope, one.most, one.within.total_seconds() / 60) for one in rules.LIMITS[Kind.CODE]] == [
        (Scope.ACCOUNT, 5, 5),
        (Scope.ACCOUNT, 20, 60),
        (Scope.ADDRESS, 10, 5),
        (Scope.GLOBAL, 1000, 5),
    ]


@pytest.mark.parametrize(
    ("address", "counted"),
    [
        ("203.0.113.7", "203.0.113.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:ffff:1:2:3", "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
        ("unix:", ""),
    ],
)
def test_what_counts_as_one_address(address: str, counted: str) -> None:
    assert rules.network(address) == counted


# --- sessions, codes ----------------------------------------------------------------------------------------------


@given(st.integers(0, 14 * 3600), st.integers(0, 14 * 3600))
def test_a_session_lives_as_long_as_both_limits_allow(age: int, idle: int) -> None:
    created, seen = NOW - timedelta(seconds=max(age, idle)), NOW - timedelta(seconds=idle)
    live = rules.is_live(stage=Stage.COMPLETE, created_at=created, seen_at=seen, at=NOW)
    assert live == (idle < 30 * 60 and max(age, idle) < 12 * 3600)


def test_a_half_session_lives_ten_minutes_however_it_is_used() -> None:
    for seconds, live in ((599, True), (600, False)):
        created = NOW - timedelta(seconds=seconds)
        assert rules.is_live(stage=Stage.PASSWORD, created_at=created, seen_at=NOW, at=NOW) is live


def test_recovery_codes_are_different_and_survive_being_typed() -> None:
    codes = {rules.recovery_code() for _ in range(200)}
    assert len(codes) == 200
    for code in codes:
        assert len(rules.tidy_code(code)) == 12
        assert rules.tidy_code(f"  {code.upper().replace('-', ' ')} ") == rules.tidy_code(code)


def test_full_width_digits_are_a_code() -> None:
    assert rules.tidy_code(" １２３ ４５６ ") == "123456"


# --- people -------------------------------------------------------------------------------------------------------


@given(ROLES, ROLES, st.integers(0, 3), st.sampled_from([None, 1, 2]))
def test_somebody_can_always_look_after_the_people(
    old: set[Role], new: set[Role], others: int, by_id: int | None
) -> None:
    refused = rules.obstacle_to_roles(by_id=by_id, person_id=1, old=old, new=new, other_administrators=others)
    if refused is None and Role.ADMINISTRATOR in old:
        assert Role.ADMINISTRATOR in new or others >= 1
    if by_id == 1 and Role.ADMINISTRATOR in old - new:
        assert refused is Obstacle.OWN_ADMINISTRATOR
    refused = rules.obstacle_to_disabling(by_id=by_id, person_id=1, roles=old, other_administrators=others)
    assert (refused is None) == (by_id != 1 and (Role.ADMINISTRATOR not in old or others >= 1))


@pytest.mark.parametrize("roles", [set(), {"king"}, {"author", "king"}])
def test_nobody_is_without_a_role_or_has_one_that_does_not_exist(roles: set[str]) -> None:
    given_roles = rules.obstacle_to_roles(by_id=2, person_id=1, old={"author"}, new=roles, other_administrators=3)
    assert given_roles is Obstacle.NO_ROLE
