"""Text in the form in which words are sought: one width, one case, one script; every character keeps its place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from opencc import OpenCC


@lru_cache(maxsize=1)
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


def simplified(text: str) -> str:
    """Return `text` in simplified characters, each in its place."""
    converted = str(_simplifier().convert(text))
    if len(converted) == len(text):
        return converted
    return "".join(one if len(one) == 1 else char for char in text for one in (str(_simplifier().convert(char)),))


@dataclass(frozen=True, slots=True)
class Folded:
    """A text in the form in which phrases are sought; `places[i]` is the character of the original behind `text[i]`."""

    text: str
    places: tuple[int, ...]


_WIDE = {code: code - 0xFEE0 for code in range(0xFF10, 0xFF5B) if chr(code - 0xFEE0).isalnum()}
_WIDE |= {ord("％"): ord("%"), ord("＋"): ord("+"), ord("－"): ord("-"), ord("’"): ord("'"), 0x3000: 0x20, 0xA0: 0x20}
_BLANKS = re.compile(r"[ \t]+")


def fold(text: str) -> Folded:
    """Return `text` in small letters and half-width digits, without the blanks beside Chinese characters."""
    plain = text.translate(_WIDE)
    # `lower` may lengthen a letter of other scripts; those stay as they are.
    low = plain.lower()
    if len(low) != len(plain):
        low = "".join(char if len(char.lower()) != 1 else char.lower() for char in plain)
    if " " not in low and "\t" not in low:
        return Folded(low, tuple(range(len(low))))
    pieces: list[str] = []
    places: list[int] = []
    done = 0
    for match in _BLANKS.finditer(low):
        start, end = match.span()
        is_between_words = low[start - 1 : start].isascii() and low[end : end + 1].isascii()
        kept = start + 1 if is_between_words else start
        pieces.append(low[done:start] + " " * (kept - start))
        places.extend(range(done, kept))
        done = end
    pieces.append(low[done:])
    places.extend(range(done, len(low)))
    return Folded("".join(pieces), tuple(places))
