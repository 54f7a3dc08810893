"""Marking: from an answer to a share of the mark, by the rule that the question names.

The rules for several right options are those of `measures.md` §3, each named after what it does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from portal.quizzes.rules.answers import Answer, fits, number
from portal.quizzes.rules.items import CHOICES, UNSURE, Item, Kind, Marking

NEARLY = 1e-6
"""Weights are written with seven digits: three times 0.3333333 is everything."""
NOTHING = 5e-8
"""A share up to this is wrong where certainty counts (as Moodle draws the line)."""


class Outcome(StrEnum):
    """What an answer comes to."""

    RIGHT = "right"
    PARTLY = "partly"
    WRONG = "wrong"
    DONT_KNOW = "dont_know"
    """Said to be unknown, or judged "not sure": counted apart from wrong."""
    BLANK = "blank"


@dataclass(frozen=True, slots=True)
class Mark:
    """What an answer is worth."""

    fraction: float
    """Share of the question's points; 1: all. Below 0 where weights take away, above 1 where certainty adds."""
    outcome: Outcome


# --- several right options ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Count:
    """How a choice of options compares with the key."""

    right: int
    """Right options chosen."""
    wrong: int
    """Wrong options chosen."""
    key: int
    """Right options there are."""
    options: int

    @property
    def mistakes(self) -> int:
        """Wrong ones chosen and right ones left."""
        return self.wrong + self.key - self.right


def _short_half(count: Count) -> float:
    if count.wrong or not count.right:
        return 0.0
    return 1.0 if count.right == count.key else 0.5


def _every_decision(count: Count) -> float:
    return (count.options - count.mistakes) / count.options


BY_COUNT: dict[Marking, Callable[[Count], float]] = {
    Marking.SHORT_HALF: _short_half,
    Marking.EXACT: lambda count: float(count.mistakes == 0),
    Marking.RIGHT_SHARE: lambda count: count.right / count.key,
    Marking.WRONG_HALF: lambda count: max(0.0, count.right / count.key - count.wrong / 2),
    Marking.WRONG_ALL: lambda count: max(0.0, count.right / count.key - count.wrong),
    Marking.RIGHT_MINUS_WRONG: lambda count: max(0.0, (count.right - count.wrong) / count.key),
    Marking.EVERY_DECISION: _every_decision,
    Marking.HALVES: lambda count: {0: 1.0, 1: 0.5, 2: 0.25}.get(count.mistakes, 0.0),
}


def share_of_options(item: Item, chosen: Iterable[str]) -> float:
    """Return the share of the mark that a choice of options has by the item's rule, from 0 to 1.

    Also for choosing none, which `EVERY_DECISION` credits with the wrong options rightly left; whether an empty answer
    is an answer at all is not decided here.
    """
    picked = set(chosen)
    if item.marking is Marking.WEIGHTS:
        return _whole(min(1.0, max(0.0, sum(option.fraction for option in item.options if option.id in picked))))
    right = {option.id for option in item.options if option.is_right}
    count = Count(right=len(picked & right), wrong=len(picked - right), key=len(right), options=len(item.options))
    return BY_COUNT[item.marking](count) if right else 0.0


# --- every kind ---------------------------------------------------------------------------------------------------


def _best(item: Item, accepts: Callable[[str, float], bool]) -> float:
    """Return the weight of the first option that accepts, as the options stand (a wildcard stands last)."""
    return next((option.fraction for option in item.options if accepts(option.text, option.tolerance)), 0.0)


def _short(item: Item, answer: Answer) -> float:
    return _best(item, lambda text, _tolerance: fits(text, answer.text, case_sensitive=item.case_sensitive))


def _numeric(item: Item, answer: Answer) -> float:
    given = number(answer.text)
    if given is None:
        return 0.0

    def accepts(text: str, tolerance: float) -> bool:
        if text == "*":
            return True
        wanted = number(text)
        # The last digits of what a computer makes of 0.1 are nobody's mistake.
        return wanted is not None and abs(given - wanted) <= tolerance + 1e-9 * max(abs(wanted), tolerance)

    return _best(item, accepts)


def _shares(item: Item, right: int, total: int) -> float:
    if item.marking is Marking.EXACT:
        return float(total > 0 and right == total)
    return right / total if total else 0.0


def _matching(item: Item, answer: Answer) -> float:
    asked = [option for option in item.options if option.text]
    sides = {option.id: option.match for option in item.options}
    right = sum(sides.get(answer.pairs.get(option.id, "")) == option.match for option in asked)
    return _shares(item, right, len(asked))


def _ordering(item: Item, answer: Answer) -> float:
    right = sum(given == option.id for given, option in zip(answer.chosen, item.options, strict=False))
    return _shares(item, right, len(item.options))


def _one_choice(item: Item, answer: Answer) -> float:
    option = item.option(answer.chosen[0]) if answer.chosen else None
    return option.fraction if option else 0.0


SHARES: dict[Kind, Callable[[Item, Answer], float]] = {
    Kind.SINGLE_CHOICE: _one_choice,
    Kind.TRUE_FALSE: _one_choice,
    Kind.JUDGEMENT: _one_choice,
    Kind.MULTIPLE_CHOICE: lambda item, answer: share_of_options(item, answer.chosen),
    Kind.SHORT_ANSWER: _short,
    Kind.NUMERIC: _numeric,
    Kind.MATCHING: _matching,
    Kind.ORDERING: _ordering,
}


def _whole(share: float) -> float:
    return 1.0 if share >= 1 - NEARLY else share


def mark(item: Item, answer: Answer) -> Mark:
    """Return what an answer is worth.

    An empty answer and "I don't know" are worth nothing, and no rule takes marks away for them. The share lies from 0
    to 1; it is below 0 only for a single option whose weight is, and outside that only where the answer says how
    certain it is (right: 1, 2 or 3 times the share; wrong: 0, -2 or -6).
    """
    if answer.is_blank:
        return Mark(0.0, Outcome.BLANK)
    if answer.dont_know or (item.kind is Kind.JUDGEMENT and answer.chosen == (UNSURE,)):
        return Mark(0.0, Outcome.DONT_KNOW)
    share = _whole(SHARES[item.kind](item, answer))
    return Mark(certain(share, answer.certainty) if answer.certainty else share, _outcome(share))


def _outcome(share: float) -> Outcome:
    if share >= 1:
        return Outcome.RIGHT
    return Outcome.PARTLY if share > NOTHING else Outcome.WRONG


def certain(share: float, certainty: int) -> float:
    """Return the share with certainty counted (certainty-based marking as in Moodle: 1/2/3 right, 0/-2/-6 wrong)."""
    return share * certainty if share > NOTHING else {1: 0.0, 2: -2.0, 3: -6.0}[certainty]


def guess_score(item: Item) -> float | None:
    """Return the share that blind guessing is worth on average; None: several may be right, or it is typed."""
    if item.kind not in CHOICES or item.kind is Kind.MULTIPLE_CHOICE:
        return None
    asked = [option for option in item.options if not (item.kind is Kind.JUDGEMENT and option.id == UNSURE)]
    return sum(option.fraction for option in asked) / len(asked) if asked else None


@dataclass(frozen=True, slots=True)
class Total:
    """A whole quiz."""

    points: float
    possible: float
    percent: float
    """From 0 to 100, however many marks were taken away or added."""
    passed: bool


def total(marks: Iterable[tuple[float, float]], *, pass_percent: int) -> Total:
    """Return the total of `marks`, pairs of share and points of each question."""
    pairs = list(marks)
    points = sum(share * worth for share, worth in pairs)
    possible = sum(worth for _share, worth in pairs)
    percent = min(100.0, max(0.0, 100 * points / possible)) if possible else 0.0
    # The pass mark is whole; a sum of thirds that comes to it must not fail by its last digit.
    return Total(points, possible, percent, possible > 0 and percent >= pass_percent - NEARLY)
