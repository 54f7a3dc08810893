"""Intervals of 95 % for what a lecture changed: shares, means, their ratio, and the part of the gap that was closed.

Shares are from 0 to 1. What cannot be computed is None, never 0 and never NaN.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from portal.events.rules.satisfaction import Z_95, wilson
from portal.metrics.rules import student

LEVEL = 0.975
"""The upper point of a two-sided interval of 95 %."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A value and its interval; None: it cannot be computed."""

    value: float | None = None
    low: float | None = None
    high: float | None = None

    def scaled(self, factor: float) -> Estimate:
        """Return it in another unit; `factor` is positive."""
        return Estimate(*(None if one is None else one * factor for one in (self.value, self.low, self.high)))

    @property
    def bounds(self) -> tuple[float, float] | None:
        """The interval, or None: there is none."""
        return None if self.low is None or self.high is None else (self.low, self.high)

    def widened(self, other: Estimate) -> Estimate:
        """Return the value with the interval that holds both intervals; without one where either has none."""
        mine, others = self.bounds, other.bounds
        if mine is None or others is None:
            return Estimate(self.value)
        return Estimate(self.value, min(mine[0], others[0]), max(mine[1], others[1]))


@dataclass(frozen=True, slots=True)
class Moments:
    """Means, variances and covariance (over n - 1) of paired values."""

    n: int
    first: float
    second: float
    var_first: float
    var_second: float
    cov: float


def moments(first: Sequence[float], second: Sequence[float]) -> Moments:
    """Return the moments of pairs; variances of fewer than two are 0.

    Raises:
        ValueError: there is nothing, or not the same number of both.
    """
    n = len(first)
    if n == 0 or n != len(second):
        raise ValueError((n, len(second)))
    mean0, mean1 = math.fsum(first) / n, math.fsum(second) / n
    if n == 1:
        return Moments(1, mean0, mean1, 0.0, 0.0, 0.0)
    return Moments(
        n,
        mean0,
        mean1,
        math.fsum((x - mean0) ** 2 for x in first) / (n - 1),
        math.fsum((y - mean1) ** 2 for y in second) / (n - 1),
        math.fsum((x - mean0) * (y - mean1) for x, y in zip(first, second, strict=True)) / (n - 1),
    )


def difference(m: Moments) -> Estimate:
    """Return second minus first with Student's interval, d ± t · s/√n (measures.md, 2)."""
    value = m.second - m.first
    if m.n < 2:
        return Estimate(value)
    # Rounding may leave the variance of equal differences a hair below 0.
    half = student.quantile(LEVEL, m.n - 1) * math.sqrt(max(0.0, m.var_first + m.var_second - 2 * m.cov) / m.n)
    return Estimate(value, value - half, value + half)


def relative(m: Moments) -> Estimate:
    """Return second/first - 1 with the interval of the log ratio, exp(ln R ± t · se) - 1.

    se² = (s₁²/m₁² + s₀²/m₀² - 2 cov/(m₀ m₁)) / n (measures.md, 2). Undefined where the first mean is not above 0; of a
    second mean of 0 there is no logarithm, so the value stands without an interval.
    """
    if m.first <= 0:
        return Estimate()
    ratio = m.second / m.first
    if m.n < 2 or m.second <= 0:
        return Estimate(ratio - 1)
    square = m.var_second / m.second**2 + m.var_first / m.first**2 - 2 * m.cov / (m.first * m.second)
    half = student.quantile(LEVEL, m.n - 1) * math.sqrt(max(0.0, square) / m.n)
    return Estimate(ratio - 1, ratio * math.exp(-half) - 1, ratio * math.exp(half) - 1)


def fieller(m: Moments) -> Estimate:
    """Return second/first with Fieller's interval: the ratios r for which second - r · first may be 0.

    E. C. Fieller, Some problems in interval estimation, *Journal of the Royal Statistical Society* B 16 (1954),
    175-185. Where the first mean is not clearly different from 0 the ratios are no interval, and none is given.
    """
    if m.first == 0:
        return Estimate()
    value = m.second / m.first
    if m.n < 2:
        return Estimate(value)
    t2 = student.quantile(LEVEL, m.n - 1) ** 2 / m.n
    a = m.first**2 - t2 * m.var_first
    b = m.first * m.second - t2 * m.cov
    c = m.second**2 - t2 * m.var_second
    if a <= 0:
        return Estimate(value)
    root = math.sqrt(max(0.0, b * b - a * c))
    return Estimate(value, (b - root) / a, (b + root) / a)


def gain(m: Moments, *, maximum: float) -> Estimate:
    """Return Hake's normalised gain of the means, (second - first) / (maximum - first), with its interval.

    R. R. Hake, Interactive-engagement versus traditional methods, *American Journal of Physics* 66 (1998), 64-74. The
    gain is 1 less the ratio of what is missing after to what was missing before, so Fieller's interval of that ratio
    is one of the gain. Undefined where everybody had everything right before.
    """
    missing = Moments(m.n, maximum - m.first, maximum - m.second, m.var_first, m.var_second, m.cov)
    if missing.first <= 0:
        return Estimate()
    value, bounds = 1 - missing.second / missing.first, fieller(missing).bounds
    return Estimate(value) if bounds is None else Estimate(value, 1 - bounds[1], 1 - bounds[0])


def independent(first: Sequence[float], second: Sequence[float]) -> Estimate:
    """Return the difference of two independent means with Welch's interval.

    B. L. Welch, The generalization of "Student's" problem, *Biometrika* 34 (1947), 28-35.
    """
    n0, n1 = len(first), len(second)
    if not n0 or not n1:
        return Estimate()
    m0, m1 = math.fsum(first) / n0, math.fsum(second) / n1
    if n0 < 2 or n1 < 2:
        return Estimate(m1 - m0)
    v0 = math.fsum((x - m0) ** 2 for x in first) / (n0 - 1) / n0
    v1 = math.fsum((y - m1) ** 2 for y in second) / (n1 - 1) / n1
    if v0 + v1 == 0:
        return Estimate(m1 - m0, m1 - m0, m1 - m0)
    df = (v0 + v1) ** 2 / (v0 * v0 / (n0 - 1) + v1 * v1 / (n1 - 1))
    half = student.quantile(LEVEL, df) * math.sqrt(v0 + v1)
    return Estimate(m1 - m0, m1 - m0 - half, m1 - m0 + half)


@dataclass(frozen=True, slots=True)
class Table:
    """Paired answers to one question: right both times, gained, lost, wrong both times."""

    both: int
    gained: int
    lost: int
    neither: int

    @property
    def n(self) -> int:
        """How many pairs there are."""
        return self.both + self.gained + self.lost + self.neither


def newcombe_paired(table: Table, *, z: float = Z_95, corrected: bool = True) -> Estimate:
    """Return the change of a share in paired answers with Newcombe's interval, method 10.

    R. G. Newcombe, Improved confidence intervals for the difference between binomial proportions based on paired data,
    *Statistics in Medicine* 17 (1998), 2635-2650.

    Args:
        table: the answers before and after.
        z: the point of the normal distribution; 1.96 for 95 %.
        corrected: with the continuity correction of phi, as method 10 has it.
    """
    n = table.n
    if n == 0:
        return Estimate()
    after, before = table.both + table.gained, table.both + table.lost
    p1, p2 = after / n, before / n
    l1, u1 = wilson(after, n, z=z)
    l2, u2 = wilson(before, n, z=z)
    margins = after * (n - after) * before * (n - before)
    crossed = table.both * table.neither - table.gained * table.lost
    if corrected and crossed > 0:
        crossed_by: float = max(crossed - n / 2, 0.0)
    else:
        crossed_by = crossed
    phi = crossed_by / math.sqrt(margins) if margins else 0.0
    value = (table.gained - table.lost) / n
    down, up = _spread(p1 - l1, u2 - p2, phi), _spread(u1 - p1, p2 - l2, phi)
    return Estimate(value, value - down, value + up)


def newcombe_independent(before: tuple[int, int], after: tuple[int, int], *, z: float = Z_95) -> Estimate:
    """Return the difference of two independent shares, each as (right, all), with Newcombe's interval, method 10.

    R. G. Newcombe, Interval estimation for the difference between independent proportions, *Statistics in Medicine*
    17 (1998), 873-890.
    """
    (x0, n0), (x1, n1) = before, after
    if not n0 or not n1:
        return Estimate()
    p2, p1 = x0 / n0, x1 / n1
    l2, u2 = wilson(x0, n0, z=z)
    l1, u1 = wilson(x1, n1, z=z)
    value = p1 - p2
    return Estimate(value, value - math.hypot(p1 - l1, u2 - p2), value + math.hypot(u1 - p1, p2 - l2))


def mcnemar_exact(gained: int, lost: int) -> float:
    """Return the two-sided p of McNemar's test, exactly: min(1, 2 · Σ C(b+c, i) / 2^(b+c)) for i up to min(b, c).

    Q. McNemar, Note on the sampling error of the difference between correlated proportions or percentages,
    *Psychometrika* 12 (1947), 153-157; exact by the binomial distribution (measures.md, 2).
    """
    n = gained + lost
    if n == 0:
        return 1.0
    below = sum(_tail(n, min(gained, lost)))
    # Whole numbers of thousands of digits: their ratio is a float where neither is.
    return min(1.0, 2 * below / 2**n) if n < 1_000 else min(1.0, math.exp(math.log(2 * below) - n * math.log(2)))


def mcnemar_mid_p(gained: int, lost: int) -> float:
    """Return the mid-p of McNemar's test: the exact p less C(b+c, min) / 2^(b+c), which is less conservative."""
    n = gained + lost
    if n == 0:
        return 1.0
    before, last = _tail(n, min(gained, lost))
    below = 2 * before + last
    return min(1.0, math.exp(math.log(below) - n * math.log(2)))


def _tail(n: int, most: int) -> tuple[int, int]:
    """Return Σ C(n, i) for i below `most`, and C(n, most); each from the one before, which is quicker by far."""
    before, last = 0, 1
    for i in range(most):
        before += last
        last = last * (n - i) // (i + 1)
    return before, last


def _spread(one: float, other: float, phi: float) -> float:
    return math.sqrt(max(0.0, one * one - 2 * phi * one * other + other * other))
