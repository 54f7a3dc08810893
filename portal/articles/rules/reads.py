"""Pure rules of counting reads and searches: who is no reader, and what of a question is kept."""

from __future__ import annotations

import re

from portal.search.rules import mask, normalise

LONGEST_TERM = 40
NOT_KEPT = "…"
"""Stands for all questions whose words are not kept. No kept one looks so: NFKC makes three dots of it."""
FEWEST = 5
"""A question asked less often than this in a quarter is shown to nobody: it may be one person's."""
MOST_NOTES = 1_000
"""Notes of reads and searches that are taken from one place in an hour: a hall full of people behind one address."""

# CUBOT is a maker of telephones.
_BOTS = re.compile(
    r"(?<!cu)bot(?:\b|[_-])|crawl|spider|slurp|scrap|preview|monitor|headless|phantom|lighthouse|externalhit|inspect"
    r"|curl|wget|python|java/|go-http|okhttp|httpclient|libwww|\bperl|\bruby|axios|node-fetch|feed",
    re.IGNORECASE,
)
_LINK = re.compile(r"://|www\.|\.(?:com|cn|net|org|top|xyz|cc|vip|info|io|me)\b", re.IGNORECASE)


def is_bot(agent: str) -> bool:
    """Return whether a program calls itself no reader's browser, or nothing at all."""
    return not agent.strip() or _BOTS.search(agent) is not None


def kept_term(text: str) -> str:
    """Return what is kept of a question; `NOT_KEPT` where it may name or number somebody; empty: nothing was asked.

    All spellings that search takes for the same are one.
    """
    asked = normalise(text)
    if "@" in asked or _LINK.search(asked) or mask(asked) != asked:
        return NOT_KEPT
    return asked[:LONGEST_TERM].strip()
