"""What was read, searched for and found helpful."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Edition, Helpful, Read, SearchTerm
from portal.articles.rules import NOT_KEPT
from portal.articles.rules.reads import kept_term
from portal.commands.demo.cast import COMMENTS, NOTHING, PREFIX, TERMS
from portal.commands.demo.spans import Span, mark


def counted_days(session: Session, *, first: date, end: date) -> list[str]:
    """Return the days of a span on which readers were counted."""
    found: set[date] = set()
    for table in (Read, SearchTerm):
        found |= set(session.scalars(sa.select(table.day).where(table.day >= first, table.day < end).distinct()))
    return sorted(day.isoformat() for day in found)


def read(session: Session, chance: Random, *, span: Span, step: int, counted: Collection[str], growth: float) -> None:
    """Add reads, searches and opinions of a quarter; days on which readers were counted stay as they are.

    Args:
        step: every how manieth day.
        growth: how much more is read than in the first quarter, as a factor.
    """
    columns = (Edition.article_id, Edition.audience, Edition.locale)
    public = session.execute(sa.select(*columns).where(Edition.published_number.is_not(None)).order_by(*columns)).all()
    days = [day for day in span.days[::step] if day.isoformat() not in counted]
    reads: list[dict[str, Any]] = []
    terms: list[dict[str, Any]] = []
    for day in days:
        for article, audience, locale in chance.sample(public, min(len(public), 9)):
            count = 1 + round(chance.expovariate(1 / (11 * growth * step)))
            reads.append(
                {
                    "day": day,
                    "article_id": article,
                    "audience": str(audience),
                    "locale": str(locale),
                    "reads": count,
                    "completions": round(count * chance.uniform(0.3, 0.75)),
                }
            )
        asked = [(term, False) for term in chance.sample(TERMS, 4)] + [(chance.choice(NOTHING), True)]
        for term, is_nothing in [*asked, (NOT_KEPT, False)]:
            times = chance.randrange(1, 2 + 5 * step)
            name = term if term == NOT_KEPT else kept_term(term)
            terms.append({"day": day, "term": name, "times": times, "found_nothing": times if is_nothing else 0})
    for table, rows in ((Read, reads), (SearchTerm, terms)):
        if rows:
            session.execute(sa.insert(table), rows)
    if days and public:
        _helpful(session, chance, span, public, round(60 * growth / step) + 8)


def _helpful(session: Session, chance: Random, span: Span, public: Any, count: int) -> None:
    for _answer in range(count):
        article, audience, locale = chance.choice(public)
        session.add(
            Helpful(
                article_id=article,
                audience=str(audience),
                locale=str(locale),
                quarter=span.quarter,
                was_helpful=chance.random() < 0.88,
                comment=chance.choice(COMMENTS) or None if chance.random() < 0.2 else None,
                once=PREFIX + mark(chance),
            )
        )
    session.flush()
