"""A second opinion on a sentence: whether it reads like those that were stopped, or like those that teach.

A linear model over pieces of one to three characters, learnt from judged sentences by `tools/likeness`. What it knows
is the file beside this module: how much each piece speaks for stopping a sentence. ADR 13 says what it may decide.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from portal.prose.rules.context import clauses
from portal.prose.rules.minutes import HAN
from portal.prose.rules.phrases import Span

WEIGHTS = Path(__file__).with_name("likeness.txt")
SCALE = 100
"""Weights are kept as hundredths."""
TEACHES = -1.0
"""Below this a sentence teaches, and rules about wording are overruled."""
STOPPED = 0.25
"""Above this a sentence reads like those that were stopped."""
FEWEST_HAN = 8
LONGEST = 150
"""Shorter and longer texts are unlike the sentences it was taught with, and are left to the rules."""
FEWEST_TAUGHT = 15
"""Characters that a sentence needs to teach: in a shorter one a few words of warning would outweigh any promise."""
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")


def pieces(text: str) -> list[str]:
    """Return the different pieces of a folded sentence, its begin and its end marked, every number the same."""
    marked = f"^{_NUMBER.sub('0', text).replace(chr(10), ' ')}$"
    return sorted({marked[at : at + size] for size in (1, 2, 3) for at in range(len(marked) - size + 1)} - {"^", "$"})


@dataclass(frozen=True, slots=True)
class Likeness:
    """What was learnt."""

    bias: int
    weights: Mapping[str, int]
    digest: str
    """Of the judged sentences that it was learnt from."""

    @classmethod
    def read(cls, stored: str) -> Likeness:
        """Read what `written` wrote."""
        digest, bias, *lines = stored.rstrip("\n").split("\n")
        rows = (line.split("\t") for line in lines)
        return cls(int(bias), {piece: int(weight) for weight, *known in rows for piece in known}, digest)

    def written(self) -> str:
        """Return digest and bias, then a line for each weight with the pieces that have it."""
        lines: dict[int, list[str]] = {}
        for piece, weight in sorted(self.weights.items()):
            lines.setdefault(weight, []).append(piece)
        rows = ("\t".join((str(weight), *known)) for weight, known in sorted(lines.items()))
        return "\n".join((self.digest, str(self.bias), *rows)) + "\n"

    def odds(self, text: str) -> float | None:
        """Return the log-odds that a folded sentence must be stopped, or None where it cannot tell."""
        if len(text) > LONGEST or len(HAN.findall(text)) < FEWEST_HAN:
            return None
        known = self._known(text)
        return (self.bias + sum(known) / math.sqrt(len(known) or 1)) / SCALE

    def teaches(self, text: str) -> bool:
        """Whether a folded sentence reads, for certain, like those that teach."""
        odds = self.odds(text)
        return odds is not None and odds < TEACHES and len(HAN.findall(text)) >= FEWEST_TAUGHT

    def stops(self, text: str) -> bool:
        """Whether a folded sentence reads, for certain, like those that were stopped."""
        odds = self.odds(text)
        return odds is not None and odds > STOPPED

    def why(self, text: str) -> Span:
        """Return the clause of a folded sentence that speaks most for stopping it."""
        return max(clauses(text), key=lambda span: sum(self._known(text[span[0] : span[1]])))

    def _known(self, text: str) -> list[int]:
        return [self.weights[piece] for piece in pieces(text) if piece in self.weights]


@lru_cache(maxsize=1)
def learnt() -> Likeness:
    """Return what was learnt; the first check of a process loads it."""
    return Likeness.read(WEIGHTS.read_text("utf-8"))
