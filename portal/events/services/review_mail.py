"""Mail to staff about lectures under review: rows of the outbox, in the write unit of what they tell of.

Dates of a series that go together are one mail.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from portal.accounts import queries as accounts
from portal.core.settings import Locale
from portal.events.models import Event, Review
from portal.events.queries.desk import title_of
from portal.events.rules.lectures import ReviewOutcome
from portal.events.services.planning import revision
from portal.messages import services as messages

DATES = {Locale.HANS: "{}（{} 场）", Locale.HANT: "{}（{} 場）", Locale.EN: "{} ({} dates)"}


def tell_submitted(session: Session, reviews: Sequence[Review], *, site: str, at: datetime) -> None:
    """Ask the reviewers who may decide on any of what one person submitted."""
    writers = [{*revision(session, one.event_id, one.number).authors, one.submitted_by_id} for one in reviews]
    first = reviews[0]
    for person in accounts.reviewers(session, but=set.intersection(*writers)):
        messages.tell_staff(
            session,
            [person],
            "review-asked",
            at=at,
            title=_title(session, reviews, Locale(person.locale)),
            who=first.submitted_by,
            link=f"{site}/desk/events/{first.event_id}/review",
        )


def tell_decided(session: Session, reviews: Sequence[Review], *, site: str, at: datetime) -> None:
    """Tell whoever submitted, and whoever runs it, that it is public, or what is to be changed."""
    first = reviews[0]
    wanted = {one.submitted_by_id for one in reviews}
    wanted |= {session.get_one(Event, one.event_id).owner_id for one in reviews}
    for person in accounts.named(session, wanted - {first.decided_by_id}):
        messages.tell_staff(
            session,
            [person],
            "review-approved" if first.outcome is ReviewOutcome.APPROVED else "changes-asked",
            at=at,
            title=_title(session, reviews, Locale(person.locale)),
            who=first.decided_by or "",
            why=first.opinion,
            link=f"{site}/desk/events/{first.event_id}",
        )


def _title(session: Session, reviews: Sequence[Review], locale: Locale) -> str:
    title = title_of(revision(session, reviews[0].event_id, reviews[0].number).content)
    return title if len(reviews) == 1 else DATES[locale].format(title, len(reviews))
