"""What statistics say, in plain words.

The bounds are Moodle's (docs.moodle.org, *Quiz report statistics*: internal consistency above 75 % is satisfactory,
below 64 % poor; a standard deviation below 12 % of the maximum means that marks are bunched up; a facility of 95 % and
more is extremely easy, of 5 % and less extremely difficult) and, for telling people apart, those of R. L. Ebel,
*Measuring Educational Achievement* (1965): below 20 an item is poor, from 20 to 30 it wants improvement.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

from portal.quizzes.rules.statistics import ItemStatistics, TestStatistics

FEW = 30
"""Below so many attempts, chance moves every index more than the items do."""


class Reading(StrEnum):
    """What can be said of an item or of a test."""

    NO_ATTEMPTS = "no-attempts"
    NO_MARKS = "no-marks"
    ALL_ALIKE = "all-alike"
    TOO_EASY = "too-easy"
    TOO_HARD = "too-hard"
    WRONG_WAY = "wrong-way"
    WEAK = "weak"
    MIDDLING = "middling"
    COUNTS_LITTLE = "counts-little"
    COUNTS_MUCH = "counts-much"
    GOOD = "good"
    FEW = "few"

    TEST_ALIKE = "test-alike"
    TEST_CONTRARY = "test-contrary"
    TEST_POOR = "test-poor"
    TEST_DOUBTFUL = "test-doubtful"
    TEST_SATISFACTORY = "test-satisfactory"
    TEST_BUNCHED = "test-bunched"


def _(text: str) -> str:
    """Mark a sentence for the catalogues; views translate it where they show it."""
    return text


SENTENCES: Mapping[Reading, str] = MappingProxyType(
    {
        Reading.NO_ATTEMPTS: _("nobody has answered this yet"),
        Reading.NO_MARKS: _("this question gives no marks"),
        Reading.ALL_ALIKE: _("everybody has the same mark, so this question tells nobody apart"),
        Reading.TOO_EASY: _("this question is too easy to tell people apart"),
        Reading.TOO_HARD: _("this question is too hard to tell people apart"),
        Reading.WRONG_WAY: _("people who do better in the rest do worse here: check the key and the wording"),
        Reading.WEAK: _("this question hardly tells people apart: look at its wording and its wrong answers"),
        Reading.MIDDLING: _("this question tells people apart only a little"),
        Reading.COUNTS_LITTLE: _("this question counts for less than half of what its marks intend"),
        Reading.COUNTS_MUCH: _("this question counts for more than twice what its marks intend"),
        Reading.GOOD: _("this question tells people apart well"),
        Reading.FEW: _("few attempts: chance may have made these figures"),
        Reading.TEST_ALIKE: _("everybody has the same total, so this test tells nobody apart"),
        Reading.TEST_CONTRARY: _("the questions contradict each other: check the keys"),
        Reading.TEST_POOR: _("the questions hardly measure one thing: the totals are not reliable"),
        Reading.TEST_DOUBTFUL: _("the questions measure one thing only roughly: compare groups, not persons"),
        Reading.TEST_SATISFACTORY: _("the questions measure one thing: the totals are reliable"),
        Reading.TEST_BUNCHED: _("the totals lie close together"),
    }
)
"""English, which is also the msgid."""


def reading(statistics: ItemStatistics) -> list[Reading]:
    """Return what the figures of an item say, the most important first."""
    if not statistics.n:
        return [Reading.NO_ATTEMPTS]
    said = _difficulty(statistics) + _telling_apart(statistics)
    if statistics.maximum and not said:
        said = [Reading.GOOD] if statistics.discrimination_index is not None else []
    return [*said, *_weight(statistics), *([Reading.FEW] if statistics.n < FEW else [])]


def _difficulty(statistics: ItemStatistics) -> list[Reading]:
    if statistics.facility is None:
        return [Reading.NO_MARKS]
    if statistics.facility >= 0.95:
        return [Reading.TOO_EASY]
    if statistics.facility <= 0.05:
        return [Reading.TOO_HARD]
    return [Reading.ALL_ALIKE] if statistics.sd == 0 else []


def _telling_apart(statistics: ItemStatistics) -> list[Reading]:
    index = statistics.discrimination_index
    if index is None:
        return []
    if index < 0:
        return [Reading.WRONG_WAY]
    if index < 20:
        return [Reading.WEAK]
    return [Reading.MIDDLING] if index < 30 else []


def _weight(statistics: ItemStatistics) -> list[Reading]:
    effective, intended = statistics.effective_weight, statistics.intended_weight
    # Where nobody differs there is nothing to weigh, and that is said already.
    if not effective or not intended:
        return []
    if effective < intended / 2:
        return [Reading.COUNTS_LITTLE]
    return [Reading.COUNTS_MUCH] if effective > intended * 2 else []


def read_test(statistics: TestStatistics) -> list[Reading]:
    """Return what the figures of a whole test say, the most important first."""
    if not statistics.n:
        return [Reading.NO_ATTEMPTS]
    said = []
    alpha = statistics.internal_consistency
    if statistics.sd == 0:
        said.append(Reading.TEST_ALIKE)
    elif alpha is not None:
        said.append(_consistency(alpha))
    if statistics.sd and statistics.maximum and statistics.sd < 0.12 * statistics.maximum:
        said.append(Reading.TEST_BUNCHED)
    return [*said, *([Reading.FEW] if statistics.n < FEW else [])]


def _consistency(alpha: float) -> Reading:
    if alpha < 0:
        return Reading.TEST_CONTRARY
    if alpha < 64:
        return Reading.TEST_POOR
    return Reading.TEST_DOUBTFUL if alpha < 75 else Reading.TEST_SATISFACTORY
