"""Counts of answers, times of answers, and what of them is too small to be shown."""

from __future__ import annotations

import math
import statistics
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from portal.quizzes.rules.answers import Answer

Key = TypeVar("Key")

SMALL = 5
"""Fewer people than this are not shown as a number: whoever knows the group could tell who they are."""


@dataclass(frozen=True, slots=True)
class OptionCounts:
    """How often each option of an item was chosen."""

    n: int
    """Attempts that were shown the item."""
    chosen: dict[str, int]
    """By option, in the order of the options. Where several may be chosen, these add up to more than `n`."""
    dont_know: int
    blank: int
    """Left unanswered: neither an option nor "don't know"."""


def count_options(answers: Iterable[Answer], *, options: Sequence[str]) -> OptionCounts:
    """Count the options in answers to a choice, true/false or judgement question.

    "Don't know" is an answer of its own: whoever gave it has chosen nothing else.
    """
    n = unknown = blank = 0
    counts: Counter[str] = Counter()
    for answer in answers:
        n += 1
        if answer.dont_know:
            unknown += 1
        elif not answer.chosen:
            blank += 1
        else:
            counts.update(set(answer.chosen))
    return OptionCounts(n, {option: counts[option] for option in options}, unknown, blank)


@dataclass(frozen=True, slots=True)
class Times:
    """How long answers took, in seconds; None when no time is known."""

    n: int
    lower: float | None
    """A quarter of the answers took less."""
    median: float | None
    upper: float | None
    """A quarter of the answers took more."""


def response_time(seconds: Iterable[float | None]) -> Times:
    """Return median and quartiles of times; unknown, negative and endless ones are left out.

    Quartiles by linear interpolation between the order statistics, with the smallest and the largest time as the ends:
    method 7 of R. J. Hyndman and Y. Fan, Sample quantiles in statistical packages, *The American Statistician* 50,
    1996.
    """
    known = [one for one in seconds if one is not None and math.isfinite(one) and one >= 0]
    if not known:
        return Times(0, None, None, None)
    if len(known) == 1:
        return Times(1, known[0], known[0], known[0])
    lower, median, upper = statistics.quantiles(known, n=4, method="inclusive")
    return Times(len(known), lower, median, upper)


def is_small(n: int) -> bool:
    """Whether what was counted over `n` people must not be shown."""
    return n < SMALL


def suppress(counts: Mapping[Key, int]) -> dict[Key, int | None]:
    """Return counts with every small one taken away (None).

    Where that would be a single one, the next larger goes too: the sum is known from elsewhere, and the one that is
    missing could be told from the rest.
    """
    hidden = {key for key, count in counts.items() if is_small(count)}
    if len(hidden) == 1 and len(counts) > 1:
        hidden.add(min((key for key in counts if key not in hidden), key=lambda key: counts[key]))
    return {key: None if key in hidden else count for key, count in counts.items()}
