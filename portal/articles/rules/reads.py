"""Pure rules of counting reads and searches: who is no reader, and what of a question is kept."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta

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


def first_of_quarter(day: date) -> date:
    """Return the first day of the quarter that a day lies in."""
    return date(day.year, (day.month - 1) // 3 * 3 + 1, 1)


def next_quarter(day: date) -> date:
    """Return the first day of the quarter after the one that a day lies in."""
    return first_of_quarter(first_of_quarter(day) + timedelta(days=100))


def days_of(quarter: str) -> tuple[date, date]:
    """Return the first day of a quarter such as 2026Q4, and the first after it.

    Raises:
        ValueError: it is no quarter.
    """
    found = re.fullmatch(r"(\d{4})Q([1-4])", quarter, re.ASCII)
    if found is None:
        raise ValueError(f"{quarter!r} is not a quarter such as 2026Q4")
    first = date(int(found[1]), 3 * int(found[2]) - 2, 1)
    return first, next_quarter(first)


def by_quarter(since: date, until: date) -> Iterator[tuple[date, date]]:
    """Yield the parts of a half-open span of days that lie in one quarter each."""
    while since < until:
        end = min(next_quarter(since), until)
        yield since, end
        since = end
