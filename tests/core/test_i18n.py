"""Languages: the conversion touches text only, and catalogues speak."""

import re

import flask
import pytest
from flask import Flask
from flask_babel import gettext, ngettext
from hypothesis import given
from hypothesis import strategies as st

from portal.core import i18n, markup
from portal.core.errors import Said
from portal.core.i18n import OVERRIDES, html_to_hant, select_locale, to_hant


@pytest.mark.parametrize(
    ("hans", "hant"),
    [
        ("网络", "網絡"),
        ("信息", "信息"),
        ("软件", "軟件"),
        ("转账", "轉賬"),
        ("理财产品", "理財產品"),
        ("里面", "裡面"),
        ("干预群众", "干預群眾"),
        ("银行卡里的钱", "銀行卡裡的錢"),
        ("头发 发展", "頭髮 發展"),
        ("身份证照片不乱发", "身份證照片不亂發"),
        ("打发卡银行的客服", "打發卡銀行的客服"),
        ("从卡里转走，电话里正催", "從卡裡轉走，電話裡正催"),
        ("96110", "96110"),
        ("", ""),
    ],
)
def test_words_of_the_mainland_stay_and_their_characters_change(hans: str, hant: str) -> None:
    assert to_hant(hans) == hant


@pytest.mark.parametrize(("wrong", "right"), OVERRIDES)
def test_an_override_holds_in_short_and_in_long_text(wrong: str, right: str) -> None:
    assert to_hant(f"这{wrong}") == f"這{right}"
    assert to_hant(f"这{wrong}" * 200) == f"這{right}" * 200


@pytest.mark.parametrize(
    ("hans", "hant"),
    [
        ("<p>网络</p>", "<p>網絡</p>"),
        ("网络", "網絡"),
        ("网<b>络</b>里", "網<b>絡</b>裡"),
        ('<a class="网" href="/网络?a=里#网络">网络</a>', '<a class="网" href="/网络?a=里#网络">網絡</a>'),
        ('<h2 id="h-网络">网络</h2>', '<h2 id="h-网络">網絡</h2>'),
        ('<span data-term="wang"></span>', '<span data-term="wang"></span>'),
        ("&lt;网&gt; &amp;", "&lt;網&gt; &amp;"),
        ('<abbr title="a&gt;网">网</abbr>', '<abbr title="a&gt;网">網</abbr>'),
    ],
)
def test_only_text_between_tags_is_converted(hans: str, hant: str) -> None:
    assert html_to_hant(hans) == hant


words = st.text(st.sampled_from("网络里面转账abc 12,。“”"), max_size=12)
tags = st.builds(lambda name, value: f'<{name} id="{value}" href="/{value}">', st.sampled_from(["a", "p"]), words)


@given(st.lists(st.one_of(words, tags, st.just("</a>"))).map("".join))
def test_tags_survive_any_conversion(html: str) -> None:
    assert re.findall(r"<[^>]*>", html_to_hant(html)) == re.findall(r"<[^>]*>", html)
    assert html_to_hant(html_to_hant(html)) == html_to_hant(html)


@pytest.mark.parametrize(
    ("locale", "catalogue", "minutes", "home"),
    [
        ("zh-Hans", "zh_Hans", "约 3 分钟", "首页"),
        ("zh-Hant", "zh_Hant", "約 3 分鐘", "首頁"),
        ("en", "en", "3 min read", "Home"),
    ],
)
def test_a_request_speaks_its_language_and_numbers_survive(
    app: Flask, locale: str, catalogue: str, minutes: str, home: str
) -> None:
    with app.test_request_context("/"):
        flask.g.locale = locale
        assert select_locale() == catalogue
        assert gettext("Home") == home
        assert "3" in ngettext("%(num)d min read", "%(num)d min read", 3)
        assert "%" not in ngettext("%(num)d min read", "%(num)d min read", 3)


def test_outside_requests_and_without_a_choice_there_is_a_language(app: Flask) -> None:
    assert select_locale() == "en"
    with app.test_request_context("/"):
        flask.g.pop("locale", None)
        assert select_locale() == "zh_Hans"


def test_a_sentence_of_the_rules_is_plain_english_that_can_be_said_again(app: Flask) -> None:
    inner = Said("A pattern has at most %(max_length)s characters.", max_length=40)
    said = Said("`%(text)s` cannot be used: %(wrong)s", text="100%\x07", wrong=inner)
    assert said == "`100%\x07` cannot be used: A pattern has at most 40 characters."
    assert said.mapped(lambda text: text.replace("\x07", "?")).startswith("`100%?` ")
    assert Said("Up to 100%.") == "Up to 100%."
    with app.test_request_context():
        flask.g.locale = "en"
        assert i18n.in_words(said) == said
        assert i18n.in_words("100% of it") == "100% of it"


@pytest.mark.parametrize(
    ("locale", "there"), [("zh-Hans", "没有 [不认识] 这种内容框。"), ("zh-Hant", "沒有 [不认识] 這種內容框。")]
)
def test_what_is_wrong_with_a_text_is_said_in_the_language_of_the_desk(app: Flask, locale: str, there: str) -> None:
    [(line, sentence)] = markup.check("[一句话]\n字\n[/]\n\n[不认识]\n")
    with app.test_request_context():
        flask.g.locale = locale
        assert (line, i18n.in_words(sentence)) == (5, there)


def test_the_child_that_renders_says_it_too(app: Flask) -> None:
    with markup.Renderer() as renderer, pytest.raises(markup.MarkupError) as problem:
        renderer.render("[一句话]\n字\n[/]\n\n[步骤]\n字\n[/]\n", locale="zh-Hans")
    with app.test_request_context():
        flask.g.locale = "zh-Hans"
        assert i18n.in_words(problem.value.sentence).endswith("每一项都要先写一行 ### 和标题。")
