"""Questions from files, through the desk."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from html import unescape

import sqlalchemy as sa
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from portal.core.database import db
from portal.quizzes import services
from portal.quizzes.models import Document
from portal.quizzes.rules.bank import Sort
from tests.accounts.helpers import csrf, post

GIFT = """::code-on-the-phone::有人要验证码，怎么办？{~告诉他 =不告诉}

::broken::没有答案{~一个

::yes::验证码谁要都不给。{T}
"""


def send(client: FlaskClient, raw: bytes, name: str = "questions.gift") -> TestResponse:
    data = {"csrf_token": csrf(client), "file": (io.BytesIO(raw), name)}
    return client.post("/desk/questions/import", data=data, content_type="multipart/form-data")


def names() -> list[str]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Document.name).order_by(Document.name)))


def digest(page: str) -> str:
    return page.partition('name="digest" value="')[2].partition('"')[0]


def test_a_file_is_looked_at_and_then_taken_in(enter: Callable[[str], FlaskClient]) -> None:
    author = enter("author")
    page = send(author, GIFT.encode())
    assert (page.status_code, names()) == (200, [])
    assert page.text.count("New draft") + page.text.count("新草稿") == 2
    assert 'id="errors"' in page.text
    taken = post(author, "/desk/questions/import/take", digest=digest(page.text))
    assert taken.status_code == 303
    assert len(names()) == 2
    again = send(author, GIFT.encode())
    assert (digest(again.text), len(names())) == ("", 2)
    one = services.find(db.session(), sort=Sort.ITEM, name=names()[0])
    assert one is not None
    assert services.authors(db.session(), one) != frozenset({0})  # whoever brought it wrote it


def test_what_is_wrong_is_said_in_the_language_of_the_desk(enter: Callable[[str], FlaskClient]) -> None:
    author = enter("author")
    table = (
        "name,type,stem,correct,topic,checked_on\none,判断题,有吗？,或许,,\ntwo,判断题,有吗？,错,Not A Key,someday\n"
    )
    page = unescape(send(author, table.encode(), "questions.csv").text)
    found = page.partition('id="errors"')[2].partition("</section>")[0]
    assert found.count('<li class="finding">') == 2
    assert "`correct` 只能写 true 或 false（对、错）。" in found
    assert not re.search(r"[a-z]+ [a-z]+ [a-z]+", re.sub(r"<[^>]*>", "", found)), found


def test_a_question_cannot_have_the_name_of_a_page(enter: Callable[[str], FlaskClient]) -> None:
    author = enter("author")
    table = "name,type,stem,correct,explanation\nnew,判断题,有安全账户吗？,错,没有。\nother,判断题,有吗？,错,没有。\n"
    page = send(author, table.encode(), "questions.csv")
    assert "`new`" in page.text.partition('id="errors"')[2].partition("</section>")[0]
    assert post(author, "/desk/questions/import/take", digest=digest(page.text)).status_code == 303
    assert names() == ["other"]
    assert author.get("/desk/questions/new").status_code == 200


def test_only_what_was_looked_at_is_taken_in(enter: Callable[[str], FlaskClient]) -> None:
    author, other = enter("author"), enter("reviewer")
    seen = digest(send(author, GIFT.encode()).text)
    for client, given in ((other, seen), (author, "0" * 64), (author, ""), (author, "x" * 9999)):
        answer = post(client, "/desk/questions/import/take", digest=given)
        assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/questions/import")
    send(author, GIFT.replace("验证码", "密码").encode())
    assert post(author, "/desk/questions/import/take", digest=seen).headers["Location"] == "/desk/questions/import"
    assert names() == []


def test_hostile_files_get_a_sentence(enter: Callable[[str], FlaskClient]) -> None:
    author = enter("author")
    for raw in (b"", b"\x00" * 500, b"PK\x03\x04" + b"\xff" * 99, b"{" * 20_000, b"\xff\xfe\x00"):
        page = send(author, raw)
        assert page.status_code in (200, 400)
        assert 'id="errors"' in page.text or 'id="file-error"' in page.text
    assert post(author, "/desk/questions/import").status_code == 400
    assert send(author, b"x" * 1_200_000).status_code == 413
    assert names() == []


def test_only_writers_bring_files(enter: Callable[[str], FlaskClient]) -> None:
    analyst = enter("analyst")
    assert analyst.get("/desk/questions/import").status_code == 403
    assert send(analyst, GIFT.encode()).status_code == 403
    assert post(analyst, "/desk/questions/import/take", digest="x").status_code == 403
    author = enter("author")
    assert author.get("/desk/questions/import").status_code == 200
    assert author.post("/desk/questions/import").status_code == 400  # without a token
    assert author.get("/desk/questions/import/take").status_code == 405
