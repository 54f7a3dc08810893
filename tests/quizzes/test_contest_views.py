"""Contests over the web: the public's pages, and who is kept out of them."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from datetime import timedelta
from html import unescape

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.core.database import site_version, transaction
from portal.quizzes.models import Attempt, Document, Entry
from portal.quizzes.rules import contests as rules
from portal.quizzes.rules import draw as lots
from portal.quizzes.rules.bank import Contact, Sort
from portal.quizzes.services import contests as verbs
from tests.articles.desk import AT
from tests.conftest import make_app
from tests.quizzes.bank import quiz
from tests.quizzes.gathering import END, PHONE, announce, contest, put, terms
from tests.quizzes.visitors import Watch, count, entered, played, ticket_on, watch

__all__ = ["watch"]
pytestmark = pytest.mark.usefixtures("desk_library")


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
def test_the_quizzes_lead_to_contests_that_are_open_or_to_come(
    app: Flask, session: Session, watch: Watch, prefix: str
) -> None:
    # Without the cache of pages: a database server is asked only once a second whether anything has changed.
    client = make_app(dataclasses.replace(app.config["PORTAL"], page_cache_mb=0)).test_client()
    kept = "public, max-age=0, must-revalidate"
    watch.at = AT - timedelta(days=3)
    quiz_id = put()
    before = client.get(f"{prefix}/quizzes/")
    assert (before.headers["Cache-Control"], f"{prefix}/contests/" in before.text) == (kept, False)
    number = site_version(session)
    session.rollback()
    with transaction() as unit:
        verbs.set_up(unit, values=terms(quiz_id), by="林静", at=watch.at)
    assert site_version(session) > number
    session.rollback()
    link = f'href="{prefix}/contests/spring"'
    # Announced, open, and closed at the very moment that was said.
    times = ((AT - timedelta(days=2), "no-store", True), (AT, "no-store", True), (END, kept, False))
    for watch.at, caching, is_there in times:
        page = client.get(f"{prefix}/quizzes/")
        assert (page.headers["Cache-Control"], link in page.text) == (caching, is_there)
        youth = client.get("/youth/quizzes/")
        assert (youth.headers["Cache-Control"], "contests/spring" in youth.text) == (kept, False)
    watch.at = AT
    with transaction() as unit:
        unit.scalars(sa.select(Document).where(Document.sort == Sort.QUIZ)).one().published_number = None
    assert link not in client.get(f"{prefix}/quizzes/").text


def test_contests_on_the_page_of_quizzes_say_from_when_and_until(client: FlaskClient, watch: Watch) -> None:
    announce()
    assert "Open until" in client.get("/en/quizzes/").text
    watch.at = AT - timedelta(days=2)
    page = unescape(client.get("/en/quizzes/").text)
    assert ("春节有奖问答" in page, "三份礼品" in page, "From " in page) == (True, True, True)


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
