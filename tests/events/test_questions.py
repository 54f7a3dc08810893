"""What organisers ask: stored, answered, told."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.settings import Locale
from portal.events.rules import questions as rules
from portal.events.rules.questions import Option, Question, QuestionKind, WrongAnswer, WrongQuestions

CHOICE = Question(
    "meal",
    QuestionKind.CHOICE,
    {"zh-Hans": "午餐", "en": "Lunch"},
    required=True,
    options=(Option("a", {"zh-Hans": "素", "en": "Vegetarian"}), Option("b", {"zh-Hans": "荤"})),
)
TEXT = Question("q1", QuestionKind.TEXT, {"zh-Hans": "想问老师什么"})
YES_NO = Question("q2", QuestionKind.YES_NO, {"zh-Hans": "第一次来吗"})

labels = st.fixed_dictionaries(
    {"zh-Hans": st.text("问题答案", min_size=1, max_size=20)}, optional={"en": st.text("abc ", max_size=20)}
)


def test_questions_are_read_as_they_were_written() -> None:
    asked = (CHOICE, TEXT, YES_NO)
    assert rules.read(rules.written(asked)) == asked
    assert rules.read(None) == rules.read([]) == ()


names = st.sampled_from(["key", "kind", "label", "options", "required", "zh-Hans"])
anything = st.recursive(
    st.none() | st.booleans() | st.text(max_size=5) | st.integers(),
    lambda inner: st.lists(inner) | st.dictionaries(names, inner),
)


@given(anything)
def test_whatever_is_stored_is_read_or_refused(stored: object) -> None:
    with suppress(WrongQuestions):
        assert rules.written(rules.read(stored)) == (stored or [])


@pytest.mark.parametrize(
    "change",
    [
        {"key": "Q 1"},
        {"kind": "table"},
        {"label": {"en": "only English"}},
        {"label": {"zh-Hans": "长" * 121}},
        {"required": "yes"},
        {"options": [{"key": "a", "label": {"zh-Hans": "一"}}]},
        {"options": [{"key": "a", "label": {"zh-Hans": "一"}}] * 2},
        {"more": 1},
    ],
)
def test_a_wrong_question_is_refused(change: dict[str, Any]) -> None:
    (row,) = rules.written([CHOICE])
    with pytest.raises(WrongQuestions):
        rules.read([row | change])


def test_too_many_and_twice_the_same_key_are_refused() -> None:
    with pytest.raises(WrongQuestions) as wrong:
        rules.read(rules.written([TEXT] * 6))
    assert len(wrong.value.problems) == 2


def test_a_new_key_was_never_used() -> None:
    assert rules.new_key([]) == "q1"
    assert rules.new_key(["q1", "q3", "meal"]) == "q2"


def answered(question: Question, typed: str) -> str:
    try:
        return rules.answer(question, typed)
    except WrongAnswer as wrong:
        return wrong.code


@pytest.mark.parametrize(
    ("question", "typed", "kept"),
    [
        (TEXT, "  怎么办 ", "怎么办"),
        (TEXT, " ", ""),
        (CHOICE, "a", "a"),
        (YES_NO, "no", "no"),
        (YES_NO, "", ""),
        (CHOICE, "", "missing"),
        (CHOICE, "c", "unknown"),
        (YES_NO, "maybe", "unknown"),
        (TEXT, "x" * 201, "long"),
        (TEXT, "a\nb", "signs"),
    ],
)
def test_an_answer_is_kept_or_refused(question: Question, typed: str, kept: str) -> None:
    assert answered(question, typed) == kept


@given(st.sampled_from([CHOICE, TEXT, YES_NO]), st.text())
def test_any_text_is_an_answer_or_none(question: Question, typed: str) -> None:
    try:
        kept = rules.answer(question, typed)
    except WrongAnswer:
        return
    assert len(kept) <= rules.LONGEST_ANSWER
    assert rules.told(question, kept) or not kept


def test_an_answer_is_told_in_the_readers_language() -> None:
    assert rules.told(CHOICE, "a", Locale.EN) == "Vegetarian"
    assert rules.told(CHOICE, "b", Locale.EN) == "荤"
    assert rules.told(CHOICE, "gone") == "gone"
    assert rules.said(CHOICE.label, Locale.HANT) == ("午餐", Locale.HANS)
