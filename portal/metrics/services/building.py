"""Building reports of open quarters so that nobody who writes waits long."""

from __future__ import annotations

from datetime import datetime
from typing import cast

from portal.core.database import db, transaction
from portal.metrics.rules.report import Report
from portal.metrics.services import reports

WORKER = "worker"


def build(quarter: str, *, by: str, at: datetime) -> tuple[Report, str]:
    """Make the report of an open quarter anew and store it; return it and its digest.

    Daily sums are one unit, storing is another. The report, which takes seconds where millions have answered, is made
    between them and outside of both. What comes in meanwhile is in the next one; closing builds in a single unit.

    Raises:
        Refused: it is closed.
        ValueError: it is not the name of a quarter.
    """
    with transaction() as session:
        reports.roll(session, quarter=quarter, at=at)
    report = reports.draft(db.session(), quarter=quarter, at=at)
    db.session.rollback()
    with transaction() as session:
        row = reports.store(session, quarter=quarter, report=report, by=by, at=at)
        return cast("Report", row.report), row.digest


def keep_up(*, at: datetime) -> list[str]:
    """Build the running quarter anew, and the one before while it is open; return which were built."""
    due = reports.to_build(db.session(), at=at)
    db.session.rollback()
    built = []
    for quarter in due:
        try:
            build(quarter, by=WORKER, at=at)
        except reports.Refused:  # somebody closed it meanwhile
            continue
        built.append(quarter)
    return built
