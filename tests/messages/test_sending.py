"""Mail out of the outbox: once each, again after a failure, by a real SMTP server."""

from __future__ import annotations

import os
import threading
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from portal.core.crypto import RING, KeyRing
from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.messages import services
from portal.messages.models import Mail
from portal.messages.queries import letter
from portal.messages.rules import BACK_OFF, LEASE, MOST_ATTEMPTS
from portal.messages.services import Claim, sending
from portal.messages.services.transports import Folder, compose, transport
from tests.messages.helpers import AT, MINUTE, claim, mails, put, send, server, states
from tests.threads import at_once

on_postgresql = bool(os.environ.get("MINGBAI_TEST_POSTGRES"))
postgresql_only = pytest.mark.skipif(not on_postgresql, reason="about PostgreSQL's locks; this run is SQLite")
sqlite_only = pytest.mark.skipif(on_postgresql, reason="about SQLite's file; this run is PostgreSQL")


@pytest.fixture(autouse=True)
def clock() -> time_machine.Traveller:  # type: ignore[misc]  # a generator
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


def test_a_mail_is_delivered_once_in_chinese_and_its_words_are_erased(app: Flask) -> None:
    put()
    with server(app) as smtp:
        assert (send(app), send(app)) == (1, 0)
    ((to, content),) = smtp.taken
    (message,) = smtp.messages
    assert to == ["lin.jing@example.org"]
    assert content.isascii()
    assert {
        name: message[name] for name in ("From", "To", "Subject", "Date", "Auto-Submitted", "Content-Language")
    } == {
        "From": "mingbai@localhost",
        "To": "lin.jing@example.org",
        "Subject": "请修改：刷单返利",
        "Date": "Sun, 22 Nov 2026 08:00:00 +0000",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "zh-Hans",
    }
    assert (message.get_content_type(), message.get_content_charset()) == ("text/plain", "utf-8")
    said = message.get_content().replace("\r\n", "\n")
    assert said.startswith("周明 审核了《刷单返利》，请您修改后再提交。\n\n意见：第 2 段缺来源\n")
    (mail,) = mails()
    assert message["Message-ID"] == f"<{mail.key}@localhost>"
    assert (mail.state, mail.sent_at, mail.attempts, mail.claimed_until) == ("sent", AT, 1, None)
    assert (mail.recipient, mail.subject, mail.body) == (None, None, None)
    assert mail.template == "changes-asked"


@sqlite_only
def test_what_was_sent_is_gone_from_the_bytes(app: Flask) -> None:
    put()
    sealed = db.session.scalar(sa.select(sa.type_coerce(Mail.body, sa.Text)))
    db.session.rollback()
    assert sealed
    path: Path = app.config["PORTAL"].data / "portal.sqlite3"
    assert path.read_bytes().count(sealed[:60].encode()) == 1
    with server(app):
        send(app)
    assert path.read_bytes().count(sealed[:60].encode()) == 0


def test_a_subject_of_any_length_stays_one_header(app: Flask) -> None:
    title = "很长的标题" * 60
    put(values={**dict.fromkeys(("who", "why", "link"), "x"), "title": title})
    with server(app) as smtp:
        send(app)
    assert smtp.messages[0]["Subject"] == f"请修改：{title}"
    assert max(map(len, smtp.taken[0][1].splitlines())) <= 78 + 20


def test_several_mails_go_over_one_connection_the_oldest_first(app: Flask) -> None:
    for number in (2, 1, 3):
        put(f"p{number}@example.org", at=AT - number * MINUTE)
    with server(app) as smtp:
        assert send(app) == 3
    assert [to for to, _content in smtp.taken] == [["p3@example.org"], ["p2@example.org"], ["p1@example.org"]]


def test_what_is_not_due_waits(app: Flask, clock: time_machine.Traveller) -> None:
    put(at=AT + MINUTE)
    with server(app) as smtp:
        assert send(app) == 0
        clock.shift(MINUTE)
        assert send(app) == 1
    assert len(smtp.taken) == 1


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"to_recipients": ["451 later lin.jing@example.org"]}, "SMTPRecipientsRefused 451"),
        ({"to_recipients": ["421 later"]}, "SMTPRecipientsRefused 421"),
        ({"to_data": ["452 full"]}, "SMTPDataError 452"),
    ],
)
def test_a_mail_that_is_put_off_is_tried_again(
    app: Flask, clock: time_machine.Traveller, answers: dict[str, list[str]], why: str
) -> None:
    put()
    with server(app) as smtp:
        vars(smtp).update(answers)
        assert send(app) == 1
        (mail,) = mails()
        assert (mail.state, mail.due_at, mail.last_error, mail.failed_at) == ("waiting", AT + MINUTE, why, None)
        assert mail.subject == "请修改：刷单返利"
        clock.shift(MINUTE - timedelta(seconds=1))
        assert send(app) == 0
        clock.shift(timedelta(seconds=1))
        assert send(app) == 1
    assert len(smtp.taken) == 1
    assert [(mail.state, mail.attempts, mail.last_error) for mail in mails()] == [("sent", 2, "")]


@pytest.mark.parametrize(
    ("answers", "why"),
    [
        ({"to_recipients": ["550 no lin.jing@example.org here"]}, "SMTPRecipientsRefused 550"),
        ({"to_data": ["554 spam"]}, "SMTPDataError 554"),
    ],
)
def test_a_mail_that_is_refused_for_good_has_failed_and_the_next_one_goes(
    app: Flask, answers: dict[str, list[str]], why: str
) -> None:
    put()
    put("other@example.org")
    with server(app) as smtp:
        vars(smtp).update(answers)
        assert (send(app), send(app)) == (2, 0)
    assert [to for to, _content in smtp.taken] == [["other@example.org"]]
    assert [(mail.state, mail.last_error, mail.failed_at) for mail in mails()] == [
        ("failed", why, AT),
        ("sent", "", None),
    ]


def test_a_mail_is_given_up_after_half_a_day(app: Flask, clock: time_machine.Traveller) -> None:
    put()
    with server(app) as smtp:
        smtp.to_recipients = ["451 later"] * MOST_ATTEMPTS
        for pause in BACK_OFF:
            assert send(app) == 1
            assert states() == ["waiting"]
            clock.shift(pause)
        assert send(app) == 1
        assert states() == ["failed"]
        clock.shift(timedelta(days=2))
        assert send(app) == 0
    assert smtp.tried == MOST_ATTEMPTS


def test_a_server_that_is_not_there_puts_the_whole_batch_back(app: Flask, clock: time_machine.Traveller) -> None:
    put()
    put()
    with server(app) as smtp:
        there = app.config["PORTAL"].mail
    assert send(app) == 2
    assert [(mail.state, mail.last_error, mail.due_at) for mail in mails()] == [
        ("waiting", "ConnectionRefusedError", AT + MINUTE)
    ] * 2
    assert app.config["PORTAL"].mail == there
    clock.shift(MINUTE)
    with server(app) as smtp:
        assert send(app) == 2
    assert len(smtp.taken) == 2


def test_a_mail_sealed_under_another_key_fails_and_does_not_hold_up_the_others(app: Flask) -> None:
    put()
    app.extensions[RING] = KeyRing(Settings(secret_key="another key, of the same length as others"))
    put("other@example.org")
    with server(app) as smtp:
        assert (send(app), send(app)) == (2, 0)
    assert [to for to, _content in smtp.taken] == [["other@example.org"]]
    rows = db.session.execute(sa.select(Mail.state, Mail.last_error).order_by(Mail.id)).all()
    assert [tuple(row) for row in rows] == [("failed", "Unreadable"), ("sent", "")]


def test_an_address_that_the_server_cannot_take_fails(app: Flask) -> None:
    put("王@example.org")
    with server(app, enable_SMTPUTF8=False) as smtp:
        send(app)
    assert smtp.taken == []
    assert [(mail.state, mail.last_error) for mail in mails()] == [("failed", "SMTPNotSupportedError")]


# --- workers that die ---------------------------------------------------------------------------------------------


def test_a_worker_that_dies_before_its_claim_is_committed_leaves_the_mail_waiting(app: Flask) -> None:
    def die() -> None:
        with transaction() as unit:
            assert len(services.claim(unit, at=AT)) == 1
            raise KeyboardInterrupt

    put()
    with pytest.raises(KeyboardInterrupt):
        die()
    with server(app) as smtp:
        send(app)
    assert (len(smtp.taken), states()) == (1, ["sent"])


def test_a_worker_that_dies_between_claim_and_sending_loses_nothing(app: Flask, clock: time_machine.Traveller) -> None:
    put()
    assert claim() == [Claim(1, 1)]
    with server(app) as smtp:
        clock.shift(LEASE - timedelta(seconds=1))
        assert send(app) == 0
        clock.shift(timedelta(seconds=1))
        assert send(app) == 1
    assert len(smtp.taken) == 1
    assert [(mail.state, mail.attempts) for mail in mails()] == [("sent", 2)]


def hand_over(app: Flask, claimed: Claim) -> None:
    """Send as a worker does that dies right afterwards."""
    settings = app.config["PORTAL"]
    found = letter(db.session(), claimed.id, attempts=claimed.attempts)
    db.session.rollback()
    assert found
    way = transport(settings)
    way.send(compose(found, settings), key=found.key)
    way.close()


def test_a_worker_that_dies_between_sending_and_its_note_sends_the_very_same_mail_again(
    app: Flask, clock: time_machine.Traveller
) -> None:
    put()
    with server(app) as smtp:
        hand_over(app, *claim())
        assert states() == ["sending"]
        clock.shift(LEASE)
        assert (send(app), send(app)) == (1, 0)
    first, second = smtp.taken
    assert first == second
    assert len({message["Message-ID"] for message in smtp.messages}) == 1
    assert states() == ["sent"]


def test_into_a_folder_the_very_same_mail_is_the_same_file(app: Flask, clock: time_machine.Traveller) -> None:
    put()
    hand_over(app, *claim())
    clock.shift(LEASE)
    assert send(app) == 1
    assert len(list((app.config["PORTAL"].data / "mail").iterdir())) == 1


def test_a_note_that_comes_late_still_counts_and_the_mail_is_not_sent_again(
    app: Flask, clock: time_machine.Traveller
) -> None:
    put()
    (slow,) = claim()
    clock.shift(LEASE)
    (other,) = claim(AT + LEASE)
    with transaction() as unit:
        services.mark_sent(unit, slow, at=AT + LEASE)
    assert letter(db.session(), other.id, attempts=other.attempts) is None
    assert states() == ["sent"]


def test_a_failure_that_comes_late_does_not_undo_what_another_worker_did(app: Flask) -> None:
    put()
    (slow,) = claim()
    (other,) = claim(AT + LEASE)
    with transaction() as unit:
        services.mark_failed(unit, slow, why="x", permanent=True, at=AT + LEASE)
    assert states() == ["sending"]
    with transaction() as unit:
        services.mark_sent(unit, other, at=AT + LEASE)
        services.mark_failed(unit, other, why="x", permanent=False, at=AT + LEASE)
    assert states() == ["sent"]


def test_a_mail_that_takes_every_worker_down_is_given_up(app: Flask) -> None:
    put()
    for attempt in range(MOST_ATTEMPTS):
        assert len(claim(AT + attempt * LEASE)) == 1
    assert claim(AT + MOST_ATTEMPTS * LEASE) == []
    assert [(mail.state, mail.last_error) for mail in mails()] == [("failed", "Abandoned")]


def test_a_server_so_slow_that_claims_could_end_gets_no_more_of_the_batch(
    app: Flask, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch
) -> None:
    send_one = Folder.send

    def slowly(self: Folder, *arguments: object, **options: object) -> None:
        send_one(self, *arguments, **options)  # type: ignore[arg-type]
        clock.shift(LEASE)

    put()
    put()
    monkeypatch.setattr(Folder, "send", slowly)
    assert send(app) == 2
    assert states() == ["sent", "sending"]
    assert send(app) == 1
    assert states() == ["sent", "sent"]


# --- several workers ----------------------------------------------------------------------------------------------


def test_several_workers_send_each_mail_once(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "BATCH", 3)
    with transaction() as unit:
        for number in range(30):
            services.queue(
                unit, to=f"p{number}@example.org", template="review-due", locale="en", at=AT,
                values={"title": "t", "day": "d", "link": "l"},
            )  # fmt: skip

    def work() -> None:
        while send(app):
            pass

    with server(app) as smtp:
        assert at_once(app, *[work] * 4) == [None] * 4
    assert sorted(to for to, _content in smtp.taken) == sorted([f"p{number}@example.org"] for number in range(30))
    assert {(mail.state, mail.attempts) for mail in mails()} == {("sent", 1)}


@postgresql_only
def test_what_one_worker_is_claiming_another_passes_over(app: Flask) -> None:
    put()
    put()
    with Session(db.engine) as one, Session(db.engine) as two:
        assert [found.id for found in services.claim(one, at=AT, limit=1)] == [1]
        assert [found.id for found in services.claim(two, at=AT)] == [2]
        two.commit()
        one.commit()


@postgresql_only
def test_control_without_the_rows_lock_two_workers_claim_the_same_mail(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sa.Select, "with_for_update", lambda self, **_options: self)
    put()
    found: list[Claim] = []

    def second() -> None:
        with app.app_context(), Session(db.engine) as two:
            found.extend(services.claim(two, at=AT))
            two.commit()

    thread = threading.Thread(target=second)
    with Session(db.engine) as one, Session(db.engine) as watch:
        mine = services.claim(one, at=AT)
        thread.start()
        waiting = sa.text("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        while watch.scalar(waiting) == 0:  # the second has read the row and waits to change it
            watch.rollback()
        one.commit()
        thread.join()
    assert mine == found == [Claim(1, 1)]
