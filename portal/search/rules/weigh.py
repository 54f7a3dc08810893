"""How much a token says about a document.

Two weights, each worked out once, while indexing, and stored with the posting. What a text says in passing counts by
how often it says it, with less and less gain and against the text's length. What it is about stands in its lead (title,
key message, summary, headings), and counts by where it stands there. A question then only multiplies each by how rare
the token is in texts, and in leads: a word that every text mentions and one title has is the mark of that one article.
(Whoosh's own scoring over four fields does all this per posting and question, which is ten times slower.)
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass

from portal.search.rules.text import Words, cut_document, fold, is_chinese_word, words_in

TITLE, KEY_MESSAGE, SUMMARY, HEADINGS = 2.0, 0.8, 0.8, 0.5
_SATURATION = 1.5
_LENGTH_SHARE = 0.3
_USUAL_LENGTH = 1200
"""Characters of a usual body."""


@dataclass(frozen=True, slots=True)
class Impacts:
    """What the index is given of one document's words."""

    text: dict[str, float]
    """Every token of the whole document, with a weight between 0 and 1 + `_SATURATION`."""
    lead: dict[str, float]
    """Every token of the lead, with the sum of the weights of the parts it stands in."""
    words: frozenset[str]
    """The Chinese words of the whole document as the segmenter cuts it."""


def impacts(*, title: str, key_message: str, summary: str, headings: str, body: str, words: Words) -> Impacts:
    """Weigh each token of a document."""
    counts: Counter[str] = Counter()
    lead: dict[str, float] = {}
    known: set[str] = set()
    parts = ((title, TITLE), (key_message, KEY_MESSAGE), (summary, SUMMARY), (headings, HEADINGS), (body, 0.0))
    for text, weight in parts:
        if not text:
            continue
        folded = fold(text)
        known.update(word for word in words_in(folded) if is_chinese_word(word))
        # Bigrams of the body would double the index; its words and characters find the same.
        tokens = Counter(cut_document(folded, words, pairs=weight > 0))
        counts.update(tokens)
        if weight:
            for token in tokens:
                lead[token] = lead.get(token, 0.0) + weight
    damping = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * min(4.0, len(body) / _USUAL_LENGTH))
    text_weights = {token: count * (_SATURATION + 1) / (count + damping) for token, count in counts.items()}
    return Impacts(text_weights, lead, frozenset(known))


def rarity(holding: int, documents: int) -> float:
    """Return how much it says that a document holds a token which `holding` of `documents` hold; above 0."""
    return math.log(1 + (documents - holding + 0.5) / (holding + 0.5)) if holding <= documents else 0.01
