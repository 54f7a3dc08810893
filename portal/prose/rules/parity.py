"""Whether an edition says what all editions of its article must agree on."""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.core.settings import AUDIENCES
from portal.prose.rules.figures import figures, spelt
from portal.prose.rules.folding import simplified
from portal.prose.rules.text import Sentence, Text

CLOSE = 0.3
"""Share of a fact's character pairs from which on a sentence is about that fact."""


_TITLE = re.compile(r"《([^《》]{2,60})》")


@dataclass(frozen=True, slots=True)
class Gap:
    """Figures and laws of a fact that an edition does not have, and the sentence that seems to state the fact."""

    key: str
    fact: str
    missing: tuple[str, ...]
    sentence: Sentence | None


def gaps(text: Text, facts: Sequence[Mapping[str, Any]]) -> list[Gap]:
    """Return the facts whose numbers, dates, telephone numbers and laws are not all in the edition.

    What a scammer says does not count as stated. A figure may be written in digits or in words.
    """
    own = [sentence for sentence in text.sentences if not sentence.is_scam_talk]
    stated = {form for sentence in own for form in _forms(simplified(sentence.text))}
    whole = simplified("\n".join(sentence.text for sentence in own))
    found = []
    for fact in facts:
        said = _in_language(fact.get("text", {}), text.draft.locale)
        missing = {law: f"《{law}》" for law in _laws(said) if text.draft.locale != "en" and law not in whole}
        missing |= {form: written for form, written in figures(simplified(said)) if form not in stated}
        if missing:
            found.append(Gap(str(fact["key"]), said, tuple(missing.values()), _closest(said, own)))
    return found


def _in_language(said: Mapping[str, str], locale: str) -> str:
    return said.get(locale) or said.get("zh-Hans", "")


def _laws(text: str) -> list[str]:
    return [law.removeprefix("中华人民共和国") for law in _TITLE.findall(simplified(text))]


def _forms(text: str) -> set[str]:
    return {form for form, _written in figures(text)} | set(spelt(text))


def _closest(fact: str, sentences: Iterable[Sentence]) -> Sentence | None:
    sought = _pairs(simplified(fact))
    best, share = None, CLOSE
    for sentence in sentences:
        pairs = _pairs(simplified(sentence.text))
        common = sum(min(count, pairs[pair]) for pair, count in sought.items()) / max(1, sought.total())
        if common > share:
            best, share = sentence, common
    return best


def _pairs(text: str) -> Counter[str]:
    letters = [char.lower() for char in text if char.isalpha()]
    return Counter(one + other for one, other in itertools.pairwise(letters))


def absent(audiences: Iterable[str]) -> list[str]:
    """Return the audiences that have no edition yet, of those every article is written for."""
    present = set(audiences)
    return [audience for audience in AUDIENCES if audience not in present]
