"""What the page of a quarter is made of: every line worked out, so that templates only place it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import flask
from flask_babel import get_locale, gettext

from portal.core import access
from portal.metrics.rules import charts
from portal.metrics.rules.advice import needed, steps
from portal.metrics.rules.changes import Against, changes
from portal.metrics.rules.charts import Chart
from portal.metrics.rules.pace import Pace
from portal.metrics.rules.report import Point, Report, VerdictLine
from portal.metrics.rules.targets import ENTERED, UNITS, Measure, TargetUnit
from portal.metrics.rules.verdicts import Verdict
from portal.metrics.views import figures, sentences, words
from portal.metrics.views.words import LOOKS, Look

ROWS = {
    Measure.LECTURES: "lectures.index",
    Measure.PERSON_TIMES: "lectures.index",
    Measure.AWARENESS: "figures.index",
    Measure.SATISFACTION: "lectures.index",
    Measure.TIPS: "articles.index",
}
"""Where the rows are that a figure was made of."""


def address(endpoint: str) -> str:
    """Return where a page of the desk is; empty: whoever asks may not open it, or there is none."""
    view = flask.current_app.view_functions.get(endpoint)
    asking = access.actor()
    needs = getattr(view, "access", None)
    if view is None or asking is None or not isinstance(needs, tuple | frozenset | set | list):
        return ""
    return flask.url_for(endpoint) if all(asking.may(one) for one in needs) else ""


@dataclass(frozen=True, slots=True)
class Line:
    """A target and what came of it."""

    measure: Measure
    look: Look
    say: str
    value: str
    counted: str
    interval: str
    basis: str
    target: str
    notes: tuple[str, ...]
    rows: str


def lines(report: Report, pace: Pace | None) -> list[Line]:
    """Return the targets; what needs doing first."""
    found = [_line(line, report, pace) for line in report["verdicts"]]
    return sorted(found, key=lambda line: line.look.rank)


def met(report: Report) -> int:
    """Return how many targets were met."""
    return sum(line["verdict"] == Verdict.MET for line in report["verdicts"])


def _line(line: VerdictLine, report: Report, pace: Pace | None) -> Line:
    measure, unit, value = Measure(line["measure"]), line["unit"], line["value"]
    key = line["verdict"]
    if key == Verdict.NOT_MET and pace and unit == TargetUnit.COUNT:
        key = words.NOT_YET
    # Of too few people no figure is written, even if there is one.
    silent = key in (Verdict.TOO_FEW, words.NOT_ENTERED)
    target = gettext("Target: at least %(value)s", value=figures.in_unit(line["target"], unit).removeprefix("+"))
    return Line(
        measure=measure,
        look=LOOKS[key],
        say=sentences.say(line, report),
        value="" if silent else figures.in_unit(value, unit, unlike=line["target"]),
        counted="" if silent or value is None else words.counted(measure, value),
        interval="" if silent else figures.span(line["low"], line["high"], unit),
        basis=_basis(line, report),
        target=target,
        notes=tuple(_notes(line, report, pace)),
        rows="#entries" if measure in ENTERED else address(ROWS.get(measure, "")),
    )


def _basis(line: VerdictLine, report: Report) -> str:
    if line["n"] is not None:
        found = words.basis(line["measure"], line["n"])
        least = gettext("at least %(least)d are needed", least=line["least"]) if line["least"] else ""
        return f"{found}{gettext(', ')}{least}" if least and line["verdict"] == Verdict.TOO_FEW else found
    for one in report["entries"] if line["value"] is not None else ():
        if one["measure"] == line["measure"] and one["denominator"] is not None:
            part, all_ = figures.whole(one["numerator"]), figures.whole(one["denominator"])
            return str(gettext("%(part)s of %(all)s", part=part, all=all_))
    return ""


def _notes(line: VerdictLine, report: Report, pace: Pace | None) -> list[str]:
    measure, found = Measure(line["measure"]), []
    if pace and line["unit"] == TargetUnit.COUNT and line["value"] is not None:
        reached = pace.reached(line["value"])
        if reached is None:
            found.append(gettext("The quarter began today: there is no pace yet."))
        else:
            found.append(
                gettext("At this pace by the end of the quarter: %(reached)s.", reached=figures.whole(reached))
            )
    if line["unit"] == TargetUnit.COUNT:
        found.append(
            gettext("Verified check-ins only: registrations, online viewers and page views are no part of it.")
            if measure is Measure.PERSON_TIMES
            else gettext("Counted in full: there is no sampling error.")
        )
    if measure is Measure.AWARENESS:
        found += _awareness_notes(line, report)
    if measure is Measure.SATISFACTION:
        found.append(gettext("Satisfied are the upper two of five levels."))
        if line["verdict"] == Verdict.ABOVE_NOT_CONFIRMED:
            enough = needed(line["value"] or 0, line["target"])
            if enough:
                found.append(
                    gettext(
                        "The same satisfaction is confirmed by about %(enough)s answers.", enough=figures.whole(enough)
                    )
                )
    if measure in ENTERED and line["value"] is not None:
        found.append(gettext("Entered by hand, with source and signer."))
    found += [words.word(words.CAVEATS, one) for one in line["caveats"]]
    if line["set_by"]:
        since = figures.quarter_short(line["since"]) if line["since"] else ""
        found.append(
            gettext("Target set by %(name)s, from %(since)s on.", name=line["set_by"], since=since)
            if since
            else gettext("Target set by %(name)s.", name=line["set_by"])
        )
    return [str(one) for one in found]


def _awareness_notes(line: VerdictLine, report: Report) -> list[str]:
    found = [str(words.UNIT_NOTES[line["unit"]])]
    seen = report["awareness"]
    if line["verdict"] != Verdict.TOO_FEW and seen.get("pre_percent") is not None:
        said = gettext(
            "Before %(before)s, after %(after)s: %(points)s.",
            before=figures.percentage(seen["pre_percent"]),
            after=figures.percentage(seen["post_percent"]),
            points=figures.points(seen["difference_pp"]["value"]),
        )
        found.insert(0, str(said))
    return found


# --- charts


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart with its words."""

    measure: Measure
    is_bars: bool
    chart: Chart
    unit: str
    target: str
    finding: str
    """What it shows, in one sentence."""
    reading: str
    """How to read it."""


def drawn(report: Report) -> list[Drawn]:
    """Return the charts; measures of which nothing was ever known have none."""
    lines_of = {line["measure"]: line for line in report["verdicts"]}
    found = []
    for measure in Measure:
        one = _drawn(measure, report["series"].get(measure, []), lines_of.get(measure), report)
        if one is not None:
            found.append(one)
    return found


def _drawn(measure: Measure, series: list[Point], line: VerdictLine | None, report: Report) -> Drawn | None:
    unit = line["unit"] if line else UNITS[measure][0]
    # Where the target was replaced at the ceiling, the line would belong to another figure than the points.
    replaced = measure is Measure.AWARENESS and (report["awareness"].get("target") or {}).get("replaced_at_ceiling")
    target = line["target"] if line and not replaced else None
    last, is_open = report["quarter"], not report["is_over"]
    is_bars = unit == TargetUnit.COUNT
    if is_bars:
        chart = charts.bars(series, last, target=target, is_open=is_open)
    else:
        ceiling = 1.0 if unit == TargetUnit.SHARE else float("inf")
        floor = 0.0 if unit == TargetUnit.SHARE else float("-inf")
        chart = charts.intervals(series, last, target=target, floor=floor, ceiling=ceiling, is_open=is_open)
    if chart.is_empty:
        return None
    return Drawn(
        measure=measure,
        is_bars=is_bars,
        chart=chart,
        unit=unit,
        target=figures.brief(target, unit).removeprefix("+") if target is not None else "",
        finding=_finding(chart, is_bars=is_bars),
        reading=_reading(chart, is_bars=is_bars, unit=unit),
    )


def _finding(chart: Chart, *, is_bars: bool) -> str:
    known = [point for point in chart.points if point["value"] is not None]
    if chart.target is None:
        return ""
    close = chart.target - 1e-9
    values = {"known": len(known), "reached": sum((point["value"] or 0) >= close for point in known)}
    if is_bars or all(point["low"] is None for point in known):
        return str(gettext("The target was reached in %(reached)d of %(known)d quarters.", **values))
    sure = sum(point["low"] is not None and point["low"] >= close for point in known)
    return str(
        gettext(
            "Above the target in %(reached)d of %(known)d quarters; with the whole interval in %(sure)d.",
            sure=sure,
            **values,
        )
    )


def _reading(chart: Chart, *, is_bars: bool, unit: str) -> str:
    has_intervals = any(point["low"] is not None for point in chart.points)
    if is_bars:
        said = [gettext("A bar is what was counted in the quarter.")]
    elif has_intervals:
        said = [gettext("A point is the figure of the quarter, the line through it its interval of 95%.")]
    else:
        said = [gettext("A point is the figure of the quarter.")]
    if unit == TargetUnit.PP:
        said.append(gettext("In percentage points."))
    if chart.target is not None:
        said.append(gettext("The dashed line is the target as it is now."))
    return _joined(said)


def _joined(said: list[Any]) -> str:
    # Chinese sentences have no space between them.
    return ("" if str(get_locale()).startswith("zh") else " ").join(str(one) for one in said)


# --- what changed, what to do


@dataclass(frozen=True, slots=True)
class Changed:
    """A measure against what it was."""

    measure: Measure
    value: str
    before: tuple[str, str]
    """What it was the quarter before, and the difference."""
    year_ago: tuple[str, str]


def changed(report: Report) -> list[Changed]:
    """Return what changed."""
    units = {line["measure"]: line["unit"] for line in report["verdicts"]}
    found = []
    for one in changes(report):
        unit = units.get(one.measure, UNITS[one.measure][0])
        value = figures.in_unit(one.value, unit)
        found.append(Changed(one.measure, value, _against(one.before, unit), _against(one.year_ago, unit)))
    return found


def _against(one: Against, unit: str) -> tuple[str, str]:
    said = figures.difference(one.difference, unit) if one.difference is not None else ""
    if one.difference == 0:
        said = str(gettext("no change"))
    if said and one.overlaps and one.difference:
        said = str(gettext("%(difference)s, may be chance", difference=said))
    return figures.in_unit(one.value, unit), said


def to_do(report: Report, pace: Pace | None) -> list[tuple[str, str]]:
    """Return what to do, and where."""
    return [(sentences.advise(step), address(sentences.LEADS.get(step.advice, ""))) for step in steps(report, pace)]
