"""Points that no other program of this kind has (messages and calendars)."""

from __future__ import annotations

from datetime import timedelta

import time_machine
from flask import Flask

from portal.core.database import transaction
from portal.events.models import Registration
from portal.events.rules import codes
from portal.messages.rules import Channel
from tests.conftest import make_app
from tests.events.calendars import by_ical_js, by_icalendar, needs_node
from tests.events.hall import AT, come, lecture
from tests.events.post import MAIL, PHONE
from tests.events.test_tellings import call_off, move, tell
from tests.messages.gateway import gateway, send_texts
from tests.messages.helpers import mails


def test_6_phone_only_shared_phone(app: Flask) -> None:
    """No mail address: one telephone registers two people, and each gets a code of their own to read out."""
    with transaction() as session:
        event = lecture(session)
        people = [come(session, event, name, **PHONE).id for name in ("父", "母")]
        own = [codes.spoken(session.get_one(Registration, number).code) for number in people]
    with gateway(app) as sms, time_machine.travel(AT):
        assert send_texts(app) == 2
    assert {message["to"] for message in sms.taken} == {"13800000001"}
    assert [own[place] in text for place, text in enumerate(sms.texts)] == [True, True]
    assert own[0] != own[1]
    assert {mail.channel for mail in mails()} == {Channel.SMS}


def lifecycle(app: Flask) -> list[str]:
    """Register, move, call off; return the files of the mails, and of the page after each."""
    with transaction() as session:
        event = lecture(session, slug="savings", uid="u" * 32)
        come(session, event, "欧阳", **MAIL)
    pages = [page(app)]
    # Across the end of a year.
    move(event.id, by=timedelta(days=41, hours=9), at=AT + timedelta(days=1))
    tell(at=AT + timedelta(days=1))
    pages.append(page(app))
    call_off(event.id, at=AT + timedelta(days=2))
    tell(at=AT + timedelta(days=2))
    pages.append(page(app))
    return [*(mail.calendar or "" for mail in mails()), *pages]


def page(app: Flask) -> str:
    """Return what a server that has kept no page answers: on PostgreSQL one asks only now and then what is new."""
    return make_app(app.config["PORTAL"]).test_client().get("/events/savings.ics").text


EXPECTED = [
    ("PUBLISH", 0, "CONFIRMED", "2026-11-20T06:00:00.000Z", "2026-11-20T07:30:00.000Z"),
    ("PUBLISH", 1, "CONFIRMED", "2026-12-31T15:00:00.000Z", "2026-12-31T16:30:00.000Z"),
    ("CANCEL", 2, "CANCELLED", "2026-12-31T15:00:00.000Z", "2026-12-31T16:30:00.000Z"),
    ("PUBLISH", 0, "CONFIRMED", "2026-11-20T06:00:00.000Z", "2026-11-20T07:30:00.000Z"),
    ("PUBLISH", 1, "CONFIRMED", "2026-12-31T15:00:00.000Z", "2026-12-31T16:30:00.000Z"),
    ("PUBLISH", 2, "CANCELLED", "2026-12-31T15:00:00.000Z", "2026-12-31T16:30:00.000Z"),
]


def test_10_ics_lifecycle(app: Flask) -> None:
    """A move keeps the UID and raises SEQUENCE; a call-off is METHOD:CANCEL and STATUS:CANCELLED."""
    found = [by_icalendar(text) for text in lifecycle(app)]
    entries = [(whole["method"], whole["events"][0]) for whole in found]
    assert [
        (method, entry["sequence"], entry["status"], entry["starts"], entry["ends"]) for method, entry in entries
    ] == EXPECTED
    assert {entry["uid"] for _method, entry in entries} == {f"{'u' * 32}@127.0.0.1"}
    assert [mail.subject for mail in mails()] == [
        "已报名：守住养老钱",
        "讲座有变动：守住养老钱",
        "讲座取消：守住养老钱",
    ]


@needs_node
def test_10_ics_lifecycle_read_by_ical_js(app: Flask) -> None:
    """Another program reads the same of every file."""
    files = lifecycle(app)
    assert [by_ical_js(text) for text in files] == [by_icalendar(text) for text in files]
