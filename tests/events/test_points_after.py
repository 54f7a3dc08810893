"""What no other system of this kind does, as far as it happens after a lecture: each point by its own name."""

from __future__ import annotations

import io
import re
from datetime import timedelta
from html import unescape

import pypdf
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.core.access import Permission
from portal.core.database import transaction
from portal.events.models import Admission, Card, Event
from portal.events.queries import attendance
from portal.events.queries.pairs import pairs, uplift
from portal.events.rules.attendance import AdmissionKind, AdmissionSource, Wave
from portal.events.rules.seats import Kind
from portal.events.rules.uplift import Said
from portal.events.services import cards
from tests.events.aftermath import ENDS, Watch, answered, came, fresh, let_in, registered, take
from tests.events.hall import AT, STARTS, lecture
from tests.quizzes.bank import judgement, publish, quiz, single
from tests.quizzes.browsed import needs_pdf
from tests.staff import staff, token

DESK = (Permission.DESK, Permission.ORGANISE)
RIGHT, HALF, WRONG = ("b", "scam"), ("b", "genuine"), ("a", "genuine")


@pytest.mark.usefixtures("desk_library")
def test_1_uplift_per_event(app: Flask) -> None:
    with transaction() as session:
        publish(session, single(), judgement(), quiz())
        hall = lecture(session, pre_quiz="try")
        cards.make(session, event_id=hall.id, count=32, by="x", at=AT)
        made = cards.between(session, event_id=hall.id, first=1, last=32)
        for card in made[:31]:
            answered(session, card, Wave.PRE, HALF, at=STARTS)
        for card in made[:29]:
            answered(session, card, Wave.POST, RIGHT, at=ENDS)
        answered(session, made[31], Wave.POST, RIGHT, at=ENDS)
        few = uplift(session, hall.id)
        assert (few.said, few.n, few.left_out, few.points) == (Said.FEW, 29, 3, None)
        answered(session, made[29], Wave.POST, WRONG, at=ENDS)
        found = uplift(session, hall.id)
        assert (found.said, found.n, found.left_out) == (Said.RESULT, 30, 2)
        assert (found.before, round(found.after or 0, 1)) == (50, 96.7)
        assert (round(found.points or 0, 1), round(found.relative or 0, 1)) == (46.7, 93.3)
        first = pairs(session, hall.id)[0]
        assert (first.card, first.waves[Wave.POST].outcomes) == (1, {"code": "right", "sms": "right"})
        assert first.waves[Wave.PRE].version_id == first.waves[Wave.POST].version_id
        # A card that began goes on with its version; one that begins now has another, and is not put beside it.
        publish(session, single(stem="有人要您的验证码，怎么办？"), quiz(intro="改过了。"))
        answered(session, made[30], Wave.POST, RIGHT, at=ENDS)
        assert (uplift(session, hall.id).said, uplift(session, hall.id).n) == (Said.RESULT, 31)
        cards.make(session, event_id=hall.id, count=1, by="x", at=AT)
        late = session.scalars(sa.select(Card).where(Card.number == 33)).one()
        for wave in (Wave.PRE, Wave.POST):
            answered(session, late, wave, RIGHT, at=STARTS + timedelta(minutes=60))
        mixed = uplift(session, hall.id)
        assert (mixed.said, mixed.n, mixed.points) == (Said.MIXED, 32, None)


def test_3_group_head_count_on_paper(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, seats=40)
        centre = registered(session, hall, "王老师", kind=Kind.GROUP, seats=30, organisation="社区中心")
        assert take(session, hall, (centre.code, 22)).is_done is True
        assert take(session, hall, (centre.code, 22)).is_done is False
        assert take(session, hall, (centre.code, "22人")).is_done is False
        found = attendance.attendance(session, hall.id)
    assert (found.came[AdmissionKind.GROUP], found.no_shows_groups) == (22, 8)


def read_sheet(raw: bytes) -> tuple[list[str], dict[str, str], list[str]]:
    """Return the text of each page, the registrations' row codes by name, and those of blank rows."""
    pages = [page.extract_text() for page in pypdf.PdfReader(io.BytesIO(raw)).pages]
    whole = "\n".join(pages)
    codes = re.findall(r"\b([2-9A-HJKMNP-Z]{4} [2-9A-HJKMNP-Z]{4})\s+(\S+)", whole)
    return pages, {name: code for code, name in codes}, re.findall(r"\bW[2-9A-HJKMNP-Z]{2} [2-9A-HJKMNP-Z]{3}\b", whole)


def brought(app: Flask, event: Event, text: str, encoding: str = "utf-8") -> tuple[str, str]:
    """Bring a table; return the address of the trial and its page."""
    desk = staff(app, *DESK)
    form = {
        "csrf_token": token(desk, f"/desk/events/{event.id}/sheets"),
        "file": (io.BytesIO(text.encode(encoding)), "sheet.csv"),
    }
    sent = desk.post(f"/desk/event-files/{event.id}/sheet", data=form, content_type="multipart/form-data")
    assert sent.status_code == 303, sent.text
    return sent.headers["Location"], desk.get(sent.headers["Location"]).text


def confirmed(app: Flask, address: str) -> str:
    """Say the word; return what the desk says then."""
    desk = staff(app, *DESK)
    return desk.post(address, data={"csrf_token": token(desk, address)}, follow_redirects=True).text


def test_5_paper_round_trip(app: Flask, session: Session, watch: Watch) -> None:
    needs_pdf()
    with transaction():
        hall = lecture(session, seats=60)
        for number in range(24):
            registered(session, hall, f"听众{number:02}", seats=1 + number % 2)
        registered(session, hall, "王老师", kind=Kind.GROUP, seats=20, organisation="滨河社区")
        let_in(session, hall, registration=registered(session, hall, "早到"))
    hall_id = hall.id
    printed = staff(app, *DESK).get(f"/desk/events/{hall_id}/sheets.pdf?blanks=10&first=1")
    assert (printed.status_code, printed.mimetype) == (200, "application/pdf")
    pages, codes, blanks = read_sheet(printed.data)
    # Every page says which lecture, when, and which page of how many.
    assert len(pages) == 2
    for number, page in enumerate(pages, 1):
        assert "守住养老钱" in page
        assert "2026-11-20" in page
        assert f"{number} / 2" in page
    assert len(blanks) == 10
    assert {f"听众{number:02}" for number in range(24)} <= set(codes)
    # What people wrote on it comes back as a table.
    rows = [
        ("row code", "people"), (codes["听众00"], "1"), (codes["听众01"], "2"), (codes["滨河社区"], "17"),
        (blanks[0], "2"), (codes["听众00"], "1"), ("ABCD 2345", "1"), ("=1+1", "1"), (codes["听众02"], "many"),
        (codes["听众04"], "3"), (codes["早到"], "1"), (codes["听众06"], ""),
    ]  # fmt: skip
    table = "\r\n".join(",".join(row) for row in rows)
    address, page = brought(app, fresh().get_one(Event, hall_id), table, "gb18030")
    said = re.findall(r"<span>([^<]+)</span></span></td></tr>", page)
    assert [unescape(one).split(";")[0] for one in said] == [
        "is taken", "is taken", "is taken", "is taken", "stands there twice",
        "no registration of this lecture has this code", "this is no row code",
        "this is no number of people", "has 1 seats", "is in already", "nobody came",
    ]  # fmt: skip
    assert came(fresh(), fresh().get_one(Event, hall_id)) == {"code": 1}
    assert "22 people are in." in confirmed(app, address)
    counted = {"code": 4, "group": 17, "walk-in": 2}
    assert came(fresh(), fresh().get_one(Event, hall_id)) == counted
    # The same once more, as the same file and as the same rows in another one.
    for again in (table, table + "\r\n"):
        address, page = brought(app, fresh().get_one(Event, hall_id), again, "gb18030")
        assert "is taken" not in page
        assert "nothing new" in confirmed(app, address)
    assert came(fresh(), fresh().get_one(Event, hall_id)) == counted
    kept = sa.select(Admission.source, sa.func.sum(Admission.people)).group_by(Admission.source)
    assert dict(fresh().execute(kept).all()) == {AdmissionSource.DOOR: 1, AdmissionSource.PAPER: 22}  # type: ignore[arg-type]
