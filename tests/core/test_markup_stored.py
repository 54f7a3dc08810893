"""Stored HTML: filled in for a page, and taken apart into plain text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.core.markup import fill, key_message, plain, render

texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=40)


def filled(html: str) -> str:
    return fill(
        html,
        hotline=lambda key: f"<b>{key}</b>",
        term=lambda key, shown: f"<i>{key}:{shown}</i>",
        article=lambda slug: f'href="/articles/{slug}"',
        media=lambda key: f"<figure>{key}</figure>",
    )


@pytest.mark.parametrize(
    ("stored", "page"),
    [
        ('<span data-hotline="110"></span>', "<b>110</b>"),
        ('<span data-term="a">词</span>', "<i>a:词</i>"),
        ('<span data-term="a"></span>', "<i>a:</i>"),
        ('打<span data-hotline="110"></span>。', "打<b>110</b>。"),
        ('“<span data-term="a">词</span>”，', "“<i>a:词</i>”，"),
        ('(<span data-hotline="110"></span>) x', "(<b>110</b>) x"),
        ('<a href="article:b-c">文</a>', '<a href="/articles/b-c">文</a>'),
        ('<figure data-media="a-1"></figure>', "<figure>a-1</figure>"),
        ('&lt;figure data-media="a"&gt;&lt;/figure&gt;', '&lt;figure data-media="a"&gt;&lt;/figure&gt;'),
        ('<p>href="article:b"</p>', '<p>href="article:b"</p>'),
        ('&lt;span data-hotline="110"&gt;&lt;/span&gt;', '&lt;span data-hotline="110"&gt;&lt;/span&gt;'),
    ],
)
def test_placeholders_are_completed_and_nothing_else_is(stored: str, page: str) -> None:
    assert filled(stored) == page


@given(texts)
def test_text_of_an_author_is_never_taken_for_a_placeholder(text: str) -> None:
    html = render(f"[key]\nx\n[/]\n\n    {text}\n\n`{text}`", locale="en").html
    if "[[" not in text:
        assert filled(html) == html


@given(texts)
def test_plain_text_has_no_tag_no_blank_line_and_no_edge(text: str) -> None:
    words = plain(render(f"[key]\nx\n[/]\n\n{text}", locale="en").html)
    lines = words.split("\n")
    assert lines[0] == "x"
    assert [line for line in lines if not line or line != line.strip()] == []


def test_plain_text_leaves_out_labels_and_marks_and_keeps_words() -> None:
    source = (
        "[一句话]\n先挂断，*别转账*。[[source:s]]\n\n因为 1 < 2 &amp; 3。\n[/]\n\n[骗子话术]\n“转。”\n[/]\n\n"
        "[停问转]\n### 停\n\n一\n\n### 问\n\n二\n\n### 转\n\n三\n[/]\n\n| 甲 | 乙 |\n|--|--|\n| 1 | 2 |\n"
    )
    html = render(source, locale="zh-Hans").html
    assert plain(html).split("\n") == [
        "先挂断，别转账。", "因为 1 < 2 & 3。", "“转。”", "停", "一", "问", "二", "转", "三", "甲", "乙", "1", "2",
    ]  # fmt: skip
    assert key_message(html) == "先挂断，别转账。"


def test_a_page_without_key_message_has_none() -> None:
    assert key_message("<p>x</p>") == ""


@given(texts.filter(lambda text: text.strip(" \u3000")))
def test_the_key_message_is_the_words_of_its_first_paragraph(text: str) -> None:
    word = "".join(sign for sign in text if sign.isalnum()) or "词"
    html = render(f"[一句话]\n{word}，{word}。\n\n为什么\n[/]\n", locale="zh-Hans").html
    assert key_message(html) == f"{word}，{word}。"
    assert plain(html) == f"{word}，{word}。\n为什么"
