"""Lectures that recur: each day is an event of its own, with texts, seats and a review of its own."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import date, datetime, timedelta

from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import local_day, site_zone
from portal.events.models import Event, Series
from portal.events.rules import plans as rules
from portal.events.services.planning import create, free_slug, hold, plan_of


def repeat(
    session: Session,
    *,
    event_id: int,
    name: str,
    days: Collection[date],
    opens_before: timedelta | None,
    by: str,
    by_id: int,
    at: datetime,
) -> list[Event]:
    """Plan a lecture again on further days, as drafts; return them in the order of their days.

    Args:
        days: in the site's zone; those on which the lecture is held already are left out.
        opens_before: how long before each registration opens; None: as soon as it is public.

    Raises:
        LookupError: there is no such lecture.
        ClockSkips: on some of the days the clocks skip its time.
    """
    event = hold(session, event_id)
    plan = plan_of(session, event)
    first = local_day(session, at=event.starts_at)
    wanted = sorted(set(days) - {first})
    times = rules.recurring(plan.when, wanted, zone=site_zone(session), opens_before=opens_before, at=at)
    if not times:
        return []
    series = session.get(Series, event.series_id) if event.series_id else None
    if series is None:
        series = Series(name=name, created_at=at, created_by=by)
        session.add(series)
        session.flush()
        event.series_id = series.id
    base = rules.undated(event.slug)
    made = [
        create(
            session,
            plan=replace(plan, when=when),
            slug=free_slug(session, f"{base}-{day.isoformat()}"),
            by=by,
            by_id=by_id,
            at=at,
            series_id=series.id,
        )
        for day, when in zip(wanted, times, strict=True)
    ]
    facts = {"series": series.id, "days": [day.isoformat() for day in wanted]}
    record(session, Tag.EVENT_REPEATED, by=by, at=at, target=f"event:{event.slug}", details=facts)
    return made
