"""Moodle XML: what is read of each type, and what an export looks like to Moodle."""

from __future__ import annotations

from dataclasses import replace

import pytest

from portal.quizzes.rules.formats import Format, Reading, read, write
from portal.quizzes.rules.formats.tree import Element, parsed
from portal.quizzes.rules.items import Item, Kind, Marking, Medium, Option, Stimulus
from tests.quizzes.formats.helpers import feedback, only, reasons, shares, texts, warned


def xml(questions: str) -> Reading:
    return read(
        f'<?xml version="1.0" encoding="UTF-8"?>\n<quiz>\n{questions}\n</quiz>'.encode(), format=Format.MOODLE_XML
    )


HEAD = "<name><text>Q 1</text></name><questiontext format='html'><text><![CDATA[<p>问 & 答</p>]]></text></questiontext>"


def test_a_choice_of_one() -> None:
    reading = xml(f"""<question type="multichoice">{HEAD}
      <generalfeedback format="html"><text>因为</text></generalfeedback>
      <single>true</single><shuffleanswers>0</shuffleanswers>
      <answer fraction="100" format="html"><text>银行</text><feedback format="html"><text>对</text></feedback></answer>
      <answer fraction="-33.33333" format="html"><text>骗子</text><feedback><text></text></feedback></answer>
      <tags><tag><text>短信</text></tag></tags></question>""")
    item = only(reading)
    assert (reading.found[0].line, reading.found[0].name) == (3, "Q 1")
    assert (item.kind, item.stem, item.form) == (Kind.SINGLE_CHOICE, "<p>问 & 答</p>", "html")
    assert (texts(item), shares(item), feedback(item)) == (["银行", "骗子"], [1.0, -0.3333333], ["对", ""])
    assert (item.explanation, item.shuffle, item.tags) == ("因为", False, ("短信",))


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (
            "multichoice",
            "<single>false</single><answer fraction='50'><text>a</text></answer>"
            "<answer fraction='50'><text>b</text></answer>",
            (Kind.MULTIPLE_CHOICE, ["a", "b"], [0.5, 0.5]),
        ),
        (
            "truefalse",
            "<answer fraction='0'><text>true</text></answer><answer fraction='100'><text>false</text></answer>",
            (Kind.TRUE_FALSE, ["对", "错"], [0.0, 1.0]),
        ),
        (
            "shortanswer",
            "<usecase>1</usecase><answer fraction='100'><text>96110</text></answer>",
            (Kind.SHORT_ANSWER, ["96110"], [1.0]),
        ),
        (
            "numerical",
            "<answer fraction='100'><text>5</text><tolerance>0.5</tolerance></answer>",
            (Kind.NUMERIC, ["5"], [1.0]),
        ),
        (
            "ordering",
            "<answer fraction='2'><text>b</text></answer><answer fraction='1'><text>a</text></answer>",
            (Kind.ORDERING, ["a", "b"], [0.0, 0.0]),
        ),
        ("essay", "", (Kind.ESSAY, [], [])),
        ("description", "", (Kind.DESCRIPTION, [], [])),
    ],
)
def test_types(kind: str, body: str, expected: tuple[Kind, list[str], list[float]]) -> None:
    item = only(xml(f'<question type="{kind}">{HEAD}{body}</question>'))
    assert (item.kind, texts(item), shares(item)) == expected


def test_pairs_and_categories() -> None:
    reading = xml(
        '<question type="category"><category><text>$course$/top/甲</text></category></question>'
        f'<question type="matching">{HEAD}<subquestion><text>a</text><answer><text>1</text></answer></subquestion>'
        "<subquestion><text></text><answer><text>2</text></answer></subquestion></question>"
    )
    assert reading.found[0].category == "$course$/top/甲"
    assert [(one.text, one.match) for one in only(reading).options] == [("a", "1"), ("", "2")]
    assert only(reading).category == "$course$/top/甲"


@pytest.mark.parametrize(
    ("question", "reason"),
    [
        ('<question type="cloze"></question>', "Questions of the type `cloze` are not taken."),
        (
            "<question type='multichoice'><answer fraction='33'><text>a</text></answer></question>",
            "The weight 33% is none that Moodle knows; the nearest is 33.33333%.",
        ),
        ("<question type='multichoice'></question>", "A choice needs at least two answers."),
        ("<question type='truefalse'></question>", "Neither true nor false is the right answer."),
        ("<question type='numerical'><answer><text>x</text></answer></question>", "`x` is not a number."),
        ("<question type='shortanswer'></question>", "The question has no answer."),
        ("<question type='matching'></question>", "A matching question needs at least two pairs."),
    ],
)
def test_what_cannot_be_read_is_told_and_the_rest_is_read(question: str, reason: str) -> None:
    reading = xml(f'{question}\n<question type="essay">{HEAD}</question>')
    assert reasons(reading) == [(3, reason)]
    assert [item.kind for item in reading.items] == [Kind.ESSAY]


def test_files_inside_and_other_formats_are_told() -> None:
    reading = xml(
        "<question type='essay'><questiontext format='html'><text>x</text><file name='a'>AAAA</file></questiontext>"
        "<generalfeedback format='markdown'><text>y</text></generalfeedback></question>"
    )
    assert warned(reading) == [
        "Files inside the question were left out.",
        "A text is marked as markdown, the question as html; it was taken as the latter.",
    ]


@pytest.mark.parametrize("text", ["", "<quiz>", "<a/>", "{}", "<quiz><question></quiz>"])
def test_what_is_no_moodle_xml_is_refused(text: str) -> None:
    assert read(text.encode(), format=Format.MOODLE_XML).refused


SCAM = Item(
    name="codes-sms",
    kind=Kind.JUDGEMENT,
    stem="这是骗局吗？",
    options=(
        Option("scam", "是骗局", 1.0, "对"),
        Option("genuine", "不是骗局", 0.0, "错"),
        Option("unsure", "不确定"),
    ),
    stimulus=Stimulus(Medium.SMS, "点 <链接> & 付款", "1069xxxx0371"),
    topic="fraud",
)


def seen(item: Item) -> Element:
    """Return the question as another program sees it."""
    return parsed(write([item], Format.MOODLE_XML).data.decode()).children[0]


def test_a_judgement_is_a_plain_choice_to_moodle() -> None:
    question = seen(SCAM)
    text = question.child("questiontext")
    assert question.attributes["type"] == "multichoice"
    assert text is not None
    assert text.children[0].text == "【短信：1069xxxx0371】\n点 <链接> & 付款\n\n这是骗局吗？"
    assert [one.attributes["fraction"] for one in question.all("answer")] == ["100", "0", "0"]


@pytest.mark.parametrize(
    ("marking", "weights"),
    [
        (Marking.RIGHT_SHARE, ["50", "50", "0"]),
        (Marking.WRONG_HALF, ["50", "50", "-50"]),
        (Marking.WRONG_ALL, ["50", "50", "-100"]),
        (Marking.RIGHT_MINUS_WRONG, ["50", "50", "-50"]),
        (Marking.SHORT_HALF, ["50", "50", "-100"]),
        (Marking.EXACT, ["50", "50", "-100"]),
    ],
)
def test_a_rule_of_marking_is_put_into_weights(marking: Marking, weights: list[str]) -> None:
    options = (Option("a", "x", 1.0), Option("b", "y", 1.0), Option("c", "z"))
    item = Item(name="m", kind=Kind.MULTIPLE_CHOICE, stem="x", options=options, marking=marking)
    assert [one.attributes["fraction"] for one in seen(item).all("answer")] == weights


def test_an_edit_in_moodle_wins_and_our_own_fields_stay() -> None:
    text = write([replace(SCAM, explanation="因为", source="手册")], Format.MOODLE_XML).data.decode()
    reading = read(text.replace("是骗局</text>", "当然是骗局</text>", 1).encode(), format=Format.MOODLE_XML)
    item = only(reading)
    assert (item.name, item.topic, item.source, item.kind) == ("codes-sms", "fraud", "手册", Kind.SINGLE_CHOICE)
    assert texts(item) == ["当然是骗局", "不是骗局", "不确定"]
    assert warned(reading) == [
        "The question was changed since it was exported; its texts and answers were taken as they stand here."
    ]
