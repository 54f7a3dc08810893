"""Contests at the desk and from the command line: announcing, drawing, winners, erasing, checking."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from datetime import timedelta
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.core.access import Permission
from portal.core.settings import ROOT
from portal.quizzes.models import Contest, Entry
from portal.quizzes.rules import contests as rules
from portal.quizzes.rules import draw as lots
from tests.articles.desk import AT
from tests.quizzes.gathering import END, announce, contest, events, put
from tests.quizzes.visitors import Watch, count, entered, watch
from tests.staff import CONFIRM, LONG_AGO, SIGN_IN, staff, token

__all__ = ["watch"]
pytestmark = pytest.mark.usefixtures("desk_library")
DESK = (Permission.DESK, Permission.ORGANISE)


FORM = {
    "title": "春节有奖问答", "slug": "new", "prize": "礼品", "winners": "3", "drawn_from": "everybody",
    "opens": "2026-11-22T10:00", "closes": "2026-11-30T18:00", "contact": "phone", "beacon": "", "has_leaderboard": "y",
}  # fmt: skip


def test_an_organiser_announces_a_contest(app: Flask, session: Session, watch: Watch) -> None:
    quiz_id = put()
    desk = staff(app, *DESK)
    csrf = token(desk, "/desk/contests/new")
    made = desk.post("/desk/contests/new", data={**FORM, "quiz": quiz_id, "csrf_token": csrf})
    assert (made.status_code, made.headers["Location"]) == (303, "/desk/contests/new")
    found = contest(session, "new")
    assert (found.created_by, found.winners, found.has_leaderboard) == ("林静", 3, True)
    # 18:00 in Shanghai.
    assert found.closes_at.isoformat() == "2026-11-30T10:00:00+00:00"


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("title", "", "fill this in"),
        ("slug", "Ä b", "Small letters"),
        ("quiz", "99", "choose one"),
        ("quiz", "x", "choose one"),
        ("opens", "tomorrow", "Write day and time"),
        ("closes", "2026-11-22T09:00", "close after it opens"),
        ("closes", "9999-99-99T09:00", "Write day and time"),
        ("winners", "-1", "whole number"),
        ("winners", "１", "whole number"),
        ("winners", "1001", "whole number"),
        ("prize", "", "what can be won"),
        ("contact", "mail", "choose one"),
        ("drawn_from", "friends", "choose one"),
        ("beacon", "x" * 201, "at most 200"),
    ],
)
def test_what_cannot_be_announced(
    app: Flask, session: Session, watch: Watch, name: str, value: str, words: str
) -> None:
    quiz_id = put()
    desk = staff(app, *DESK)
    csrf = token(desk, "/desk/contests/new")
    answer = desk.post("/desk/contests/new", data={**FORM, "quiz": quiz_id, "csrf_token": csrf, name: value})
    assert answer.status_code == 422
    assert words in unescape(answer.text)
    assert session.scalar(sa.select(sa.func.count()).select_from(Contest)) == 0


def test_a_name_is_given_once(app: Flask, watch: Watch) -> None:
    announce(slug="in-use")
    desk = staff(app, *DESK)
    form = {**FORM, "slug": "in-use", "quiz": 3, "csrf_token": token(desk, "/desk/contests/new")}
    choices = desk.get("/desk/contests/new").text
    form["quiz"] = re.findall(r'<option value="(\d+)"', choices)[0]
    answer = desk.post("/desk/contests/new", data=form)
    assert (answer.status_code, "Another contest has this name" in answer.text) == (422, True)


CHANGE = {name: FORM[name] for name in ("title", "prize", "opens", "closes", "contact", "has_leaderboard")}
CHANGE["edits"] = "1"
EDIT = "/desk/contests/spring/edit"


def test_until_it_begins_an_organiser_changes_it(
    app: Flask, client: FlaskClient, session: Session, watch: Watch
) -> None:
    announce(opens_at=AT + timedelta(days=1))
    desk = staff(app, *DESK)
    csrf = token(desk, EDIT)
    assert EDIT in desk.get("/desk/contests/spring").text
    assert "春节有奖问答" in client.get("/contests/spring").text
    before = contest(session)
    was = {name: str(getattr(before, name)) for name in ("seed", "commitment", "winners", "drawn_from", "quiz_id")}
    form = {**CHANGE, "title": "元宵有奖问答", "prize": "五份礼品", "opens": "2026-11-25T09:00", "contact": "none"}
    for _time in range(2):  # a form that comes twice makes one change
        # What the draw depends on is no field of the form, whatever is sent.
        done = desk.post(EDIT, data={**form, "csrf_token": csrf, "winners": "9", "beacon": "1", "slug": "other"})
        assert (done.status_code, done.headers["Location"]) == (303, "/desk/contests/spring")
    after = contest(session)
    assert (after.title, after.prize, after.contact, after.beacon) == ("元宵有奖问答", "五份礼品", "none", "")
    assert after.opens_at.isoformat() == "2026-11-25T01:00:00+00:00"
    assert {name: str(getattr(after, name)) for name in was} == was
    assert "元宵有奖问答" in client.get("/contests/spring").text
    (event,) = events(session, "quiz:contest:changed")
    assert (event.actor, event.target) == ("林静", "contest:spring")
    assert event.details["title"] == ["春节有奖问答", "元宵有奖问答"]
    assert event.details["contact"] == ["phone", "none"]


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("title", "", "fill this in"),
        ("prize", "", "what can be won"),
        ("closes", "2026-11-22T09:00", "close after it opens"),
        ("opens", "tomorrow", "Write day and time"),
        ("contact", "mail", "choose one"),
        ("closes", "2026-12-30T09:00", "cannot close later than announced"),
    ],
)
def test_what_a_contest_cannot_be_changed_to(
    app: Flask, session: Session, watch: Watch, name: str, value: str, words: str
) -> None:
    announce(opens_at=AT + timedelta(days=1), beacon="收盘价")
    desk = staff(app, *DESK)
    csrf = token(desk, EDIT)
    answer = desk.post(EDIT, data={**CHANGE, "closes": "2026-11-28T09:00", "csrf_token": csrf, name: value})
    assert (answer.status_code, words in unescape(answer.text)) == (422, True)
    assert ('value="春节有奖问答"' in answer.text) is (name != "title")
    assert events(session, "quiz:contest:changed") == []


def test_who_did_not_see_anothers_change_does_not_overwrite_it(app: Flask, session: Session, watch: Watch) -> None:
    announce(opens_at=AT + timedelta(days=1))
    first = staff(app, *DESK, name="林静")
    later = {**CHANGE, "opens": "2026-11-25T09:00"}
    mine = {**later, "prize": "五份礼品", "csrf_token": token(first, EDIT)}
    # Sent twice, it is no second change and nothing to be refused.
    assert [first.post(EDIT, data=mine).status_code for _time in range(2)] == [303, 303]
    second = staff(app, *DESK, name="周明")
    theirs = {**later, "prize": "六份礼品", "title": "", "csrf_token": token(second, EDIT)}
    assert second.post(EDIT, data=theirs).status_code == 422
    theirs["title"] = "元宵有奖问答"
    for edits in ("1", "", "x", "9" * 400, "-1"):
        refused = second.post(EDIT, data={**theirs, "edits": edits})
        assert (refused.status_code, contest(session).prize, contest(session).edits) == (409, "五份礼品", 2)
        assert "林静 saved this meanwhile" in refused.text
        assert ("<del>五</del>" in refused.text, "<ins>六</ins>" in refused.text) == (True, True)
        # What was typed is kept, and saving it again comes after what the page has shown.
        assert ('value="元宵有奖问答"' in refused.text, 'name="edits" value="2"' in refused.text) == (True, True)
    assert second.post(EDIT, data={**theirs, "edits": "2"}).status_code == 303
    after = contest(session)
    assert (after.prize, after.title, after.edits, after.edited_by) == ("六份礼品", "元宵有奖问答", 3, "周明")
    assert [event.actor for event in events(session, "quiz:contest:changed")] == ["林静", "周明"]


def test_a_contest_that_has_begun_stands(app: Flask, session: Session, watch: Watch) -> None:
    announce()
    desk = staff(app, *DESK)
    csrf = token(desk, "/desk/contests/new")
    assert EDIT not in desk.get("/desk/contests/spring").text
    for answer in (desk.get(EDIT), desk.post(EDIT, data={**CHANGE, "title": "别的", "csrf_token": csrf})):
        assert (answer.status_code, answer.headers["Location"]) == (303, "/desk/contests/spring")
    assert "The contest has begun" in desk.get("/desk/contests/spring").text
    assert contest(session).title == "春节有奖问答"


def test_drawing_seeing_winners_and_erasing_at_the_desk(
    app: Flask, client: FlaskClient, session: Session, watch: Watch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    announce(winners=1, beacon="收盘价")
    contacts = ["13900000001", "13900000002"]
    for one in contacts:
        entered(client, one)
    desk = staff(app, *DESK)
    assert desk.get("/desk/contests/spring/winners").status_code == 404
    csrf = token(desk, "/desk/contests/new")
    early = desk.post("/desk/contests/spring/draw", data={"csrf_token": csrf, "beacon": "1"}, follow_redirects=True)
    assert "nothing to draw now" in early.text
    desk.post("/desk/contests/spring/erase", data={"csrf_token": csrf})
    assert count(session) == 2
    watch.at = END
    assert desk.post("/desk/contests/spring/draw", data={"csrf_token": csrf}).status_code == 422
    for _ in range(2):
        done = desk.post("/desk/contests/spring/draw", data={"csrf_token": csrf, "beacon": "3456.78"})
        assert done.status_code == 303
    draw = contest(session).draw
    assert draw is not None
    won = session.scalars(sa.select(Entry.contact).where(Entry.ticket.in_(draw["winners"]))).one()
    lost = next(one for one in contacts if one != won)
    page = desk.get("/desk/contests/spring/winners")
    assert (won in page.text, lost in page.text) == (True, False)
    assert page.headers["Cache-Control"] == "private, no-store"
    assert not any(one in desk.get("/desk/contests/spring").text for one in contacts)
    assert desk.get("/desk/contests/spring/qr.svg").mimetype == "image/svg+xml"
    desk.post("/desk/contests/spring/erase", data={"csrf_token": csrf})
    session.rollback()
    assert session.scalars(sa.select(Entry.contact)).all() == [None, None]
    told = str([(event.actor, event.target, event.details) for event in session.scalars(sa.select(Event))])
    assert "quiz:contest:seen" in str(session.scalars(sa.select(Event.tag)).all())
    for one in contacts:
        assert one not in told
        assert one not in caplog.text


PAGES = ("/desk/contests/", "/desk/contests/new", "/desk/contests/spring", EDIT, "/desk/contests/spring/winners",
         "/desk/contests/spring/qr.svg")  # fmt: skip
ACTS = ("/desk/contests/new", EDIT, "/desk/contests/spring/draw", "/desk/contests/spring/erase")


def test_who_is_kept_out_of_the_desk(app: Flask, watch: Watch) -> None:
    announce()
    outsider = staff(app)
    for path in PAGES:
        assert outsider.get(path).headers["Location"] == SIGN_IN
    writer = staff(app, Permission.DESK, Permission.WRITE, Permission.REVIEW)
    for path in PAGES:
        assert writer.get(path).status_code == 403
    desk = staff(app, *DESK)
    csrf = token(desk, "/desk/contests/new")
    for path in ACTS:
        assert desk.post(path, data=FORM).status_code == 400, "no CSRF token"
    for path in ACTS[1:]:
        assert desk.delete(path).status_code == 405
        assert path == EDIT or desk.get(path).status_code == 405
        assert desk.post(path.replace("spring", "none"), data={"csrf_token": csrf}).status_code == 404
    for path in PAGES[2:]:
        assert desk.get(path.replace("spring", "none")).status_code == 404


def test_contacts_need_a_fresh_proof(app: Flask, watch: Watch) -> None:
    announce()
    desk = staff(app, *DESK, confirmed_at=AT - LONG_AGO)
    csrf = token(desk, "/desk/contests/new")
    assert desk.get("/desk/contests/spring/winners").headers["Location"] == CONFIRM
    assert desk.post("/desk/contests/spring/erase", data={"csrf_token": csrf}).headers["Location"] == CONFIRM


def test_the_text_that_people_agree_to_has_its_version() -> None:
    """Whoever changes the text gives `rules.contests.CONSENT` another value and puts both here."""
    text = (ROOT / "templates" / "quizzes" / "parts" / "consent.html").read_bytes()
    known = {"2026-11": "702cf33ce0a71610"}
    assert hashlib.sha256(text).hexdigest()[:16] == known[rules.CONSENT]


# --- the command --------------------------------------------------------------------------------------------------


def run(app: Flask, *words: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["quizzes", "draw", *words])
    return result.exit_code, result.output


def test_the_command_draws_once_and_checks(
    app: Flask, client: FlaskClient, session: Session, watch: Watch, tmp_path: Path
) -> None:
    announce()
    for place in range(4):
        entered(client, f"139{place:08d}")
    assert run(app, "spring") == (1, "Error: The contest is still open. It is drawn once it is over.\n")
    assert run(app, "none")[0] == run(app, "--verify", "none")[0] == run(app, "--verify", "No/such")[0] == 1
    assert run(app)[0] == run(app, "spring", "--verify", "spring")[0] == 2
    watch.at = END
    assert "has not been drawn" in run(app, "--verify", "spring")[1]
    assert "none can be used" in run(app, "spring", "--beacon", "1")[1]
    code, first = run(app, "spring")
    assert (code, run(app, "spring")) == (0, (0, first))
    path = tmp_path / "draw.json"
    path.write_text(first, "utf-8")
    for what in ("spring", str(path)):
        code, said = run(app, "--verify", what)
        assert (code, "is right" in said) == (0, True)
    record = json.loads(first)
    for name, value in {"seed": "0" * 64, "entries": record["entries"][1:], "winners": [], "contest": "x"}.items():
        path.write_text(json.dumps({**record, name: value}), "utf-8")
        code, said = run(app, "--verify", str(path))
        assert (code, said.startswith("Error: ")) == (1, True)
    for raw in (b"", b"\xff\xfe", b"[" * 100_000, b"[]", b'{"winners": 1}'):
        path.write_bytes(raw)
        assert run(app, "--verify", str(path)) == (
            1,
            "Error: This is not a record of a draw, or something in it has the wrong shape.\n",
        )


def test_a_record_that_was_changed_in_the_database_shows(
    app: Flask, client: FlaskClient, session: Session, watch: Watch
) -> None:
    announce()
    entered(client)
    watch.at = END
    run(app, "spring")
    found = contest(session)
    assert found.draw is not None
    # A whole other draw, sound in itself, with another seed.
    kept = {
        name: found.draw[name]
        for name in ("contest", "prizes", "drawn_from", "announced", "beacon", "closed_at", "drawn_at")
    }
    other = lots.record(seed="ab" * 32, tickets=found.draw["entries"], **kept)
    session.execute(sa.update(Contest).values(draw=other))
    session.commit()
    code, said = run(app, "--verify", "spring")
    assert (code, "The record's commitment is not the contest's own." in said) == (1, True)
