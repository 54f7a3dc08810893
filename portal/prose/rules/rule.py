"""What a rule of the compliance lint is, and what it found."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.prose.rules.phrases import Classes, Phrase, class_names, phrase
from portal.prose.rules.text import Part


class Level(StrEnum):
    """Whether a finding keeps a text from being submitted."""

    WARN = "warn"
    BLOCK = "block"


class Group(StrEnum):
    """What a rule is about."""

    PROMISES = "A"
    SUPERLATIVES = "B"
    MARKETING = "C"
    BLACK_MARKET = "D"
    PERSONAL_DATA = "E"
    HOTLINES = "F"
    STALE_FACTS = "G"
    DIGNITY = "H"
    HARM = "I"
    REQUIRED = "J"


class Context(StrEnum):
    """Where words of a rule may stand after all."""

    WARNED = "warned"
    """Where a scammer is quoted, or the sentence warns against them."""
    DENIED = "denied"
    """Inside scam talk, and where the sentence denies or disowns them; a warning of fraud is not enough."""
    SCAM_TALK = "scam-talk"
    """Only inside scam talk."""
    NOWHERE = "nowhere"


DETECTORS = (
    "id-number",
    "card-number",
    "mobile-number",
    "home-address",
    "full-name",
    "unknown-hotline",
    "hotline-purpose",
    "deposit-insurance-cap",
    "law-year",
    "live-link",
    "outside-link",
    "review-date",
    "risk-notice",
    "hotline-present",
    "stop-ask-act",
    "source-present",
    "ai-label",
    "facts-equal",
    "editions-present",
    "likeness",
)
"""Checks that need more than words; a rule of `lint.yaml` names one of them."""

LawYears = Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, as `lint.yaml` states it; texts are by locale."""

    id: str
    group: Group
    level: Level
    name: Mapping[str, str]
    law: Mapping[str, str]
    why: Mapping[str, str]
    suggestion: Mapping[str, str]
    phrases: tuple[Phrase, ...] = ()
    unless: tuple[Phrase, ...] = ()
    context: Context = Context.WARNED
    detector: str = ""
    titles: bool = False
    """The words may stand in titles, between 《 and 》."""
    sourced: bool = False
    """The words may stand in a sentence that names its source."""
    topics: tuple[str, ...] = ()
    """Only articles on these topics; empty: all."""
    years: LawYears = field(default_factory=dict)
    purposes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Of each number, the words that say what it is there for."""


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong, where, by which rule. Personal data in `passage` and `sentence` are masked."""

    rule: Rule
    part: Part
    line: int
    start: int
    end: int
    """Characters of the part's source, from its beginning; 0 to 0 where something is missing."""
    passage: str
    sentence: str

    @property
    def level(self) -> Level:
        """The rule's level."""
        return self.rule.level

    @property
    def key(self) -> str:
        """A name that stays the same while the sentence does: a waiver is kept under it."""
        said = "\n".join((self.rule.id, self.part.value, self.passage, self.sentence))
        return hashlib.sha256(said.encode()).hexdigest()[:20]


def rule(row: Mapping[str, Any], classes: Classes) -> Rule:
    """Make a rule of a stored row and of the classes that it names (see `portal.reference.rules.lists.read_lint`)."""

    def ready(word: str) -> Phrase:
        return phrase(word, tuple((name, classes[name]) for name in class_names(word)))

    return Rule(
        id=row["id"],
        group=Group(row["group"]),
        level=Level(row["level"]),
        name=row["name"],
        law=row["law"],
        why=row["why"],
        suggestion=row["suggestion"],
        phrases=tuple(ready(word) for words in row.get("words", {}).values() for word in words),
        unless=tuple(ready(word) for word in row.get("unless", ())),
        context=Context(row.get("context") or Context.WARNED),
        detector=row.get("detector", ""),
        titles="titles" in row.get("allowed", ()),
        sourced="sourced" in row.get("allowed", ()),
        topics=tuple(row.get("topics", ())),
        years={law: tuple(years) for law, years in row.get("years", {}).items()},
        purposes={number: tuple(words) for number, words in row.get("purposes", {}).items()},
    )
