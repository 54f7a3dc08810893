"""Small cells."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.quizzes.rules.counts import is_small, suppress


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
