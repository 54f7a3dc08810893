"""Aiken as Moodle reads it, and as it is written in Chinese."""

from __future__ import annotations

import pytest

from portal.quizzes.rules.formats import Format, Reading, read
from portal.quizzes.rules.items import Kind
from tests.quizzes.formats.helpers import only, reasons, shares, texts, warned


def aiken(text: str) -> Reading:
    return read(text.encode(), format=Format.AIKEN)


def test_questions_with_points_or_brackets() -> None:
    reading = aiken("谁会要验证码？\nA. 银行\nB. 骗子\nANSWER: B\n\nQ2\nA) x\nB)\ty\nC) z\nANSWER: A\n")
    assert [(one.line, one.name) for one in reading.found] == [(1, "谁会要验证码？"), (6, "Q2")]
    assert [(item.kind, texts(item), shares(item)) for item in reading.items] == [
        (Kind.SINGLE_CHOICE, ["银行", "骗子"], [0.0, 1.0]),
        (Kind.SINGLE_CHOICE, ["x", "y", "z"], [1.0, 0.0, 0.0]),
    ]
    assert (reading.errors, reading.warnings) == ([], [])


@pytest.mark.parametrize(
    "text",
    [
        "问\nＡ．甲\nＢ．乙\n答案：Ｂ",
        "问\nＡ、甲\nＢ、乙\n答案:B",
        "问\n（Ａ）甲\n（Ｂ）乙\n答案 ： B",
        "问\n(A)甲\n（B） 乙\nANSWER：B",
        "问\nA．甲\nB、乙\nANSWER: B",
    ],
)
def test_full_width_signs_are_read_with_a_warning(text: str) -> None:
    reading = aiken(text)
    assert (texts(only(reading)), shares(only(reading))) == (["甲", "乙"], [0.0, 1.0])
    assert warned(reading) == ["Full-width letters or signs were read as A. and ANSWER:; Moodle would refuse them."]


def test_a_second_line_restarts_the_question_as_in_moodle() -> None:
    reading = aiken("first line\nsecond line\nA. x\nB. y\nANSWER: A")
    assert (only(reading).stem, reading.found[0].line) == ("second line", 2)
    assert warned(reading) == ["`first line` was left out: a question's text is the one line above option A."]


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("qq\nA. x\nB. y\nanswer: A", 4, "`answer: A` is no answer: write ANSWER: in capital letters."),
        ("qq\nA. x\nB. y\nAnswer: A", 4, "`Answer: A` is no answer: write ANSWER: in capital letters."),
        ("qq\nA. x\nB. y\nANSWER: a", 4, "The answer `a` is not one capital letter."),
        ("qq\nA. x\nB. y\nANSWER: AB", 4, "The answer `AB` is not one capital letter."),
        ("qq\nA. x\nB. y\nANSWER:", 4, "The answer `` is not one capital letter."),
        ("qq\nA. x\nB. y\nANSWER: D", 4, "The answer is D, but there is no option D."),
        ("qq\na. x\nb. y\nANSWER: A", 2, "`a. x` is no option: write a capital letter, . or ) and a space."),
        ("qq\nA.x\nB.y\nANSWER: A", 2, "`A.x` is no option: write a capital letter, . or ) and a space."),
        ("qq\nA. x\nANSWER: A", 1, "The question has fewer than two options."),
        ("qq\nA. x\nC. y\nANSWER: A", 1, "The options are not A, B, C … in this order, but A, C."),
        ("qq\nA. x\nB. y", 1, "The question has no line ANSWER: after its options."),
        ("A. x", 1, "The option `A. x` has no question above it."),
        ("ANSWER: A", 1, "The answer has no question above it."),
    ],
)
def test_what_cannot_be_read_is_told_once_and_the_rest_is_read(text: str, line: int, reason: str) -> None:
    reading = aiken(f"{text}\n\nnext\nA. x\nB. y\nANSWER: A\n")
    assert reasons(reading) == [(line, reason)]
    assert [item.stem for item in reading.items] == ["next"]


def test_what_another_program_marks_up_is_plain_text_here() -> None:
    assert only(aiken("1 < 2 {=x}\nA. <b>\nB. y\nANSWER: A")).form == "plain"
