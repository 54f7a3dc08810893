"""What an edition was written after, and which passages of that have changed since."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import Any

from portal.core.settings import Audience, Locale


@dataclass(frozen=True, slots=True)
class SourceChange:
    """A passage of the source that is other than it was when the edition was last confirmed."""

    what: str
    """`text` or `fact`."""
    before: str
    """Empty: it is new."""
    now: str
    """Empty: it is gone."""


def sources_of(audience: Audience, locale: Locale) -> Iterator[tuple[Audience, Locale]]:
    """Yield which edition another one is written after, the best first: the general one of its language, else zh-Hans.

    The general edition in simplified Chinese is written after none.
    """
    for place in ((Audience.GENERAL, locale), (Audience.GENERAL, Locale.HANS)):
        if place != (audience, locale):
            yield place


def segments(text: Mapping[str, str]) -> list[str]:
    """Return what can change by itself: title, summary, and each paragraph of the body, blanks evened out."""
    paragraphs = text["body"].replace("\r\n", "\n").split("\n\n")
    found = (" ".join(part.split()) for part in (text["title"], text["summary"], *paragraphs))
    return [segment for segment in found if segment]


def text_changes(before: Mapping[str, str], now: Mapping[str, str]) -> list[SourceChange]:
    """Return the passages of a text that are other than they were; one that only moved has not changed.

    What is gone and what is new at the same place stand side by side.
    """
    old, new = segments(before), segments(now)
    had, has = set(old), set(new)
    found = []
    for _tag, since, until, start, stop in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        gone = [segment for segment in old[since:until] if segment not in has]
        come = [segment for segment in new[start:stop] if segment not in had]
        found += [SourceChange("text", *pair) for pair in zip_longest(gone, come, fillvalue="")]
    return found


def fact_changes(
    before: Sequence[Mapping[str, Any]], now: Sequence[Mapping[str, Any]], *, locale: Locale
) -> list[SourceChange]:
    """Return the facts that say something else than they did."""

    def said(facts: Sequence[Mapping[str, Any]]) -> dict[str, str]:
        return {str(fact["key"]): fact["text"].get(locale) or fact["text"].get(Locale.HANS, "") for fact in facts}

    old, new = said(before), said(now)
    return [
        SourceChange("fact", old.get(key, ""), new.get(key, ""))
        for key in {**old, **new}
        if old.get(key, "") != new.get(key, "")
    ]
