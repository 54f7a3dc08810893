"""The desk's work on a quarter: entered, aimed at, written, approved, closed, confirmed, saved."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from functools import partial

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core import clock
from portal.core.access import Permission
from portal.core.database import db, transaction
from portal.metrics.queries import stored
from portal.metrics.rules.targets import Measure
from portal.metrics.services import figures, reports
from portal.reference.services import store_list
from tests.metrics.quarters import EARLY, OVER, filled
from tests.staff import SIGN_IN, staff, token

HERE = "/desk/quarters/2026Q2"
DESK = (Permission.DESK, Permission.ANALYSE)


@pytest.fixture
def quarter(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Build 2026Q2 with one lecture, at a moment when it is over."""
    monkeypatch.setattr(clock, "now", lambda: OVER)
    with transaction() as session:
        filled(session, EARLY, 4)
        reports.build(session, quarter="2026Q2", by="x", at=OVER)


def person(app: Flask, number: int = 1, name: str = "安", confirmed_at: datetime = OVER) -> FlaskClient:
    return staff(app, *DESK, person_id=number, name=name, confirmed_at=confirmed_at)


def send(client: FlaskClient, place: str, **form: str) -> tuple[int, str]:
    """Send a form; return status, and the page that it is or leads to."""
    answer = client.post(f"{HERE}/{place}", data={"csrf_token": token(client, f"{HERE}/work"), **form})
    if answer.status_code == 303:
        return 303, client.get(answer.headers["Location"]).get_data(as_text=True)
    return answer.status_code, answer.get_data(as_text=True)


@pytest.mark.usefixtures("quarter")
def test_a_figure_is_entered_with_its_source_and_signer(app: Flask) -> None:
    client = person(app)
    good = {"measure": "complaints_24h", "numerator": "44", "denominator": "47", "source": "工单", "signer": "陈岚"}
    status, page = send(client, "entries", **good)
    assert status == 303
    assert "44 / 47 · 工单 · 陈岚" in page
    for wrong, why in (
        ({"numerator": "48"}, "The part must not be larger"),
        ({"numerator": "many"}, "Write a number from 0 on"),
        ({"numerator": "nan"}, "Write a number from 0 on"),
        ({"source": ""}, "Please fill this in."),
        ({"measure": "lectures"}, "Please choose one of the options."),
    ):
        status, page = send(client, "entries", **{**good, **wrong})
        assert status == 422
        assert why in page
        assert 'value="陈岚"' in page
    assert len(stored.entries(db.session(), "2026Q2")) == 1


@pytest.mark.usefixtures("quarter")
def test_a_target_is_set_from_a_quarter_on(app: Flask) -> None:
    client = person(app)
    good = {"aimed": "satisfaction", "value": "92", "unit": "share", "since": "2026Q2"}
    assert send(client, "targets", **good)[0] == 303
    held = {one.measure.value: one for one in stored.targets(db.session(), "2026Q2")}
    assert (held["satisfaction"].value, held["satisfaction"].set_by, held["satisfaction"].least) == (0.92, "安", 30)
    for wrong, why in (
        ({"unit": "count"}, "This target cannot be given in this unit."),
        ({"value": "101"}, "A share is at most 100."),
        ({"since": "2026Q5"}, "A quarter looks like 2026Q3."),
    ):
        status, page = send(client, "targets", **{**good, **wrong})
        assert status == 422
        assert why in page


@pytest.mark.usefixtures("quarter")
def test_a_text_needs_a_second_person(app: Flask) -> None:
    # The person who was made last is who asks.
    ann, ben = partial(person, app), partial(person, app, 2, "本")
    status, page = send(ann(), "texts", section="overall", text="本季度共办讲座 1 场。")
    assert status == 303
    assert "Approve this text" not in page
    assert figures.narrative(db.session(), "2026Q2") == {}
    (waiting,) = stored.narratives(db.session(), "2026Q2")
    number = waiting.id
    db.session.rollback()
    assert "another person has to" in send(ann(), f"texts/{number}/approve")[1]
    assert send(ben(), f"texts/{number}/approve")[0] == 303
    assert figures.narrative(db.session(), "2026Q2") == {"overall": "本季度共办讲座 1 场。"}
    db.session.rollback()
    assert "no longer waits" in send(ben(), "texts/99/approve")[1]
    assert send(ann(), "texts", section="overall", text=" ")[0] == 422


@pytest.mark.usefixtures("quarter")
def test_one_closes_and_another_confirms(app: Flask) -> None:
    # The person who was made last is who asks.
    ann, ben = partial(person, app), partial(person, app, 2, "本")
    assert "not closed yet" in send(ben(), "confirm")[1]
    assert (
        "本季度还没有封账。" in send(staff(app, *DESK, person_id=2, locale="zh-Hans", confirmed_at=OVER), "confirm")[1]
    )
    assert "Another person confirms it." in send(ann(), "close")[1]
    assert "another person has to" in send(ann(), "confirm")[1]
    assert "The quarter is closed already." in send(ben(), "close")[1]
    assert "Confirmed by 本." in send(ben(), "confirm")[1]
    status, page = send(ann(), "amendments", found="补交一张签到表。")
    assert status == 303
    assert "补交一张签到表。" in page
    assert send(ann(), "amendments", found="")[0] == 422
    late = {"measure": "training", "numerator": "1", "denominator": "1", "source": "x", "signer": "y"}
    assert "The quarter is closed" in send(ann(), "entries", **late
    )[1]  # fmt: skip
    # Whoever has not proved lately who they are has to, before figures are frozen.
    stale = person(app, confirmed_at=OVER - timedelta(hours=1))
    answer = stale.post(f"{HERE}/close", data={"csrf_token": token(stale, f"{HERE}/work")})
    assert answer.headers["Location"].startswith("/desk/confirm")


@pytest.mark.usefixtures("quarter")
def test_files_are_saved_and_agree(app: Flask) -> None:
    client = person(app)
    proof = {"csrf_token": token(client, f"{HERE}/work")}
    answers = {
        form: client.post(f"{HERE}/file", data={**proof, "form": form}) for form in ("json", "csv", "xlsx", "docx")
    }
    assert {form: answer.status_code for form, answer in answers.items()} == dict.fromkeys(answers, 200)
    assert answers["docx"].headers["Content-Disposition"] == 'attachment; filename="mingbai-2026Q2.docx"'
    assert json.loads(answers["json"].data)["report"]["attendance"]["person_times"] == 29
    assert openpyxl.load_workbook(io.BytesIO(answers["xlsx"].data)).sheetnames
    assert client.post(f"{HERE}/file", data={**proof, "form": "exe"}).status_code == 400
    nothing = client.post("/desk/quarters/2025Q1/file", data={**proof, "form": "csv"})
    assert nothing.status_code == 404
    assert "Nothing is known of this quarter yet." in client.get("/desk/quarters/2025Q1/work").get_data(as_text=True)


@pytest.mark.usefixtures("quarter")
def test_who_may_do_what(app: Flask) -> None:
    assert staff(app).get(f"{HERE}/work").headers["Location"] == SIGN_IN
    assert staff(app, Permission.DESK, Permission.WRITE).get(f"{HERE}/work").status_code == 403
    client = person(app)
    for place in ("entries", "targets", "texts", "texts/1/approve", "close", "confirm", "amendments", "file"):
        assert client.get(f"{HERE}/{place}").status_code == 405
        assert client.post(f"{HERE}/{place}").status_code == 400
    assert client.get("/desk/quarters/2026Q7/work").status_code == 404


def test_the_campaigns_of_the_quarter_stand_with_the_name_of_their_year(app: Flask) -> None:
    with transaction() as session:
        rows = [
            {"key": "june", "position": 0, "month": 6, "until": 6, "names": {"2026": "防范月"}, "organiser": {},
             "source": {"zh-Hans": "来源"}, "checked_on": "2026-11-01"},
            {"key": "march", "position": 1, "month": 6, "until": 9, "names": {"2025": "万里行"}, "organiser": {},
             "source": {"zh-Hans": "来源"}, "checked_on": "2026-11-01"},
            {"key": "spring", "position": 2, "month": 3, "until": 3, "names": {"2026": "三月"}, "organiser": {},
             "source": {"zh-Hans": "来源"}, "checked_on": "2026-11-01"},
        ]  # fmt: skip
        store_list(session, "campaigns", rows=rows)
    page = person(app).get("/desk/quarters/2026Q2/work").text
    assert "Month 6: 防范月" in page
    assert "Months 6 to 9: the name of this year is not known yet" in page
    assert "三月" not in page
    assert "Campaigns of this quarter" not in person(app).get("/desk/quarters/2026Q4/work").text


@pytest.mark.usefixtures("quarter")
def test_rows_that_were_entered_are_found_by_quarter(app: Flask) -> None:
    client = person(app)
    good = {"measure": "training", "numerator": "186", "denominator": "214", "source": "培训系统", "signer": "陈岚"}
    send(client, "entries", **good)
    send(client, "entries", **{**good, "numerator": "190"})
    send(client, "entries", **{**good, "measure": "complaints_24h", "numerator": "41", "denominator": "47"})
    with transaction() as session:
        figures.enter(
            session, quarter="2026Q1", measure=Measure.TRAINING, numerator=7, denominator=8, source="x", signer="y",
            by="安", at=OVER,
        )  # fmt: skip

    def found(asked: str = "") -> list[str]:
        page = client.get(f"/desk/quarters/entries{asked}").text
        return [value for value in ("186 / 214", "190 / 214", "41 / 47", "7 / 8") if value in page]

    assert found() == ["186 / 214", "190 / 214", "41 / 47", "7 / 8"]
    assert found("?quarter=2026Q1") == ["7 / 8"]
    assert found("?quarter=2026Q2&measure=training") == ["186 / 214", "190 / 214"]
    assert found("?quarter=2019Q9") == found("?measure=lectures") == found("?quarter=%00") == []
    page = client.get("/desk/quarters/entries?quarter=2026Q2&measure=training").text
    assert (page.count("replaced by a later row"), page.count("</span></td></tr>")) == (1, 2)
    assert staff(app).get("/desk/quarters/entries").headers["Location"] == SIGN_IN
    assert staff(app, Permission.DESK, Permission.WRITE).get("/desk/quarters/entries").status_code == 403
    assert person(app).post("/desk/quarters/entries").status_code == 405
