"""Short messages: through the same outbox, to a real gateway or into a folder."""

from __future__ import annotations

import signal
import stat
import time
from datetime import timedelta
from email.message import EmailMessage

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from portal.core import clock as clocks
from portal.core.access import Permission
from portal.core.database import db, transaction
from portal.messages import services
from portal.messages.models import Mail
from portal.messages.rules import LEASE, Channel, NoPhone
from portal.messages.services.texting import Folder, Gateway, way
from tests.messages.gateway import gateway, send_texts, text
from tests.messages.helpers import AT, MINUTE, mails, put, reach, send, server, states
from tests.staff import staff
from tests.test_worker import working
from tests.threads import PATIENCE_S

ICS = "BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nSUMMARY:守住养老钱\r\nEND:VCALENDAR\r\n"


@pytest.fixture
def clock() -> time_machine.Traveller:  # type: ignore[misc]  # a generator
    with time_machine.travel(AT, tick=False) as traveller:
        yield traveller


# --- calendars with mails -----------------------------------------------------------------------------------------


def test_a_calendar_goes_with_a_mail_sealed_in_the_row_and_gone_when_sent(app: Flask) -> None:
    put(calendar=ICS)
    sealed = db.session.scalar(sa.select(sa.type_coerce(Mail.calendar, sa.Text)))
    db.session.rollback()
    assert sealed
    assert "VCALENDAR" not in sealed
    with server(app) as smtp:
        send(app)
    (message,) = smtp.messages
    assert message.get_content_type() == "multipart/mixed"
    words, calendar = message.iter_parts()
    assert words.get_content_type() == "text/plain"
    assert isinstance(calendar, EmailMessage)
    assert calendar["Content-Type"] == 'text/calendar; method="PUBLISH"; charset="utf-8"'
    assert calendar.get_filename() == "lecture.ics"
    assert calendar.get_payload(decode=True) == ICS.encode()
    assert smtp.taken[0][1].isascii()
    assert [(mail.state, mail.calendar) for mail in mails()] == [("sent", None)]


@pytest.mark.parametrize("calendar", ["x", "METHOD:PUBLISH\r\nMETHOD:CANCEL\r\n", "METHOD:x; y"])
def test_a_calendar_says_once_what_is_done_with_it(app: Flask, calendar: str) -> None:
    with pytest.raises(ValueError, match="METHOD"):
        put(calendar=calendar)
    assert mails() == []


def test_the_database_keeps_no_calendar_of_what_was_sent(app: Flask) -> None:
    put(calendar=ICS)
    gone = {"recipient": None, "subject": None, "body": None, "state": "sent", "sent_at": AT}
    with pytest.raises(sa.exc.IntegrityError), transaction() as unit:
        unit.execute(sa.update(Mail).values(gone))


# --- into the outbox ----------------------------------------------------------------------------------------------


def test_a_short_message_is_one_line_sealed_in_the_row(app: Flask) -> None:
    text()
    (row,) = mails()
    assert (row.channel, row.recipient, row.subject, row.state) == (Channel.SMS, "13800000001", "", "waiting")
    assert row.body
    assert row.body.startswith("【明白】")
    assert "\n" not in row.body
    stored = " ".join(map(str, db.session.execute(sa.text("SELECT * FROM messages_mail")).one()))
    assert [word for word in ("1380000", "守住") if word in stored] == []


@pytest.mark.parametrize("to", ["12345", "lin@example.org", "138000000012", ""])
def test_a_short_message_goes_to_a_mobile_number(app: Flask, to: str) -> None:
    with pytest.raises(NoPhone):
        text(to)
    assert mails() == []


def test_a_number_is_kept_in_its_one_form(app: Flask) -> None:
    text("+86 138-0000-0002")
    assert mails()[0].recipient == "13800000002"


def test_what_is_filled_in_has_no_line_breaks(app: Flask) -> None:
    values = {"title": "a\nb", "when": "", "lecture": "", "telephone": ""}
    with pytest.raises(ValueError, match="line break"):
        text(values=values)


def test_mails_and_short_messages_do_not_take_each_others_way(app: Flask, clock: object) -> None:
    put()
    text()
    with server(app) as smtp, gateway(app) as sms:
        assert (send(app), send(app)) == (1, 0)
        assert (len(smtp.taken), len(sms.taken)) == (1, 0)
        assert (send_texts(app), send_texts(app)) == (1, 0)
    assert (len(smtp.taken), len(sms.taken), states()) == (1, 1, ["sent", "sent"])


# --- by the gateway -----------------------------------------------------------------------------------------------


def test_a_short_message_reaches_the_gateway_once_and_its_words_are_erased(app: Flask, clock: object) -> None:
    text()
    (row,) = mails()
    with gateway(app, user="me:p%40ss@") as sms:
        assert (send_texts(app), send_texts(app)) == (1, 0)
    assert sms.taken == [{"id": row.key, "to": "13800000001", "text": row.body}]
    assert sms.paths == ["/send?v=1"]
    assert sms.headers[0]["Authorization"] == "Basic bWU6cEBzcw=="
    assert sms.headers[0]["Content-Type"] == "application/json; charset=utf-8"
    assert "@" not in sms.headers[0]["Host"]
    (row,) = mails()
    assert (row.state, row.recipient, row.subject, row.body, row.sent_at) == ("sent", None, None, None, AT)


@pytest.mark.parametrize("code", [400, 404, 410, 422])
def test_what_the_gateway_refuses_for_good_has_failed_and_the_next_one_goes(
    app: Flask, clock: object, code: int
) -> None:
    text()
    text("13900000002")
    with gateway(app, answers=[code]) as sms:
        assert (send_texts(app), send_texts(app)) == (2, 0)
    assert [message["to"] for message in sms.taken] == ["13900000002"]
    assert [(row.state, row.last_error) for row in mails()] == [("failed", f"HTTP {code}"), ("sent", "")]


@pytest.mark.parametrize("code", [408, 429, 500, 503])
def test_what_the_gateway_puts_off_is_tried_again(app: Flask, clock: time_machine.Traveller, code: int) -> None:
    text()
    text("13900000002")
    with gateway(app, answers=[code]) as sms:
        assert send_texts(app) == 2
        assert [(row.state, row.last_error) for row in mails()] == [("waiting", f"HTTP {code}"), ("sent", "")]
        clock.shift(MINUTE)
        assert send_texts(app) == 1
    assert [message["to"] for message in sms.taken] == ["13900000002", "13800000001"]


@pytest.mark.parametrize("code", [301, 302, 307, 308, 401, 403])
def test_a_gateway_that_does_not_know_us_puts_the_whole_batch_back_and_no_redirect_is_followed(
    app: Flask, clock: object, code: int
) -> None:
    text()
    text()
    with gateway(app, answers=[code, code]) as sms:
        assert send_texts(app) == 2
    assert (sms.paths, sms.taken) == (["/send?v=1"], [])
    assert [(row.state, row.last_error) for row in mails()] == [("waiting", f"HTTP {code}")] * 2


def test_a_gateway_that_is_not_there_puts_the_whole_batch_back(app: Flask, clock: time_machine.Traveller) -> None:
    text()
    text()
    with gateway(app):
        pass
    assert send_texts(app) == 2
    assert [(row.state, row.last_error, row.due_at) for row in mails()] == [
        ("waiting", "ConnectionRefusedError", AT + MINUTE)
    ] * 2
    clock.shift(MINUTE)
    with gateway(app) as sms:
        assert send_texts(app) == 2
    assert len(sms.taken) == 2


def test_no_proxy_of_the_environment_is_asked(app: Flask, clock: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    text()
    with gateway(app) as sms:
        send_texts(app)
    assert len(sms.taken) == 1


@pytest.mark.parametrize("after", [False, True])
def test_a_worker_that_is_killed_while_it_sends_loses_nothing(app: Flask, after: bool) -> None:
    """Killed before the gateway has the message: sent once. Killed after: sent again under the same id."""
    text(at=clocks.now())
    text("13900000002", at=clocks.now())
    with gateway(app, hold=0, hold_after=after) as sms:
        with working(app) as process:
            assert sms.reached.wait(PATIENCE_S)
            process.send_signal(signal.SIGKILL)
            assert process.wait(PATIENCE_S) == -signal.SIGKILL
        sms.release.set()
        assert states() == ["sending", "sending"]
        assert send_texts(app) == 0
        with time_machine.travel(clocks.now() + LEASE):
            assert (send_texts(app), send_texts(app)) == (2, 0)
    assert states() == ["sent", "sent"]
    assert len(sms.taken) == 2 + after
    assert len({message["id"] for message in sms.taken}) == 2


# --- into a folder ------------------------------------------------------------------------------------------------


def test_into_a_folder_as_files_that_only_the_owner_reads(app: Flask, clock: object) -> None:
    text()
    (row,) = mails()
    send_texts(app)
    (file,) = (app.config["PORTAL"].data / "sms").iterdir()
    assert file.name == f"{row.key}.txt"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert file.read_text("utf-8") == f"13800000001\n{row.body}\n"


def test_which_way_short_messages_leave_is_a_setting(app: Flask) -> None:
    kinds = {name: type(way(reach(app, sms=name))) for name in ("", "file:/x", "https://h/x")}
    assert kinds == {"": Folder, "file:/x": Folder, "https://h/x": Gateway}


# --- at the desk --------------------------------------------------------------------------------------------------


def test_the_desk_shows_short_messages_that_failed_masked(app: Flask) -> None:
    text()
    text()
    with transaction() as unit:
        (first,) = services.claim(unit, at=AT, limit=1, channel=Channel.SMS)
        services.mark_failed(unit, first, why="HTTP 422", permanent=True, at=AT)
    page = staff(app, Permission.MANAGE_PEOPLE).get("/desk/messages").text
    for part in (
        "1 short message waits to be sent.",
        "Could not be sent: 1",
        "Short message",
        "Lecture: registration cancelled",
        "138****0001",
        "The gateway refused the short message",
        "HTTP 422",
    ):
        assert part in page, part
    assert "13800000001" not in page
    assert "守住" not in page


def test_a_short_message_that_failed_is_sent_again(app: Flask) -> None:
    number = text()
    with transaction() as unit:
        for claimed in services.claim(unit, at=AT, channel=Channel.SMS):
            services.mark_failed(unit, claimed, why="TimeoutError", permanent=True, at=AT)
    desk = staff(app, Permission.MANAGE_PEOPLE)
    app.config["WTF_CSRF_ENABLED"] = False
    assert "The gateway for short messages could not be reached" in desk.get("/desk/messages").text
    assert desk.post(f"/desk/messages/{number}/retry").status_code == 303
    assert states() == ["waiting"]
    assert "The short message waits to be sent." in desk.get("/desk/messages").text


def test_a_gateway_that_answers_slowly_is_not_waited_for_for_ever(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    from portal.messages.services import texting

    monkeypatch.setattr(texting, "TIMEOUT_S", 0.2)
    text(at=clocks.now() - timedelta(seconds=1))
    with gateway(app, hold=0):
        begun = time.monotonic()
        assert send_texts(app) == 1
        assert time.monotonic() - begun < 20
    assert [(row.state, row.last_error) for row in mails()] == [("waiting", "TimeoutError")]
