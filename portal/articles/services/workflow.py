"""The way of a text to the public: submitting, deciding, publishing, withdrawing. Four eyes, always.

Every verb takes the article's row first, so that of two acts at once the second sees what the first has done.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Counter, Edition, Review, ReviewItem, Waiver
from portal.articles.rules import Act, Person, ReviewState, State, next_state
from portal.articles.services.judging import Judge
from portal.articles.services.saving import Words, end_review, hide, index_article, publish_sheet, show
from portal.articles.services.standing import Stale, allow, judged, latest, lock, waivers
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import local_day, touch_site


def members(session: Session, review: Review) -> list[Edition]:
    """Return the editions of a review."""
    statement = (
        sa.select(Edition)
        .join(ReviewItem, ReviewItem.edition_id == Edition.id)
        .where(ReviewItem.review_id == review.id)
        .order_by(Edition.id)
    )
    return list(session.scalars(statement))


def move(review: Review, editions: Sequence[Edition], act: Act, state: ReviewState) -> None:
    """Move a review and all its editions by an allowed act."""
    review.state = state
    for edition in editions:
        edition.state = next_state(edition.state, act)


def reach(session: Session, review_id: int) -> tuple[Review, Article, list[Edition]]:
    """Return a review with its article, taken for this write unit, and its editions, whatever became of them since.

    Raises:
        LookupError: there is no such review.
    """
    review = session.get(Review, review_id)
    if review is None:
        raise LookupError(f"review {review_id}")
    article = lock(session, review.article_id)
    session.refresh(review)
    return review, article, members(session, review)


def take(session: Session, review_id: int) -> tuple[Review, Article, list[Edition]]:
    """Return a review with its article, taken for this write unit, and its editions.

    Raises:
        LookupError: there is no such review.
        Stale: something in it has been submitted again with another one since.
    """
    review, article, editions = reach(session, review_id)
    if any(edition.review_id != review.id for edition in editions):
        raise Stale("The set holds texts that were submitted again since.")
    return review, article, editions


def audit(session: Session, tag: Tag, *, article: Article, by: str, at: datetime, **details: Any) -> None:
    """Write an act on an article into the audit log."""
    record(session, tag, by=by, at=at, target=f"article:{article.id}", details={"slug": article.slug, **details})


def open_review(
    session: Session, *, article: Article, editions: Sequence[Edition], note: str, by: Person, at: datetime
) -> Review:
    """Put the working copies of some editions, and facts that are not public yet, into a new review."""
    review = Review(
        article_id=article.id,
        state=ReviewState.OPEN,
        sheet_number=article.latest_sheet if article.latest_sheet != article.published_sheet else None,
        submitted_at=at,
        submitted_by=by.name,
        submitted_by_id=by.id,
        note=note,
        opinion="",
        findings=[],
        failure="",
        tries=0,
        alone_reason="",
    )
    session.add(review)
    session.flush()
    for edition in editions:
        item = ReviewItem(
            review_id=review.id,
            edition_id=edition.id,
            number=edition.latest_number,
            base_number=edition.published_number,
        )
        session.add(item)
        edition.review_id = review.id
    session.flush()
    return review


def chosen(session: Session, *, article: Article, edition_ids: Sequence[int]) -> list[Edition]:
    """Return the named editions of an article.

    Raises:
        LookupError: none is named, or one is not of this article.
    """
    wanted = sa.select(Edition).where(Edition.article_id == article.id, Edition.id.in_(edition_ids))
    editions = list(session.scalars(wanted.order_by(Edition.id)))
    if not editions or len(editions) != len(set(edition_ids)):
        raise LookupError("editions")
    return editions


# --- verbs --------------------------------------------------------------------------------------------------------


def submit(
    session: Session, *, article_id: int, edition_ids: Sequence[int], by: Person, at: datetime, note: str = ""
) -> Review:
    """Ask for review of the working copies of some editions, as one set; the latest facts go with them.

    Raises:
        Refused: the rules, or the check, keep one of them back.
        LookupError: an edition is not of this article.
    """
    article = lock(session, article_id)
    editions = chosen(session, article=article, edition_ids=edition_ids)
    allow(session, Act.SUBMIT, article=article, editions=editions, by=by, at=at)
    review = open_review(session, article=article, editions=editions, note=note, by=by, at=at)
    move(review, editions, Act.SUBMIT, ReviewState.OPEN)
    session.flush()
    audit(session, Tag.SUBMITTED, article=article, by=by.name, at=at, review=review.id)
    return review


def take_back(session: Session, *, review_id: int, by: Person, at: datetime) -> Review:
    """Take a submitted set back to go on writing."""
    review, article, editions = take(session, review_id)
    allow(session, Act.TAKE_BACK, article=article, editions=editions, by=by, at=at)
    end_review(session, review=review, state=ReviewState.VOID, editions=State.DRAFT)
    audit(session, Tag.TAKEN_BACK, article=article, by=by.name, at=at, review=review.id)
    return review


def decide(session: Session, *, review_id: int, approve: bool, opinion: str, by: Person, at: datetime) -> Review:
    """Approve a set, or send it back; the opinion gets the year's next number (消保审查意见)."""
    act = Act.APPROVE if approve else Act.ASK_CHANGES
    review, article, editions = take(session, review_id)
    allow(session, act, article=article, editions=editions, by=by, at=at)
    judge = Judge(session)
    review.findings = [
        row for edition in editions for row in _findings(session, article=article, edition=edition, judge=judge, at=at)
    ]
    review.decided_at, review.decided_by, review.decided_by_id = at, by.name, by.id
    review.opinion = opinion
    review.opinion_number = next_opinion_number(session, at=at)
    move(review, editions, act, ReviewState.APPROVED if approve else ReviewState.CHANGES)
    session.flush()
    tag = Tag.APPROVED if approve else Tag.CHANGES_ASKED
    audit(session, tag, article=article, by=by.name, at=at, review=review.id, opinion=review.opinion_number)
    return review


def _findings(
    session: Session, *, article: Article, edition: Edition, judge: Judge, at: datetime
) -> list[dict[str, Any]]:
    """Return what the check says of a text, as it is kept with the opinion."""
    revision = latest(session, edition)
    if revision is None:
        return []
    judgement = judged(session, article=article, edition=edition, revision=revision, judge=judge, at=at)
    waived = waivers(session, edition)
    rows = []
    for finding in judgement.findings:
        waiver = waived.get(finding.key)
        rows.append(
            {
                "edition": f"{edition.audience}/{edition.locale}",
                "rule": finding.rule.id,
                "level": finding.level.value,
                "passage": finding.passage,
                "law": dict(finding.rule.law),
                "waived_by": waiver.by if waiver else "",
                "reason": waiver.reason if waiver else "",
            }
        )
    return rows


def next_opinion_number(session: Session, *, at: datetime) -> str:
    """Return the next number of a review opinion in the site's year, such as 2026-0001; none is given twice."""
    year = local_day(session, at=at).year
    # Of two first opinions of a year at once, the second waits here and then finds the row.
    session.execute(
        sa.text("INSERT INTO articles_counter (year, last) VALUES (:year, 0) ON CONFLICT DO NOTHING"), {"year": year}
    )
    session.execute(sa.update(Counter).where(Counter.year == year).values(last=Counter.last + 1))
    number = session.scalar(sa.select(Counter.last).where(Counter.year == year))
    return f"{year}-{number:04}"


def waive(session: Session, *, edition_id: int, finding: str, reason: str, by: Person, at: datetime) -> Waiver:
    """Let a finding of the check stand, with a reason; it holds while the sentence stays as it is.

    Raises:
        Refused: the person wrote part of the text, or may not review.
        LookupError: the check does not find this (any more).
    """
    edition = session.get(Edition, edition_id)
    if edition is None:
        raise LookupError("edition")
    article = lock(session, edition.article_id)
    allow(session, Act.WAIVE, article=article, editions=[edition], by=by, at=at)
    revision = latest(session, edition)
    if revision is None:
        raise LookupError("revision")
    judgement = judged(session, article=article, edition=edition, revision=revision, judge=Judge(session), at=at)
    found = {key: (name, passage) for key, name, passage in judgement.waivable()}
    if finding not in found:
        raise LookupError("finding")
    present = session.scalar(sa.select(Waiver).where(Waiver.edition_id == edition.id, Waiver.finding == finding))
    if present is not None:
        return present
    rule, passage = found[finding]
    waiver = Waiver(
        edition_id=edition.id,
        finding=finding,
        rule=rule,
        passage=passage[:300],
        reason=reason,
        at=at,
        by=by.name,
        by_id=by.id,
    )
    session.add(waiver)
    session.flush()
    audit(session, Tag.FINDING_WAIVED, article=article, by=by.name, at=at, rule=rule, reason=reason)
    return waiver


def publish(session: Session, *, review_id: int, by: Person, at: datetime) -> Review:
    """Let the public read an approved set: all of it, or nothing.

    Raises:
        Refused: the rules, or the check as it is today, keep it back.
    """
    review, article, editions = take(session, review_id)
    allow(session, Act.PUBLISH, article=article, editions=editions, by=by, at=at)
    release(session, review, article, editions, act=Act.PUBLISH, by=by.name, by_id=by.id, at=at)
    return review


def release(
    session: Session,
    review: Review,
    article: Article,
    editions: Sequence[Edition],
    *,
    act: Act,
    by: str,
    by_id: int,
    at: datetime,
) -> None:
    """Let the public read a set: all of it, or nothing.

    Raises:
        Stale: something in it was changed after it was submitted.
    """
    items = {
        item.edition_id: item.number
        for item in session.scalars(sa.select(ReviewItem).where(ReviewItem.review_id == review.id))
    }
    if any(edition.latest_number != items[edition.id] for edition in editions):
        raise Stale("The set holds texts that were changed after it was submitted.")
    if review.sheet_number is not None:
        if review.sheet_number != article.latest_sheet:
            raise Stale("The facts were changed after the set was submitted.")
        publish_sheet(session, article=article, number=review.sheet_number)
    for edition in editions:
        show(edition, number=items[edition.id], at=at)
    move(review, editions, act, ReviewState.PUBLISHED)
    review.published_at, review.published_by, review.published_by_id = at, by, by_id
    review.publish_at = review.next_try_at = None
    review.failure = ""
    session.flush()
    index_article(session, article=article, words=Words.of(session))
    touch_site(session)
    tag = Tag.PUBLISHED_ALONE if act is Act.PUBLISH_ALONE else Tag.PUBLISHED
    audit(session, tag, article=article, by=by, at=at, review=review.id, editions=[str(e.audience) for e in editions])


def schedule(session: Session, *, review_id: int, publish_at: datetime, by: Person, at: datetime) -> Review:
    """Have an approved set published at a time; the worker does it, in the name of who scheduled it."""
    review, article, editions = take(session, review_id)
    allow(session, Act.SCHEDULE, article=article, editions=editions, by=by, at=at)
    move(review, editions, Act.SCHEDULE, ReviewState.SCHEDULED)
    review.publish_at = review.next_try_at = publish_at
    review.published_by, review.published_by_id = by.name, by.id
    review.tries, review.failure = 0, ""
    session.flush()
    audit(session, Tag.SCHEDULED, article=article, by=by.name, at=at, review=review.id, at_time=publish_at.isoformat())
    return review


def unschedule(session: Session, *, review_id: int, by: Person, at: datetime) -> Review:
    """Take the time from an approved set."""
    review, article, editions = take(session, review_id)
    allow(session, Act.UNSCHEDULE, article=article, editions=editions, by=by, at=at)
    move(review, editions, Act.UNSCHEDULE, ReviewState.APPROVED)
    review.publish_at = review.next_try_at = None
    review.failure = ""
    session.flush()
    audit(session, Tag.UNSCHEDULED, article=article, by=by.name, at=at, review=review.id)
    return review


def withdraw(
    session: Session,
    *,
    article_id: int,
    edition_ids: Sequence[int],
    note: str,
    to: str = "",
    by: Person,
    at: datetime,
) -> None:
    """Take editions from the public at once; their address says so and points to another article.

    Args:
        note: what readers are told.
        to: the slug of the article that they are pointed to; empty: none.
    """
    article = lock(session, article_id)
    editions = chosen(session, article=article, edition_ids=edition_ids)
    allow(session, Act.WITHDRAW, article=article, editions=editions, by=by, at=at)
    remove(session, article=article, editions=editions, note=note, to=to, at=at)
    audit(
        session,
        Tag.WITHDRAWN,
        article=article,
        by=by.name,
        at=at,
        note=note,
        editions=[str(e.audience) for e in editions],
    )


def remove(
    session: Session, *, article: Article, editions: Sequence[Edition], note: str, to: str, at: datetime
) -> None:
    """Take editions from the public, with what their readers are told."""
    for edition in editions:
        edition.withdrawn_number = edition.published_number
        hide(edition)
        edition.state = next_state(edition.state, Act.WITHDRAW)
        edition.withdrawn_at, edition.withdrawn_note, edition.withdrawn_to = at, note, to
    session.flush()
    index_article(session, article=article, words=Words.of(session))
    touch_site(session)
