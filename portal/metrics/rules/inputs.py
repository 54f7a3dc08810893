"""What a quarter is made of, as it was gathered: the input of `summary.summarise`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from portal.core.settings import Audience
from portal.events.rules.attendance import Wave
from portal.events.rules.lectures import Mode
from portal.metrics.rules.report import EditionReads, Entry, Point
from portal.metrics.rules.targets import Target
from portal.metrics.rules.uplift import Person
from portal.quizzes.rules.detection import Detection

Figures = Mapping[tuple[str, str], int]
"""Of one lecture, by measure and part; what is 0 is left out. The measures: `came` by kind, `registrations`,
`registered` and `no_shows` by person, group or online, `waiting`, `cancelled`, `again` (people who came to an earlier
lecture too, as far as is known), `level` of satisfaction, `evidence` by kind."""


@dataclass(frozen=True, slots=True)
class Lecture:
    """A lecture that was held."""

    id: int
    slug: str
    title: str
    starts_at: datetime
    ends_at: datetime
    audience: Audience
    topic: str
    district: str
    branch: str
    campaign: str
    mode: Mode
    materials: int | None
    cost_cents: int | None


@dataclass(slots=True)
class Sitting:
    """One quiz that was taken to its end with a card."""

    version_id: int
    got: float = 0.0
    possible: float = 0.0
    control_got: float = 0.0
    control_possible: float = 0.0
    right: dict[str, bool] = field(default_factory=dict)
    """By question that was taught: whether all of it was right. Unanswered is not right."""

    @property
    def share(self) -> float | None:
        """What was right of what was taught, from 0 to 1."""
        return self.got / self.possible if self.possible else None

    @property
    def control(self) -> float | None:
        """What was right of what was not."""
        return self.control_got / self.control_possible if self.control_possible else None


@dataclass(slots=True)
class CardAnswers:
    """What was answered with one card, by wave."""

    event_id: int
    waves: dict[Wave, Sitting] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Frozen:
    """What is asked of a version of a quiz, as far as it matters here."""

    quiz_id: int
    pair: str
    """What the two forms of one test share; empty: it has no other form."""
    points: Mapping[str, float]
    controls: frozenset[str]


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers of a span."""

    cards: tuple[CardAnswers, ...]
    versions: Mapping[int, Frozen]
    detection: Mapping[Wave, Detection]


@dataclass(frozen=True, slots=True)
class Taken:
    """How often a version was taken to its end, by audience."""

    version_id: int
    audience: Audience
    finished: int
    passed: int
    percents: float
    """The sum of the percent of all of them."""


@dataclass(frozen=True, slots=True)
class Library:
    """What was published and kept up to date."""

    published: int
    reviewed: int
    overdue: int
    tips: int


@dataclass(frozen=True, slots=True)
class Searches:
    """What readers searched for."""

    searches: int = 0
    nothing: int = 0
    terms: tuple[tuple[str, int], ...] = ()
    nothing_terms: tuple[tuple[str, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Survey:
    """A survey on paper that somebody brought as a table."""

    name: str
    signer: str
    digest: str
    rows: int
    taken_by: str
    taken_at: datetime
    people: tuple[Person, ...]


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything that the figures of a quarter are made of."""

    quarter: str
    zone: str
    begins: datetime
    ends: datetime
    as_of: datetime
    lectures: tuple[Lecture, ...]
    figures: Mapping[int, Figures]
    """By the id of a lecture."""
    called_off: int
    answers: Answers
    taken: tuple[Taken, ...]
    quiz_names: Mapping[int, tuple[str, str]]
    library: Library
    reading: tuple[EditionReads, ...] = ()
    searches: Searches = Searches()
    entries: tuple[Entry, ...] = ()
    surveys: tuple[Survey, ...] = ()
    targets: tuple[Target, ...] = ()
    before: Mapping[str, tuple[Point, ...]] = field(default_factory=dict)
    """By measure: earlier quarters, the oldest first."""
    topics: Mapping[str, str] = field(default_factory=dict)
    """What topics are called, by their key."""
    demo: bool = False
