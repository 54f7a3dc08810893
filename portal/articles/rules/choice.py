"""Which edition is shown when the one that was asked for does not exist."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from functools import cache

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
    for found, choice in _choices(audience, locale):
        if found in available:
            return choice
    return None


@cache
def _choices(audience: Audience, locale: Locale) -> tuple[tuple[tuple[Audience, Locale], Choice], ...]:
    """Return what may be shown to one kind of reader, best first; every page asks this for itself and its links."""
    return tuple((found, _choice(found, audience, locale)) for found in edition_order(audience, locale))


def _choice(found: tuple[Audience, Locale], audience: Audience, locale: Locale) -> Choice:
    converted = locale is Locale.HANT and found[1] is Locale.HANS
    return Choice(
        audience=found[0],
        locale=found[1],
        converted=converted,
        other_audience=found[0] is not audience,
        other_language=found[1] is not locale and not converted,
    )
