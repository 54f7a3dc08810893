"""What a lecture changed: the same questions before and after, answered by the same cards.

Only cards with both answers count, only where both asked the same questions as they stood at one moment, and nothing is
said of fewer than `LEAST` of them (`domain.md` §8).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

LEAST = 30
"""Complete pairs below which no result is given."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A quiz that was taken to its end with one card."""

    version_id: int
    """The frozen version of the quiz: what it asked, word for word."""
    percent: float
    outcomes: Mapping[str, str]
    """By question: right, wrong, partial, blank, and so on."""
    pair: str = ""
    """What both forms of a pair of quizzes share; empty: the quiz is no form of a pair."""


class Said(StrEnum):
    """Whether there is a result."""

    RESULT = "result"
    FEW = "few"
    """Fewer complete pairs than `LEAST`."""
    MIXED = "mixed"
    """The quiz was changed meanwhile: answers to different questions are not compared."""


@dataclass(frozen=True, slots=True)
class Uplift:
    """What pairs come to; means are in percent."""

    said: Said
    n: int
    """Complete pairs."""
    left_out: int
    """Cards with one answer only."""
    before: float | None = None
    after: float | None = None
    points: float | None = None
    """Percentage points."""
    relative: float | None = None
    """Percent of what it was before; None: that was nothing."""


def uplift(pairs: Iterable[tuple[Taken | None, Taken | None]], *, least: int = LEAST) -> Uplift:
    """Return what pairs of before and after come to."""
    known = list(pairs)
    complete = [(before, after) for before, after in known if before is not None and after is not None]
    n, left_out = len(complete), sum((before is None) != (after is None) for before, after in known)
    if len({(before.version_id, after.version_id) for before, after in complete}) > 1 or not all(
        _comparable(before, after) for before, after in complete
    ):
        return Uplift(Said.MIXED, n, left_out)
    if n < max(least, 1):
        return Uplift(Said.FEW, n, left_out)
    first = sum(before.percent for before, _after in complete) / n
    second = sum(after.percent for _before, after in complete) / n
    points = second - first
    return Uplift(Said.RESULT, n, left_out, first, second, points, 100 * points / first if first else None)


def _comparable(before: Taken, after: Taken) -> bool:
    """Whether both asked the same, or are the two forms of one pair."""
    return before.version_id == after.version_id or (before.pair != "" and before.pair == after.pair)
