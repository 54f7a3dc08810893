"""Which edition is shown when the one that was asked for does not exist."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from portal.core.settings import Audience, Locale, edition_order


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

    The order is that of `edition_order`, so search shows the edition that the address then opens.
    """
    for found in edition_order(audience, locale):
        if found in available:
            return Choice(
                audience=found[0],
                locale=found[1],
                converted=locale is Locale.HANT and found[1] is Locale.HANS,
                other_audience=found[0] is not audience,
                other_language=found[1] is not locale and not (locale is Locale.HANT and found[1] is Locale.HANS),
            )
    return None
