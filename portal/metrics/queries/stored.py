"""What was stored of quarters: daily sums, targets, figures that people entered, reports."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.settings import Audience
from portal.metrics.models import Amendment, DayRow, DemoRow, EntryRow, Narrative, ReportRow, SurveyRow, TargetRow
from portal.metrics.rules.inputs import Taken
from portal.metrics.rules.report import Entry, Point
from portal.metrics.rules.targets import DEFAULTS, Measure, Target
from portal.reference.rules.quarters import shift

LECTURE = "lecture"
QUIZ = "quiz"


def lecture_figures(session: Session, *, first: date, end: date) -> dict[int, dict[tuple[str, str], int]]:
    """Return the daily sums of lectures, by lecture."""
    found: defaultdict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    rows = sa.select(DayRow.number, DayRow.measure, DayRow.part, DayRow.value).where(
        DayRow.subject == LECTURE, DayRow.day >= first.isoformat(), DayRow.day < end.isoformat()
    )
    for number, measure, part, value in session.execute(rows):
        found[number][measure, part] = int(value)
    return dict(found)


def taken(session: Session, *, first: date, end: date) -> list[Taken]:
    """Return how quizzes were taken, the days of each version and audience together."""
    sums: defaultdict[tuple[int, str], defaultdict[str, float]] = defaultdict(lambda: defaultdict(float))
    rows = (
        sa.select(DayRow.number, DayRow.part, DayRow.measure, sa.func.sum(DayRow.value))
        .where(DayRow.subject == QUIZ, DayRow.day >= first.isoformat(), DayRow.day < end.isoformat())
        .group_by(DayRow.number, DayRow.part, DayRow.measure)
    )
    for number, part, measure, value in session.execute(rows):
        sums[number, part][measure] = value
    return [
        Taken(version, Audience(part), int(one["finished"]), int(one["passed"]), one["percents"])
        for (version, part), one in sorted(sums.items())
    ]


def targets(session: Session, quarter: str) -> tuple[Target, ...]:
    """Return the targets that hold in a quarter, in their order."""
    held = {target.measure: target for target in DEFAULTS}
    rows = sa.select(TargetRow).where(TargetRow.since <= quarter).order_by(TargetRow.since, TargetRow.id)
    for row in session.scalars(rows):
        held[row.measure] = Target(row.measure, row.value, row.unit, row.since, row.set_by, row.least)
    return tuple(held[measure] for measure in Measure if measure in held)


def entries(session: Session, quarter: str) -> tuple[Entry, ...]:
    """Return the figures entered for a quarter, of each measure the last one."""
    rows = session.scalars(sa.select(EntryRow).where(EntryRow.quarter == quarter).order_by(EntryRow.id))
    last = {row.measure: row for row in rows}
    return tuple(
        Entry(
            measure=measure.value,
            numerator=last[measure].numerator,
            denominator=last[measure].denominator,
            source=last[measure].source,
            signer=last[measure].signer,
            entered_by=last[measure].entered_by,
            entered_at=last[measure].entered_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
        )
        for measure in Measure
        if measure in last
    )


def entered(
    session: Session, *, quarter: str = "", measure: Measure | None = None, most: int
) -> list[tuple[EntryRow, bool]]:
    """Return rows that people entered, the newest quarter and row first, and whether each is the one that counts.

    Args:
        quarter: only these; empty: of all.
        measure: only these; None: all.
        most: no more than so many.
    """
    counts = sa.select(sa.func.max(EntryRow.id)).group_by(EntryRow.quarter, EntryRow.measure)
    rows = sa.select(EntryRow, EntryRow.id.in_(counts)).order_by(EntryRow.quarter.desc(), EntryRow.id.desc())
    if quarter:
        rows = rows.where(EntryRow.quarter == quarter)
    if measure is not None:
        rows = rows.where(EntryRow.measure == measure)
    return [(row, bool(does)) for row, does in session.execute(rows.limit(most))]


def entered_quarters(session: Session) -> Sequence[str]:
    """Return the quarters for which anything was entered, the newest first."""
    return session.scalars(sa.select(EntryRow.quarter).distinct().order_by(EntryRow.quarter.desc())).all()


def surveys(session: Session, quarter: str) -> Sequence[SurveyRow]:
    """Return the surveys on paper of a quarter, those that were taken out too, the first first."""
    return session.scalars(sa.select(SurveyRow).where(SurveyRow.quarter == quarter).order_by(SurveyRow.id)).all()


def report(session: Session, quarter: str) -> ReportRow | None:
    """Return the stored report of a quarter."""
    return session.get(ReportRow, quarter)


def reports(session: Session) -> Sequence[ReportRow]:
    """Return all stored reports, the newest quarter first."""
    return session.scalars(sa.select(ReportRow).order_by(ReportRow.quarter.desc())).all()


def before(session: Session, quarter: str, *, steps: int) -> dict[str, tuple[Point, ...]]:
    """Return what each measure came to in so many earlier quarters, as they were reported, the oldest first."""
    names = [shift(quarter, -step) for step in range(steps, 0, -1)]
    rows = {row.quarter: row for row in session.scalars(sa.select(ReportRow).where(ReportRow.quarter.in_(names)))}
    found: dict[str, tuple[Point, ...]] = {}
    for measure in Measure:
        points = []
        for name in names:
            known = rows[name].report["series"].get(measure.value) if name in rows else None
            points.append(known[-1] if known else Point(quarter=name, value=None, low=None, high=None, n=None))
        found[measure.value] = tuple(points)
    return found


def amendments(session: Session, quarter: str) -> Sequence[Amendment]:
    """Return what came to light after a quarter was closed, the first first."""
    return session.scalars(sa.select(Amendment).where(Amendment.quarter == quarter).order_by(Amendment.id)).all()


def narratives(session: Session, quarter: str) -> Sequence[Narrative]:
    """Return every text that was written for a quarter, the first first."""
    return session.scalars(sa.select(Narrative).where(Narrative.quarter == quarter).order_by(Narrative.id)).all()


def is_demo(session: Session) -> bool:
    """Return whether the installation holds invented data."""
    return session.scalar(sa.select(DemoRow.id)) is not None
