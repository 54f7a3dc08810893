"""What the page of a result offers below the answers: each kind says itself whether it has something for an attempt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal.quizzes.views.sitting import Sitting


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the page; its template finds this as `part`."""

    template: str
    values: dict[str, Any]


Finder = Callable[[Sitting], Piece | None]
_finders: list[Finder] = []


def add(finder: Finder) -> Finder:
    """Have the page of every result ask `finder` as well; the pieces stand in the order they were added."""
    _finders.append(finder)
    return finder


def of(sitting: Sitting) -> list[Piece]:
    """Return the pieces that an ended attempt has."""
    return [found for finder in _finders if (found := finder(sitting)) is not None]
