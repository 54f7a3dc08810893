"""Counts that are too small to be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

Key = TypeVar("Key")

SMALL = 5
"""Fewer people than this are not shown as a number: whoever knows the group could tell who they are."""


def is_small(n: int) -> bool:
    """Whether what was counted over `n` people must not be shown."""
    return n < SMALL


def suppress(counts: Mapping[Key, int]) -> dict[Key, int | None]:
    """Return counts with every small one taken away (None).

    Where that would be a single one, the next larger goes too: the sum is known from elsewhere, and the one that is
    missing could be told from the rest.
    """
    hidden = {key for key, count in counts.items() if is_small(count)}
    if len(hidden) == 1 and len(counts) > 1:
        hidden.add(min((key for key in counts if key not in hidden), key=lambda key: counts[key]))
    return {key: None if key in hidden else count for key, count in counts.items()}
