"""Pinyin: what a title sounds like, so that `fanzhapian`, `fzp` and homophones find 反诈骗.

`pypinyin` costs 57 MB a process, so only the writer of the index loads it. It leaves a table of characters behind
(`sounds_of_characters`), which is all that a question needs.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache, lru_cache
from itertools import pairwise

from portal.search.rules.segment import full
from portal.search.rules.text import han_runs

LONGEST = 8
"""Syllables of the longest stretch of a title that one pinyin token stands for."""
_COMMON = range(0x4E00, 0x9FA6)


@cache
def sounds_of_characters() -> Mapping[str, str]:
    """Return the commonest toneless reading of each Chinese character in daily use; 20,000 entries.

    It takes half a second to make, which every process that builds an index spends once.
    """
    from pypinyin import lazy_pinyin  # noqa: PLC0415  # 57 MB that only the writer of the index needs

    readings = ((chr(code), lazy_pinyin(chr(code), v_to_u=False)[0]) for code in _COMMON)
    return {character: reading for character, reading in readings if reading.isascii() and reading.isalpha()}


@lru_cache(maxsize=20_000)
def _syllables_in_context(run: str) -> tuple[str, ...]:
    from pypinyin import lazy_pinyin  # noqa: PLC0415  # 57 MB that only the writer of the index needs

    return tuple(lazy_pinyin(run, v_to_u=False))


def readings(text: str) -> list[list[str]]:
    """Return the syllables of each run of Chinese in a folded text: 重庆 is chong qing, whatever 重 is elsewhere."""
    return [list(_syllables_in_context(run)) for run in han_runs(text)]


def spelling(text: str) -> str:
    """Return a folded title as pinyin with a space after each syllable, and runs of Chinese divided by `|`."""
    return "|".join(" ".join(run) for run in readings(text))


def title_tokens(text: str, sounds: Mapping[str, str]) -> Iterator[str]:
    """Yield the pinyin tokens of a folded title.

    These are, from the beginning of each word, stretches of up to `LONGEST` syllables, in full and as initials; and
    everywhere single syllables and pairs, which homophones and half-remembered pinyin are found by.
    """
    for run in han_runs(text):
        spoken = _syllables_in_context(run)
        # A question is read character by character (银行 as yin xing), so the title must be findable so as well.
        plain = tuple(sounds.get(character, "") for character in run)
        starts, at = set(), 0
        for word in full().cut(run, True):
            starts.add(at)
            at += len(word)
        for syllables in {spoken, plain}:
            if len(syllables) != len(run) or not all(syllables):
                continue
            yield from syllables
            yield from ("".join(syllables[start : start + 2]) for start in range(len(run) - 1))
            for start in starts:
                for end in range(start + 2, min(start + LONGEST, len(run)) + 1):
                    if end > start + 2:
                        yield "".join(syllables[start:end])
                    yield "".join(syllable[0] for syllable in syllables[start:end])


def heard(text: str, sounds: Mapping[str, str]) -> list[str]:
    """Return the pairs of syllables in the Chinese of a normalised question, for finding homophones."""
    pairs: dict[str, None] = {}
    for run in han_runs(text):
        spoken = [sounds.get(character, "") for character in run]
        for first, second in pairwise(spoken):
            if first and second:
                pairs[first + second] = None
    return list(pairs)


def spoken_words(words: Iterable[str], sounds: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Return the Chinese words among `words` by their pinyin, in full and as initials."""
    found: dict[str, tuple[str, ...]] = {}
    for word in words:
        syllables = [sounds.get(character, "") for character in word]
        if all(syllables):
            for spelled in {"".join(syllables), "".join(syllable[0] for syllable in syllables)}:
                found[spelled] = (*found.get(spelled, ()), word)
    return found


def divide(letters: str, syllables: frozenset[str]) -> list[str]:
    """Divide unbroken pinyin into syllables, the longest first; [] when it cannot be pinyin.

    The last syllable may be unfinished. The work is bounded: each position is tried once.
    """
    dead: set[int] = set()
    found: list[str] = []

    def go(start: int) -> bool:
        if start == len(letters):
            return True
        if start in dead:
            return False
        for length in range(min(6, len(letters) - start), 0, -1):
            piece = letters[start : start + length]
            unfinished = start + length == len(letters) and any(item.startswith(piece) for item in syllables)
            if piece in syllables or unfinished:
                found.append(piece)
                if go(start + length):
                    return True
                found.pop()
        dead.add(start)
        return False

    return found if letters and go(0) else []
