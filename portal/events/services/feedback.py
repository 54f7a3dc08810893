"""What people thought of a lecture: one answer each, by what gave them the right to answer; no name, no words."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core import crypto
from portal.core.database import upsert
from portal.core.errors import PortalError
from portal.events.models import Card, Event, Feedback, Registration
from portal.events.queries.attendance import levels
from portal.events.rules import codes, satisfaction
from portal.events.rules.attendance import AdmissionSource
from portal.events.rules.satisfaction import LEVELS, MOST_ON_PAPER
from portal.events.rules.seats import State
from portal.events.services.sheets import lock

TICKET = "event feedback"


class NotNow(PortalError):
    """The lecture has not begun, does not take place, or too long ago."""


class NoTicket(PortalError):
    """The code is of no seat of this lecture."""


def ticket(event_id: int, code: str) -> str:
    """Return what an answer is kept under: the same by link and by code; it cannot be turned back without the key."""
    return tickets(event_id, code)[0]


def tickets(event_id: int, code: str) -> list[str]:
    """Return what an answer may lie under while the site's keys are rotated; it is stored under the first."""
    return crypto.keyed_digests(f"{event_id}:{code}", purpose=TICKET)


def code_of(session: Session, *, event_id: int, typed: str) -> str:
    """Return the code of a registration that stands, or of a seat card, of this lecture.

    Raises:
        NoTicket: it is neither.
    """
    code = codes.typed(typed)
    if code is not None:
        registered = sa.select(Registration.id).where(
            Registration.event_id == event_id, Registration.code == code, Registration.state == State.CONFIRMED
        )
        card = sa.select(Card.id).where(Card.event_id == event_id, Card.code == code)
        if session.scalar(registered) is not None or session.scalar(card) is not None:
            return code
    raise NoTicket


def answer(session: Session, *, event_id: int, code: str, level: int, source: AdmissionSource, at: datetime) -> None:
    """Keep what somebody thinks; whoever answers again has changed their mind.

    Args:
        code: as `code_of` returns it.

    Raises:
        NotNow: no answers are taken.
    """
    event = session.get_one(Event, event_id)
    if not is_open(event, at):
        raise NotNow
    insert = upsert(session, Feedback).values(
        event_id=event_id, ticket=ticket(event_id, code), level=level, source=source, at=at
    )
    newer = {"level": insert.excluded.level, "source": insert.excluded.source, "at": insert.excluded.at}
    session.execute(insert.on_conflict_do_update(index_elements=["event_id", "ticket"], set_=newer))


def is_open(event: Event, at: datetime) -> bool:
    """Return whether people can say now what they think."""
    return event.cancelled_at is None and satisfaction.takes_answers(
        starts_at=event.starts_at, ends_at=event.ends_at, at=at
    )


def set_paper(session: Session, *, event_id: int, counts: Mapping[int, int], by: str, at: datetime) -> bool:
    """Set how often each level was ticked on paper; return whether that changed anything.

    Whoever made a slip types the numbers again: what stands afterwards is what was typed last.

    Raises:
        LookupError: there is no such lecture.
        NotNow: it has not begun.
        ValueError: a number cannot be.
    """
    event = lock(session, event_id)
    if at < event.starts_at or event.cancelled_at is not None:
        raise NotNow
    if not all(level in LEVELS and 0 <= count <= MOST_ON_PAPER for level, count in counts.items()):
        raise ValueError(dict(counts))
    before = levels(session, event_id, source=AdmissionSource.PAPER)
    wanted = {level: counts.get(level, 0) for level in LEVELS}
    if before == wanted:
        return False
    paper = sa.delete(Feedback).where(Feedback.event_id == event_id, Feedback.source == AdmissionSource.PAPER)
    session.execute(paper)
    rows = [
        {"event_id": event_id, "ticket": f"paper-{level}-{place}", "level": level, "source": AdmissionSource.PAPER}
        for level, count in wanted.items()
        for place in range(count)
    ]
    if rows:
        session.execute(sa.insert(Feedback), [{**row, "at": at} for row in rows])
    facts = {"satisfaction": {str(level): count for level, count in wanted.items()}}
    record(session, Tag.EVENT_REPORTED, by=by, at=at, target=f"event:{event.slug}", details=facts)
    return True


def forget_due(session: Session, *, at: datetime, most: int = 2_000) -> int:
    """Cut answers off from whatever gave the right to them, once no answer can be changed any more; return how many.

    For the worker: afterwards nobody, with the site's key or without, can tell whose answer one is.
    """
    due = (
        sa.select(Feedback.id)
        .join(Event, Event.id == Feedback.event_id)
        .where(Event.ends_at < at - satisfaction.OPEN_FOR, sa.func.length(Feedback.ticket) == len(crypto.digest("")))
    )
    ids = session.scalars(due.limit(most)).all()
    for key in ids:
        session.execute(sa.update(Feedback).where(Feedback.id == key).values(ticket=crypto.token()))
    return len(ids)
