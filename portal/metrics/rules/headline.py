"""The verdict on each target of a quarter."""

from __future__ import annotations

from collections.abc import Callable

from portal.metrics.rules.inputs import Inputs
from portal.metrics.rules.intervals import Estimate
from portal.metrics.rules.report import Attendance, Entry, Satisfaction, VerdictLine
from portal.metrics.rules.targets import Measure, Target
from portal.metrics.rules.uplift import Uplift
from portal.metrics.rules.verdicts import LEAST, Unit, Verdict, judge, judge_count

NOT_KNOWN = "not_known"


def verdicts(
    inputs: Inputs, *, attendance: Attendance, satisfaction: Satisfaction, rise: Uplift, tips: int
) -> list[VerdictLine]:
    """Return the verdict on each target that holds, in their order."""
    entered = {entry["measure"]: entry for entry in inputs.entries}
    said: dict[Measure, Callable[[Target], VerdictLine]] = {
        Measure.LECTURES: lambda target: _counted(target, attendance["lectures"]),
        Measure.PERSON_TIMES: lambda target: _counted(target, attendance["person_times"]),
        Measure.AWARENESS: lambda target: _rise(target, rise),
        Measure.SATISFACTION: lambda target: _satisfaction(target, satisfaction),
        Measure.TIPS: lambda target: _counted(target, tips),
        Measure.COMPLAINTS_24H: lambda target: _entered(target, entered.get(target.measure.value)),
        Measure.TRAINING: lambda target: _entered(target, entered.get(target.measure.value)),
    }
    return [said[target.measure](target) for target in inputs.targets]


def _line(
    target: Target,
    verdict: str,
    found: Estimate,
    *,
    n: int | None = None,
    unit: str = "",
    value: float | None = None,
    caveats: tuple[str, ...] = (),
) -> VerdictLine:
    return VerdictLine(
        measure=target.measure.value,
        verdict=verdict,
        value=found.value,
        low=found.low,
        high=found.high,
        n=n,
        target=target.value if value is None else value,
        unit=unit or target.unit.value,
        least=target.least,
        since=target.since,
        set_by=target.set_by,
        caveats=list(caveats),
    )


def _counted(target: Target, value: int) -> VerdictLine:
    return _line(target, judge_count(value, target.value).value, Estimate(float(value)))


def _rise(target: Target, rise: Uplift) -> VerdictLine:
    judgement = rise.judgement
    chosen = {Unit.RELATIVE: rise.relative, Unit.PP: rise.pp, Unit.GAIN: rise.gain}[judgement.unit]
    return _line(
        target,
        judgement.verdict.value,
        chosen,
        n=rise.n_matched,
        unit=judgement.unit.value,
        value=judgement.target,
        caveats=tuple(one.value for one in rise.warnings),
    )


def _satisfaction(target: Target, found: Satisfaction) -> VerdictLine:
    share, least = found["share"], LEAST if target.least is None else target.least
    estimate = Estimate(share["value"], share["low"], share["high"])
    few = found["n"] < least or estimate.value is None
    verdict = Verdict.TOO_FEW if few else judge(estimate, target.value)
    return _line(target, verdict.value, estimate, n=found["n"])


def _entered(target: Target, entry: Entry | None) -> VerdictLine:
    """Return the verdict on what a person entered; all were counted, so there is no interval."""
    if entry is None or not entry["denominator"]:
        return _line(target, NOT_KNOWN, Estimate())
    value = entry["numerator"] / entry["denominator"]
    return _line(target, judge_count(value, target.value).value, Estimate(value), n=int(entry["denominator"]))
