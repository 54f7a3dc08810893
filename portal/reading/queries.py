"""What the pages of the public site need from other rooms, read once per version of the site.

Reference lists change rarely and stand on every page, so each process keeps them together with the version they were
read under. Nothing here is older than that version, which every request brings along.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy.orm import Session

from portal.articles import queries as articles
from portal.articles.queries import Card
from portal.articles.rules import choose
from portal.core import clock
from portal.quizzes import queries as quizzes
from portal.quizzes.queries import QuizCard
from portal.reference import queries as reference
from portal.reference.models import Hotline, Situation, Term, Topic
from portal.reference.rules import Audience, Locale


@dataclass
class Snapshot:
    """The site as of one version. Rows are detached and never changed."""

    version: int
    site: dict[str, Any]
    topics: list[Topic]
    hotlines: list[Hotline]
    situations: list[Situation]
    terms: list[Term]
    cards: list[Card]
    quizzes: list[QuizCard]
    kept: dict[tuple[str, str, str], dict[tuple[Any, ...], Any]] = field(default_factory=dict)
    """Pieces of pages that are the same for many articles, by language, audience and text size, then by whatever else
    they depend on."""

    @cached_property
    def until(self) -> datetime | None:
        """When the first of the articles ends; from then on the site is another than this."""
        return min((card.expires_at for card in self.cards if card.expires_at is not None), default=None)

    def is_of(self, version: int | None, now: datetime) -> bool:
        """Whether this is still how the site is."""
        return self.version == version and (self.until is None or now < self.until)

    @cached_property
    def topic_by_key(self) -> dict[str, Topic]:
        """Topics by key."""
        return {topic.key: topic for topic in self.topics}

    @cached_property
    def hotline_by_key(self) -> dict[str, Hotline]:
        """Telephone numbers by key."""
        return {hotline.key: hotline for hotline in self.hotlines}

    @cached_property
    def term_by_key(self) -> dict[str, Term]:
        """Glossary terms by key."""
        return {term.key: term for term in self.terms}

    @cached_property
    def cards_by_slug(self) -> dict[str, dict[tuple[str, str], Card]]:
        """Published editions of each article by (audience, locale)."""
        found: dict[str, dict[tuple[str, str], Card]] = {}
        for card in self.cards:
            found.setdefault(card.slug, {})[card.audience, card.locale] = card
        return found

    @cached_property
    def quizzes_by_article(self) -> dict[str, list[QuizCard]]:
        """Public quizzes by the slug of the article that teaches what they ask."""
        found: dict[str, list[QuizCard]] = {}
        for card in self.quizzes:
            if card.quiz.article:
                found.setdefault(card.quiz.article, []).append(card)
        return found

    def shelf(self, audience: Audience, locale: Locale) -> list[Card]:
        """Return for each article the edition that this reader would get, in the order the articles were made."""
        shelf = self._shelves.get((audience, locale))
        if shelf is None:
            shelf = []
            for editions in self.cards_by_slug.values():
                choice = choose(editions, audience=audience, locale=locale)
                if choice is not None:
                    shelf.append(editions[choice.audience, choice.locale])
            self._shelves[audience, locale] = shelf
        return shelf

    @cached_property
    def _shelves(self) -> dict[tuple[str, str], list[Card]]:
        return {}

    @cached_property
    def topic_counts(self) -> Counter[str]:
        """How many articles each topic has, groups counting those of their topics."""
        counts: Counter[str] = Counter()
        for editions in self.cards_by_slug.values():
            key = next(iter(editions.values())).topic
            counts[key] += 1
            topic = self.topic_by_key.get(key)
            if topic is not None and topic.parent:
                counts[topic.parent] += 1
        return counts

    def topic_keys(self, key: str) -> set[str]:
        """Return the topic itself and, for a group, its topics."""
        return {key} | {topic.key for topic in self.topics if topic.parent == key}


class Keeper:
    """Keeps the newest snapshot of one application; safe to share between threads."""

    def __init__(self) -> None:
        self._kept: Snapshot | None = None
        self._lock = threading.Lock()

    def current(self, version: int | None) -> Snapshot | None:
        """Return the site as of `version` if this process has read it."""
        kept = self._kept
        return kept if kept is not None and kept.is_of(version, clock.now()) else None

    def snapshot(self, open_session: Callable[[], Session], version: int) -> Snapshot:
        """Return the site as of `version`, opening a session and reading it only when this process has not yet."""
        kept, now = self._kept, clock.now()
        if kept is None or not kept.is_of(version, now):
            with self._lock:
                kept = self._kept
                if kept is None or not kept.is_of(version, now):
                    kept = self._kept = _read(open_session(), version, now)
        return kept


def _read(session: Session, version: int, now: datetime) -> Snapshot:
    # The worker withdraws what has ended, and the new version drops the finished pages too. Should it be down, what
    # has ended is left out here, so that every page that is made anew is right; finished ones stay until it is back.
    cards = [card for card in articles.cards(session) if card.expires_at is None or now < card.expires_at]
    found = Snapshot(
        version=version,
        site=reference.site(session),
        topics=reference.topics(session),
        hotlines=reference.hotlines(session),
        situations=reference.situations(session),
        terms=reference.terms(session),
        cards=cards,
        quizzes=quizzes.cards(session),
    )
    session.expunge_all()
    return found
