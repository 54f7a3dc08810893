"""Marking: the table of rules, and what holds for every question and answer."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.quizzes.rules.answers import Answer, Unanswerable, checked, fits, folded, from_plain, number, to_plain
from portal.quizzes.rules.items import (
    FALSE,
    GENUINE,
    SCAM,
    TRUE,
    UNSURE,
    Item,
    Kind,
    Marking,
    Option,
    markings,
)
from portal.quizzes.rules.marking import Mark, Outcome, certain, guess_score, mark, share_of_options, total


def several(marking: Marking, fractions: dict[str, float] | None = None) -> Item:
    """Five options A to E, of which A, B and C are right."""
    weights = fractions or {"A": 1.0, "B": 1.0, "C": 1.0}
    options = tuple(Option(id=name, text=name, fraction=weights.get(name, 0.0)) for name in "ABCDE")
    return Item(name="several", kind=Kind.MULTIPLE_CHOICE, stem="?", options=options, marking=marking)


# measures.md §3: one answer, eight rules; the columns are what was chosen.
CHOSEN = ("ABC", "AB", "A", "ABD", "ABCD", "ABCDE", "D", "")
THIRD, TWO = Fraction(1, 3), Fraction(2, 3)
TABLE: dict[Marking, tuple[Fraction | int, ...]] = {
    Marking.RIGHT_SHARE: (1, TWO, THIRD, TWO, 1, 1, 0, 0),
    Marking.WRONG_HALF: (1, TWO, THIRD, Fraction(1, 6), Fraction(1, 2), 0, 0, 0),
    Marking.WRONG_ALL: (1, TWO, THIRD, 0, 0, 0, 0, 0),
    Marking.RIGHT_MINUS_WRONG: (1, TWO, THIRD, THIRD, TWO, THIRD, 0, 0),
    Marking.EVERY_DECISION: tuple(Fraction(n, 5) for n in (5, 4, 3, 3, 4, 3, 1, 2)),
    Marking.HALVES: (1, Fraction(1, 2), Fraction(1, 4), Fraction(1, 4), Fraction(1, 2), Fraction(1, 4), 0, 0),
    Marking.EXACT: (1, 0, 0, 0, 0, 0, 0, 0),
    Marking.SHORT_HALF: (1, Fraction(1, 2), Fraction(1, 2), 0, 0, 0, 0, 0),
}


@pytest.mark.parametrize("marking", TABLE)
def test_the_table_of_rules(marking: Marking) -> None:
    found = [share_of_options(several(marking), chosen) for chosen in CHOSEN]
    assert found == [pytest.approx(float(wanted), abs=1e-12) for wanted in TABLE[marking]]


@pytest.mark.parametrize(
    ("wrong", "marking"),
    [(0.0, Marking.RIGHT_SHARE), (-0.5, Marking.WRONG_HALF), (-1.0, Marking.WRONG_ALL)],
)
def test_moodles_weights_come_to_the_named_rules(wrong: float, marking: Marking) -> None:
    weights = dict.fromkeys("ABC", 0.3333333) | dict.fromkeys("DE", wrong)
    found = [share_of_options(several(Marking.WEIGHTS, weights), chosen) for chosen in CHOSEN]
    assert found == [pytest.approx(float(wanted), abs=3e-7) for wanted in TABLE[marking]]
    assert found[0] == 1.0


def test_the_default_for_several_is_the_chinese_rule() -> None:
    assert markings(Kind.MULTIPLE_CHOICE)[0] is Marking.SHORT_HALF


def test_an_empty_answer_earns_nothing_by_any_rule() -> None:
    """`EVERY_DECISION` would give 0.4 for leaving everything: an answer that was not given is not one."""
    assert [mark(several(rule), Answer()) for rule in Marking] == [Mark(0.0, Outcome.BLANK)] * len(Marking)


rules = st.sampled_from(list(Marking))
choices = st.sets(st.sampled_from("ABCDE"))
keys = st.sets(st.sampled_from("ABCDE"), min_size=1)


@given(rules, keys, choices)
def test_a_share_lies_from_0_to_1(rule: Marking, key: set[str], chosen: set[str]) -> None:
    item = several(rule, dict.fromkeys(key, 1.0))
    assert 0.0 <= share_of_options(item, chosen) <= 1.0
    assert share_of_options(item, key) == 1.0


@given(rules, keys, choices, st.sampled_from("ABCDE"))
def test_one_more_right_option_never_costs(rule: Marking, key: set[str], chosen: set[str], more: str) -> None:
    item = several(rule, dict.fromkeys(key, 1 / len(key)))
    before, after = share_of_options(item, chosen), share_of_options(item, chosen | {more})
    assert (after >= before) if more in key else (after <= before)


@given(rules, keys, choices, st.permutations("ABCDE"))
def test_the_order_of_options_and_of_choosing_changes_nothing(
    rule: Marking, key: set[str], chosen: set[str], order: list[str]
) -> None:
    item = several(rule, dict.fromkeys(key, 1.0))
    turned = replace(item, options=tuple(option for name in order for option in item.options if option.id == name))
    in_order = tuple(name for name in order if name in chosen)
    assert mark(turned, Answer(chosen=in_order)) == mark(item, Answer(chosen=tuple(sorted(chosen))))


# --- the other kinds


def judgement(truth: str) -> Item:
    options = tuple(Option(id=name, text=name, fraction=float(name == truth)) for name in (SCAM, GENUINE, UNSURE))
    return Item(name="judge", kind=Kind.JUDGEMENT, stem="?", options=options)


@pytest.mark.parametrize("truth", [SCAM, GENUINE])
def test_not_sure_is_neither_right_nor_wrong(truth: str) -> None:
    item = judgement(truth)
    other = GENUINE if truth == SCAM else SCAM
    assert mark(item, Answer(chosen=(truth,))) == Mark(1.0, Outcome.RIGHT)
    assert mark(item, Answer(chosen=(other,))) == Mark(0.0, Outcome.WRONG)
    assert mark(item, Answer(chosen=(UNSURE,))) == Mark(0.0, Outcome.DONT_KNOW)
    assert mark(item, Answer(dont_know=True)) == Mark(0.0, Outcome.DONT_KNOW)


def test_a_weight_below_nothing_takes_marks_away() -> None:
    options = (Option("a", "对", 1.0), Option("b", "错", -0.5), Option("c", "半对", 0.5))
    item = Item(name="one", kind=Kind.SINGLE_CHOICE, stem="?", options=options)
    assert [mark(item, Answer(chosen=(name,))) for name in "abc"] == [
        Mark(1.0, Outcome.RIGHT),
        Mark(-0.5, Outcome.WRONG),
        Mark(0.5, Outcome.PARTLY),
    ]


def test_true_and_false() -> None:
    item = Item(name="tf", kind=Kind.TRUE_FALSE, stem="?", options=(Option(TRUE, "对"), Option(FALSE, "错", 1.0)))
    assert mark(item, Answer(chosen=(FALSE,))).outcome is Outcome.RIGHT
    assert mark(item, Answer(chosen=(TRUE,))).outcome is Outcome.WRONG


@pytest.mark.parametrize(
    ("pattern", "text", "wanted"),
    [
        ("96110", "９６１１０", True),
        ("96110", " 9 6 1 1 0。", True),
        ("不听、不信、不转账", "不听不信，不转账！", True),
        ("ATM", "ａｔｍ", True),
        ("挂断*报警", "挂断电话，马上报警", True),
        ("挂断*报警", "报警后挂断", False),
        ("*", "什么都行", True),
        (r"\*", "*", True),
        (r"\*", "星号", False),
        ("5%", "5", False),
        ("5%", "5％", True),
        ("？", "?", True),
        ("？", "！", False),
        ("a*b*c", "abc", True),
        ("ab*ba", "aba", False),
    ],
)
def test_short_answers(pattern: str, text: str, wanted: bool) -> None:
    assert fits(pattern, text) is wanted


def test_capitals_count_where_the_question_says_so() -> None:
    assert fits("WiFi", "wifi") is True
    assert fits("WiFi", "wifi", case_sensitive=True) is False
    assert fits("WiFi", "ＷｉＦｉ", case_sensitive=True) is True


@given(st.text(alphabet="ａＡ不、， 。Ｂb9９"))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert folded(folded(text)) == folded(text)


def test_a_pattern_of_many_stars_is_quick() -> None:
    assert fits("*a" * 5_000 + "b", "a" * 20_000) is False


def test_the_first_pattern_that_fits_decides() -> None:
    options = (Option("a", "96110", 1.0), Option("b", "110", 0.5), Option("c", "*", 0.0))
    item = Item(name="short", kind=Kind.SHORT_ANSWER, stem="?", options=options)
    assert [mark(item, Answer(text=text)).fraction for text in ("96110", "１１０", "12378")] == [1.0, 0.5, 0.0]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("500000", 500_000),
        ("５０万元", 500_000),
        ("50万", 500_000),
        ("¥500,000.00", 500_000),
        ("1.5亿", 150_000_000),
        ("3.5%", 3.5),
        ("-2", -2),
        ("−2", -2),
        (".5", 0.5),
        ("1e3", 1000),
        ("5,00", None),
        ("五十万", None),
        ("50万100", None),
        ("", None),
        ("nan", None),
        ("inf", None),
    ],
)
def test_numbers_as_people_write_them(text: str, wanted: float | None) -> None:
    assert number(text) == wanted


@pytest.mark.parametrize(
    ("given_text", "wanted"), [("100", 1.0), ("104.9", 1.0), ("105", 1.0), ("105.1", 0.0), ("95", 1.0), ("百", 0.0)]
)
def test_a_number_within_its_tolerance_is_right(given_text: str, wanted: float) -> None:
    item = Item(name="n", kind=Kind.NUMERIC, stem="?", options=(Option("a", "100", fraction=1.0, tolerance=5.0),))
    assert mark(item, Answer(text=given_text)).fraction == wanted


def test_a_tenth_is_a_tenth() -> None:
    item = Item(name="n", kind=Kind.NUMERIC, stem="?", options=(Option("a", "0.3", 1.0, tolerance=0.1),))
    assert mark(item, Answer(text="0.4")).outcome is Outcome.RIGHT


MATCHING = Item(
    name="m",
    kind=Kind.MATCHING,
    stem="?",
    options=(
        Option("a", "被骗", match="110"),
        Option("b", "劝阻", match="96110"),
        Option("c", "银行纠纷", match="12378"),
        Option("d", "", match="114"),
    ),
    marking=Marking.RIGHT_SHARE,
)


def test_matching_counts_right_pairs_and_leaves_distractors_out() -> None:
    assert mark(MATCHING, Answer(pairs={"a": "a", "b": "b", "c": "c"})).fraction == 1.0
    assert mark(MATCHING, Answer(pairs={"a": "a", "b": "d", "c": "c"})).fraction == 2 / 3
    assert mark(MATCHING, Answer(pairs={"a": "b"})).fraction == 0.0
    exact = replace(MATCHING, marking=Marking.EXACT)
    assert mark(exact, Answer(pairs={"a": "a", "b": "d", "c": "c"})).fraction == 0.0


def test_equal_right_sides_are_equally_right() -> None:
    options = (Option("a", "甲", match="银行"), Option("b", "乙", match="银行"), Option("c", "丙", match="警察"))
    item = replace(MATCHING, options=options)
    assert mark(item, Answer(pairs={"a": "b", "b": "a", "c": "c"})).fraction == 1.0


def test_ordering_counts_places() -> None:
    options = tuple(Option(name, name) for name in "abcd")
    item = Item(name="o", kind=Kind.ORDERING, stem="?", options=options, marking=Marking.RIGHT_SHARE)
    assert mark(item, Answer(chosen=("a", "b", "c", "d"))).fraction == 1.0
    assert mark(item, Answer(chosen=("a", "b", "d", "c"))).fraction == 0.5
    exact = replace(item, marking=Marking.EXACT)
    assert mark(exact, Answer(chosen=("a", "b", "d", "c"))).fraction == 0.0


# --- certainty, totals, guesses


def test_certainty_multiplies_what_is_right_and_punishes_what_is_wrong() -> None:
    assert [certain(1.0, sure) for sure in (1, 2, 3)] == [1.0, 2.0, 3.0]
    assert [certain(0.0, sure) for sure in (1, 2, 3)] == [0.0, -2.0, -6.0]
    assert [certain(0.5, sure) for sure in (1, 2, 3)] == [0.5, 1.0, 1.5]
    assert certain(5e-8, 3) == -6.0
    item = judgement(SCAM)
    assert mark(item, Answer(chosen=(GENUINE,), certainty=3)) == Mark(-6.0, Outcome.WRONG)
    assert mark(item, Answer(chosen=(UNSURE,), certainty=3)) == Mark(0.0, Outcome.DONT_KNOW)


def test_a_total_in_points_and_percent() -> None:
    whole = total([(1.0, 2.0), (0.5, 1.0), (-0.5, 1.0)], pass_percent=50)
    assert (whole.points, whole.possible, whole.percent, whole.passed) == (2.0, 4.0, 50.0, True)
    assert total([(-1.0, 1.0)], pass_percent=0).percent == 0.0
    assert total([], pass_percent=0).passed is False
    assert total([(1 / 3, 1.0)] * 3 + [(0.0, 1.0), (0.0, 1.0)], pass_percent=20).passed is True


def test_what_guessing_is_worth() -> None:
    one = Item(name="x", kind=Kind.SINGLE_CHOICE, stem="?", options=tuple(Option(n, n, n == "a") for n in "abcd"))
    assert guess_score(one) == 0.25
    assert guess_score(judgement(SCAM)) == 0.5
    assert guess_score(several(Marking.EXACT)) is None


# --- what may be sent


@pytest.mark.parametrize(
    "answer",
    [
        Answer(chosen=("z",)),
        Answer(chosen=("a", "a")),
        Answer(pairs={"z": "a"}),
        Answer(pairs={"a": "z"}),
        Answer(text="x" * 201),
        Answer(text="a\x00b"),
        Answer(certainty=4),
    ],
)
def test_what_is_no_answer_is_refused(answer: Answer) -> None:
    with pytest.raises(Unanswerable):
        checked(answer, MATCHING)


def test_a_single_choice_takes_one_and_an_order_takes_all() -> None:
    with pytest.raises(Unanswerable):
        checked(Answer(chosen=(SCAM, GENUINE)), judgement(SCAM))
    order = Item(name="o", kind=Kind.ORDERING, stem="?", options=tuple(Option(name, name) for name in "abc"))
    with pytest.raises(Unanswerable):
        checked(Answer(chosen=("a", "b")), order)
    assert checked(Answer(chosen=("c", "b", "a")), order) == Answer(chosen=("c", "b", "a"))


def test_dont_know_puts_the_rest_aside() -> None:
    assert checked(Answer(chosen=(SCAM,), dont_know=True), judgement(SCAM)) == Answer(dont_know=True)


answers = st.builds(
    Answer,
    chosen=st.lists(st.sampled_from("abcd"), unique=True).map(tuple),
    text=st.text(max_size=20),
    pairs=st.dictionaries(st.sampled_from("abc"), st.sampled_from("abcd")),
    dont_know=st.booleans(),
    certainty=st.integers(0, 3),
)


@given(answers)
def test_an_answer_comes_back_as_it_was_stored(answer: Answer) -> None:
    assert from_plain(to_plain(answer)) == answer
