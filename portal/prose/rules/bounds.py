"""How hard a text may be, by audience and language.

The Chinese bounds are those of the accessibility and readability review of the project's sources: sentences of at most
15 characters on average for older readers, 18 for the young, 20 for new residents, with room before a text is refused.
English counts words. They are proposals of editors, not law: change them here, and the tests will show what that means
for the starter library.
"""

from __future__ import annotations

from dataclasses import dataclass

Pair = tuple[float, float]
"""Above the first: a warning; above the second: the text cannot be submitted."""
NEVER = float("inf")


@dataclass(frozen=True, slots=True)
class Bounds:
    """Limits of one audience, in characters (Chinese) or words (English)."""

    average: Pair
    longest: Pair
    clause: Pair
    hsk: Pair
    terms: Pair
    """Unexplained terms in a hundred characters or words."""


CHINESE = {
    "general": Bounds((22, 30), (40, 60), (24, 40), (6, 7), (3, 6)),
    "elderly": Bounds((15, 20), (25, 35), (16, 24), (4, 5), (2, 4)),
    "youth": Bounds((18, 24), (32, 45), (20, 32), (5, 6), (2, 4)),
    "new-resident": Bounds((20, 26), (36, 50), (20, 32), (5, 6), (2, 4)),
}
ENGLISH = {
    "general": Bounds((18, 25), (30, 40), (NEVER, NEVER), (NEVER, NEVER), (3, 6)),
    "elderly": Bounds((14, 20), (24, 32), (NEVER, NEVER), (NEVER, NEVER), (2, 4)),
    "youth": Bounds((16, 22), (28, 36), (NEVER, NEVER), (NEVER, NEVER), (2, 4)),
    "new-resident": Bounds((16, 22), (28, 36), (NEVER, NEVER), (NEVER, NEVER), (2, 4)),
}


def bounds(*, audience: str, locale: str) -> Bounds:
    """Return the limits for one edition."""
    return (ENGLISH if locale == "en" else CHINESE)[audience]
