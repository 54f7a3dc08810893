"""What an organiser asks those who register: how it is stored, what fits as an answer, how an answer is told again.

`Event.words["questions"]` is a list of

    {"key": "q1", "kind": "text" | "choice" | "yes-no", "label": {"zh-Hans": "…", "en": "…"}, "required": false,
     "options": [{"key": "a", "label": {"zh-Hans": "…", "en": "…"}}]}

with `options` for choices only. Labels in zh-Hans are there always, in English where somebody wrote them; zh-Hant is
made from zh-Hans as everywhere. Keys are told apart within one lecture and never used again for another question, since
the answers of those who have registered are kept by them: a text, the key of an option, or `yes` and `no`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from portal.core.errors import Said
from portal.core.settings import Locale

MOST_QUESTIONS = 5
"""Registering asks the least; whoever wants to know more asks at the lecture."""
MOST_OPTIONS = 12
LONGEST_LABEL = 120
LONGEST_ANSWER = 200
YES, NO = "yes", "no"

_KEY = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,28}[a-z0-9])?")
_FIELDS = {"key", "kind", "label", "required", "options"}


class QuestionKind(StrEnum):
    """How a question is answered."""

    TEXT = "text"
    CHOICE = "choice"
    YES_NO = "yes-no"


@dataclass(frozen=True, slots=True)
class Option:
    """One answer of a choice."""

    key: str
    label: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Question:
    """One question."""

    key: str
    kind: QuestionKind
    label: Mapping[str, str]
    required: bool = False
    options: tuple[Option, ...] = ()

    def option(self, key: str) -> Option | None:
        """Return an option by its key."""
        return next((option for option in self.options if option.key == key), None)


class WrongQuestions(ValueError):
    """What was to be stored is no list of questions.

    Args:
        problems: a sentence each, for `core.i18n.in_words`.
    """

    def __init__(self, problems: list[Said]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


class WrongAnswer(ValueError):
    """What was typed is no answer.

    Args:
        code: `missing`, `unknown` (no such option), `long`, or `signs` (control characters).
    """

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read(stored: object) -> tuple[Question, ...]:
    """Return the questions that a text of a lecture holds; None is no question.

    Raises:
        WrongQuestions: with everything that is wrong.
    """
    if stored is None:
        return ()
    problems: list[Said] = []
    if not isinstance(stored, list):
        raise WrongQuestions([Said("Questions are a list.")])
    if len(stored) > MOST_QUESTIONS:
        problems.append(Said("At most %(most)d questions can be asked.", most=MOST_QUESTIONS))
    questions = [_question(raw, number, problems) for number, raw in enumerate(stored[:MOST_QUESTIONS], 1)]
    keys = [question.key for question in questions if question is not None]
    if len(set(keys)) < len(keys):
        problems.append(Said("Two questions have the same key."))
    if problems:
        raise WrongQuestions(problems)
    return tuple(question for question in questions if question is not None)


def written(questions: Iterable[Question]) -> list[dict[str, Any]]:
    """Return questions as they are stored; `read` gives them back."""
    rows = []
    for question in questions:
        row: dict[str, Any] = {
            "key": question.key,
            "kind": question.kind.value,
            "label": dict(question.label),
            "required": question.required,
        }
        if question.kind is QuestionKind.CHOICE:
            row["options"] = [{"key": option.key, "label": dict(option.label)} for option in question.options]
        rows.append(row)
    return rows


def new_key(taken: Iterable[str]) -> str:
    """Return a key for another question or option that none of `taken` is; give it all that were ever used."""
    known = set(taken)
    return next(key for number in range(1, len(known) + 2) if (key := f"q{number}") not in known)


def answer(question: Question, typed: str) -> str:
    """Return an answer as it is kept; empty: none was given.

    Raises:
        WrongAnswer: it cannot stand.
    """
    text = typed.strip()
    if not text:
        if question.required:
            raise WrongAnswer("missing")
        return ""
    if question.kind is QuestionKind.CHOICE and question.option(text) is None:
        raise WrongAnswer("unknown")
    if question.kind is QuestionKind.YES_NO and text not in (YES, NO):
        raise WrongAnswer("unknown")
    if len(text) > LONGEST_ANSWER:
        raise WrongAnswer("long")
    if not text.isprintable():
        raise WrongAnswer("signs")
    return text


def said(labels: Mapping[str, str], locale: Locale) -> tuple[str, Locale]:
    """Return a label for a reader, and its language: zh-Hans stands for zh-Hant, and for what is missing."""
    if labels.get(locale):
        return labels[locale], locale
    return labels.get(Locale.HANS, ""), Locale.HANS


def told(question: Question, kept: str, locale: Locale = Locale.HANS) -> str:
    """Return a kept answer in words; `yes` and `no` stay as they are, for the caller's catalogue.

    An answer to what is no longer an option is told as it was kept.
    """
    option = question.option(kept) if question.kind is QuestionKind.CHOICE else None
    return kept if option is None else said(option.label, locale)[0]


def _question(raw: object, number: int, problems: list[Said]) -> Question | None:
    if not isinstance(raw, dict) or not set(raw) <= _FIELDS:
        problems.append(Said("Question %(number)d has unknown parts.", number=number))
        return None
    before = len(problems)
    key, kind, required = raw.get("key"), raw.get("kind"), raw.get("required", False)
    if not _is_key(key):
        problems.append(Said("Question %(number)d has no key of small letters, digits and hyphens.", number=number))
    if kind not in list(QuestionKind):
        problems.append(Said("Question %(number)d is of no known kind.", number=number))
    if not isinstance(required, bool):
        problems.append(Said("Question %(number)d does not say whether it must be answered.", number=number))
    if not _is_label(raw.get("label")):
        problems.append(
            Said(
                "Question %(number)d needs a Chinese text of 1 to %(most)d characters.",
                number=number,
                most=LONGEST_LABEL,
            )
        )
    options = _options(raw.get("options", []), number, problems) if kind == QuestionKind.CHOICE else ()
    if kind != QuestionKind.CHOICE and raw.get("options"):
        problems.append(Said("Question %(number)d has options, and is no choice.", number=number))
    if len(problems) > before or not isinstance(key, str) or not isinstance(kind, str):
        return None
    return Question(key, QuestionKind(kind), dict(raw["label"]), required, options)


def _options(raw: object, number: int, problems: list[Said]) -> tuple[Option, ...]:
    if not isinstance(raw, list) or not 2 <= len(raw) <= MOST_OPTIONS:
        problems.append(Said("Question %(number)d needs 2 to %(most)d options.", number=number, most=MOST_OPTIONS))
        return ()
    fits = all(
        isinstance(one, dict) and set(one) == {"key", "label"} and _is_key(one["key"]) and _is_label(one["label"])
        for one in raw
    )
    if not fits or len({one["key"] for one in raw}) < len(raw):
        problems.append(
            Said("Each option of question %(number)d needs a key of its own and a Chinese text.", number=number)
        )
        return ()
    return tuple(Option(one["key"], dict(one["label"])) for one in raw)


def _is_key(value: object) -> bool:
    return isinstance(value, str) and _KEY.fullmatch(value) is not None


def _is_label(value: object) -> bool:
    return (
        isinstance(value, dict)
        and set(value) <= {Locale.HANS, Locale.EN}
        and all(isinstance(text, str) and len(text) <= LONGEST_LABEL and text.isprintable() for text in value.values())
        and bool(value.get(Locale.HANS, "").strip())
    )
