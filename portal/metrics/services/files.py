"""The report of a quarter as a file, with what staff wrote for it and how far it is closed; the ledger of a year."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import partial
from typing import cast

from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.metrics.models import ReportRow
from portal.metrics.queries import stored
from portal.metrics.rules.report import Report
from portal.metrics.rules.year import names as quarters_of
from portal.metrics.services import exporting, figures, reports
from portal.metrics.services.exporting import Amendment, Closing, Form


def closing_of(found: reports.Current) -> Closing:
    """Return how far a report is closed, as files say it."""
    return Closing(
        state=found.state,
        closed_by=found.closed_by,
        closed_at=found.closed_at,
        confirmed_by=found.confirmed_by,
        confirmed_at=found.confirmed_at,
        digest=found.digest,
        amendments=tuple(Amendment(one.at, one.by, one.text) for one in found.amendments),
    )


def report_file(session: Session, quarter: str, *, form: Form, at: datetime) -> Callable[[], bytes] | None:
    """Return what makes the file of a quarter's report, or None: nothing is known of the quarter.

    Making a picture or a PDF takes a second or more and reads nothing from the database: end the reading first, so
    that nobody who writes waits for it. It raises `pdf.OneAtATime` while another PDF is being made, `pdf.Unavailable`
    where none can be made, and `pdf.TooMuch` when it takes too long.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    found = reports.current(session, quarter, at=at)
    if found is None:
        return None
    narrative = figures.narrative(session, quarter)
    return partial(exporting.export, found.report, narrative, form=form, closing=closing_of(found))


def note_export(session: Session, *, target: str, form: str, by: str, at: datetime) -> None:
    """Write down who saved which figures."""
    record(session, Tag.QUARTER_EXPORTED, by=by, at=at, target=target, details={"form": form})


def of_year(session: Session, year: int) -> dict[str, ReportRow]:
    """Return the stored reports of a year by quarter."""
    found = {quarter: stored.report(session, quarter) for quarter in quarters_of(year)}
    return {quarter: row for quarter, row in found.items() if row is not None}


def year_file(session: Session, year: int, *, form: Form) -> bytes:
    """Return a year with its ledger of activities (活动台账) as a file.

    Raises:
        ValueError: there is no such form of a year.
    """
    reports = {quarter: cast("Report", row.report) for quarter, row in of_year(session, year).items()}
    return exporting.year_file(year, reports, form=form)
