"""How much a token says about a document.

The weight of the part it stands in, its saturation and the document's length are worked out once, while indexing, and
stored as the weight of the posting. A question then only multiplies by how rare the token is. (Whoosh's own scoring
over four fields does all this per posting and question, which is ten times slower.)
"""

from __future__ import annotations

import math
from collections import Counter

from portal.search.rules.text import Words, cut_document, fold

TITLE, KEY_MESSAGE, SUMMARY, HEADINGS, BODY = 8.0, 4.0, 3.0, 2.5, 1.0
_SATURATION = 2.0
_LENGTH_SHARE = 0.3
_USUAL_LENGTH = 1200
"""Characters of a usual body."""


def impacts(*, title: str, key_message: str, summary: str, headings: str, body: str, words: Words) -> dict[str, float]:
    """Return each token of a document with its weight, between 0 and 1 + `_SATURATION`."""
    counts: Counter[str] = Counter()
    parts = ((title, TITLE), (key_message, KEY_MESSAGE), (summary, SUMMARY), (headings, HEADINGS), (body, BODY))
    for text, weight in parts:
        # Bigrams of the body would double the index; its words and characters find the same.
        for token in cut_document(fold(text), words, pairs=weight > BODY) if text else ():
            counts[token] += weight  # type: ignore[assignment]  # Counter is typed for whole numbers, and adds any
    damping = _SATURATION * (1 - _LENGTH_SHARE + _LENGTH_SHARE * min(4.0, len(body) / _USUAL_LENGTH))
    return {token: count * (_SATURATION + 1) / (count + damping) for token, count in counts.items()}


def rarity(holding: int, documents: int) -> float:
    """Return how much it says that a document holds a token which `holding` of `documents` hold; above 0."""
    return math.log(1 + (documents - holding + 0.5) / (holding + 0.5)) if holding <= documents else 0.01
