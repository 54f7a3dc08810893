"""The statistics once more: exact fractions, one formula after the other, nothing shared with what is tested."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

Marks = Sequence[Sequence[Fraction]]


def mean(values: Sequence[Fraction]) -> Fraction:
    return sum(values, Fraction(0)) / len(values)


def covariance(xs: Sequence[Fraction], ys: Sequence[Fraction]) -> Fraction:
    x0, y0 = mean(xs), mean(ys)
    return sum(((x - x0) * (y - y0) for x, y in zip(xs, ys, strict=True)), Fraction(0)) / (len(xs) - 1)


def root(value: Fraction) -> float:
    return math.sqrt(value)


def item(xs: Sequence[Fraction], others: Sequence[Fraction], maximum: Fraction) -> dict[str, float | None]:
    found: dict[str, float | None] = dict.fromkeys(
        ("facility", "sd", "discrimination_index", "discriminative_efficiency")
    )
    if xs and maximum:
        found["facility"] = float(mean(xs) / maximum)
    if len(xs) > 1:
        spread = covariance(xs, xs) * covariance(others, others)
        most = covariance(sorted(xs), sorted(others))
        found["sd"] = root(covariance(xs, xs))
        if spread:
            found["discrimination_index"] = 100 * float(covariance(xs, others)) / root(spread)
        if most:
            found["discriminative_efficiency"] = float(100 * covariance(xs, others) / most)
    return found


def analyse(marks: Marks, maxima: Sequence[Fraction], names: Sequence[str]) -> dict[str, Any]:
    """Return what `to_json` of the analysis should be."""
    n, p = len(marks), len(maxima)
    columns = [[row[place] for row in marks] for place in range(p)]
    totals = [sum(row, Fraction(0)) for row in marks]
    with_total = [covariance(xs, totals) if n > 1 else None for xs in columns]
    shares = [None if one is None or one < 0 else root(one) for one in with_total]
    whole = sum(one for one in shares if one is not None)
    items = [
        {
            "item": name,
            **item(xs, [total - x for x, total in zip(xs, totals, strict=True)], maximum),
            "effective_weight": None if share is None or not whole else 100 * share / whole,
        }
        for name, xs, maximum, share in zip(names, columns, maxima, shares, strict=True)
    ]
    return {"n": n, "items": items, "test": whole_test(totals, columns)}


def whole_test(totals: Sequence[Fraction], columns: Sequence[Sequence[Fraction]]) -> dict[str, float | None]:
    n, p = len(totals), len(columns)
    found: dict[str, float | None] = dict.fromkeys(
        ("mean", "median", "sd", "skewness", "kurtosis", "internal_consistency", "error_ratio", "standard_error")
    )
    if n:
        found |= {"mean": float(mean(totals)), "median": float(statistics.median(totals))}
    if n < 2:
        return found
    k2 = covariance(totals, totals)
    sd = found["sd"] = root(k2)
    m2, m3, m4 = (mean([(total - mean(totals)) ** power for total in totals]) for power in (2, 3, 4))
    if k2 and n > 2:
        found["skewness"] = float(n**2 * m3 / ((n - 1) * (n - 2))) / float(k2) ** 1.5
        if p > 1:
            alpha = Fraction(p, p - 1) * (1 - sum(covariance(xs, xs) for xs in columns) / k2)
            found["internal_consistency"] = float(100 * alpha)
            found["error_ratio"] = 100 * root(1 - alpha)
            found["standard_error"] = root(1 - alpha) * sd
    if k2 and n > 3:
        k4 = n**2 * ((n + 1) * m4 - 3 * (n - 1) * m2**2) / ((n - 1) * (n - 2) * (n - 3))
        found["kurtosis"] = float(k4 / k2**2)
    return found
