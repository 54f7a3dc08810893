"""Options, times and small cells."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.counts import OptionCounts, Times, count_options, is_small, response_time, suppress


def test_dont_know_is_counted_apart_from_blank_and_from_wrong():
    answers = [Answer(("a",)), Answer(("b",)), Answer(("a",)), Answer(dont_know=True), Answer()]
    assert count_options(answers, options="abc") == OptionCounts(5, {"a": 2, "b": 1, "c": 0}, dont_know=1, blank=1)


def test_several_options_of_one_answer():
    found = count_options([Answer(("a", "b")), Answer(("b",)), Answer(("b", "b"))], options=["b", "a", "c"])
    assert found == OptionCounts(3, {"b": 3, "a": 1, "c": 0}, dont_know=0, blank=0)
    assert list(found.chosen) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        ([], Times(0, None, None, None)),
        ([None, -1, math.nan, math.inf], Times(0, None, None, None)),
        ([4], Times(1, 4, 4, 4)),
        ([8, None, 4], Times(2, 5, 6, 7)),
        # R, quantile(c(6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49)), type 7: 25.5, 40, 42.5
        ([6, 7, 15, 36, 39, 40, 41, 42, 43, 47, 49], Times(11, 25.5, 40, 42.5)),
    ],
)
def test_times(seconds, expected):
    assert response_time(seconds) == expected


def test_fewer_than_five_are_few():
    assert [is_small(n) for n in (0, 1, 4, 5, 100)] == [True, True, True, False, False]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 50, "b": 30, "c": 20}, {"a": 50, "b": 30, "c": 20}),
        ({"a": 50, "b": 4, "c": 2}, {"a": 50, "b": None, "c": None}),
        # One alone could be told from the sum: the next larger goes as well.
        ({"a": 50, "b": 30, "c": 2}, {"a": 50, "b": None, "c": None}),
        ({"a": 3}, {"a": None}),
        ({}, {}),
    ],
)
def test_small_cells_are_not_shown(counts, expected):
    assert suppress(counts) == expected


@given(st.dictionaries(st.integers(), st.integers(0, 20), min_size=2))
def test_nothing_small_is_shown_nor_can_be_told_from_the_sum(counts):
    shown = suppress(counts)
    assert list(shown) == list(counts)
    assert all(count is None or count == counts[key] >= 5 for key, count in shown.items())
    assert sum(count is None for count in shown.values()) != 1
