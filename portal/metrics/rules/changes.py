"""What changed: each measure against the quarter before and against the same quarter a year ago."""

from __future__ import annotations

from dataclasses import dataclass

from portal.metrics.rules.report import Point, Report
from portal.metrics.rules.targets import Measure
from portal.reference.rules.quarters import shift


@dataclass(frozen=True, slots=True)
class Against:
    """One quarter against an earlier one."""

    quarter: str
    value: float | None
    """What it was then; None: not known."""
    difference: float | None
    overlaps: bool
    """Both have intervals and these overlap: the difference may be chance."""


@dataclass(frozen=True, slots=True)
class Change:
    """A measure, and what it was."""

    measure: Measure
    value: float | None
    before: Against
    year_ago: Against


def changes(report: Report) -> list[Change]:
    """Return what changed, in the order in which measures are shown; measures that were never known are left out."""
    found = []
    for measure in Measure:
        known = {point["quarter"]: point for point in report["series"].get(measure, ())}
        now = known.get(report["quarter"])
        if any(point["value"] is not None for point in known.values()):
            before, year = (_against(now, known, shift(report["quarter"], by)) for by in (-1, -4))
            found.append(Change(measure, now["value"] if now else None, before, year))
    return found


def _against(now: Point | None, known: dict[str, Point], quarter: str) -> Against:
    then = known.get(quarter)
    if then is None or now is None or then["value"] is None or now["value"] is None:
        return Against(quarter, then["value"] if then else None, None, overlaps=False)
    overlaps = False
    if None not in (then["low"], then["high"], now["low"], now["high"]):
        # mypy does not follow the line above.
        overlaps = (then["low"] or 0) <= (now["high"] or 0) and (now["low"] or 0) <= (then["high"] or 0)
    return Against(quarter, then["value"], now["value"] - then["value"], overlaps)
