"""Finding: the index says which and in what order, the database says what is true."""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.search.models import Change, Document
from portal.search.models.files import ask_for_rebuild
from portal.search.queries import fallback
from portal.search.queries.rank import rank
from portal.search.queries.reader import Index, keeper
from portal.search.queries.results import Hit, Results
from portal.search.rules import AUDIENCES, GENERAL, HANS, LOCALES, Plan, as_html, marked, normalise, plan, snippet

log = logging.getLogger(__name__)

MOST_RESULTS = 100
"""Hits of one page."""
_KEPT = 512
"""Answers kept by a process."""

_answers: OrderedDict[tuple[Any, ...], Results] = OrderedDict()
_answers_lock = threading.Lock()


def find(
    session: Session,
    text: str,
    *,
    audience: str,
    locale: str,
    folder: Path,
    topic: str | None = None,
    limit: int = 20,
    offset: int = 0,
) -> Results:
    """Return the published articles that answer a question, for one kind of reader, best first.

    An unknown audience or locale is read as the general one and as zh-Hans. Never raises for any text; a damaged or
    absent index is answered from the database and marked for rebuilding.
    """
    begun = time.perf_counter()
    audience = audience if audience in AUDIENCES else GENERAL
    locale = locale if locale in LOCALES else HANS
    limit, offset = max(0, min(limit, MOST_RESULTS)), max(0, offset)
    state = _outbox_state(session)
    name: tuple[Any, ...] | None = None
    try:
        index = keeper(folder).index(state)
        name = (folder, index.pointer, state, text[:400], audience, locale, topic, limit, offset)
        known = _kept(name)
        if known is not None:
            return replace(known, took_ms=_since(begun))
        asked = plan(text, index.words, index.sounds, index.syllables, index.spoken)
        order, widened, topics = _from_index(session, index, asked, audience, locale, topic, gone_may_be=state[1] > 0)
        page: list[tuple[float, Any]] = [
            (score, index.entries[number].key) for score, number in order[offset : offset + limit]
        ]
        source: Literal["index", "database"] = "index"
    except sa.exc.SQLAlchemyError:
        raise
    except Exception as problem:  # Whoosh raises at least six kinds
        # Whatever a damaged index raises, the reader gets the database's answer.
        log.warning("search answers from the database: %s: %s", type(problem).__name__, problem)
        ask_for_rebuild(folder)
        keeper(folder).forget()
        name = None
        asked = plan(text, fallback.read_words(session), {}, frozenset())
        order, widened, topics = _from_database(session, asked, audience, locale, topic)
        page = list(order[offset : offset + limit])
        source = "database"
    hits, missing = _hits(session, asked, page, by_id=source == "database")
    results = Results(
        query=asked.text,
        hits=hits,
        total=len(order) - missing,
        took_ms=_since(begun),
        facets=fallback.facets(topics),
        widened=widened,
        source=source,
    )
    if name is not None:
        _keep(name, results)
    return results


def _since(begun: float) -> float:
    return round((time.perf_counter() - begun) * 1000, 1)


def _outbox_state(session: Session) -> tuple[int, int]:
    """Return what changes whenever a document is put or removed: a kept answer is good for one state only."""
    statement = "SELECT max(id), count(*) FROM search_change"
    highest, count = session.connection().exec_driver_sql(statement).one()
    return highest or 0, count


def _kept(name: tuple[Any, ...]) -> Results | None:
    with _answers_lock:
        found = _answers.get(name)
        if found is not None:
            _answers.move_to_end(name)
        return found


def _keep(name: tuple[Any, ...], results: Results) -> None:
    with _answers_lock:
        _answers[name] = results
        while len(_answers) > _KEPT:
            _answers.popitem(last=False)


Order = list[tuple[float, int]]
"""(score, number in the index, or id in the database), best first."""


def _from_index(
    session: Session, index: Index, asked: Plan, audience: str, locale: str, topic: str | None, *, gone_may_be: bool
) -> tuple[Order, bool, Sequence[str]]:
    gone = _gone(session, index) if gone_may_be else frozenset()
    ranking = rank(index, asked, index.served(audience, locale), gone=gone)
    entries = index.entries
    topics = [entries[number].topic for _, number in ranking.scores]
    if topic is None:
        return ranking.scores, ranking.widened, topics
    return [item for item, its in zip(ranking.scores, topics, strict=True) if its == topic], ranking.widened, topics


def _gone(session: Session, index: Index) -> frozenset[int]:
    """Return the documents that the index still has and the database no longer."""
    keys = session.scalars(
        sa.select(Change.document_key)
        .distinct()
        .outerjoin(Document, Document.key == Change.document_key)
        .where(Document.id.is_(None))
    )
    return frozenset(index.numbers[key] for key in keys if key in index.numbers)


def _from_database(
    session: Session, asked: Plan, audience: str, locale: str, topic: str | None
) -> tuple[Order, bool, Sequence[str]]:
    rows, widened = fallback.answer(session, asked, audience=audience, locale=locale)
    order: Order = [(score, number) for score, number, _, its in rows if topic is None or its == topic]
    return order, widened, [its for _, _, _, its in rows]


def _hits(session: Session, asked: Plan, page: list[tuple[float, Any]], *, by_id: bool) -> tuple[tuple[Hit, ...], int]:
    """Return the page's hits as the database has them now, and how many of them it no longer has."""
    if not page:
        return (), 0
    column = Document.id if by_id else Document.key
    rows = {
        row[0]: row
        for row in session.execute(
            sa.select(
                column,
                Document.slug,
                Document.audience,
                Document.locale,
                Document.topic,
                Document.title,
                Document.summary,
                Document.key_message,
                Document.body,
            ).where(column.in_([name for _, name in page]))
        )
    }
    marks = asked.marks
    hits = []
    for score, name in page:
        row = rows.get(name)
        if row is None:
            continue
        hits.append(
            Hit(
                slug=row.slug,
                audience=row.audience,
                locale=row.locale,
                topic=row.topic,
                title=row.title,
                summary=row.summary,
                score=round(score, 3),
                title_html=marked(row.title, marks),
                snippet=as_html(_passage(row, marks)),
            )
        )
    return tuple(hits), len(page) - len(hits)


def _passage(row: Any, marks: Sequence[str]) -> list[tuple[str, bool]]:
    """Return the first of body, summary and key message that has what was looked for; else the summary's beginning."""
    for text in (row.body, row.summary, row.key_message):
        pieces = snippet(text, marks) if text else []
        if any(is_mark for _, is_mark in pieces):
            return pieces
    return snippet(row.summary or row.key_message or row.body, ())


def is_question(text: str) -> bool:
    """Tell whether there is anything in `text` to look for."""
    return bool(normalise(text))
