"""Daily sums: made from the rows that they count, and made again to the same figures."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.database import site_zone
from portal.metrics.models import DayRow
from portal.metrics.queries import answers, lectures, stored
from portal.reference.rules import quarters

AGAIN = ("again", "")
"""Who came before as well is known only until contacts are erased: what was once known of it stays."""


def roll(session: Session, *, quarter: str, at: datetime) -> int:
    """Make the daily sums of a quarter anew, as far as it has passed; return how many there are.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    zone = site_zone(session)
    since, until = quarters.moments(quarter, zone)
    first, end = quarters.days(quarter)
    known = {
        number: found[AGAIN]
        for number, found in stored.lecture_figures(session, first=first, end=end).items()
        if AGAIN in found
    }
    rows = _lectures(session, zone, since, until, at, known) + _quizzes(session, zone, first, min(end, _day(at, zone)))
    session.execute(sa.delete(DayRow).where(DayRow.day >= first.isoformat(), DayRow.day < end.isoformat()))
    if rows:
        session.execute(sa.insert(DayRow), rows)
    return len(rows)


def _day(at: datetime, zone: ZoneInfo) -> date:
    """Return the first day that has not begun."""
    return at.astimezone(zone).date() + timedelta(days=1)


def _lectures(
    session: Session, zone: ZoneInfo, since: datetime, until: datetime, at: datetime, known: dict[int, int]
) -> list[dict[str, object]]:
    begun = {one.id: one.starts_at for one in lectures.held(session, since=since, until=until, at=at)}
    found = lectures.figures(session, since=since, until=until, at=at)
    for number, again in known.items():
        if number in begun:
            figures = found.setdefault(number, {})
            figures[AGAIN] = max(again, figures.get(AGAIN, 0))
    return [
        {
            "day": begun[number].astimezone(zone).date().isoformat(),
            "subject": stored.LECTURE,
            "number": number,
            "measure": measure,
            "part": part,
            "value": value,
        }
        for number, figures in found.items()
        for (measure, part), value in figures.items()
    ]


def _quizzes(session: Session, zone: ZoneInfo, first: date, end: date) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    day = first
    while day < end:
        following = day + timedelta(days=1)
        since, until = quarters.midnight(day, zone), quarters.midnight(following, zone)
        for one in answers.taken(session, since=since, until=until):
            for measure, value in (("finished", one.finished), ("passed", one.passed), ("percents", one.percents)):
                rows.append(
                    {
                        "day": day.isoformat(),
                        "subject": stored.QUIZ,
                        "number": one.version_id,
                        "measure": measure,
                        "part": one.audience.value,
                        "value": value,
                    }
                )
        day = following
    return rows
