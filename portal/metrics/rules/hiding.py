"""Which figures of lectures may stand side by side, so that nobody can subtract one from another and see a few people.

Shown are the whole, each lecture in the ledger, and the rows of several breakdowns. A number below `SMALL` is hidden,
and others with it, until what can be subtracted is `SMALL` people or more, or nobody.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Mapping
from dataclasses import dataclass

from portal.quizzes.rules.cells import guarded
from portal.quizzes.rules.counts import SMALL

Key = Hashable


@dataclass(frozen=True, slots=True)
class Shown:
    """What may be shown."""

    lectures: frozenset[int]
    rows: Mapping[str, frozenset[str]]
    """By breakdown, its rows."""


def hide(counts: Mapping[int, int], rows_of: Mapping[str, Mapping[int, str]]) -> Shown:
    """Return which lectures and which rows may be shown.

    Args:
        counts: people by lecture; the sum of all is shown.
        rows_of: by breakdown, the row that each lecture belongs to.
    """
    lectures = set(guarded(counts))
    rows: dict[str, frozenset[str]] = {}
    for name, row_of in rows_of.items():
        sums: defaultdict[str, int] = defaultdict(int)
        for lecture, count in counts.items():
            sums[row_of[lecture]] += count
        rows[name] = frozenset(guarded(sums))
    while (more := _tells(counts, rows_of, lectures, rows)) is not None:
        lectures.discard(more)
    return Shown(frozenset(lectures), rows)


def _tells(
    counts: Mapping[int, int],
    rows_of: Mapping[str, Mapping[int, str]],
    lectures: set[int],
    rows: Mapping[str, frozenset[str]],
) -> int | None:
    """Return a lecture that must be hidden too: with it, and a row or the whole, a few people could be seen."""
    groups: list[list[int]] = [list(counts)]
    for name, row_of in rows_of.items():
        by_row: defaultdict[str, list[int]] = defaultdict(list)
        for lecture in counts:
            by_row[row_of[lecture]].append(lecture)
        groups += [members for row, members in by_row.items() if row in rows[name]]
    for members in groups:
        hidden = sum(counts[lecture] for lecture in members if lecture not in lectures)
        there = [lecture for lecture in members if lecture in lectures]
        if 0 < hidden < SMALL and there:
            return min(there, key=lambda lecture: (counts[lecture], lecture))
    return None
