"""Contacts in their one form, ranks, phases; and results of groups that give nobody away."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.quizzes.rules import contests, groups
from portal.quizzes.rules.bank import Contact
from portal.quizzes.rules.contests import NoContact, Phase, Place
from tests.articles.desk import AT


def test_mobile_numbers() -> None:
    assert contests.normal(Contact.PHONE, "+86 138-0013-8000") == "13800138000"
    for typed in ("", "1380013800", "AB1234", "13800138000 " + " " * 60):
        with pytest.raises(NoContact):
            contests.normal(Contact.PHONE, typed)


def test_staff_numbers() -> None:
    for typed in ("ab1234", "AB 1234", "ＡＢ１２３４", "ab-1234"):
        assert contests.normal(Contact.STAFF_NUMBER, typed) == "AB1234"
    for typed in ("abc", "a" * 21, "张三1234", "ab#1234", ""):
        with pytest.raises(NoContact):
            contests.normal(Contact.STAFF_NUMBER, typed)
    assert contests.normal(Contact.NONE, "13800138000") == ""


@given(st.text(max_size=70), st.sampled_from([Contact.PHONE, Contact.STAFF_NUMBER]))
def test_a_form_is_its_own_form(typed: str, kind: Contact) -> None:
    try:
        found = contests.normal(kind, typed)
    except NoContact:
        return
    assert contests.normal(kind, found) == found
    assert found.isascii()


def test_phases_change_at_the_announced_moment() -> None:
    end = AT + timedelta(days=1)
    tick = timedelta(microseconds=1)
    moments = [AT - tick, AT, end - tick, end]
    found = [contests.phase(opens_at=AT, closes_at=end, drawn_at=None, at=at) for at in moments]
    assert found == [Phase.COMING, Phase.OPEN, Phase.OPEN, Phase.CLOSED]
    assert contests.phase(opens_at=AT, closes_at=end, drawn_at=end, at=end) is Phase.DRAWN
    assert contests.erased_from(closes_at=AT, drawn_at=None) == AT + timedelta(days=60)
    assert contests.erased_from(closes_at=AT, drawn_at=end) == end + timedelta(days=60)


def test_equal_ones_share_a_rank_and_the_next_is_left_out() -> None:
    rows = [("D", 50.0, 9.0), ("C", 80.0, 60.0), ("B", 80.0, 60.9), ("A", 100.0, 99.0), ("E", 80.0, 61.0)]
    assert contests.ranking(rows) == [
        Place(1, "A", 100.0, 99),
        Place(2, "B", 80.0, 60),
        Place(2, "C", 80.0, 60),
        Place(4, "E", 80.0, 61),
        Place(5, "D", 50.0, 9),
    ]


@given(st.lists(st.tuples(st.text(max_size=3), st.integers(0, 4).map(float), st.integers(0, 4).map(float))))
def test_a_rank_is_how_many_are_better_plus_one(rows: list[tuple[str, float, float]]) -> None:
    for place in contests.ranking(rows):
        better = [row for row in rows if (-row[1], row[2]) < (-place.percent, place.seconds)]
        assert place.rank == len(better) + 1


def test_four_are_too_few_and_every_step_adds_five() -> None:
    assert groups.summarise([100.0] * 4, finished=4) is None
    assert [groups.counted(finished) for finished in (0, 4, 5, 9, 10, 29)] == [0, 0, 5, 5, 10, 25]


def test_a_summary() -> None:
    found = groups.summarise([0.0, 19.9, 20.0, 80.0, 100.0], finished=7)
    assert found is not None
    assert (found.finished, found.counted, round(found.mean, 2), found.median) == (7, 5, 43.98, 20.0)
    assert found.bands == (2, 1, 0, 0, 2)


@given(st.lists(st.floats(-100, 200), min_size=5))
def test_every_attempt_falls_into_one_band(percents: list[float]) -> None:
    found = groups.summarise(percents, finished=len(percents))
    assert found is not None
    assert sum(found.bands) == len(percents)


def test_a_question_that_few_were_asked_tells_nothing() -> None:
    assert groups.figure("q", [1.0] * 4, 1) == groups.Figure("q", 4, None, None)
    assert groups.figure("q", [1.0, 0.0, 0.5, 0.5, 0.5], 2) == groups.Figure("q", 5, 0.5, 0.4)
