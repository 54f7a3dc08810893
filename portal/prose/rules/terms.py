"""Glossary terms in a text: where each stands, and from where on it is explained."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from portal.prose.rules.text import Form, Part, Sentence, Text

_GLOSS_AFTER = re.compile(
    r"[”」』\"]?(?:[，,：:]|——)?\s?(?:也就是|就是(?!骗|诈|假|违|非)|即|是指|指的?是|意思是|相当于"
    r"|which is|that is|meaning|means)"
    r"|[”」』\"]?[（(][^）)]{4,80}[）)]"
)
_GLOSS_BEFORE = re.compile(r"(?:叫做?|称为|所谓的?|called|known as)\s?[“「『\"]?\Z")


@dataclass(frozen=True, slots=True)
class Use:
    """A term that a reader meets before it was explained."""

    key: str
    word: str
    sentence: Sentence
    start: int
    end: int


def unexplained(text: Text, terms: Mapping[str, Sequence[str]]) -> list[Use]:
    """Return the uses of terms before their explanation, in order.

    A reference `[[term:…]]` explains itself, and so does a gloss in the same sentence. Headings are not counted (the
    explanation follows), nor is scam talk (its words are not ours).

    Args:
        terms: the words of each term by key.
    """
    keys = {word.lower(): key for key, words in terms.items() for word in words if word}
    if not keys:
        return []
    pattern = re.compile("|".join(re.escape(word) for word in sorted(keys, key=len, reverse=True)), re.IGNORECASE)
    explained: set[str] = set()
    found: list[Use] = []
    for sentence in text.sentences:
        if sentence.part is not Part.BODY:
            continue
        own = [one for one in sentence.references if one.kind == "term"]
        if sentence.form is not Form.HEADING and not sentence.is_scam_talk:
            for match in pattern.finditer(sentence.text):
                key = keys[match[0].lower()]
                is_own = any(one.start <= match.start() < one.end for one in own)
                if is_own or _is_glossed(sentence.text, match.start(), match.end()):
                    explained.add(key)
                elif key not in explained and not _is_part_of_word(sentence.text, match.start(), match.end()):
                    found.append(Use(key, match[0], sentence, match.start(), match.end()))
        explained.update(one.key for one in own)
    return found


def _is_glossed(text: str, start: int, end: int) -> bool:
    if start == 0 and text[end : end + 1] in ("：", ":") and len(text) > end + 6:
        return True
    return bool(_GLOSS_AFTER.match(text, end) or _GLOSS_BEFORE.search(text, max(0, start - 12), start))


def _is_part_of_word(text: str, start: int, end: int) -> bool:
    """Whether a Latin term stands inside a longer word; a plural is the same word."""
    before, after = text[max(0, start - 1) : start], text[end : end + 2]
    if not text[start].isascii():
        return False
    return (before.isascii() and before.isalpha()) or bool(re.match(r"[a-rt-z]|s[a-z]", after, re.IGNORECASE))
