"""Taking all of the demo away again; whatever else is there stays."""

from __future__ import annotations

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Helpful, Read, SearchTerm
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.commands.demo import tips
from portal.commands.demo.cast import COMMAND, PREFIX, WRITER
from portal.core.database import site_zone, touch_site
from portal.events.models import (
    AccessRow,
    Admission,
    Card,
    CardAttempt,
    Consent,
    CoOrganiser,
    Event,
    Feedback,
    Guardian,
    Notice,
    PaperSheetFile,
    Pool,
    Registration,
    Review,
    Revision,
    Telling,
)
from portal.metrics.models import Amendment, DayRow, DemoRow, EntryRow, Narrative, ReportRow
from portal.metrics.services import rolling
from portal.quizzes.models import Attempt, Certificate, Response
from portal.reference.rules import quarters

_ANY = f"{PREFIX}%"


def remove(session: Session, *, now: datetime) -> bool:
    """Take away what `making.make` made, with whatever was added to its lectures since; return whether there was any.

    Reports that were built while it was there say that they are of invented data, and go as well.
    """
    row = session.get(DemoRow, 1)
    if row is None:
        return False
    events = sa.select(Event.id).where(Event.slug.like(_ANY), Event.created_by == COMMAND).scalar_subquery()
    _answers(session, events)
    _lectures(session, events)
    _readers(session, row)
    tips.remove(session)
    session.execute(sa.delete(EntryRow).where(EntryRow.entered_by == WRITER[0]))
    session.execute(sa.delete(Narrative).where(Narrative.written_by_id == WRITER[1]))
    invented = [one.quarter for one in session.scalars(sa.select(ReportRow)) if one.report["demo"]]
    session.execute(sa.delete(Amendment).where(Amendment.quarter.in_(invented)))
    session.execute(sa.delete(ReportRow).where(ReportRow.quarter.in_(invented)))
    first = date.fromisoformat(row.first_day)
    session.delete(row)
    session.flush()
    session.execute(sa.delete(DayRow).where(DayRow.day >= first.isoformat()))
    quarter, running = quarters.of_day(first), quarters.of_moment(now, site_zone(session))
    while quarter <= running:
        rolling.roll(session, quarter=quarter, at=now)
        quarter = quarters.shift(quarter, 1)
    record(session, Tag.DEMO_REMOVED, by=COMMAND, at=now)
    touch_site(session)
    return True


def _answers(session: Session, events: sa.ScalarSelect[int]) -> None:
    cards = sa.select(Card.id).where(Card.event_id.in_(events))
    own = set(session.scalars(sa.select(CardAttempt.attempt_id).where(CardAttempt.card_id.in_(cards))))
    session.execute(sa.delete(CardAttempt).where(CardAttempt.card_id.in_(cards)))
    session.execute(sa.delete(Card).where(Card.event_id.in_(events)))
    # Of the demo, or taken with its cards by somebody who looked around: those have other tokens.
    own -= set(session.scalars(sa.select(Attempt.id).where(Attempt.token_digest.like(_ANY))))
    for which in (
        Attempt.id.in_(sa.select(Attempt.id).where(Attempt.token_digest.like(_ANY))),
        Attempt.id.in_(sorted(own)),
    ):
        numbers = sa.select(Attempt.id).where(which)
        session.execute(sa.delete(Certificate).where(Certificate.attempt_id.in_(numbers)))
        session.execute(sa.delete(Response).where(Response.attempt_id.in_(numbers)))
        session.execute(sa.delete(Attempt).where(which).execution_options(synchronize_session=False))


def _lectures(session: Session, events: sa.ScalarSelect[int]) -> None:
    people = sa.select(Registration.id).where(Registration.event_id.in_(events))
    for child in (AccessRow, Guardian, Consent, Notice):
        session.execute(sa.delete(child).where(child.registration_id.in_(people)))
    for table in (Admission, Feedback, PaperSheetFile, Registration, Telling, CoOrganiser, Review, Revision, Pool):
        session.execute(sa.delete(table).where(table.event_id.in_(events)))
    gone = sa.delete(Event).where(Event.slug.like(_ANY), Event.created_by == COMMAND)
    session.execute(gone.execution_options(synchronize_session=False))


def _readers(session: Session, row: DemoRow) -> None:
    first, end = date.fromisoformat(row.first_day), date.fromisoformat(row.end_day)
    kept = [date.fromisoformat(day) for day in row.counted_days]
    for table in (Read, SearchTerm):
        session.execute(sa.delete(table).where(table.day >= first, table.day < end, table.day.not_in(kept)))
    session.execute(sa.delete(Helpful).where(Helpful.once.like(_ANY)))
