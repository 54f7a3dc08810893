"""What a question comes back with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Hit:
    """One article, in the edition that fits the reader best."""

    slug: str
    audience: str
    locale: str
    """The edition's own audience and locale; they differ from the reader's where a fallback stands in."""
    topic: str
    title: str
    summary: str
    score: float
    """Larger is better; comparable within one answer only."""
    title_html: Markup
    """The title, escaped, with what was looked for inside `<mark>`."""
    snippet: Markup
    """The passage that shows why, escaped, with what was looked for inside `<mark>`."""


@dataclass(frozen=True, slots=True)
class Results:
    """One page of answers."""

    query: str
    """The question as it was looked for: normalised."""
    hits: tuple[Hit, ...]
    total: int
    """Articles that answer, on all pages."""
    took_ms: float
    facets: tuple[tuple[str, int], ...]
    """(topic key, articles) before the choice of a topic, most articles first."""
    widened: bool
    """Whether articles are among them that have only some of the words."""
    source: Literal["index", "database"]


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Something to go on with while typing."""

    kind: Literal["article", "topic", "word"]
    text: str
    key: str
    """The article's slug, the topic's key, or the word itself."""


@dataclass(frozen=True, slots=True)
class MissCount:
    """A question that found nothing, for staff."""

    text: str
    audience: str
    locale: str
    count: int
    last_at: str
    """ISO 8601, UTC."""
