"""Where the editions of an article stand, and whether an act is allowed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Edition, Review, ReviewItem, Revision, Sheet, Waiver
from portal.articles.rules import Act, Kind, Person, ReviewState, Standing, Why, why_not_all
from portal.articles.services.judging import Judge, Judgement, article_facts, draft_of
from portal.articles.services.saving import sheet
from portal.core.database import local_day
from portal.core.errors import PortalError


class Refused(PortalError):
    """The rules do not allow this act now."""

    def __init__(self, act: Act, why: Why) -> None:
        super().__init__(f"{act.value}: {why.value}")
        self.act = act
        self.why = why


class Stale(PortalError):
    """What the person acted on has changed meanwhile."""


def lock(session: Session, article_id: int) -> Article:
    """Return an article whose row nobody else changes until the end of the write unit.

    Raises:
        LookupError: there is no such article.
    """
    article = session.scalar(sa.select(Article).where(Article.id == article_id).with_for_update())
    if article is None:
        raise LookupError(f"article {article_id}")
    session.refresh(article)
    return article


def latest(session: Session, edition: Edition) -> Revision | None:
    """Return the working copy of an edition."""
    return session.scalar(
        sa.select(Revision).where(Revision.edition_id == edition.id, Revision.number == edition.latest_number)
    )


def authors(session: Session, article: Article, edition: Edition) -> frozenset[int]:
    """Return everybody who wrote any part of an edition, or of its article's facts, since the last published state."""
    texts = session.scalars(
        sa.select(Revision.authors).where(
            Revision.edition_id == edition.id, Revision.number > (edition.published_number or 0)
        )
    )
    sheets = session.scalars(
        sa.select(Sheet.authors).where(Sheet.article_id == article.id, Sheet.number > (article.published_sheet or 0))
    )
    return frozenset().union(*texts, *sheets)


def judged(
    session: Session, *, article: Article, edition: Edition, revision: Revision, judge: Judge, at: datetime
) -> Judgement:
    """Check one text together with the latest facts of its article."""
    said = sheet(session, article=article)
    others = session.scalars(
        sa.select(Edition.audience).where(Edition.article_id == article.id, Edition.locale == edition.locale)
    )
    audiences = None if article.kind is Kind.ALERT else [audience.value for audience in others]
    return judge.judge(
        draft_of(edition, revision, topic=(said or article).topic),
        slug=article.slug,
        today=local_day(session, at=at),
        said=article_facts(said or article),
        audiences=audiences,
    )


def waivers(session: Session, edition: Edition) -> dict[str, Waiver]:
    """Return the findings of an edition that reviewers let stand, by the finding's key."""
    found = session.scalars(sa.select(Waiver).where(Waiver.edition_id == edition.id))
    return {waiver.finding: waiver for waiver in found}


def standing(session: Session, *, article: Article, edition: Edition, judge: Judge | None, at: datetime) -> Standing:
    """Return what the rules need to know of an edition.

    Args:
        judge: None leaves the check out, for acts that it does not bear on.
    """
    revision = latest(session, edition)
    blocking = 0
    if judge is not None and revision is not None:
        judgement = judged(session, article=article, edition=edition, revision=revision, judge=judge, at=at)
        blocking = len(judgement.kept_back(waivers(session, edition)))
    said = sheet(session, article=article)
    return Standing(
        state=edition.state,
        authors=authors(session, article, edition),
        has_text=revision is not None,
        has_news=edition.published_number != edition.latest_number or article.published_sheet != article.latest_sheet,
        is_public=edition.published_number is not None,
        has_rules=judge is None or bool(judge.lint.rules),
        blocking=blocking,
        kind=article.kind,
        has_end=(said or article).expires_at is not None,
        alone_by=_alone_by(session, edition),
    )


def _alone_by(session: Session, edition: Edition) -> int | None:
    """Return who published alone what the public reads of an edition, while nobody has confirmed it."""
    return session.scalar(
        sa.select(Review.published_by_id)
        .join(ReviewItem, ReviewItem.review_id == Review.id)
        .where(
            ReviewItem.edition_id == edition.id,
            ReviewItem.number == edition.published_number,
            Review.state == ReviewState.PUBLISHED,
            Review.confirm_by.is_not(None),
            Review.confirmed_at.is_(None),
        )
    )


def allow(
    session: Session, act: Act, *, article: Article, editions: Sequence[Edition], by: Person, at: datetime
) -> None:
    """Let an act on a set of editions pass.

    Raises:
        Refused: with the reason.
    """
    judge = Judge(session) if act in (Act.SUBMIT, Act.APPROVE, Act.PUBLISH, Act.SCHEDULE, Act.PUBLISH_ALONE) else None
    members = [standing(session, article=article, edition=edition, judge=judge, at=at) for edition in editions]
    reason = why_not_all(act, by, members)
    if reason is not None:
        raise Refused(act, reason)
