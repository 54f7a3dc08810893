"""Markdown of the portal: what each block becomes, and every sentence that `check` says."""

import pytest

from portal.core.markup import MAX_SOURCE_BYTES, MarkupError, check, references, render

KEY = "[一句话]\n话。\n[/]\n\n"
KEY_HTML = (
    '<section class="key">\n<h2 class="key__label" id="key">一句话</h2>\n<p class="key__text">话。</p>\n</section>\n'
)


def body(source: str, locale: str = "zh-Hans") -> str:
    """Return the HTML after the key message, without the line breaks between tags."""
    html = render(KEY + source, locale=locale).html
    return html.split("</section>\n", 1)[1].replace(">\n<", "><").strip()


GOLDEN = [
    ("[骗子话术]\n“转账。”\n[/]", '<figure class="scam"><figcaption>骗子话术</figcaption><blockquote><p>“转账。”</p>'
     "</blockquote></figure>"),
    ("[步骤]\n### 甲\n\n一\n\n### 乙\n\n[scam-talk]\n话\n[/]\n[/]",
     '<ol class="steps"><li><h3 id="h-甲">甲</h3><p>一</p></li><li><h3 id="h-乙">乙</h3><figure class="scam">'
     "<figcaption>骗子话术</figcaption><blockquote><p>话</p></blockquote></figure></li></ol>"),
    ("[停问转]\n### 停\n\n一\n\n### 问\n\n二\n\n### 转\n\n三\n[/]",
     '<ol class="saa"><li class="saa__stop"><span aria-hidden="true" class="saa__mark">停</span><div><h3 id="h-停">停'
     '</h3><p>一</p></div></li><li class="saa__ask"><span aria-hidden="true" class="saa__mark">问</span><div>'
     '<h3 id="h-问">问</h3><p>二</p></div></li><li class="saa__act"><span aria-hidden="true" class="saa__mark">转'
     '</span><div><h3 id="h-转">转</h3><p>三</p></div></li></ol>'),
    ("[小心]\n### 题\n\n话\n[/]", '<div class="notice notice--careful"><h3 class="notice__title" id="h-题">题</h3>'
     "<p>话</p></div>"),
    ("[危险]\n话\n[/]", '<div class="notice notice--danger"><p>话</p></div>'),
    ("[提示]\n话\n[/]", '<div class="notice notice--info"><p>话</p></div>'),
    ("[放心]\n话\n[/]", '<div class="notice notice--safe"><p>话</p></div>'),
    ("[案例]\n经过\n:   她转了钱。\n[/]", '<div class="case"><dl><dt>经过</dt><dd>她转了钱。</dd></dl></div>'),
    ("[[hotline:96110]]", '<p><span data-hotline="96110"></span></p>'),
    ("[[term:code]] [[term:code|短信*数字*]]",
     '<p><span data-term="code"></span> <span data-term="code">短信*数字*</span>'
     "</p>"),
    ("[[source:s-1]]", '<p><a class="src" href="#src-s-1">来源</a></p>'),
    ("[文字](article:other)", '<p><a href="article:other">文字</a></p>'),
    ("[外](https://a.example/b) <http://c.example>",
     '<p><a rel="noopener noreferrer" href="https://a.example/b">外</a> '
     '<a rel="noopener noreferrer" href="http://c.example">http://c.example</a></p>'),
    ("[内](/hotlines) [邮](mailto:a@b.cn) [打](tel:110)",
     '<p><a href="/hotlines">内</a> <a href="mailto:a@b.cn">邮</a> '
     '<a href="tel:110">打</a></p>'),
    ('`href="http://a"` href="article:b"', '<p><code>href="http://a"</code> href="article:b"</p>'),
    ("前\n[图片: a1]\n后", '<p>前</p><figure data-media="a1"></figure><p>后</p>'),
    ("[步骤]\n### 甲\n\n[视频: a-2]\n[/]",
     '<ol class="steps"><li><h3 id="h-甲">甲</h3><figure data-media="a-2"></figure></li></ol>'),
    ("**重** *点*", "<p><strong>重</strong> <em>点</em></p>"),
    ("## Sources\n\n## Sources", '<h2 id="h-sources">Sources</h2><h2 id="h-sources_1">Sources</h2>'),
    ("| A & B | 乙 |\n|---|--:|\n| 1 | 2 |", '<table><thead><tr><th scope="col">A &amp; B</th><th class="is-right" '
     'scope="col">乙</th></tr></thead><tbody><tr><td data-label="A &amp; B">1</td><td class="is-right" data-label="乙">'
     "2</td></tr></tbody></table>"),
    ("- 一\n- 二", "<ul><li>一</li><li>二</li></ul>"),
    ("3. 三\n4. 四", '<ol start="3"><li>三</li><li>四</li></ol>'),
    ("*[ABC]: 甲乙\n\nABC", '<p><abbr title="甲乙">ABC</abbr></p>'),
    ("<div>raw</div>\n\n一<br>二 <b onclick=x>粗</b> <!-- 注 -->", "<p>一<br>\n二 粗 </p>"),
    ("```\n[小心]\n[/]\n```", "<pre><code>[小心]\n[/]\n</code></pre>"),
]  # fmt: skip


@pytest.mark.parametrize(("source", "html"), GOLDEN)
def test_a_block_becomes_its_html(source: str, html: str) -> None:
    assert check(KEY + source) == []
    assert body(source) == html


ENGLISH = {
    "一句话": "key", "骗子话术": "scam-talk", "步骤": "steps", "危险": "danger", "小心": "careful", "提示": "note",
    "放心": "safe", "案例": "case",
}  # fmt: skip


@pytest.mark.parametrize(("chinese", "english"), ENGLISH.items())
def test_a_marker_may_be_english(chinese: str, english: str) -> None:
    inner = "### A\n\nb" if english == "steps" else "a"
    assert body(f"[{english}]\n{inner}\n[/]") == body(f"[{chinese}]\n{inner}\n[/]")


@pytest.mark.parametrize(
    ("marker", "marks", "last"),
    [
        ("停说打", "停说打", "call"),
        ("stop-ask-act", "Stop,Ask,Act", "act"),
        ("stop-tell-call", "Stop,Tell,Call", "call"),
    ],
)
def test_the_stop_box_carries_its_own_words(marker: str, marks: str, last: str) -> None:
    html = body(f"[{marker}]\n### a\n\nb\n\n### c\n\n### d\n[/]", "en")
    words = marks.split(",") if "," in marks else list(marks)
    style = "saa__mark saa__mark--word" if "," in marks else "saa__mark"
    for word, kind in zip(words, ("stop", "ask", last), strict=True):
        assert f'<li class="saa__{kind}"><span aria-hidden="true" class="{style}">{word}</span>' in html


@pytest.mark.parametrize(
    ("locale", "label", "source"),
    [("zh-Hans", "一句话", "来源"), ("zh-Hant", "一句話", "來源"), ("en", "In one sentence", "source")],
)
def test_labels_speak_the_language_of_the_edition(locale: str, label: str, source: str) -> None:
    html = render("[key]\nA. [[source:x]]\n\nWhy.\n[/]\n", locale=locale).html
    assert html.replace(">\n<", "><").strip() == (
        f'<section class="key"><h2 class="key__label" id="key">{label}</h2><p class="key__text">A. <a class="src" '
        f'href="#src-x">{source}</a></p><p class="key__why">Why.</p></section>'
    )


def test_a_chinese_key_message_breaks_after_punctuation_only() -> None:
    html = render("[一句话]\n先挂断，*别转账，都是*骗子。\n[/]", locale="zh-Hans").html
    assert (
        '<p class="key__text"><span class="ph">先挂断，</span><span class="ph"><em>别转账，都是</em>骗子。</span></p>'
        in html
    )
    assert '<p class="key__text">话。</p>' in render(KEY, locale="zh-Hans").html


def test_the_table_of_contents_holds_level_two_only_and_not_the_key_message() -> None:
    assert render(KEY + "## 甲 & 乙\n\n### 丙\n\n## key", locale="zh-Hans").toc == [
        {"id": "h-甲-乙", "text": "甲 & 乙"},
        {"id": "h-key", "text": "key"},
    ]


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("[步骤]\n[/]", "The steps block is empty."),
        ("[步骤]\n话\n[/]", "In the steps block every entry begins with a line ### and its title."),
        ("[停问转]\n### a\n\nb\n[/]", "The stop–ask–act box needs exactly three lines that begin with ###."),
    ],
)
def test_a_block_that_is_built_wrongly_is_refused(source: str, sentence: str) -> None:
    with pytest.raises(MarkupError) as refused:
        body(source)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("inner", ["", "- 一", "<b></b>", "## 题"])
def test_a_key_message_without_text_is_refused(inner: str) -> None:
    with pytest.raises(MarkupError) as refused:
        render(f"[一句话]\n{inner}\n[/]\n\n文", locale="zh-Hans")
    assert str(refused.value) == "The key message has no text."


BEGIN = "The text must begin with the key message: a line [一句话] (or [key])."
BRACKETS = "The line has too many brackets, marks or blanks to be read as text."
LEVEL = "A heading begins with ## or ###: the title is the only heading of level 1."
EDGE = "A block's marker stands at the very beginning of its line."
ALONE = "A picture stands alone on its line, as [图片: key] with its key in the library."
SENTENCES = [
    ("", [(1, BEGIN)]),
    ("文", [(1, BEGIN)]),
    ("[小心]\n文\n[/]", [(1, BEGIN)]),
    ("\n\n" + KEY, []),
    (KEY + "x" * MAX_SOURCE_BYTES, [(1, "The text is longer than 60,000 bytes.")]),
    (KEY + "[/]", [(5, "[/] closes a block, but none is open.")]),
    (KEY + "[小心]\n文", [(5, "The block [小心] is not closed with [/].")]),
    (KEY + "[小心]\n[提示]\n[案例]\n[/]\n[/]\n[/]", [(7, "Blocks may be nested one deep, not deeper.")]),
    (KEY + "[大心]\n文\n", [(5, "[大心] is not a block that is known here.")]),
    (KEY + " [小心]\n文", [(5, EDGE)]),
    (KEY + "- 一\n\n    [/]", [(7, EDGE)]),
    (KEY + ("[" * 60 + "\n") * 4, [(1, "The text has too many loose [ characters.")]),
    (KEY + "(((\n" * 70, [(1, "The text has too many loose ( characters.")]),
    (KEY + "`\n" * 201, [(1, "The text has too many loose ` characters.")]),
    (KEY + "|" * 41, [(5, "The line has more than 40 columns.")]),
    (KEY + "[]" * 61, [(5, BRACKETS)]),
    (KEY + "()" * 201, [(5, BRACKETS)]),
    (KEY + "*" * 20, [(5, BRACKETS)]),
    (KEY + "_" * 20, [(5, BRACKETS)]),
    (KEY + ">" * 10, [(5, BRACKETS)]),
    (KEY + " " * 60 + "x", [(5, BRACKETS)]),
    (KEY + "![图](a.png)", [(5, ALONE)]),
    (KEY + "<img src=a>", [(5, ALONE)]),
    (KEY + "[图片: a1]\n[视频：a-2]\n[音频:a3]\n[media: a4]", []),
    (KEY + "[图片: A1]", [(5, "[图片: A1] does not name a key.")]),
    (KEY + "[图片: a1/../b]", [(5, "[图片: a1/../b] does not name a key.")]),
    (KEY + "[图片: ]", [(5, "[图片: ] is not a block that is known here.")]),
    ("[一句话]\n话。\n[图片: a1]\n[/]", [(3, "A picture cannot stand in the key message.")]),
    (KEY + "# 题", [(5, LEVEL)]),
    (KEY + "##### 题", [(5, LEVEL)]),
    (KEY + "题\n===", [(6, LEVEL)]),
    (KEY + "## 题\n\n### 题\n\n#### 题", []),
    (KEY + "[[bank:x]]", [(5, "[[bank:…]] is not known here; there are hotline, term and source.")]),
    (KEY + "[[term:A b]]", [(5, "[[term:A b]] does not name a key.")]),
    (KEY + "[[term:]]", [(5, "[[term:]] does not name a key.")]),
    (KEY + "| a |\n|---|\n| [[term:x]] |\n\n[[term:x|词]]", []),
    (KEY + "| a |\n|---|\n| [[term:x|词]] |", [
        (7, "In a table a reference has no words of its own: write [[term:x]].")]),
    (KEY + "[[大:x]]\n\n![](a)", [
        (5, "[[大:…]] is not known here; there are hotline, term and source."), (7, ALONE)]),
]  # fmt: skip


@pytest.mark.parametrize(("source", "problems"), SENTENCES)
def test_each_mistake_has_its_line_and_sentence(source: str, problems: list[tuple[int, str]]) -> None:
    assert check(source) == problems


def test_references_are_found_in_every_spelling() -> None:
    links = "[x](article:d) [x](<article:e>) [y][r]\n\n[r]: article:f\n"
    source = "[[hotline:110]] [[term:a|b]] [[term:c]] [[source:s]] " + links + "\n[图片: p]\n[media：q-1]  \n"
    assert references(source) == {
        "hotline": {"110"}, "term": {"a", "c"}, "source": {"s"}, "article": {"d", "e", "f"}, "media": {"p", "q-1"},
    }  # fmt: skip


def test_a_term_keeps_its_quotation_marks_and_a_line_may_break_before_them() -> None:
    source = "[一句话]\n没有“[[term:safe-account]]”，挂断。\n[/]\n\n先打[[hotline:110]]。"
    html = render(source, locale="zh-Hans").html
    term = '<wbr><span class="nowrap">“<span data-term="safe-account"></span>”，</span>'
    assert f'<p class="key__text"><span class="ph">没有{term}</span><span class="ph">挂断。</span></p>' in html
    assert '<p>先打<span class="nowrap"><span data-hotline="110"></span>。</span></p>' in html
