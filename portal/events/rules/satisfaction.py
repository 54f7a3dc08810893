"""Satisfaction: five levels, of which the upper two count, with the interval that so few answers leave open."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt

LEVELS = (5, 4, 3, 2, 1)
"""From very satisfied to very dissatisfied."""
SATISFIED = frozenset({5, 4})
OPEN_FOR = timedelta(days=7)
"""How long after the lecture answers are taken; until then the last one of each person counts."""
FEW = 30
"""Fewer answers than this are marked as few."""
FEWEST = 5
"""The share of fewer answers is not shown: whoever knows who answered could tell what."""
MOST_ON_PAPER = 2_000
"""Answers of one level."""
Z_95 = 1.959963984540054
"""The 97.5 % point of the normal distribution."""


@dataclass(frozen=True, slots=True)
class Satisfaction:
    """What answers come to; shares are in percent."""

    n: int
    satisfied: int
    share: float | None
    """None: too few answers to say."""
    low: float | None
    high: float | None

    @property
    def is_few(self) -> bool:
        """Whether there are so few answers that the share says little."""
        return self.n < FEW


def wilson(successes: int, n: int, *, z: float = Z_95) -> tuple[float, float]:
    """Return the Wilson score interval of a share, from 0 to 1.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of the American
    Statistical Association 22 (1927), 209-212: the shares p for which |x/n - p| <= z · sqrt(p (1 - p) / n).

    Raises:
        ValueError: n is no count, or more succeeded than there were.
    """
    if n <= 0 or not 0 <= successes <= n:
        raise ValueError((successes, n))
    share, square = successes / n, z * z
    middle = (share + square / (2 * n)) / (1 + square / n)
    half = z / (1 + square / n) * sqrt(share * (1 - share) / n + square / (4 * n * n))
    # At the ends the bound is the end itself, which rounding would miss.
    return 0.0 if successes == 0 else middle - half, 1.0 if successes == n else middle + half


def summarise(counts: Mapping[int, int]) -> Satisfaction:
    """Return what answers come to, by level."""
    n = sum(counts.values())
    satisfied = sum(counts.get(level, 0) for level in SATISFIED)
    if n < FEWEST:
        return Satisfaction(n, satisfied, None, None, None)
    low, high = wilson(satisfied, n)
    return Satisfaction(n, satisfied, 100 * satisfied / n, 100 * low, 100 * high)


def takes_answers(*, starts_at: datetime, ends_at: datetime, at: datetime) -> bool:
    """Return whether people can say now what they think of a lecture."""
    return starts_at <= at < ends_at + OPEN_FOR
