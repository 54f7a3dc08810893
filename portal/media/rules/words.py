"""What must be said about a file before the public may see it."""

from __future__ import annotations

from dataclasses import dataclass, replace

from portal.core.settings import DEFAULT_LOCALE, Locale
from portal.media.rules.kinds import Kind

LONGEST = {"title": 120, "alt": 300, "caption": 500, "source": 200, "licence": 120, "transcript": 40_000}
"""Characters of each text."""


@dataclass(frozen=True, slots=True)
class Words:
    """Everything that is said about one file."""

    title: str
    source: str
    licence: str
    locale: Locale = DEFAULT_LOCALE
    alt: str = ""
    decorative: bool = False
    caption: str = ""
    ai_generated: bool = False
    transcript: str = ""
    captions: str = ""


def wanting(kind: Kind, words: Words) -> list[str]:
    """Return the names of the texts that a file of `kind` cannot be without, in the order of the form.

    `alt` is wanting as well where a picture is said to be decorative and described all the same.
    """
    named = {name: bool(getattr(words, name).strip()) for name in ("title", "source", "licence")}
    if kind is Kind.PICTURE:
        named["alt"] = bool(words.alt.strip()) != words.decorative
    else:
        named["transcript"] = bool(words.transcript.strip())
    if kind is Kind.VIDEO:
        named["captions"] = bool(words.captions.strip())
    return [name for name in ("title", "alt", "source", "licence", "transcript", "captions") if not named.get(name, 1)]


def fitting(kind: Kind, words: Words) -> Words:
    """Return `words` without those that a file of `kind` has no place for."""
    if kind is Kind.PICTURE:
        return replace(words, transcript="", captions="")
    return replace(words, alt="", decorative=False, captions=words.captions if kind is Kind.VIDEO else "")
