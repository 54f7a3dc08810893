"""The words for what the rules name by a key."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_babel import ngettext

from portal.metrics.rules.targets import Measure, TargetUnit
from portal.metrics.rules.uplift import Caveat
from portal.metrics.rules.verdicts import Verdict

NOT_ENTERED = "not_known"
NOT_YET = "not_yet"
"""Of a count that the quarter may still reach."""


@dataclass(frozen=True, slots=True)
class Look:
    """A verdict as it is seen: a shape and a word; the colour only repeats them."""

    word: Any
    icon: str
    css: str
    rank: int
    """What needs doing stands first."""


LOOKS: dict[str, Look] = {
    Verdict.NOT_MET: Look(_l("Not met"), "careful", "late", 0),
    NOT_YET: Look(_l("Not yet met"), "clock", "mine", 1),
    Verdict.ABOVE_NOT_CONFIRMED: Look(_l("Above target, not confirmed"), "half", "mine", 2),
    Verdict.TOO_FEW: Look(_l("Too few people to say"), "people", "wait", 3),
    NOT_ENTERED: Look(_l("Not entered"), "edit", "wait", 4),
    Verdict.MET: Look(_l("Met"), "check", "done", 5),
}
MEASURES = {
    Measure.LECTURES: _l("Lectures"),
    Measure.PERSON_TIMES: _l("Person-times"),
    Measure.AWARENESS: _l("Awareness"),
    Measure.SATISFACTION: _l("Satisfaction"),
    Measure.TIPS: _l("Safety tips"),
    Measure.COMPLAINTS_24H: _l("Complaints closed within 24 hours"),
    Measure.TRAINING: _l("Staff training"),
}
UNIT_NOTES: dict[str, Any] = {
    TargetUnit.RELATIVE: _l("The rise is counted relative to what people knew before."),
    TargetUnit.PP: _l("The rise is counted in percentage points."),
    TargetUnit.GAIN: _l("The rise is counted as a part of what people did not know before."),
}
CAVEATS = {
    Caveat.NO_CONTROL: _l("No untaught questions were asked: a part of the rise may come from being asked twice."),
    Caveat.RETEST: _l("Untaught questions rose as well: look at the net rise."),
    Caveat.ATTRITION: _l("Many who answered before did not answer after."),
    Caveat.UNLIKE: _l("Those who answered twice differ from those who left in what they knew before."),
    Caveat.CEILING: _l(
        "People knew so much before that the target cannot be reached; the part of the gap that was closed is judged "
        "instead."
    ),
    Caveat.ONE_LECTURE: _l("It was one lecture: how much lectures differ is not in the interval."),
    Caveat.FEW_LECTURES: _l("There were few lectures: how much they differ is known only roughly."),
    Caveat.UNLINKED: _l("Answers without a seat code are no part of the pairs."),
}
STATES = {
    "open": (_l("Open"), "edit", "mine"),
    "closed": (_l("Closed, not yet confirmed"), "lock", "mine"),
    "confirmed": (_l("Closed and confirmed"), "check", "done"),
}
LEVELS = {
    "5": _l("Very satisfied"),
    "4": _l("Satisfied"),
    "3": _l("So-so"),
    "2": _l("Dissatisfied"),
    "1": _l("Very dissatisfied"),
}
AUDIENCES = {
    "general": _l("General"),
    "elderly": _l("Elderly"),
    "youth": _l("Youth"),
    "new-resident": _l("New residents"),
}
LANGUAGES = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
BREAKDOWNS = {
    "audience": _l("By audience"),
    "topic": _l("By topic"),
    "district": _l("By district"),
    "campaign": _l("By campaign"),
}
PARTS = {
    "audience": _l("Listeners"),
    "topic": _l("Topic"),
    "district": _l("District"),
    "campaign": _l("Campaign"),
}
MODES = {"in-person": _l("In the hall"), "online": _l("Online"), "hybrid": _l("In the hall and online")}
EVIDENCE = {
    "check_ins": _l("check-ins"),
    "paper_sheets": _l("paper sheets"),
    "meeting_list": _l("list of the online meeting"),
    "feedback": _l("feedback"),
    "seat_cards": _l("seat cards"),
}


def word(words: Any, key: str) -> str:
    """Return the word for a key; a key that came later than these words as it is."""
    return str(words.get(key, key))


def counted(measure: str, value: float) -> str:
    """Return of what `value` is the count, as it stands behind the number; empty: it is no count."""
    plural = 1 if value == 1 else 2
    words = {
        Measure.LECTURES: lambda: ngettext("lecture", "lectures", plural),
        Measure.PERSON_TIMES: lambda: ngettext("person-time", "person-times", plural),
        Measure.TIPS: lambda: ngettext("safety tip", "safety tips", plural),
    }
    found = words.get(Measure(measure))
    return str(found()) if found else ""


def basis(measure: str, n: int) -> str:
    """Return what a share or a rise stands on."""
    if measure == Measure.AWARENESS:
        return str(ngettext("%(num)d pair", "%(num)d pairs", n))
    return str(ngettext("%(num)d answer", "%(num)d answers", n))
