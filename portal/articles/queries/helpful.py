"""What readers found helpful, for staff."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Helpful
from portal.articles.queries.desk import titles_of


@dataclass(frozen=True, slots=True)
class Tally:
    """The answers about one edition in one quarter."""

    article_id: int
    slug: str
    title: str
    audience: str
    locale: str
    quarter: str
    yes: int
    no: int
    comments: int

    @property
    def share(self) -> int:
        """How many in a hundred found it helpful."""
        return round(100 * self.yes / (self.yes + self.no))


@dataclass(frozen=True, slots=True)
class Comment:
    """What a reader wrote."""

    audience: str
    locale: str
    quarter: str
    was_helpful: bool
    text: str


def quarters(session: Session) -> list[str]:
    """Return the quarters that there are answers of, the newest first."""
    return list(session.scalars(sa.select(Helpful.quarter).distinct().order_by(Helpful.quarter.desc())))


def tallies(session: Session, *, quarter: str = "") -> list[Tally]:
    """Return the answers by quarter, article and edition, the newest quarter and the least helpful first."""
    called = titles_of(session)
    yes = sa.func.sum(sa.case((Helpful.was_helpful, 1), else_=0))
    statement = (
        sa.select(
            Article.id,
            Article.slug,
            Helpful.audience,
            Helpful.locale,
            Helpful.quarter,
            yes.label("yes"),
            (sa.func.count() - yes).label("no"),
            sa.func.count(Helpful.comment).label("comments"),
        )
        .join(Article, Article.id == Helpful.article_id)
        .group_by(Article.id, Article.slug, Helpful.audience, Helpful.locale, Helpful.quarter)
    )
    if quarter:
        statement = statement.where(Helpful.quarter == quarter)
    found = [
        Tally(
            article_id=row.id,
            slug=row.slug,
            title=called.get(row.id, row.slug),
            audience=row.audience,
            locale=row.locale,
            quarter=row.quarter,
            yes=int(row.yes),
            no=int(row.no),
            comments=row.comments,
        )
        for row in session.execute(statement)
    ]
    found.sort(key=lambda tally: (tally.share, tally.slug, tally.audience, tally.locale))
    return sorted(found, key=lambda tally: tally.quarter, reverse=True)


def comments(session: Session, *, article_id: int) -> list[Comment]:
    """Return what readers wrote about an article, the newest quarter first; within it the order tells nothing."""
    statement = sa.select(Helpful).where(Helpful.article_id == article_id, Helpful.comment.is_not(None))
    found = [
        Comment(row.audience, row.locale, row.quarter, row.was_helpful, row.comment or "")
        for row in session.scalars(statement)
    ]
    found.sort(key=lambda comment: (comment.audience, comment.locale, comment.was_helpful, comment.text))
    return sorted(found, key=lambda comment: comment.quarter, reverse=True)
