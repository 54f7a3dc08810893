"""GIFT as Moodle reads it, point by point: weights, choices, true/false, numbers, pairs and short answers."""

from __future__ import annotations

import pytest

from portal.quizzes.rules.formats.common import WEIGHTS
from portal.quizzes.rules.items import FALSE, TRUE, Kind, Marking
from tests.quizzes.formats.helpers import feedback, gift, only, reasons, shares, texts, warned

# --- weights ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "share"),
    [
        ("100", 1.0),
        ("50", 0.5),
        ("5", 0.05),
        ("0", 0.0),
        ("-50", -0.5),
        ("-100", -1.0),
        ("33.33333", 0.3333333),
        ("33.333", 0.3333333),  # within 1e-5
        ("-33.33333", -0.3333333),
        ("66.66667", 0.6666667),
        ("66.667", 0.6666667),
        ("83.33333", 0.8333333),
        ("16.66667", 0.1666667),
        ("14.28571", 0.1428571),
        ("14.286", 0.1428571),
        ("12.5", 0.125),
        ("12.50", 0.125),
        ("11.11111", 0.1111111),
        ("90", 0.9),
        ("75", 0.75),
        ("70", 0.7),
    ],
)
def test_weights_of_moodles_list(written: str, share: float) -> None:
    assert shares(only(gift(f"x{{~%{written}%a ~b}}"))) == [share, 0.0]


@pytest.mark.parametrize("written", ["33.33", "33", "66.66", "66", "1", "99", "37", "150", "-1", "16.66", "1000"])
def test_other_weights_are_refused_with_the_nearest(written: str) -> None:
    reading = gift(f"ok{{T}}\n\nx{{~%{written}%a ~b}}")
    ((line, reason),) = reasons(reading)
    assert (line, reason.startswith(f"The weight {written}% is none that Moodle knows; the nearest is ")) == (3, True)
    assert len(reading.items) == 1


@pytest.mark.parametrize(("written", "share"), [("33.33", 0.3333333), ("37", 0.4), ("-99", -1.0), ("1", 0.0)])
def test_other_weights_become_the_nearest_on_wish(written: str, share: float) -> None:
    assert shares(only(gift(f"x{{~%{written}%a ~b}}", nearest=True))) == [share, 0.0]


def test_a_weight_with_two_minus_signs_is_no_number() -> None:
    assert reasons(gift("x{~%--50%a ~b}")) == [(1, "The weight --50% is not a number.")]


@pytest.mark.parametrize("written", ["%abc%a", "%a", "% 50%a", "%.5%a", "%+50%a", "%50a"])
def test_what_does_not_look_like_a_weight_is_text(written: str) -> None:
    reading = gift(f"x{{~{written} =b}}")
    assert (texts(only(reading)), shares(only(reading))) == ([written, "b"], [0.0, 1.0])
    assert "it was taken as text" in warned(reading)[0]


def test_the_list_is_moodles() -> None:
    shares_of_moodle = (
        *(1, 0.9, 0.8333333, 0.8, 0.75, 0.7, 0.6666667, 0.6, 0.5, 0.4, 0.3333333, 0.3, 0.25, 0.2, 0.1666667),
        *(0.1428571, 0.125, 0.1111111, 0.1, 0.05),
    )
    assert set(WEIGHTS) == {0, *shares_of_moodle, *(-share for share in shares_of_moodle)}


# --- choices ------------------------------------------------------------------------------------------------------


def test_one_right_answer_with_feedback() -> None:
    item = only(gift("谁？{\n=银行 # 对\n~骗子 # 错\n~%50%不知道\n}"))
    assert (item.kind, texts(item), shares(item), feedback(item)) == (
        Kind.SINGLE_CHOICE,
        ["银行", "骗子", "不知道"],
        [1.0, 0.0, 0.5],
        ["对", "错", ""],
    )


def test_only_the_first_hash_begins_the_feedback() -> None:
    assert feedback(only(gift("x{=a#one#two ~b}"))) == ["one#two", ""]


def test_without_an_equals_sign_several_are_chosen() -> None:
    item = only(gift("x{~%50%a ~%50%b ~%-100%c ~d}"))
    assert (item.kind, item.marking, shares(item)) == (Kind.MULTIPLE_CHOICE, Marking.WEIGHTS, [0.5, 0.5, -1.0, 0.0])


def test_one_equals_sign_makes_it_a_choice_of_one() -> None:
    assert only(gift("x{=a ~%50%b ~%50%c}")).kind is Kind.SINGLE_CHOICE


def test_several_equals_signs_with_a_tilde_are_one_choice_with_several_full_marks() -> None:
    reading = gift("x{=a =b ~c}")
    assert (only(reading).kind, shares(only(reading))) == (Kind.SINGLE_CHOICE, [1.0, 1.0, 0.0])
    assert warned(reading) == ["One answer is to be chosen, but several are worth the whole mark."]


def test_an_answer_before_the_first_sign_is_an_answer() -> None:
    item = only(gift("x{a ~b =c}"))
    assert (texts(item), shares(item)) == (["a", "b", "c"], [0.0, 0.0, 1.0])


def test_answers_without_text_are_left_out_with_a_warning() -> None:
    reading = gift("x{=a ~ ~b}")
    assert texts(only(reading)) == ["a", "b"]
    assert warned(reading) == ["An answer without text was left out."]


def test_one_answer_is_no_choice() -> None:
    assert reasons(gift("x{~a}")) == [(1, "A choice needs at least two answers.")]


@pytest.mark.parametrize(
    ("text", "warning"),
    [
        ("x{~a ~b}", "No answer is right."),
        ("x{~%50%a ~b}", "All right answers together are worth less than the whole mark."),
        ("x{=a ~a}", "Two answers have the same text."),
    ],
)
def test_a_doubtful_key_is_told(text: str, warning: str) -> None:
    assert warned(gift(text)) == [warning]


def test_three_thirds_are_the_whole_mark() -> None:
    assert warned(gift("x{~%33.33333%a ~%33.33333%b ~%33.33333%c ~d}")) == []


# --- true and false -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("right", ["T", "TRUE"])
def test_the_first_feedback_of_a_true_statement_is_shown_to_those_who_say_false(right: str) -> None:
    item = only(gift(f"x{{{right}#you are wrong#you are right}}"))
    assert [(one.id, one.fraction, one.feedback) for one in item.options] == [
        (TRUE, 1.0, "you are right"),
        (FALSE, 0.0, "you are wrong"),
    ]


@pytest.mark.parametrize("right", ["F", "FALSE"])
def test_the_first_feedback_of_a_false_statement_is_shown_to_those_who_say_true(right: str) -> None:
    item = only(gift(f"x{{{right}#you are wrong#you are right####why}}"))
    assert [(one.id, one.fraction, one.feedback) for one in item.options] == [
        (TRUE, 0.0, "you are wrong"),
        (FALSE, 1.0, "you are right"),
    ]
    assert item.explanation == "why"


# --- numbers ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "number", "tolerance"),
    [
        ("1822", "1822", 0.0),
        ("1822:5", "1822", 5.0),
        ("3.141:0.0005", "3.141", 0.0005),
        ("3.141..3.142", "3.1415", 0.0005),
        ("0.1..0.3", "0.2", 0.1),
        ("-5..5", "0", 5.0),
        ("-5..-1", "-3", 2.0),
        ("1 .. 3", "2", 1.0),
        ("0", "0", 0.0),
        ("-0.5", "-0.5", 0.0),
        (".5", ".5", 0.0),
        ("1e3", "1e3", 0.0),
        ("5..5", "5", 0.0),
    ],
)
def test_numbers_with_tolerance_and_ranges(written: str, number: str, tolerance: float) -> None:
    item = only(gift(f"x{{#{written}}}"))
    (option,) = item.options
    assert (item.kind, option.text, option.tolerance, option.fraction) == (Kind.NUMERIC, number, tolerance, 1.0)


def test_several_numbers_with_weights_feedback_and_any_other() -> None:
    item = only(gift("x{#\n=1822:0#right\n=%50%1822:2#nearly\n~#far off}"))
    assert [(one.text, one.tolerance, one.fraction, one.feedback) for one in item.options] == [
        ("1822", 0.0, 1.0, "right"),
        ("1822", 2.0, 0.5, "nearly"),
        ("*", 0.0, 0.0, "far off"),
    ]


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("abc", "`abc` is not a number."),
        ("1,5", "`1,5` is not a number."),
        ("5:x", "The tolerance `x` is not a number of 0 or more."),
        ("5:-1", "The tolerance `-1` is not a number of 0 or more."),
        ("5:", "The tolerance `` is not a number of 0 or more."),
        ("1..x", "`1..x` is not a range of two numbers, as 3..5."),
        ("5..1", "The range `5..1` ends below where it begins."),
        ("nan", "`nan` is not a number."),
        ("1e999", "`1e999` is not a number."),
        ("=", "`` is not a number."),
        ("~#other", "The numeric question has no answer."),
    ],
)
def test_what_is_no_number_is_an_error(written: str, reason: str) -> None:
    assert reasons(gift(f"x{{#{written}}}")) == [(1, reason)]


# --- pairs --------------------------------------------------------------------------------------------------------


def test_pairs_and_distractors() -> None:
    item = only(gift("配对 {\n=短信 -> 不点链接\n=电话 -> 不转账\n= -> 告诉验证码\n}"))
    assert item.kind is Kind.MATCHING
    assert [(one.text, one.match) for one in item.options] == [
        ("短信", "不点链接"),
        ("电话", "不转账"),
        ("", "告诉验证码"),
    ]


def test_only_the_first_arrow_parts_a_pair() -> None:
    item = only(gift("x{=a -> b -> c =d->e}"))
    assert [(one.text, one.match) for one in item.options] == [("a", "b -> c"), ("d", "e")]


def test_one_pair_is_too_few() -> None:
    assert reasons(gift("x{=a -> b}")) == [(1, "A matching question needs at least two pairs.")]


def test_a_side_without_arrow_is_an_error() -> None:
    assert reasons(gift("x{=a -> b =c}")) == [(1, "The pair `c` has no -> between its two sides.")]


# --- short answers ------------------------------------------------------------------------------------------------


def test_short_answers_with_weights_and_a_wildcard() -> None:
    item = only(gift("电话？{=96110#对 =%50%110#差一点 =%0%*#不对}"))
    assert [(one.text, one.fraction, one.feedback) for one in item.options] == [
        ("96110", 1.0, "对"),
        ("110", 0.5, "差一点"),
        ("*", 0.0, "不对"),
    ]


def test_a_short_answer_needs_no_equals_sign() -> None:
    assert (texts(only(gift("x{96110}"))), shares(only(gift("x{96110}")))) == (["96110"], [1.0])


def test_a_short_answer_without_text_is_an_error() -> None:
    assert reasons(gift("x{=}")) == [(1, "The question has no answer.")]


# --- going on -----------------------------------------------------------------------------------------------------


def test_every_error_is_told_and_the_rest_is_read() -> None:
    reading = gift("a{~x}\n\nb{T}\n\nc{#x}\n\nd{=1 ~2}\n\ne{=}")
    assert [line for line, _reason in reasons(reading)] == [1, 5, 9]
    assert [item.stem for item in reading.items] == ["b", "d"]


def test_the_same_question_twice_has_two_keys() -> None:
    names = [item.name for item in gift("::Q::x{T}\n\n::Q::x{T}\n\n::Q::x{T}").items]
    assert (len(set(names)), names[1], names[2]) == (3, f"{names[0]}-2", f"{names[0]}-3")


def test_a_key_is_the_same_at_every_reading() -> None:
    assert gift("::Q1::x{T}").items[0].name == gift("// other\n\n::Q1::x{F#no}").items[0].name
