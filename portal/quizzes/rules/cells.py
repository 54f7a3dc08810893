"""Which figures of a version may be shown at all, so that no few people's marks can be worked out from them.

The attempts of a version fall into *leaves*: a quarter, an audience, and whether the attempt is the one of its person
that counts. Whatever is shown is a sum of leaves, and the leaves are put together in such a way that every difference
between two things shown is a sum over `SMALL` attempts at least:

- a quarter is shown as a whole, or not at all;
- within a quarter, audiences too small to be shown take others with them until those hidden are enough together;
- "every quarter" for an audience is the sum of the quarters in which it is shown, and for everybody that of all
  quarters, save small ones whose sum is still small;
- with the attempts that do not count, the same holds for these.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from typing import NamedTuple, TypeVar

from portal.core.settings import Audience
from portal.quizzes.rules.counts import is_small, suppress

Key = TypeVar("Key", bound=Hashable)


class Leaf(NamedTuple):
    """The smallest part that attempts are counted in."""

    quarter: str
    audience: Audience
    repeat: bool
    """Another attempt of the same person in the quarter counts instead."""


def guarded(counts: Mapping[Key, int]) -> frozenset[Key]:
    """Return the parts of a known whole that may be shown beside it; parts of nobody are left out.

    Those that are hidden are `SMALL` together at least, for the whole less what is shown tells their sum.
    """
    there = {key: count for key, count in counts.items() if count}
    shown = {key for key, count in suppress(there).items() if count is not None}
    while shown and is_small(_sum(there, shown)) and len(shown) < len(there):
        shown.remove(min(shown, key=lambda key: there[key]))
    return frozenset(shown)


def _sum(counts: Mapping[Key, int], shown: set[Key]) -> int:
    return sum(count for key, count in counts.items() if key not in shown)


class Cells:
    """The attempts of a version by leaf, and what may be shown of them."""

    def __init__(self, counts: Mapping[Leaf, int]) -> None:
        self._counts = {leaf: count for leaf, count in counts.items() if count}
        self.quarters = sorted({leaf.quarter for leaf in self._counts}, reverse=True)
        """The newest first."""

    def leaves(self, quarter: str = "", audience: Audience | None = None, *, every: bool = False) -> frozenset[Leaf]:
        """Return the leaves whose sum may be shown; none: they are too few.

        Args:
            quarter: empty: every quarter.
            audience: None: everybody.
            every: with the attempts that do not count.
        """
        found = self._leaves(quarter, audience, repeat=False)
        return found | self._leaves(quarter, audience, repeat=True) if every and found else found

    def n(self, quarter: str = "", audience: Audience | None = None, *, every: bool = False) -> int | None:
        """Return how many attempts may be shown; None: they are too few."""
        return self.count(self.leaves(quarter, audience, every=every)) or None

    def count(self, leaves: frozenset[Leaf]) -> int:
        """Return how many attempts lie in some leaves."""
        return sum(self._counts[leaf] for leaf in leaves)

    def leaves_out(self, quarter: str = "", audience: Audience | None = None) -> bool:
        """Return whether some that were asked for are left out, for being too few."""
        asked = {
            leaf
            for leaf in self._counts
            if not leaf.repeat and quarter in ("", leaf.quarter) and audience in (None, leaf.audience)
        }
        return bool(asked - self._leaves(quarter, audience, repeat=False))

    def audiences(self, quarter: str = "") -> list[Audience]:
        """Return the audiences that may be shown apart."""
        return [audience for audience in Audience if self._leaves(quarter, audience, repeat=False)]

    def mix(self) -> tuple[str, dict[Audience, float]]:
        """Return the first quarter whose audiences may all be shown, and their shares: what others are measured by."""
        for quarter in reversed(self.quarters):
            leaves = {leaf for leaf in self._counts if leaf.quarter == quarter and not leaf.repeat}
            shown = {leaf for leaf in leaves if self._leaves(quarter, leaf.audience, repeat=False)}
            if leaves and leaves == shown:
                whole = sum(self._counts[leaf] for leaf in leaves)
                return quarter, {leaf.audience: self._counts[leaf] / whole for leaf in sorted(leaves)}
        return "", {}

    def _leaves(self, quarter: str, audience: Audience | None, *, repeat: bool) -> frozenset[Leaf]:
        if quarter and audience:
            return frozenset(leaf for leaf in self._apart(quarter, repeat=repeat) if leaf.audience is audience)
        if quarter:
            return self._together(quarter, repeat=repeat)
        if audience:
            parts = (self._leaves(one, audience, repeat=repeat) for one in self.quarters)
            return frozenset().union(*parts)
        shown = frozenset[Leaf]().union(*(self._together(one, repeat=repeat) for one in self.quarters))
        rest = frozenset(leaf for leaf in self._counts if leaf.repeat is repeat) - shown
        if repeat:
            # Those of quarters that are not shown stay out with them.
            public = {leaf.quarter for leaf in self._leaves("", None, repeat=False)}
            rest = frozenset(leaf for leaf in rest if leaf.quarter in public)
        return shown if is_small(self.count(rest)) else shown | rest

    def _together(self, quarter: str, *, repeat: bool) -> frozenset[Leaf]:
        found = frozenset(leaf for leaf in self._counts if leaf.quarter == quarter and leaf.repeat is repeat)
        if is_small(self.count(found)) or (repeat and not self._together(quarter, repeat=False)):
            return frozenset()
        return found

    def _apart(self, quarter: str, *, repeat: bool) -> frozenset[Leaf]:
        shown = guarded({leaf: self._counts[leaf] for leaf in self._together(quarter, repeat=repeat)})
        if not repeat:
            return shown
        public = {leaf.audience for leaf in self._apart(quarter, repeat=False)}
        return frozenset(leaf for leaf in shown if leaf.audience in public)
