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

from portal.core.settings import AUDIENCES, DEFAULT_AUDIENCE, DEFAULT_LOCALE, LOCALES
from portal.search.models import Change, Document
from portal.search.models.files import ask_for_rebuild
from portal.search.queries import fallback
from portal.search.queries.rank import rank
from portal.search.queries.reader import Index, keeper
from portal.search.queries.results import Hit, Results
from portal.search.rules import Plan, as_html, marked, normalise, plan, snippet

log = logging.getLogger(__name__)

MOST_RESULTS = 100
"""Hits of one page."""
_KEPT_BYTES = 2_000_000
"""Memory that a process spends on answers that it keeps, about a hundred pages; finished pages are kept elsewhere."""

_answers: OrderedDict[tuple[Any, ...], Results] = OrderedDict()
_answers_bytes = 0
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
    audience = audience if audience in AUDIENCES else DEFAULT_AUDIENCE
    locale = locale if locale in LOCALES else DEFAULT_LOCALE
    limit, offset = max(0, min(limit, MOST_RESULTS)), max(0, offset)
    newest = newest_change(session)
    name: tuple[Any, ...] | None = None
    try:
        index = keeper(folder).index()
        name = (folder, index.pointer, newest, text[:400], audience, locale, topic, limit, offset)
        known = _kept(name)
        if known is not None:
            return replace(known, took_ms=_since(begun))
        asked = plan(text, index.words, index.sounds, index.syllables, index.spoken, index.segmenter, index.holds)
        gone = _gone(session, index) if newest > index.pointer.seen else frozenset()
        order, widened, topics = _from_index(index, asked, audience, locale, topic, gone)
        page: list[tuple[float, Any]] = [
            (score, index.entries[number].key) for score, number in order[offset : offset + limit]
        ]
        source: Literal["index", "database"] = "index"
    except sa.exc.SQLAlchemyError:
        raise
    except Exception as problem:  # Whoosh raises at least six kinds
        # Whatever a damaged index raises, the reader gets the database's answer.
        # Its text may hold what was asked for.
        log.warning("search answers from the database: %s", type(problem).__name__)
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


def newest_change(session: Session) -> int:
    """Return the number of the last change to any document; a kept answer is good for one number only."""
    highest: int | None = session.connection().exec_driver_sql("SELECT max(id) FROM search_change").scalar_one()
    return highest or 0


def is_behind(session: Session, *, folder: Path) -> bool:
    """Return whether the index has not taken in every change yet (or cannot be read).

    An answer that was made meanwhile must not be kept: nothing that readers' caches look at changes when the index
    has caught up. To be asked before the answer is made.
    """
    try:
        return newest_change(session) > keeper(folder).index().pointer.seen
    except sa.exc.SQLAlchemyError:
        raise
    except Exception:
        # Whatever a damaged index raises: it is being built anew.
        return True


def _kept(name: tuple[Any, ...]) -> Results | None:
    with _answers_lock:
        found = _answers.get(name)
        if found is not None:
            _answers.move_to_end(name)
        return found


def _keep(name: tuple[Any, ...], results: Results) -> None:
    global _answers_bytes  # noqa: PLW0603  # the cache and its size are one thing
    with _answers_lock:
        if name not in _answers:
            _answers[name] = results
            _answers_bytes += _size(results)
        while _answers_bytes > _KEPT_BYTES:
            _answers_bytes -= _size(_answers.popitem(last=False)[1])


def _size(results: Results) -> int:
    """Return about how many bytes an answer occupies: two a character, and the objects around the characters."""
    texts = sum(len(hit.title) + len(hit.summary) + len(hit.title_html) + len(hit.snippet) for hit in results.hits)
    return 2_000 + 700 * len(results.hits) + 2 * texts


Order = list[tuple[float, int]]
"""(score, number in the index, or id in the database), best first."""


def _from_index(
    index: Index, asked: Plan, audience: str, locale: str, topic: str | None, gone: frozenset[int]
) -> tuple[Order, bool, Sequence[str]]:
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
        .where(Change.id > index.pointer.seen, Document.id.is_(None))
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
