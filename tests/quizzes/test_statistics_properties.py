"""Item analysis of any table: as exact fractions say, whatever the order and the unit, and within its bounds."""

from __future__ import annotations

import json
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from portal.quizzes.rules.statistics import analyse, of_drawn, of_variant, to_json
from tests.quizzes import slow


def close(value: float | None, expected: float | None, **tolerance: float) -> bool:
    if value is None or expected is None:
        return value is expected
    return bool(value == pytest.approx(expected, **(tolerance or {"rel": 1e-9, "abs": 1e-9})))


def same(found: dict, expected: dict) -> bool:
    """Whether two analyses say the same; prints where they do not."""
    pairs = [
        (f"{one['item']} {name}", one[name], other[name])
        for one, other in zip(found["items"], expected["items"], strict=True)
        for name in one
        if name != "item"
    ] + [(name, found["test"][name], expected["test"][name]) for name in found["test"]]
    wrong = [(name, one, other) for name, one, other in pairs if not close(one, other, rel=1e-7, abs=1e-7)]
    print(wrong)
    return not wrong and found["n"] == expected["n"]


MARK = st.one_of(
    st.integers(-4, 8).map(lambda quarter: Fraction(quarter, 4)), st.integers(0, 10).map(lambda x: Fraction(x, 10))
)


@st.composite
def tables(draw, least=0, items=5):
    width = draw(st.integers(1, items))
    marks = draw(st.lists(st.lists(MARK, min_size=width, max_size=width), min_size=least, max_size=12))
    maxima = draw(st.lists(st.sampled_from([Fraction(0), Fraction(1), Fraction(2)]), min_size=width, max_size=width))
    return marks, maxima


def ours(marks, maxima):
    rows = [[float(mark) for mark in row] for row in marks]
    return to_json(analyse(rows, maxima=[*map(float, maxima)], names=[str(place) for place in range(len(maxima))]))


@settings(max_examples=400, deadline=None)
@given(tables())
def test_the_same_as_exact_fractions(given_table):
    marks, maxima = given_table
    expected = slow.analyse(marks, maxima, [str(place) for place in range(len(maxima))])
    assert same(ours(marks, maxima), expected)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(MARK, MARK), max_size=12))
def test_drawn_questions_and_variants_the_same_as_exact_fractions(pairs):
    marks, totals = [one for one, _ in pairs], [one + other for one, other in pairs]
    for function, others in ((of_drawn, totals), (of_variant, [other for _, other in pairs])):
        found = function([*map(float, marks)], [*map(float, totals)], maximum=2, name="x")
        expected = slow.item(marks, others, Fraction(2))
        assert all(close(getattr(found, name), value, rel=1e-7, abs=1e-7) for name, value in expected.items())


@settings(max_examples=100, deadline=None)
@given(tables(least=1), st.randoms(use_true_random=False))
def test_the_order_of_attempts_says_nothing(given_table, shuffler):
    marks, maxima = given_table
    turned = [*marks]
    shuffler.shuffle(turned)
    assert same(ours(turned, maxima), ours(marks, maxima))


@settings(max_examples=100, deadline=None)
@given(tables(least=1), st.randoms(use_true_random=False))
def test_the_order_of_items_only_orders_them(given_table, shuffler):
    marks, maxima = given_table
    order = [*range(len(maxima))]
    shuffler.shuffle(order)
    turned = ours([[row[place] for place in order] for row in marks], [maxima[place] for place in order])
    plain = ours(marks, maxima)
    plain["items"] = [plain["items"][place] for place in order]
    assert same(turned, plain)


@settings(max_examples=100, deadline=None)
@given(tables(least=1), st.sampled_from([3, 10, 100]))
def test_other_units_change_the_marks_and_no_index(given_table, factor):
    marks, maxima = given_table
    plain = ours(marks, maxima)
    scaled = ours([[mark * factor for mark in row] for row in marks], [one * factor for one in maxima])
    for one in plain["items"]:
        one["sd"] = one["sd"] and one["sd"] * factor
    for name in ("mean", "median", "sd", "standard_error"):
        plain["test"][name] = plain["test"][name] and plain["test"][name] * factor
    assert same(scaled, plain)


@settings(max_examples=100, deadline=None)
@given(tables(least=1))
def test_bounds(given_table):
    found = ours(*given_table)
    assert json.loads(json.dumps(found, allow_nan=False)) == found
    for one in found["items"]:
        assert one["discrimination_index"] is None or -100 <= one["discrimination_index"] <= 100
        assert one["discriminative_efficiency"] is None or one["discriminative_efficiency"] <= 100
    weights = [one["effective_weight"] for one in found["items"] if one["effective_weight"] is not None]
    assert not weights or sum(weights) == pytest.approx(100)
    assert found["test"]["internal_consistency"] is None or found["test"]["internal_consistency"] <= 100


def test_an_alpha_of_1_leaves_no_error() -> None:
    """All items alike: nothing but the last digit of a division is left, of which no root may be taken."""
    for count in range(2, 12):
        for marks in ([0.1, 0.3, 0.7], [1 / 3, 2 / 3, 1.0, 0.0], [0.25, 0.35, 0.95, 0.15, 0.05]):
            test = analyse(
                [[mark] * count for mark in marks], maxima=[1.0] * count, names=[str(n) for n in range(count)]
            )
            assert (test.test.error_ratio, test.test.standard_error) == (0.0, 0.0)
