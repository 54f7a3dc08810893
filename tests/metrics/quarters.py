"""What tests of quarters start from: two lectures at the very edge of one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from portal.events.models import Event, Feedback
from portal.events.rules.attendance import AdmissionKind, AdmissionSource
from portal.events.rules.seats import Kind
from tests.events.doors import heads, let_in
from tests.events.hall import come, lecture, mobile

SHANGHAI = ZoneInfo("Asia/Shanghai")
LATE = datetime(2026, 3, 31, 23, 59, 59, tzinfo=SHANGHAI)
"""The last second of 2026Q1."""
EARLY = datetime(2026, 4, 1, 0, 0, tzinfo=SHANGHAI)
"""The first one of 2026Q2."""
OVER = datetime(2026, 7, 2, tzinfo=UTC)


def at_the_time(session: Session, starts: datetime, **changed: Any) -> Event:
    """Add a lecture of an hour."""
    return lecture(
        session,
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        opens_at=starts - timedelta(days=9),
        closes_at=starts,
        **changed,
    )


def filled(session: Session, starts: datetime, people: int, **changed: Any) -> Event:
    """Add a lecture with people, a group of 22 of 30, three without registration and five heads."""
    hall = at_the_time(session, starts, seats=90, online=9, **changed)
    before = starts - timedelta(days=1)
    now: dict[str, Any] = {"at": starts, "received_at": starts}
    for number in range(people):
        let_in(session, hall.id, come(session, hall, f"人{number}", at=before, **mobile(number)).id, **now)
    come(session, hall, "没来的人", at=before)
    centre = come(session, hall, "李老师", at=before, kind=Kind.GROUP, organisation="社区", seats=30)
    let_in(session, hall.id, centre.id, 22, **now)
    heads(session, hall.id, 3, AdmissionKind.WALK_IN, **now)
    heads(session, hall.id, 5, **now)
    return hall


def said(session: Session, event: Event, *levels: int, at: datetime) -> None:
    """Say what people thought of a lecture."""
    session.add_all(
        Feedback(event_id=event.id, level=level, ticket=f"{event.id}-{number}", source=AdmissionSource.LINK, at=at)
        for number, level in enumerate(levels)
    )
    session.flush()
