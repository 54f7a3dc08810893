"""What a group is told of its results: sums alone, and never so few that one person could be made out."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST = 5
"""Below this many attempts nothing is told."""
BANDS = ((0, 20), (20, 40), (40, 60), (60, 80), (80, 100))
"""From and up to, in percent; the last one with its end."""


def counted(finished: int) -> int:
    """Return how many of the finished attempts are counted: the first ones, in fives.

    Were each attempt counted as it ends, whoever looks before and after could work its marks out.
    """
    return finished - finished % FEWEST


@dataclass(frozen=True, slots=True)
class Figure:
    """How one question went."""

    item: str
    asked: int
    facility: float | None
    """The mean share of the question's points; None: asked too seldom."""
    dont_know: float | None
    """The share of "I don't know"; None: asked too seldom."""


@dataclass(frozen=True, slots=True)
class Summary:
    """How a group did."""

    finished: int
    counted: int
    mean: float
    median: float
    bands: tuple[int, ...]


def summarise(percents: Sequence[float], *, finished: int) -> Summary | None:
    """Return a group's figures from the attempts that are counted; None: too few."""
    if len(percents) < FEWEST:
        return None
    bands = [0] * len(BANDS)
    for percent in percents:
        bands[min(max(int(percent // 20), 0), len(BANDS) - 1)] += 1
    return Summary(finished, len(percents), statistics.fmean(percents), statistics.median(percents), tuple(bands))


def figure(item: str, fractions: Sequence[float], unknown: int) -> Figure:
    """Return how one question went.

    Args:
        fractions: one for each time that it was asked.
        unknown: how often the answer was "I don't know".
    """
    asked = len(fractions)
    if asked < FEWEST:
        return Figure(item, asked, None, None)
    return Figure(item, asked, statistics.fmean(fractions), unknown / asked)
