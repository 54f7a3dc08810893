"""A year: its quarters side by side, on the page and in the files; counts are added up and nothing else is."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta
from functools import partial

import docx
import openpyxl
import pytest
from flask import Flask

from portal.core import clock
from portal.core.access import Permission
from portal.core.database import transaction
from portal.metrics.rules import year
from portal.metrics.services import reports
from portal.metrics.services.exporting import year_file
from tests.metrics.quarters import EARLY, LATE, filled
from tests.metrics.sample import sample
from tests.metrics.test_work import person
from tests.staff import SIGN_IN, staff, token

HERE = "/desk/quarters/year/2026"
NOW = datetime(2026, 7, 2, tzinfo=UTC)


@pytest.fixture
def two_quarters(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Build 2026Q1 with one lecture and 2026Q2 with two."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    with transaction() as session:
        for number, starts in enumerate((LATE, EARLY, EARLY + timedelta(days=9))):
            filled(session, starts, 4 + number, slug=f"talk-{number}")
        for quarter in ("2026Q1", "2026Q2"):
            reports.build(session, quarter=quarter, by="x", at=NOW)


def test_counts_are_added_up_and_shares_are_not() -> None:
    names = year.names(2026)
    found = {"2026Q1": sample(quarter="2026Q1"), "2026Q3": sample()}
    rows = {row.key: row for row in year.targets(names, found)}
    assert [cell.value for cell in rows["person_times"].cells] == [268, None, 268, None]
    assert [cell.verdict for cell in rows["person_times"].cells] == ["met", "", "met", ""]
    assert (rows["person_times"].total, rows["lectures"].total, rows["tips"].total) == (536, 10, 4)
    assert (rows["satisfaction"].total, rows["awareness"].total, rows["training"].total) == (None, None, None)
    there = {row.key: row for row in year.attendance(names, found)}
    assert [cell.value for cell in there["walk_in"].cells] == [35, None, 35, None]
    assert there["walk_in"].total == 70
    # Who came in two quarters would count twice.
    assert not any(key.startswith("people") for key in there)
    assert year.targets(names, {}) == []


@pytest.mark.usefixtures("two_quarters")
def test_page_and_files_say_the_same(app: Flask) -> None:
    client = person(app, confirmed_at=NOW)
    page = client.get(HERE).text
    for said in ("Q1 2026", "Q2 2026", "no report", "Too few people to say", "Not met"):
        assert said in page
    send = partial(client.post, f"{HERE}/file")
    proof = {"csrf_token": token(client, HERE)}
    files = {form: send(data={**proof, "form": form}) for form in ("xlsx", "docx", "csv")}
    assert files["docx"].headers["Content-Disposition"] == 'attachment; filename="mingbai-year-2026.docx"'
    book = openpyxl.load_workbook(io.BytesIO(files["xlsx"].data))
    assert book.sheetnames == ["全年目标", "全年参与情况", "活动台账"]
    rows = {row[0]: row[1:] for row in book["全年参与情况"].iter_rows(values_only=True)}
    assert rows["举办讲座（场）"] == (1, 2, None, None, 3)
    assert rows["参与人次"] == (29, 61, None, None, 90)
    tables = docx.Document(io.BytesIO(files["docx"].data)).tables
    told = {row.cells[0].text: [cell.text for cell in row.cells[1:]] for row in tables[1].rows}
    assert told["参与人次"] == ["29", "61", "", "", "90"]
    assert '<td class="num-col" data-label="Whole year">90</td>' in page
    ledger = list(csv.reader(io.StringIO(files["csv"].data.decode("utf-8-sig"))))
    assert [row[0] for row in ledger[1:]] == ["2026-03-31 23:59", "2026-04-01 00:00", "2026-04-10 00:00"]


def test_a_year_of_which_nothing_is_known(app: Flask) -> None:
    client = person(app)
    assert "No quarter of this year has a report yet." in client.get("/desk/quarters/year/2031").text
    assert len(docx.Document(io.BytesIO(year_file(2031, {}, form="docx"))).tables) == 2
    assert openpyxl.load_workbook(io.BytesIO(year_file(2031, {}, form="xlsx"))).sheetnames[0] == "全年目标"


def test_who_may_look(app: Flask) -> None:
    assert staff(app).get(HERE).headers["Location"] == SIGN_IN
    assert staff(app, Permission.DESK, Permission.WRITE).get(HERE).status_code == 403
    client = person(app)
    assert client.get("/desk/quarters/year/1999").status_code == 404
    assert client.post(HERE).status_code == 405
    assert client.get(f"{HERE}/file").status_code == 405
    assert client.post(f"{HERE}/file").status_code == 400
    proof = {"csrf_token": token(client, "/desk/quarters/2026Q2/work")}
    assert client.post(f"{HERE}/file", data={**proof, "form": "pdf"}).status_code == 400
