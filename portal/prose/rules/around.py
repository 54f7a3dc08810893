"""What the checks know beside the text itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any


@dataclass(frozen=True, slots=True)
class Around:
    """What stands around an edition: the registry of numbers, the article's dates and sources, and today."""

    numbers: frozenset[str] = frozenset()
    """Every telephone number of the registry."""
    sources: Sequence[Mapping[str, Any]] = ()
    facts: Sequence[Mapping[str, Any]] = ()
    """What every edition of the article must agree on."""
    audiences: frozenset[str] | None = None
    """Audiences for which the article has an edition in this language; None: not asked."""
    review_by: date | None = None
    checked_on: date | None = None
    today: date | None = None
    is_ai_generated: bool = False
    """Some of the text was generated, and has to say so."""
    hosts: frozenset[str] = field(default_factory=frozenset)
    """Hosts that links may lead to beside those of the sources and of the government."""
