"""Point 7 of what no other system has, as far as lectures go: figures of a quarter in the site's own zone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from portal.core.database import transaction
from portal.events.models import Event
from portal.events.queries.quarters import of_quarter
from portal.events.rules.attendance import AdmissionKind
from portal.events.rules.lectures import EventState
from portal.events.rules.quarters import bounds
from portal.events.rules.seats import Kind
from tests.events.doors import heads, let_in
from tests.events.hall import come, lecture

SHANGHAI = ZoneInfo("Asia/Shanghai")
LATE = datetime(2026, 3, 31, 23, 59, tzinfo=SHANGHAI)
EARLY = datetime(2026, 4, 1, 0, 0, tzinfo=SHANGHAI)
OVER = datetime(2026, 6, 1, tzinfo=UTC)


@given(st.integers(2000, 2198), st.integers(1, 4), st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "UTC"]))
def test_quarters_follow_each_other_without_a_gap(year: int, number: int, name: str) -> None:
    zone = ZoneInfo(name)
    since, until = bounds(f"{year}Q{number}", zone)
    assert until == bounds(f"{year + number // 4}Q{number % 4 + 1}", zone)[0]
    assert since.astimezone(zone).replace(tzinfo=None) == datetime(year, 3 * number - 2, 1)
    assert timedelta(days=89) < until - since < timedelta(days=93)


@pytest.mark.parametrize("name", ["", "2026", "2026Q0", "2026Q5", "26Q1", "2026q1", "2026Q1 ", "２０２６Q1"])
def test_what_is_no_quarter(name: str) -> None:
    with pytest.raises(ValueError, match="is no quarter"):
        bounds(name, SHANGHAI)


def at_the_time(session: Session, starts: datetime, **changed: Any) -> Event:
    return lecture(
        session,
        starts_at=starts,
        ends_at=starts + timedelta(hours=1),
        opens_at=starts - timedelta(days=9),
        closes_at=starts,
        **changed,
    )


def test_7_quarter_kpi(app: Flask) -> None:
    with transaction() as session:
        for starts, people in ((LATE, 1), (EARLY, 2)):
            hall = at_the_time(session, starts, seats=60)
            before, now = starts - timedelta(days=1), {"at": starts, "received_at": starts}
            for number in range(people):
                let_in(session, hall.id, come(session, hall, f"人{number}", at=before).id, **now)
            come(session, hall, "没来的人", at=before)
            centre = come(session, hall, "李老师", at=before, kind=Kind.GROUP, organisation="社区", seats=30)
            let_in(session, hall.id, centre.id, 22, **now)
            heads(session, hall.id, 3, AdmissionKind.WALK_IN, **now)
            heads(session, hall.id, 5, **now)
        gone = at_the_time(session, LATE - timedelta(days=2))
        come(session, gone, "白来的人", at=LATE - timedelta(days=5))
        gone.state, gone.cancelled_at = EventState.CANCELLED, LATE - timedelta(days=3)
    with transaction() as session:
        first, second = (of_quarter(session, name, at=OVER) for name in ("2026Q1", "2026Q2"))
        assert (first.held, first.called_off, second.held, second.called_off) == (1, 1, 1, 0)
        assert (first.person_times, second.person_times) == (1 + 22 + 3, 2 + 22 + 3)
        assert (first.registered, first.no_shows) == (1 + 1 + 30, 1 + 8)
        assert [first.came[kind] for kind in AdmissionKind] == [1, 22, 3, 5, 0]
        # What is not over was not held.
        assert of_quarter(session, "2026Q1", at=LATE).held == 0
        assert of_quarter(session, "2025Q4", at=OVER).held == 0
