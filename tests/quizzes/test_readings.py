"""What figures say in plain words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.quizzes.rules.readings import SENTENCES, Reading, read_test, reading
from portal.quizzes.rules.statistics import ItemStatistics, TestStatistics, analyse

ITEM = ItemStatistics(
    item="x",
    maximum=1,
    n=100,
    facility=0.6,
    sd=0.5,
    discrimination_index=45,
    discriminative_efficiency=60,
    effective_weight=10,
    intended_weight=10,
)
TEST = TestStatistics(
    n=100,
    maximum=10,
    mean=6,
    median=6,
    sd=1.5,
    skewness=0,
    kurtosis=0,
    internal_consistency=80,
    error_ratio=45,
    standard_error=0.7,
)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [Reading.GOOD]),
        ({"n": 0, "facility": None}, [Reading.NO_ATTEMPTS]),
        ({"n": 29}, [Reading.GOOD, Reading.FEW]),
        ({"maximum": 0, "facility": None, "discrimination_index": None}, [Reading.NO_MARKS]),
        ({"facility": 0.95}, [Reading.TOO_EASY]),
        ({"facility": 0.949}, [Reading.GOOD]),
        ({"facility": 0.05}, [Reading.TOO_HARD]),
        ({"facility": 0.051}, [Reading.GOOD]),
        ({"facility": 1, "sd": 0, "discrimination_index": None}, [Reading.TOO_EASY]),
        ({"facility": 0.5, "sd": 0, "discrimination_index": None}, [Reading.ALL_ALIKE]),
        ({"discrimination_index": None}, []),
        ({"discrimination_index": -0.1, "effective_weight": None}, [Reading.WRONG_WAY]),
        ({"facility": 0.97, "discrimination_index": -5}, [Reading.TOO_EASY, Reading.WRONG_WAY]),
        ({"discrimination_index": 0}, [Reading.WEAK]),
        ({"discrimination_index": 19.9}, [Reading.WEAK]),
        ({"discrimination_index": 20}, [Reading.MIDDLING]),
        ({"discrimination_index": 30}, [Reading.GOOD]),
        ({"effective_weight": 4.9}, [Reading.GOOD, Reading.COUNTS_LITTLE]),
        ({"effective_weight": 20.1}, [Reading.GOOD, Reading.COUNTS_MUCH]),
        ({"effective_weight": 0}, [Reading.GOOD]),
    ],
)
def test_items(change, expected):
    assert reading(replace(ITEM, **change)) == expected


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({}, [Reading.TEST_SATISFACTORY]),
        ({"n": 0}, [Reading.NO_ATTEMPTS]),
        ({"internal_consistency": 75}, [Reading.TEST_SATISFACTORY]),
        ({"internal_consistency": 74.9}, [Reading.TEST_DOUBTFUL]),
        ({"internal_consistency": 64}, [Reading.TEST_DOUBTFUL]),
        ({"internal_consistency": 63.9}, [Reading.TEST_POOR]),
        ({"internal_consistency": -0.1}, [Reading.TEST_CONTRARY]),
        ({"internal_consistency": None}, []),
        ({"internal_consistency": None, "sd": 0}, [Reading.TEST_ALIKE]),
        ({"sd": 1.19}, [Reading.TEST_SATISFACTORY, Reading.TEST_BUNCHED]),
        ({"n": 3}, [Reading.TEST_SATISFACTORY, Reading.FEW]),
    ],
)
def test_tests(change, expected):
    assert read_test(replace(TEST, **change)) == expected


def test_every_reading_has_a_sentence():
    assert set(SENTENCES) == set(Reading)
    assert len(set(SENTENCES.values())) == len(Reading)


def test_of_real_marks():
    rows = [[1, place % 2, place % 2, 0 if place % 2 else 1] for place in range(40)]
    found = analyse(rows, maxima=[1] * 4, names="ABCD")
    assert [reading(one) for one in found.items[:1]] == [[Reading.TOO_EASY]]
    assert reading(found.items[3])[0] == Reading.WRONG_WAY
