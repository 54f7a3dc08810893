"""How hard a text is: lengths, levels, terms, and the sentences to mend."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from portal.core.settings import AUDIENCES, ROOT
from portal.prose.rules import Draft, Level, Names, Part, Reading, measure, read, say
from portal.prose.rules.bounds import bounds
from portal.prose.rules.messages import MESSAGES
from tests.prose.helpers import TERMS, text_of

WORDS = {key: (word,) for key, word in TERMS.items()}


def reading(body: str, **fields: str) -> Reading:
    return measure(text_of(body, **fields), WORDS)


def told(body: str, **fields: str) -> list[tuple[str, str, str]]:
    return [(note.message, note.level.value, note.sentence) for note in reading(body, **fields).notes]


# --- lengths ------------------------------------------------------------------------------------------------------


def test_lengths_are_counted_without_punctuation() -> None:
    measured = reading(
        "挂断电话，再打96110。\n\n- 先停。\n- 再问，后转。\n\n## 标题不算在平均里\n\n| 表 |\n|---|\n| 格 |\n"
    )
    assert (measured.sentences, measured.sentence_longest) == (4, 11)
    assert measured.sentence_average == round((2 + 11 + 2 + 4) / 4, 1)
    assert (measured.clause_longest, measured.clause_average) == (7, round((2 + 4 + 7 + 2 + 2 + 2) / 6, 1))


@pytest.mark.parametrize(
    ("audience", "length", "level"),
    [
        ("elderly", 25, None), ("elderly", 26, "warn"), ("elderly", 35, "warn"), ("elderly", 36, "block"),
        ("youth", 32, None), ("youth", 33, "warn"), ("youth", 46, "block"),
        ("new-resident", 36, None), ("new-resident", 37, "warn"), ("new-resident", 51, "block"),
        ("general", 40, None), ("general", 41, "warn"), ("general", 61, "block"),
    ],
)  # fmt: skip
def test_each_audience_has_its_longest_sentence(audience: str, length: int, level: str | None) -> None:
    sentence = "，".join("人" * 10 for _ in range(length // 10)) + "，" + "人" * (length % 10) + "。"
    notes = [one for one in told(f"{sentence}\n\n{'小。' * 9}", audience=audience) if one[0] == "sentence-long"]
    assert notes == ([("sentence-long", level, sentence)] if level else [])


def test_a_note_names_the_sentence_its_length_and_the_bound() -> None:
    body = "先挂断。\n\n" + "人" * 30 + "。"
    (note, *_others) = [note for note in reading(body, audience="elderly").notes if note.message == "sentence-long"]
    assert (note.params["length"], note.params["bound"], note.line, note.part) == (30, 25, 3, Part.BODY)
    assert body[note.start : note.end] == "人" * 30 + "。"
    assert say(note.message, note.params, locale="zh-Hant").startswith("这句有30个字，最好不超过25个")
    assert say(note.message, note.params, locale="en").startswith("This sentence has 30 characters; at most 25")


def test_a_quotation_of_sentences_is_not_one_long_sentence() -> None:
    assert reading("他说：“" + "先停一停。" * 12 + "”这不对。").sentence_longest == 6


def test_clauses_and_averages_have_bounds_too() -> None:
    assert ("clause-long", "warn", "人" * 17 + "。") in told("人" * 17 + "。", audience="elderly")
    assert ("clause-long", "block", "人" * 25 + "。") in told("人" * 25 + "。", audience="elderly")
    for clause, level in ((8, "warn"), (11, "block")):
        averages = [one[1] for one in told(f"{'人' * clause}，{'人' * clause}。" * 30, audience="elderly")]
        assert averages == [level]


def test_english_counts_words() -> None:
    measured = reading("Hang up now. Do not call back, ever.", locale="en")
    assert (measured.sentences, measured.sentence_longest, measured.hsk) == (2, 5, None)
    long = [one[:2] for one in told("word " * 25 + ".", audience="elderly", locale="en")]
    assert sorted(long) == [("average-long", "block"), ("sentence-long", "warn")]


def test_an_empty_text_has_measures() -> None:
    measured = measure(read(Draft(audience="youth", locale="zh-Hans", title="", summary="", body="")), {})
    assert (measured.sentences, measured.sentence_average, measured.clause_longest, measured.notes) == (0, 0.0, 0, ())
    assert not measured.blocks


# --- level --------------------------------------------------------------------------------------------------------

EASY, HARD = "我们", "饕餮"


@pytest.mark.parametrize(("hard", "level"), [(0, 1), (2, 1), (4, 8), (20, 8)])
def test_the_level_is_where_ninety_five_of_a_hundred_characters_are_known(hard: int, level: int) -> None:
    body = (EASY * (50 - hard) + HARD * hard) + "。"
    assert reading(body).hsk == level


def test_a_short_text_has_no_level() -> None:
    assert reading(HARD * 40).hsk is None


def test_hard_characters_are_named_at_the_worst_sentence() -> None:
    body = (EASY * 10 + "。") * 6 + "看饕餮，饕餮，饕餮，饕餮。"
    (note,) = [note for note in reading(body, audience="elderly").notes if note.message == "hard-characters"]
    assert body[note.start : note.end] == "看饕餮，饕餮，饕餮，饕餮。"
    assert note.params == {"grade": ">9", "bound": 4, "characters": "饕、餮"}


def test_explained_terms_do_not_make_a_text_hard() -> None:
    body = EASY * 60 + "。[[term:net-value|饕餮]]。"
    words = {**WORDS, "net-value": ("净值", "饕餮")}
    assert measure(text_of(body + "饕餮。" * 5), words).hsk == 1
    assert measure(text_of(body.replace("[[term:net-value|饕餮]]", "饕餮") + "饕餮。" * 5), words).hsk == 8


def test_traditional_characters_are_graded_as_simplified_ones() -> None:
    body = "我們認識這個國家的學生，請聽電話。" * 9
    assert reading(body, locale="zh-Hant").hsk == reading("我们认识这个国家的学生，请听电话。" * 9).hsk


# --- terms --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "unexplained"),
    [
        ("净值会跌。净值会涨。", ["净值"]),
        ("[[term:net-value]]会跌。净值会涨。", []),
        ("净值会跌。[[term:net-value]]会涨。", ["净值"]),
        ("净值，也就是一份现在值多少钱。净值会涨。", []),
        ("净值（一份现在值多少钱）会跌。", []),
        ("一份现在值多少钱，叫“净值”。净值会涨。", []),
        ("净值：一份现在值多少钱。", []),
        ("净值就是骗局。", ["净值"]),
        ("## 净值\n\n[[term:net-value]]会跌。", []),
        ("[骗子话术]\n“净值翻倍。”\n[/]", []),
        ("刷单，转账，刷单。", ["刷单", "转账"]),
        ("[[term:net-value|一份值多少钱]]会跌。净值会涨。", []),
    ],
)
def test_a_term_counts_until_it_is_explained(body: str, unexplained: list[str]) -> None:
    notes = [note for note in reading(body).notes if note.message == "term-unexplained"]
    assert [note.params["term"] for note in notes] == unexplained
    assert all(body[note.start : note.end] == note.params["term"] for note in notes)


def test_many_unexplained_terms_block() -> None:
    body = "净值转账刷单验证码。"
    assert reading(body).density == pytest.approx(100 * 4 / 9, abs=0.01)
    assert ("terms-dense", "block") in [one[:2] for one in told(body)]


# --- style --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "notes"),
    [
        ("不得不转账。", ["double-negative"]),
        ("没有不能退的钱。", ["double-negative"]),
        ("非去不可。", ["double-negative"]),
        ("罚二十万元。", ["digits"]),
        ("占百分之三十。", ["digits"]),
        ("罚20万元，垫了几千元，一万元也不给他。", ["digits"]),
        ("不转账，不报密码。", []),
    ],
)
def test_double_negatives_and_figures_in_words_are_shown(body: str, notes: list[str]) -> None:
    style = [note.message for note in reading(body).notes if note.message in ("double-negative", "digits")]
    assert style == notes


# --- all together -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("message", sorted(MESSAGES))
def test_every_message_is_written_in_both_languages_with_the_same_places(message: str) -> None:
    names = ("length", "bound", "unit", "passage", "grade", "characters", "term", "key")
    params: dict[str, Any] = dict.fromkeys(names, 1)
    for locale in ("zh-Hans", "en"):
        assert "{" not in say(message, params, locale=locale)


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant", "en"])
@pytest.mark.parametrize("audience", AUDIENCES)
def test_every_bound_warns_before_it_blocks(audience: str, locale: str) -> None:
    limits = bounds(audience=audience, locale=locale)
    for warn, block in (limits.average, limits.longest, limits.clause, limits.hsk, limits.terms):
        assert 0 < warn <= block
    assert limits.average[0] < limits.longest[0]


@given(st.text(max_size=120), st.sampled_from(AUDIENCES), st.sampled_from(["zh-Hans", "zh-Hant", "en"]))
def test_any_text_is_measured_and_its_notes_stand_in_it(body: str, audience: str, locale: str) -> None:
    measured = reading(body, audience=audience, locale=locale)
    assert measured.sentence_average <= measured.sentence_longest
    for note in measured.notes:
        assert say(note.message, note.params, locale=locale)
        if note.part is Part.BODY:
            assert 0 <= note.start < note.end <= len(body)


def test_adding_a_long_sentence_never_removes_a_note() -> None:
    body = "人" * 41 + "。"
    before = {note.sentence for note in reading(body).notes if note.message == "sentence-long"}
    after = {note.sentence for note in reading(body + "家" * 42 + "。").notes if note.message == "sentence-long"}
    assert before < after


@pytest.mark.parametrize("unit", ["不", "非", "一二三四五六七八九十", "净值", "人，", "“", "人。", "a ", "非人"])
def test_the_longest_text_of_one_kind_is_measured_to_its_end(unit: str) -> None:
    measured = measure(text_of(unit * (20_000 // len(unit))), WORDS)
    assert all(0 <= note.start <= note.end <= 20_000 for note in measured.notes if note.part is Part.BODY)


def test_the_starter_library_may_be_submitted() -> None:
    glossary = yaml.safe_load((ROOT / "content/glossary.yaml").read_text("utf-8"))
    for path in sorted(ROOT.glob("content/articles/*/*.md")):
        audience, locale, _md = path.name.split(".")
        terms = {entry["key"]: entry["term"].get(locale, entry["term"]["zh-Hans"]) for entry in glossary}
        _, front, body = path.read_text("utf-8").split("---\n", 2)
        fields = yaml.safe_load(front)
        draft = Draft(audience=audience, locale=locale, title=fields["title"], summary=fields["summary"], body=body)
        measured = measure(read(draft, Names(terms=terms)), {key: (word,) for key, word in terms.items()})
        assert [(note.message, note.sentence) for note in measured.notes if note.level is Level.BLOCK] == [], path
        assert measured.sentences > 15, path
