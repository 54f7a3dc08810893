"""The report of a quarter, as it is known now or as it was closed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.metrics.rules.report import Report


@dataclass(frozen=True, slots=True)
class Amendment:
    """What became known after a quarter was closed."""

    at: datetime
    by: str
    text: str


@dataclass(frozen=True, slots=True)
class Current:
    """A report and how final it is."""

    report: Report
    state: str
    """`open`, `closed` or `confirmed`."""
    closed_by: str = ""
    closed_at: datetime | None = None
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    amendments: Sequence[Amendment] = ()
    digest: str = ""


def current(session: Session, quarter: str, *, at: datetime) -> Current | None:
    """Return the report of a quarter; None: nothing is known of it."""
    del session, quarter, at
    return None
