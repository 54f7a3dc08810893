"""What is to be reached in a quarter. Targets are data: a site changes them from a quarter on, and says who did."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from portal.metrics.rules.verdicts import LEAST


class Measure(StrEnum):
    """What a target can be set on, in the order in which they are shown (`domain.md` §1.1)."""

    LECTURES = "lectures"
    """N1: lectures held."""
    PERSON_TIMES = "person_times"
    """N2: verified check-ins."""
    AWARENESS = "awareness"
    """N3: what people knew after against before, in pairs."""
    SATISFACTION = "satisfaction"
    """N4: the upper two of five levels."""
    TIPS = "tips"
    """N15: safety tips published."""
    COMPLAINTS_24H = "complaints_24h"
    """N5: complaints closed with an answer within 24 hours."""
    TRAINING = "training"
    """N7: staff who took part in training."""


class TargetUnit(StrEnum):
    """In what a target is given."""

    COUNT = "count"
    SHARE = "share"
    RELATIVE = "relative"
    PP = "pp"
    GAIN = "gain"


UNITS = {
    Measure.LECTURES: (TargetUnit.COUNT,),
    Measure.PERSON_TIMES: (TargetUnit.COUNT,),
    Measure.AWARENESS: (TargetUnit.RELATIVE, TargetUnit.PP, TargetUnit.GAIN),
    Measure.SATISFACTION: (TargetUnit.SHARE,),
    Measure.TIPS: (TargetUnit.COUNT,),
    Measure.COMPLAINTS_24H: (TargetUnit.SHARE,),
    Measure.TRAINING: (TargetUnit.SHARE,),
}
ENTERED = (Measure.COMPLAINTS_24H, Measure.TRAINING)
"""Figures that the portal cannot count: a person enters them, with source and signer."""


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be reached at least."""

    measure: Measure
    value: float
    unit: TargetUnit
    since: str = ""
    """The quarter from which on it holds."""
    set_by: str = ""
    """Empty: the portal comes with it."""
    least: int | None = None
    """Answers or pairs below which nothing is said."""


DEFAULTS = (
    Target(Measure.LECTURES, 1, TargetUnit.COUNT),
    Target(Measure.PERSON_TIMES, 200, TargetUnit.COUNT),
    Target(Measure.AWARENESS, 0.2, TargetUnit.RELATIVE, least=LEAST),
    Target(Measure.SATISFACTION, 0.9, TargetUnit.SHARE, least=LEAST),
    Target(Measure.TIPS, 1, TargetUnit.COUNT),
    Target(Measure.COMPLAINTS_24H, 1, TargetUnit.SHARE),
    Target(Measure.TRAINING, 1, TargetUnit.SHARE),
)
"""The numbers of the source work plans (`domain.md` §1.1); "+20 %" is taken as relative, and that is said."""
