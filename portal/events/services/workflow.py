"""The way of a lecture to the public: submitted by one person, approved by another."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import local_day, touch_site
from portal.core.errors import PortalError
from portal.events.models import Event, Review
from portal.events.rules.lectures import EventState, ReviewOutcome, four_eyes
from portal.events.rules.plans import Why
from portal.events.services import judging
from portal.events.services.planning import Stale, end_review, hold, open_review, revision


class Refused(PortalError):
    """The rules do not allow this step.

    Args:
        why: the reason.
    """

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


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
