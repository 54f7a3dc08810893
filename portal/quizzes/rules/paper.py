"""Quizzes on paper: how sheets are numbered, in which order a form asks, and what a letter on a sheet means.

A *form* is one drawing of a quiz, the same on every copy: `layout` draws it with lots that are made from the quiz's
slug, the number of its version and the number of the form by SHA-256 alone (`Lots`), so that the layout of a sheet can
be made again from its number for as long as the version is kept, on any machine and any Python. A quiz with pools so
asks the same questions on every copy of a form; another form is another drawing.

A sheet's number says all of that: `P3-1-0042` is copy 42 of form 1 of version 3.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping, MutableSequence, Sequence
from dataclasses import dataclass
from enum import StrEnum
from random import Random
from typing import Any

from portal.core.settings import Audience
from portal.quizzes.rules import answers, taking
from portal.quizzes.rules.answers import LONGEST_TEXT, Answer, Unanswerable, checked, number
from portal.quizzes.rules.items import Item, Kind
from portal.quizzes.rules.quizzes import Instrument
from portal.quizzes.rules.taking import Place

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
FORMS = 9
COPIES = 9_999
UNKNOWN = "?"
"""What is typed where "I don't know" is ticked."""


# --- sheets and forms ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, order=True)
class Sheet:
    """One copy of one form of one version."""

    version: int
    form: int
    copy: int

    @property
    def number(self) -> str:
        """What is printed on it."""
        return f"P{self.version}-{self.form}-{self.copy:04}"


_NUMBER = re.compile(r"P?-?([0-9]{1,6})-([1-9])-([0-9]{1,5})\Z")
_SHORT = re.compile(r"P-?([0-9]{1,5})\Z")


def sheet_of(text: str, *, only: int | None = None) -> Sheet | None:
    """Return the sheet of a number as it may have been typed; None: it is no number of a sheet.

    Args:
        only: the version, where the quiz has had one alone: then `P-0042` means form 1 of it.
    """
    even = unicodedata.normalize("NFKC", text[:60]).upper()
    even = re.sub(r"[\s\-–—−‐‑_.]+", "-", even).strip("-")
    found = _NUMBER.match(even)
    if found is not None:
        made = Sheet(int(found[1]), int(found[2]), int(found[3]))
    elif only is not None and (short := _SHORT.match(even)) is not None:
        made = Sheet(only, 1, int(short[1]))
    else:
        return None
    return made if made.version and 0 < made.copy <= COPIES else None


class Lots(Random):
    """Chance that comes out the same for ever: it draws from SHA-256 of a seed and a counter.

    `random.Random` promises that for `random()` alone, not for `shuffle` and `sample`.
    """

    def __init__(self, seed: str) -> None:
        super().__init__(0)
        self._seed = seed
        self._drawn = 0

    def _below(self, count: int) -> int:
        self._drawn += 1
        return int.from_bytes(hashlib.sha256(f"{self._seed}:{self._drawn}".encode()).digest()) % count

    def shuffle(self, x: MutableSequence[Any]) -> None:
        """Put a list into a random order."""
        for last in range(len(x) - 1, 0, -1):
            other = self._below(last + 1)
            x[last], x[other] = x[other], x[last]

    def sample(self, population: Any, k: int, *, counts: Any = None) -> list[Any]:
        """Return `k` things, none twice."""
        left = list(population)
        if counts is not None or not 0 <= k <= len(left):
            raise ValueError("so many cannot be drawn")
        return [left.pop(self._below(len(left))) for _ in range(k)]


def lots(slug: str, version: int, form: int) -> Lots:
    """Return the lots that a form is drawn with."""
    return Lots(f"mingbai paper {slug} {version} {form}")


class Unprintable(Exception):
    """A question has more options than there are letters."""


def layout(instrument: Instrument, *, version: int, form: int) -> list[Place]:
    """Return the questions of a form as they are printed, in their order and with their options' order.

    Raises:
        Unprintable: a question has too many options for letters.
        PoolEmpty: the instrument does not hold enough.
    """
    places = taking.draw(instrument, lots(instrument.quiz.slug, version, form))
    if any(len(LETTERS) < max(len(place.order), len(place.sides)) for place in places):
        raise Unprintable
    return places


# --- answers as letters -------------------------------------------------------------------------------------------


class Flaw(StrEnum):
    """Why what was typed is no answer to this question."""

    LETTER = "letter"
    """A letter that the question does not have, or something else than letters."""
    ONE = "one"
    """Several letters where one can be chosen."""
    TWICE = "twice"
    """A letter twice."""
    COUNT = "count"
    """Not as many letters as there are lines."""
    NUMBER = "number"
    LONG = "long"
    SIGNS = "signs"
    """A line break or another sign that nobody types."""


class BadAnswer(Exception):
    """What was typed is no answer to this question."""

    def __init__(self, flaw: Flaw) -> None:
        super().__init__(flaw.value)
        self.flaw = flaw


_TYPED = frozenset({Kind.SHORT_ANSWER, Kind.NUMERIC, Kind.ESSAY})
_BETWEEN = re.compile(r"[\s,，、;；./|+]+")
_SURE = re.compile(r"/\s*([0-3])\s*\Z")
_PAIR = re.compile(r"([0-9]{1,2})[-:=]?([A-Z\-])")


def read_answer(text: str, item: Item, place: Place, *, asks_certainty: bool = False) -> Answer | None:
    """Return what was typed from a sheet; None: the question was left, or nothing but signs between letters is there.

    Letters are those of the printed form: `A`, `AC`; in an ordering question all of them in the order given; in a
    matching question the letter beside each line in turn, `-` where there is none. `?` is "I don't know". How sure
    the person is follows a stroke: `A/3`.

    Raises:
        BadAnswer: it is no answer to this question.
    """
    even = unicodedata.normalize("NFKC", text).strip()
    certainty = 0
    if asks_certainty and (sure := _SURE.search(even)) is not None:
        certainty, even = int(sure[1]), even[: sure.start()].rstrip()
        text = text[: max(text.rfind("/"), text.rfind("／"))]
    if not even or (item.kind not in _TYPED and not _BETWEEN.sub("", even)):
        return None
    if even in (UNKNOWN, "不知道"):
        return Answer(dont_know=True)
    if item.kind in _TYPED:
        answer = _text(text.strip(), item, certainty)
    elif item.kind is Kind.MATCHING:
        answer = Answer(pairs=_pairs(even.upper(), place), certainty=certainty)
        if not answer.pairs:
            return None
    else:
        answer = Answer(chosen=_chosen(even.upper(), item, place), certainty=certainty)
    try:
        return checked(answer, item)
    except Unanswerable:
        raise BadAnswer(Flaw.LETTER) from None


def _text(text: str, item: Item, certainty: int) -> Answer:
    if len(text) > LONGEST_TEXT:
        raise BadAnswer(Flaw.LONG)
    if not text.isprintable():
        raise BadAnswer(Flaw.SIGNS)
    if item.kind is Kind.NUMERIC and number(text) is None:
        raise BadAnswer(Flaw.NUMBER)
    return Answer(text=text, certainty=certainty)


def _ids(letters: str, ids: Sequence[str]) -> list[str]:
    known = dict(zip(LETTERS, ids, strict=False))
    if not set(letters) <= known.keys():
        raise BadAnswer(Flaw.LETTER)
    return [known[letter] for letter in letters]


def _chosen(even: str, item: Item, place: Place) -> tuple[str, ...]:
    letters = _BETWEEN.sub("", even)
    found = _ids(letters, place.order)
    if len(set(found)) != len(found):
        raise BadAnswer(Flaw.TWICE)
    if item.kind is Kind.ORDERING:
        if len(found) != len(place.order):
            raise BadAnswer(Flaw.COUNT)
        return tuple(found)
    if item.kind is not Kind.MULTIPLE_CHOICE and len(found) > 1:
        raise BadAnswer(Flaw.ONE)
    return tuple(sorted(found, key=place.order.index))


def _pairs(even: str, place: Place) -> dict[str, str]:
    letters = _BETWEEN.sub("", even)
    if any(sign in "0123456789" for sign in letters):
        named = _PAIR.findall(letters)
        lines = [int(line) for line, _letter in named]
        if _PAIR.sub("", letters) or not all(0 < line <= len(place.order) for line in lines):
            raise BadAnswer(Flaw.LETTER)
        if len(set(lines)) != len(lines):
            raise BadAnswer(Flaw.TWICE)
        by_line = dict(zip(lines, (letter for _line, letter in named), strict=True))
        letters = "".join(by_line.get(line, "-") for line in range(1, len(place.order) + 1))
    letters = letters.replace("_", "-")
    if set(letters) == {"-"}:
        return {}
    sides = _ids(letters.replace("-", ""), place.sides)
    if len(letters) != len(place.order):
        raise BadAnswer(Flaw.COUNT)
    left = iter(sides)
    return {line: next(left) for line, letter in zip(place.order, letters, strict=True) if letter != "-"}


def write_answer(answer: Answer | None, item: Item, place: Place, *, asks_certainty: bool = False) -> str:
    """Return an answer as it is typed from a sheet; `read_answer` understands it again."""
    if answer is None or answer.is_blank:
        return ""
    if answer.dont_know:
        return UNKNOWN
    sure = f"/{answer.certainty}" if asks_certainty else ""
    if item.kind in _TYPED:
        return answer.text + sure
    if item.kind is Kind.MATCHING:
        by_id = dict(zip(place.sides, LETTERS, strict=False))
        return "".join(by_id.get(answer.pairs.get(line, ""), "-") for line in place.order) + sure
    by_id = dict(zip(place.order, LETTERS, strict=False))
    chosen = "".join(by_id.get(name, "") for name in answer.chosen)
    return (chosen if item.kind is Kind.ORDERING else "".join(sorted(chosen))) + sure


def key(item: Item, place: Place) -> str:
    """Return the right answer as letters, for the sheet of whoever goes through them."""
    right = tuple(option.id for option in item.options if option.is_right)
    if item.kind in _TYPED:
        return " / ".join(
            option.text + (f" ± {option.tolerance:g}" if option.tolerance else "")
            for option in item.options
            if option.is_right and option.text != "*"
        )
    if item.kind is Kind.ORDERING:
        return write_answer(Answer(chosen=tuple(option.id for option in item.options)), item, place)
    if item.kind is Kind.MATCHING:
        # Equal right sides are offered once: the one that is offered stands for all of them.
        sides = {option.match: option.id for option in item.options if option.id in place.sides}
        pairs = {option.id: sides[option.match] for option in item.options if option.text}
        return write_answer(Answer(pairs=pairs), item, place)
    return write_answer(Answer(chosen=right), item, place)


# --- a sheet as it was typed --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typed:
    """What one person typed from one sheet."""

    audience: Audience
    answers: Mapping[int, Answer]
    """By place, from 0; what was left is not in it."""
    group: str = ""
    """The code of a class or a community centre."""
    day: str = ""
    """When it was filled in, as 2026-11-22; empty: when it was typed."""

    def differences(self, other: Typed) -> list[str]:
        """Return what two people typed otherwise: `audience`, `group`, `day`, and questions as `q1`."""
        found = [name for name in ("audience", "group") if getattr(self, name) != getattr(other, name)]
        if self.day and other.day and self.day != other.day:
            found.append("day")
        places = sorted({*self.answers, *other.answers})
        return found + [f"q{place + 1}" for place in places if self.answers.get(place) != other.answers.get(place)]


def typed_to_plain(typed: Typed) -> dict[str, Any]:
    """Return it as plain values, for storing."""
    return {
        "audience": typed.audience.value,
        "group": typed.group,
        "day": typed.day,
        "answers": {str(place): answers.to_plain(answer) for place, answer in sorted(typed.answers.items())},
    }


def typed_from_plain(plain: Mapping[str, Any]) -> Typed:
    """Return what `typed_to_plain` was given."""
    return Typed(
        audience=Audience(plain["audience"]),
        answers={int(place): answers.from_plain(answer) for place, answer in plain["answers"].items()},
        group=plain["group"],
        day=plain["day"],
    )
