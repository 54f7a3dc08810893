"""Reads, searches and answers to "Was this helpful?" of a span of days: what a quarter's report says of them.

Spans are half-open, in days of the site's zone.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Helpful, Read, SearchTerm
from portal.articles.rules import FEWEST, NOT_KEPT
from portal.reference.rules import quarters


@dataclass(frozen=True, slots=True)
class EditionReads:
    """How often the texts for one kind of reader were read, and read to the end."""

    audience: str
    locale: str
    reads: int
    completions: int


@dataclass(frozen=True, slots=True)
class ArticleReads:
    """How often one edition of one article was read, and read to the end."""

    article_id: int
    slug: str
    audience: str
    locale: str
    reads: int
    completions: int


@dataclass(frozen=True, slots=True)
class Searches:
    """What was searched for. Words that few asked are among the numbers and in no list."""

    searches: int
    nothing: int
    """Of these searches, how many found nothing."""
    not_kept: int
    """Of these searches, how many had words that are not kept."""
    terms: list[tuple[str, int]]
    """What at least `FEWEST` asked in one quarter, the most frequent first."""
    nothing_terms: list[tuple[str, int]]
    """What found nothing at least `FEWEST` times in one quarter, and how often it did."""


class Opinion(NamedTuple):
    """How many found the texts of one edition helpful, and how many did not."""

    audience: str
    locale: str
    yes: int
    no: int


_SUMS = (sa.func.sum(Read.reads), sa.func.sum(Read.completions))


def reads(session: Session, *, since: date, until: date) -> list[EditionReads]:
    """Return the reads of all articles by edition."""
    edition = (Read.audience, Read.locale)
    statement = sa.select(*edition, *_SUMS).where(Read.day >= since, Read.day < until).group_by(*edition)
    return [
        EditionReads(audience, locale, int(read), int(completed))
        for audience, locale, read, completed in session.execute(statement.order_by(*edition))
    ]


def reads_by_article(session: Session, *, since: date, until: date) -> list[ArticleReads]:
    """Return the reads of each edition of each article, the most read first."""
    edition = (Article.id, Article.slug, Read.audience, Read.locale)
    statement = (
        sa.select(*edition, *_SUMS)
        .join(Article, Article.id == Read.article_id)
        .where(Read.day >= since, Read.day < until)
        .group_by(*edition)
        .order_by(_SUMS[0].desc(), Article.slug, Read.audience, Read.locale)
    )
    return [ArticleReads(*row[:4], int(row[4]), int(row[5])) for row in session.execute(statement)]


def searches(session: Session, *, since: date, until: date) -> Searches:
    """Return what was searched for.

    A word must have been asked often enough within one quarter, so that a year shows none that a quarter hides.
    """
    span = (SearchTerm.day >= since) & (SearchTerm.day < until)
    totals = sa.select(
        sa.func.coalesce(sa.func.sum(SearchTerm.times), 0),
        sa.func.coalesce(sa.func.sum(SearchTerm.found_nothing), 0),
        sa.func.coalesce(sa.func.sum(sa.case((SearchTerm.term == NOT_KEPT, SearchTerm.times), else_=0)), 0),
    ).where(span)
    times, nothing, not_kept = session.execute(totals).one()
    return Searches(
        searches=int(times),
        nothing=int(nothing),
        not_kept=int(not_kept),
        terms=_often(session, SearchTerm.times, since, until),
        nothing_terms=_often(session, SearchTerm.found_nothing, since, until),
    )


def terms(session: Session, *, quarter: str) -> Searches:
    """Return what was searched for in a quarter such as 2026Q4.

    Raises:
        ValueError: it is no quarter.
    """
    since, until = quarters.days(quarter)
    return searches(session, since=since, until=until)


def helpful_by_edition(session: Session, *, quarter: str) -> list[Opinion]:
    """Return the answers to "Was this helpful?" about all articles by edition."""
    edition = (Helpful.audience, Helpful.locale)
    yes = sa.func.sum(sa.case((Helpful.was_helpful, 1), else_=0))
    statement = sa.select(*edition, yes, sa.func.count() - yes).where(Helpful.quarter == quarter).group_by(*edition)
    return [
        Opinion(audience, locale, int(good), int(bad))
        for audience, locale, good, bad in session.execute(statement.order_by(*edition))
    ]


def _often(
    session: Session, number: sa.orm.InstrumentedAttribute[int], since: date, until: date
) -> list[tuple[str, int]]:
    found: Counter[str] = Counter()
    for first, end in quarters.split(since, until):
        total = sa.func.sum(number)
        statement = (
            sa.select(SearchTerm.term, total)
            .where(SearchTerm.day >= first, SearchTerm.day < end, SearchTerm.term != NOT_KEPT)
            .group_by(SearchTerm.term)
            .having(total >= FEWEST)
        )
        for term, times in session.execute(statement):
            found[term] += int(times)
    return sorted(found.items(), key=lambda item: (-item[1], item[0]))
