"""Words and simple patterns that staff write, found in time that grows with the text and nothing worse.

A pattern is plain text in which `{n}` stands for a number and `…` for up to eight characters of the same clause, none
of them a digit or a negation. There are no regular expressions for staff: what is written is taken literally, and every
pattern begins with at least two plain characters, at which the search starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from portal.core.errors import Said
from portal.prose.rules.folding import fold

MAX_LENGTH = 60
MAX_GAPS = 3
_GAP = r"[^，。；！？：、,.;!?:\n0-9不没非别无勿]{0,8}?"
_NUMBER = r"[0-9]{1,12}(?:\.[0-9]{1,4})?"
_PLACE = re.compile(r"(\{n\}|…+|\.\.\.)")


def problem(pattern: str) -> Said | None:
    """Return what is wrong with a pattern as a sentence, or None."""
    pieces = _PLACE.split(pattern)
    if len(pattern) > MAX_LENGTH:
        return Said("A pattern has at most %(max_length)s characters.", max_length=MAX_LENGTH)
    if len(pieces[0].strip()) < 2:
        return Said("A pattern begins with at least two plain characters.")
    if len(pieces) // 2 > MAX_GAPS:
        return Said("A pattern has at most %(max_gaps)s places such as {n} or …", max_gaps=MAX_GAPS)
    if len(pieces) > 1 and pattern.endswith(("…", "...")):
        return Said("A pattern does not end with … .")
    return None


@dataclass(frozen=True, slots=True)
class Phrase:
    """One pattern, ready to be found in folded text."""

    source: str
    head: str
    rest: str
    """A regular expression of what follows; made ready only where the head was found."""
    is_latin: bool

    def find(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where the pattern stands in `text` as (start, end)."""
        at = text.find(self.head)
        while at >= 0:
            end = at + len(self.head)
            if self.rest:
                match = _ready(self.rest).match(text, end)
                end = match.end() if match else -1
            if end >= 0 and not (self.is_latin and _inside_word(text, at, end)):
                yield at, end
            at = text.find(self.head, at + 1)


@lru_cache(maxsize=1024)
def _ready(rest: str) -> re.Pattern[str]:
    return re.compile(rest)


def _inside_word(text: str, start: int, end: int) -> bool:
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    return (before.isascii() and before.isalnum()) or (after.isascii() and after.isalnum())


@lru_cache(maxsize=4096)
def phrase(pattern: str) -> Phrase:
    """Make a pattern ready.

    Raises:
        ValueError: the pattern cannot be used; the text says why.
    """
    if wrong := problem(pattern):
        raise ValueError(wrong)
    pieces = _PLACE.split(fold(pattern).text)
    rest = "".join(
        re.escape(piece) if place % 2 == 0 else _NUMBER if piece == "{n}" else _GAP
        for place, piece in enumerate(pieces)
    )[len(re.escape(pieces[0])) :]
    return Phrase(
        source=pattern,
        head=pieces[0],
        rest=rest,
        is_latin=pieces[0][0].isascii() and pieces[-1][-1:].isascii(),
    )
