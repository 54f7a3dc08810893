"""What to do about the figures: short, from the verdicts alone, the most urgent first."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from portal.events.rules.satisfaction import Z_95
from portal.metrics.rules.pace import Pace
from portal.metrics.rules.report import Report, VerdictLine
from portal.metrics.rules.targets import Measure
from portal.metrics.rules.uplift import Caveat
from portal.metrics.rules.verdicts import Verdict

MOST_ANSWERS = 100_000
"""Nobody collects more to confirm a share."""
MANY_NO_SHOWS = 0.3
FEW_SEATS = 20
"""Below so many registrations the share that stayed away says nothing."""


class Advice(StrEnum):
    """What can be done."""

    HOLD_LECTURES = "hold_lectures"
    INVITE = "invite"
    USE_SEAT_CARDS = "use_seat_cards"
    MORE_PAIRS = "more_pairs"
    LOOK_AT_QUESTIONS = "look_at_questions"
    SAME_QUIZ = "same_quiz"
    ASK_BEFORE_LEAVING = "ask_before_leaving"
    ASK_UNTAUGHT = "ask_untaught"
    ASK_FEEDBACK = "ask_feedback"
    MORE_FEEDBACK = "more_feedback"
    READ_REMARKS = "read_remarks"
    PUBLISH_TIP = "publish_tip"
    ANSWER_COMPLAINTS = "answer_complaints"
    TRAIN = "train"
    ENTER = "enter"
    REVIEW_ARTICLES = "review_articles"
    WRITE_ABOUT = "write_about"
    REMIND = "remind"


@dataclass(frozen=True, slots=True)
class Step:
    """One piece of advice, with the numbers and words that it names."""

    advice: Advice
    values: dict[str, int | str] = field(default_factory=dict)


def needed(share: float, target: float) -> int | None:
    """Return how many answers confirm a share that is above its target; None: no number that anybody collects."""
    if share <= target:
        return None
    # Wilson's interval is the score test turned round: its lower end is the target where the share is this far above.
    exact = Z_95**2 * target * (1 - target) / (share - target) ** 2
    if exact > MOST_ANSWERS:
        return None
    enough = max(math.ceil(exact), 1)
    # To two figures: it is a rule of thumb, not a promise.
    grain: int = 10 ** max(len(str(enough)) - 2, 0)
    return math.ceil(enough / grain) * grain


def steps(report: Report, pace: Pace | None) -> list[Step]:
    """Return what to do.

    Args:
        report: the quarter.
        pace: of a quarter that is still running: counts that will be reached at this pace need nothing.
    """
    lines = {line["measure"]: line for line in report["verdicts"]}
    found = [step for measure in Measure if measure in lines for step in _for(lines[measure], report, pace)]
    found += list(_beside(report))
    return found


def _for(line: VerdictLine, report: Report, pace: Pace | None) -> Iterator[Step]:
    measure, verdict = Measure(line["measure"]), line["verdict"]
    if verdict == Verdict.MET:
        return
    if measure in (Measure.COMPLAINTS_24H, Measure.TRAINING):
        if verdict == Verdict.NOT_MET:
            yield Step(Advice.ANSWER_COMPLAINTS if measure is Measure.COMPLAINTS_24H else Advice.TRAIN)
        else:
            yield Step(Advice.ENTER, {"measure": measure.value})
    elif measure is Measure.AWARENESS:
        yield from _awareness(line, report)
    elif measure is Measure.SATISFACTION:
        yield from _satisfaction(line)
    elif line["value"] is not None:
        reached = pace.reached(line["value"]) if pace else None
        missing = math.ceil(line["target"] - line["value"])
        if missing > 0 and not (reached is not None and reached >= line["target"]):
            yield _count(measure, missing, report)


def _count(measure: Measure, missing: int, report: Report) -> Step:
    if measure is Measure.LECTURES:
        return Step(Advice.HOLD_LECTURES, {"missing": missing})
    if measure is Measure.TIPS:
        return Step(Advice.PUBLISH_TIP, {"missing": missing})
    seen = report["attendance"]
    each = seen["person_times"] / seen["lectures"] if seen["lectures"] else 0
    return Step(Advice.INVITE, {"missing": missing, "lectures": math.ceil(missing / each) if each else 0})


def _awareness(line: VerdictLine, report: Report) -> Iterator[Step]:
    found = report["awareness"]
    if line["verdict"] == Verdict.TOO_FEW:
        yield Step(Advice.USE_SEAT_CARDS, {"pairs": int(line["n"] or 0), "least": int(line["least"] or 0)})
    elif line["verdict"] == Verdict.ABOVE_NOT_CONFIRMED:
        yield Step(Advice.MORE_PAIRS)
    elif line["verdict"] == Verdict.NOT_MET:
        worst = [one for one in found.get("items") or () if one["change_pp"]["value"] is not None]
        worst.sort(key=lambda one: one["change_pp"]["value"])
        yield Step(Advice.LOOK_AT_QUESTIONS, {"items": ", ".join(str(one["item"]) for one in worst[:3])})
    if found.get("mixed"):
        yield Step(Advice.SAME_QUIZ, {"pairs": int(found["mixed"])})
    warned = found.get("warnings") or ()
    if Caveat.ATTRITION in warned:
        yield Step(Advice.ASK_BEFORE_LEAVING)
    if Caveat.NO_CONTROL in warned:
        yield Step(Advice.ASK_UNTAUGHT)


def _satisfaction(line: VerdictLine) -> Iterator[Step]:
    if line["verdict"] == Verdict.TOO_FEW:
        yield Step(Advice.ASK_FEEDBACK, {"answers": int(line["n"] or 0), "least": int(line["least"] or 0)})
    elif line["verdict"] == Verdict.ABOVE_NOT_CONFIRMED:
        enough = needed(line["value"] or 0, line["target"])
        yield Step(Advice.MORE_FEEDBACK, {"enough": enough or 0})
    elif line["verdict"] == Verdict.NOT_MET:
        yield Step(Advice.READ_REMARKS)


def _beside(report: Report) -> Iterator[Step]:
    """Yield what no target asks for, and is worth doing."""
    seen = report["attendance"]
    registered = seen["registered"]
    if registered >= FEW_SEATS and seen["no_shows"] > MANY_NO_SHOWS * registered:
        yield Step(Advice.REMIND, {"no_shows": seen["no_shows"], "registered": registered})
    overdue = report["articles"].get("overdue", 0)
    if overdue:
        yield Step(Advice.REVIEW_ARTICLES, {"articles": overdue})
    terms = report["search"].get("nothing_terms") or ()
    if terms:
        yield Step(Advice.WRITE_ABOUT, {"term": terms[0]["term"], "times": terms[0]["times"]})
