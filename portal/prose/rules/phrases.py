"""Words and simple patterns that staff write, found in time that grows with the text and nothing worse.

A pattern is plain text in which `{n}` stands for a number, `{name}` for any word of the class of that name, `…` for up
to eight characters of the same clause, none of them a digit or a negation, and `……` for up to forty of the same
sentence. `a & b` finds a and b in either order, up to forty characters of one sentence apart. There are no regular
expressions for staff: what is written is taken literally, and every pattern begins with two plain characters or a
class, at whose words the search starts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations

from portal.core.errors import Said
from portal.prose.rules.folding import fold

MAX_LENGTH = 60
MAX_GAPS = 3
MAX_SIDES = 3
"""Parts that `&` may join: each order of them is sought."""
_GAP = r"[^，。；！？：、,.;!?:\n0-9不没非别无勿]{0,8}?"
_WIDE = r"[^。！？!?\n]{0,40}?"
_NUMBER = r"(?:[0-9]{1,12}(?:\.[0-9]{1,4})?万?|[一二三四五六七八九十百千万两半几]{1,6})"
_PLACE = re.compile(r"(\{[a-z-]+\}|…+|\.\.\.)")
_BOTH = re.compile(r"\s+&\s+")
_NAME = re.compile(r"\{([a-z-]+)\}")

Classes = Mapping[str, tuple[str, ...]]
Span = tuple[int, int]


def problem(pattern: str, classes: Classes | None = None) -> Said | None:
    """Return what is wrong with a pattern as a sentence, or None."""
    sides = _BOTH.split(pattern)
    unknown = [name for name in class_names(pattern) if name not in (classes or {})]
    if len(pattern) > MAX_LENGTH:
        return Said("A pattern has at most %(max_length)s characters.", max_length=MAX_LENGTH)
    if unknown:
        return Said("A pattern names `%(name)s`, which is not one of the classes.", name=unknown[0])
    if any(len(_head(side).strip()) < 2 and not _starts_with_class(side) for side in sides):
        return Said("A pattern begins with at least two plain characters.")
    if len(sides) > MAX_SIDES or len(_PLACE.findall(pattern)) - len(class_names(pattern)) > MAX_GAPS:
        return Said("A pattern has at most %(max_gaps)s places such as {n} or …", max_gaps=MAX_GAPS)
    if any(side.endswith(("…", "...")) for side in sides):
        return Said("A pattern does not end with … .")
    return None


def _head(side: str) -> str:
    return _PLACE.split(fold(side).text)[0]


def _starts_with_class(side: str) -> bool:
    match = _NAME.match(fold(side).text)
    return match is not None and match[1] != "n"


def class_names(pattern: str) -> list[str]:
    """Return the classes that a pattern names."""
    return [name for name in _NAME.findall(fold(pattern).text) if name != "n"]


class Sought:
    """A text in which words are sought; remembers where they stand, for many patterns begin with the same."""

    def __init__(self, text: str) -> None:
        self.text = text
        self._places: dict[tuple[str, ...], list[Span]] = {}

    def places(self, words: tuple[str, ...]) -> list[Span]:
        """Return where any of the words stands."""
        found = self._places.get(words)
        if found is None:
            found = []
            for word in words:
                at = self.text.find(word)
                while at >= 0:
                    found.append((at, at + len(word)))
                    at = self.text.find(word, at + 1)
            self._places[words] = found
        return found


@dataclass(frozen=True, slots=True)
class Phrase:
    """One pattern, ready to be found in folded text."""

    source: str
    orders: tuple[tuple[tuple[str, ...], str], ...]
    """The words with which it may begin, and a regular expression of what follows; made ready where one was found."""

    def find(self, sought: Sought) -> Iterator[tuple[Span, ...]]:
        """Yield the places of the pattern's words, gaps left out, in their order."""
        text = sought.text
        for heads, rest in self.orders:
            for start, end in sought.places(heads):
                match = _ready(rest).match(text, end) if rest else None
                if rest and not match:
                    continue
                spans = ((start, end), *(match.regs[1:] if match else ()))
                if not _inside_word(text, start, spans[-1][1]):
                    yield spans


@lru_cache(maxsize=4096)
def _ready(rest: str) -> re.Pattern[str]:
    return re.compile(rest)


def _inside_word(text: str, start: int, end: int) -> bool:
    """Whether a Latin word that was found goes on at either side; a number beside it is no part of it."""
    return _is_joined(text[start - 1 : start], text[start]) or _is_joined(text[end - 1], text[end : end + 1])


def _is_joined(left: str, right: str) -> bool:
    return left.isascii() and right.isascii() and left.isalnum() and right.isalnum()


@lru_cache(maxsize=8192)
def phrase(pattern: str, classes: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> Phrase:
    """Make a pattern ready.

    Args:
        classes: the words of the classes that it names (see `class_names`).

    Raises:
        ValueError: the pattern cannot be used; the text says why.
    """
    known = dict(classes)
    if wrong := problem(pattern, known):
        raise ValueError(wrong)
    orders = []
    for order in permutations(_BOTH.split(pattern)):
        pieces = [piece for side in order for piece in ("……", *_PLACE.split(fold(side).text)) if piece][1:]
        name = _NAME.fullmatch(pieces[0])
        heads = tuple(fold(word).text for word in known[name[1]]) if name else (pieces[0],)
        orders.append((heads, "".join(_expression(piece, known) for piece in pieces[1:])))
    return Phrase(source=pattern, orders=tuple(orders))


def _expression(piece: str, classes: Mapping[str, tuple[str, ...]]) -> str:
    if piece.startswith(("…", "...")):
        return _WIDE if len(piece) == 2 else _GAP
    if piece == "{n}":
        return f"({_NUMBER})"
    if name := _NAME.fullmatch(piece):
        words = sorted((fold(word).text for word in classes[name[1]]), key=len, reverse=True)
        return f"({'|'.join(map(re.escape, words))})"
    return f"({re.escape(piece)})"
