"""A quiz: which questions it asks and how it is taken; and the instrument, in which all of that is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from portal.core.settings import Audience, Locale
from portal.quizzes.rules.items import Difficulty, Item, from_plain, to_plain, voice_key


class Feedback(StrEnum):
    """When the key is told."""

    AT_ONCE = "at_once"
    """After each answer, which can then not be changed."""
    AT_END = "at_end"


class Layout(StrEnum):
    """How the questions stand on pages."""

    ONE = "one"
    ALL = "all"


class Counts(StrEnum):
    """Which of several attempts counts."""

    BEST = "best"
    LAST = "last"
    FIRST = "first"


@dataclass(frozen=True, slots=True)
class Pool:
    """Questions to draw at random, none twice; `difficulty` None: any."""

    topic: str
    count: int
    difficulty: Difficulty | None = None


@dataclass(frozen=True, slots=True)
class Slot:
    """A question of a quiz, or several drawn from a pool; each is worth `points`."""

    item: str = ""
    pool: Pool | None = None
    points: float = 1.0
    control: bool = False
    """A question that the lecture does not teach: what is gained here comes from being asked twice."""


@dataclass(frozen=True, slots=True)
class QuizVoice:
    """Title and introduction for one audience; empty: as in the base."""

    title: str = ""
    intro: str = ""


@dataclass(frozen=True, slots=True)
class Quiz:
    """What staff decide about a quiz."""

    slug: str
    title: str
    slots: tuple[Slot, ...]
    intro: str = ""
    topic: str = ""
    article: str = ""
    feedback: Feedback = Feedback.AT_ONCE
    layout: Layout = Layout.ONE
    shuffle: bool = False
    """Ask the questions in a random order."""
    attempts: int = 0
    """How often one person may take it; 0: as often as they like."""
    counts: Counts = Counts.BEST
    minutes: int = 0
    """Time limit; 0: none. Never applied in the edition for the elderly."""
    pass_percent: int = 60
    certainty: bool = False
    """Ask how sure the person is, and mark by it."""
    form: str = ""
    """`A` or `B` of a pair of equivalent forms for before and after a lecture."""
    pair: str = ""
    """The name that both forms of a pair share."""
    voices: Mapping[str, QuizVoice] = field(default_factory=dict)

    @property
    def tells_at_once(self) -> bool:
        """Whether the key is told after each answer; with all questions on one page it is told at the end."""
        return self.feedback is Feedback.AT_ONCE and self.layout is Layout.ONE

    def time_limit(self, audience: Audience) -> int:
        """Return the minutes allowed, 0: no limit. Nobody hurries the elderly (WCAG 2.2, 2.2.1 and 2.2.3)."""
        return 0 if audience is Audience.ELDERLY else self.minutes

    def words(self, *, audience: Audience, locale: Locale) -> tuple[QuizVoice, Locale]:
        """Return title and introduction for one audience in one language, and the language they are really in."""
        base = QuizVoice(self.title, self.intro)
        if locale is not Locale.HANS:
            everybody = self.voices.get(voice_key(Audience.GENERAL, locale))
            own = self.voices.get(voice_key(audience, locale))
            if everybody or own:
                return _said(_said(base, everybody), own), locale
        return _said(base, self.voices.get(voice_key(audience, Locale.HANS))), Locale.HANS


def _said(words: QuizVoice, voice: QuizVoice | None) -> QuizVoice:
    return QuizVoice(voice.title or words.title, voice.intro or words.intro) if voice else words


@dataclass(frozen=True, slots=True)
class Instrument:
    """A quiz with every question that it can ask, as they stood at one moment: never changed afterwards."""

    quiz: Quiz
    items: Mapping[str, Item]
    pools: Mapping[int, tuple[str, ...]]
    """By the index of the slot: the names that can be drawn."""


# --- as plain values ----------------------------------------------------------------------------------------------


def quiz_to_plain(quiz: Quiz) -> dict[str, Any]:
    """Return the quiz as plain values; what has its default is left out."""
    plain: dict[str, Any] = {"slug": quiz.slug, "title": quiz.title}
    default = Quiz(slug="", title="", slots=())
    for name in ("intro", "topic", "article", "feedback", "layout", "shuffle", "attempts", "counts", "minutes"):
        _add(plain, name, getattr(quiz, name), getattr(default, name))
    for name in ("pass_percent", "certainty", "form", "pair"):
        _add(plain, name, getattr(quiz, name), getattr(default, name))
    plain["slots"] = [_slot_to_plain(slot) for slot in quiz.slots]
    if quiz.voices:
        plain["voices"] = {
            key: {name: text for name, text in (("title", voice.title), ("intro", voice.intro)) if text}
            for key, voice in quiz.voices.items()
        }
    return plain


def _add(plain: dict[str, Any], name: str, value: Any, default: Any) -> None:
    if value != default:
        plain[name] = value.value if isinstance(value, StrEnum) else value


def _slot_to_plain(slot: Slot) -> dict[str, Any]:
    plain: dict[str, Any] = {}
    if slot.pool is not None:
        pool: dict[str, Any] = {"topic": slot.pool.topic, "count": slot.pool.count}
        _add(pool, "difficulty", slot.pool.difficulty, None)
        plain["pool"] = pool
    else:
        plain["item"] = slot.item
    _add(plain, "points", slot.points, 1.0)
    _add(plain, "control", slot.control, False)
    return plain


def quiz_from_plain(plain: Mapping[str, Any]) -> Quiz:
    """Return the quiz that `quiz_to_plain` was given."""
    return Quiz(
        slug=plain["slug"],
        title=plain["title"],
        slots=tuple(_slot_from_plain(slot) for slot in plain["slots"]),
        intro=plain.get("intro", ""),
        topic=plain.get("topic", ""),
        article=plain.get("article", ""),
        feedback=Feedback(plain.get("feedback", Feedback.AT_ONCE)),
        layout=Layout(plain.get("layout", Layout.ONE)),
        shuffle=plain.get("shuffle", False),
        attempts=plain.get("attempts", 0),
        counts=Counts(plain.get("counts", Counts.BEST)),
        minutes=plain.get("minutes", 0),
        pass_percent=plain.get("pass_percent", 60),
        certainty=plain.get("certainty", False),
        form=plain.get("form", ""),
        pair=plain.get("pair", ""),
        voices={
            key: QuizVoice(voice.get("title", ""), voice.get("intro", ""))
            for key, voice in plain.get("voices", {}).items()
        },
    )


def _slot_from_plain(plain: Mapping[str, Any]) -> Slot:
    pool = plain.get("pool")
    difficulty = pool.get("difficulty") if pool else None
    return Slot(
        item=plain.get("item", ""),
        pool=Pool(pool["topic"], pool["count"], Difficulty(difficulty) if difficulty else None) if pool else None,
        points=float(plain.get("points", 1)),
        control=plain.get("control", False),
    )


def instrument_to_plain(instrument: Instrument) -> dict[str, Any]:
    """Return the instrument as plain values, for storing."""
    return {
        "quiz": quiz_to_plain(instrument.quiz),
        "items": [to_plain(item) for item in instrument.items.values()],
        "pools": {str(place): list(names) for place, names in instrument.pools.items()},
    }


def instrument_from_plain(plain: Mapping[str, Any]) -> Instrument:
    """Return the instrument that `instrument_to_plain` was given."""
    items = [from_plain(item) for item in plain["items"]]
    return Instrument(
        quiz=quiz_from_plain(plain["quiz"]),
        items={item.name: item for item in items},
        pools={int(place): tuple(names) for place, names in plain["pools"].items()},
    )
