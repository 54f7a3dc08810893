"""The clipboard in the editor: what Word, WPS and browsers copy, as Markdown; what is left out is told."""

from __future__ import annotations

import io

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.articles.rules.written import MOST_PICTURES, Dropped, place
from portal.articles.services.pasted import MAX_HTML, PastedRefused, from_clipboard
from portal.core import markup
from portal.core.access import Permission
from portal.core.database import db
from portal.core.settings import Locale
from portal.media.models import Asset
from tests.articles.test_word import picture
from tests.staff import staff, token

WORD = """<html xmlns:v="urn:schemas-microsoft-com:vml"><head><style>p{}</style></head><body>
<!--StartFragment-->
<h1>先停<o:p></o:p></h1>
<p class=MsoNormal>接到电话，<b><span lang=EN-US>马上</span></b>挂
断。打<span lang=EN-US>110<o:p></o:p></span></p>
<h2>再<b>问</b></h2>
<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><![if !supportLists]>
<span lang=EN-US><span style='mso-list:Ignore'>1.<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;</span></span></span><![endif]>问家里人<a
href="#_ftn1" style='mso-footnote-id:ftn1'>[1]</a></p>
<p class=MsoListParagraph style='mso-list:l0 level2 lfo1'><![if !supportLists]>
<span><span style='mso-list:Ignore'>a)</span></span><![endif]>问儿女</p>
<p class=MsoListParagraph style='mso-list:l1 level1 lfo2'><![if !supportLists]>
<span><span style='mso-list:Ignore'>l</span></span><![endif]>问银行</p>
<table class=MsoTableGrid><tr><td><p>做<b>什么</b></p></td><td><p>打|哪里</p><p>两行</p></td></tr>
<tr><td>报警</td><td>110<table><tr><td>内</td></tr></table></td></tr></table>
<p><img src="file:///C:/x.png" alt="一张图"></p>
<p><a href="https://www.gov.cn/a">这里</a> <a href="file:///c:/x">那里</a> a_b *c* <i>斜</i></p>
<p>1. 不是列表</p>
<!--EndFragment--></body></html>"""


def test_what_word_copies_keeps_headings_lists_tables_and_links() -> None:
    found = from_clipboard(WORD)
    assert found.body == (
        "## 先停\n\n接到电话，**马上**挂断。打110\n\n### 再问\n\n1. 问家里人\n    1. 问儿女\n\n- 问银行\n\n"
        "| 做**什么** | 打\\|哪里<br>两行 |\n|---|---|\n| 报警 | 110内 |\n\n（图片：一张图）\n\n"
        "[这里](https://www.gov.cn/a) 那里 a\\_b \\*c\\* *斜*\n\n\\1. 不是列表\n"
    )
    assert dict(found.dropped) == {
        Dropped.FOOTNOTES: 1, Dropped.TABLES: 1, Dropped.PICTURES: 1, Dropped.LINKS: 1,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("html", "body"),
    [
        (
            '<meta charset="utf-8"><b style="font-weight:normal"><p><span style="font-weight:700">粗</span>细</p>'
            "<ul><li><p>一</p></li></ul></b>",
            "**粗**细\n\n- 一\n",
        ),
        ("<h3>小</h3><p>文</p><h4>更小</h4>", "## 小\n\n文\n\n### 更小\n"),
        ("<ul><li>甲<ol><li>甲一<li>甲二</ol><li>乙</ul>", "- 甲\n    1. 甲一\n    1. 甲二\n- 乙\n"),
        ("<div>一<br>二</div>三", "一\n\n二\n\n三\n"),
        (
            "<script>alert(1)</script><style>p{}</style><p onclick=x>文<!-- 暗 --></p><p style='display: none'>暗</p>",
            "文\n",
        ),
        ("<a href='javascript:alert(1)'>点</a><b></b><b> </b>", "点\n"),
        ("<p>&lt;script&gt; [骗子话术] # 一</p>", "\\<script> [骗子话术] # 一\n"),
        ("<" * 3000 + "<p>文", "\\<" * 3000 + "\n\n文\n"),
        ("<div>" * 3000 + "文", None),
    ],
    ids=["google", "levels", "lists", "lines", "hidden", "link", "signs", "angles", "deep"],
)
def test_what_browsers_copy(html: str, body: str | None) -> None:
    if body is None:
        with pytest.raises(PastedRefused):
            from_clipboard(html)
    else:
        assert from_clipboard(html).body == body


@pytest.mark.parametrize("html", ["", " \n", "<p></p>", "<!-- -->", "x" * (MAX_HTML + 1), f"<p>{'长' * 30_000}</p>"])
def test_what_holds_no_text_or_too_much_is_refused(html: str) -> None:
    with pytest.raises(PastedRefused):
        from_clipboard(html)


KEY = "[一句话]\n先停。\n[/]\n\n"
TREE = st.recursive(
    st.text("先停*_`<[#-1. |\\\n&;甲\u00a0", max_size=8),
    lambda inner: st.builds(
        lambda name, parts: f"<{name}>{''.join(parts)}</{name}>",
        st.sampled_from(
            ["p", "div", "b", "i", "ul", "ol", "li", "table", "tr", "td", "h1", "h5", "a href='x'", "span", "br"]
        ),
        st.lists(inner, max_size=4),
    ),
    max_leaves=20,
)


@given(TREE)
def test_any_html_becomes_a_text_that_the_editor_takes(html: str) -> None:
    try:
        found = from_clipboard(html)
    except PastedRefused:
        return
    assert markup.check(f"{KEY}{found.body}") == []
    assert found.body.endswith("\n")
    assert not found.body.startswith("\n")


def test_the_editor_asks_the_server_what_was_copied(app: Flask) -> None:
    desk = staff(app, Permission.DESK, Permission.WRITE, locale=Locale.HANS)
    given = {"csrf_token": token(desk, "/desk/")}
    answer = desk.post("/desk/pasted/zh-Hans", data={**given, "html": "<h2>先停</h2><p>挂断<img></p>"})
    assert (answer.status_code, answer.get_json()) == (
        200,
        {"text": "## 先停\n\n挂断（图片）\n", "said": "没有带过来：1 张图片。"},
    )
    answer = desk.post("/desk/pasted/zh-Hans", data=given)
    assert (answer.status_code, answer.get_json()) == (
        422,
        {"said": "只粘贴了文字：复制的内容太大，或者里面没有文字。"},
    )
    assert desk.get("/desk/pasted/zh-Hans").status_code == 405
    other = staff(app, Permission.DESK)
    assert other.post("/desk/pasted/zh-Hans", data={"csrf_token": token(other, "/desk/")}).status_code == 403


def test_pictures_stand_below_their_paragraph_and_only_where_there_is_a_place() -> None:
    here = "<p>先<img alt='一  张卡' data-picture=0>停<img data-picture=2></p>"
    tight = "<h2>头<img data-picture=0></h2><ul><li>项<img data-picture=0></ul><table><tr><td><img data-picture=0>"
    found = from_clipboard(here + "<img alt=无 data-picture=9>" + tight, {"0": ("a.png", b"x"), "2": ("b.jpeg", b"y")})
    assert found.body == (
        f"先停\n\n{place(0)}\n\n{place(1)}\n\n（图片：无）\n\n## 头（图片）\n\n- 项（图片）\n\n| （图片） |\n|---|\n"
    )
    assert [(one.name, one.data, one.said) for one in found.pictures] == [
        ("a.png", b"x", "一 张卡"),
        ("b.jpeg", b"y", ""),
    ]
    assert dict(found.dropped) == {Dropped.PICTURES: 4}
    many = from_clipboard("<p><img data-picture=0></p>" * (MOST_PICTURES + 2), {"0": ("a.png", b"x")})
    assert (len(many.pictures), dict(many.dropped)) == (MOST_PICTURES, {Dropped.PICTURES: 2})


def test_pasted_pictures_come_into_the_library(app: Flask) -> None:
    desk = staff(app, Permission.DESK, Permission.WRITE, locale=Locale.HANS)
    html = "<p>先看图：</p>"
    html += "".join(f"<p><img alt='{alt}' data-picture={at}></p>" for at, alt in enumerate(["一张银行卡", "", "坏"]))

    def send(**about: str) -> dict[str, str]:
        files = {"picture-0": (picture(), "picture.png"), "picture-1": (picture(), "picture.png")}
        given = {"csrf_token": token(desk, "/desk/"), "html": html, "picture-2": (io.BytesIO(b"no"), "x.png"), **files}
        answer = desk.post("/desk/pasted/en", data={**given, **about}, content_type="multipart/form-data")
        assert answer.status_code == 200
        found: dict[str, str] = answer.get_json()
        return found

    told = send()
    assert told["text"] == "先看图：\n\n（图片：一张银行卡）\n\n（图片）\n\n（图片：坏）\n"
    unsaid = "1 张没有替代文字的图片（在 Word 里右键点图片，写“替代文字”）"
    assert told["said"] == f"没有带过来：{unsaid}，2 张因为没有写来源和许可的图片。"
    for _twice in range(2):
        told = send(source="本行拍摄", licence="本行所有")
        db.session.rollback()
        (asset,) = db.session.scalars(sa.select(Asset))
        assert told["text"] == f"先看图：\n\n[图片：{asset.key}]\n\n（图片）\n\n（图片：坏）\n"
        assert told["said"] == f"没有带过来：1 张图片，{unsaid}。"
        words = (asset.alt, asset.source, asset.licence, asset.locale)
        assert words == ("一张银行卡", "本行拍摄", "本行所有", Locale.EN)
