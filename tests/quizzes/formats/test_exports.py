"""What an export is to other programs, what it keeps for us, and what becomes of edits made elsewhere."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings

from portal.quizzes.rules.formats import EXPORTS, Format, Loss, detected, read, write
from portal.quizzes.rules.items import Item, Kind, Marking, Medium, Option, Stimulus, Voice
from tests.quizzes.formats.helpers import gift, only, shares, texts, warned
from tests.quizzes.formats.questions import items

PLAIN = Item(
    name="q-1",
    title="Q1",
    kind=Kind.SINGLE_CHOICE,
    stem="谁会要验证码？",
    options=(Option("a", "骗子", 1.0, "对"), Option("b", "银行", 0.0, "不会")),
    explanation="银行不会要。",
)
ORDER = Item(
    name="steps",
    kind=Kind.ORDERING,
    stem="先做什么？",
    options=(Option("a", "挂断"), Option("b", "报警")),
    marking=Marking.RIGHT_SHARE,
)


def exported(item: Item) -> str:
    return write([item], Format.GIFT).data.decode()


def without_ours(text: str) -> str:
    """Return GIFT as a program reads it that knows nothing of our comments."""
    return "\n".join(line for line in text.split("\n") if not line.startswith("// [mingbai:"))


def test_gift_is_what_a_person_would_write() -> None:
    assert without_ours(exported(PLAIN)) == (
        "::Q1::[plain]谁会要验证码？{\n\t=骗子#对\n\t~银行#不会\n\t####银行不会要。\n}\n"
    )


def test_an_ordering_is_a_matching_of_steps_and_numbers_in_gift() -> None:
    item = only(gift(without_ours(exported(ORDER))))
    assert [(one.text, one.match) for one in item.options] == [("挂断", "1"), ("报警", "2")]


def test_what_others_will_not_see_is_said() -> None:
    judged = Item(
        name="j",
        kind=Kind.JUDGEMENT,
        stem="?",
        options=(Option("scam", "x", 1.0), Option("genuine", "y"), Option("unsure", "z")),
        stimulus=Stimulus(Medium.PICTURE, picture="letter"),
        voices={"elderly": Voice(stem="!")},
        topic="fraud",
    )
    assert [one.what for one in write([judged], Format.GIFT).lost] == [
        Loss.VOICES,
        Loss.JUDGEMENT,
        Loss.PICTURE,
        Loss.DETAILS,
    ]
    assert [one.what for one in write([ORDER], Format.GIFT).lost] == [Loss.ORDERING]
    assert [one.what for one in write([ORDER], Format.MOODLE_XML).lost] == []
    assert [one.what for one in write([judged, ORDER], Format.YAML).lost] == []


def test_a_weight_that_moodle_lacks_becomes_the_nearest_for_others_and_stays_for_us() -> None:
    item = replace(PLAIN, options=(PLAIN.options[0], replace(PLAIN.options[1], fraction=0.37)))
    assert shares(only(gift(without_ours(exported(item))))) == [1.0, 0.4]
    assert shares(only(gift(exported(item)))) == [1.0, 0.37]


def test_an_edited_text_wins_and_what_is_ours_stays() -> None:
    item = replace(PLAIN, topic="fraud", voices={"elderly": Voice(stem="您看？", options={"a": {"text": "骗人的"}})})
    reading = gift(exported(item).replace("谁会要验证码？", "谁要验证码？"))
    assert only(reading) == replace(item, stem="谁要验证码？", form="plain")
    assert warned(reading) == [
        "The question was changed since it was exported; its texts and answers were taken as they stand here."
    ]


def test_voices_go_when_an_option_they_speak_of_is_gone() -> None:
    item = replace(PLAIN, topic="fraud", voices={"elderly": Voice(options={"b": {"text": "行"}})})
    kept = gift(exported(item).replace("银行#不会", "行里#不会")).items[0]
    gone = gift(re.sub(r"(::\[plain\][^{]*)\{.*\}", r"\1{T}", exported(item), flags=re.DOTALL)).items[0]
    assert (kept.topic, kept.voices) == ("fraud", item.voices)
    assert (gone.kind, gone.topic, gone.voices) == (Kind.TRUE_FALSE, "fraud", {})


@pytest.mark.parametrize("form", EXPORTS)
def test_nothing_makes_an_empty_file_of_the_format(form: Format) -> None:
    assert isinstance(write([], form).data, bytes)


@given(item=items())
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
def test_without_our_comments_gift_is_still_one_question(item: Item) -> None:
    reading = gift(without_ours(write([item], Format.GIFT).data.decode()))
    assert (reading.errors, len(reading.items)) == ([], 1)


@pytest.mark.parametrize("form", EXPORTS)
def test_the_format_is_found_out(form: Format) -> None:
    written = write([PLAIN, ORDER], form)
    for name in ("", f"bank{written.suffix}", "bank.txt"):
        assert read(written.data, name=name).format is form


@pytest.mark.parametrize(
    ("text", "name", "form"),
    [
        ("q\nA. x\nB. y\nANSWER: A", "", Format.AIKEN),
        ("问\nＡ．甲\nＢ．乙\n答案：Ａ", "x.txt", Format.AIKEN),
        ("::Q:: x {=ANSWER: y}", "", Format.GIFT),
        ("type,stem\n", "", Format.CSV),
        ("anything", "x.CSV", Format.CSV),
        ("<?xml version='1.0'?><!-- x --><quiz/>", "", Format.MOODLE_XML),
        ("<assessmentItem/>", "x.xml", Format.QTI),
        ("- {name: x}", "", Format.YAML),
        ("anything", "", Format.GIFT),
    ],
)
def test_other_formats_are_found_out(text: str, name: str, form: Format) -> None:
    assert detected(text, name) is form


def test_texts_of_a_plain_question_are_the_same_in_every_format() -> None:
    for form in EXPORTS:
        assert texts(read(write([PLAIN], form).data, format=form).items[0]) == ["骗子", "银行"]
