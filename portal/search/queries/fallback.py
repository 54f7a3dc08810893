"""The answer of the database, for when the index is absent or damaged. Slower and plainer, and never wrong."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.search.models import Document, Vocabulary
from portal.search.rules import Plan, Words, choices, fold, like_variants

MOST = 500
"""Documents that are looked at; beyond them the total is a lower bound."""
_FIELDS = ((Document.title, 8.0), (Document.key_message, 4.0), (Document.summary, 3.0), (Document.body, 1.0))
_ESCAPE = "\\"

Row = tuple[float, int, str, str]
"""(score, document id, slug, topic)."""


def read_words(session: Session) -> Words:
    """Return the site's words and synonyms from the database."""
    found = session.execute(sa.select(Vocabulary.words, Vocabulary.synonyms)).first()
    return Words.of(found.words, found.synonyms) if found else Words()


def like(text: str) -> str:
    """Return a LIKE pattern for texts that contain `text`; its wildcards are escaped by a backslash."""
    for special in (_ESCAPE, "%", "_"):
        text = text.replace(special, _ESCAPE + special)
    return f"%{text}%"


def _has(words: Iterable[str]) -> sa.ColumnElement[bool]:
    patterns = [like(spelling) for word in words for spelling in like_variants(word)]
    return sa.or_(*(column.ilike(pattern, escape=_ESCAPE) for column, _ in _FIELDS for pattern in patterns))


def answer(session: Session, plan: Plan, *, audience: str, locale: str) -> tuple[list[Row], bool]:
    """Return the documents that have every word, else those that have some, best first; and whether it widened."""
    if not plan.concepts:
        return [], False
    wanted = [(concept.word, *concept.same) for concept in plan.concepts]
    for widened in (False, True):
        conditions = [_has(words) for words in wanted]
        chosen = sa.or_(*conditions) if widened else sa.and_(*conditions)
        rows = _scored(session, chosen, wanted, audience, locale)
        if rows:
            return rows, widened and len(wanted) > 1
    return [], False


def _scored(
    session: Session, chosen: sa.ColumnElement[bool], wanted: list[tuple[str, ...]], audience: str, locale: str
) -> list[Row]:
    allowed = list(choices(audience, locale))
    edition = sa.tuple_(Document.audience, Document.locale)
    columns = (Document.id, Document.slug, Document.audience, Document.locale, Document.topic)
    found = session.execute(
        sa.select(*columns, *(column for column, _ in _FIELDS))
        .where(edition.in_(allowed), chosen)
        .order_by(Document.slug)
        .limit(MOST)
    ).all()
    best = _best_editions(session, {row.slug for row in found}, allowed)
    rows: list[Row] = []
    for row in found:
        if best.get(row.slug) != (row.audience, row.locale):
            continue
        score = 0.0
        for (_, weight), text in zip(_FIELDS, row[5:], strict=True):
            folded = fold(text)
            score += weight * sum(min(3, sum(folded.count(word) for word in words)) for words in wanted)
        rows.append((score, row.id, row.slug, row.topic))
    rows.sort(key=lambda item: (-item[0], item[2]))
    return rows


def _best_editions(session: Session, slugs: set[str], allowed: list[tuple[str, str]]) -> dict[str, tuple[str, str]]:
    present: dict[str, set[tuple[str, str]]] = {}
    for row in session.execute(
        sa.select(Document.slug, Document.audience, Document.locale).where(Document.slug.in_(slugs))
    ):
        present.setdefault(row.slug, set()).add((row.audience, row.locale))
    return {
        slug: next(choice for choice in allowed if choice in editions)
        for slug, editions in present.items()
        if any(choice in editions for choice in allowed)
    }


def facets(topics: Iterable[str]) -> tuple[tuple[str, int], ...]:
    """Return (topic, how often), most often first, then by name."""
    return tuple(sorted(Counter(topics).items(), key=lambda item: (-item[1], item[0])))
