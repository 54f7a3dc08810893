"""Pages after a lecture: each works, refuses whoever may not, and knows what it cannot find."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape
from typing import Any

import openpyxl
import pypdf
import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient

from portal.core.access import Permission
from portal.core.database import transaction
from portal.events.models import Admission, Card, CardAttempt, CoOrganiser, Event, Feedback, Registration
from portal.events.queries import attendance
from portal.events.rules.attendance import AdmissionSource
from portal.events.rules.lectures import Place
from portal.events.rules.seats import State
from portal.events.services import cards
from portal.quizzes.models import Attempt
from tests.events.aftermath import ENDS, OVER, Watch, came, fresh, let_in, logged, registered
from tests.events.hall import AT, STARTS, lecture, mobile
from tests.quizzes.bank import judgement, publish, quiz, single
from tests.quizzes.browsed import needs_pdf
from tests.staff import CONFIRM, LONG_AGO, SIGN_IN, staff, token

DESK = (Permission.DESK, Permission.ORGANISE)
CROSS = {"Sec-Fetch-Site": "cross-site"}
NOBODY = "x" * 43
STRANGER = 7
AT_THE_DOOR = 8


@pytest.fixture
def hall(app: Flask, watch: Watch) -> Event:
    """A lecture that is over, with one person who came and one who did not."""
    with transaction() as session:
        made = lecture(session, online=10, slug="talk", cost_cents=128_050, materials=90)
        let_in(session, made, registration=registered(session, made, "张三", **mobile(1)))
        registered(session, made, "李四")
        session.add(CoOrganiser(event_id=made.id, person_id=AT_THE_DOOR, at_the_door=True))
    return fresh().get_one(Event, made.id)


def one(name: str = "张三") -> Registration:
    return next(row for row in fresh().scalars(sa.select(Registration)) if row.name == name)


READS = {
    "": "afterwards.show",
    "/after/feedback.svg": "afterwards.qr",
    "/sheets": "sheets.show",
    "/sheets.pdf": "sheets.print_sheets",
    "/cards": "cards.show",
    "/cards.pdf": "cards.print_cards",
    "/after/names": "event_exports.ask_names",
}
FRESH = ("/sheets.pdf", "/after/names")


@pytest.mark.parametrize("path", ["/after", *list(READS)[1:]])
def test_who_may_open_the_pages(app: Flask, hall: Event, path: str) -> None:
    place = f"/desk/events/{hall.id}{path}"
    assert staff(app).get(place).headers["Location"] == SIGN_IN
    assert staff(app, Permission.DESK, Permission.WRITE).get(place).status_code == 403
    assert staff(app, *DESK).post(place.replace("/after", "/after") if path == "/sheets" else place).status_code in (
        405, 404, 400, 403,
    )  # fmt: skip
    assert staff(app, *DESK).get(f"/desk/events/999{path}").status_code == 404
    # What shows nobody by name is for everybody who runs lectures; the rest for who is on duty at this one.
    open_to_all = path in ("/after", "/after/feedback.svg")
    assert staff(app, *DESK, person_id=STRANGER).get(place).status_code == (200 if open_to_all else 403)
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


def posted(app: Flask, page: str, place: str, who: tuple[Permission, ...] = DESK, **values: Any) -> Any:
    """Send a form of a page, as whoever may see it."""
    about = values.pop("about", {})
    desk = staff(app, *who, **about)
    csrf = token(desk, page)
    return desk.post(place, data={"csrf_token": csrf, **values})


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

    def bring(raw: bytes, who: tuple[Permission, ...] = DESK, **about: Any) -> Any:
        desk = staff(app, *who, **about)
        form = {"csrf_token": token(staff(app, *DESK), page) if who == DESK else "", "file": (io.BytesIO(raw), "a.csv")}
        desk = staff(app, *who, **about)
        with desk.session_transaction():
            pass
        return desk.post(place, data=form, content_type="multipart/form-data")

    assert bring(b"x" * 6_000_000).status_code == 413
    assert bring(b"x", who=(Permission.DESK,)).status_code in (400, 403)
    desk = staff(app, *DESK)
    csrf = token(desk, page)
    for raw, words in (
        (b"name,came\nx,1\n", "row code"),
        (b"\x89PNG\x00\x00", "not a CSV file"),
        (b"code,people\n" + b"x,1\n" * 5_001, "too many rows"),
        (b"x" * 5_000_001, "too large"),
    ):
        form = {"csrf_token": csrf, "file": (io.BytesIO(raw), "a.csv")}
        answer = desk.post(place, data=form, content_type="multipart/form-data")
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


# --- seat cards ---------------------------------------------------------------------------------------------------


def with_quiz(hall: Event) -> list[Card]:
    with transaction() as session:
        publish(session, single(), judgement(), quiz())
        session.get_one(Event, hall.id).pre_quiz = "try"
        cards.make(session, event_id=hall.id, count=9, by="x", at=AT)
    return list(fresh().scalars(sa.select(Card).order_by(Card.number)))


def test_cards_are_made_at_the_desk(app: Flask, hall: Event) -> None:
    place = f"/desk/events/{hall.id}/cards"
    assert posted(app, place, place, count="0").status_code == 422
    assert posted(app, place, place, count="20").headers["Location"] == place
    assert attendance.cards(fresh(), hall.id) == 20
    assert staff(app, *DESK).get(f"{place}.pdf?first=21&last=30").status_code == 422
    assert staff(app, *DESK).get(f"{place}.pdf").status_code == 422


def places(page: pypdf.PageObject) -> set[tuple[int, int]]:
    """Return where the codes stand on a page of cards; what lies outside of the paper is none."""
    found = set()

    def visit(text: str, whole: list[float], line: list[float], _font: Any, _size: float) -> None:
        x = whole[0] * line[4] + whole[2] * line[5] + whole[4]
        y = whole[1] * line[4] + whole[3] * line[5] + whole[5]
        if re.search("[2-9A-Z]{4} [2-9A-Z]{4}", text) and 0 < x < 595 and 0 < y < 842:
            found.add((round(x), round(y)))

    page.extract_text(visitor_text=visit)
    return found


@pytest.mark.usefixtures("desk_library")
def test_the_code_on_a_printed_card_leads_to_its_quiz(app: Flask, client: FlaskClient, hall: Event) -> None:
    needs_pdf()
    made = with_quiz(hall)
    printed = staff(app, *DESK).get(f"/desk/events/{hall.id}/cards.pdf?first=1&last=9")
    assert printed.status_code == 200
    read = pypdf.PdfReader(io.BytesIO(printed.data))
    assert len(read.pages) == 2
    text = "".join(page.extract_text() for page in read.pages)
    assert all(f"{card.code[:4]} {card.code[4:]}" in text for card in made)
    assert "张三" not in text
    assert len(places(read.pages[0])) == 8
    assert len({x for x, _y in places(read.pages[0])}) == 2
    assert len(places(read.pages[1])) == 1
    # WeasyPrint lists the pictures of all pages on each of them.
    pictures = [picture.image for picture in read.pages[0].images if picture.image]
    found = [code.text for picture in pictures for code in zxingcpp.read_barcodes(picture.convert("L"))]
    assert sorted(found) == sorted(f"http://127.0.0.1:8000/events/talk/quiz?card={card.code}" for card in made)
    page = client.get(found[0].removeprefix("http://127.0.0.1:8000"))
    assert page.status_code == 200
    assert fresh().scalars(sa.select(CardAttempt)).all() == []


@pytest.mark.usefixtures("desk_library")
def test_a_card_begins_its_quiz_by_post_only_and_goes_on(
    app: Flask, client: FlaskClient, hall: Event, watch: Watch
) -> None:
    card = with_quiz(hall)[0]
    watch.at = STARTS
    shown = client.get(f"/events/talk/quiz?card={card.code}&wave=pre")
    assert (shown.status_code, shown.headers["Cache-Control"]) == (200, "no-store")
    assert shown.headers["Referrer-Policy"] == "no-referrer"
    assert "Set-Cookie" not in shown.headers
    typed = f" {card.code[:4].lower()}-{card.code[4:]}"
    begun = client.post("/en/events/talk/quiz", data={"card": typed, "wave": "pre"})
    assert begun.status_code == 303
    assert begun.headers["Location"].startswith("/en/quizzes/attempts/")
    again = client.post("/events/talk/quiz", data={"card": typed, "wave": "pre"})
    assert again.headers["Location"] == begun.headers["Location"]
    assert len(fresh().scalars(sa.select(Attempt)).all()) == 1
    client.post(f"{begun.headers['Location']}/finish")
    done = client.post("/en/events/talk/quiz", data={"card": typed, "wave": "pre"})
    assert (done.status_code, "answered already" in done.text) == (200, True)
    wrong = client.post("/en/events/talk/quiz", data={"card": "ABCD2345"})
    assert (wrong.status_code, "No card of this lecture" in wrong.text) == (422, True)
    assert client.post("/events/talk/quiz", data={"card": typed}, headers=CROSS).status_code == 403
    assert client.get("/events/unknown/quiz").status_code == 404
    watch.at = ENDS + timedelta(days=200)
    assert client.post("/events/talk/quiz", data={"card": typed}).status_code == 410


# --- satisfaction -------------------------------------------------------------------------------------------------


def test_people_answer_by_the_code_in_their_hand(client: FlaskClient, hall: Event, watch: Watch) -> None:
    code = one().code
    place = "/en/events/talk/feedback"
    assert client.get(place).status_code == 200
    for values, words in (
        ({"code": "ABCD2345", "level": "5"}, "No seat of this lecture"),
        ({"code": code}, "one of the five"),
        ({"code": code, "level": "6"}, "one of the five"),
    ):
        answer = client.post(place, data=values)
        assert (answer.status_code, words in answer.text) == (422, True)
    for level in ("2", "4"):
        sent = client.post(place, data={"code": f" {code.lower()}", "level": level})
        assert (sent.status_code, sent.headers["Location"]) == (303, f"{place}?done=1")
    assert "the last answer counts" in client.get(f"{place}?done=1").text
    assert fresh().scalars(sa.select(Feedback.level)).all() == [4]
    assert client.post(place, data={"code": code, "level": "1"}, headers=CROSS).status_code == 403
    assert client.get("/events/unknown/feedback").status_code == 404
    watch.at = ENDS + timedelta(days=7)
    assert client.post(place, data={"code": code, "level": "1"}).status_code == 410
    watch.at = AT
    assert "Come back when" in client.get(place).text
    assert fresh().scalars(sa.select(Feedback.level)).all() == [4]


def test_people_answer_by_their_link_and_looking_at_it_says_nothing(client: FlaskClient, hall: Event) -> None:
    token_of = one().token
    place = f"/events/feedback/{token_of}"
    shown = client.get(place)
    assert (shown.status_code, shown.headers["Referrer-Policy"]) == (200, "no-referrer")
    assert "张三" not in shown.text
    assert fresh().scalars(sa.select(Feedback)).all() == []
    assert client.post(place, data={}).status_code == 422
    assert client.post(place, data={"level": "5"}).status_code == 303
    assert client.post(place, data={"level": "5"}, headers=CROSS).status_code == 403
    # By code it is the same person.
    assert client.post("/events/talk/feedback", data={"code": one().code, "level": "3"}).status_code == 303
    assert fresh().scalars(sa.select(Feedback.level)).all() == [3]
    assert client.get(f"/events/feedback/{NOBODY}").status_code == 404
    with transaction() as session:
        session.get_one(Registration, one("李四").id).state = State.CANCELLED
    assert client.get(f"/events/feedback/{one('李四').token}").status_code == 404


# --- the certificate ----------------------------------------------------------------------------------------------


def test_whoever_came_gets_a_certificate_with_the_name_they_typed(client: FlaskClient, hall: Event) -> None:
    needs_pdf()
    made = client.get(f"/events/registrations/{one().token}/certificate.pdf")
    assert (made.status_code, made.mimetype) == (200, "application/pdf")
    assert made.headers["Referrer-Policy"] == "no-referrer"
    assert made.headers["Cache-Control"] == "private, no-store"
    text = pypdf.PdfReader(io.BytesIO(made.data)).pages[0].extract_text()
    assert re.search("张三.*守住养老钱", text, re.DOTALL)
    missing = client.get(f"/en/events/registrations/{one('李四').token}/certificate.pdf")
    assert (missing.status_code, "No certificate yet" in missing.text) == (404, True)
    assert client.get(f"/events/registrations/{NOBODY}/certificate.pdf").status_code == 404
    assert client.post(f"/events/registrations/{one().token}/certificate.pdf").status_code == 405
    with transaction() as session:
        row = session.get_one(Registration, one().id)
        row.name = row.contact = row.person_digest = None
        row.erased_at = OVER
    erased = client.get(f"/events/registrations/{fresh().get_one(Registration, row.id).token}/certificate.pdf")
    assert "张三" not in pypdf.PdfReader(io.BytesIO(erased.data)).pages[0].extract_text()
