"""Certificates that anybody can check, and cards to share: nothing in either says who."""

from __future__ import annotations

import io
import re

import pypdf
import pytest
import sqlalchemy as sa
import zxingcpp
from defusedxml import ElementTree
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.quizzes.models import Attempt, Certificate
from portal.quizzes.rules.items import Option
from portal.quizzes.services import certificates, pdf
from portal.quizzes.services import taking as verbs
from portal.quizzes.views.drawing import lines
from tests.articles.desk import AT, BOB
from tests.quizzes.bank import judgement, publish, quiz, single
from tests.quizzes.browsed import RIGHT, WRONG, needs_pdf, take
from tests.quizzes.taken import marked_anew
from tests.threads import at_once

pytestmark = pytest.mark.usefixtures("desk_library")
CROSS = {"Sec-Fetch-Site": "cross-site"}
NOBODY = "x" * 43


@pytest.fixture(autouse=True)
def _bank(desk_library: None) -> None:
    with transaction() as session:
        publish(session, single(), judgement(), quiz(), quiz("pair-a", pair="p", form="A"))
    db.session().close()


def codes(session: Session) -> list[str]:
    session.expire_all()
    return list(session.scalars(sa.select(Certificate.code)))


def certified(client: FlaskClient, session: Session, edition: str = "") -> tuple[str, str]:
    """Pass the quiz and make the certificate; return the attempt's address and the code as it is shown."""
    place = take(client, RIGHT, edition=edition)
    assert client.post(f"{place}/certificate").headers["Location"] == f"{place}/result#certificate"
    code = certificates.spoken(codes(session)[-1])
    session.rollback()
    return place, code


# --- making ---


def test_a_passed_attempt_gets_one_certificate(client: FlaskClient, session: Session) -> None:
    place = take(client, RIGHT)
    assert f'action="{place}/certificate"' in client.get(f"{place}/result").text
    assert codes(session) == []
    session.rollback()
    for _twice in range(2):
        assert client.post(f"{place}/certificate").status_code == 303
    [code] = codes(session)
    assert re.fullmatch(r"[2-9A-HJ-NP-Z]{12}", code)
    page = client.get(f"{place}/result").text
    assert f"/certificates/{certificates.spoken(code)}" in page
    assert f'href="{place}/certificate.pdf"' in page
    assert f'action="{place}/certificate"' not in page


def test_none_is_made_for_what_is_not_passed_not_ended_or_a_form_of_a_pair(
    client: FlaskClient, session: Session
) -> None:
    lost = take(client, WRONG)
    open_one = client.post("/quizzes/try/begin").headers["Location"]
    pair = take(client, RIGHT, slug="pair-a")
    for place in (lost, open_one, pair):
        assert client.post(f"{place}/certificate").headers["Location"] == f"{place}/result"
        for name in ("certificate", "certificate.pdf"):
            assert client.get(f"{place}/{name}").headers["Location"] == f"{place}/result"
    assert codes(session) == []
    for place in (lost, pair):
        assert f'action="{place}/certificate"' not in client.get(f"{place}/result").text


def test_another_site_makes_none_and_a_wrong_address_is_not_found(client: FlaskClient, session: Session) -> None:
    place = take(client, RIGHT)
    assert client.post(f"{place}/certificate", headers=CROSS).status_code == 403
    assert client.post(f"{place}/certificate.pdf").status_code == 405
    assert client.put(f"{place}/certificate").status_code == 405
    assert client.get(f"/quizzes/attempts/{NOBODY}/certificate.pdf").status_code == 404
    assert client.post(f"/quizzes/attempts/{NOBODY}/certificate").status_code == 404
    assert codes(session) == []


def test_of_many_presses_at_once_one_certificate_comes(app: Flask, session: Session) -> None:
    place = take(app.test_client(), RIGHT)
    came = at_once(app, *[lambda: app.test_client().post(f"{place}/certificate").status_code] * 4)
    assert came == [303] * 4
    assert len(codes(session)) == 1


# --- the page and the PDF ---


def test_the_page_has_a_line_for_the_name_and_no_field(client: FlaskClient, session: Session) -> None:
    place, code = certified(client, session, "/en/youth")
    answer = client.get(f"{place}/certificate")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "private, no-store")
    assert "Name: please write it here by hand. We keep no name." in answer.text
    assert "<input" not in answer.text
    assert (code in answer.text, "100%" in answer.text) == (True, True)
    assert "img-src 'self' data:" in answer.headers["Content-Security-Policy"]
    assert answer.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    ("edition", "title", "address"),
    [
        ("", "试一试", "/certificates/"),
        ("/zh-Hant/elderly", "試一試", "/zh-Hant/certificates/"),
        ("/en/youth", "试一试", "/en/certificates/"),
    ],
)
def test_the_pdf_says_what_was_passed_and_where_to_check_it(
    client: FlaskClient, session: Session, settings: Settings, edition: str, title: str, address: str
) -> None:
    needs_pdf()
    place, code = certified(client, session, edition)
    answer = client.get(f"{place}/certificate.pdf")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    assert answer.headers["Cache-Control"] == "private, no-store"
    read = pypdf.PdfReader(io.BytesIO(answer.data))
    [page] = read.pages
    assert page.mediabox.width > page.mediabox.height
    text = page.extract_text()
    where = f"{settings.base_url}{address}{code}"
    for said in (title, code, "100%", where):
        assert said in text
    [picture] = page.images
    assert picture.image is not None
    assert [found.text for found in zxingcpp.read_barcodes(picture.image)] == [where]


def test_a_certificate_answers_in_the_edition_of_its_attempt(client: FlaskClient, session: Session) -> None:
    place, _code = certified(client, session, "/en/youth")
    bare = place.removeprefix("/en/youth")
    for tail in ("/certificate", "/certificate.pdf"):
        assert client.get(bare + tail).headers["Location"] == place + tail


def test_while_one_pdf_is_made_the_next_is_asked_to_come_again(client: FlaskClient, session: Session) -> None:
    needs_pdf()
    place, _code = certified(client, session)
    with pdf._turns["public"]:
        answer = client.get(f"{place}/certificate.pdf")
        assert (answer.status_code, answer.headers["Retry-After"]) == (503, "3")
    first = client.get(f"{place}/certificate.pdf")
    assert first.status_code == 200
    # What has just been made is kept: it needs no turn.
    with pdf._turns["public"]:
        assert client.get(f"{place}/certificate.pdf").data == first.data


def test_where_no_pdf_can_be_made_the_page_to_print_says_so(
    client: FlaskClient, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A machine without Pango: the child ends with this status.
    monkeypatch.setattr("portal.quizzes.services.pdf.sys.executable", "/bin/false")
    place, _code = certified(client, session, "/en")
    answer = client.get(f"{place}/certificate.pdf")
    assert answer.headers["Location"] == f"{place}/certificate?pdf=none"
    page = client.get(answer.headers["Location"])
    assert "A PDF cannot be made here just now. Print this page instead: landscape, A4." in page.text


def test_a_pdf_fetches_nothing_from_anywhere(tmp_path: object) -> None:
    needs_pdf()
    hidden = "file:///etc/passwd"
    made = pdf.make(
        f'<link rel="attachment" href="{hidden}"><img src="http://127.0.0.1:9/x.png"><p>ok</p>'
        f'<link rel="stylesheet" href="{hidden}">',
        css=f'@import url("{hidden}"); p {{ background: url("http://127.0.0.1:9/y.png") }}',
    )
    read = pypdf.PdfReader(io.BytesIO(made))
    assert read.pages[0].extract_text().strip() == "ok"
    assert list(read.attachments) == []
    assert b"root:" not in made


# --- checking ---


@pytest.mark.parametrize("typed", ["{}", " {} ", "code: {}", "{}."])
def test_anybody_can_check_a_code_however_it_is_typed(client: FlaskClient, session: Session, typed: str) -> None:
    _place, code = certified(client, session)
    asked = typed.replace("code: ", "").format(code.lower().replace("-", "－"))
    answer = client.get("/en/certificates/", query_string={"code": asked})
    assert answer.headers["Location"] == f"/en/certificates/{code}"
    page = client.get(answer.headers["Location"])
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "no-store")
    for said in ("This certificate is from us", "试一试", "(version 1)", "100%", "We keep no name."):
        assert said in page.text


def test_a_check_tells_the_marks_as_they_stand_now(client: FlaskClient, session: Session) -> None:
    place, code = certified(client, session)
    attempt = verbs.of_token(session, place.rpartition("/")[2])
    assert attempt is not None
    version_id = attempt.version_id
    session.rollback()
    options = (Option("a", "告诉他", 1.0), Option("b", "不告诉"), Option("c", "先问问他"))
    with transaction() as unit:
        publish(unit, single(options=options))
    with transaction() as unit:
        marked_anew(unit, version_id=version_id, item="code", reason="答案写错了。", by=BOB, at=AT)
    page = client.get(f"/en/certificates/{code}").text
    for said in ("No longer passed", "50%", "before it was marked anew: 100%"):
        assert said in page
    # What is not passed any more is not printed any more.
    assert client.get(f"{place}/certificate.pdf").headers["Location"] == f"{place}/result"


@pytest.mark.parametrize("code", ["7K3M-9QXT-4HWB", "7K3M", "0O1I-0O1I-0O1I", "a/b/c", "%00", "x" * 900, "<b>"])
def test_an_unknown_code_gets_help_and_always_the_same(client: FlaskClient, code: str) -> None:
    answer = client.get(f"/en/certificates/{code}")
    assert answer.status_code == 404
    assert "There is no certificate with this code." in answer.text
    assert "<b>" not in answer.text.partition('id="code"')[2].partition(">")[0]
    assert client.post(f"/en/certificates/{code}").status_code == 405


def test_an_empty_code_is_asked_for_again(client: FlaskClient) -> None:
    assert client.get("/en/certificates/").status_code == 200
    assert client.get("/en/certificates/?code=01").status_code == 422


def test_nothing_that_is_kept_says_who(client: FlaskClient, session: Session) -> None:
    certified(client, session)
    assert set(Certificate.__table__.columns.keys()) == {"id", "code", "attempt_id", "issued_on"}
    attempt = session.scalars(sa.select(Attempt)).one()
    assert (attempt.token, attempt.code_digest) == (None, None)


# --- the card ---


def test_the_card_is_a_picture_with_text_and_a_score_in_tens(client: FlaskClient) -> None:
    answer = client.get("/quizzes/try/card.svg?score=80")
    assert (answer.status_code, answer.mimetype) == (200, "image/svg+xml")
    assert answer.headers["Cache-Control"].startswith("public")
    root = ElementTree.fromstring(answer.text)
    assert (root.get("width"), root.get("height")) == ("1200", "630")
    texts = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
    assert {"试一试", "80%"} <= set(texts)
    assert "80%" not in client.get("/quizzes/try/card.svg").text


@pytest.mark.parametrize(
    "address",
    ["try/card.svg?score=85", "try/card.svg?score=110", "try/card.svg?score=080", "try/card.svg?who=x",
     "none/card.svg", "pair-a/card.svg"],
)  # fmt: skip
def test_other_cards_do_not_exist(client: FlaskClient, address: str) -> None:
    assert client.get(f"/quizzes/{address}").status_code == 404


def test_what_is_shared_is_the_quiz_and_never_the_attempt(client: FlaskClient) -> None:
    place = take(client, RIGHT, edition="/en")
    page = client.get(f"{place}/result").text
    shared = page.partition('data-behaviour="share"')[2]
    token = place.rpartition("/")[2]
    assert "/en/quizzes/try" in shared.partition("data-title")[0]
    assert token not in shared.partition("</details>")[0]
    assert 'src="/en/quizzes/try/card.svg?score=100"' in page
    lost = client.get(f"{take(client, WRONG)}/result").text
    assert 'src="/quizzes/try/card.svg"' in lost


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("试一试", ["试一试"]),
        ("验证码和密码，您护得住吗", ["验证码和密码，", "您护得住吗"]),
        ("Can you protect your codes", ["Can you protect", "your codes"]),
        ("一二三四五六七八九十" * 3, ["一二三四五六七八九十", "一二三四五六七八九…"]),
    ],
)
def test_titles_are_broken_where_a_reader_would(text: str, made: list[str]) -> None:
    assert lines(text, width=10, most=2) == made
