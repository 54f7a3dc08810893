"""What staff are shown of a quiz version: each place of it, each question, the whole; small numbers taken out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from portal.core.settings import Audience
from portal.quizzes.rules.counts import is_small
from portal.quizzes.rules.detection import Detection
from portal.quizzes.rules.quizzes import Instrument
from portal.quizzes.rules.readings import Reading
from portal.quizzes.rules.statistics import ItemStatistics, TestStatistics


@dataclass(frozen=True, slots=True)
class Column:
    """A place of a quiz, in the order in which its author put them: one column of the table of marks."""

    slot: int
    """The index among the quiz's slots; a pool that draws three questions makes three columns."""
    points: float
    control: bool
    item: str
    """The question; empty: drawn from `pool`."""
    pool: tuple[str, ...] = ()


def columns(instrument: Instrument) -> tuple[Column, ...]:
    """Return the places of a quiz."""
    found: list[Column] = []
    for place, slot in enumerate(instrument.quiz.slots):
        if slot.pool is None:
            found.append(Column(place, slot.points, slot.control, slot.item))
        else:
            drawn = Column(place, slot.points, slot.control, "", instrument.pools[place])
            found.extend([drawn] * slot.pool.count)
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Counted:
    """How often each answer was given; None: too few to be shown."""

    n: int
    """Attempts that were shown the question."""
    options: tuple[tuple[str, int | None], ...]
    """By the option's id. Of a question without options to count: by outcome."""
    by_outcome: bool
    dont_know: int | None
    blank: int | None

    @property
    def dont_know_share(self) -> float | None:
        """The share that said so."""
        return None if self.dont_know is None or not self.n else self.dont_know / self.n


@dataclass(frozen=True, slots=True)
class Seconds:
    """How long answers took; None: unknown, or too few to be shown."""

    lower: float | None = None
    median: float | None = None
    upper: float | None = None


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """One place of a quiz, or one question that was drawn for it."""

    column: Column
    item: str
    """Empty: a place that is drawn for."""
    statistics: ItemStatistics
    readings: tuple[Reading, ...]
    counted: Counted | None = None
    """None for a place that is drawn for: its questions have counts of their own."""
    seconds: Seconds = Seconds()
    by_audience: Mapping[Audience, float | None] = field(default_factory=dict)
    """The facility in each audience that may be shown apart."""
    standardised: float | None = None
    """The facility that there would be with the mix of audiences that others are measured by."""


@dataclass(frozen=True, slots=True)
class Figures:
    """A version, as far as the attempts looked at go."""

    n: int
    test: TestStatistics
    readings: tuple[Reading, ...]
    items: tuple[ItemFigures, ...]
    """The places, in their order."""
    drawn: tuple[ItemFigures, ...]
    """Questions that were drawn, by slot; those that too few got are left out."""
    drawn_few: bool
    """Whether there are such."""
    detection: Detection | None
    """None: no judgement question, or too few answers to such."""
    by_audience: Mapping[Audience, float | None] = field(default_factory=dict)
    """The mean total as a share of the maximum."""
    standardised: float | None = None


class Leaning(StrEnum):
    """What can be said of how people judge messages."""

    ONE_KIND = "one-kind"
    ALL_SCAMS = "all-scams"
    ALL_GENUINE = "all-genuine"
    NO_BETTER = "no-better"
    SUSPICIOUS = "suspicious"
    TRUSTING = "trusting"
    SOMEWHAT = "somewhat"
    WELL = "well"
    UNSURE = "unsure"


def _(text: str) -> str:
    """Mark a sentence for the catalogues; views translate it where they show it."""
    return text


LEANINGS: Mapping[Leaning, str] = MappingProxyType(
    {
        Leaning.ONE_KIND: _("only one kind of message was judged, so nothing says whether people tell them apart"),
        Leaning.ALL_SCAMS: _("they call everything a scam"),
        Leaning.ALL_GENUINE: _("they call everything genuine"),
        Leaning.NO_BETTER: _("they tell scams from genuine messages hardly better than by guessing"),
        Leaning.SUSPICIOUS: _("they lean to calling things a scam"),
        Leaning.TRUSTING: _("they lean to trusting: scams get past them"),
        Leaning.SOMEWHAT: _("they tell scams from genuine messages fairly well"),
        Leaning.WELL: _("they tell scams from genuine messages well"),
        Leaning.UNSURE: _("a third or more were not sure"),
    }
)
"""English, which is also the msgid."""


def lean(detection: Detection) -> list[Leaning]:
    """Return what the answers to judgement questions say, the most important first.

    d′ below ½ is hardly more than guessing, from 1½ on scams and genuine messages are told apart well; c beyond ½ to
    either side is a lean that more knowledge alone does not mend.
    """
    d_prime, criterion = detection.d_prime, detection.criterion
    if d_prime is None or criterion is None:
        said = [Leaning.ONE_KIND]
    elif d_prime < 0.5:
        leaning = Leaning.ALL_SCAMS if criterion < 0 else Leaning.ALL_GENUINE
        said = [leaning if abs(criterion) > 0.5 else Leaning.NO_BETTER]
    else:
        said = [Leaning.WELL if d_prime >= 1.5 else Leaning.SOMEWHAT]
        if abs(criterion) > 0.5:
            said.append(Leaning.SUSPICIOUS if criterion < 0 else Leaning.TRUSTING)
    share = unsure_share(detection)
    return [*said, *([Leaning.UNSURE] if share is not None and share >= 1 / 3 else [])]


def unsure_share(detection: Detection) -> float | None:
    """Return the share of answers that were "not sure" or "don't know"."""
    away = detection.unsure + detection.unknown
    whole = detection.hits + detection.misses + detection.false_alarms + detection.correct_rejections + away
    return away / whole if whole else None


def shown_detection(detection: Detection) -> Detection | None:
    """Return what may be shown of judgements: a kind of message that was judged too few times is left out."""
    scams = is_small(detection.hits + detection.misses)
    genuine = is_small(detection.false_alarms + detection.correct_rejections)
    if scams and genuine:
        return None
    return Detection(
        hits=0 if scams else detection.hits,
        misses=0 if scams else detection.misses,
        false_alarms=0 if genuine else detection.false_alarms,
        correct_rejections=0 if genuine else detection.correct_rejections,
        unsure=detection.unsure,
        unknown=detection.unknown,
    )


def standardised(by_audience: Mapping[Audience, float | None], mix: Mapping[Audience, float]) -> float | None:
    """Return a mean by a fixed mix of audiences, so that who came does not move it; None: an audience is missing.

    Direct standardisation: each audience's own mean, weighted by its share in the mix.
    """
    parts = [(by_audience.get(audience), share) for audience, share in mix.items()]
    if not parts or any(value is None for value, _share in parts):
        return None
    return sum(value * share for value, share in parts if value is not None)
