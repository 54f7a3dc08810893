"""Which edition of an article stands for it in the results of a reader."""

from __future__ import annotations

from collections.abc import Collection

from portal.core.settings import AUDIENCES, LOCALES, Audience, Locale, address, edition_order

Edition = tuple[str, str]
"""(audience, locale)."""


def document_key(slug: str, audience: str, locale: str) -> str:
    """Return the key of an edition's document."""
    return f"{slug}/{audience}/{locale}"


def choices(audience: str, locale: str) -> tuple[Edition, ...]:
    """Return the editions that may stand for an article, best first.

    Raises:
        ValueError: there is no such audience or locale.

    """
    return edition_order(Audience(audience), Locale(locale))


def serves(present: Collection[Edition]) -> dict[Edition, list[str]]:
    """Return, for each published edition of one article, the readers whom it serves, as `audience.locale`.

    Each reader is served by at most one edition of an article, so no result shows an article twice.
    """
    served: dict[Edition, list[str]] = {edition: [] for edition in present}
    for audience in AUDIENCES:
        for locale in LOCALES:
            best = next((choice for choice in edition_order(audience, locale) if choice in served), None)
            if best is not None:
                served[best].append(reader(audience, locale))
    return served


def reader(audience: str, locale: str) -> str:
    """Return the name of a kind of reader in the index."""
    return f"{audience}.{locale}"


def article_path(slug: str, audience: str, locale: str) -> str:
    """Return the public address of an edition."""
    return address(f"/articles/{slug}", audience=audience, locale=locale)
