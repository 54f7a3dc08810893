"""GIFT as Moodle reads it, point by point: blocks, names, formats, escapes, braces and the order of types."""

from __future__ import annotations

import pytest

from portal.quizzes.rules.items import Kind
from tests.quizzes.formats.helpers import feedback, gift, only, reasons, shares, texts, warned

# --- blocks -------------------------------------------------------------------------------------------------------


def test_blank_lines_part_questions_and_lines_are_trimmed() -> None:
    reading = gift("  一 {T}  \n\n \t \n\t二\n 又二 {\n   F\n }\n")
    assert [(one.line, one.item.stem) for one in reading.found if one.item] == [(1, "一"), (4, "二\n又二")]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_all_line_ends_are_the_same(end: str) -> None:
    assert [one.line for one in gift(f"a{{T}}{end}{end}b{{F}}{end}").found] == [1, 3]


def test_comment_lines_become_a_space_and_part_nothing() -> None:
    reading = gift("// one\n// two\nstem\n// inside\n{T}\n// after\n")
    item = only(reading)
    assert (reading.found[0].line, item.kind, item.stem) == (3, Kind.TRUE_FALSE, "stem")


def test_a_comment_sign_inside_a_line_is_text() -> None:
    assert only(gift("http://example.com {T}")).stem == "http://example.com"


def test_comments_alone_are_no_question() -> None:
    assert gift("// nothing\n// here\n\nq{T}").found[0].line == 4


def test_an_ideographic_space_is_text_as_in_moodle() -> None:
    assert only(gift("　缩进 {T}")).stem == "　缩进"


# --- categories ---------------------------------------------------------------------------------------------------


def test_a_category_of_its_own_holds_for_what_follows() -> None:
    reading = gift("a{T}\n\n$CATEGORY: $course$/top/防骗\n\nb{T}\n\nc{F}")
    assert [(one.name, one.item is None, one.category) for one in reading.found] == [
        ("a", False, ""),
        ("$course$/top/防骗", True, "$course$/top/防骗"),
        ("b", False, "$course$/top/防骗"),
        ("c", False, "$course$/top/防骗"),
    ]


def test_a_category_that_does_not_stand_alone_takes_the_whole_block_as_its_name() -> None:
    reading = gift("$CATEGORY: tom/dick\nb{T}\n\nc{T}")
    assert [(one.item is None, one.category) for one in reading.found] == [
        (True, "tom/dick\nb{T}"),
        (False, "tom/dick\nb{T}"),
    ]
    assert warned(reading) == ["The category does not stand alone: everything up to the next blank line is its name."]


def test_a_category_below_comments_stands_alone() -> None:
    assert gift("// switch\n$CATEGORY: x\n").found[0].category == "x"


# --- names and formats --------------------------------------------------------------------------------------------


def test_a_name_stands_between_double_colons() -> None:
    reading = gift("::名称\\: 一:: 问题？ {T}")
    assert (reading.found[0].name, only(reading).title, only(reading).stem) == ("名称: 一", "名称: 一", "问题？")


def test_without_a_name_the_text_is_the_name() -> None:
    reading = gift(f"{'长' * 90} {{T}}\n\nshort {{T}}")
    assert [one.name for one in reading.found] == ["长" * 77 + "...", "short"]
    assert [item.title for item in reading.items] == ["", ""]


def test_a_name_without_end_is_text() -> None:
    reading = gift("::no end {T}")
    assert only(reading).stem == "no end"
    assert warned(reading) == ["The name that begins with :: has no end; it was taken as part of the question."]


@pytest.mark.parametrize("form", ["html", "moodle", "plain", "markdown"])
def test_a_format_before_the_stem_holds_for_the_question(form: str) -> None:
    item = only(gift(f"::n::[{form}]<b>x</b> {{={form}#fb ~[{form}]b ####[{form}]why}}"))
    assert (item.form, item.stem, texts(item), feedback(item), item.explanation) == (
        form,
        "<b>x</b>",
        [form, "b"],
        ["fb", ""],
        "why",
    )


def test_without_a_format_it_is_moodles_own() -> None:
    assert only(gift("x{T}")).form == "moodle"


def test_a_text_in_another_format_than_the_question_is_told() -> None:
    reading = gift("[html]x{=a ~[plain]b #[markdown]c}")
    assert texts(only(reading)) == ["a", "b"]
    assert warned(reading) == [
        "A text is marked as plain, the question as html; it was taken as the latter.",
        "A text is marked as markdown, the question as html; it was taken as the latter.",
    ]


def test_other_words_in_brackets_are_text() -> None:
    assert only(gift("[HTML]x [plain] {T}")).stem == "[HTML]x [plain]"


# --- escapes ------------------------------------------------------------------------------------------------------


def test_escaped_signs_are_text() -> None:
    item = only(gift(r"a\{b\}\: \= \# \~ {=x\=1\#2 ~y\~\}}"))
    assert (item.stem, texts(item), feedback(item)) == ("a{b}: = # ~", ["x=1#2", "y~}"], ["", ""])


def test_an_escaped_n_is_a_new_line() -> None:
    assert only(gift(r"a\nb {T}")).stem == "a\nb"


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"a\\b", "a\\b"),
        (r"a\\nb", r"a\nb"),  # the backslash is escaped first, so that no new line is left
        (r"a\\\nb", "a\\\nb"),
        (r"a\\\:b", r"a\:b"),
        (r"a\b", r"a\b"),  # any other backslash is itself
        (r"a\->b", r"a\->b"),  # the arrow cannot be escaped
        (r"a\%b", r"a\%b"),  # nor can the percent sign
    ],
)
def test_backslashes_are_unescaped_first(written: str, meant: str) -> None:
    assert only(gift(f"{written} {{T}}")).stem == meant


def test_moodles_own_placeholders_are_text() -> None:
    assert only(gift("a &&058; &&092; b {T}")).stem == "a &&058; &&092; b"


def test_an_escaped_backslash_before_a_brace_leaves_the_brace() -> None:
    assert texts(only(gift(r"x{=C:\\}"))) == ["C:\\"]


# --- braces -------------------------------------------------------------------------------------------------------


def test_text_after_the_braces_makes_a_gap() -> None:
    assert only(gift("拨打 {=110 =96110} 报警")).stem == "拨打 _____ 报警"


def test_braces_at_the_end_leave_no_gap() -> None:
    assert only(gift("拨打？{=110}")).stem == "拨打？"


def test_only_the_first_pair_of_braces_holds_answers() -> None:
    reading = gift("a {=x} b {=y}")
    assert (only(reading).stem, texts(only(reading))) == ("a  b {=y}", ["x"])
    assert warned(reading) == ["Only the first pair of braces holds answers; the rest was taken as text."]


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("a {=x", "The { is never closed: } is missing, or a blank line stands inside."),
        ("a =x}", "There is a } without a { before it."),
        ("a } {=x", "The } stands before the {."),
    ],
)
def test_one_brace_too_few_is_an_error_and_the_rest_is_read(text: str, reason: str) -> None:
    reading = gift(f"before{{T}}\n\n{text}\n\nafter{{T}}")
    assert [item.stem for item in reading.items] == ["before", "after"]
    ((line, said),) = reasons(reading)
    assert (line, said.startswith(reason)) == (3, True)


def test_a_blank_line_inside_the_braces_breaks_both_parts() -> None:
    assert [line for line, _reason in reasons(gift("a {\n=x\n\n~y\n}"))] == [1, 4]


# --- general feedback ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["x{=a ~b ####因为}", "x{T ####因为}", "x{#5 ####因为}", "x{####因为}", "x{=a -> b =c -> d ####因为}"]
)
def test_four_hashes_begin_the_general_feedback(text: str) -> None:
    assert only(gift(text)).explanation == "因为"


def test_the_last_four_hashes_count() -> None:
    item = only(gift("x{=a#fb ####one ####two}"))
    assert (item.explanation, feedback(item)) == ("two", ["fb ####one"])


def test_escaped_hashes_are_no_general_feedback() -> None:
    item = only(gift(r"x{=a \#\#\#\# ~b}"))
    assert (item.explanation, texts(item)) == ("", ["a ####", "b"])


# --- the order of types -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("no braces", Kind.DESCRIPTION),
        ("x{}", Kind.ESSAY),
        ("x{ }", Kind.ESSAY),
        ("x{#5}", Kind.NUMERIC),
        ("x{#5 ~#other}", Kind.NUMERIC),
        ("x{~a =b}", Kind.SINGLE_CHOICE),
        ("x{=a -> b ~c}", Kind.SINGLE_CHOICE),
        ("x{~%50%a ~%50%b}", Kind.MULTIPLE_CHOICE),
        ("x{=a -> b =c -> d}", Kind.MATCHING),
        ("x{T}", Kind.TRUE_FALSE),
        ("x{TRUE}", Kind.TRUE_FALSE),
        ("x{F}", Kind.TRUE_FALSE),
        ("x{FALSE}", Kind.TRUE_FALSE),
        ("x{FALSE#no#yes}", Kind.TRUE_FALSE),
        ("x{=TRUE}", Kind.SHORT_ANSWER),
        ("x{True}", Kind.SHORT_ANSWER),
        ("x{t}", Kind.SHORT_ANSWER),
        ("x{TRUE FALSE}", Kind.SHORT_ANSWER),
        ("x{a -> b}", Kind.SHORT_ANSWER),
        ("x{=a}", Kind.SHORT_ANSWER),
        ("x{a}", Kind.SHORT_ANSWER),
    ],
)
def test_types_are_found_in_moodles_order(text: str, kind: Kind) -> None:
    assert only(gift(text)).kind is kind


def test_an_arrow_in_a_short_answers_feedback_makes_it_a_matching_as_in_moodle() -> None:
    assert reasons(gift("x{=a # see -> b =c}")) == [(1, "The pair `c` has no -> between its two sides.")]


def test_small_letters_of_true_are_told() -> None:
    assert warned(gift("x{true}")) == ["`true` was taken as a short answer: true and false are written in capitals."]


def test_tags_of_newer_moodles_stand_in_comments() -> None:
    assert only(gift("// [id:7] [tag:短信] [tag:a\\]b]\nx{T}")).tags == ("短信", "a]b")


def test_weights_do_not_count_after_an_equals_sign_in_a_choice() -> None:
    reading = gift("x{=%75%a ~b}")
    assert (texts(only(reading)), shares(only(reading))) == (["%75%a", "b"], [1.0, 0.0])
    assert warned(reading) == [
        "A weight after = counts only in short and numeric answers; here it is part of the text."
    ]
