"""What an organiser asks those who register, as it is typed: some rows of fields, the same for each question."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField

from portal.core.forms import Form, area, line, select
from portal.core.i18n import in_words
from portal.core.settings import Locale
from portal.events.rules import questions as rules
from portal.events.rules.questions import LONGEST_LABEL, MOST_QUESTIONS, QuestionKind

KINDS = {
    QuestionKind.TEXT: _l("A few words"),
    QuestionKind.CHOICE: _l("One of several answers"),
    QuestionKind.YES_NO: _l("Yes or no"),
}
ROWS = tuple(range(MOST_QUESTIONS))
_LONGEST_OPTIONS = 2 * rules.MOST_OPTIONS * LONGEST_LABEL


class QuestionFields:
    """The fields of every question."""


for _row in ROWS:
    for _name, _field in {
        "key": HiddenField(),
        "label_hans": line(_l("Question"), LONGEST_LABEL),
        "label_en": line(_l("Question in English"), LONGEST_LABEL),
        "kind": select(_l("How it is answered"), choices=((one.value, word) for one, word in KINDS.items())),
        "required": BooleanField(_l("Must be answered")),
        "options_hans": area(_l("Answers to choose from, one a line"), _LONGEST_OPTIONS),
        "options_en": area(_l("The same answers in English, in the same order"), _LONGEST_OPTIONS),
    }.items():
        setattr(QuestionFields, f"q{_row}_{_name}", _field)
for _row in ROWS:
    getattr(QuestionFields, f"q{_row}_kind").kwargs["default"] = QuestionKind.TEXT.value


def questions_of(form: Form, old: Any, used: Collection[str]) -> list[dict[str, Any]]:
    """Return the questions that a form says, as they are stored; what is wrong with them is put beside the fields.

    A question keeps its key as long as its row does; a new one gets a key that the lecture never had.

    Args:
        old: the questions before, as stored.
        used: every key that the lecture ever had.
    """
    before = {question["key"]: question for question in old or ()}
    taken = {*used, *before}
    rows: list[dict[str, Any]] = []
    for row in ROWS:
        labels = _labels(form, f"q{row}_label")
        if not labels.get(Locale.HANS):
            if labels or form[f"q{row}_options_hans"].data:
                form.refuse(f"q{row}_label_hans", gettext("Write the question in Chinese, or empty its row."))
            continue
        key = form[f"q{row}_key"].data
        if key not in before or any(key == other["key"] for other in rows):
            key = rules.new_key(taken)
            taken.add(key)
        said = form[f"q{row}_kind"]
        kind = QuestionKind.TEXT if said.errors or not said.data else QuestionKind(said.data)
        question: dict[str, Any] = {
            "key": key,
            "kind": kind.value,
            "label": labels,
            "required": bool(form[f"q{row}_required"].data),
        }
        if kind is QuestionKind.CHOICE:
            question["options"] = _options(form, row, before.get(key, {}).get("options", []))
        rows.append(question)
        _look(form, row, question)
    return rows


def _look(form: Form, row: int, question: dict[str, Any]) -> None:
    try:
        rules.read([question])
    except rules.WrongQuestions as problem:
        name = "options_hans" if question["kind"] == QuestionKind.CHOICE else "label_hans"
        form.refuse(f"q{row}_{name}", " ".join(in_words(said) for said in problem.problems))


def _labels(form: Form, start: str) -> dict[str, str]:
    found = {Locale.HANS.value: form[f"{start}_hans"].data, Locale.EN.value: form[f"{start}_en"].data}
    return {locale: text for locale, text in found.items() if text}


def _options(form: Form, row: int, before: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the answers of a choice. As many as before keep their keys in order; else those with the same words do."""
    hans, english = (_lines(form[f"q{row}_options_{end}"].data) for end in ("hans", "en"))
    if english and len(english) != len(hans):
        form.refuse(f"q{row}_options_en", gettext("Write as many answers as in Chinese, or none."))
        english = []
    by_word = {option["label"].get(Locale.HANS): option["key"] for option in before}
    taken = set(by_word.values())
    found: list[dict[str, Any]] = []
    for place, text in enumerate(hans):
        key = before[place]["key"] if len(before) == len(hans) else by_word.get(text)
        if key is None or any(key == other["key"] for other in found):
            key = rules.new_key(taken)
            taken.add(key)
        label = {Locale.HANS.value: text} | ({Locale.EN.value: english[place]} if english else {})
        found.append({"key": key, "label": label})
    return found


def _lines(text: str | None) -> list[str]:
    return [line.strip() for line in (text or "").splitlines() if line.strip()]


def typed_questions(stored: Any) -> dict[str, str]:
    """Return what the fields say of stored questions."""
    typed: dict[str, str] = {}
    for row, question in enumerate((stored or [])[:MOST_QUESTIONS]):
        options = question.get("options") or []
        english = [option["label"].get(Locale.EN, "") for option in options]
        typed |= {
            f"q{row}_key": question["key"],
            f"q{row}_kind": question["kind"],
            f"q{row}_label_hans": question["label"].get(Locale.HANS, ""),
            f"q{row}_label_en": question["label"].get(Locale.EN, ""),
            f"q{row}_options_hans": "\n".join(option["label"].get(Locale.HANS, "") for option in options),
            f"q{row}_options_en": "\n".join(english) if all(english) else "",
        }
        if question.get("required"):
            typed[f"q{row}_required"] = "y"
    return typed
