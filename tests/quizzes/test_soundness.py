"""What keeps a question or a quiz from being used."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from portal.quizzes.rules.items import Item, Kind, Marking, Medium, Option, Stimulus, Voice, from_plain, to_plain
from portal.quizzes.rules.quizzes import Pool, Quiz, QuizVoice, Slot, quiz_to_plain
from portal.quizzes.rules.reading import node_of, read_item, read_items, read_quiz
from portal.quizzes.rules.soundness import ItemProblem as P
from portal.quizzes.rules.soundness import QuizProblem as Q
from portal.quizzes.rules.soundness import problems, quiz_problems
from portal.reference.rules.files import Problems, read_yaml
from tests.quizzes.formats.questions import items

A, B, C = Option("a", "甲", 1.0), Option("b", "乙"), Option("c", "丙")
SINGLE = Item(name="q", kind=Kind.SINGLE_CHOICE, stem="问？", options=(A, B, C), explanation="因为", topic="fraud")
MULTIPLE = replace(SINGLE, kind=Kind.MULTIPLE_CHOICE, marking=Marking.SHORT_HALF)
TRUTH = replace(SINGLE, kind=Kind.TRUE_FALSE, options=(Option("true", "对", 1.0), Option("false", "错")))
SHORT = replace(SINGLE, kind=Kind.SHORT_ANSWER, options=(Option("a", "96110", 1.0), Option("b", "96110#", 1.0)))
NUMERIC = replace(SINGLE, kind=Kind.NUMERIC, options=(Option("a", "５０万", 1.0, tolerance=5), Option("b", "*")))
MATCHING = replace(
    SINGLE,
    kind=Kind.MATCHING,
    marking=Marking.RIGHT_SHARE,
    options=(Option("a", "x", match="1"), Option("b", "y", match="1"), Option("c", "", match="2")),
)
ORDERING = replace(
    SINGLE, kind=Kind.ORDERING, marking=Marking.RIGHT_SHARE, options=(Option("a", "先"), Option("b", "后"))
)
JUDGEMENT = replace(
    SINGLE,
    kind=Kind.JUDGEMENT,
    options=(Option("scam", "是", 1.0), Option("genuine", "否"), Option("unsure", "不确定")),
    stimulus=Stimulus(Medium.SMS, "点链接"),
)


@pytest.mark.parametrize("item", [SINGLE, MULTIPLE, TRUTH, SHORT, NUMERIC, MATCHING, ORDERING, JUDGEMENT])
def test_sound_questions(item: Item) -> None:
    assert problems(item) == []


@pytest.mark.parametrize(
    ("item", "found"),
    [
        (replace(SINGLE, stem=" "), [P.NO_STEM]),
        (replace(SINGLE, explanation=""), [P.NO_EXPLANATION]),
        (replace(SINGLE, topic=""), [P.NO_TOPIC]),
        (replace(SINGLE, kind=Kind.ESSAY, options=()), [P.NOT_MARKED]),
        (replace(SINGLE, options=(B, C)), [P.NO_RIGHT_OPTION]),
        (replace(SINGLE, options=(replace(A, fraction=0.5), B)), [P.NO_FULL_MARK]),
        (replace(SINGLE, options=(A, replace(B, fraction=1.0))), [P.SEVERAL_FULL_MARKS]),
        (replace(SINGLE, options=(A,)), [P.TOO_FEW_OPTIONS]),
        (replace(SINGLE, options=()), [P.NO_RIGHT_OPTION, P.TOO_FEW_OPTIONS]),
        (replace(SINGLE, options=(A, replace(B, text=" "))), [P.EMPTY_OPTION]),
        (replace(SINGLE, options=(A, replace(B, text="甲 "))), [P.SAME_OPTION_TWICE]),
        (replace(SINGLE, options=(A, replace(B, id="a"))), [P.SAME_ID_TWICE]),
        (replace(SINGLE, options=(A, replace(B, fraction=-1.5))), [P.FRACTION_OUT_OF_RANGE]),
        (replace(SINGLE, options=(A, replace(B, fraction=float("nan")))), [P.FRACTION_OUT_OF_RANGE]),
        (replace(SINGLE, marking=Marking.EXACT), [P.WRONG_MARKING]),
        (replace(SINGLE, stem="长" * 8_001), [P.TOO_LONG]),
        (replace(SINGLE, stem="a\x00"), [P.UNSTORABLE]),
        (replace(SINGLE, voices={"old": Voice()}), [P.UNKNOWN_VOICE]),
        (replace(SINGLE, voices={"youth": Voice(options={"z": {"text": "x"}})}), [P.VOICE_OF_UNKNOWN_OPTION]),
        (replace(MULTIPLE, options=(B, C)), [P.NO_RIGHT_OPTION]),
        (
            replace(MULTIPLE, marking=Marking.WEIGHTS, options=(replace(A, fraction=0.5), B)),
            [P.FULL_MARK_OUT_OF_REACH],
        ),
        (replace(TRUTH, options=(A, B)), [P.NOT_TRUE_AND_FALSE]),
        (replace(NUMERIC, options=(Option("a", "五", 1.0),)), [P.NOT_A_NUMBER]),
        (replace(NUMERIC, options=(Option("a", "5", 1.0, tolerance=-1),)), [P.TOLERANCE_BELOW_ZERO]),
        (replace(MATCHING, options=MATCHING.options[1:]), [P.TOO_FEW_PAIRS]),
        (replace(MATCHING, options=(*MATCHING.options, Option("d", "x", match="2"))), [P.SAME_OPTION_TWICE]),
        (replace(ORDERING, options=ORDERING.options[:1]), [P.TOO_FEW_TO_ORDER]),
        (replace(JUDGEMENT, options=JUDGEMENT.options[:2]), [P.JUDGEMENT_OPTIONS]),
        (replace(JUDGEMENT, stimulus=None), [P.NO_STIMULUS]),
        (
            replace(JUDGEMENT, options=(*JUDGEMENT.options[:2], Option("unsure", "不确定", 0.5))),
            [P.UNSURE_IS_RIGHT],
        ),
        (
            replace(SINGLE, options=tuple(Option(f"o{n}", f"{n}", float(n == 0)) for n in range(101))),
            [P.TOO_MANY_OPTIONS],
        ),
    ],
)
def test_unsound_questions(item: Item, found: list[P]) -> None:
    assert problems(item) == found


QUIZ = Quiz(slug="codes", title="验证码", slots=(Slot("q"), Slot(pool=Pool("fraud", 2), points=2.0)))
BANK = {name: replace(SINGLE, name=name) for name in ("q", "r", "s")}


def test_a_sound_quiz() -> None:
    assert quiz_problems(QUIZ, items=BANK) == []


@pytest.mark.parametrize(
    ("quiz", "found"),
    [
        (replace(QUIZ, title=""), [Q.NO_TITLE]),
        (replace(QUIZ, slots=()), [Q.NO_SLOTS]),
        (replace(QUIZ, slots=(Slot("q"),) * 201), [Q.TOO_MANY_SLOTS, Q.ITEM_TWICE]),
        (replace(QUIZ, slots=(Slot("q"), Slot("q"))), [Q.ITEM_TWICE]),
        (replace(QUIZ, slots=(Slot("nowhere"),)), [Q.UNKNOWN_ITEM]),
        (replace(QUIZ, slots=(Slot(),)), [Q.EMPTY_SLOT]),
        (replace(QUIZ, slots=(Slot("q", pool=Pool("fraud", 1)),)), [Q.EMPTY_SLOT]),
        # "q" is asked by name, so that two are left to be drawn.
        (replace(QUIZ, slots=(Slot("q"), Slot(pool=Pool("fraud", 3)))), [Q.POOL_TOO_SMALL]),
        (replace(QUIZ, slots=(Slot(pool=Pool("fraud", 2)), Slot(pool=Pool("fraud", 2)))), [Q.POOL_TOO_SMALL]),
        (replace(QUIZ, slots=(Slot(pool=Pool("fraud", 0)),)), [Q.POOL_COUNT]),
        (replace(QUIZ, slots=(Slot("q", points=0),)), [Q.POINTS_OUT_OF_RANGE]),
        (replace(QUIZ, pass_percent=101), [Q.PERCENT_OUT_OF_RANGE]),
        (replace(QUIZ, minutes=-1), [Q.MINUTES_OUT_OF_RANGE]),
        (replace(QUIZ, attempts=-1), [Q.ATTEMPTS_OUT_OF_RANGE]),
        (replace(QUIZ, form="C", pair="p"), [Q.UNKNOWN_FORM]),
        (replace(QUIZ, form="A"), [Q.FORM_WITHOUT_PAIR]),
        (replace(QUIZ, voices={"old": QuizVoice()}), [Q.UNKNOWN_VOICE]),
        (replace(QUIZ, title="长" * 201), [Q.TOO_LONG]),
        (replace(QUIZ, intro="\x07"), [Q.UNSTORABLE]),
    ],
)
def test_unsound_quizzes(quiz: Quiz, found: list[Q]) -> None:
    assert quiz_problems(quiz, items=BANK) == found


def test_a_quiz_of_an_unsound_question_is_unsound() -> None:
    bank = {**BANK, "q": replace(SINGLE, explanation="")}
    assert quiz_problems(QUIZ, items=bank) == [Q.ITEM_UNSOUND]


# --- reading ------------------------------------------------------------------------------------------------------


@given(item=items())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_plain_values_are_read_back(item: Item) -> None:
    found = Problems()
    assert read_item(node_of(to_plain(item), line=1, problems=found)) == item == from_plain(to_plain(item))
    assert found.found == []


def test_a_quiz_is_read_back() -> None:
    whole = replace(
        QUIZ, form="A", pair="before-after", minutes=5, voices={"youth": QuizVoice("题", "来")}, certainty=True
    )
    assert read_quiz(node_of(quiz_to_plain(whole), line=1, problems=Problems())) == whole


@pytest.mark.parametrize(
    ("text", "line", "reason"),
    [
        ("slug: x\ntitle: y", 1, "The field `slots` is missing."),
        ("slug: x\ntitle: y\nslots:\n- {points: 1}", 4, "A place of a quiz names either `item` or `pool`."),
        ("slug: x\ntitle: y\nslots:\n- {item: a}\nminutes: 1.5", 5, "`1.5` is not a whole number."),
        ("slug: x\ntitle: y\nslots:\n- {item: a}\nfeedback: never", 5, "`never` is not one of: at_once, at_end."),
        ("slug: x\ntitle: y\nslots:\n- pool: {topic: t, count: 0}", 4, "`0` is not between 1 and 200."),
        ("slug: ''\ntitle: y\nslots:\n- {item: a}", 1, "The quiz has no slug."),
    ],
)
def test_problems_of_a_quiz_have_their_lines(text: str, line: int, reason: str) -> None:
    found = Problems()
    node = read_yaml(text, file="quiz.yaml", problems=found)
    assert node is not None
    assert read_quiz(node) is None
    assert [(one.line, one.text) for one in found.found] == [(line, reason)]


def test_a_list_is_read_as_far_as_it_is_sound() -> None:
    found = Problems()
    bare = {"name": "bare", "type": "essay", "stem": "x"}
    node = node_of([to_plain(SINGLE), bare, to_plain(SINGLE)], line=3, problems=found)
    assert read_items(node, sound=True) == [SINGLE]
    assert [one.text for one in found.found] == [
        "The question `bare` cannot be asked: not_marked.",
        "The name `q` stands here twice.",
    ]
