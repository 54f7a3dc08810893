"""Intervals against published values, against a second way of computing them, and in simulation."""

from __future__ import annotations

import math
from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.metrics.rules import intervals, student
from portal.metrics.rules.intervals import Estimate, Table

RUNS = 2_000


@pytest.mark.parametrize(
    ("df", "p", "published"),
    [
        # R. A. Fisher and F. Yates, Statistical Tables, table III.
        (1, 0.975, 12.706),
        (2, 0.975, 4.303),
        (10, 0.975, 2.228),
        (29, 0.975, 2.045),
        (30, 0.995, 2.750),
        (120, 0.975, 1.980),
        (10**9, 0.975, 1.960),
        (5, 0.025, -2.571),
    ],
)
def test_students_points(df: float, p: float, published: float) -> None:
    assert round(student.quantile(p, df), 3) == published


@given(st.floats(0.001, 0.999), st.floats(0.6, 5_000))
def test_the_point_of_a_probability_has_that_probability(p: float, df: float) -> None:
    assert student.cdf(student.quantile(p, df), df) == pytest.approx(p, abs=1e-9)


@pytest.mark.parametrize(
    ("table", "low", "high"),
    [
        # Newcombe, Statistics in Medicine 17 (1998), 2635-2650, table III, method 10.
        (Table(36, 12, 2, 0), 0.0569, 0.3404),
        # D. G. Altman and others, Statistics with Confidence (2000), table 6.2.
        (Table(14, 5, 0, 22), 0.0115, 0.2265),
        # M. W. Fagerland and others, Statistical Analysis of Contingency Tables (2017), chapter 8: Bentur 2009.
        (Table(1, 1, 7, 12), -0.507, -0.026),
        (Table(59, 6, 16, 80), -0.119, -0.005),
    ],
)
def test_paired_shares(table: Table, low: float, high: float) -> None:
    found = intervals.newcombe_paired(table)
    digits = len(str(low).partition(".")[2])
    assert (round(found.low or 0, digits), round(found.high or 0, digits)) == (low, high)


@pytest.mark.parametrize(
    ("before", "after", "low", "high"),
    # Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10.
    [((48, 80), (56, 70), 0.0524, 0.3339), ((3, 10), (9, 10), 0.1705, 0.8090), ((0, 10), (10, 10), 0.6075, 1.0)],
)
def test_independent_shares(before: tuple[int, int], after: tuple[int, int], low: float, high: float) -> None:
    found = intervals.newcombe_independent(before, after)
    assert (round(found.low or 0, 4), round(found.high or 0, 4)) == (low, high)


@pytest.mark.parametrize(
    ("gained", "lost", "exact", "mid_p"),
    # M. W. Fagerland, S. Lydersen and P. Laake, BMC Medical Research Methodology 13:91 (2013): Bentur 2009, Cavo 2012.
    [(1, 7, 0.070, 0.039), (6, 16, 0.052, 0.035)],
)
def test_mcnemars_exact_and_mid_p(gained: int, lost: int, exact: float, mid_p: float) -> None:
    found = (intervals.mcnemar_exact(gained, lost), intervals.mcnemar_mid_p(gained, lost))
    assert tuple(round(one, 3) for one in found) == (exact, mid_p)


def test_approval_of_a_prime_minister() -> None:
    """A. Agresti, Categorical Data Analysis (2nd edition, 2002), table 10.1: −0.04, from −0.06 to −0.02; P < 0.0001."""
    found = intervals.newcombe_paired(Table(794, 86, 150, 570))
    assert [round(one or 0, 2) for one in (found.value, found.low, found.high)] == [-0.04, -0.06, -0.02]
    assert intervals.mcnemar_exact(86, 150) < 0.0001


def test_mcnemar() -> None:
    assert round(intervals.mcnemar_exact(15, 19), 7) == 0.6075914  # measures.md, 2
    assert intervals.mcnemar_exact(0, 0) == intervals.mcnemar_exact(4, 4) == 1.0
    assert intervals.mcnemar_exact(5, 0) == 2 / 32
    assert intervals.mcnemar_mid_p(5, 0) == pytest.approx(1 / 32)
    # Where whole numbers have thousands of digits.
    assert intervals.mcnemar_exact(2_000, 1_700) == pytest.approx(8.8e-7, rel=0.02)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_the_interval_of_paired_shares_holds_the_value_and_turns_with_the_waves(a: int, b: int, c: int, d: int) -> None:
    found, turned = (intervals.newcombe_paired(Table(a, *two, d)) for two in ((b, c), (c, b)))
    if not a + b + c + d:
        assert found == Estimate()
        return
    assert found.low is not None
    assert found.high is not None
    assert found.value is not None
    assert -1 - 1e-12 <= found.low <= found.value <= found.high <= 1 + 1e-12
    assert (turned.value, turned.low, turned.high) == pytest.approx((-found.value, -found.high, -found.low), abs=1e-12)


def test_means_by_hand() -> None:
    """Second and first: 3, 5, 7 and 1, 3, 2; the differences 2, 2, 5 have mean 3 and variance 3."""
    m = intervals.moments([1, 3, 2], [3, 5, 7])
    half = student.quantile(0.975, 2)
    assert intervals.difference(m) == Estimate(3, 3 - half, 3 + half)
    assert intervals.relative(m).value == 1.5
    assert intervals.gain(m, maximum=10).value == 3 / 8
    assert intervals.fieller(m).value == 2.5


def test_what_cannot_be_computed_is_nothing() -> None:
    one, nobody_knew, all_knew = (
        intervals.moments(*waves) for waves in (([1.0], [2.0]), ([0.0] * 9, [0.5] * 9), ([1.0] * 9, [1.0] * 9))
    )
    assert intervals.difference(one) == Estimate(1.0)
    assert intervals.relative(one) == Estimate(1.0)
    assert intervals.relative(nobody_knew) == Estimate()
    assert intervals.gain(all_knew, maximum=1.0) == Estimate()
    assert intervals.independent([], [1.0]) == Estimate()
    assert intervals.newcombe_paired(Table(0, 0, 0, 0)) == Estimate()
    with pytest.raises(ValueError, match=r"\(0, 0\)"):
        intervals.moments([], [])


def test_fiellers_interval_solves_its_equation() -> None:
    """At either end, second - r · first differs from 0 by exactly the point of Student's distribution."""
    m = intervals.moments([0.4, 0.5, 0.6, 0.3, 0.7], [0.6, 0.5, 0.9, 0.5, 0.8])
    found = intervals.fieller(m)
    for ratio in (found.low or 0, found.high or 0):
        variance = m.var_second - 2 * ratio * m.cov + ratio**2 * m.var_first
        assert abs(m.second - ratio * m.first) / math.sqrt(variance / m.n) == pytest.approx(student.quantile(0.975, 4))


@pytest.mark.parametrize("n", [30, 100, 400])
def test_intervals_of_95_percent_hold_the_truth_as_often(n: int) -> None:
    """2,000 surveys of ten questions by people of different skill, of whom each learns 35 % of what was missing."""
    chance = np.random.default_rng(n)
    truth = {"pp": 0.175, "relative": 0.35, "fieller": 1.35, "gain": 0.35, "item": 0.175, "strangers": 0.175}
    hits: Counter[str] = Counter()
    for _run in range(RUNS):
        skill, other = chance.beta(4, 4, (2, n, 1))
        before = chance.random((n, 10)) < skill
        after = chance.random((n, 10)) < skill + 0.35 * (1 - skill)
        apart = chance.random((n, 10)) < other + 0.35 * (1 - other)
        m = intervals.moments(before.mean(axis=1).tolist(), after.mean(axis=1).tolist())
        was, now = before[:, 0], after[:, 0]
        table = Table(*(int(cell.sum()) for cell in (was & now, ~was & now, was & ~now, ~was & ~now)))
        found = {
            "pp": intervals.difference(m),
            "relative": intervals.relative(m),
            "fieller": intervals.fieller(m),
            "gain": intervals.gain(m, maximum=1.0),
            "item": intervals.newcombe_paired(table),
            "strangers": intervals.independent(before.mean(axis=1).tolist(), apart.mean(axis=1).tolist()),
        }
        hits.update(name for name, one in found.items() if (one.low or 0) <= truth[name] <= (one.high or 0))
    covered = {name: hits[name] / RUNS for name in truth}
    assert {name: share for name, share in covered.items() if not 0.93 <= share <= 0.97} == {}


def test_an_interval_that_is_too_narrow_would_be_noticed() -> None:
    """The control of the simulation: of 80 % intervals about 80 % hold the truth."""
    chance = np.random.default_rng(7)
    hits = 0
    for _run in range(RUNS):
        m = intervals.moments([0.0] * 30, chance.normal(1.0, 1.0, 30).tolist())
        found = intervals.difference(m)
        half = ((found.high or 0) - (found.value or 0)) * student.quantile(0.9, 29) / student.quantile(0.975, 29)
        hits += abs((found.value or 0) - 1.0) <= half
    assert 0.77 <= hits / RUNS <= 0.83
