"""Item analysis of classical test theory, as Moodle's quiz report computes it.

Sources of the formulas:

- Moodle, *Quiz statistics calculations* (docs.moodle.org/dev/Quiz_statistics_calculations), reproduced to the digits of
  the values its own tests were given from a spreadsheet;
- internal consistency: L. J. Cronbach, Coefficient alpha and the internal structure of tests, *Psychometrika* 16,
  1951;
- skewness and kurtosis from k-statistics: R. A. Fisher, Moments and product moments of sampling distributions (1929);
  what Excel calls SKEW and KURT, and SAS skewness and kurtosis with VARDEF=DF.

Here x is the mark for one item, T the total of an attempt, o = T - x the marks for all other items, n the number of
attempts and p the number of items. Every variance and covariance is over n - 1. What is not defined is `None`, never
NaN: nobody took the test, everybody has the same mark, or there are too few attempts for the moment in question.

**An item without a mark counts as 0 marks of that attempt**, as in Moodle: who leaves a question out has not answered
it rightly. So an item that an attempt never showed must not stand in the table: see `of_drawn` and `of_variant`.

The arithmetic is done by numpy, which is loaded when the first table is analysed and not before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from portal.quizzes.rules.moments import Pair, Spread

    Table = Sequence[Sequence[float | None]] | NDArray[Any]
    Column = Sequence[float | None] | NDArray[Any]


LAST_DIGIT = 1e-14
"""Differences from 1 up to this are rounding."""


@dataclass(frozen=True, slots=True)
class ItemStatistics:
    """How one item did."""

    item: str
    maximum: float
    n: int
    facility: float | None
    """Mean mark as a fraction of the maximum; None for an item without marks."""
    sd: float | None
    """Standard deviation, in marks; None below two attempts."""
    discrimination_index: float | None
    """Correlation of x and o in percent; None when either does not vary."""
    discriminative_efficiency: float | None
    """cov(x, o) in percent of what it would be if both were in the same order; None when either does not vary."""
    effective_weight: float | None = None
    """Share of the item in the spread of T, in percent; None when cov(x, T) is negative, or when T does not vary."""
    intended_weight: float | None = None
    """Share of the item in the maximum of the test, in percent; None when nothing gives marks."""


@dataclass(frozen=True, slots=True)
class TestStatistics:
    """How the whole test did; mean, median, sd and standard error in marks, the indices in percent."""

    __test__ = False  # its name makes pytest take it for a test

    n: int
    maximum: float
    mean: float | None
    median: float | None
    sd: float | None
    """None below two attempts."""
    skewness: float | None
    """k3 / k2^1.5; None below three attempts or when T does not vary."""
    kurtosis: float | None
    """k4 / k2^2, 0 for a normal distribution; None below four attempts or when T does not vary."""
    internal_consistency: float | None
    """Cronbach's alpha; None below two items or three attempts or when T does not vary. It may be negative."""
    error_ratio: float | None
    """100 · sqrt(1 - alpha): above 100 when alpha is negative."""
    standard_error: float | None
    """Error ratio · sd / 100."""


@dataclass(frozen=True, slots=True)
class Analysis:
    """A test and its items, in their order."""

    n: int
    items: tuple[ItemStatistics, ...]
    test: TestStatistics


def analyse(marks: Table, *, maxima: Sequence[float], names: Sequence[str]) -> Analysis:
    """Return the statistics of a table of marks: one row an attempt, one column an item.

    Args:
        marks: numbers; None and NaN are missing marks and count as 0.
        maxima: the marks that each item gives at most. Items of 0 marks count among the p items.
        names: what the items are called.

    Raises:
        ValueError: the table is not as wide as there are names and maxima, or a mark or a maximum is no usable number.
    """
    from portal.quizzes.rules import moments  # noqa: PLC0415  # a server loads numpy only where somebody asks for it

    if len(names) != len(maxima):
        raise ValueError(f"{len(names)} names, but {len(maxima)} maximum marks")
    full = moments.usable_maxima(maxima)
    measured = moments.measure(moments.table(marks, width=len(names)))
    intended = _shares(full)
    effective = _shares([None if one is None or one < 0 else math.sqrt(one) for one in measured.with_total])
    items = tuple(
        _item(pair, name, maximum, effective_weight=effective[place], intended_weight=intended[place])
        for place, (name, maximum, pair) in enumerate(zip(names, full, measured.pairs, strict=True))
    )
    return Analysis(measured.totals.n, items, _test(measured.totals, measured.pairs, maximum=sum(full)))


def of_drawn(marks: Column, totals: Column, *, maximum: float, name: str) -> ItemStatistics:
    """Return the statistics of a question that a random slot drew, over the attempts that drew it.

    Here o = T: its own mark stays in the total that it is compared with, as in Moodle. It has no weight of its own; the
    slot has one.

    Raises:
        ValueError: there are not as many totals as marks, or one of them is no usable number.
    """
    from portal.quizzes.rules import moments  # noqa: PLC0415  # a server loads numpy only where somebody asks for it

    (full,) = moments.usable_maxima([maximum])
    x, total = moments.columns(marks, totals)
    return _item(moments.compare(x, total), name, full)


def of_variant(marks: Column, totals: Column, *, maximum: float, name: str) -> ItemStatistics:
    """Return the statistics of one variant of a question, over the attempts that showed it; o = T - x.

    Raises:
        ValueError: there are not as many totals as marks, or one of them is no usable number.
    """
    from portal.quizzes.rules import moments  # noqa: PLC0415  # a server loads numpy only where somebody asks for it

    (full,) = moments.usable_maxima([maximum])
    x, total = moments.columns(marks, totals)
    return _item(moments.compare(x, total - x), name, full)


def _item(
    pair: Pair,
    name: str,
    maximum: float,
    *,
    effective_weight: float | None = None,
    intended_weight: float | None = None,
) -> ItemStatistics:
    return ItemStatistics(
        item=name,
        maximum=maximum,
        n=pair.n,
        facility=None if pair.mean is None or not maximum else pair.mean / maximum,
        sd=None if pair.variance is None else math.sqrt(pair.variance),
        discrimination_index=pair.correlation,
        discriminative_efficiency=pair.efficiency,
        effective_weight=effective_weight,
        intended_weight=intended_weight,
    )


def _shares(parts: Sequence[float | None]) -> list[float | None]:
    """Return each part in percent of their sum; None where there is no part, and everywhere when the sum is 0."""
    whole = math.fsum(part for part in parts if part is not None)
    return [None if part is None or not whole else 100 * part / whole for part in parts]


def _test(totals: Spread, pairs: Sequence[Pair], *, maximum: float) -> TestStatistics:
    sd = None if totals.variance is None else math.sqrt(totals.variance)
    alpha = ratio = error = None
    if sd and totals.variance and totals.n > 2 and len(pairs) > 1:
        within = math.fsum(pair.variance or 0.0 for pair in pairs)
        # By Cronbach's inequality alpha is never above 1; rounding may be.
        alpha = min(100.0, 100 * len(pairs) / (len(pairs) - 1) * (1 - within / totals.variance))
        # The root would make a millionth of what is nothing but the last digit of an alpha of 1.
        unexplained = 1 - alpha / 100
        ratio = 100 * math.sqrt(unexplained) if unexplained > LAST_DIGIT else 0.0
        error = ratio * sd / 100
    return TestStatistics(
        n=totals.n,
        maximum=maximum,
        mean=totals.mean,
        median=totals.median,
        sd=sd,
        skewness=totals.skewness,
        kurtosis=totals.kurtosis,
        internal_consistency=alpha,
        error_ratio=ratio,
        standard_error=error,
    )


def to_json(analysis: Analysis) -> dict[str, Any]:
    """Return an analysis as `flask quizzes analyse --json` prints it; what is not defined is null."""
    test = analysis.test
    return {
        "n": analysis.n,
        "items": [
            {
                "item": one.item,
                "facility": one.facility,
                "sd": one.sd,
                "discrimination_index": one.discrimination_index,
                "discriminative_efficiency": one.discriminative_efficiency,
                "effective_weight": one.effective_weight,
            }
            for one in analysis.items
        ],
        "test": {
            "mean": test.mean,
            "median": test.median,
            "sd": test.sd,
            "skewness": test.skewness,
            "kurtosis": test.kurtosis,
            "internal_consistency": test.internal_consistency,
            "error_ratio": test.error_ratio,
            "standard_error": test.standard_error,
        },
    }


def guess_score(fractions: Sequence[float], *, several: bool) -> float | None:
    """Return the mean mark, as a fraction, of people who only guess: the mean of the options' fractions.

    None where several options may be chosen: how many a guesser would choose is not known.
    """
    return None if several or not fractions else sum(fractions) / len(fractions)
