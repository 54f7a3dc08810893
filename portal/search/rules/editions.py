"""Which edition of an article stands for it in the results of a reader."""

from __future__ import annotations

from collections.abc import Collection, Iterator

AUDIENCES = ("general", "elderly", "youth", "new-resident")
LOCALES = ("zh-Hans", "zh-Hant", "en")
GENERAL = "general"
HANS = "zh-Hans"
HANT = "zh-Hant"


def document_key(slug: str, audience: str, locale: str) -> str:
    """Return the key of an edition's document."""
    return f"{slug}/{audience}/{locale}"


def choices(audience: str, locale: str) -> Iterator[tuple[str, str]]:
    """Yield the editions (audience, locale) that may stand for an article, best first.

    Traditional characters are made from simplified ones without loss, so for zh-Hant the reader's own edition in
    simplified characters comes before a general one in traditional characters. An English reader gets any English
    edition that is allowed before a Chinese one.
    """
    audiences = (audience,) if audience == GENERAL else (audience, GENERAL)
    if locale == HANT:
        yield from ((who, tongue) for who in audiences for tongue in (HANT, HANS))
    else:
        for tongue in (locale,) if locale == HANS else (locale, HANS):
            yield from ((who, tongue) for who in audiences)


def serves(present: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[str]]:
    """Return, for each published edition of one article, the readers whom it serves, as `audience.locale`.

    Each reader is served by at most one edition of an article, so no result shows an article twice.
    """
    served: dict[tuple[str, str], list[str]] = {edition: [] for edition in present}
    for audience in AUDIENCES:
        for locale in LOCALES:
            best = next((choice for choice in choices(audience, locale) if choice in served), None)
            if best is not None:
                served[best].append(reader(audience, locale))
    return served


def reader(audience: str, locale: str) -> str:
    """Return the name of a kind of reader in the index."""
    return f"{audience}.{locale}"


def article_path(slug: str, audience: str, locale: str) -> str:
    """Return the public address of an edition."""
    tongue = "" if locale == HANS else f"/{locale}"
    who = "" if audience == GENERAL else f"/{audience}"
    return f"{tongue}{who}/articles/{slug}"
