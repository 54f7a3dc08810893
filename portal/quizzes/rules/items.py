"""A question (item): what it asks, its key, how it is marked, and how it is worded for each audience.

The base wording is the general one in zh-Hans. A *voice* says parts of it otherwise for one audience (`elderly`) or one
audience in one language (`general.en`); what a voice leaves out is said as in the base. The key is the same in all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from portal.core.settings import Audience, Locale


class Kind(StrEnum):
    """What sort of question it is; the value is also the type in every listing and file."""

    SINGLE_CHOICE = "single_choice"
    MULTIPLE_CHOICE = "multiple_choice"
    TRUE_FALSE = "true_false"
    SHORT_ANSWER = "short_answer"
    NUMERIC = "numeric"
    MATCHING = "matching"
    ORDERING = "ordering"
    JUDGEMENT = "judgement"
    """Is the message, call or picture shown a scam, genuine, or can one not be sure?"""
    ESSAY = "essay"
    DESCRIPTION = "description"
    """A text between questions; nothing is answered."""


CHOICES = frozenset({Kind.SINGLE_CHOICE, Kind.MULTIPLE_CHOICE, Kind.TRUE_FALSE, Kind.JUDGEMENT})
UNMARKED = frozenset({Kind.ESSAY, Kind.DESCRIPTION})
"""Kinds that no rule can mark; a quiz for the public takes none of them."""


class Marking(StrEnum):
    """How the chosen options become a share of the mark; `portal.quizzes.rules.marking` holds the arithmetic."""

    SHORT_HALF = "short_half"
    """The Chinese default for multiple choice: all right ones 1, some of them ½, any wrong one 0."""
    EXACT = "exact"
    """All right ones and no other: 1; anything else: 0."""
    RIGHT_SHARE = "right_share"
    """Each right one its share; wrong ones cost nothing."""
    WRONG_HALF = "wrong_half"
    """Each right one its share; each wrong one costs ½."""
    WRONG_ALL = "wrong_all"
    """Each right one its share; one wrong one costs everything."""
    RIGHT_MINUS_WRONG = "right_minus_wrong"
    """Right ones less wrong ones, as a share of all right ones."""
    EVERY_DECISION = "every_decision"
    """Each option rightly chosen or rightly left counts."""
    HALVES = "halves"
    """One mistake ½, two ¼, more 0."""
    WEIGHTS = "weights"
    """Each option its own weight, as written beside it; weights below 0 take marks away."""


MARKINGS: dict[Kind, tuple[Marking, ...]] = {
    Kind.MULTIPLE_CHOICE: tuple(Marking),
    Kind.MATCHING: (Marking.RIGHT_SHARE, Marking.EXACT),
    Kind.ORDERING: (Marking.RIGHT_SHARE, Marking.EXACT),
}
"""The rules that a kind of question can be marked by, the default first; every other kind: WEIGHTS."""


def markings(kind: Kind) -> tuple[Marking, ...]:
    """Return the rules that `kind` can be marked by, the default first."""
    return MARKINGS.get(kind, (Marking.WEIGHTS,))


class Difficulty(StrEnum):
    """How hard the author means it to be."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Medium(StrEnum):
    """What a judgement question shows."""

    SMS = "sms"
    CHAT = "chat"
    MAIL = "mail"
    CALL = "call"
    """The transcript of a telephone call, a line for each turn, as `who: words`."""
    PAGE = "page"
    PICTURE = "picture"


SCAM, GENUINE, UNSURE = "scam", "genuine", "unsure"
"""The options of a judgement question."""
TRUE, FALSE = "true", "false"
"""The options of a true/false question."""


@dataclass(frozen=True, slots=True)
class Option:
    """One possible answer.

    Short answer: a pattern (`*`: anything). Numeric: a number with its `tolerance`. Matching: `text` is the left side
    and `match` the right one; an empty left side is a distractor. Ordering: the options stand in the right order.
    """

    id: str
    """The same in all voices."""
    text: str
    fraction: float = 0.0
    """Share of the mark, from -1 to 1."""
    feedback: str = ""
    match: str = ""
    tolerance: float = 0.0

    @property
    def is_right(self) -> bool:
        """Whether choosing it is right, at least in part."""
        return self.fraction > 0


@dataclass(frozen=True, slots=True)
class Stimulus:
    """The message, transcript or picture that is to be judged."""

    medium: Medium
    text: str = ""
    sender: str = ""
    picture: str = ""
    """The key of a picture of the media shelf, which holds its alternative text."""


@dataclass(frozen=True, slots=True)
class Voice:
    """What is said otherwise for one audience; empty: as in the base."""

    stem: str = ""
    explanation: str = ""
    stimulus: str = ""
    options: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """By option: any of `text`, `feedback` and `match`."""


@dataclass(frozen=True, slots=True)
class Item:
    """A question in all its voices."""

    name: str
    """Its lasting key: small letters, digits and single hyphens."""
    kind: Kind
    stem: str
    options: tuple[Option, ...] = ()
    explanation: str = ""
    """Shown with the answer, whatever was answered."""
    marking: Marking = Marking.WEIGHTS
    title: str = ""
    """A short name for staff; empty: the beginning of the stem."""
    topic: str = ""
    difficulty: Difficulty = Difficulty.MEDIUM
    article: str = ""
    """The slug of the article that teaches it."""
    category: str = ""
    """The path that an imported file named, such as `防骗/短信`."""
    shuffle: bool = True
    case_sensitive: bool = False
    form: str = "plain"
    """How the texts are marked up: plain, moodle, html or markdown (kept from an imported file)."""
    stimulus: Stimulus | None = None
    source: str = ""
    """Where the fact is from, when no article says it."""
    checked_on: str = ""
    tags: tuple[str, ...] = ()
    """Words that an imported file files it under."""
    voices: Mapping[str, Voice] = field(default_factory=dict)
    """By `audience` (zh-Hans) or `audience.locale`."""

    def option(self, key: str) -> Option | None:
        """Return an option by its id."""
        return next((option for option in self.options if option.id == key), None)

    @property
    def label(self) -> str:
        """What staff call it."""
        return self.title or self.stem[:40] or self.name


def voice_key(audience: Audience, locale: Locale) -> str:
    """Return the key of a voice."""
    return audience.value if locale is Locale.HANS else f"{audience.value}.{locale.value}"


def wording(item: Item, *, audience: Audience, locale: Locale) -> tuple[Item, Locale]:
    """Return the item as it is said to one audience in one language, and the language it is really in.

    Nearest first: the audience in the language, everybody in the language; then the audience in zh-Hans. A text in
    zh-Hans is still to be converted for readers of zh-Hant.
    """
    if locale is not Locale.HANS:
        found = item.voices.get(voice_key(audience, locale)) or item.voices.get(voice_key(Audience.GENERAL, locale))
        if found is not None:
            base = item.voices.get(voice_key(Audience.GENERAL, locale))
            return _said(_said(item, base), found), locale
    return _said(item, item.voices.get(voice_key(audience, Locale.HANS))), Locale.HANS


def _said(item: Item, voice: Voice | None) -> Item:
    if voice is None:
        return item
    options = tuple(_option_said(option, voice.options.get(option.id, {})) for option in item.options)
    stimulus = item.stimulus
    if stimulus is not None and voice.stimulus:
        stimulus = replace(stimulus, text=voice.stimulus)
    return replace(
        item,
        stem=voice.stem or item.stem,
        explanation=voice.explanation or item.explanation,
        stimulus=stimulus,
        options=options,
    )


def _option_said(option: Option, said: Mapping[str, str]) -> Option:
    return replace(
        option,
        text=said.get("text") or option.text,
        feedback=said.get("feedback") or option.feedback,
        match=said.get("match") or option.match,
    )


# --- as plain values, for storing and for files -------------------------------------------------------------------


def to_plain(item: Item) -> dict[str, Any]:
    """Return the item as plain values (text, numbers, lists, mappings); what has its default is left out."""
    plain: dict[str, Any] = {"name": item.name, "type": item.kind.value}
    for name, value, default in (
        ("title", item.title, ""),
        ("topic", item.topic, ""),
        ("difficulty", item.difficulty.value, Difficulty.MEDIUM.value),
        ("article", item.article, ""),
        ("category", item.category, ""),
        ("source", item.source, ""),
        ("checked_on", item.checked_on, ""),
        ("marking", item.marking.value, markings(item.kind)[0].value),
        ("shuffle", item.shuffle, True),
        ("case_sensitive", item.case_sensitive, False),
        ("form", item.form, "plain"),
    ):
        if value != default:
            plain[name] = value
    if item.tags:
        plain["tags"] = list(item.tags)
    if item.stimulus is not None:
        plain["stimulus"] = _filled(
            medium=item.stimulus.medium.value,
            sender=item.stimulus.sender,
            text=item.stimulus.text,
            picture=item.stimulus.picture,
        )
    plain["stem"] = item.stem
    if item.options:
        plain["options"] = [
            _filled(
                id=option.id,
                text=option.text,
                match=option.match,
                fraction=option.fraction,
                tolerance=option.tolerance,
                feedback=option.feedback,
            )
            for option in item.options
        ]
    if item.explanation:
        plain["explanation"] = item.explanation
    if item.voices:
        plain["voices"] = {
            key: _filled(
                stem=voice.stem,
                stimulus=voice.stimulus,
                options={name: dict(texts) for name, texts in voice.options.items() if texts},
                explanation=voice.explanation,
            )
            for key, voice in item.voices.items()
        }
    return plain


def _filled(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value or name in ("id", "medium")}


def from_plain(plain: Mapping[str, Any]) -> Item:
    """Return the item that `to_plain` was given; the values have been checked when they were stored."""
    kind = Kind(plain["type"])
    stimulus = plain.get("stimulus")
    return Item(
        name=plain["name"],
        kind=kind,
        stem=plain["stem"],
        options=tuple(
            Option(
                id=option["id"],
                text=option.get("text", ""),
                fraction=float(option.get("fraction", 0)),
                feedback=option.get("feedback", ""),
                match=option.get("match", ""),
                tolerance=float(option.get("tolerance", 0)),
            )
            for option in plain.get("options", ())
        ),
        explanation=plain.get("explanation", ""),
        marking=Marking(plain.get("marking", markings(kind)[0])),
        title=plain.get("title", ""),
        topic=plain.get("topic", ""),
        difficulty=Difficulty(plain.get("difficulty", Difficulty.MEDIUM)),
        article=plain.get("article", ""),
        category=plain.get("category", ""),
        shuffle=plain.get("shuffle", True),
        case_sensitive=plain.get("case_sensitive", False),
        form=plain.get("form", "plain"),
        stimulus=Stimulus(
            medium=Medium(stimulus["medium"]),
            text=stimulus.get("text", ""),
            sender=stimulus.get("sender", ""),
            picture=stimulus.get("picture", ""),
        )
        if stimulus
        else None,
        source=plain.get("source", ""),
        checked_on=plain.get("checked_on", ""),
        tags=tuple(plain.get("tags", ())),
        voices={
            key: Voice(
                stem=voice.get("stem", ""),
                explanation=voice.get("explanation", ""),
                stimulus=voice.get("stimulus", ""),
                options=voice.get("options", {}),
            )
            for key, voice in plain.get("voices", {}).items()
        },
    )
