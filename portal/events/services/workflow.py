"""The way of a lecture to the public: submitted by one person, approved by another; or thrown away before."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import local_day, touch_site
from portal.core.errors import PortalError
from portal.events.models import CoOrganiser, Event, Pool, Registration, Review, Revision, Series
from portal.events.rules.lectures import EventState, ReviewOutcome, four_eyes
from portal.events.rules.plans import Why
from portal.events.services import judging
from portal.events.services.planning import Stale, end_review, hold, open_review, revision

Result = TypeVar("Result")


class Refused(PortalError):
    """The rules do not allow this step.

    Args:
        why: the reason.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why
        self.starts_at: datetime | None = None
        """Which date it was, of several that were to go together."""


def why_not_submit(session: Session, event: Event) -> Why | None:
    """Return why a lecture cannot be submitted as it stands; None: it can, if it lacks nothing."""
    if event.state is EventState.CANCELLED or open_review(session, event.id) is not None:
        return Why.WRONG_STATE
    return Why.NOTHING_NEW if event.latest_number == event.published_number else None


def submit(session: Session, *, event_id: int, base: int, note: str, by: str, by_id: int, at: datetime) -> Review:
    """Ask for a second person's look at the latest text.

    Raises:
        LookupError: there is no such lecture.
        Stale: it was changed since `base`.
        Refused: it is under review, was called off, has nothing new, or lacks something.
    """
    event = hold(session, event_id)
    if event.latest_number != base:
        raise Stale
    if why := why_not_submit(session, event):
        raise Refused(why)
    if judging.check(session, event, today=local_day(session, at=at), at=at).problems:
        raise Refused(Why.PROBLEMS)
    review = Review(
        event_id=event.id,
        number=event.latest_number,
        outcome=ReviewOutcome.OPEN,
        note=note,
        submitted_at=at,
        submitted_by=by,
        submitted_by_id=by_id,
    )
    session.add(review)
    session.flush()
    _log(session, Tag.EVENT_SUBMITTED, event, review, by=by, at=at)
    return review


def take_back(session: Session, *, event_id: int, by: str, by_id: int, at: datetime) -> bool:
    """End a review to go on writing; return whether one was open.

    Raises:
        LookupError: there is no such lecture.
    """
    event = hold(session, event_id)
    review = open_review(session, event.id)
    if review is None:
        return False
    end_review(session, event, by=by, by_id=by_id, at=at)
    _log(session, Tag.EVENT_TAKEN_BACK, event, review, by=by, at=at)
    return True


def why_not_decide(session: Session, event: Event, review: Review, person_id: int) -> Why | None:
    """Return why a person may not decide on a review; None: they may. Permissions are asked for apart."""
    if review.outcome is not ReviewOutcome.OPEN or event.state is EventState.CANCELLED:
        return Why.WRONG_STATE
    authors = revision(session, event.id, review.number).authors
    if not four_eyes(authors=authors, submitted_by=review.submitted_by_id, approver=person_id):
        return Why.OWN_TEXT
    return None


def send_back(session: Session, *, review_id: int, opinion: str, by: str, by_id: int, at: datetime) -> Review:
    """Say what is to be changed.

    Raises:
        LookupError: there is no such review.
        Refused: it is decided, or was written or submitted by the same person.
    """
    event, review = _take(session, review_id, by_id)
    checked = judging.check(session, event, number=review.number, today=local_day(session, at=at), at=at)
    review.findings = judging.rows(checked, {}, by=by)
    _decide(review, ReviewOutcome.SENT_BACK, opinion, by=by, by_id=by_id, at=at)
    session.flush()
    _log(session, Tag.EVENT_SENT_BACK, event, review, by=by, at=at)
    return review


def approve(
    session: Session,
    *,
    review_id: int,
    number: int,
    opinion: str,
    waived: Mapping[str, str],
    by: str,
    by_id: int,
    at: datetime,
) -> Event:
    """Let the public have a lecture, or its new text.

    Args:
        number: of the revision that was read.
        waived: reasons for letting stand what the check holds against the text, by the finding's key.

    Raises:
        LookupError: there is no such review.
        Refused: the rules or the check keep it back.
        Stale: another text was submitted since.
    """
    event, review = _take(session, review_id, by_id)
    if review.number != number or event.latest_number != number:
        raise Stale
    checked = judging.check(session, event, number=number, today=local_day(session, at=at), at=at)
    if checked.problems:
        raise Refused(Why.PROBLEMS)
    if not checked.has_rules:
        raise Refused(Why.NO_RULES)
    stands = {key: reason for key in checked.held_back() if (reason := waived.get(key, "").strip())}
    if set(checked.held_back()) - set(stands):
        raise Refused(Why.FINDINGS)
    review.findings = judging.rows(checked, stands, by=by)
    _decide(review, ReviewOutcome.APPROVED, opinion, by=by, by_id=by_id, at=at)
    event.words = revision(session, event.id, number).content
    event.published_number, event.updated_at = number, at
    event.published_at = event.published_at or at
    event.state = EventState.PUBLISHED
    session.flush()
    touch_site(session)
    _log(session, Tag.EVENT_PUBLISHED, event, review, by=by, at=at, waived=len(stands))
    return event


# --- several dates of a series in one go --------------------------------------------------------------------------


def submit_series(
    session: Session, *, event_id: int, numbers: Mapping[int, int], note: str, by: str, by_id: int, at: datetime
) -> list[Review]:
    """Submit several dates of a lecture's series, all or none.

    Args:
        numbers: the latest revision of each date as it was read, by the id of the lecture.

    Raises:
        Stale: one of them is gone, or was changed since.
        Refused: one of them cannot be submitted, and so none is.
    """

    def step(number: int, base: int) -> Review:
        return submit(session, event_id=number, base=base, note=note, by=by, by_id=by_id, at=at)

    return together(session, step, "submitted", event_id=event_id, numbers=numbers, by=by, at=at)


def decide_series(
    session: Session,
    *,
    event_id: int,
    numbers: Mapping[int, int],
    approves: bool,
    opinion: str,
    waived: Mapping[str, str],
    by: str,
    by_id: int,
    at: datetime,
) -> list[Review]:
    """Approve several dates of a lecture's series, or send them back, all or none.

    Args:
        numbers: the revision of each date that was read, by the id of the lecture.
        waived: as for `approve`; one reason serves a sentence that stands in several dates.

    Raises:
        Stale: one of them is gone, or another text was submitted since.
        Refused: one of them is kept back, and so all are.
    """

    def step(number: int, read: int) -> Review:
        review = open_review(session, number)
        if review is None:
            raise Refused(Why.WRONG_STATE)
        if review.number != read:
            raise Stale
        act = partial(approve, number=read, waived=waived) if approves else send_back
        act(session, review_id=review.id, opinion=opinion, by=by, by_id=by_id, at=at)
        return review

    what = "approved" if approves else "sent-back"
    return together(session, step, what, event_id=event_id, numbers=numbers, by=by, at=at)


def together(
    session: Session,
    step: Callable[[int, int], Result],
    what: str,
    *,
    event_id: int,
    numbers: Mapping[int, int],
    by: str,
    at: datetime,
) -> list[Result]:
    """Take a step for several dates of a lecture's series, all or none.

    Args:
        step: is given the id of a lecture, and the number that was read of it.
        what: the step's name in the log.
        numbers: what was read of each date, by the id of the lecture.

    Raises:
        LookupError: there is no such lecture.
        Stale: one of the others is gone, or none was named.
        Refused: one cannot go this step; it says which.
    """
    first = session.get(Event, event_id)
    if first is None:
        raise LookupError(event_id)
    there = sa.select(Event.id).where(Event.series_id.is_not(None), Event.series_id == first.series_id)
    if not numbers or numbers.keys() - set(session.scalars(there)):
        raise Stale
    done = []
    for number in sorted(numbers):
        # Always in this order: two who act on one series wait for each other, and not in a circle.
        try:
            done.append(step(number, numbers[number]))
        except Refused as problem:
            problem.starts_at = session.get_one(Event, number).starts_at
            raise
    facts = {"series": first.series_id, "step": what, "lectures": sorted(numbers)}
    record(session, Tag.EVENT_TOGETHER, by=by, at=at, target=f"event:{first.slug}", details=facts)
    return done


# --- thrown away --------------------------------------------------------------------------------------------------


def why_not_discard(session: Session, event: Event) -> Why | None:
    """Return why a lecture cannot be thrown away; None: it can, for nobody but the desk ever heard of it."""
    if event.state is not EventState.DRAFT or event.published_at is not None:
        return Why.WAS_PUBLIC
    has_people = session.scalar(sa.select(sa.exists().where(Registration.event_id == event.id)))
    return Why.HAS_PEOPLE if has_people else None


def discard(session: Session, *, event_id: int, base: int, by: str, at: datetime) -> None:
    """Throw a draft away with its texts and reviews; the log keeps that it was there.

    Raises:
        LookupError: there is no such lecture.
        Stale: it was changed since `base`.
        Refused: it was public, or somebody has registered.
    """
    event = hold(session, event_id)
    if why := why_not_discard(session, event):
        raise Refused(why)
    if event.latest_number != base:
        raise Stale
    slug, series_id = event.slug, event.series_id
    for model in (Review, Revision, Pool, CoOrganiser):
        session.execute(sa.delete(model).where(model.event_id == event_id))
    session.delete(event)
    session.flush()
    if series_id is not None and not session.scalar(sa.select(sa.exists().where(Event.series_id == series_id))):
        session.execute(sa.delete(Series).where(Series.id == series_id))
    record(session, Tag.EVENT_DISCARDED, by=by, at=at, target=f"event:{slug}", details={"number": base})


# --- shared -------------------------------------------------------------------------------------------------------


def _take(session: Session, review_id: int, person_id: int) -> tuple[Event, Review]:
    found = session.get(Review, review_id)
    if found is None:
        raise LookupError(review_id)
    event = hold(session, found.event_id)
    review = session.get_one(Review, review_id, populate_existing=True)
    if why := why_not_decide(session, event, review, person_id):
        raise Refused(why)
    return event, review


def _decide(review: Review, outcome: ReviewOutcome, opinion: str, *, by: str, by_id: int, at: datetime) -> None:
    review.outcome, review.opinion = outcome, opinion
    review.decided_at, review.decided_by, review.decided_by_id = at, by, by_id


def _log(session: Session, tag: Tag, event: Event, review: Review, *, by: str, at: datetime, **more: int) -> None:
    facts = {"review": review.id, "number": review.number, **more}
    record(session, tag, by=by, at=at, target=f"event:{event.slug}", details=facts)
