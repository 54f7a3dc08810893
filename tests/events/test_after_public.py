"""What people in the hall and at home do after a lecture: quizzes of seat cards, answers, certificates."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from typing import Any

import pypdf
import pytest
import sqlalchemy as sa
import zxingcpp
from flask import Flask
from flask.testing import FlaskClient

from portal.core.access import Permission
from portal.core.database import transaction
from portal.events.models import Card, CardAttempt, Event, Feedback, Registration
from portal.events.queries import attendance
from portal.events.rules.seats import State
from portal.events.services import cards
from portal.quizzes.models import Attempt
from tests.events.aftermath import ENDS, OVER, Watch, fresh, one, posted
from tests.events.hall import AT, STARTS
from tests.quizzes.bank import judgement, publish, quiz, single
from tests.quizzes.browsed import needs_pdf
from tests.staff import staff

DESK = (Permission.DESK, Permission.ORGANISE)
CROSS = {"Sec-Fetch-Site": "cross-site"}
NOBODY = "x" * 43


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
