"""What came of the lectures of a span of time, a few statements for all of them together.

The same figures as `events.queries.attendance` has of one lecture; `tests/metrics/test_lectures.py` holds them equal.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.events.models import Admission, Card, CardAttempt, Event, Feedback, Pool, Registration
from portal.events.queries.attendance import COUNTED
from portal.events.rules.attendance import AdmissionKind, AdmissionSource
from portal.events.rules.lectures import EventState, Place
from portal.events.rules.seats import Kind, State
from portal.metrics.rules.inputs import Lecture

EVIDENCE = {
    AdmissionSource.DOOR: "check_ins",
    AdmissionSource.OFFLINE: "check_ins",
    AdmissionSource.PAPER: "paper_sheets",
    AdmissionSource.FILE: "meeting_list",
    AdmissionSource.LINK: "check_ins",
}
"""What proves that somebody was there."""


def held(session: Session, *, since: datetime, until: datetime, at: datetime) -> list[Lecture]:
    """Return the lectures that began in a span and were over at `at`, the first first; what was called off is none."""
    found = session.scalars(
        sa.select(Event)
        .where(Event.starts_at >= since, Event.starts_at < until, Event.ends_at <= at)
        .where(Event.state == EventState.PUBLISHED)
        .order_by(Event.starts_at, Event.id)
    )
    return [
        Lecture(
            id=event.id,
            slug=event.slug,
            title=_title(event.words, event.slug),
            starts_at=event.starts_at,
            ends_at=event.ends_at,
            audience=event.audience,
            topic=event.topic,
            district=event.district,
            branch=event.branch,
            campaign=event.campaign,
            mode=event.mode,
            materials=event.materials,
            cost_cents=event.cost_cents,
        )
        for event in found
    ]


def _title(words: Mapping[str, Any] | None, slug: str) -> str:
    titles = (words or {}).get("title") or {}
    return str(titles.get("zh-Hans") or next(iter(titles.values()), slug))


def called_off(session: Session, *, since: datetime, until: datetime) -> int:
    """Return how many lectures that were to begin in a span were called off."""
    rows = sa.select(sa.func.count()).select_from(Event).where(Event.state == EventState.CANCELLED)
    return session.scalar(rows.where(Event.starts_at >= since, Event.starts_at < until)) or 0


def figures(
    session: Session, *, since: datetime, until: datetime, at: datetime
) -> dict[int, dict[tuple[str, str], int]]:
    """Return the figures of each lecture that was held in a span, by its id; what is 0 is left out."""
    which = sa.select(Event.id).where(Event.starts_at >= since, Event.starts_at < until, Event.ends_at <= at)
    which = which.where(Event.state == EventState.PUBLISHED)
    found: defaultdict[int, dict[tuple[str, str], int]] = defaultdict(dict)
    for event, measure, part, value in _rows(session, which):
        if value:
            found[event][measure, part] = found[event].get((measure, part), 0) + int(value)
    return dict(found)


def _rows(session: Session, which: sa.Select[int]) -> Iterator[tuple[int, str, str, int]]:
    came = sa.select(Admission.event_id, Admission.kind, sa.func.sum(Admission.people)).where(*COUNTED)
    came = came.where(Admission.event_id.in_(which)).group_by(Admission.event_id, Admission.kind)
    for event, kind, people in session.execute(came):
        yield event, "came", kind.value, people
    yield from _registrations(session, which)
    yield from _again(session, which)
    levels = sa.select(Feedback.event_id, Feedback.level, sa.func.count()).where(Feedback.event_id.in_(which))
    for event, level, count in session.execute(levels.group_by(Feedback.event_id, Feedback.level)):
        yield event, "level", str(level), count
    yield from _evidence(session, which)


def _registrations(session: Session, which: sa.Select[int]) -> Iterator[tuple[int, str, str, int]]:
    let_in = (
        sa.select(Admission.registration_id, sa.func.sum(Admission.people).label("people"))
        .where(Admission.event_id.in_(which), Admission.registration_id.is_not(None), *COUNTED)
        .group_by(Admission.registration_id)
        .subquery()
    )
    is_online = Pool.place == Place.ONLINE
    wanted = sa.case((is_online, 1), else_=Registration.seats)
    people = sa.func.coalesce(let_in.c.people, 0)
    rows = (
        sa.select(
            Registration.event_id,
            Registration.state,
            Registration.kind,
            Pool.place,
            sa.func.count(),
            sa.func.sum(Registration.seats),
            sa.func.sum(sa.case((people < wanted, wanted - people), else_=0)),
        )
        .join(Pool, Pool.id == Registration.pool_id)
        .outerjoin(let_in, let_in.c.registration_id == Registration.id)
        .where(Registration.event_id.in_(which))
        .group_by(Registration.event_id, Registration.state, Registration.kind, Pool.place)
    )
    for event, state, kind, place, count, seats, missing in session.execute(rows):
        if state is State.CONFIRMED:
            part = "online" if place is Place.ONLINE else "group" if kind is Kind.GROUP else "person"
            yield event, "registrations", "", count
            yield event, "registered", part, seats
            yield event, "no_shows", part, missing
        elif state in (State.WAITING, State.OFFERED):
            yield event, "waiting", "", count
        elif state is State.CANCELLED:
            yield event, "cancelled", "", count


def _again(session: Session, which: sa.Select[int]) -> Iterator[tuple[int, str, str, int]]:
    """Yield how many people of a lecture had been let in by code at an earlier one of the span, as far as is known.

    The same contact and name registered both; after their contacts were erased nobody can tell any more.
    """
    once = (
        sa.select(Registration.person_digest, Registration.event_id, Event.starts_at)
        .join(Event, Event.id == Registration.event_id)
        .join(Admission, Admission.registration_id == Registration.id)
        .where(Registration.event_id.in_(which), Registration.person_digest.is_not(None), *COUNTED)
        .where(Admission.kind == AdmissionKind.CODE)
        .distinct()
        .subquery()
    )
    place = sa.func.row_number().over(partition_by=once.c.person_digest, order_by=(once.c.starts_at, once.c.event_id))
    ranked = sa.select(once.c.event_id, place.label("place")).subquery()
    rows = sa.select(ranked.c.event_id, sa.func.count()).where(ranked.c.place > 1).group_by(ranked.c.event_id)
    for event, count in session.execute(rows):
        yield event, "again", "", count


def _evidence(session: Session, which: sa.Select[int]) -> Iterator[tuple[int, str, str, int]]:
    """Yield what is kept that proves a lecture and what came of it."""
    by_source = sa.select(Admission.event_id, Admission.source, sa.func.count()).where(*COUNTED)
    by_source = by_source.where(Admission.event_id.in_(which)).group_by(Admission.event_id, Admission.source)
    for event, source, count in session.execute(by_source):
        yield event, "evidence", EVIDENCE[source], count
    cards = sa.select(Card.event_id, sa.func.count()).join(CardAttempt, CardAttempt.card_id == Card.id)
    for event, count in session.execute(cards.where(Card.event_id.in_(which)).group_by(Card.event_id)):
        yield event, "evidence", "seat_cards", count
