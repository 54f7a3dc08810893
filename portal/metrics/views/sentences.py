"""One sentence for each target, and one for each thing to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask_babel import gettext, ngettext

from portal.metrics.rules.advice import Advice, Step
from portal.metrics.rules.report import Report, VerdictLine
from portal.metrics.rules.targets import Measure
from portal.metrics.rules.verdicts import Verdict
from portal.metrics.views import figures, words
from portal.metrics.views.words import NOT_ENTERED

Values = dict[str, Any]


def say(line: VerdictLine, report: Report) -> str:
    """Return what came of a target, in one sentence."""
    return str(_SAY[Measure(line["measure"])](line, report))


def _lectures(line: VerdictLine, _report: Report) -> str:
    count = int(line["value"] or 0)
    if not count:
        return str(gettext("No lecture was held."))
    return str(ngettext("%(num)d lecture was held.", "%(num)d lectures were held.", count))


def _person_times(line: VerdictLine, _report: Report) -> str:
    count = int(line["value"] or 0)
    if not count:
        return str(gettext("Nobody checked in at a lecture."))
    return str(
        ngettext(
            "%(value)s person-time at lectures.",
            "%(value)s person-times at lectures.",
            count,
            value=figures.whole(count),
        )
    )


def _awareness(line: VerdictLine, _report: Report) -> str:
    said = {
        Verdict.MET: gettext("After the lectures people knew more, by as much as the target asks."),
        Verdict.ABOVE_NOT_CONFIRMED: gettext(
            "After the lectures people knew more; whether by as much as the target asks is not certain."
        ),
        Verdict.NOT_MET: gettext("What people knew did not rise by as much as the target asks."),
        Verdict.TOO_FEW: gettext("Too few people answered both before and after to say what they learned."),
    }
    return _nothing(line) if line["verdict"] == NOT_ENTERED else str(said[Verdict(line["verdict"])])


def _satisfaction(line: VerdictLine, _report: Report) -> str:
    target = figures.percent(line["target"])
    said = {
        Verdict.MET: gettext("Satisfaction reaches %(target)s, and so does its whole interval.", target=target),
        Verdict.ABOVE_NOT_CONFIRMED: gettext(
            "Satisfaction is above %(target)s, but there are not yet enough answers to be sure.", target=target
        ),
        Verdict.NOT_MET: gettext("Satisfaction is below %(target)s.", target=target),
        Verdict.TOO_FEW: gettext("Too few people gave feedback to say how satisfied they are."),
    }
    return _nothing(line) if line["verdict"] == NOT_ENTERED else str(said[Verdict(line["verdict"])])


def _tips(line: VerdictLine, _report: Report) -> str:
    count = int(line["value"] or 0)
    if not count:
        return str(gettext("No safety tip was published."))
    return str(ngettext("%(num)d safety tip was published.", "%(num)d safety tips were published.", count))


def _complaints(line: VerdictLine, report: Report) -> str:
    late = _missing(Measure.COMPLAINTS_24H, report)
    if line["verdict"] == NOT_ENTERED or late is None:
        return _nothing(line)
    if not late:
        return str(gettext("Every complaint was closed within 24 hours."))
    return str(
        ngettext("%(num)d complaint took longer than 24 hours.", "%(num)d complaints took longer than 24 hours.", late)
    )


def _training(line: VerdictLine, report: Report) -> str:
    absent = _missing(Measure.TRAINING, report)
    if line["verdict"] == NOT_ENTERED or absent is None:
        return _nothing(line)
    if not absent:
        return str(gettext("All staff took part in training."))
    return str(
        ngettext(
            "%(num)d member of staff did not take part in training.",
            "%(num)d members of staff did not take part in training.",
            absent,
        )
    )


def _missing(measure: Measure, report: Report) -> int | None:
    """Return how many are missing to all in what a person entered; None: nobody entered of how many."""
    entered = [one for one in report["entries"] if one["measure"] == measure and one["denominator"] is not None]
    if not entered:
        return None
    return round(sum((one["denominator"] or 0) - one["numerator"] for one in entered))


def _nothing(line: VerdictLine) -> str:
    if line["value"] is not None:
        # Entered without what it is a part of: the figure stands beside the sentence.
        return str(gettext("This figure was entered by hand."))
    return str(gettext("Nobody has entered this figure yet."))


_SAY: dict[Measure, Callable[[VerdictLine, Report], str]] = {
    Measure.LECTURES: _lectures,
    Measure.PERSON_TIMES: _person_times,
    Measure.AWARENESS: _awareness,
    Measure.SATISFACTION: _satisfaction,
    Measure.TIPS: _tips,
    Measure.COMPLAINTS_24H: _complaints,
    Measure.TRAINING: _training,
}


# --- what to do


def advise(step: Step) -> str:
    """Return a piece of advice in words."""
    return str(_DO[step.advice](dict(step.values)))


def _hold(v: Values) -> Any:
    return ngettext("Hold %(num)d more lecture.", "Hold %(num)d more lectures.", v["missing"])


def _invite(v: Values) -> Any:
    if not v["lectures"]:
        return gettext("%(missing)s person-times are missing. Plan lectures and invite people.", missing=v["missing"])
    return ngettext(
        "%(missing)s person-times are missing: as many as %(num)d more lecture brings. Plan it and invite people.",
        "%(missing)s person-times are missing: as many as %(num)d more lectures bring. Plan them and invite people.",
        v["lectures"],
        missing=v["missing"],
    )


def _feedback(v: Values) -> Any:
    if not v["enough"]:
        return gettext("Satisfaction is so close to its target that more answers will hardly confirm it.")
    return gettext(
        "Ask more people for feedback: if they are as satisfied, about %(enough)s answers in a quarter confirm it.",
        enough=figures.whole(v["enough"]),
    )


def _look_at(v: Values) -> Any:
    if not v["items"]:
        return gettext("Look at which questions people still get wrong, and teach that first.")
    return gettext("Teach first what people still get wrong. These questions rose least: %(items)s.", **v)


_DO: dict[Advice, Callable[[Values], Any]] = {
    Advice.HOLD_LECTURES: _hold,
    Advice.INVITE: _invite,
    Advice.USE_SEAT_CARDS: lambda v: gettext(
        "Put a seat card on every seat and leave five minutes for the second quiz: %(pairs)s pairs so far, %(least)s "
        "are needed.",
        **v,
    ),
    Advice.MORE_PAIRS: lambda _v: gettext("Collect more pairs, so that the interval gets narrower: use seat cards."),
    Advice.LOOK_AT_QUESTIONS: _look_at,
    Advice.SAME_QUIZ: lambda v: gettext(
        "Ask the same version of the quiz before and after: %(pairs)s pairs could not be compared.", **v
    ),
    Advice.ASK_BEFORE_LEAVING: lambda _v: gettext(
        "Ask the second quiz before people get up: many answered only the first."
    ),
    Advice.ASK_UNTAUGHT: lambda _v: gettext(
        "Add two questions to the quiz that the lecture does not teach: they show what comes from being asked twice."
    ),
    Advice.ASK_FEEDBACK: lambda v: gettext(
        "Show the feedback code on the last slide: %(answers)s answers so far, %(least)s are needed.", **v
    ),
    Advice.MORE_FEEDBACK: _feedback,
    Advice.READ_REMARKS: lambda _v: gettext("Read what dissatisfied people wrote, and change one thing."),
    Advice.PUBLISH_TIP: lambda v: ngettext(
        "Publish %(num)d more safety tip.", "Publish %(num)d more safety tips.", v["missing"]
    ),
    Advice.ANSWER_COMPLAINTS: lambda _v: gettext("Look where the complaints that took longer than 24 hours waited."),
    Advice.TRAIN: lambda _v: gettext("Give those who missed the training another date."),
    Advice.ENTER: lambda v: gettext(
        "Have this figure entered, with source and signer: %(measure)s.",
        measure=words.word(words.MEASURES, v["measure"]),
    ),
    Advice.REVIEW_ARTICLES: lambda v: ngettext(
        "Review %(num)d article that is overdue.", "Review %(num)d articles that are overdue.", v["articles"]
    ),
    Advice.WRITE_ABOUT: lambda v: gettext(
        "Write about “%(term)s”: it was searched for %(times)s times and nothing was found.", **v
    ),
    Advice.REMIND: lambda v: gettext(
        "Remind people the day before: %(no_shows)s of %(registered)s who registered did not come.", **v
    ),
}
LEADS = {
    Advice.HOLD_LECTURES: "lectures.new",
    Advice.INVITE: "lectures.index",
    Advice.USE_SEAT_CARDS: "lectures.index",
    Advice.MORE_PAIRS: "lectures.index",
    Advice.LOOK_AT_QUESTIONS: "figures.index",
    Advice.ASK_FEEDBACK: "lectures.index",
    Advice.MORE_FEEDBACK: "lectures.index",
    Advice.READ_REMARKS: "lectures.index",
    Advice.PUBLISH_TIP: "articles.new",
    Advice.REVIEW_ARTICLES: "articles.index",
    Advice.WRITE_ABOUT: "articles.new",
    Advice.REMIND: "lectures.index",
}
"""Where each is done."""
