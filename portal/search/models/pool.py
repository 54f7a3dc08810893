"""Where postings are gathered until a segment is written."""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from typing import Any

Posting = tuple[str, bytes, int, float, bytes]
"""(field, token, document number, weight, nothing)."""


class ArrayPool:
    """Takes the place of Whoosh's pool, which pickles each posting to a file and back: half the time of building.

    Eight bytes a posting in memory. The writer of the index commits often enough to keep that small. It holds for this
    room's fields only, whose postings carry nothing but a weight.
    """

    def __init__(self) -> None:
        self._postings: dict[tuple[str, bytes], tuple[Any, Any]] = {}
        self.fieldnames: set[str] = set()

    def add(self, item: Posting) -> None:
        """Take one posting."""
        field, token, number, weight, _ = item
        self.fieldnames.add(field)
        held = self._postings.get((field, token))
        if held is None:
            held = self._postings[(field, token)] = (array("L"), array("f"))
        held[0].append(number)
        held[1].append(weight)

    def iter_postings(self) -> Iterator[Posting]:
        """Yield every posting, by field, then token, then document."""
        for name in sorted(self._postings):
            field, token = name
            numbers, weights = self._postings.pop(name)
            for number, weight in sorted(zip(numbers, weights, strict=True)):
                yield field, token, number, weight, b""

    def items(self) -> Iterator[Posting]:
        """Do the same under the older name."""
        return self.iter_postings()

    def cleanup(self) -> None:
        """Let go of everything."""
        self._postings.clear()
