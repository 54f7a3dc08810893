"""Means, variances and covariances of columns of marks.

The one module of the rules that imports numpy; import it inside the function that needs it, so that a server which is
never asked for statistics does not carry it.

Care with numbers: every column is first moved so that its smallest value is 0. A column of equal marks is then exactly
0, whatever its marks, and a large offset costs no digits. Totals are sums of such columns; a total or a rest whose
range lies within what rounding alone can do (0.1 + 0.9 and 0.3 + 0.7) counts as constant, and a correlation below
`SLIGHT` as none, so that no index is made out of rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

LARGEST = 1e12
"""Beyond this a mark is a mistake, and fourth powers would come near the end of the numbers."""
SLIGHT = 1e-12
"""A correlation nearer to 0 than this is rounding."""
EPSILON = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, slots=True)
class Pair:
    """One item's marks x beside the marks o that it is compared with."""

    n: int
    mean: float | None
    variance: float | None
    correlation: float | None
    """100 · cov(x, o) / sqrt(var x · var o)."""
    efficiency: float | None
    """100 · cov(x, o) / cov(sorted x, sorted o)."""


@dataclass(frozen=True, slots=True)
class Spread:
    """The totals of the attempts."""

    n: int
    mean: float | None
    median: float | None
    variance: float | None
    skewness: float | None
    kurtosis: float | None


@dataclass(frozen=True, slots=True)
class Measured:
    """A whole table."""

    pairs: tuple[Pair, ...]
    totals: Spread
    with_total: tuple[float | None, ...]
    """cov(x, T) of each item; None below two attempts."""


def table(marks: Any, *, width: int) -> Floats:
    """Return a table of attempts × items as numbers, one row an item; a missing mark is 0.

    Raises:
        ValueError: it is not `width` columns wide, or a mark is no usable number.
    """
    try:
        rows = np.asarray(marks, dtype=np.float64)
    except (TypeError, ValueError):
        raise ValueError("marks are numbers or None, and every attempt has as many") from None
    if rows.size == 0:
        rows = rows.reshape(0, width)
    if rows.ndim != 2 or rows.shape[1] != width:
        raise ValueError(f"every attempt needs {width} marks")
    return _usable(np.array(rows.T, order="C", copy=True))


def columns(marks: Any, totals: Any) -> tuple[Floats, Floats]:
    """Return the marks for one item and the totals of the same attempts; a missing mark is 0.

    Raises:
        ValueError: there are not as many of both, or one is no usable number.
    """
    x, total = (np.array(one, dtype=np.float64).reshape(-1) for one in (marks, totals))
    if x.shape != total.shape:
        raise ValueError(f"{x.size} marks, but {total.size} totals")
    return _usable(x), _usable(total)


def _usable(values: Floats) -> Floats:
    values[np.isnan(values)] = 0
    if values.size and float(np.abs(values).max()) > LARGEST:
        raise ValueError(f"a mark is at most {LARGEST:,.0f}")
    return values


def measure(items: Floats) -> Measured:
    """Return what there is to know about each item and about the totals."""
    count, n = items.shape
    if n == 0:
        nothing = Pair(0, None, None, None, None)
        return Measured((nothing,) * count, Spread(0, None, None, None, None, None), (None,) * count)
    rounding = _rounding(items)
    lowest = items.min(axis=1, keepdims=True) if count else items
    moved = items - lowest
    total = moved.sum(axis=0)
    pairs = tuple(_pair(x, total - x, low, rounding) for x, low in zip(moved, lowest[:, 0].tolist(), strict=True))
    with_total = tuple(_covariance(x, total, rounding) for x in moved)
    return Measured(pairs, _spread(total, float(lowest.sum()), rounding), with_total)


def compare(x: Floats, other: Floats) -> Pair:
    """Return what there is to know about one item whose marks are compared with `other`."""
    if not x.size:
        return Pair(0, None, None, None, None)
    low = float(x.min())
    return _pair(x - low, other, low, _rounding(np.stack((x, other))))


def _rounding(rows: Floats) -> float:
    """Return how far rounding alone can move apart sums of one value of each row that should be equal."""
    return 2 * EPSILON * (len(rows) + 4) * float(np.abs(rows).max(axis=1, initial=0.0).sum())


def _centred(values: Floats, rounding: float) -> Floats:
    """Return values minus their mean: exactly 0 when they differ by nothing but rounding."""
    moved = values - values.min()
    if float(moved.max()) <= rounding:
        return np.zeros_like(moved)
    return np.asarray(moved - moved.mean())


def _pair(x: Floats, other: Floats, low: float, rounding: float) -> Pair:
    n = x.size
    mean = low + float(x.mean())
    if n < 2:
        return Pair(n, mean, None, None, None)
    mine, theirs = _centred(x, 0.0), _centred(other, rounding)
    variance, spread = _product(mine, mine), _product(theirs, theirs)
    if variance * spread <= 0:
        return Pair(n, mean, variance / (n - 1), None, None)
    together = _certain(_product(mine, theirs), variance, spread)
    most = _product(np.sort(mine), np.sort(theirs))
    correlation = max(-1.0, min(1.0, together / math.sqrt(variance * spread)))
    efficiency = 100 * min(1.0, together / most) if most > 0 else None
    return Pair(n, mean, variance / (n - 1), 100 * correlation, efficiency)


def _covariance(x: Floats, other: Floats, rounding: float) -> float | None:
    n = x.size
    if n < 2:
        return None
    mine, theirs = _centred(x, 0.0), _centred(other, rounding)
    return _certain(_product(mine, theirs), _product(mine, mine), _product(theirs, theirs)) / (n - 1)


def _product(one: Floats, other: Floats) -> float:
    """Return the sum of products: added in pairs, by one thread, so that it is exact to the last digits everywhere."""
    return float((one * other).sum())


def _certain(product: float, one: float, other: float) -> float:
    return 0.0 if abs(product) <= SLIGHT * math.sqrt(one * other) else product


def _spread(total: Floats, offset: float, rounding: float) -> Spread:
    """Return the moments of the totals, which are `offset` larger than `total`."""
    n = total.size
    mean, median = offset + float(total.mean()), offset + float(np.median(total))
    if n < 2:
        return Spread(n, mean, median, None, None, None)
    apart = _centred(total, rounding)
    squares = apart * apart
    m2, m3, m4 = (float(power.mean()) for power in (squares, squares * apart, squares * squares))
    k2 = n * m2 / (n - 1)
    skewness = kurtosis = None
    if n > 2 and k2**2 > 0:
        k3 = n**2 * m3 / ((n - 1) * (n - 2))
        skewness = k3 / k2**1.5
    if n > 3 and k2**2 > 0:
        k4 = n**2 * ((n + 1) * m4 - 3 * (n - 1) * m2**2) / ((n - 1) * (n - 2) * (n - 3))
        kurtosis = k4 / k2**2
    return Spread(n, mean, median, k2, skewness, kurtosis)


def usable_maxima(maxima: Sequence[float]) -> tuple[float, ...]:
    """Return maximum marks as numbers.

    Raises:
        ValueError: one of them is negative or no usable number.
    """
    numbers = tuple(float(one) for one in maxima)
    if any(not 0 <= one <= LARGEST for one in numbers):
        raise ValueError(f"a maximum mark is a number from 0 to {LARGEST:,.0f}")
    return numbers
