"""Item analysis, against published values, against exact fractions, and where it is not defined."""

from __future__ import annotations

import json
import math
import random
import subprocess
import sys

import numpy as np
import pytest

from portal.quizzes.rules.statistics import Analysis, analyse, guess_score, of_drawn, of_variant, to_json
from tests.quizzes import published


def analysed(marks, maxima=None) -> Analysis:
    maxima = maxima or [1] * len(marks[0])
    return analyse(marks, maxima=maxima, names=[f"Q{place}" for place in range(1, len(maxima) + 1)])


# Published values


def test_moodle_slots_and_a_negative_internal_consistency():
    found = analysed(published.MOODLE_SLOTS)
    for one, expected in zip(found.items, published.MOODLE_SLOTS_FOUND, strict=True):
        values = (
            one.facility,
            one.sd,
            one.effective_weight,
            one.discrimination_index,
            one.discriminative_efficiency,
        )
        assert values == pytest.approx(expected, rel=3e-7)
        assert one.intended_weight == pytest.approx(100 / 7)
    # Moodle's own test allows 1.5e-5 here: its skewness comes out of totals that were rounded to five digits.
    assert to_json(found)["test"] == pytest.approx(published.MOODLE_TEST_FOUND, rel=1.5e-5)
    assert found.test.internal_consistency == pytest.approx(-87.2230935542, rel=3e-7)


def test_moodle_a_long_test_with_empty_and_unmarked_slots():
    found = analysed(published.MOODLE_LONG, published.MOODLE_LONG_MAXIMA).items
    for one, expected in zip(found[7:], published.MOODLE_LONG_FOUND, strict=True):
        facility, sd, weight, index, efficiency = expected
        assert (one.facility, one.sd) == pytest.approx((facility / 100, sd / 1000), rel=1e-8)
        assert (one.effective_weight, one.discrimination_index) == pytest.approx((weight, index), rel=1e-8)
        assert one.discriminative_efficiency == pytest.approx(efficiency, rel=1e-8)
    for place, one in enumerate(found[:7]):
        assert one.facility == (0 if place < 4 else None)
        assert (one.sd, one.effective_weight) == (0, 0)
        assert one.discrimination_index is one.discriminative_efficiency is None


def test_moodle_a_question_drawn_by_a_random_slot_is_compared_with_the_whole_total():
    drawn = [published.MOODLE_SLOTS[place] for place in published.DREW_NUMERICAL]
    found = of_drawn([row[0] for row in drawn], [sum(row) for row in drawn], maximum=1, name="numerical")
    values = (found.facility, found.sd, found.discrimination_index, found.discriminative_efficiency)
    assert values == pytest.approx(published.NUMERICAL_FOUND, rel=3e-7)
    assert (found.n, found.effective_weight, found.intended_weight) == (12, None, None)


@pytest.mark.parametrize("variant", [1, 8])
def test_moodle_a_variant_is_analysed_over_its_own_attempts(variant):
    shown = [published.MOODLE_SLOTS[place] for place in published.SHOWED_VARIANT[variant]]
    found = of_variant([row[1] for row in shown], [sum(row) for row in shown], maximum=1, name="Q2")
    values = (found.facility, found.sd, found.discrimination_index, found.discriminative_efficiency)
    assert values == pytest.approx(published.VARIANT_FOUND[variant], rel=3e-7)
    assert (found.n, found.effective_weight) == (len(shown), None)


def test_alpha_of_a_textbook():
    found = analysed(published.DENIS, [20] * 5)
    assert round(found.test.internal_consistency / 100, 3) == 0.633
    assert [round(one.sd, 5) for one in found.items] == published.DENIS_SD
    assert [one.facility * 20 for one in found.items] == pytest.approx([7.3, 8.8, 9.1, 9.4, 7.0])
    assert round(found.items[0].discrimination_index / 100, 3) == 0.712


@pytest.mark.parametrize(("values", "skewness", "kurtosis", "digits"), published.MOMENTS)
def test_skewness_and_kurtosis_of_handbooks(values, skewness, kurtosis, digits):
    test = analysed([[value] for value in values]).test
    if skewness is not None:
        assert round(test.skewness, digits) == skewness
    if kurtosis is not None:
        assert round(test.kurtosis, digits) == kurtosis


def test_by_hand():
    """Four attempts, two items: totals 0, 1, 1, 3; o of each item is the other item.

    Q1 is 0 0 1 1 (variance 1/3), Q2 is 0 1 0 2 (variance 11/12, of a maximum of 2), their covariance 1/6, and in the
    same order (0 0 1 2) 1/2. cov(Q1, T) = 1/2, cov(Q2, T) = 13/12. var T = 19/12, so alpha = 2 (1 - 15/19) = 8/19.
    """
    found = analysed([[0, 0], [0, 1], [1, 0], [1, 2]], [1, 2])
    one, two = found.items
    assert (one.facility, two.facility) == (0.5, 0.375)
    assert one.discrimination_index == pytest.approx(100 / 6 / math.sqrt(11 / 36))
    assert two.discrimination_index == pytest.approx(one.discrimination_index)
    assert one.discriminative_efficiency == pytest.approx(100 / 3)
    weights = (math.sqrt(1 / 2), math.sqrt(13 / 12))
    assert one.effective_weight == pytest.approx(100 * weights[0] / sum(weights))
    assert (one.intended_weight, two.intended_weight) == pytest.approx((100 / 3, 200 / 3))
    test = found.test
    assert (test.mean, test.median) == (1.25, 1.0)
    assert test.sd == pytest.approx(math.sqrt(19 / 12))
    assert test.internal_consistency == pytest.approx(800 / 19)
    assert test.error_ratio == pytest.approx(100 * math.sqrt(11 / 19))
    assert test.standard_error == pytest.approx(math.sqrt(11 / 12))


@pytest.mark.parametrize(
    ("fractions", "several", "expected"),
    [([1, 0, 0, 0], False, 0.25), ([1, -0.5, 0.5, 0], False, 0.25), ([0.5, 0.5, 0], True, None), ([], False, None)],
)
def test_guess_score(fractions, several, expected):
    assert guess_score(fractions, several=several) == expected


# Where something is not defined

NOTHING = dict.fromkeys(
    ("mean", "median", "sd", "skewness", "kurtosis", "internal_consistency", "error_ratio", "standard_error")
)
NO_ITEM = dict.fromkeys(("facility", "sd", "discrimination_index", "discriminative_efficiency", "effective_weight"))


def test_no_attempt_has_no_statistics():
    found = to_json(analyse([], maxima=[1, 2], names=["A", "B"]))
    assert found == {"n": 0, "items": [{"item": "A", **NO_ITEM}, {"item": "B", **NO_ITEM}], "test": NOTHING}


def test_no_items_have_no_statistics():
    assert to_json(analyse([], maxima=[], names=[])) == {"n": 0, "items": [], "test": NOTHING}


def test_one_attempt_has_a_mean_and_no_spread():
    found = to_json(analysed([[1, 0]]))
    assert found["items"] == [
        {"item": "Q1", **NO_ITEM, "facility": 1.0},
        {"item": "Q2", **NO_ITEM, "facility": 0.0},
    ]
    assert found["test"] == NOTHING | {"mean": 1.0, "median": 1.0}


def test_two_attempts_have_a_spread_and_no_shape():
    test = to_json(analysed([[1, 0], [1, 1]]))["test"]
    assert test == NOTHING | {"mean": 1.5, "median": 1.5, "sd": pytest.approx(math.sqrt(0.5))}


def test_three_attempts_have_a_consistency_and_no_kurtosis():
    test = analysed([[1, 0], [1, 1], [0, 0]]).test
    assert test.kurtosis is None
    assert (test.skewness, test.internal_consistency) == pytest.approx((0, 200 * (1 - 2 / 3)))


def test_one_item_has_no_consistency():
    found = analysed([[0], [1], [1], [0]])
    assert found.test.internal_consistency is found.test.error_ratio is found.test.standard_error is None
    # There is nothing else to compare it with.
    assert found.items[0].discrimination_index is found.items[0].discriminative_efficiency is None
    assert found.items[0].effective_weight == 100


def test_equal_totals_have_no_shape_and_no_consistency():
    found = to_json(analysed([[1, 0], [0, 1], [1, 0], [0, 1]]))
    assert found["test"] == NOTHING | {"mean": 1.0, "median": 1.0, "sd": 0.0}
    # Each item contradicts the other, and neither moves the total.
    assert [one["discrimination_index"] for one in found["items"]] == pytest.approx([-100, -100])
    assert [one["effective_weight"] for one in found["items"]] == [None, None]


def test_an_item_against_the_total_has_no_effective_weight():
    found = analysed([[0, 3], [1, 0], [0, 4], [1, 1]], [1, 4])
    assert found.items[0].effective_weight is None
    assert found.items[1].effective_weight == 100


def test_items_without_marks_count_among_the_items():
    two = analysed([[0, 0], [0, 1], [1, 1]]).test.internal_consistency
    three = analysed([[0, 0, 0], [0, 1, 0], [1, 1, 0]], [1, 1, 0])
    assert three.items[2].facility is three.items[2].discrimination_index is None
    assert three.items[2].intended_weight == 0
    assert three.test.internal_consistency == pytest.approx(two / 2 * 3 / 2)


def test_nothing_but_items_without_marks():
    found = analysed([[0, 0], [0, 0]], [0, 0])
    assert [(one.facility, one.intended_weight, one.effective_weight) for one in found.items] == [(None,) * 3] * 2


def test_a_missing_mark_counts_as_none_of_the_marks():
    whole = to_json(analysed([[1, 0], [0, 1], [0, 0], [1, 1]]))
    assert to_json(analysed([[1, None], [math.nan, 1], [None, 0], [1, 1]])) == whole


@pytest.mark.parametrize(
    ("marks", "maxima"),
    [
        ([[1, 2, 3]], [1, 1]),
        ([[1], [1, 2]], [1, 1]),
        ([[1, "x"]], [1, 1]),
        ([[1, math.inf]], [1, 1]),
        ([[1, 1e13]], [1, 1]),
        ([[1, 1]], [1, -1]),
        ([[1, 1]], [1, math.nan]),
        ([[1, 1]], [1]),
        ([1, 1], [1, 1]),
    ],
)
def test_what_is_no_table_is_refused(marks, maxima):
    with pytest.raises(ValueError, match=r"mark|names"):
        analyse(marks, maxima=maxima, names=["A", "B"])


def test_as_many_totals_as_marks():
    with pytest.raises(ValueError, match="2 marks, but 1 totals"):
        of_drawn([1, 2], [3], maximum=1, name="x")


def test_a_question_that_nobody_drew():
    found = of_drawn([], [], maximum=1, name="x")
    assert (found.n, found.facility, found.sd, found.discrimination_index) == (0, None, None, None)


# Numbers


@pytest.mark.parametrize("mark", [0.1, 1 / 3, 0.7, 1e-9, 123456.789, 1e9 + 0.1])
@pytest.mark.parametrize("n", [2, 3, 7, 1000])
def test_a_column_of_equal_marks_has_no_variance_at_all(mark, n):
    found = analysed([[mark, place % 2, mark] for place in range(n)])
    for one in (found.items[0], found.items[2]):
        assert (one.sd, one.discrimination_index, one.discriminative_efficiency) == (0, None, None)
        assert one.effective_weight == 0
    assert found.items[1].discrimination_index is None


def test_rests_that_are_equal_but_for_rounding_count_as_equal():
    """0.1 + 0.9, 0.3 + 0.7, 0.2 + 0.8 and 0.6 + 0.4 are not all the same number to a computer."""
    rows = [[0.1, 0.9, 1], [0.3, 0.7, 0], [0.2, 0.8, 0], [0.6, 0.4, 1], [1 / 3, 2 / 3, 1]]
    found = analysed(rows)
    assert found.items[2].discrimination_index is None
    alone = analysed([row[:2] for row in rows]).test
    assert (alone.sd, alone.skewness, alone.internal_consistency) == (0, None, None)


def test_no_weight_is_made_out_of_rounding():
    """cov(Q1, Q2) = -var Q1, so that Q1 leaves the total as it is: its weight is 0, and neither null nor 1e-7."""
    for share in (1, 10, 3, 7):
        rows = [[0.1, 0.9], [0.1, 1.3], [0.7, 0.3], [0.7, 0.7]]
        found = analysed([[mark / share for mark in row] for row in rows])
        assert found.items[0].effective_weight == 0


def test_a_large_offset_costs_no_digits():
    base = [[0, 1, 1], [1, 0, 1], [1, 1, 0], [0, 0, 0], [1, 1, 1]]
    plain = to_json(analysed(base))
    moved = to_json(analysed([[mark + 1e9 for mark in row] for row in base]))
    for one, other in zip(plain["items"], moved["items"], strict=True):
        assert {**one, "facility": None} == {**other, "facility": None}
    assert moved["test"]["mean"] == plain["test"]["mean"] + 3e9
    for name in ("sd", "skewness", "kurtosis", "internal_consistency", "error_ratio", "standard_error"):
        assert plain["test"][name] == moved["test"][name]


def test_perfect_agreement_stays_within_its_bounds():
    generator = random.Random(7)  # marks, no secrets
    for _ in range(50):
        column = [generator.random() for _ in range(20)]
        found = analysed([[mark, mark, mark] for mark in column])
        assert found.test.internal_consistency == pytest.approx(100)
        assert found.test.internal_consistency <= 100
        assert found.test.error_ratio == pytest.approx(0, abs=1e-5)
        assert [one.discrimination_index for one in found.items] == pytest.approx([100] * 3)
        assert max(one.discrimination_index for one in found.items) <= 100
        assert max(one.discriminative_efficiency for one in found.items) <= 100


@pytest.mark.parametrize("tiny", [1e-200, 5e-324, 1e-320])
def test_marks_that_vanish_when_squared_are_null_and_not_nan(tiny):
    found = to_json(analysed([[0, tiny], [tiny, 0], [tiny, tiny], [0, 0]]))
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_the_table_given_stays_as_it_is():
    for order in ("C", "F"):
        table = np.array([[1, np.nan], [0, 1]], order=order)
        analyse(table, maxima=[1, 1], names=["A", "B"])
        assert np.isnan(table[0, 1])


def test_the_rules_load_no_numpy():
    code = (
        "import sys, portal.quizzes.rules.statistics, portal.quizzes.rules.readings, portal.quizzes.services.marks,"
        " portal.quizzes.commands; sys.exit('numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
