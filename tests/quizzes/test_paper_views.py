"""Paper quizzes at the desk: printing, typing in, taking files in, and the command."""

from __future__ import annotations

import io
import re

import pypdf
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session
from werkzeug.test import TestResponse

from portal.core.access import Permission
from portal.core.database import transaction
from portal.quizzes.models import Attempt, Group, PaperFile, PaperSheet, QuizVersion
from portal.quizzes.rules.items import Kind, Marking, Option
from portal.quizzes.rules.quizzes import Slot
from tests.articles.desk import AT
from tests.quizzes.bank import judgement, pool_quiz, publish, quiz, single
from tests.quizzes.browsed import needs_pdf
from tests.staff import staff, token

ENTRY = "/desk/quizzes/try/paper/entry"
FILES = "/desk/quizzes/try/paper/files"
UPLOAD = "/desk/paper/try/files"
GETS = [
    "/desk/paper/",
    "/desk/quizzes/try/paper",
    *(f"/desk/quizzes/try/paper/{part}" for part in ("booklet", "sheets", "key", "key.pdf")),
    ENTRY,
    FILES,
    "/desk/quizzes/try/paper/template.csv",
]
ORDER = single("order", kind=Kind.ORDERING, marking=Marking.RIGHT_SHARE, stem="先做什么？", voices={})
MATCH = single(
    "match", kind=Kind.MATCHING, marking=Marking.RIGHT_SHARE, stem="连一连", voices={},
    options=(Option("x", "报警", match="110"), Option("y", "反诈咨询", match="96110"), Option("z", "", match="12378")),
)  # fmt: skip
NUMBER = single("number", kind=Kind.NUMERIC, stem="多少？", options=(Option("a", "50", 1.0, tolerance=1),), voices={})


@pytest.fixture(autouse=True)
def _bank(desk_library: None, session: Session) -> None:
    with transaction() as unit:
        made = quiz("all-kinds", names=("order", "match", "number", "sms"), certainty=True)
        publish(unit, single(), judgement(), ORDER, MATCH, NUMBER, quiz(), pool_quiz(), made)
    with transaction() as unit:
        found = unit.scalars(sa.select(QuizVersion).order_by(QuizVersion.id)).first()
        assert found is not None
        unit.add(Group(quiz_id=found.quiz_id, code="ABCD2345", label="社区", created_at=AT, created_by="林静"))
    session.close()


def ann(app: Flask, locale: str = "en") -> FlaskClient:
    return staff(app, Permission.ORGANISE, person_id=1, name="林静", locale=locale)


def bob(app: Flask) -> FlaskClient:
    return staff(app, Permission.ORGANISE, person_id=2, name="周明")


def send(client: FlaskClient, path: str = ENTRY, **values: str) -> TestResponse:
    data = {"csrf_token": token(client, ENTRY), "sheet": "P1-1-1", "audience": "elderly", **values}
    return client.post(path, data=data)


def counts(session: Session) -> tuple[int, int, int]:
    session.rollback()
    found = [
        session.scalar(sa.select(sa.func.count()).select_from(one)) or 0 for one in (Attempt, PaperSheet, PaperFile)
    ]
    session.rollback()
    return found[0], found[1], found[2]


def right(client: FlaskClient, slug: str = "try") -> dict[str, str]:
    """Return the right letters, as the key says them."""
    page = client.get(f"/desk/quizzes/{slug}/paper/key").text
    return {f"q{n}": letters for n, letters in enumerate(re.findall(r"<td><b>([^<]+)</b>", page), 1)}


# --- who may ---


@pytest.mark.parametrize("path", GETS)
def test_only_organisers_come_in(app: Flask, path: str) -> None:
    assert ann(app).get(path.replace("key.pdf", "key")).status_code == 200
    assert staff(app, Permission.WRITE, Permission.REVIEW).get(path).status_code == 403
    assert staff(app).get(path).status_code == 303


@pytest.mark.parametrize("path", [path.replace("try", "none") for path in GETS if "try" in path])
def test_a_quiz_that_does_not_exist_is_not_found(app: Flask, path: str) -> None:
    assert ann(app).get(path).status_code == 404


@pytest.mark.parametrize("path", [ENTRY, UPLOAD, f"{UPLOAD}/8d7f7a9e-4f4c-4a5e-9f0f-6d1f6a2a5b11"])
def test_writing_wants_a_person_a_token_and_the_right_method(app: Flask, session: Session, path: str) -> None:
    assert staff(app, Permission.WRITE).post(path, data={}).status_code in (400, 403)
    client = ann(app)
    assert client.post(path, data={"sheet": "P1-1-1", "audience": "elderly", "q1": "A"}).status_code in (400, 422)
    assert client.put(path).status_code == 405
    assert counts(session) == (0, 0, 0)


def test_wrong_addresses_are_not_found(app: Flask) -> None:
    client = ann(app)
    csrf = token(client, ENTRY)
    for path in ("/desk/quizzes/try/paper/sheets/1-1-1", "/desk/quizzes/try/paper/sheets/9-1-1",
                 f"{UPLOAD}/8d7f7a9e-4f4c-4a5e-9f0f-6d1f6a2a5b11", "/desk/quizzes/try/paper/other"):  # fmt: skip
        assert client.get(path).status_code == 404
    gone = client.post(f"{UPLOAD}/8d7f7a9e-4f4c-4a5e-9f0f-6d1f6a2a5b11", data={"csrf_token": csrf})
    assert gone.status_code == 404


# --- printing ---


def test_a_booklet_speaks_to_its_readers_and_holds_no_key(app: Flask) -> None:
    client = ann(app)
    page = client.get("/desk/quizzes/try/paper/booklet?audience=elderly")
    assert "有人要您的验证码，您给吗？" in page.text
    assert 'data-edition="elderly"' in page.text
    assert '<html lang="zh-Hans"' in page.text
    assert "1069xxxx0371" in page.text
    for secret in ("验证码谁要都不给", "谁要都不给", "告诉了他，钱就没了", "option--right"):
        assert secret not in page.text
    assert "有人要驗證碼" in client.get("/desk/quizzes/try/paper/booklet?language=zh-Hant").text


def test_every_copy_of_a_form_is_alike_and_every_sheet_has_its_number(app: Flask) -> None:
    client = ann(app)
    pages = {client.get("/desk/quizzes/pool/paper/booklet?form=2").text for _ in range(3)}
    assert len(pages) == 1
    sheets = client.get("/desk/quizzes/try/paper/sheets?first=9&copies=3").text
    assert re.findall(r"P1-1-\d{4}", sheets) == ["P1-1-0009", "P1-1-0010", "P1-1-0011"]
    assert client.get("/desk/quizzes/try/paper/sheets?first=9998&copies=5").text.count("P1-1-999") == 2


@pytest.mark.parametrize(
    "query", ["form=0", "form=10", "copies=51", "first=x", "audience=x", "language=fr", "version=7"]
)
def test_what_cannot_be_printed_is_said(app: Flask, query: str) -> None:
    answer = ann(app).get(f"/desk/quizzes/try/paper/booklet?{query}")
    assert answer.status_code == 422
    assert "to mend" in answer.text


def test_the_pdf_says_what_the_page_says(app: Flask) -> None:
    needs_pdf()
    client = ann(app)
    answer = client.get("/desk/quizzes/all-kinds/paper/booklet.pdf?audience=elderly")
    assert (answer.status_code, answer.mimetype) == (200, "application/pdf")
    text = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.data)).pages)
    for said in ("先做什么？", "连一连", "96110", "12378"):
        assert said in text
    sheets = client.get("/desk/quizzes/try/paper/sheets.pdf?copies=3")
    read = pypdf.PdfReader(io.BytesIO(sheets.data))
    assert [re.findall(r"P1-1-\d{4}", page.extract_text()) for page in read.pages] == [
        ["P1-1-0001"], ["P1-1-0002"], ["P1-1-0003"],
    ]  # fmt: skip
    assert 'filename="try-sheets-v1-1-general.pdf"' in sheets.headers["Content-Disposition"]


def test_the_next_free_number_is_offered(app: Flask) -> None:
    client = ann(app)
    send(client, sheet="P1-1-0041", q1="A")
    assert re.search(r'name="first"[^>]*value="42"', client.get("/desk/quizzes/try/paper").text)


# --- typing in ---


def test_two_people_type_a_sheet_in(app: Flask, session: Session) -> None:
    letters = right(ann(app))
    answer = send(ann(app), group="abcd-2345", **letters)
    assert answer.status_code == 303
    # Edition and group stay for the next sheet of the pile.
    assert answer.headers["Location"] == f"{ENTRY}?version=1&audience=elderly&group=abcd-2345"
    assert counts(session) == (0, 1, 0)
    # Nobody sees what one person typed.
    other = bob(app)
    page = other.get("/desk/quizzes/try/paper/sheets/1-1-1").text
    assert "林静 has typed it." in page
    assert "<table" not in page
    assert "P1-1-0001" in other.get(ENTRY).text
    assert send(other, group="ABCD2345", **letters).status_code == 303
    assert counts(session) == (1, 1, 0)
    assert "This sheet is in." in other.get("/desk/quizzes/try/paper/sheets/1-1-1").text
    attempt = session.scalars(sa.select(Attempt)).one()
    assert (attempt.percent, attempt.source) == (100, "paper")


def test_one_person_cannot_be_both_and_a_sheet_comes_in_once(app: Flask, session: Session) -> None:
    letters = right(ann(app))
    send(ann(app), **letters)
    again = send(ann(app), **letters)
    assert again.status_code == 422
    assert "You have typed this sheet already." in again.text
    assert all(f'value="{value}"' in again.text for value in letters.values())
    send(bob(app), **letters)
    late = send(ann(app), **letters)
    assert (late.status_code, "This sheet is in already" in late.text) == (422, True)
    assert counts(session) == (1, 1, 0)


def test_where_they_differ_both_are_shown_and_one_types_again(app: Flask, session: Session) -> None:
    letters = right(ann(app))
    send(ann(app), **letters)
    answer = send(bob(app), **{**letters, "q1": "?"})
    assert answer.headers["Location"] == "/desk/quizzes/try/paper/sheets/1-1-1"
    page = bob(app).get(answer.headers["Location"]).text
    assert page.count(">differs<") == 1
    assert f"<b>{letters['q1']}</b>" in page
    assert "<b>?</b>" in page
    assert "1</span></h2>" in bob(app).get(ENTRY).text
    assert counts(session) == (0, 1, 0)
    send(bob(app), **letters)
    assert counts(session) == (1, 1, 0)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"sheet": ""}, "Please fill this in."),
        ({"sheet": "17"}, "This is no sheet number."),
        ({"sheet": "P7-1-1"}, "This quiz has no version 7."),
        ({"audience": "x"}, "Please choose one of the options."),
        ({"group": "ZZZZ9999"}, "This quiz has no group with this code."),
        ({"day": "2999-01-01"}, "This is no date, or one to come."),
        ({"q1": "Z"}, "This question has no such letter."),
        ({"q1": "AB"}, "Only one letter can be chosen here."),
        ({"q1": "", "q2": ""}, "Nothing is answered on this sheet."),
        ({"q1": "<script>"}, "This question has no such letter."),
    ],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    app: Flask, session: Session, values: dict[str, str], said: str
) -> None:
    answer = send(ann(app), **{"q1": "A", "q2": "B", **values})
    assert answer.status_code == 422
    assert said in answer.text
    if values.get("q2") != "":
        assert re.search(r'id="q2"[^>]*value="B"', answer.text)
    assert "<script>" not in answer.text
    assert counts(session) == (0, 0, 0)


def test_every_kind_of_question_comes_in_with_how_sure_people_are(app: Flask, session: Session) -> None:
    letters = right(ann(app), "all-kinds")
    assert letters["q3"] == "50 ± 1"
    typed = {**letters, "q3": "５０"}
    typed = {name: f"{value}/3" for name, value in typed.items()}
    path = "/desk/quizzes/all-kinds/paper/entry"
    for who in (ann, bob):
        assert send(who(app), path, **typed).status_code == 303
    attempt = session.scalars(sa.select(Attempt)).one()
    assert (attempt.points, attempt.passed) == (12, True)


def test_an_older_version_is_typed_by_its_own_layout(app: Flask, session: Session) -> None:
    letters = right(ann(app))
    with transaction() as unit:
        publish(unit, quiz(slots=(Slot(item="sms"), Slot(item="code"))))
    wrong_place = send(ann(app), **letters)
    assert "This sheet is of version 1. Choose that version above first." in wrong_place.text
    path = f"{ENTRY}?version=1"
    for who in (ann, bob):
        assert send(who(app), path, **letters).status_code == 303
    assert session.scalars(sa.select(Attempt)).one().percent == 100


# --- files ---


def upload(client: FlaskClient, raw: bytes, name: str = "p.csv") -> TestResponse:
    data = {"csrf_token": token(client, FILES), "file": (io.BytesIO(raw), name)}
    return client.post(UPLOAD, data=data, content_type="multipart/form-data")


def table(letters: dict[str, str], *extra: str) -> bytes:
    cells = ",".join(letters.values())
    rows = ["sheet,audience,group,q1,q2", f"P1-1-1,elderly,,{cells}", f"P1-1-2,general,,{cells}", *extra]
    return "\n".join(rows).encode()


def test_a_file_is_looked_at_first_and_taken_on_a_word(app: Flask, session: Session) -> None:
    client = ann(app)
    raw = table(right(client), "=cmd|' /C calc'!A0,general,,A,B")
    place = upload(client, raw).headers["Location"]
    page = client.get(place).text
    assert counts(session) == (0, 0, 0)
    assert "2 sheets can be taken." in page
    assert "this is no sheet number" in page
    assert "=cmd|&#39; /C calc&#39;!A0" in page
    csrf = token(client, place)
    held = client.post(place, data={"csrf_token": csrf, "whole": "y"})
    assert (held.status_code, counts(session)) == (303, (0, 0, 0))
    assert client.post(place, data={"csrf_token": csrf}).headers["Location"] == place
    assert counts(session) == (2, 2, 1)
    client.post(place, data={"csrf_token": csrf})
    assert "This file was taken in already, by 林静." in client.get(place).text
    again = upload(client, raw).headers["Location"]
    client.post(again, data={"csrf_token": csrf})
    assert counts(session) == (2, 2, 1)


def test_a_file_belongs_to_whoever_brought_it(app: Flask, session: Session) -> None:
    client = ann(app)
    place = upload(client, table(right(client))).headers["Location"]
    other = bob(app)
    assert other.get(place).status_code == 404
    assert other.post(place, data={"csrf_token": token(other, ENTRY)}).status_code == 404
    assert ann(app).post(place, data={}).status_code == 400
    assert counts(session) == (0, 0, 0)


@pytest.mark.parametrize(
    ("raw", "said"),
    [
        (b"", "Please choose a CSV file."),
        (b"\n\n", "The file holds no rows."),
        (b"PK\x03\x04\x00\x00\x00", "This is not a CSV file."),
        (b"sheet,q1,q2\nP1-1-1,A,B", "The column audience is missing."),
        (b"sheet,audience,q1,q2,<b>\nP1-1-1,general,A,B,", "Nobody knows the column &lt;b&gt;."),
        (b'sheet,audience,q1,q2\n"P1', "The table is damaged"),
        (b"sheet\n" + b"x\n" * 5001, "The table has too many rows: at most 5000."),
    ],
)
def test_a_hostile_file_gets_a_sentence(app: Flask, session: Session, raw: bytes, said: str) -> None:
    answer = upload(ann(app), raw, "p.csv" if raw else "")
    assert answer.status_code == 422
    assert said in answer.text
    assert counts(session) == (0, 0, 0)


def test_a_file_that_is_too_large_is_refused(app: Flask, session: Session) -> None:
    assert upload(ann(app), b"a" * 5_050_000).status_code == 422
    client = ann(app)
    data = {"csrf_token": token(client, FILES), "file": (io.BytesIO(b"a" * 6_000_000), "p.csv")}
    assert client.post(UPLOAD, data=data, content_type="multipart/form-data").status_code == 413
    assert counts(session) == (0, 0, 0)


def test_the_template_can_be_filled_in_and_sent(app: Flask, session: Session) -> None:
    client = ann(app)
    answer = client.get("/desk/quizzes/try/paper/template.csv")
    assert answer.mimetype == "text/csv"
    letters = right(client)
    filled = answer.text.replace("P1-1-0001,general,,,,", f"P1-1-0001,general,,,{letters['q1']},{letters['q2']}")
    place = upload(client, filled.encode()).headers["Location"]
    page = client.get(place).text
    assert "1 sheet can be taken." in page
    # The rows that were left empty are no mistakes.
    assert "cannot: mend" not in page
