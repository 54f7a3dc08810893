"""Which edition is shown when the one that was asked for does not exist."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from portal.reference.rules import Audience, Locale


@dataclass(frozen=True, slots=True)
class Choice:
    """The edition to show, and what the page has to say about it."""

    audience: Audience
    locale: Locale
    """The edition's own language."""
    converted: bool
    """zh-Hans text is shown in zh-Hant characters."""
    other_audience: bool
    """It was not written for the audience that was asked for."""
    other_language: bool
    """It is in another language than was asked for (a converted script is not another language)."""


def choose(available: Collection[tuple[str, str]], *, audience: Audience, locale: Locale) -> Choice | None:
    """Return the best of the `available` (audience, locale) pairs, or None when nothing can stand in.

    The reader's own edition comes first. A missing audience falls back to the general edition; zh-Hant is converted
    from zh-Hans of the same audience before another audience is tried; English tries the general English edition
    before any Chinese one, because a text for everybody helps more than one in a language that one cannot read.
    """
    source = Locale.HANS if locale is Locale.HANT else locale
    order = [(audience, locale), (audience, source), (Audience.GENERAL, locale), (Audience.GENERAL, source)]
    order += [(audience, Locale.HANS), (Audience.GENERAL, Locale.HANS)]
    for found in order:
        if found in available:
            return Choice(
                audience=found[0],
                locale=found[1],
                converted=locale is Locale.HANT and found[1] is Locale.HANS,
                other_audience=found[0] is not audience,
                other_language=found[1] is not locale and not (locale is Locale.HANT and found[1] is Locale.HANS),
            )
    return None
