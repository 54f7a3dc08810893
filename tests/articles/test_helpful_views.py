"""What staff see of the answers of readers."""

from __future__ import annotations

import csv
import io
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core.access import Permission
from portal.core.database import db
from portal.core.settings import Audience, Locale
from tests.articles.desk import AT, library
from tests.articles.test_helpful import say
from tests.conftest import make_app
from tests.staff import EVERYBODY, SIGN_IN, staff

PAGES = ["/desk/helpful", "/desk/helpful/1", "/desk/helpful.csv"]


@pytest.fixture
def answered(settings, tmp_path) -> Flask:  # type: ignore[no-untyped-def]
    """Return an installation with answers of two quarters; no context is pushed."""
    app = make_app(settings)
    with app.app_context():
        library(tmp_path)
        say(comment="=1+1")
        say(address="192.0.2.8", yes=False, comment="<b>看不懂</b>", audience=Audience.ELDERLY)
        say(address="192.0.2.9", at=AT - timedelta(days=100))
        db.session.remove()
    return app


@pytest.fixture
def analyst(answered: Flask) -> FlaskClient:
    return staff(answered, Permission.DESK, Permission.ANALYSE)


def test_a_quarter_by_article_and_edition(analyst: FlaskClient) -> None:
    page = analyst.get("/desk/helpful")
    words = page.get_data(as_text=True)
    assert (page.status_code, page.headers["Cache-Control"]) == (200, "private, no-store")
    assert words.index("Elderly</td>") < words.index("General</td>"), "the least helpful first"
    assert "100%" in words
    assert "2026Q3</td>" not in words
    assert "2026Q3</td>" in analyst.get("/desk/helpful?quarter=2026Q3").get_data(as_text=True)
    assert "2026Q3</td>" in analyst.get("/desk/helpful?quarter=all").get_data(as_text=True)


def test_what_was_written_about_one_article(analyst: FlaskClient) -> None:
    words = analyst.get("/desk/helpful/1").get_data(as_text=True)
    assert "=1+1" in words
    assert "&lt;b&gt;看不懂&lt;/b&gt;" in words


def test_a_file_that_no_spreadsheet_calculates(analyst: FlaskClient) -> None:
    answer = analyst.get("/desk/helpful.csv?quarter=2026Q4")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="helpful-2026Q4.csv"'
    assert answer.headers["Cache-Control"] == "private, no-store"
    raw = answer.get_data()
    assert raw.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
    assert rows[0][:4] == ["quarter", "article", "title", "audience"]
    assert [row[3:] for row in rows[1:]] == [
        ["elderly", "zh-Hans", "0", "1", "0%", "<b>看不懂</b>"],
        ["general", "zh-Hans", "1", "0", "100%", "'=1+1"],
    ]


@pytest.mark.parametrize("path", PAGES)
def test_who_may_not(answered: Flask, path: str) -> None:
    assert staff(answered).get(path).location == SIGN_IN
    others = EVERYBODY - {Permission.ANALYSE}
    assert staff(answered, *others).get(path).status_code == 403
    assert staff(answered, Permission.ANALYSE).post(path).status_code in (400, 405)


@pytest.mark.parametrize(
    "path", ["/desk/helpful/999", "/desk/helpful/99999999999999999999", "/desk/helpful/x",
             "/desk/helpful?quarter=2020Q1",
             "/desk/helpful?quarter='--", "/desk/helpful.csv?quarter=2020Q1"]
)  # fmt: skip
def test_what_is_missing(analyst: FlaskClient, path: str) -> None:
    assert analyst.get(path).status_code == 404


def test_without_any_answer(settings) -> None:  # type: ignore[no-untyped-def]
    for locale in Locale:
        client = staff(make_app(settings), Permission.ANALYSE, locale=locale)
        assert client.get("/desk/helpful").status_code == 200
