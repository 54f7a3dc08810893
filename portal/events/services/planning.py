"""Planning lectures: every save is a revision, and its number is what the next save must have read."""

from __future__ import annotations

import secrets
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import local_day, touch_site
from portal.core.errors import PortalError
from portal.events.models import Event, Pool, Review, Revision, Template
from portal.events.queries.common import pools
from portal.events.rules.lectures import PLACES, EventState, ReviewOutcome
from portal.events.rules.plans import LONGEST_SLUG, Details, Plan, When, Where, slug_for


class SlugTaken(PortalError):
    """Another lecture has this name in its address."""


class NameTaken(PortalError):
    """Another template has this name."""


class Stale(PortalError):
    """Somebody changed the lecture after it was read."""


class NotNow(PortalError):
    """The lecture does not stand where this can be done: it was called off, has begun, or is not public yet."""


def hold(session: Session, event_id: int) -> Event:
    """Return a lecture as it is now, with its seats; nobody changes or claims them before this unit has ended.

    Seats are taken first, as by those who register; the lecture's row so that rows may still refer to it.

    Raises:
        LookupError: there is none.
    """
    seats = sa.select(Pool.id).where(Pool.event_id == event_id).order_by(Pool.id).with_for_update()
    session.execute(seats).all()
    rows = sa.select(Event).where(Event.id == event_id).with_for_update(key_share=True)
    event = session.scalars(rows.execution_options(populate_existing=True)).first()
    if event is None:
        raise LookupError(event_id)
    return event


def revision(session: Session, event_id: int, number: int) -> Revision:
    """Return one saved text of a lecture."""
    return session.scalars(sa.select(Revision).where(Revision.event_id == event_id, Revision.number == number)).one()


def plan_of(session: Session, event: Event, *, number: int | None = None) -> Plan:
    """Return a lecture as it is planned, with the text of a revision; None: the latest."""
    there = pools(session, event.id)
    return Plan(
        content=revision(session, event.id, number or event.latest_number).content,
        details=_taken(Details, event),
        mode=event.mode,
        seats={pool.place: pool.capacity for pool in there},
        when=_taken(When, event),
        where=_taken(Where, event),
    )


def _taken(kind: Any, event: Event) -> Any:
    return kind(**{one.name: getattr(event, one.name) for one in fields(kind)})


def _put(event: Event, values: When | Where | Details) -> list[str]:
    """Give a lecture these values; return the names of those that are new."""
    changed = []
    for name, value in asdict(values).items():
        if getattr(event, name) != value:
            setattr(event, name, value)
            changed.append(name)
    return changed


def create(
    session: Session, *, plan: Plan, slug: str, by: str, by_id: int, at: datetime, series_id: int | None = None
) -> Event:
    """Store a new lecture as a draft; whoever plans it runs it.

    Args:
        slug: its name in the address; empty: one is made of its topic and day.

    Raises:
        SlugTaken: another lecture has this name.
    """
    if slug and _is_taken(session, slug):
        raise SlugTaken(slug)
    event = Event(
        slug=slug or free_slug(session, slug_for(plan.details.topic, local_day(session, at=plan.when.starts_at))),
        state=EventState.DRAFT,
        mode=plan.mode,
        series_id=series_id,
        owner_id=by_id,
        uid=secrets.token_hex(16),
        latest_number=1,
        updated_at=at,
        created_at=at,
        created_by=by,
    )
    for values in (plan.details, plan.when, plan.where):
        _put(event, values)
    session.add(event)
    session.flush()
    _add_revision(session, event, plan.content, authors=[by_id], by=by, at=at)
    for place in PLACES[plan.mode]:
        session.add(Pool(event_id=event.id, place=place, capacity=plan.seats[place]))
    session.flush()
    record(session, Tag.EVENT_SAVED, by=by, at=at, target=f"event:{event.slug}", details={"number": 1})
    return event


def _is_taken(session: Session, slug: str) -> bool:
    return bool(session.scalar(sa.select(sa.exists().where(Event.slug == slug))))


def free_slug(session: Session, wished: str) -> str:
    """Return `wished`, or the first of `wished-2`, `wished-3`… that no lecture has."""
    slug, number = wished, 1
    while _is_taken(session, slug):
        number += 1
        slug = f"{wished[: LONGEST_SLUG - 5]}-{number}"
    return slug


def _add_revision(
    session: Session, event: Event, content: dict[str, Any], *, authors: list[int], by: str, at: datetime
) -> None:
    session.add(
        Revision(
            event_id=event.id,
            number=event.latest_number,
            content=content,
            created_at=at,
            created_by=by,
            authors=authors,
        )
    )
    session.flush()


def save(session: Session, *, event_id: int, plan: Plan, base: int, by: str, by_id: int, at: datetime) -> Event:
    """Save a lecture as its next revision; a review that is open ends. What is the same as before is no revision.

    Of a lecture that the public sees, texts wait for a second person, and the details hold at once; when, where and
    how many are left alone: those steps tell everybody (`services.moving`).

    Raises:
        LookupError: there is no such lecture.
        Stale: `base` is not the number of its latest revision.
        NotNow: it was called off.
    """
    event = hold(session, event_id)
    if event.state is EventState.CANCELLED:
        raise NotNow
    if event.latest_number != base:
        raise Stale
    latest = revision(session, event.id, event.latest_number)
    changed = _put(event, plan.details)
    if event.state is EventState.DRAFT:
        changed += _put(event, plan.when) + _put(event, plan.where) + _put_seats(session, event, plan)
    is_new = latest.content != plan.content
    if not is_new and not changed:
        return event
    was_public = event.published_number == event.latest_number
    writes = is_new or event.state is EventState.DRAFT
    authors = sorted(set(() if was_public else latest.authors) | ({by_id} if writes else set()))
    event.latest_number += 1
    event.updated_at = at
    if was_public and not is_new:
        # The public reads this very text.
        event.published_number = event.latest_number
    _add_revision(session, event, plan.content, authors=authors, by=by, at=at)
    end_review(session, event, by=by, by_id=by_id, at=at)
    if event.state is EventState.PUBLISHED and changed:
        touch_site(session)
    facts = {"number": event.latest_number, "changed": [*(["text"] if is_new else []), *changed]}
    record(session, Tag.EVENT_SAVED, by=by, at=at, target=f"event:{event.slug}", details=facts)
    return event


def _put_seats(session: Session, event: Event, plan: Plan) -> list[str]:
    """Give a draft its places and seats; nobody can have taken any."""
    there = {pool.place: pool for pool in pools(session, event.id)}
    wanted = {place: plan.seats[place] for place in PLACES[plan.mode]}
    changed = [] if {place: pool.capacity for place, pool in there.items()} == wanted else ["seats"]
    if event.mode is not plan.mode:
        event.mode = plan.mode
        changed.append("mode")
    for place, capacity in wanted.items():
        if place in there:
            there[place].capacity = capacity
        else:
            session.add(Pool(event_id=event.id, place=place, capacity=capacity))
    for place, pool in there.items():
        if place not in wanted:
            session.delete(pool)
    session.flush()
    return changed


def open_review(session: Session, event_id: int) -> Review | None:
    """Return the review of a lecture that waits for a second person."""
    waits = sa.select(Review).where(Review.event_id == event_id, Review.outcome == ReviewOutcome.OPEN)
    return session.scalars(waits).first()


def end_review(session: Session, event: Event, *, by: str, by_id: int, at: datetime) -> bool:
    """Take an open review back; return whether there was one."""
    review = open_review(session, event.id)
    if review is None:
        return False
    review.outcome = ReviewOutcome.TAKEN_BACK
    review.decided_at, review.decided_by, review.decided_by_id = at, by, by_id
    session.flush()
    return True


# --- templates ----------------------------------------------------------------------------------------------------


def keep_template(
    session: Session, *, name: str, plan: dict[str, Any], by: str, at: datetime, instead: bool = False
) -> Template:
    """Store what new lectures can begin with.

    Args:
        plan: the fields of the form, save those of its time.
        instead: a template of this name is replaced.

    Raises:
        NameTaken: there is one of this name.
    """
    found = session.scalars(sa.select(Template).where(Template.name == name)).first()
    if found is not None and not instead:
        raise NameTaken(name)
    if found is None:
        found = Template(name=name)
        session.add(found)
    found.plan, found.updated_at, found.updated_by = plan, at, by
    session.flush()
    record(session, Tag.EVENT_TEMPLATE_SAVED, by=by, at=at, target=f"event-template:{found.id}", details={"name": name})
    return found


def rename_template(session: Session, *, template_id: int, name: str, by: str, at: datetime) -> None:
    """Give a template another name.

    Raises:
        LookupError: there is no such template.
        NameTaken: another one has this name.
    """
    found = _template(session, template_id)
    if session.scalar(sa.select(sa.exists().where(Template.name == name, Template.id != template_id))):
        raise NameTaken(name)
    facts = {"name": name, "before": found.name}
    found.name, found.updated_at, found.updated_by = name, at, by
    session.flush()
    record(session, Tag.EVENT_TEMPLATE_SAVED, by=by, at=at, target=f"event-template:{found.id}", details=facts)


def remove_template(session: Session, *, template_id: int, by: str, at: datetime) -> None:
    """Throw a template away; lectures that began with it stay.

    Raises:
        LookupError: there is no such template.
    """
    found = _template(session, template_id)
    facts = {"name": found.name, "removed": True}
    session.delete(found)
    record(session, Tag.EVENT_TEMPLATE_SAVED, by=by, at=at, target=f"event-template:{template_id}", details=facts)


def _template(session: Session, template_id: int) -> Template:
    found = session.get(Template, template_id)
    if found is None:
        raise LookupError(template_id)
    return found
