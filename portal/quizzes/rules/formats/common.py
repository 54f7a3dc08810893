"""What all formats share: what reading a file comes to, the caps, Moodle's weights, and keys for foreign questions."""

from __future__ import annotations

import gc
import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from enum import StrEnum

from portal.core.errors import Said
from portal.quizzes.rules.items import CHOICES, FALSE, TRUE, Item, Kind, Marking, Option
from portal.quizzes.rules.soundness import ItemProblem, problems

MAX_BYTES = 16_000_000
"""Of a file, and of everything in a zip file together. 5,000 questions of 3 KB each fit."""
MAX_LINES = 400_000
MAX_QUESTIONS = 20_000
MAX_QUESTION = 1_000_000
"""Characters of one question as it is written."""
MAX_OPTIONS = 100
MAX_WARNINGS = 10_000


class Format(StrEnum):
    """A way to write questions down."""

    GIFT = "gift"
    AIKEN = "aiken"
    MOODLE_XML = "moodle-xml"
    QTI = "qti"
    YAML = "yaml"
    CSV = "csv"


@contextmanager
def collecting_later() -> Iterator[None]:
    """Let a large tree grow without looking through it for garbage again and again: that took most of the time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


class Refused(Exception):
    """The file cannot be read at all; carries the line (0: the file as a whole) and the reason."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line
        self.reason = reason


class Unreadable(Exception):
    """One question cannot be read; carries the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def together(reasons: Iterable[str]) -> str:
    """Return several sentences as one text that can be said in other languages, each sentence once."""
    first, *others = dict.fromkeys(reasons)
    for other in others:
        first = Said("%(first)s %(other)s", first=first, other=other)
    return first


def placed(reason: str, *, file: str) -> str:
    """Return a sentence with the name of the file that it is about, where there are several."""
    return Said("%(file)s: %(reason)s", file=file, reason=reason) if file else reason


@dataclass(frozen=True, slots=True)
class Note:
    """An error or a warning: where, and what, as a sentence."""

    line: int
    reason: str


@dataclass(frozen=True, slots=True)
class Found:
    """A question of the file, or an entry that only names the category of what follows (`item` None)."""

    line: int
    name: str
    """As the file says it; else as it would be called in a list."""
    item: Item | None
    category: str = ""


@dataclass(slots=True)
class Reading:
    """What a file holds. Questions that could not be read are among the errors, the others were read whole."""

    format: Format
    found: list[Found] = field(default_factory=list)
    errors: list[Note] = field(default_factory=list)
    warnings: list[Note] = field(default_factory=list)
    refused: bool = False
    """Nothing could be read at all; the one error says why."""

    @property
    def items(self) -> list[Item]:
        """The questions, without the entries that name a category."""
        return [one.item for one in self.found if one.item is not None]

    def fail(self, line: int, reason: str) -> None:
        """Note that something could not be read."""
        self.errors.append(Note(line, reason))
        self._bound()

    def warn(self, line: int, reason: str) -> None:
        """Note that something was read, but perhaps not as it was meant."""
        if len(self.warnings) < MAX_WARNINGS:
            self.warnings.append(Note(line, reason))
        elif len(self.warnings) == MAX_WARNINGS:
            more = Said("There are more than %(most)s warnings; these are the first.", most=f"{MAX_WARNINGS:,}")
            self.warnings.append(Note(line, more))

    def _bound(self) -> None:
        if len(self.found) + len(self.errors) > MAX_QUESTIONS:
            raise Refused(
                0,
                Said(
                    "The file has too many questions: at most %(most)s are taken. Split it.", most=f"{MAX_QUESTIONS:,}"
                ),
            )

    def categorise(self, line: int, path: str) -> None:
        """Note an entry that names the category of what follows."""
        self.found.append(Found(line, path, None, path))
        self._bound()

    def take(self, line: int, item: Item, *, name: str = "") -> None:
        """Note a question, and warn of what makes its key doubtful."""
        self.found.append(Found(line, name or item.title or item.name, item, item.category))
        self._bound()
        for problem in problems(item):
            if problem in DOUBTFUL:
                self.warn(line, DOUBTFUL[problem])


DOUBTFUL = {
    ItemProblem.NO_STEM: Said("The question has no text."),
    ItemProblem.NO_RIGHT_OPTION: Said("No answer is right."),
    ItemProblem.NO_FULL_MARK: Said("No answer is worth the whole mark."),
    ItemProblem.SEVERAL_FULL_MARKS: Said("One answer is to be chosen, but several are worth the whole mark."),
    ItemProblem.FULL_MARK_OUT_OF_REACH: Said("All right answers together are worth less than the whole mark."),
    ItemProblem.TOO_FEW_OPTIONS: Said("The question has fewer than two answers to choose from."),
    ItemProblem.TOO_FEW_PAIRS: Said("The question has fewer than two pairs."),
    ItemProblem.TOO_FEW_TO_ORDER: Said("The question has fewer than two things to put in order."),
    ItemProblem.SAME_OPTION_TWICE: Said("Two answers have the same text."),
    ItemProblem.EMPTY_OPTION: Said("An answer has no text."),
    ItemProblem.TOO_LONG: Said(
        "A text is longer than can be stored; it must be shortened before the question is used."
    ),
}
"""Problems that are told when a file is read: what is only missing for a quiz of ours is told at the desk."""


# --- weights ------------------------------------------------------------------------------------------------------

_SHARES = (
    *(1.0, 0.9, 0.8333333, 0.8, 0.75, 0.7, 0.6666667, 0.6, 0.5, 0.4, 0.3333333, 0.3, 0.25, 0.2, 0.1666667, 0.1428571),
    *(0.125, 0.1111111, 0.1, 0.05),
)
WEIGHTS = (*_SHARES, 0.0, *(-share for share in _SHARES))
"""The weights that Moodle knows."""


def nearest(value: float) -> float:
    """Return the weight of Moodle's list that is nearest."""
    return min(WEIGHTS, key=lambda weight: abs(weight - value))


def weight(percent: str, *, take_nearest: bool) -> float:
    """Return a weight written in percent as Moodle knows it.

    Raises:
        Unreadable: it is no number, or too far from all weights that there are.
    """
    try:
        value = float(percent) / 100
    except ValueError:
        raise Unreadable(Said("The weight %(percent)s%% is not a number.", percent=percent)) from None
    close = nearest(value)
    if not take_nearest and not abs(close - value) <= 1e-5:
        hint = f"{close * 100:.5f}".rstrip("0").rstrip(".")
        raise Unreadable(
            Said(
                "The weight %(percent)s%% is none that Moodle knows; the nearest is %(hint)s%%.",
                percent=percent,
                hint=hint,
            )
        )
    return close


def percent_of(fraction: float) -> str:
    """Return a share as percent, as Moodle writes it."""
    return f"{round(fraction * 100, 5):.5f}".rstrip("0").rstrip(".") or "0"


# --- keys ---------------------------------------------------------------------------------------------------------

_NOT_KEY = re.compile(r"[^a-z0-9]+")


def digest(*texts: str) -> str:
    """Return a short digest of texts."""
    return hashlib.sha256("\0".join(texts).encode("utf-8", "surrogatepass")).hexdigest()[:10]


def key_of(title: str, stem: str, *more: str) -> str:
    """Return a lasting key for a question that has none: the same title and text have the same key."""
    words = _NOT_KEY.sub("-", title.lower()[:200]).strip("-")[:50].strip("-")
    return f"{words or 'q'}-{digest(title, stem, *(() if title or stem else more))}"


def option_id(place: int) -> str:
    """Return the id of an option by its place: a, b, … z, o27, …"""
    return chr(ord("a") + place) if place < 26 else f"o{place + 1}"


def truth_options(right: str, *, wrong_feedback: str = "", right_feedback: str = "") -> tuple[Option, Option]:
    """Return the options of a true/false question."""

    def option(key: str, text: str) -> Option:
        is_right = key == right
        return Option(key, text, float(is_right), right_feedback if is_right else wrong_feedback)

    return option(TRUE, TRUE_TEXT), option(FALSE, FALSE_TEXT)


TRUE_TEXT, FALSE_TEXT = "对", "错"


def named(items: Sequence[Found]) -> list[Found]:
    """Return what was found with every name used once: the later ones of a file get a number."""
    taken = {one.item.name for one in items if one.item is not None}
    turns: dict[str, int] = {}
    result = []
    for one in items:
        if one.item is not None:
            name = one.item.name
            turn = turns.get(name, 0) + 1
            if turn > 1:
                while f"{name[:70]}-{turn}" in taken:
                    turn += 1
                new = f"{name[:70]}-{turn}"
                taken.add(new)
                one = replace(one, item=replace(one.item, name=new))  # noqa: PLW2901  # the same entry, renamed
            turns[name] = turn
        result.append(one)
    return result


# --- what other programs see --------------------------------------------------------------------------------------


class Loss(StrEnum):
    """What another program will not see of a question; our own reading has it all the same."""

    VOICES = "voices"
    JUDGEMENT = "judgement"
    """It is shown as a choice of one answer, the message to judge at the head of its text."""
    PICTURE = "picture"
    MARKING = "marking"
    """The rule is put into weights, which do not always come to the same."""
    WEIGHT = "weight"
    """A weight that the format does not have was made the nearest one."""
    ORDERING = "ordering"
    """It is shown as a matching of steps and numbers."""
    TEXT = "text"
    """A sign that cannot be written in the format was replaced, or the layout of a text is lost."""
    DETAILS = "details"
    """Topic, difficulty, article or source."""


_MEDIA = {"sms": "短信", "chat": "聊天", "mail": "邮件", "call": "通话", "page": "网页", "picture": "图片"}


def lowered(item: Item, *, exact: bool = False, ordering: bool = True) -> tuple[Item, set[Loss]]:
    """Return the question as a program that knows only ordinary ones can ask it, and what is lost by that.

    Args:
        exact: whether the format knows "all right ones and no other".
        ordering: whether the format has things to put in order.
    """
    losses: set[Loss] = set()
    if item.voices:
        losses.add(Loss.VOICES)
    if item.topic or item.article or item.source or item.checked_on:
        losses.add(Loss.DETAILS)
    plain = replace(item, voices={}, stimulus=None)
    if item.stimulus is not None:
        shown = item.stimulus
        if shown.picture:
            losses.add(Loss.PICTURE)
        head = "：".join(part for part in (_MEDIA[shown.medium.value], shown.sender) if part)
        body = "\n".join(part for part in (f"【{head}】", shown.text) if part)
        plain = replace(plain, stem=f"{body}\n\n{item.stem}")
    if item.kind is Kind.JUDGEMENT:
        losses.add(Loss.JUDGEMENT)
        plain = replace(plain, kind=Kind.SINGLE_CHOICE)
    if item.kind is Kind.MULTIPLE_CHOICE and item.marking is not Marking.WEIGHTS:
        if not (exact and item.marking is Marking.EXACT):
            plain = _weighted(plain, losses)
    elif item.marking is Marking.EXACT:
        losses.add(Loss.MARKING)
    if item.kind is Kind.ORDERING and not ordering:
        losses.add(Loss.ORDERING)
        steps = tuple(replace(one, match=str(turn)) for turn, one in enumerate(item.options, start=1))
        plain = replace(plain, kind=Kind.MATCHING, options=steps)
    return plain, losses


def told(item: Item) -> Item:
    """Return a question that cannot be asked as it is (it lacks its answers, say) as the mere text of it."""
    return replace(item, kind=Kind.DESCRIPTION, options=(), voices={}, stimulus=None, marking=Marking.WEIGHTS)


_WRONG = {Marking.RIGHT_SHARE: 0.0, Marking.WRONG_HALF: -0.5, Marking.WRONG_ALL: -1.0}
"""What a wrong option costs under the rules that weights express wholly."""
_STRICT = frozenset({Marking.EXACT, Marking.SHORT_HALF})


def _weighted(item: Item, losses: set[Loss]) -> Item:
    count = sum(option.is_right for option in item.options)
    share = 1 / count if count else 0.0
    if item.marking not in _WRONG:
        losses.add(Loss.MARKING)
    wrong = _WRONG.get(item.marking, -1.0 if item.marking in _STRICT else -share)
    options = tuple(replace(option, fraction=share if option.is_right else wrong) for option in item.options)
    return replace(item, options=options, marking=Marking.WEIGHTS)


def full_option(item: Item) -> int:
    """Return the place of the option that stands for the right one in a choice of one."""
    fractions = [option.fraction for option in item.options]
    return fractions.index(max(fractions)) if fractions and item.kind in CHOICES else -1
