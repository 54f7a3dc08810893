"""The longest common subsequence of two sequences, by machine words instead of a table.

One row of the table is one whole number, whose bits say where the length grows (Hyyrö 2004): 10,000 characters against
10,000 others take a tenth of a second, whatever they are.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

LIMIT = 150_000_000
"""Bits that the rows may take together (19 MB); beyond, the caller takes larger pieces."""


def common(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]] | None:
    """Return the places (in `old`, in `new`) of a longest common subsequence, in order; None: too large to compare."""
    start, size = 0, min(len(old), len(new))
    while start < size and old[start] == new[start]:
        start += 1
    tail = 0
    while tail < size - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    head = [(place, place) for place in range(start)]
    last = [(len(old) - place, len(new) - place) for place in range(tail, 0, -1)]
    first, second = old[start : len(old) - tail], new[start : len(new) - tail]
    if not first or not second:
        return head + last
    if len(first) * len(second) > LIMIT:
        return None
    return head + [(a + start, b + start) for a, b in _middle(first, second)] + last


def _middle(old: Sequence[Hashable], new: Sequence[Hashable]) -> list[tuple[int, int]]:
    places: dict[Hashable, int] = {}
    for place, item in enumerate(old):
        places[item] = places.get(item, 0) | (1 << place)
    everything = (1 << len(old)) - 1
    row = everything
    rows = []
    for item in new:
        matching = row & places.get(item, 0)
        row = ((row + matching) | (row - matching)) & everything
        rows.append(row)
    found = []
    a, b = len(old) - 1, len(new) - 1
    while a >= 0 and b >= 0:
        if rows[b] >> a & 1:
            a -= 1
        elif b and not rows[b - 1] >> a & 1:
            b -= 1
        else:
            found.append((a, b))
            a -= 1
            b -= 1
    found.reverse()
    return found
