"""Groups over the web: the desk's pages, the page to print, and the address that a teacher is given."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.core.access import Permission
from portal.quizzes.models import Group
from tests.articles.desk import AT
from tests.quizzes.gathering import put, take
from tests.staff import SIGN_IN, staff, token

pytestmark = pytest.mark.usefixtures("desk_library")
DESK = (Permission.DESK, Permission.ORGANISE)


def made(app: Flask, session: Session, **form: str) -> Group:
    """Have an organiser make a code."""
    quiz_id = put()
    desk = staff(app, *DESK)
    values = {
        "label": "三年二班",
        "quiz": str(quiz_id),
        "closes": "",
        "csrf_token": token(desk, "/desk/groups/"),
        **form,
    }
    answer = desk.post("/desk/groups/", data=values)
    assert answer.status_code == 303, answer.text
    session.rollback()
    found = session.scalars(sa.select(Group)).one()
    assert answer.headers["Location"] == f"/desk/groups/{found.id}"
    return found


def test_an_organiser_makes_a_code_prints_and_closes_it(app: Flask, client: FlaskClient, session: Session) -> None:
    group = made(app, session, closes="2030-01-31T18:00")
    assert group.closes_at is not None
    assert group.closes_at.isoformat() == "2030-01-31T10:00:00+00:00"
    desk = staff(app, *DESK)
    code = f"{group.code[:4]}-{group.code[4:]}"
    for path in ("/desk/groups/", f"/desk/groups/{group.id}", f"/desk/groups/{group.id}/print?edition=youth"):
        page = desk.get(path)
        assert (page.status_code, code in page.text, "三年二班" in page.text) == (200, True, True)
    assert "/youth/quizzes/try" in desk.get(f"/desk/groups/{group.id}/print?edition=youth").text
    assert desk.get(f"/desk/groups/{group.id}/print?edition=nobody").status_code == 200
    drawn = desk.get(f"/desk/groups/{group.id}/qr.svg?edition=elderly")
    assert f"/elderly/quizzes/try?group={group.code}" in drawn.text
    assert client.post("/quizzes/try/begin", data={"group": code}).status_code == 303
    csrf = token(desk, "/desk/groups/")
    assert desk.post(f"/desk/groups/{group.id}/close", data={"csrf_token": csrf}).status_code == 303
    assert client.post("/quizzes/try/begin", data={"group": code}).status_code == 422


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("label", " ", "fill this in"),
        ("label", "x" * 121, "at most 120"),
        ("quiz", "99", "choose one"),
        ("closes", "soon", "Write day and time"),
        ("closes", "2020-01-01T10:00", "past already"),
    ],
)
def test_what_makes_no_code(app: Flask, session: Session, name: str, value: str, words: str) -> None:
    quiz_id = put()
    desk = staff(app, *DESK)
    form = {"label": "班", "quiz": str(quiz_id), "csrf_token": token(desk, "/desk/groups/"), name: value}
    answer = desk.post("/desk/groups/", data=form)
    assert (answer.status_code, words in unescape(answer.text)) == (422, True)
    assert session.scalars(sa.select(Group)).all() == []


def test_a_teacher_sees_sums_by_an_address_that_is_shown_once(
    app: Flask, client: FlaskClient, session: Session
) -> None:
    group = made(app, session)
    desk = staff(app, *DESK)
    csrf = token(desk, "/desk/groups/")
    shown = desk.post(f"/desk/groups/{group.id}/link", data={"csrf_token": csrf})
    found = re.search(r"http[^<]+(/quizzes/groups/[A-Za-z0-9_-]{43})", shown.text)
    assert found is not None
    path = found[1]
    assert path not in desk.get(f"/desk/groups/{group.id}").text
    for place in range(5):
        assert "80.0" not in client.get(path).text, "fewer than five"
        take(group=group.code, right=2 if place else 0, at=AT + timedelta(minutes=place))
    page = client.get(f"/en{path}")
    assert page.status_code == 200
    assert "80.0%" in page.text
    assert "noindex" in page.text
    assert page.headers["Cache-Control"] == "private, no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"
    desk.post(f"/desk/groups/{group.id}/link", data={"csrf_token": csrf})
    assert client.get(path).status_code == 404
    assert client.get("/quizzes/groups/" + "a" * 43).status_code == 404


def test_the_file_tells_what_the_page_tells(app: Flask, session: Session) -> None:
    group = made(app, session, label="=1+1")
    desk = staff(app, *DESK)
    few = desk.get(f"/desk/groups/{group.id}/results.csv").get_data(as_text=True).splitlines()
    assert few == ["\ufeffGroup,'=1+1", "Too few have finished (fewer than 5); nothing is told."]
    for place in range(6):
        take(group=group.code, right=1, at=AT + timedelta(minutes=place))
    rows = desk.get(f"/desk/groups/{group.id}/results.csv").get_data(as_text=True).splitlines()
    assert rows == [
        "\ufeffGroup,'=1+1",
        "Finished,6",
        "Counted,5",
        "Mean in percent,50.0",
        "Median in percent,50.0",
        "0–20 %,0",
        "20–40 %,0",
        "40–60 %,5",
        "60–80 %,0",
        "80–100 %,0",
        "",
        "Question,Wording,Asked,Share of points,Do not know",
        "code,有人要验证码，怎么办？,5,1.000,0.000",
        "sms,您收到这条短信。这是骗局吗？,5,0.000,0.000",
    ]


PAGES = (
    "/desk/groups/",
    "/desk/groups/1",
    "/desk/groups/1/print",
    "/desk/groups/1/qr.svg",
    "/desk/groups/1/results.csv",
)
ACTS = ("/desk/groups/", "/desk/groups/1/close", "/desk/groups/1/link")


def test_who_is_kept_out(app: Flask, session: Session) -> None:
    assert made(app, session).id == 1
    outsider = staff(app)
    for path in PAGES:
        assert outsider.get(path).headers["Location"] == SIGN_IN
    writer = staff(app, Permission.DESK, Permission.WRITE)
    for path in PAGES:
        assert writer.get(path).status_code == 403
    desk = staff(app, *DESK)
    csrf = token(desk, "/desk/groups/")
    for path in ACTS:
        assert desk.post(path, data={}).status_code == 400, "no CSRF token"
    for path in ACTS[1:]:
        assert desk.get(path).status_code == 405
        assert desk.post(path.replace("1", "99"), data={"csrf_token": csrf}).status_code == 404
    for path in PAGES[1:]:
        assert desk.get(path.replace("1", "99")).status_code == 404
