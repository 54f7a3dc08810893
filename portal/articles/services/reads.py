"""Counting reads and searches, each reader once a day and edition, without keeping who they are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from itertools import chain

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.articles.models import Article, Read, SearchTerm, Sender
from portal.articles.rules import (
    FEWEST,
    MOST_NOTES,
    NOT_KEPT,
    day_of,
    place_of,
)
from portal.articles.services.senders import day_salt, digest, held_count, known_salt
from portal.core.database import local_day
from portal.reference.rules import quarters

KEPT_QUARTERS = 2
"""Past quarters in which a question that few asked is still kept."""


@dataclass(frozen=True, slots=True)
class _Note:
    """What came from a reader's page; address and browser are forgotten as soon as it is counted."""

    address: str
    agent: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Opened(_Note):
    """An edition was read, or read to its end."""

    slug: str
    audience: str
    locale: str
    completed: bool


@dataclass(frozen=True, slots=True)
class Asked(_Note):
    """A question was put to the search."""

    term: str
    """As `rules.kept_term` returns it."""
    nothing: bool


_Mark = tuple[date, str]
"""Day and digest: what a reader is counted once by."""


def count(session: Session, *, notes: Iterable[Opened | Asked], zone: tzinfo, at: datetime) -> None:
    """Add what is new of these notes to the sums of their days.

    Left out are notes of an article that is not there, of a place that sends too many, and of a day whose salt has
    gone already. Rows are taken in one order, so that no unit waits for another that waits for it.
    """
    known = _taken(session, notes, zone, at)
    slugs = {note.slug for note, _day, _salt in known if isinstance(note, Opened)}
    of_slugs = sa.select(Article.slug, Article.id).where(Article.slug.in_(slugs))
    ids = {row.slug: row.id for row in session.execute(of_slugs)}
    reads: dict[_Mark, tuple[int, str, str, int]] = {}
    terms: dict[_Mark, tuple[str, bool]] = {}
    for note, day, salt in known:
        who = (salt, place_of(note.address), note.agent)
        if isinstance(note, Asked):
            terms.setdefault((day, digest(*who, "asked", note.term)), (note.term, note.nothing))
        elif note.slug in ids:
            edition = (ids[note.slug], note.audience, note.locale)
            # Whoever has come to the end has read it: the note of that may have been lost.
            for kind in range(1 + note.completed):
                reads[day, digest(*who, ("read", "completed")[kind], *map(str, edition))] = (*edition, kind)
    new = {mark for mark in sorted(chain(reads, terms)) if _is_new(session, mark)}
    read_sums: dict[tuple[date, int, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for mark in new & reads.keys():
        *edition_key, kind = reads[mark]
        read_sums[mark[0], *edition_key][kind] += 1  # type: ignore[index]  # the first three are an edition
    term_sums: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    for mark in new & terms.keys():
        term, nothing = terms[mark]
        term_sums[mark[0], term][0] += 1
        term_sums[mark[0], term][1] += nothing
    for read_key, (read, completed) in sorted(read_sums.items()):
        _add_reads(session, *read_key, read, completed)
    for term_key, (times, found_nothing) in sorted(term_sums.items()):
        _add_term(session, *term_key, times, found_nothing)


def fold_rare_terms(session: Session, *, at: datetime) -> None:
    """Erase the words that few asked in quarters long past; how often was asked in all stays the same."""
    present = quarters.of_day(local_day(session, at=at))
    keep, _end = quarters.days(quarters.shift(present, -KEPT_QUARTERS))
    named = SearchTerm.term != NOT_KEPT
    oldest = session.scalar(sa.select(sa.func.min(SearchTerm.day)).where(named))
    for since, until in quarters.split(quarters.days(quarters.of_day(oldest))[0], keep) if oldest else ():
        span = (SearchTerm.day >= since) & (SearchTerm.day < until) & named
        rare = (
            sa.select(SearchTerm.term)
            .where(span)
            .group_by(SearchTerm.term)
            .having(sa.func.sum(SearchTerm.times) < FEWEST)
        )
        of_day = (
            sa.select(SearchTerm.day, sa.func.sum(SearchTerm.times), sa.func.sum(SearchTerm.found_nothing))
            .where(span, SearchTerm.term.in_(rare))
            .group_by(SearchTerm.day)
            .order_by(SearchTerm.day)
        )
        sums = session.execute(of_day).all()
        if sums:
            session.execute(
                sa.delete(SearchTerm).where(span, SearchTerm.term.in_(rare)),
                execution_options={"synchronize_session": False},
            )
        for day, times, found_nothing in sums:
            _add_term(session, day, NOT_KEPT, int(times), int(found_nothing))


def _taken(
    session: Session, notes: Iterable[Opened | Asked], zone: tzinfo, at: datetime
) -> list[tuple[Opened | Asked, date, str]]:
    """Return the notes that count, with their day and its salt; the rest came too late or too often."""
    today = day_of(at, zone)
    by_day: dict[str, list[Opened | Asked]] = defaultdict(list)
    for note in notes:
        by_day[day_of(note.at, zone)].append(note)
    taken = []
    for day, of_day in sorted(by_day.items()):
        # A salt that has gone is not made again: whom it counted already would count twice.
        salt = day_salt(session, day) if day >= today else known_salt(session, day)
        if salt is None:
            continue
        senders: dict[str, list[Opened | Asked]] = defaultdict(list)
        for note in of_day:
            senders[digest(salt, place_of(note.address), "notes")].append(note)
        hour = at.replace(minute=0, second=0, microsecond=0)
        for key, sent in sorted(senders.items()):
            few = sent[: max(0, MOST_NOTES - held_count(session, key, hour))]
            _add_to_count(session, key, few)
            taken += [(note, date.fromisoformat(day), salt) for note in few]
    return taken


def _add_to_count(session: Session, key: str, notes: Sequence[object]) -> None:
    session.execute(
        sa.update(Sender).where(Sender.key == key).values(count=Sender.count + len(notes)),
        execution_options={"synchronize_session": False},
    )


_DAY = sa.bindparam("day", type_=sa.Date())
_SEEN = sa.text("INSERT INTO articles_seen (day, digest) VALUES (:day, :digest) ON CONFLICT DO NOTHING").bindparams(
    _DAY
)
_BEGIN = sa.text(
    "INSERT INTO articles_read (day, article_id, audience, locale, reads, completions)"
    " VALUES (:day, :article_id, :audience, :locale, 0, 0)"
    " ON CONFLICT (day, article_id, audience, locale) DO NOTHING"
).bindparams(_DAY)
_TERM = sa.text(
    "INSERT INTO articles_search_term (day, term, times, found_nothing) VALUES (:day, :term, :times, :found_nothing)"
    " ON CONFLICT (day, term) DO UPDATE SET times = articles_search_term.times + excluded.times,"
    " found_nothing = articles_search_term.found_nothing + excluded.found_nothing"
).bindparams(_DAY)


def _is_new(session: Session, mark: _Mark) -> bool:
    """Remember for today that a reader was counted; return whether they were not yet."""
    added = session.execute(_SEEN, {"day": mark[0], "digest": mark[1]})
    return bool(added.rowcount)  # type: ignore[attr-defined]  # rowcount: an INSERT returns a CursorResult


def _add_reads(
    session: Session, day: date, article_id: int, audience: str, locale: str, reads: int, completions: int
) -> None:
    # In two steps: a row of the numbers to be added would be held against the constraint before it is added.
    key = {"day": day, "article_id": article_id, "audience": audience, "locale": locale}
    session.execute(_BEGIN, key)
    session.execute(
        sa.update(Read).filter_by(**key).values(reads=Read.reads + reads, completions=Read.completions + completions),
        execution_options={"synchronize_session": False},
    )


def _add_term(session: Session, day: date, term: str, times: int, found_nothing: int) -> None:
    session.execute(_TERM, {"day": day, "term": term, "times": times, "found_nothing": found_nothing})
