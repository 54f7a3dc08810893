"""Surveys on paper at the desk: every row has a fate, the same file counts once, and its table is kept."""

from __future__ import annotations

import io
from functools import partial
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core import clock
from portal.core.access import Permission
from portal.core.database import db, transaction
from portal.metrics.models import SurveyRow
from portal.metrics.queries import stored
from portal.metrics.services import files, reports, surveys
from portal.metrics.services.exporting import Form
from tests.metrics.quarters import EARLY, OVER, filled
from tests.metrics.test_work import DESK, person
from tests.staff import SIGN_IN, staff, token
from tests.threads import at_once

HERE = "/desk/quarters/2026Q2/surveys"
SAID = {"name": "东区社区问卷", "signer": "陈岚"}


def table(n: int = 40, *extra: str) -> bytes:
    """Return a table of `n` pairs: from 50 to 70 %."""
    rows = [f"k{place},{9 + 2 * (place % 2)},{13 + 2 * (place // 2 % 2)},20,林静" for place in range(n)]
    return "\n".join(["code,pre,post,max,姓名", *rows, *extra, ""]).encode()


@pytest.fixture
def quarter(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let 2026Q2 be over, with one lecture."""
    monkeypatch.setattr(clock, "now", lambda: OVER)
    with transaction() as session:
        filled(session, EARLY, 4)


def check(client: FlaskClient, raw: bytes) -> Any:
    form = {"csrf_token": token(client, HERE), "file": (io.BytesIO(raw), "survey.csv")}
    return client.post(HERE, data=form, content_type="multipart/form-data")


def take(client: FlaskClient, place: str, **form: str) -> Any:
    return client.post(place, data={"csrf_token": token(client, HERE), **form})


def after(client: FlaskClient, answer: Any) -> str:
    """Return the page that a step leads to."""
    assert answer.status_code == 303
    return client.get(answer.headers["Location"]).text


def rows() -> list[SurveyRow]:
    db.session.rollback()
    return list(stored.surveys(db.session(), "2026Q2"))


def built() -> dict[str, Any]:
    with transaction() as session:
        return dict(reports.build(session, quarter="2026Q2", by="x", at=OVER).report)


@pytest.mark.usefixtures("quarter")
def test_first_every_row_is_told_then_the_whole_is_taken_once(app: Flask) -> None:
    client = person(app)
    place = check(client, table()).headers["Location"]
    page = client.get(place).text
    assert page.count("will be taken in") == 41  # each row, and their sum
    assert "Columns that are not kept: 姓名." in page
    assert "+20 percentage points" in page
    assert rows() == []
    assert built()["surveys"] == []
    refused = take(client, place, name="", signer="陈岚")
    assert (refused.status_code, "Please fill this in." in refused.text, 'value="陈岚"' in refused.text) == (
        422, True, True
    )  # fmt: skip
    assert take(client, place, **SAID).status_code == 303
    (row,) = rows()
    assert (row.name, row.signer, row.rows, row.taken_by) == ("东区社区问卷", "陈岚", 40, "安")
    # The names of people are not kept, not even sealed.
    assert row.content.splitlines()[:2] == ["code,pre,post,max", "k0,9,13,20"]
    # The same file again changes nothing, by the page that stands and by a new one.
    take(client, place, name="别的", signer="别人")
    page = client.get(check(client, table()).headers["Location"]).text
    assert "This file was taken in already, by 安." in page
    assert "Take the survey in" not in page
    assert [(one.name, one.signer) for one in rows()] == [("东区社区问卷", "陈岚")]


@pytest.mark.usefixtures("quarter")
def test_it_stands_beside_the_headline_in_page_and_files(app: Flask) -> None:
    client = person(app)
    take(client, check(client, table()).headers["Location"], **SAID)
    report = built()
    (survey,) = report["surveys"]
    assert (survey["found"]["n_matched"], survey["found"]["verdict"]) == (40, "met")
    assert survey["found"]["difference_pp"]["value"] == pytest.approx(20)
    assert report["awareness"]["n_matched"] == 0
    assert {line["measure"]: line["verdict"] for line in report["verdicts"]}["awareness"] == "too_few"
    page = client.get("/desk/quarters/2026Q2").text
    assert "东区社区问卷" in page
    assert "Each survey is judged by itself" in page
    make = partial(files.report_file, db.session(), "2026Q2", at=OVER)
    csv_file, docx = (made() for form in (Form.CSV, Form.DOCX) if (made := make(form=form)) is not None)
    assert "东区社区问卷" in csv_file.decode("utf-8-sig")
    assert docx[:2] == b"PK"
    # What was kept leads to the same figures.
    assert reports.verify(db.session(), quarter="2026Q2", at=OVER).parts["surveys"] == "same"


@pytest.mark.usefixtures("quarter")
def test_nothing_is_taken_by_halves(app: Flask) -> None:
    client = person(app)
    place = check(client, table(40, "k1,3,4,20,", "k41,21,4,20,", "k42,,,20,")).headers["Location"]
    page = client.get(place).text
    assert "Code K1 answered the same wave on line 3 already." in page
    assert "pre is 21: it must lie between 0 and 20." in page
    assert "has no answers" in page
    assert "2 rows cannot be taken." in page
    assert "A row cannot be taken, so nothing was." in after(client, take(client, place, **SAID))
    for raw, why in (
        (b"a,b\n1,2\n", "The table has no column “code”."),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "This file is not text."),
        (b"code,pre,post,max\n", "There is no row below the names of the columns."),
        (b"code,pre,post,max\n" + b"x,1,2,3\n" * 5_001, "The table has more than 5,000 rows."),
        (b"code,pre,post,max\n" + b"x" * 1_000_000, "The file is larger than 1 MB."),
    ):
        refused = check(client, raw)
        assert (refused.status_code, why in refused.text) == (422, True), why
    assert rows() == []


@pytest.mark.usefixtures("quarter")
def test_it_is_taken_out_and_in_again_until_the_quarter_is_closed(app: Flask) -> None:
    client = person(app)
    place = check(client, table()).headers["Location"]
    take(client, place, **SAID)
    (row,) = rows()
    out, table_of = f"{HERE}/{row.id}/withdraw", f"{HERE}/{row.id}/file"
    assert take(client, out).status_code == 303
    assert built()["surveys"] == []
    assert "Taken out by 安" in client.get(HERE).text
    assert "This survey is not among the figures." in after(client, take(client, out))
    # The table of one that was taken out is kept.
    saved = take(client, table_of)
    assert saved.headers["Content-Disposition"] == f'attachment; filename="mingbai-survey-2026Q2-{row.id}.csv"'
    assert saved.text.startswith("\ufeffcode,pre,post,max")
    take(client, place, name="又一次", signer="陈岚")
    assert [(one.name, one.withdrawn_at) for one in rows()] == [("又一次", None)]
    with transaction() as session:
        reports.close(session, quarter="2026Q2", by="安", by_id=1, at=OVER)
    other = check(client, table(39)).headers["Location"]
    assert "The quarter is closed" in after(client, take(client, other, **SAID))
    assert "The quarter is closed" in after(client, take(client, out))
    assert reports.verify(db.session(), quarter="2026Q2", at=OVER).is_same


@pytest.mark.usefixtures("quarter")
def test_the_same_file_sent_at_the_same_moment_counts_once(app: Flask) -> None:
    def one() -> bool:
        with transaction() as session:
            return surveys.take(session, quarter="2026Q2", raw=table(), by="安", at=OVER, **SAID) is not None

    assert sorted(at_once(app, *[one] * 4)) == [False, False, False, True]
    assert len(rows()) == 1


@pytest.mark.usefixtures("quarter")
def test_who_may_do_what(app: Flask) -> None:
    assert staff(app).get(HERE).headers["Location"] == SIGN_IN
    assert staff(app, Permission.DESK, Permission.WRITE).get(HERE).status_code == 403
    client = person(app)
    strange = f"{HERE}/00000000-0000-4000-8000-000000000000"
    assert client.get(strange).status_code == 404
    assert take(client, strange).status_code == 404
    assert take(client, f"{HERE}/99/file").status_code == 404
    for step in ("withdraw", "file"):
        assert client.get(f"{HERE}/1/{step}").status_code == 405
        assert client.post(f"{HERE}/1/{step}").status_code == 400
    # What one person brought no other finds.
    place = check(client, table()).headers["Location"]
    assert staff(app, *DESK, person_id=2).get(place).status_code == 404
