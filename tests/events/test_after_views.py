"""Pages after a lecture: each works, refuses whoever may not, and knows what it cannot find."""

from __future__ import annotations

import csv
import io
from html import unescape
from typing import Any

import openpyxl
import pypdf
import pytest
import sqlalchemy as sa
from flask import Flask

from portal.core.access import Permission
from portal.core.database import transaction
from portal.events.models import Admission, Event, Pool
from portal.events.rules.attendance import AdmissionKind, AdmissionSource
from portal.events.rules.lectures import Place
from portal.events.rules.seats import Kind
from tests.events.aftermath import AT_THE_DOOR, OVER, Watch, came, fresh, let_in, logged, one, posted, registered
from tests.events.hall import AT, mobile
from tests.quizzes.browsed import needs_pdf
from tests.staff import CONFIRM, LONG_AGO, SIGN_IN, staff, token

DESK = (Permission.DESK, Permission.ORGANISE)
STRANGER = 7


PAGES = ("/after", "/after/feedback.svg", "/sheets", "/sheets.pdf", "/cards", "/cards.pdf", "/after/names")
NAMELESS = ("/after", "/after/feedback.svg")
"""What shows nobody by name: for everybody who runs lectures; the rest is for who is on duty at this one."""
FRESH = ("/sheets.pdf", "/after/names")


@pytest.mark.parametrize("path", PAGES)
def test_who_may_open_the_pages(app: Flask, hall: Event, path: str) -> None:
    place = f"/desk/events/{hall.id}{path}"
    assert staff(app).get(place).headers["Location"] == SIGN_IN
    assert staff(app, Permission.DESK, Permission.WRITE).get(place).status_code == 403
    assert staff(app, *DESK).get(f"/desk/events/999{path}").status_code == 404
    stranger = staff(app, *DESK, person_id=STRANGER).get(place)
    assert stranger.status_code == (200 if path in NAMELESS else 403)
    if path in FRESH:
        old = staff(app, *DESK, confirmed_at=OVER - LONG_AGO)
        assert old.get(place).headers["Location"] == CONFIRM


def test_figures_are_shown_to_analysts_and_names_are_not(app: Flask, hall: Event) -> None:
    page = staff(app, Permission.DESK, Permission.ANALYSE, person_id=STRANGER).get(f"/desk/events/{hall.id}/after")
    assert page.status_code == 200
    assert "¥1,280.50" in page.text
    assert "张三" not in page.text
    assert "Send thanks" not in page.text
    assert "List of names" not in page.text
    mine = staff(app, *DESK).get(f"/desk/events/{hall.id}/after").text
    assert "Send thanks to 1 person" in mine
    assert "List of names" in mine


def test_thanks_are_sent_by_who_runs_the_lecture(app: Flask, hall: Event) -> None:
    page = f"/desk/events/{hall.id}/after"
    assert posted(app, page, f"{page}/thanks", about={"person_id": AT_THE_DOOR}).status_code == 403
    assert staff(app, *DESK).post("/desk/events/999/after/thanks").status_code == 400
    assert staff(app, *DESK).get(f"{page}/thanks").status_code == 405
    sent = posted(app, page, f"{page}/thanks")
    assert (sent.status_code, sent.headers["Location"]) == (303, page)
    assert "Everybody who came and left a contact was thanked" in staff(app, *DESK).get(page).text


def test_answers_from_paper_are_typed_in(app: Flask, hall: Event) -> None:
    page = f"/desk/events/{hall.id}/after"
    form = {"level_5": "20", "level_4": "7", "level_3": "1", "level_2": "1", "level_1": "1"}
    assert posted(app, page, f"{page}/satisfaction", **{**form, "level_1": "-1"}).status_code == 422
    assert posted(app, page, f"{page}/satisfaction", about={"person_id": STRANGER}, **form).status_code == 403
    assert posted(app, page, f"{page}/satisfaction", about={"person_id": AT_THE_DOOR}, **form).status_code == 303
    shown = staff(app, *DESK).get(page).text
    assert "90.0%" in shown
    assert "74.4% to 96.5%" in shown


def test_a_slide_shows_codes_that_lead_to_the_pages(app: Flask, hall: Event) -> None:
    desk = staff(app, *DESK)
    drawn = desk.get(f"/desk/events/{hall.id}/after/feedback.svg")
    assert drawn.mimetype == "image/svg+xml"
    assert "/events/talk/feedback" in drawn.text
    # It has no quiz.
    assert desk.get(f"/desk/events/{hall.id}/after/pre.svg").status_code == 404


# --- sheets -------------------------------------------------------------------------------------------------------


def test_sheets_are_printed_and_logged(app: Flask, hall: Event) -> None:
    needs_pdf()
    made = staff(app, *DESK).get(f"/desk/events/{hall.id}/sheets.pdf?blanks=3&first=5")
    assert (made.status_code, made.headers["Cache-Control"]) == (200, "private, no-store")
    text = pypdf.PdfReader(io.BytesIO(made.data)).pages[0].extract_text()
    assert "张三" in text
    assert "13800000001" not in text
    assert logged(fresh(), "event:sheets:printed") == [{"rows": 2, "walk_ins": "5-7"}]
    assert staff(app, *DESK).get(f"/desk/events/{hall.id}/sheets.pdf?blanks=x&first=0").status_code == 422


def test_typed_rows_are_looked_at_and_taken(app: Flask, hall: Event, watch: Watch) -> None:
    page, typed = f"/desk/events/{hall.id}/sheets", f"/desk/events/{hall.id}/sheets/typed"
    assert posted(app, page, typed, rows=" ").status_code == 422
    assert posted(app, page, typed, rows="x 1", about={"person_id": STRANGER}).status_code in (400, 403)
    sent = posted(app, page, typed, rows=f"{one('李四').code} 1")
    assert sent.status_code == 303
    trial = sent.headers["Location"]
    shown = staff(app, *DESK).get(trial)
    assert "is taken" in shown.text
    assert staff(app, *DESK, person_id=AT_THE_DOOR).get(trial).status_code == 404
    assert staff(app, *DESK).get(trial.replace(f"/{hall.id}/", "/999/")).status_code == 404
    assert staff(app, *DESK, confirmed_at=OVER - LONG_AGO).get(trial).headers["Location"] == CONFIRM
    watch.at = AT
    early = posted(app, trial, trial)
    assert early.headers["Location"] == trial
    watch.at = OVER
    assert posted(app, trial, trial).headers["Location"] == page
    assert came(fresh(), fresh().get_one(Event, hall.id)) == {"code": 2}
    # The list is erased once it is in.
    assert staff(app, *DESK).get(trial).status_code == 404
    assert list((app.config["PORTAL"].data / "lectures").rglob("*.csv")) == []


def test_files_that_are_no_tables_say_why_and_too_large_ones_are_refused(app: Flask, hall: Event) -> None:
    page, place = f"/desk/events/{hall.id}/sheets", f"/desk/event-files/{hall.id}/sheet"

    def bring(raw: bytes) -> Any:
        form = {"csrf_token": csrf, "file": (io.BytesIO(raw), "a.csv")}
        return desk.post(place, data=form, content_type="multipart/form-data")

    desk = staff(app, Permission.DESK)
    csrf = token(desk, "/desk/events/")
    assert bring(b"x").status_code in (400, 403)
    assert bring(b"x" * 2_000_000).status_code == 413
    desk = staff(app, *DESK)
    csrf = token(desk, page)
    assert bring(b"x" * 6_000_000).status_code == 413
    for raw, words in (
        (b"name,came\nx,1\n", "row code"),
        (b"\x89PNG\x00\x00", "not a CSV file"),
        (b"code,people\n" + b"x,1\n" * 5_001, "too many rows"),
        (b"x" * 5_000_001, "too large"),
    ):
        answer = bring(raw)
        assert (answer.status_code, words in unescape(answer.text)) == (422, True), words
    assert desk.get(place).status_code == 405


def test_a_list_of_the_meeting_tool_is_kept_sealed_and_taken(app: Flask, hall: Event) -> None:
    with transaction() as session:
        registered(session, session.get_one(Event, hall.id), "王网上", place=Place.ONLINE)
    desk = staff(app, *DESK)
    csrf = token(desk, f"/desk/events/{hall.id}/sheets")
    assert 'value="27"' in desk.get(f"/desk/events/{hall.id}/sheets").text
    raw = "用户昵称,入会时间,退会时间\n王网上,2026-11-20 14:00:00,2026-11-20 14:40:00\n".encode("gb18030")
    form = {"csrf_token": csrf, "minutes": "27", "file": (io.BytesIO(raw), "a.csv")}
    sent = desk.post(f"/desk/event-files/{hall.id}/meeting", data=form, content_type="multipart/form-data")
    assert sent.status_code == 303, sent.text
    [kept] = (app.config["PORTAL"].data / "lectures").rglob("*.csv")
    assert raw[-20:] not in kept.read_bytes()
    trial = sent.headers["Location"]
    assert "王网上" in staff(app, *DESK).get(trial).text
    assert posted(app, trial, trial).status_code == 303
    rows = fresh().scalars(sa.select(Admission).where(Admission.kind == "online")).all()
    assert [(row.minutes, row.source, row.people) for row in rows] == [(40, AdmissionSource.FILE, 1)]
    bad = {"csrf_token": csrf, "minutes": "0", "file": (io.BytesIO(raw), "a.csv")}
    refused = desk.post(f"/desk/event-files/{hall.id}/meeting", data=bad, content_type="multipart/form-data")
    assert refused.status_code == 422


# --- files --------------------------------------------------------------------------------------------------------


def test_figures_are_saved_without_anybody(app: Flask, hall: Event) -> None:
    place = f"/desk/events/{hall.id}/after/figures"
    analyst = (Permission.DESK, Permission.ANALYSE)
    page = f"/desk/events/{hall.id}/after"
    assert posted(app, page, place, analyst, form="pdf").status_code == 400
    book = openpyxl.load_workbook(io.BytesIO(posted(app, page, place, analyst, form="xlsx").data))
    values = {row[0].value: row[1].value for row in book["Lecture"].iter_rows()}
    assert (values["attended_code"], values["cost_yuan"], values["starts"]) == (1, 1280.5, "2026-11-20 14:00")
    text = posted(app, page, place, analyst, form="csv").data.decode("utf-8-sig")
    assert "attended_code,1\r\n" in text
    assert "张三" not in text
    assert logged(fresh(), "event:figures:exported") == [{"format": "xlsx"}, {"format": "csv"}]
    assert staff(app, *analyst).get(place).status_code == 405


def test_each_group_is_proved_by_how_many_registered_and_came(app: Flask, hall: Event) -> None:
    with transaction() as session:
        event = session.get_one(Event, hall.id)
        session.query(Pool).filter_by(event_id=hall.id, place=Place.IN_PERSON).one().capacity = 100
        about = {"kind": Kind.GROUP, **mobile(77)}
        centre = registered(session, event, "王老师", seats=30, organisation="滨河社区", **about)
        for people, by in ((20, "门口甲"), (2, "门口乙"), (1, "门口甲")):
            let_in(session, event, people, registration=centre, kind=AdmissionKind.GROUP, by=by)
        let_in(session, event, 5, registration=centre, kind=AdmissionKind.GROUP, undone_at=OVER, undone_by="门口丙")
        registered(session, event, "李老师", seats=12, organisation="示例中学", kind=Kind.GROUP)
    page, place = f"/desk/events/{hall.id}/after", f"/desk/events/{hall.id}/after/figures"
    book = openpyxl.load_workbook(io.BytesIO(posted(app, page, place, DESK, form="xlsx").data))
    rows = [[cell.value for cell in row] for row in book["Groups"].iter_rows()]
    assert rows == [["group", "registered", "came"], [1, 30, 23], [2, 12, 0]]
    text = posted(app, page, place, DESK, form="csv").data.decode("utf-8-sig")
    assert "groups_1_registered,30\r\ngroups_1_came,23\r\ngroups_2_registered,12\r\ngroups_2_came,0\r\n" in text
    place = f"/desk/events/{hall.id}/after/names"
    proof = posted(app, place, place, purpose="proof", form="csv").data.decode("utf-8-sig")
    for hidden in ("滨河社区", "王老师", "门口甲"):
        assert (hidden in text, hidden in proof) == (False, True)
    assert "13800000077" not in text + proof
    head, *lines = list(csv.reader(io.StringIO(proof)))
    [row] = [dict(zip(head, line, strict=True)) for line in lines if "滨河社区" in line]
    assert (row["seats"], row["came"], row["confirmed_by"]) == ("30", "23", "门口乙, 门口甲")
    entrance = posted(app, place, place, purpose="entrance", form="csv").data.decode("utf-8-sig")
    assert "confirmed_by" not in entrance


def test_names_are_saved_for_a_purpose_by_who_runs_the_lecture(app: Flask, hall: Event) -> None:
    with transaction() as session:
        registered(session, session.get_one(Event, hall.id), '=HYPERLINK("http://x","y")')
    place = f"/desk/events/{hall.id}/after/names"
    assert staff(app, *DESK, person_id=AT_THE_DOOR).get(place).status_code == 403
    assert posted(app, place, place, form="csv").status_code == 422
    old = {"confirmed_at": OVER - LONG_AGO}
    desk = staff(app, *DESK)
    csrf = token(desk, place)
    late = staff(app, *DESK, **old)
    assert late.post(place, data={"csrf_token": csrf, "purpose": "entrance"}).status_code in (303, 400)
    book = openpyxl.load_workbook(io.BytesIO(posted(app, place, place, purpose="entrance", form="xlsx").data))
    cells = [cell for row in book["Names"].iter_rows(min_row=2) for cell in row]
    assert all(cell.data_type in ("s", "n") and cell.hyperlink is None for cell in cells)
    assert '=HYPERLINK("http://x","y")' in [cell.value for cell in cells]
    text = posted(app, place, place, purpose="calling", form="csv").data.decode("utf-8-sig")
    assert "13800000001" in text
    assert "\"'=HYPERLINK" in text
    assert logged(fresh(), "event:names:exported") == [
        {"purpose": "entrance", "format": "xlsx", "rows": 3},
        {"purpose": "calling", "format": "csv", "rows": 3},
    ]
