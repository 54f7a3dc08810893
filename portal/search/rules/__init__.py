"""What is searched and how it is weighed. Pure: no database, no index, no web."""

from portal.search.rules.editions import article_path, choices, document_key, reader, serves
from portal.search.rules.plan import ENOUGH, Concept, Plan, plan
from portal.search.rules.segment import Segmenter, full, light
from portal.search.rules.snippet import as_html, hits, marked, snippet
from portal.search.rules.sound import divide, heard, sounds_of_characters, spelling, spoken_words, title_tokens
from portal.search.rules.text import (
    MAX_CHARS,
    MAX_TERMS,
    Words,
    cut_document,
    cut_question,
    fold,
    like_variants,
    mask,
    normalise,
)
from portal.search.rules.weigh import Impacts, impacts, rarity

__all__ = [
    "ENOUGH",
    "MAX_CHARS",
    "MAX_TERMS",
    "Concept",
    "Impacts",
    "Plan",
    "Segmenter",
    "Words",
    "article_path",
    "as_html",
    "choices",
    "cut_document",
    "cut_question",
    "divide",
    "document_key",
    "fold",
    "full",
    "heard",
    "hits",
    "impacts",
    "light",
    "like_variants",
    "marked",
    "mask",
    "normalise",
    "plan",
    "rarity",
    "reader",
    "serves",
    "snippet",
    "sounds_of_characters",
    "spelling",
    "spoken_words",
    "title_tokens",
]
