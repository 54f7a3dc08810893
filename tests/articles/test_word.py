"""Word files in the editor: what stays, what is left out and told, and files that are none."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import docx
import pytest
import sqlalchemy as sa
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from portal.articles.rules.written import MOST_PICTURES, Dropped
from portal.articles.services.word import (
    DRAWING,
    MAX_FILE,
    MAX_XML,
    WordFlaw,
    WordRefused,
    from_word,
)
from portal.core.access import Permission
from portal.core.database import db, transaction
from portal.core.settings import Locale
from portal.media.models import Asset
from tests.articles.desk import begin
from tests.staff import staff, token


def saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def picture() -> io.BytesIO:
    out = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(out, "PNG")
    out.seek(0)
    return out


def whole() -> bytes:
    paper = docx.Document()
    paper.add_heading("接到假电话怎么办", 0)
    paper.add_heading("先停", 1)
    first = paper.add_paragraph("不转账，")
    first.add_run("马上").bold = True
    first.add_run("挂断").bold = True
    first.add_run("。")
    paper.add_heading("再问", 2)
    for text in ("问家里人", "问银行"):
        paper.add_paragraph(text, style="List Bullet")
    for text in ("打110", "打银行客服"):
        paper.add_paragraph(text, style="List Number")
    table = paper.add_table(rows=2, cols=2)
    for cell, text in enumerate(("做什么", "打哪里", "报警|求助", "110")):
        table.cell(cell // 2, cell % 2).text = text
    paper.add_picture(picture())
    paper.add_paragraph("1. 不是列表，也有*星号*和_下划线_。")
    return saved(paper)


def test_headings_lists_tables_and_weight_stay() -> None:
    found = from_word(whole())
    assert found.title == "接到假电话怎么办"
    assert found.body == (
        "## 先停\n\n不转账，**马上挂断**。\n\n### 再问\n\n- 问家里人\n- 问银行\n\n1. 打110\n1. 打银行客服\n\n"
        "| 做什么 | 打哪里 |\n|---|---|\n| 报警\\|求助 | 110 |\n\n\ue0000\ue001\n\n"
        "\\1. 不是列表，也有\\*星号\\*和\\_下划线\\_。\n"
    )
    assert dict(found.dropped) == {}
    assert [(one.name, one.said, one.data) for one in found.pictures] == [("image1.png", "", picture().getvalue())]


def element(name: str, **about: str) -> Any:
    made = OxmlElement(name)
    for key, value in about.items():
        made.set(qn(f"w:{key}"), value)
    return made


def test_links_stay_where_they_lead_out_and_notes_are_counted() -> None:
    paper = docx.Document()
    paragraph = paper.add_paragraph("看")
    for address in ("https://www.gov.cn/a", "javascript:alert(1)"):
        link = OxmlElement("w:hyperlink")
        link.set(qn("r:id"), paper.part.relate_to(address, "hyperlink", is_external=True))
        run = OxmlElement("w:r")
        text = OxmlElement("w:t")
        text.text = "这里"
        run.append(text)
        link.append(run)
        paragraph._p.append(link)
    run = paragraph.add_run()._r
    run.append(element("w:footnoteReference", id="2"))
    run.append(element("w:commentReference", id="3"))
    drawing = OxmlElement("w:drawing")
    drawing.append(OxmlElement("w:txbxContent"))
    run.append(drawing)
    inner = OxmlElement("w:ins")
    kept = OxmlElement("w:r")
    words = OxmlElement("w:t")
    words.text = "，新写的"
    kept.append(words)
    inner.append(kept)
    paragraph._p.append(inner)
    found = from_word(saved(paper))
    assert found.body == "看[这里](https://www.gov.cn/a)这里，新写的\n"
    assert dict(found.dropped) == {
        Dropped.LINKS: 1, Dropped.FOOTNOTES: 1, Dropped.COMMENTS: 1, Dropped.BOXES: 1,
    }  # fmt: skip


def zipped(**files: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return out.getvalue()


BOMB = b'<!DOCTYPE a [<!ENTITY b "' + b"c" * 1000 + b'">]><a>' + b"&b;" * 1000 + b"</a>"


@pytest.mark.parametrize(
    ("raw", "flaw"),
    [
        (b"", WordFlaw.NOT_WORD),
        (b"PK\x03\x04 no zip", WordFlaw.NOT_WORD),
        ("只是一段文字".encode(), WordFlaw.NOT_WORD),
        (zipped(other_xml=b"<a/>"), WordFlaw.NOT_WORD),
        (zipped(word__document_xml=b"<a/>"), WordFlaw.NOT_WORD),
        (zipped(word__document_xml=BOMB), WordFlaw.NOT_WORD),
        (zipped(word__document_xml=b"0" * (MAX_XML + 1)), WordFlaw.TOO_LARGE),
        (b"0" * (MAX_FILE + 1), WordFlaw.TOO_LARGE),
        (saved(docx.Document()), WordFlaw.EMPTY),
    ],
    ids=["nothing", "torn", "text", "other", "bare", "entities", "swelling", "large", "empty"],
)
def test_what_is_no_word_file_is_refused(raw: bytes, flaw: WordFlaw) -> None:
    with pytest.raises(WordRefused) as refused:
        from_word(raw)
    assert refused.value.flaw is flaw


def test_a_text_that_is_too_long_is_refused() -> None:
    paper = docx.Document()
    for _ in range(30):
        paper.add_paragraph("长" * 1_000)
    with pytest.raises(WordRefused) as refused:
        from_word(saved(paper))
    assert refused.value.flaw is WordFlaw.TOO_LONG


@given(st.lists(st.text("先停*_`<[#-1. |\\甲", min_size=1, max_size=12), min_size=1, max_size=4))
def test_any_words_come_through(texts: list[str]) -> None:
    paper = docx.Document()
    for text in texts:
        paper.add_paragraph(text)
    if not any(text.strip() for text in texts):
        return
    body = from_word(saved(paper)).body
    plain = [line.replace("\\", "") for line in body.split("\n\n")]
    assert [" ".join(line.split()) for line in plain] == [
        " ".join(text.replace("\\", "").split()) for text in texts if text.strip()
    ]


def test_the_editor_takes_a_word_file_and_saves_nothing(app: Flask) -> None:
    with transaction() as unit:
        number = begin(unit).id
    desk = staff(app, Permission.DESK, Permission.WRITE, locale=Locale.HANS)
    place = f"/desk/articles/{number}/elderly/zh-Hans"

    def send(raw: bytes | None) -> str:
        data: dict[str, Any] = {"csrf_token": token(desk, place)}
        if raw is not None:
            data["file"] = (io.BytesIO(raw), "文章.docx")
        answer = desk.post(f"{place}/word", data=data, content_type="multipart/form-data")
        assert (answer.status_code, answer.headers["Location"]) == (303, place)
        return desk.get(place).text

    page = send(whole())
    assert "## 先停" in page
    assert "接到假电话怎么办" in page
    assert "没有带过来：1 张没有替代文字的图片" in page
    assert "先停" in desk.get(place).text
    assert "不是能读的 Word 文件" in send(b"no word")
    assert "不是能读的 Word 文件" in send(None)
    assert "## 先停" in desk.get(place).text
    assert desk.get(f"{place}/word").status_code == 405
    given = {"csrf_token": token(desk, place)}
    assert desk.post("/desk/articles/999/elderly/zh-Hans/word", data=given).status_code == 404
    other = staff(app, Permission.DESK)
    assert other.post(f"{place}/word", data={"csrf_token": token(other, "/desk/")}).status_code == 403


def described(said: str, color: str = "red") -> bytes:
    """Return a Word file with a paragraph, a picture that is said to show `said`, and a picture in a list."""
    paper = docx.Document()
    paper.add_paragraph("先看图：")
    out = io.BytesIO()
    Image.new("RGB", (40, 30), color).save(out, "PNG")
    for style in (None, "List Bullet"):
        paragraph = paper.add_paragraph("图在这里" if style else "", style=style)
        run = paragraph.add_run()
        out.seek(0)
        run.add_picture(out)
        run._r.find(f".//{DRAWING}").set("descr", said)
    return saved(paper)


def test_pictures_with_alternative_text_come_into_the_library(app: Flask) -> None:
    with transaction() as unit:
        number = begin(unit).id
    desk = staff(app, Permission.DESK, Permission.WRITE, locale=Locale.HANS)
    place = f"/desk/articles/{number}/elderly/zh-Hans"

    def send(raw: bytes, **about: str) -> str:
        data = {"csrf_token": token(desk, place), "file": (io.BytesIO(raw), "文章.docx"), **about}
        answer = desk.post(f"{place}/word", data=data, content_type="multipart/form-data")
        assert answer.status_code == 303
        return desk.get(answer.headers["Location"]).text

    def library() -> list[tuple[str, str, str, str]]:
        db.session.rollback()
        return [(one.alt, one.title, one.source, one.licence) for one in db.session.scalars(sa.select(Asset))]

    page = send(described("一张银行卡"))
    assert "没有带过来：1 张图片，1 张因为没有写来源和许可的图片。" in page
    assert "（图片：一张银行卡）" in page
    assert library() == []
    for _twice in range(2):
        page = send(described("一张银行卡"), source="本行拍摄", licence="本行所有")
        (key,) = db.session.scalars(sa.select(Asset.key))
        assert f"先看图：\n\n[图片：{key}]\n\n- 图在这里（图片：一张银行卡）" in page
        assert "没有带过来：1 张图片。" in page
        assert library() == [("一张银行卡", "一张银行卡", "本行拍摄", "本行所有")]
    page = send(b"no word", source="本行拍摄", licence="本行所有")
    assert 'value="本行拍摄"' in page
    assert 'value="本行所有"' in page
    assert list((app.config["PORTAL"].data / "media" / ".incoming").iterdir()) == []


def test_a_file_brings_no_more_pictures_than_a_text_can_bear() -> None:
    paper = docx.Document()
    for _ in range(MOST_PICTURES + 2):
        paper.add_picture(picture())
    found = from_word(saved(paper))
    assert (len(found.pictures), dict(found.dropped)) == (MOST_PICTURES, {Dropped.PICTURES: 2})
