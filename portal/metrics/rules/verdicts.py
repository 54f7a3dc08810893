"""Whether a target was reached, judged by the interval and not by the point.

What was counted in full has no interval: there the number decides. What was measured on some people is `met` only where
the whole interval reaches the target (`domain.md` §8; the same words everywhere, so that no report is kinder than
another).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.metrics.rules.intervals import Estimate

LEAST = 30
"""Complete pairs or answers below which nothing is said (`domain.md` §8: fewer are 样本不足)."""
CEILING = 0.8
"""From so high a share before on, a relative target is judged by the gain instead (`domain.md` §8)."""
CEILING_GAIN = 0.5
"""The normalised gain that is asked for there."""
CLOSE = 1e-9
"""Differences from a target up to this are rounding: 6/30 is 20 %."""


class Verdict(StrEnum):
    """What is said of a target."""

    MET = "met"
    ABOVE_NOT_CONFIRMED = "above_not_confirmed"
    """The point is there, the interval is not."""
    NOT_MET = "not_met"
    TOO_FEW = "too_few"
    """Too few people to say anything."""


class Unit(StrEnum):
    """In what a rise of awareness is judged: "+20 %" alone says nothing (`measures.md`, 1)."""

    RELATIVE = "relative"
    """Of what it was before."""
    PP = "pp"
    """Percentage points."""
    GAIN = "gain"
    """Of what was missing before."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict, and by what it was reached."""

    verdict: Verdict
    unit: Unit
    target: float
    """As a share: 0.2 is 20 %, or 20 percentage points."""
    at_ceiling: bool = False
    """People knew so much before that the target was replaced by one of the gain."""


def judge(estimate: Estimate, target: float) -> Verdict:
    """Return the verdict on something measured on enough people; what has no interval confirms nothing."""
    if estimate.value is None:
        return Verdict.NOT_MET
    if estimate.low is not None and estimate.low >= target - CLOSE:
        return Verdict.MET
    return Verdict.ABOVE_NOT_CONFIRMED if estimate.value >= target - CLOSE else Verdict.NOT_MET


def judge_count(value: float, target: float) -> Verdict:
    """Return the verdict on something that was counted in full."""
    return Verdict.MET if value >= target - CLOSE else Verdict.NOT_MET


def judge_rise(
    *, n: int, before: float, pp: Estimate, relative: Estimate, gain: Estimate, target: float, unit: Unit, least: int
) -> Judgement:
    """Return the verdict on a rise of awareness.

    Args:
        n: complete pairs.
        before: the mean share before.
        pp: the difference of shares: 0.1 is ten percentage points.
        relative: the rise as a share of what it was.
        gain: the rise as a share of what was missing.
        target: what was to be reached, as a share.
        unit: which of the three it means.
        least: complete pairs below which nothing is said.
    """
    ceiling = unit is Unit.RELATIVE and before > CEILING
    if ceiling:
        unit, target = Unit.GAIN, CEILING_GAIN
    elif unit is Unit.RELATIVE and relative.value is None:
        # Of nothing there is no share: where nobody knew anything before, points are the only measure.
        unit = Unit.PP
    if n < max(least, 2):
        return Judgement(Verdict.TOO_FEW, unit, target, ceiling)
    chosen = {Unit.PP: pp, Unit.RELATIVE: relative, Unit.GAIN: gain}[unit]
    return Judgement(judge(chosen, target), unit, target, ceiling)
