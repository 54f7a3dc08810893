"""What readers read and searched for, as it was counted by day."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from portal.articles.queries.reads import helpful_by_edition, reads
from portal.articles.queries.reads import searches as searched
from portal.metrics.rules.inputs import Searches
from portal.metrics.rules.report import EditionReads
from portal.quizzes.rules.counts import is_small

MOST_TERMS = 50


def editions(session: Session, quarter: str, *, first: date, end: date) -> tuple[EditionReads, ...]:
    """Return how often each edition was read and found helpful; opinions of fewer than five people are left out."""
    read = {(one.audience, one.locale): one for one in reads(session, since=first, until=end)}
    said = {(one.audience, one.locale): one for one in helpful_by_edition(session, quarter=quarter)}
    found = []
    for audience, locale in sorted({*read, *said}):
        count, opinion = read.get((audience, locale)), said.get((audience, locale))
        enough = opinion is not None and not is_small(opinion.yes + opinion.no)
        found.append(
            EditionReads(
                audience=audience,
                locale=locale,
                reads=count.reads if count else 0,
                completions=count.completions if count else 0,
                helpful_yes=opinion.yes if opinion and enough else None,
                helpful_no=opinion.no if opinion and enough else None,
            )
        )
    return tuple(found)


def searches(session: Session, *, first: date, end: date) -> Searches:
    """Return what was searched for; rare terms are among the numbers and in no list."""
    found = searched(session, since=first, until=end)
    return Searches(
        searches=found.searches,
        nothing=found.nothing,
        terms=tuple(found.terms[:MOST_TERMS]),
        nothing_terms=tuple(found.nothing_terms[:MOST_TERMS]),
    )
