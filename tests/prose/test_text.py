"""Markdown to sentences: what a reader sees, where it stands, which block it stands in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.settings import ROOT
from portal.prose.rules import Part, Sentence
from portal.prose.rules.text import Form, split
from tests.prose.helpers import text_of

BODY = """\
[一句话]
没有“[[term:brushing]]”这回事。*都是骗子*。
[/]

## 现在怎么做

[步骤]
### 先停
打[[hotline:96110]]问。[[source:ncac]]再看[这篇](article:other)。

[骗子话术]
“保本保息。”
[/]
[/]

骗子常说：

- 第一句。
- 第二
  句。

| 看什么 | 假警察 |
|---|:--|
| 钱 | 要你\\|转账 |

经过
:   她接了电话。
"""


def body_sentences(body: str) -> list[Sentence]:
    return [sentence for sentence in text_of(body).sentences if sentence.part is Part.BODY]


def test_each_sentence_has_its_text_form_and_blocks() -> None:
    assert [(one.text, one.form.value, one.blocks) for one in body_sentences(BODY)] == [
        ("没有“刷单”这回事。", "paragraph", ("key",)),
        ("都是骗子。", "paragraph", ("key",)),
        ("现在怎么做", "heading", ()),
        ("先停", "heading", ("steps",)),
        ("打96110问。", "paragraph", ("steps",)),
        ("再看这篇。", "paragraph", ("steps",)),
        ("“保本保息。”", "paragraph", ("steps", "scam")),
        ("骗子常说：", "paragraph", ()),
        ("第一句。", "item", ()),
        ("第二句。", "item", ()),
        ("看什么", "cell", ()),
        ("假警察", "cell", ()),
        ("钱", "cell", ()),
        ("要你|转账", "cell", ()),
        ("经过", "label", ()),
        ("她接了电话。", "entry", ()),
    ]


def test_what_leads_to_a_sentence_is_known() -> None:
    leads = {one.text: one.lead for one in body_sentences(BODY) if one.lead}
    assert leads == {
        "第一句。": "骗子常说：",
        "第二句。": "骗子常说：",
        "钱": "看什么",
        "要你|转账": "假警察",
        "她接了电话。": "经过",
    }
    assert {one.heading for one in body_sentences(BODY)[7:]} == {"先停"}


def test_a_source_belongs_to_the_sentence_before_it() -> None:
    sentences = {one.text: [reference.kind for reference in one.references] for one in body_sentences(BODY)}
    assert sentences["打96110问。"] == ["hotline", "source"]
    assert sentences["再看这篇。"] == []


def test_places_point_into_the_source() -> None:
    text = text_of(BODY)
    for sentence in text.sentences:
        if sentence.part is Part.BODY:
            start, end = sentence.place(0, len(sentence.text))
            assert BODY[start:end].strip("*")[:1] in (sentence.text[0], "[")
            assert text.line(Part.BODY, start) == BODY.count("\n", 0, start) + 1
    hotline = next(one for one in text.sentences if "96110" in one.text)
    start, end = hotline.place(1, 6)
    assert BODY[start:end] == "[[hotline:96110]]"


def test_title_summary_and_hook_are_parts_of_their_own() -> None:
    parts = [(one.part.value, one.text, one.is_scam_talk) for one in text_of("", hook="送你皮肤").sentences]
    assert parts == [("title", "标题", False), ("summary", "说明", False), ("hook", "送你皮肤", True)]


@pytest.mark.parametrize(
    ("source", "seen"),
    [
        ("**保**本_保_息", "保本_保_息"),
        ("a _b_ `c`", "a b c"),
        ("&#20445;本 &amp; &lt;", "保本 & <"),
        ("保\u200b本<b>保</b>息<!-- x -->", "保本保息"),
        ("\\*保本\\*", "*保本*"),
        ("<https://a.example/x>", "https://a.example/x"),
        ("[a](http://x.example 'y')b", "ab"),
        ("保\n本", "保本"),
        ("risk\nfree", "risk free"),
        ("[[term:brushing|短信里的数字]]", "短信里的数字"),
        ("[[hotline:unknown]]", "unknown"),
        ("注[^1]", "注"),
        ("> 引用", "引用"),
    ],
)
def test_only_what_a_reader_sees_counts(source: str, seen: str) -> None:
    assert [one.text for one in body_sentences(source)] == [seen]


@pytest.mark.parametrize(
    ("text", "whole", "inside"),
    [
        ("一。二！三？", ["一。", "二！", "三？"], ["一。", "二！", "三？"]),
        ("他说：“甲。乙。”这是骗局。", ["他说：“甲。乙。”这是骗局。"], ["他说：“甲。", "乙。”", "这是骗局。"]),
        ("他说：“甲。”我们走。", ["他说：“甲。”", "我们走。"], ["他说：“甲。”", "我们走。"]),
        ("收益率29.59%。", ["收益率29.59%。"], ["收益率29.59%。"]),
        ("Ms. Lin paid. She lost it.", ["Ms. Lin paid.", "She lost it."], ["Ms. Lin paid.", "She lost it."]),
        ("没有句号", ["没有句号"], ["没有句号"]),
        ("没关的“引号。下一句。", ["没关的“引号。", "下一句。"], ["没关的“引号。", "下一句。"]),
        ("  。", ["。"], ["。"]),
        ("", [], []),
    ],
)
def test_sentences_end_where_a_reader_stops(text: str, whole: list[str], inside: list[str]) -> None:
    assert [text[a:b] for a, b in split(text)] == whole
    assert [text[a:b] for a, b in split(text, quotes=False)] == inside


MARKUP = st.lists(
    st.sampled_from(
        ["[一句话]\n", "[骗子话术]\n", "[/]\n", "## ", "- ", "| a | b |\n", "|---|---|\n", ":   ", "\n",
         "\n\n", "保本。", "“", "”", "[[term:x|y]]", "[[hotline:110]]", "[a](b)", "**", "`",
         "&amp;", "<b>", "\\", "a b. ", "《", "》", "> ", "1. "]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(MARKUP | st.text(max_size=80))
def test_any_source_is_read_and_every_character_has_its_place(source: str) -> None:
    text = text_of(source)
    last = -1
    for sentence in text.sentences:
        if sentence.part is Part.BODY:
            assert len(sentence.starts) == len(sentence.ends) == len(sentence.text)
            assert sentence.text.strip() == sentence.text != ""
            assert all(0 <= a < b <= len(source) for a, b in zip(sentence.starts, sentence.ends, strict=True))
            assert sentence.starts[0] >= last
            last = sentence.starts[-1]


@pytest.mark.parametrize(
    "source",
    [" " * 60_000, "[" * 60_000, "_" * 60_000 + "a", "a" + "_" * 60_000 + "a", "<" * 60_000,
     "|" * 60_000, "“" * 20_000,
     "- " * 30_000, "&" * 60_000, "[[" * 30_000, "\\" * 60_000, "“a。" * 15_000, "| " * 30_000, ".\n" * 30_000,
     "《" * 20_000,
     "[a](" * 15_000, "#" * 60_000, "1." * 30_000, "-" * 60_000, "- - " * 15_000 + "x"],
    ids=lambda source: f"{source[:4]!r}",
)  # fmt: skip
def test_no_source_breaks_the_reading(source: str) -> None:
    text = text_of(source)
    assert all(0 <= a < b <= len(source) for one in text.sentences for a, b in zip(one.starts, one.ends, strict=True))


def test_the_starter_library_is_read_without_loss() -> None:
    for path in ROOT.glob("content/articles/*/*.md"):
        body = path.read_text("utf-8").split("---\n", 2)[2]
        text = text_of(body)
        assert {"key", "saa"} <= text.blocks, path
        assert not any("[" in one.text or "**" in one.text for one in text.sentences), path
        assert any(one.form is Form.HEADING for one in text.sentences), path
