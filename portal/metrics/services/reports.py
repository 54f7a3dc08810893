"""The report of a quarter: built while it is open, closed by one person, confirmed by another, and then it stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import local_day, site_zone
from portal.core.errors import PortalError, Said
from portal.core.settings import Locale
from portal.events.models import Event
from portal.events.rules.lectures import EventState
from portal.metrics.models import Amendment, ReportRow
from portal.metrics.queries import answers, lectures, library, read, stored
from portal.metrics.rules import closing
from portal.metrics.rules.closing import Refusal, State
from portal.metrics.rules.inputs import Inputs
from portal.metrics.rules.report import Report
from portal.metrics.rules.summary import summarise
from portal.metrics.services import rolling, surveys
from portal.quizzes.models import Attempt
from portal.reference import queries as reference
from portal.reference.rules import quarters

EARLIER = 4
"""Quarters before, that a report is compared with: the last one, and the same one a year ago."""
COMPARED = ("attendance", "satisfaction", "awareness", "surveys", "articles", "breakdowns", "quizzes", "ledger")
"""What later facts may change."""


class Refused(PortalError):
    """A step cannot be taken now; `said` is a sentence for whoever tried."""

    def __init__(self, why: Refusal) -> None:
        self.why, self.said = why, SENTENCES[why]
        super().__init__(self.said)


SENTENCES = {
    Refusal.NOT_OVER: Said("The quarter is not over yet."),
    Refusal.NO_REPORT: Said("There is no report of this quarter yet."),
    Refusal.ALREADY_CLOSED: Said("The quarter is closed already."),
    Refusal.NOT_CLOSED: Said("The quarter is not closed yet."),
    Refusal.SAME_PERSON: Said("Whoever closed a quarter cannot confirm it: another person has to."),
    Refusal.ALREADY_CONFIRMED: Said("The quarter is confirmed already."),
}


@dataclass(frozen=True, slots=True)
class Current:
    """A report and where it stands."""

    report: Report
    state: State
    digest: str
    built_at: datetime
    closed_by: str = ""
    closed_at: datetime | None = None
    confirmed_by: str = ""
    confirmed_at: datetime | None = None
    amendments: Sequence[Amendment] = ()


def current(session: Session, quarter: str, *, at: datetime) -> Current | None:
    """Return the report of a quarter as it stands, or None: it has not begun, or nothing is known of it.

    One that was never stored is made for the moment; the worker stores it soon.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    begins, _ends = quarters.moments(quarter, site_zone(session))
    row = stored.report(session, quarter)
    if row is not None:
        return Current(
            report=cast("Report", row.report),
            state=row.state,
            digest=row.digest,
            built_at=row.built_at,
            closed_by=row.closed_by or "",
            closed_at=row.closed_at,
            confirmed_by=row.confirmed_by or "",
            confirmed_at=row.confirmed_at,
            amendments=stored.amendments(session, quarter),
        )
    if at < begins:
        return None
    report = summarise(gather(session, quarter, at=at, rolled=False))
    if not any(report.get(part) for part in ("ledger", "quizzes", "entries", "surveys", "reading")):
        return None
    return Current(report, State.OPEN, closing.digest(report), at)


def gather(session: Session, quarter: str, *, at: datetime, rolled: bool = True) -> Inputs:
    """Return what the figures of a quarter are made of.

    Args:
        quarter: as 2026Q3.
        at: now.
        rolled: whether to read daily sums; else the rows themselves.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    zone = site_zone(session)
    since, until = quarters.moments(quarter, zone)
    first, end = quarters.days(quarter)
    if rolled:
        figures, taken = (
            stored.lecture_figures(session, first=first, end=end),
            stored.taken(session, first=first, end=end),
        )
    else:
        figures = lectures.figures(session, since=since, until=until, at=at)
        taken = answers.taken(session, since=since, until=until)
    return Inputs(
        quarter=quarter,
        zone=zone.key,
        begins=since,
        ends=until,
        as_of=at,
        lectures=tuple(lectures.held(session, since=since, until=until, at=at)),
        figures=figures,
        called_off=lectures.called_off(session, since=since, until=until),
        answers=answers.of_cards(session, since=since, until=until, at=at),
        taken=tuple(taken),
        quiz_names=answers.quiz_names(session, {one.version_id for one in taken}),
        library=library.library(
            session, since=since, until=until, first=first, end=end, today=local_day(session, at=at)
        ),
        reading=read.editions(session, quarter, first=first, end=end),
        searches=read.searches(session, first=first, end=end),
        entries=stored.entries(session, quarter),
        surveys=surveys.gathered(session, quarter),
        targets=stored.targets(session, quarter),
        topics={topic.key: topic.name.get(Locale.HANS, topic.key) for topic in reference.topics(session)},
        before=stored.before(session, quarter, steps=EARLIER),
        demo=stored.is_demo(session),
    )


def build(session: Session, *, quarter: str, by: str, at: datetime) -> ReportRow:
    """Make the report of an open quarter anew and store it, all of it in the unit of the caller.

    Raises:
        Refused: it is closed; what came to light since is an amendment.
        ValueError: it is not the name of a quarter.
    """
    roll(session, quarter=quarter, at=at)
    return store(session, quarter=quarter, report=draft(session, quarter=quarter, at=at), by=by, at=at)


def roll(session: Session, *, quarter: str, at: datetime) -> None:
    """Make the daily sums of an open quarter anew.

    Raises:
        Refused: it is closed.
        ValueError: it is not the name of a quarter.
    """
    _refuse_closed(stored.report(session, quarter))
    rolling.roll(session, quarter=quarter, at=at)


def draft(session: Session, *, quarter: str, at: datetime) -> Report:
    """Return the report of a quarter from its daily sums; nothing is written.

    Raises:
        ValueError: it is not the name of a quarter.
    """
    return summarise(gather(session, quarter, at=at))


def store(session: Session, *, quarter: str, report: Report, by: str, at: datetime) -> ReportRow:
    """Store the report of an open quarter as it was at `at`, unless a newer one is stored.

    Raises:
        Refused: it is closed.
    """
    row = stored.report(session, quarter)
    _refuse_closed(row)
    if row is not None and row.built_at > at:
        return row
    if row is None:
        row = ReportRow(quarter=quarter, state=State.OPEN)
        session.add(row)
    row.report = cast("dict[str, Any]", report)
    row.digest, row.built_at, row.built_by = closing.digest(report), at, by
    session.flush()
    return row


def _refuse_closed(row: ReportRow | None) -> None:
    if row is not None and row.state is not State.OPEN:
        raise Refused(Refusal.ALREADY_CLOSED)


def close(session: Session, *, quarter: str, by: str, by_id: int, at: datetime) -> ReportRow:
    """Build the report of a quarter that is over once more, and freeze it.

    Raises:
        Refused: the quarter is not over, or closed already.
        ValueError: it is not the name of a quarter.
    """
    _begins, ends = quarters.moments(quarter, site_zone(session))
    row = stored.report(session, quarter)
    why = closing.may_close(row.state if row else State.OPEN, is_over=at >= ends)
    if why is not None:
        raise Refused(why)
    row = build(session, quarter=quarter, by=by, at=at)
    row.state, row.closed_at, row.closed_by, row.closed_by_id = State.CLOSED, at, by, by_id
    details = {"digest": row.digest}
    record(session, Tag.QUARTER_CLOSED, by=by, at=at, target=f"quarter:{quarter}", details=details)
    return row


def confirm(session: Session, *, quarter: str, by: str, by_id: int, at: datetime) -> ReportRow:
    """Confirm a closed quarter as a second person.

    Raises:
        Refused: it is not closed, confirmed already, or was closed by the same person.
    """
    row = stored.report(session, quarter)
    why = closing.may_confirm(row.state if row else None, closed_by_id=row.closed_by_id if row else None, by_id=by_id)
    if why is not None or row is None:
        raise Refused(why or Refusal.NO_REPORT)
    row.state, row.confirmed_at, row.confirmed_by, row.confirmed_by_id = State.CONFIRMED, at, by, by_id
    details = {"digest": row.digest}
    record(session, Tag.QUARTER_CONFIRMED, by=by, at=at, target=f"quarter:{quarter}", details=details)
    return row


def amend(session: Session, *, quarter: str, text: str, by: str, at: datetime) -> Amendment:
    """Write down what came to light after a quarter was closed, with the figures that would be others today.

    Raises:
        Refused: the quarter is not closed: its figures follow by themselves.
    """
    row = stored.report(session, quarter)
    if row is None or row.state is State.OPEN:
        raise Refused(Refusal.NOT_CLOSED)
    now = cast("dict[str, Any]", summarise(gather(session, quarter, at=at, rolled=False)))
    differing = closing.changes(_compared(row.report), _compared(now))
    made = Amendment(quarter=quarter, at=at, by=by, text=text, changes=differing)
    session.add(made)
    record(session, Tag.QUARTER_AMENDED, by=by, at=at, target=f"quarter:{quarter}", details={"changes": len(differing)})
    session.flush()
    return made


def _compared(report: dict[str, Any]) -> dict[str, Any]:
    """Return what can be computed again: who came twice is no longer known when contacts are erased."""
    attendance = {key: value for key, value in report["attendance"].items() if not key.startswith("people_")}
    # A report that was closed before there were surveys has none.
    return {**{key: report.get(key, []) for key in COMPARED}, "attendance": attendance}


@dataclass(frozen=True, slots=True)
class Check:
    """What a later look at a stored report found."""

    intact: bool
    """The stored report is the one that its digest was made of."""
    parts: dict[str, str]
    """By kind of input: `same`, `differs`, or `gone` where what it was made of was thrown away."""
    changes: list[dict[str, Any]]
    """Figures that would be others today."""

    @property
    def is_same(self) -> bool:
        """Whether all that remains leads to the same figures."""
        return self.intact and not self.changes and "differs" not in self.parts.values()


GONE = frozenset({"reading", "people"})
"""What cannot be counted again: who read is forgotten at midnight, who came twice when contacts are erased."""


def verify(session: Session, *, quarter: str, at: datetime) -> Check:
    """Compute a quarter again from what remains, and compare.

    Raises:
        Refused: there is no report of it.
        ValueError: it is not the name of a quarter.
    """
    row = stored.report(session, quarter)
    if row is None:
        raise Refused(Refusal.NO_REPORT)
    as_of = at if row.state is State.OPEN else row.closed_at or at
    now = cast("dict[str, Any]", summarise(gather(session, quarter, at=as_of, rolled=False)))
    was, found = row.report["inputs"]["parts"], now["inputs"]["parts"]
    parts = {
        name: "gone" if name in GONE else "same" if found.get(name) == part else "differs" for name, part in was.items()
    }
    return Check(
        intact=closing.digest(row.report) == row.digest,
        parts=parts,
        changes=closing.changes(_compared(row.report), _compared(now)),
    )


def first_quarter(session: Session) -> str | None:
    """Return the first quarter of which something is known, or None."""
    moments = [
        moment
        for moment in (
            session.scalar(sa.select(sa.func.min(Event.starts_at)).where(Event.state == EventState.PUBLISHED)),
            session.scalar(sa.select(sa.func.min(Attempt.finished_at))),
        )
        if moment is not None
    ]
    return quarters.of_moment(min(moments), site_zone(session)) if moments else None


def to_build(session: Session, *, at: datetime) -> list[str]:
    """Return the quarters whose reports follow by themselves: the one before while it is open, and the running one."""
    now = quarters.of_moment(at, site_zone(session))
    found = []
    for quarter in (quarters.shift(now, -1), now):
        row = stored.report(session, quarter)
        if row.state is State.OPEN if row else current(session, quarter, at=at) is not None:
            found.append(quarter)
    return found
