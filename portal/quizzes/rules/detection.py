"""How well people tell scams from genuine messages, and which way they lean.

A quiz of scams alone rewards calling everything a scam. Signal detection theory keeps two things apart: d′, how well
the two kinds are told apart, and c, how ready somebody is to say "scam". With H the rate of hits and F that of false
alarms, d′ = z(H) - z(F) and c = -(z(H) + z(F)) / 2, where z is the inverse of the normal distribution function. So that
rates of 0 and 1 have a z, both are taken as (x + 0.5) / (n + 1), always and not only where it is needed: the log-linear
correction of M. J. Hautus (1995), recommended by H. Stanislaw and N. Todorov, Calculation of signal detection theory
measures, *Behavior Research Methods, Instruments, & Computers* 31 (1999).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from statistics import NormalDist

from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.items import GENUINE, SCAM, UNSURE, Item, Kind

UNKNOWN = "unknown"
_NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Detection:
    """Answers to judgement items, taken together.

    "Not sure" and "don't know" are counted apart: they enter no rate.
    """

    hits: int
    """Scams called scams."""
    misses: int
    """Scams called genuine."""
    false_alarms: int
    """Genuine messages called scams."""
    correct_rejections: int
    """Genuine messages called genuine."""
    unsure: int = 0
    unknown: int = 0

    @property
    def hit_rate(self) -> float | None:
        """Hits among judged scams, as it was counted; None when no scam was judged."""
        return _rate(self.hits, self.misses)

    @property
    def false_alarm_rate(self) -> float | None:
        """False alarms among judged genuine messages, as counted; None when no genuine message was judged."""
        return _rate(self.false_alarms, self.correct_rejections)

    @property
    def d_prime(self) -> float | None:
        """How well scams are told from genuine messages: 0 is guessing. None unless both kinds were judged."""
        z = self._z
        return None if z is None else z[0] - z[1]

    @property
    def criterion(self) -> float | None:
        """c: below 0 leans to calling things scams, above 0 to trusting them. None unless both kinds were judged."""
        z = self._z
        return None if z is None else -(z[0] + z[1]) / 2

    @property
    def _z(self) -> tuple[float, float] | None:
        scams, genuine = self.hits + self.misses, self.false_alarms + self.correct_rejections
        if not scams or not genuine:
            return None
        return (
            _NORMAL.inv_cdf((self.hits + 0.5) / (scams + 1)),
            _NORMAL.inv_cdf((self.false_alarms + 0.5) / (genuine + 1)),
        )


def _rate(these: int, others: int) -> float | None:
    return these / (these + others) if these + others else None


class Judged:
    """Answers to judgement items, counted as they come: those of a quarter are too many to hold."""

    def __init__(self) -> None:
        self._counts: Counter[tuple[bool, str]] = Counter()

    def add(self, item: Item, answer: Answer) -> None:
        """Count an answer; blank ones and those to items of other kinds are left out."""
        if item.kind is Kind.JUDGEMENT and (answer.dont_know or answer.chosen):
            self._counts[_is_scam(item), UNKNOWN if answer.dont_know else answer.chosen[0]] += 1

    @property
    def detection(self) -> Detection:
        """What has been counted so far."""
        counts = self._counts
        return Detection(
            hits=counts[True, SCAM],
            misses=counts[True, GENUINE],
            false_alarms=counts[False, SCAM],
            correct_rejections=counts[False, GENUINE],
            unsure=counts[True, UNSURE] + counts[False, UNSURE],
            unknown=counts[True, UNKNOWN] + counts[False, UNKNOWN],
        )


def detect(answers: Iterable[tuple[Item, Answer]]) -> Detection:
    """Count answers to judgement items; blank answers and items of other kinds are left out."""
    judged = Judged()
    for item, answer in answers:
        judged.add(item, answer)
    return judged.detection


def _is_scam(item: Item) -> bool:
    option = item.option(SCAM)
    return option is not None and option.is_right
