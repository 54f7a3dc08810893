"""What changed between two texts, exact to the character and cut where words are cut.

Paragraphs are matched first, then the words of those that changed, then the characters of the words: whoever changes
立即 to 马上 sees exactly those two characters marked. Comparing b with a gives the mirror image of comparing a with b,
and either text can be put together again from the result.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from portal.prose.rules.lcs import common

ALIKE = 0.4
"""Share of character pairs in common from which on two paragraphs are one that was changed."""
ALIKE_ALONE = 0.2
"""The same, where one paragraph alone stands against one."""
WINDOW = 12
"""Paragraphs that are tried as the new form of one that is gone, where many changed."""
SHORTEST_MOVED = 4
"""Characters that a paragraph needs to count as moved rather than as gone and come."""
FARTHEST = 40
"""Characters over which a mark is moved to the beginning of a clause."""
LONGEST_TEXT = 200_000


class Mark(StrEnum):
    """What happened to some characters."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


class Kind(StrEnum):
    """What happened to a paragraph."""

    SAME = "same"
    """At most the blank lines after it changed."""
    CHANGED = "changed"
    REMOVED = "removed"
    ADDED = "added"
    MOVED_AWAY = "moved-away"
    """It stands elsewhere now."""
    MOVED_HERE = "moved-here"


@dataclass(frozen=True, slots=True)
class Piece:
    """Characters with one mark."""

    mark: Mark
    text: str


@dataclass(frozen=True, slots=True)
class Passage:
    """One paragraph, with the blank lines after it; lines count from 1, None where it does not stand."""

    kind: Kind
    pieces: tuple[Piece, ...]
    old_line: int | None
    new_line: int | None


def diff(old: str, new: str) -> list[Passage]:
    """Return the paragraphs of both texts in reading order, what was removed before what was added.

    Raises:
        ValueError: a text is longer than 200,000 characters.
    """
    if max(len(old), len(new)) > LONGEST_TEXT:
        raise ValueError("The texts are too long to compare.")
    if (len(old), old) > (len(new), new):
        return _ordered(_mirrored(passage) for passage in _diff(new, old))
    return _ordered(_diff(old, new))


def before(passages: Iterable[Passage]) -> str:
    """Put the old text together again."""
    return _joined(passages, Mark.ADDED)


def after(passages: Iterable[Passage]) -> str:
    """Put the new text together again."""
    return _joined(passages, Mark.REMOVED)


def _joined(passages: Iterable[Passage], without: Mark) -> str:
    return "".join(piece.text for passage in passages for piece in passage.pieces if piece.mark is not without)


_PARAGRAPH = re.compile(r"[^\n]*\n(?:[ \t]*\n)*|[^\n]+\Z")


@dataclass(frozen=True, slots=True)
class _Unit:
    text: str
    line: int

    @property
    def words(self) -> str:
        """The paragraph without the blank lines after it."""
        return self.text.rstrip()


def _units(text: str) -> list[_Unit]:
    units, line = [], 1
    for match in _PARAGRAPH.finditer(text):
        units.append(_Unit(match[0], line))
        line += match[0].count("\n")
    return units


def _diff(old: str, new: str) -> list[Passage]:
    olds, news = _units(old), _units(new)
    same = common([unit.words for unit in olds], [unit.words for unit in news])
    if same is None:
        same = _anchors(olds, news)
    passages: list[Passage] = []
    a = b = 0
    for next_a, next_b in [*same, (len(olds), len(news))]:
        passages += _gap(olds[a:next_a], news[b:next_b])
        if next_a < len(olds):
            unit, other = olds[next_a], news[next_b]
            passages.append(Passage(Kind.SAME, _pieces(unit.text, other.text), unit.line, other.line))
        a, b = next_a + 1, next_b + 1
    return _moves(passages)


def _anchors(olds: Sequence[_Unit], news: Sequence[_Unit]) -> list[tuple[int, int]]:
    """Match paragraphs that stand once in each text, where there are too many for an exact answer."""
    in_old, in_new = Counter(unit.words for unit in olds), Counter(unit.words for unit in news)
    places = {unit.words: place for place, unit in enumerate(news) if in_new[unit.words] == 1}
    found: list[tuple[int, int]] = []
    for place, unit in enumerate(olds):
        other = places.get(unit.words, -1)
        if in_old[unit.words] == 1 and other > (found[-1][1] if found else -1):
            found.append((place, other))
    return found


def _gap(olds: Sequence[_Unit], news: Sequence[_Unit]) -> list[Passage]:
    """Pair paragraphs between two that stayed, in order, by likeness; the others are gone or come."""
    passages: list[Passage] = []
    bags = [_pairs(unit.text) for unit in news]
    at = 0
    for unit in olds:
        bag = _pairs(unit.text)
        likeness, place = max(
            ((_likeness(bag, bags[place]), -place) for place in range(at, min(at + WINDOW, len(news)))),
            default=(0.0, 0),
        )
        if likeness < (ALIKE_ALONE if len(olds) == len(news) == 1 else ALIKE):
            passages.append(Passage(Kind.REMOVED, (Piece(Mark.REMOVED, unit.text),), unit.line, None))
            continue
        passages += [_added(other) for other in news[at:-place]]
        passages.append(Passage(Kind.CHANGED, _pieces(unit.text, news[-place].text), unit.line, news[-place].line))
        at = -place + 1
    return passages + [_added(other) for other in news[at:]]


def _added(unit: _Unit) -> Passage:
    return Passage(Kind.ADDED, (Piece(Mark.ADDED, unit.text),), None, unit.line)


def _pairs(text: str) -> Counter[str]:
    words = "".join(text.split())
    return Counter([words[place : place + 2] for place in range(len(words) - 1)] + list(words))


def _likeness(one: Counter[str], other: Counter[str]) -> float:
    total = one.total() + other.total()
    if not total:
        return 1.0
    small, large = (one, other) if len(one) <= len(other) else (other, one)
    return 2 * sum(min(count, large[pair]) for pair, count in small.items()) / total


def _moves(passages: list[Passage]) -> list[Passage]:
    """Say of what is gone in one place and come in another that it moved."""
    gone: dict[str, list[int]] = {}
    for place, passage in enumerate(passages):
        words = passage.pieces[0].text.strip()
        if passage.kind is Kind.REMOVED and len("".join(words.split())) >= SHORTEST_MOVED:
            gone.setdefault(words, []).append(place)
    for place, passage in enumerate(passages):
        partners = gone.get(passage.pieces[0].text.strip()) if passage.kind is Kind.ADDED else None
        if partners:
            other = partners.pop(0)
            away = passages[other]
            passages[other] = Passage(Kind.MOVED_AWAY, away.pieces, away.old_line, passage.new_line)
            passages[place] = Passage(Kind.MOVED_HERE, passage.pieces, away.old_line, passage.new_line)
    return passages


# --- inside a paragraph -------------------------------------------------------------------------------------------


def _pieces(old: str, new: str) -> tuple[Piece, ...]:
    start, size = 0, min(len(old), len(new))
    while start < size and old[start] == new[start]:
        start += 1
    tail = 0
    while tail < size - start and old[-1 - tail] == new[-1 - tail]:
        tail += 1
    first, second = old[start : len(old) - tail], new[start : len(new) - tail]
    same = [(place, place) for place in range(start)]
    same += [(a + start, b + start) for a, b in _by_words(first, second)]
    same += [(len(old) - place, len(new) - place) for place in range(tail, 0, -1)]
    return _marked(old, new, _slid(old, new, same))


def _by_words(old: str, new: str) -> list[tuple[int, int]]:
    """Return the characters in common: those of common words first, then those between them."""
    if not old or not new:
        return []
    import rjieba  # noqa: PLC0415  # 35 MB that only a process needs in which staff compare texts

    olds, news = list(rjieba.cut(old, True)), list(rjieba.cut(new, True))
    words = common(olds, news) or []
    starts, ends = _starts(olds), _starts(news)
    found: list[tuple[int, int]] = []
    a = b = 0
    for one, other in [*words, (len(olds), len(news))]:
        between = common(old[a : starts[one]], new[b : ends[other]]) or []
        found += [(a + x, b + y) for x, y in between]
        if one < len(olds):
            found += [(starts[one] + place, ends[other] + place) for place in range(len(olds[one]))]
            a, b = starts[one + 1], ends[other + 1]
    return found


def _starts(words: Sequence[str]) -> list[int]:
    starts = [0]
    for word in words:
        starts.append(starts[-1] + len(word))
    return starts


_BREAK = re.compile(r"[\s，。；！？：、,.;!?:”」』）)]")


def _slid(old: str, new: str, same: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Move what was only removed, or only added, to where a clause begins, where its ends allow it.

    先停。再问。 to 先停。后转。再问。 adds 后转。 and not 转。后; which of the two it is the characters cannot say.
    """
    pairs = [(-1, -1), *same, (len(old), len(new))]
    for place in range(1, len(pairs)):
        (a, b), (next_a, next_b) = pairs[place - 1], pairs[place]
        removed, added = next_a - a - 1, next_b - b - 1
        if (removed > 0) == (added > 0):
            continue
        text, begin, end = (old, a + 1, next_a) if removed else (new, b + 1, next_b)
        for back in range(FARTHEST):
            if begin - back == 0 or _BREAK.match(text[begin - back - 1]):
                for number in range(place - back, place):
                    x, y = pairs[number]
                    pairs[number] = (x + removed, y + added)
                break
            neighbour = pairs[place - 1 - back]
            if neighbour != (a - back, b - back) or text[begin - back - 1] != text[end - back - 1]:
                break
    return pairs[1:-1]


def _marked(old: str, new: str, same: list[tuple[int, int]]) -> tuple[Piece, ...]:
    pieces: list[Piece] = []
    a = b = kept = 0
    for one, other in [*same, (len(old), len(new))]:
        if one > a or other > b:
            if a > kept:
                pieces.append(Piece(Mark.SAME, old[kept:a]))
            if one > a:
                pieces.append(Piece(Mark.REMOVED, old[a:one]))
            if other > b:
                pieces.append(Piece(Mark.ADDED, new[b:other]))
            kept = one
        a, b = one + 1, other + 1
    if len(old) > kept:
        pieces.append(Piece(Mark.SAME, old[kept:]))
    return tuple(pieces)


# --- both ways alike ----------------------------------------------------------------------------------------------

_TURNED = {
    Mark.ADDED: Mark.REMOVED,
    Mark.REMOVED: Mark.ADDED,
    Kind.ADDED: Kind.REMOVED,
    Kind.REMOVED: Kind.ADDED,
    Kind.MOVED_AWAY: Kind.MOVED_HERE,
    Kind.MOVED_HERE: Kind.MOVED_AWAY,
}
_FIRST = (Kind.REMOVED, Kind.MOVED_AWAY)


def _mirrored(passage: Passage) -> Passage:
    pieces = [Piece(Mark(_TURNED.get(piece.mark, piece.mark)), piece.text) for piece in passage.pieces]
    for place in range(len(pieces) - 1):
        if pieces[place].mark is Mark.ADDED and pieces[place + 1].mark is Mark.REMOVED:
            pieces[place], pieces[place + 1] = pieces[place + 1], pieces[place]
    kind = Kind(_TURNED.get(passage.kind, passage.kind))
    return Passage(kind, tuple(pieces), passage.new_line, passage.old_line)


def _ordered(passages: Iterable[Passage]) -> list[Passage]:
    """Between paragraphs that stand in both texts, put what is gone before what came."""
    ordered: list[Passage] = []
    came: list[Passage] = []
    for passage in passages:
        if passage.kind in (Kind.ADDED, Kind.MOVED_HERE):
            came.append(passage)
        elif passage.kind in _FIRST:
            ordered.append(passage)
        else:
            ordered += [*came, passage]
            came = []
    return ordered + came
