"""Suggestions while typing: titles, topics and the site's words, by their beginning, middle, pinyin or initials."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.settings import AUDIENCES, DEFAULT_AUDIENCE, DEFAULT_LOCALE, LOCALES
from portal.search.models import Document
from portal.search.models.files import ask_for_rebuild
from portal.search.queries.fallback import like
from portal.search.queries.reader import Entry, Index, keeper
from portal.search.queries.results import Suggestion
from portal.search.rules import choices, fold, like_variants, normalise

_LETTERS = re.compile(r"[a-z ]+")
_FROM_DATABASE = 200


def suggest(
    session: Session, prefix: str, *, audience: str, locale: str, folder: Path, limit: int = 8
) -> tuple[Suggestion, ...]:
    """Return at most `limit` suggestions for what was typed so far, best first. Never raises for any text."""
    typed = normalise(prefix)
    audience = audience if audience in AUDIENCES else DEFAULT_AUDIENCE
    locale = locale if locale in LOCALES else DEFAULT_LOCALE
    if not typed or limit < 1:
        return ()
    try:
        index = keeper(folder).index()
        return _from_index(session, index, typed, audience, locale, limit)
    except sa.exc.SQLAlchemyError:
        raise
    except Exception:  # Whoosh raises at least six kinds
        # Whatever a damaged index raises, the reader gets the database's answer.
        ask_for_rebuild(folder)
        return _from_database(session, typed, audience, locale, limit)


def _closeness(typed: str, letters: str, text: str, spelling: str) -> int:
    """Return 0 when the text has nothing of what was typed; the larger, the closer."""
    if text.startswith(typed):
        return 5
    if typed in text:
        return 4
    if not letters or not spelling:
        return 0
    for run in spelling.split("|"):
        syllables = run.split()
        starts = "".join(syllable[0] for syllable in syllables)
        if len(letters) > 1 and letters in starts:
            return 3 if starts.startswith(letters) else 2
        joined = "".join(syllables)
        if letters not in joined:
            continue
        # Pinyin must begin where a syllable begins: `an` is not in `fan`.
        offset = 0
        for syllable in syllables:
            if joined.startswith(letters, offset):
                return 3 if offset == 0 else 2
            offset += len(syllable)
    return 0


def _letters(typed: str) -> str:
    return typed.replace(" ", "") if _LETTERS.fullmatch(typed) else ""


def _from_index(
    session: Session, index: Index, typed: str, audience: str, locale: str, limit: int
) -> tuple[Suggestion, ...]:
    letters = _letters(typed)
    served = index.served(audience, locale)
    found: list[tuple[int, Entry]] = []
    topics: dict[str, tuple[int, str]] = {}
    names: dict[str, str] = {}
    for number in served:
        entry = index.entries[number]
        near = _closeness(typed, letters, entry.folded, entry.spelling)
        if near:
            found.append((near, entry))
        if entry.topic_name and entry.topic not in names:
            names[entry.topic] = entry.topic_name
    for topic, name in names.items():
        near = _closeness(typed, letters, fold(name), _spelled(index, name))
        if near:
            topics[topic] = (near, name)
    found.sort(key=lambda item: (-item[0], len(item[1].title), item[1].key))
    articles = _true_titles(session, [entry for _, entry in found[: 3 * limit]])
    words = [
        word
        for word in index.words.words
        if _closeness(typed, letters, word, _spelled(index, word)) >= 3
        and word != typed
        and any(number in served for number in index.postings("text", word)[0])
    ]
    return _mixed(
        [
            Suggestion("topic", name, topic)
            for topic, (_, name) in sorted(topics.items(), key=lambda i: (-i[1][0], i[0]))
        ],
        [Suggestion("word", word, word) for word in sorted(words, key=lambda word: (len(word), word))],
        articles,
        limit,
    )


def _spelled(index: Index, text: str) -> str:
    return " ".join(index.sounds.get(character, "") for character in fold(text)).strip()


def _true_titles(session: Session, entries: Iterable[Entry]) -> list[Suggestion]:
    """Return the articles as the database has them now: what was withdrawn is not suggested, however new."""
    entries = list(entries)
    titles = {
        row.key: row.title
        for row in session.execute(
            sa.select(Document.key, Document.title).where(Document.key.in_([entry.key for entry in entries]))
        )
    }
    return [Suggestion("article", titles[entry.key], entry.slug) for entry in entries if entry.key in titles]


def _mixed(
    topics: list[Suggestion], words: list[Suggestion], articles: list[Suggestion], limit: int
) -> tuple[Suggestion, ...]:
    """Return at most two topics and two words, then articles."""
    short = [*topics[:2], *words[:2]][: max(1, limit // 2)] if articles else [*topics, *words]
    return tuple((short + articles)[:limit])


def _from_database(session: Session, typed: str, audience: str, locale: str, limit: int) -> tuple[Suggestion, ...]:
    allowed = list(choices(audience, locale))
    patterns = [like(spelling) for spelling in like_variants(typed)]
    rows = session.execute(
        sa.select(Document.slug, Document.audience, Document.locale, Document.title)
        .where(
            sa.tuple_(Document.audience, Document.locale).in_(allowed),
            sa.or_(*(Document.title.ilike(pattern, escape="\\") for pattern in patterns)),
        )
        .order_by(sa.func.length(Document.title), Document.slug)
        .limit(_FROM_DATABASE)
    ).all()
    rank = {edition: place for place, edition in enumerate(allowed)}
    best: dict[str, tuple[int, str]] = {}
    for row in rows:
        place = rank[(row.audience, row.locale)]
        if row.slug not in best or place < best[row.slug][0]:
            best[row.slug] = (place, row.title)
    return tuple(Suggestion("article", title, slug) for slug, (_, title) in best.items())[:limit]
