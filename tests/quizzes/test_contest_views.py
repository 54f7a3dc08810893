"""Contests over the web: the public's pages, the desk's, and who is kept out of both."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from datetime import datetime, timedelta
from html import unescape
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.core import clock
from portal.core.access import Permission
from portal.core.settings import ROOT
from portal.quizzes.models import Attempt, Contest, Entry
from portal.quizzes.rules import contests as rules
from portal.quizzes.rules import draw as lots
from portal.quizzes.rules.bank import Contact
from tests.articles.desk import AT
from tests.quizzes.bank import quiz
from tests.quizzes.gathering import END, PHONE, announce, contest, put
from tests.staff import CONFIRM, LONG_AGO, SIGN_IN, staff, token

pytestmark = pytest.mark.usefixtures("desk_library")
DESK = (Permission.DESK, Permission.ORGANISE)


class Watch:
    """The time that pages go by."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Return a clock that a test sets."""
    found = Watch()
    monkeypatch.setattr(clock, "now", found)
    return found


def played(client: FlaskClient, prefix: str = "") -> str:
    """Take the quiz of the contest to its end; return the attempt's address."""
    begun = client.post(f"{prefix}/contests/spring/begin")
    assert begun.status_code == 303
    address = begun.headers["Location"]
    for number, answer in ((1, "b"), (2, "scam")):
        client.post(f"{address}/answers/{number}", data={"q0" if number == 1 else "q1": answer})
    assert client.post(f"{address}/finish").status_code == 303
    return address


def entered(client: FlaskClient, contact: str = PHONE, address: str = "") -> str:
    """Enter; return the attempt's address."""
    address = address or played(client)
    answer = client.post(f"{address}/enter", data={"contact": contact, "agree": rules.CONSENT})
    assert answer.status_code == 303
    return address


def ticket_on(client: FlaskClient, address: str) -> str:
    found = re.search(r'code__signs">([0-9A-Z]{4})-([0-9A-Z]{4})<', client.get(f"{address}/result").text)
    assert found is not None
    return found[1] + found[2]


def count(session: Session) -> int:
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(Entry)) or 0


# --- the public's pages -------------------------------------------------------------------------------------------


def test_the_page_publishes_the_commitment_and_never_the_seed(
    client: FlaskClient, session: Session, watch: Watch
) -> None:
    announce(beacon="上证指数收盘价")
    found = contest(session)
    for at, words in ((AT - timedelta(days=1, seconds=1), "还没有"), (AT, "begin"), (END, "")):
        watch.at = at
        answer = client.get("/contests/spring")
        assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
        assert found.commitment in answer.text
        assert found.seed not in answer.text
        assert ("/contests/spring/begin" in answer.text) == (words == "begin")
        assert "上证指数收盘价" in answer.text
    assert client.get("/contests/spring/draw.json").status_code == 404
    assert client.get("/contests/none").status_code == 404


@pytest.mark.parametrize("prefix", ["", "/elderly", "/new-resident", "/en", "/zh-Hant/elderly"])
def test_from_the_contest_to_the_ticket(client: FlaskClient, session: Session, watch: Watch, prefix: str) -> None:
    announce()
    address = played(client, prefix)
    page = client.get(f"{address}/result")
    assert f'action="{address}/enter#entry"' in page.text
    answer = client.post(f"{address}/enter", data={"contact": " 138 0013 8000", "agree": rules.CONSENT})
    assert answer.headers["Location"] == f"{address}/result?entry=new#entry"
    ticket = ticket_on(client, address)
    assert session.scalars(sa.select(Entry.ticket)).all() == [ticket]
    # A double submit, and what comes late, change nothing.
    again = client.post(f"{address}/enter", data={"contact": PHONE, "agree": rules.CONSENT})
    assert again.headers["Location"] == f"{address}/result?entry=counts#entry"
    watch.at = END
    assert client.post(f"{address}/enter", data={}).status_code == 303
    assert count(session) == 1


def test_a_second_entry_by_the_same_number_says_so(client: FlaskClient, session: Session, watch: Watch) -> None:
    announce()
    entered(client)
    second = played(client, "/en")
    answer = client.post(f"{second}/enter", data={"contact": "＋８６ １３８００１３８０００", "agree": rules.CONSENT})
    assert answer.headers["Location"] == f"{second}/result?entry=stands#entry"
    page = client.get(f"{second}/result?entry=stands").text
    assert "You have entered before" in page
    assert session.scalars(sa.select(Entry.ticket)).one() not in page.replace("-", "")
    assert count(session) == 1


def test_what_is_wrong_is_said_beside_the_field(client: FlaskClient, session: Session, watch: Watch) -> None:
    announce()
    address = played(client, "/en")
    for form, words in (
        ({"contact": "12345", "agree": rules.CONSENT}, "This is no mainland mobile number."),
        ({"contact": PHONE}, "tick the box"),
        ({"contact": PHONE, "agree": "2020-01"}, "tick the box"),
    ):
        answer = client.post(f"{address}/enter", data=form)
        assert answer.status_code == 422
        assert words in unescape(answer.text)
        assert f'value="{form["contact"]}"' in answer.text
    assert count(session) == 0


@pytest.mark.parametrize("kind", [Contact.STAFF_NUMBER, Contact.NONE])
def test_other_contacts(client: FlaskClient, session: Session, watch: Watch, kind: Contact) -> None:
    announce(contact=kind)
    address = played(client)
    assert ('name="contact"' in client.get(f"{address}/result").text) == (kind is not Contact.NONE)
    entered(client, "ab 1234", address)
    assert session.scalars(sa.select(Entry.contact)).all() == ["AB1234" if kind is Contact.STAFF_NUMBER else None]


def test_another_attempt_in_a_row_stays_in_the_contest_while_it_is_open(
    client: FlaskClient, session: Session, watch: Watch
) -> None:
    number = announce()
    address = entered(client)
    client.post(f"{address}/again")
    watch.at = END
    client.post(f"{address}/again")
    found = session.scalars(sa.select(Attempt.contest_id).order_by(Attempt.id)).all()
    assert found == [number, number, None]


def test_taking_it_back(client: FlaskClient, session: Session, watch: Watch) -> None:
    announce()
    address, other = entered(client), entered(client, "13900000001")
    ticket = ticket_on(client, address)
    for wrong in ({}, {"ticket": ticket_on(client, other)}, {"ticket": "x" * 50}):
        assert client.post(f"{address}/withdraw", data=wrong).headers["Location"] == f"{address}/result#entry"
    assert count(session) == 2
    for _ in range(2):
        assert client.post(f"{address}/withdraw", data={"ticket": ticket}).status_code == 303
    assert session.scalars(sa.select(Entry.contact)).all() == ["13900000001"]
    assert "/enter#entry" in client.get(f"{address}/result?entry=withdrawn").text


def test_the_proof_after_the_end(app: Flask, client: FlaskClient, session: Session, watch: Watch) -> None:
    announce(quiz(attempts=1))
    contacts = [f"139{place:08d}" for place in range(3)]
    for one in contacts:
        entered(client, one)
    assert client.get("/contests/spring/entries.txt").status_code == 404
    watch.at = END
    drawn = app.test_cli_runner().invoke(args=["quizzes", "draw", "spring"])
    assert drawn.exit_code == 0, drawn.output
    record = client.get("/contests/spring/draw.json")
    assert record.json == json.loads(drawn.output)
    assert lots.faults(record.json) == []
    listed = client.get("/contests/spring/entries.txt").data
    assert hashlib.sha256(listed).hexdigest() == record.json["list_hash"]
    page = client.get("/en/contests/spring").text
    for shown in (record.json["seed"], record.json["list_hash"], *record.json["winners"]):
        assert shown in page.replace("-", "")
    assert "How the tickets stand" in page
    for text in (page, listed.decode(), record.text, drawn.output):
        assert not any(one in text for one in contacts)


# --- youth --------------------------------------------------------------------------------------------------------


def test_youth_takes_the_quiz_and_nothing_else(client: FlaskClient, session: Session, watch: Watch) -> None:
    announce()
    sent = client.get("/youth/contests/spring")
    assert (sent.status_code, sent.headers["Location"]) == (303, "/youth/quizzes/try")
    assert client.get("/en/youth/contests/spring/entries.txt").headers["Location"] == "/en/youth/quizzes/try"
    assert client.post("/youth/contests/spring/begin").status_code == 404
    begun = client.post("/youth/quizzes/try/begin", data={"contest_id": "1", "contest": "spring"})
    address = begun.headers["Location"]
    client.post(f"{address}/finish")
    page = client.get(f"{address}/result")
    assert page.status_code == 200
    assert 'id="entry"' not in page.text
    crafted = {"contact": PHONE, "agree": rules.CONSENT, "contest_id": "1"}
    for path in (address, address.removeprefix("/youth")):
        assert client.post(f"{path}/enter", data=crafted).status_code == 404
        assert client.post(f"{path}/withdraw", data={"ticket": "22222222"}).status_code == 404
    assert count(session) == 0
    assert session.scalars(sa.select(Attempt.contest_id)).all() == [None]


# --- what is refused ----------------------------------------------------------------------------------------------


def test_other_sites_unknown_tokens_and_wrong_methods(client: FlaskClient, session: Session, watch: Watch) -> None:
    announce()
    address = played(client)
    form = {"contact": PHONE, "agree": rules.CONSENT}
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}):
        for path in (f"{address}/enter", f"{address}/withdraw", "/contests/spring/begin"):
            assert client.post(path, data=form, headers=headers).status_code == 403
    unknown = "/quizzes/attempts/" + "a" * 43
    for path in (f"{unknown}/enter", f"{unknown}/withdraw", "/contests/none/begin"):
        assert client.post(path, data=form).status_code == 404
    for path in (f"{address}/enter", f"{address}/withdraw", "/contests/spring/begin"):
        assert client.get(path).status_code == 405
    assert client.post("/contests/spring").status_code == 405
    assert count(session) == 0


def test_out_of_its_time_nobody_begins_or_enters(client: FlaskClient, session: Session, watch: Watch) -> None:
    announce()
    address = played(client)
    for at in (AT - timedelta(days=2), END):
        watch.at = at
        assert client.post("/contests/spring/begin").headers["Location"] == "/contests/spring"
        answer = client.post(f"{address}/enter", data={"contact": PHONE, "agree": rules.CONSENT})
        assert answer.headers["Location"] == f"{address}/result#entry"
    assert "/enter#entry" not in client.get(f"{address}/result").text
    assert (count(session), session.scalar(sa.select(sa.func.count()).select_from(Attempt))) == (0, 1)


def test_an_attempt_that_goes_on_is_not_entered(client: FlaskClient, session: Session, watch: Watch) -> None:
    announce()
    address = client.post("/contests/spring/begin").headers["Location"]
    for form in ({}, {"contact": PHONE, "agree": rules.CONSENT}, {"contact": "1", "agree": rules.CONSENT}):
        assert client.post(f"{address}/enter", data=form).headers["Location"] == address
    assert count(session) == 0


# --- the desk -----------------------------------------------------------------------------------------------------

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


PAGES = ("/desk/contests/", "/desk/contests/new", "/desk/contests/spring", "/desk/contests/spring/winners",
         "/desk/contests/spring/qr.svg")  # fmt: skip
ACTS = ("/desk/contests/new", "/desk/contests/spring/draw", "/desk/contests/spring/erase")


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
        assert desk.get(path).status_code == 405
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
