"""What tests of the desk start from: a lecture as an organiser plans it, and who has to do with it."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.models import Event as Logged
from portal.core.database import db, transaction
from portal.events.models import Event, Review
from portal.events.rules.lectures import Mode, Place
from portal.events.rules.plans import Details, Plan, When, Where
from portal.events.services import planning, series, workflow
from tests.events.hall import AT, STARTS, WORDS

PLANNER, HELPER, REVIEWER = 11, 12, 13
"""Ids of people; four eyes compare nothing else."""


def plan(**changed: Any) -> Plan:
    """Return a lecture that lacks nothing."""
    whole = Plan(
        content=WORDS,
        details=Details(topic="phone", district="浦东新区", telephone="021-00000000"),
        mode=Mode.IN_PERSON,
        seats={Place.IN_PERSON: 10},
        when=when(STARTS),
        where=Where({"zh-Hans": "张江社区中心二楼"}, {"zh-Hans": "示例路1号"}),
    )
    return replace(whole, **changed)


def when(starts_at: datetime, minutes: int = 90) -> When:
    """Return the times of a lecture for which anybody can register at once."""
    return When(starts_at, starts_at + timedelta(minutes=minutes), AT, starts_at - timedelta(hours=1))


def words(**changed: str) -> dict[str, Any]:
    """Return the texts, some in other words."""
    return {**WORDS, **{part: {"zh-Hans": text} for part, text in changed.items()}}


def begun(session: Session, wanted: Plan | None = None, *, slug: str = "savings", at: datetime = AT) -> Event:
    """Add a draft of the planner's."""
    return planning.create(session, plan=wanted or plan(), slug=slug, by="林静", by_id=PLANNER, at=at)


def saved(session: Session, event: Event, wanted: Plan, *, by_id: int = PLANNER, base: int | None = None) -> Event:
    """Save a lecture."""
    return planning.save(
        session, event_id=event.id, plan=wanted, base=base or event.latest_number, by="林静", by_id=by_id, at=AT
    )


def submitted(session: Session, event: Event, *, by_id: int = PLANNER, at: datetime = AT) -> int:
    """Submit the latest text; return the id of the review."""
    return workflow.submit(
        session, event_id=event.id, base=event.latest_number, note="", by="林静", by_id=by_id, at=at
    ).id


def all_submitted(session: Session, dates: list[Event], *, by_id: int = PLANNER) -> list[Review]:
    """Submit several dates of a series in one go."""
    numbers = {one.id: one.latest_number for one in dates}
    return workflow.submit_series(
        session, event_id=dates[0].id, numbers=numbers, note="", by="林静", by_id=by_id, at=AT
    )


def all_decided(
    session: Session, dates: list[Event], *, approves: bool = True, by_id: int = REVIEWER, **changed: Any
) -> list[Review]:
    """Decide on several dates of a series in one go."""
    about: dict[str, Any] = {"numbers": {one.id: one.latest_number for one in dates}, "opinion": "", "waived": {}}
    return workflow.decide_series(
        session, event_id=dates[0].id, approves=approves, **about | changed, by="周明", by_id=by_id, at=AT
    )


def approved(
    session: Session, event: Event, review_id: int, *, by_id: int = REVIEWER, waived: dict[str, str] | None = None
) -> Event:
    """Approve what was submitted."""
    return workflow.approve(
        session,
        review_id=review_id,
        number=event.latest_number,
        opinion="",
        waived=waived or {},
        by="周明",
        by_id=by_id,
        at=AT,
    )


def published(**changed: Any) -> int:
    """Plan, submit and approve a lecture in a write unit of its own; return its id."""
    with transaction() as session:
        event = begun(session, plan(**changed))
        approved(session, event, submitted(session, event))
        return event.id


def repeated(session: Session, event: Event, *, days: list[date]) -> list[Event]:
    """Plan a lecture again on further days."""
    return series.repeat(
        session, event_id=event.id, name="守住养老钱", days=days, opens_before=None, by="林静", by_id=PLANNER, at=AT
    )


def tags() -> list[str]:
    """Return what the log says of lectures, in order."""
    db.session.rollback()
    return list(db.session.scalars(sa.select(Logged.tag).where(Logged.tag.like("event:%")).order_by(Logged.id)))
