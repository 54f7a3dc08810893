"""The four quarters of a year side by side, from their stored reports alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.metrics.rules.report import Report
from portal.metrics.rules.targets import Measure, TargetUnit
from portal.metrics.rules.verdicts import Verdict
from portal.metrics.rules.words import judged

ATTENDANCE = (
    "lectures", "called_off", "registrations", "person_times", "by_code", "by_group", "walk_in", "tally", "online",
    "no_shows", "no_shows_groups", "no_shows_online",
)  # fmt: skip
"""What may be added up; people may not: who came in two quarters would count twice."""


@dataclass(frozen=True, slots=True)
class Cell:
    """What a measure came to in a quarter; an empty verdict: there is no report of it."""

    value: float | None = None
    unit: str = ""
    verdict: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A measure, quarter by quarter."""

    key: str
    cells: tuple[Cell, ...]
    total: float | None
    """Of counts the sum. Shares and rises have none: a mean of quarters would be of nobody."""


def names(year: int) -> tuple[str, ...]:
    """Return the names of the quarters of a year."""
    return tuple(f"{year}Q{number}" for number in range(1, 5))


def targets(quarters: Sequence[str], reports: Mapping[str, Report]) -> list[Row]:
    """Return what came of each target; measures that no quarter had a target of are left out."""
    rows = []
    for measure in Measure:
        cells = tuple(_cell(reports.get(quarter), measure) for quarter in quarters)
        if any(cell.verdict for cell in cells):
            rows.append(_row(measure.value, cells))
    return rows


def _cell(report: Report | None, measure: Measure) -> Cell:
    line = next((one for one in report["verdicts"] if one["measure"] == measure), None) if report else None
    if report is None or line is None:
        return Cell()
    by = judged(report, line)
    # Of too few people no figure is written, even if there is one.
    return Cell(None if line["verdict"] == Verdict.TOO_FEW else by.value, by.unit, line["verdict"])


def attendance(quarters: Sequence[str], reports: Mapping[str, Report]) -> list[Row]:
    """Return how many were there, each kind apart."""
    rows = []
    for key in ATTENDANCE:
        found = [reports[quarter]["attendance"] if quarter in reports else None for quarter in quarters]
        counts = (None if there is None else there[key] for there in found)  # type: ignore[literal-required]  # a key of Attendance
        rows.append(_row(key, tuple(Cell(count, TargetUnit.COUNT) for count in counts)))
    return rows


def _row(key: str, cells: tuple[Cell, ...]) -> Row:
    known = [cell.value for cell in cells if cell.value is not None]
    adds = known and {cell.unit for cell in cells if cell.unit} == {TargetUnit.COUNT}
    return Row(key, cells, sum(known) if adds else None)
