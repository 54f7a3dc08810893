"""What a question asks for: at most `MAX_TERMS` concepts, each with everything that may stand for it.

Nothing in a question is a command: no operator, wildcard, range, field or weight. The plan's size is bounded whatever
the question is, so the time it takes is bounded as well.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from types import MappingProxyType

from portal.search.rules.segment import Segmenter, full
from portal.search.rules.sound import divide, heard
from portal.search.rules.text import (
    MAX_TERMS,
    STOPWORDS,
    Words,
    cut_question,
    han_runs,
    normalise,
    parts_of,
)

MAX_SAME = 8
"""Synonyms of one word that are looked for."""
MAX_PARTS = 12
"""Shorter words and bigrams of one word that are looked for."""
MAX_MENDED = 8
"""Characters of the longest word that a misspelt one is taken for."""
MAX_HEARD = 16
"""Pairs of syllables of a question that are looked for."""

ENOUGH = 10
"""With this many articles that have every word, a question is not widened."""


@dataclass(frozen=True, slots=True)
class Concept:
    """One word of a question and what may stand for it."""

    word: str
    same: tuple[str, ...] = ()
    """Synonyms: as good as the word, or nearly."""
    parts: tuple[str, ...] = ()
    """Shorter words and bigrams inside the word; evidence when the whole word is missing."""
    characters: tuple[str, ...] = ()
    """Its single characters; they order what else was found, and find nothing by themselves."""
    sounds: tuple[str, ...] = ()
    """Pinyin that the word itself is (`fzp`): as good as the word."""
    sound_parts: tuple[str, ...] = ()
    """Pairs of syllables of a longer pinyin word."""


@dataclass(frozen=True, slots=True)
class Plan:
    """A question, ready to be looked for."""

    text: str
    """The normalised question."""
    concepts: tuple[Concept, ...]
    heard: tuple[str, ...] = ()
    """Pairs of syllables, for homophones."""

    @property
    def chief(self) -> tuple[Concept, ...]:
        """Its words without single Chinese characters, which stand inside many other words; they only order."""
        words = tuple(concept for concept in self.concepts if len(concept.word) > 1 or concept.word.isascii())
        return words or self.concepts

    @property
    def marks(self) -> tuple[str, ...]:
        """What a snippet marks, best first."""
        whole = [word for concept in self.concepts for word in (concept.word, *concept.same)]
        parts = [part for concept in self.concepts for part in concept.parts]
        return tuple(dict.fromkeys([*whole, *parts]))


Spoken = Mapping[str, tuple[str, ...]]
"""The site's own words by their pinyin, in full (`anquanzhanghu`) and as initials (`aqzh`)."""


def plan(
    text: str,
    vocabulary: Words,
    sounds: Mapping[str, str],
    syllables: frozenset[str],
    spoken: Spoken = MappingProxyType({}),
    segmenter: Segmenter | None = None,
    holds: Callable[[str], bool] | None = None,
) -> Plan:
    """Read a question. `sounds` and `spoken` may be empty: then nothing is found by its sound.

    `segmenter` is by default the one for texts. `holds` tells whether any document has a word; one of the site's words
    that none has is divided, because its parts may be found (学生兼职, 兼职刷单).
    """
    segmenter = segmenter or full()
    question = normalise(text)
    joined = question.replace(" ", "")
    # Pinyin with spaces between its syllables is one word, if it is one of the site's.
    if joined in spoken:
        words = [joined]
    else:
        cut = cut_question(question, vocabulary, segmenter, holds)
        words = list(dict.fromkeys(_mended(cut, sounds, spoken, holds)))
    telling = [word for word in words if word not in STOPWORDS] or words
    if len(telling) > MAX_TERMS:
        # The longest words say most; those that are kept stay in their order.
        kept = set(sorted(telling, key=len, reverse=True)[:MAX_TERMS])
        telling = [word for word in telling if word in kept][:MAX_TERMS]
    concepts = tuple(_concept(word, vocabulary, syllables, spoken, segmenter) for word in telling)
    return Plan(question, concepts, tuple(heard(question, sounds)[:MAX_HEARD]))


def _mended(
    words: Sequence[str], sounds: Mapping[str, str], spoken: Spoken, holds: Callable[[str], bool] | None
) -> Iterator[str]:
    """Yield the words of a question; for neighbours that only sound like one of the site's words (密马), that word.

    At least one of them must be a character that stands alone, or a word that no document has: real words that sound
    like another (手艺 and 收益) are what they are.
    """
    at = 0
    while at < len(words):
        for end in range(min(len(words), at + MAX_MENDED), at, -1):
            meant = _meant(words[at:end], sounds, spoken, holds)
            if meant:
                yield meant
                at = end
                break
        else:
            yield words[at]
            at += 1


def _meant(words: Sequence[str], sounds: Mapping[str, str], spoken: Spoken, holds: Callable[[str], bool] | None) -> str:
    """Return the word of the site that neighbouring words sound like; empty: there is none, or they are words."""
    text = "".join(words)
    if not 2 <= len(text) <= MAX_MENDED or all(len(word) > 1 and (holds is None or holds(word)) for word in words):
        return ""
    syllables = [sounds.get(character, "") for character in text]
    if not all(syllables):
        return ""
    found = (word for word in spoken.get("".join(syllables), ()) if len(word) == len(text) and word != text)
    return next((word for word in found if holds is None or holds(word)), "")


def _concept(word: str, vocabulary: Words, syllables: frozenset[str], spoken: Spoken, segmenter: Segmenter) -> Concept:
    same = vocabulary.same_as(word)[:MAX_SAME]
    if word.isascii():
        if not word.isalpha() or not syllables:
            return Concept(word, same=same)
        meant = spoken.get(word, ())
        meant += tuple(other for its in meant for other in vocabulary.same_as(its))
        same = tuple(dict.fromkeys([*same, *meant]))[:MAX_SAME]
        divided = divide(word, syllables)
        pairs = [first + second for first, second in pairwise(divided)]
        return Concept(
            word,
            same=same,
            sounds=(word,),
            sound_parts=tuple(dict.fromkeys(pair for pair in pairs if pair != word))[:MAX_PARTS],
        )
    characters = "".join(han_runs(word))
    return Concept(
        word,
        same=same,
        parts=tuple(parts_of(word, segmenter)[:MAX_PARTS]),
        characters=tuple(dict.fromkeys(characters))[:MAX_PARTS] if len(word) > 1 else (),
    )
