"""What no other registration system has: a purge that keeps numbers, and needs of access that are treated apart."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from sqlalchemy.orm import Session

from portal.core import crypto
from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.events.models import AccessRow, Admission, CoOrganiser, Event, Notice, Registration
from portal.events.queries.common import duty
from portal.events.rules.attendance import AdmissionKind, AdmissionSource
from portal.events.rules.keeping import AccessNeed, Relation
from portal.events.rules.seats import ContactKind, Kind
from portal.events.rules.wishes import GuardianWish
from portal.events.services import managing
from portal.messages import services as messages
from tests.events.hall import AT, STARTS, come, lecture, mobile
from tests.messages.helpers import VALUES, Taking, reach, server

ENDS = STARTS + timedelta(minutes=90)
DAY = timedelta(days=1)
SAID = {
    "name": "欧阳金丝雀",
    "contact": "13800000077",
    "mail": "jinsique@example.org",
    "note": "金丝雀要用的轮椅",
    "answer": "金丝雀对花生过敏",
    "member": "金丝雀班长",
    "organisation": "金丝雀之家",
    "child": "小金丝雀",
    "guardian": "金丝雀的妈妈",
    "guardian's contact": "13900000078",
}
"""What people told, each of which is looked for everywhere."""
GUARDIANS = {"guardian", "guardian's contact"}


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Listen to everything that any part of the portal logs, statements with what they were given included."""
    heard = io.StringIO()
    handler = logging.StreamHandler(heard)
    handler.setFormatter(logging.Formatter("%(name)s %(message)s"))
    # What the mail server of the tests says is not ours.
    handler.addFilter(lambda line: line.name != "mail.log")
    root, level = logging.getLogger(), logging.getLogger().level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.getLogger("sqlalchemy.engine").setLevel(logging.INFO)
    yield heard
    logging.getLogger("sqlalchemy.engine").setLevel(logging.NOTSET)
    root.removeHandler(handler)
    root.setLevel(level)


def live(app: Flask) -> int:
    """Let people register, be written to, and come; return the number of their lecture."""
    with transaction() as session:
        event = lecture(session, seats=60)
        note: dict[str, Any] = {"needs": frozenset({AccessNeed.STEP_FREE}), "access_note": SAID["note"]}
        come(session, event, SAID["name"], answers={"q": SAID["answer"]}, **note, **mobile(77))
        come(session, event, "李四", contact_kind=ContactKind.MAIL, contact=SAID["mail"])
        members = (SAID["member"], "其他人")
        come(session, event, "王五", kind=Kind.GROUP, seats=30, members=members, organisation=SAID["organisation"])
        mother = GuardianWish(SAID["guardian"], ContactKind.PHONE, SAID["guardian's contact"], Relation.PARENT)
        come(session, event, SAID["child"], under_14=True, guardian=mother)
        gone = come(session, event, "赵六", **mobile(5))
        managing.cancel(session, registration_id=gone.id, at=AT)
        session.add(Notice(registration_id=1, kind="test", at=AT))
        admissions = [(1, 1, AdmissionKind.CODE), (3, 22, AdmissionKind.GROUP), (None, 4, AdmissionKind.TALLY)]
        for number, people, kind in admissions:
            session.add(
                Admission(
                    event_id=event.id, registration_id=number, kind=kind, source=AdmissionSource.DOOR, people=people,
                    nonce=crypto.token(), at=STARTS, received_at=STARTS, by="李华", by_id=2,
                )
            )  # fmt: skip
        event_id = event.id
    write(SAID["mail"])
    with server(app) as smtp:
        assert messages.send_batch(settings=app.config["PORTAL"])
    bodies = [message.get_body() for message in smtp.messages]
    assert any(body is not None and SAID["name"] in body.get_content() for body in bodies)
    # One that goes into a folder, as where no server is named; and one that the server refuses for good.
    write(SAID["mail"])
    reach(app, mail="")
    messages.send_batch(settings=app.config["PORTAL"])
    write(SAID["mail"])
    with server(app, Taking(to_recipients=["550 no"])):
        messages.send_batch(settings=app.config["PORTAL"])
    reach(app, mail="")
    db.session.remove()
    return event_id


def write(to: str) -> None:
    """Write to somebody about a lecture, and name them."""
    with transaction() as session:
        values = {**VALUES, "who": SAID["name"]}
        number = messages.queue(session, to=to, template="changes-asked", locale="zh-Hans", values=values, at=AT)
        session.execute(sa.text("UPDATE messages_mail SET template = 'event-confirmed' WHERE id = :id"), {"id": number})


def found(app: Flask) -> dict[str, list[str]]:
    """Return where each thing that people told is."""
    places = {}
    for kind, text in SAID.items():
        result = app.test_cli_runner().invoke(args=["privacy", "scan", text])
        assert result.exit_code == (0 if "nowhere" in result.output else 1)
        if result.exit_code:
            places[kind] = [line.split(": ")[0] for line in result.output.splitlines()]
    return places


def figures(session: Session) -> list[Any]:
    """Return every number that reports are made of."""
    session.rollback()
    one, two = Registration, Admission
    rows = (
        sa.select(one.event_id, one.state, one.kind, one.source, one.under_14, sa.func.count(), sa.func.sum(one.seats))
        .group_by(one.event_id, one.state, one.kind, one.source, one.under_14)
        .order_by(one.state, one.kind, one.under_14)
    )
    came = (
        sa.select(two.event_id, two.kind, two.source, sa.func.count(), sa.func.sum(two.people))
        .where(two.undone_at.is_(None), ~two.conflict)
        .group_by(two.event_id, two.kind, two.source)
        .order_by(two.kind)
    )
    joined = sa.select(sa.func.count()).join(one, one.id == two.registration_id).select_from(two)
    pools = sa.text("SELECT place, capacity, taken FROM events_pool ORDER BY id")
    return [session.execute(some).all() for some in (rows, came, joined, pools)]


def worker(app: Flask) -> None:
    result = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert (result.exit_code, result.output) == (0, "")


def test_8_purge_keeps_numbers(app: Flask, settings: Settings, session: Session, log: io.StringIO) -> None:
    with time_machine.travel(AT, tick=False) as clock:
        event_id = live(app)
        before = figures(session)
        assert [row[-2:] for row in before[0]] != []
        session.rollback()
        there = found(app)
        # The canary was there: else the test would prove nothing.
        assert set(there) == set(SAID)
        assert there["name"] == ["events_registration.name", *there["name"][1:]]
        assert "messages_mail.recipient" in there["mail"]
        assert any(place.endswith(".eml") for place in there["mail"])

        clock.move_to(ENDS + DAY)
        worker(app)
        assert "note" not in found(app)
        assert "name" in found(app)
        clock.move_to(ENDS + 30 * DAY)
        worker(app)
        assert found(app) == {
            "guardian": ["events_guardian.name"],
            "guardian's contact": ["events_guardian.contact"],
        }
        assert session.get_one(Event, event_id).erased_at == ENDS + 30 * DAY
        assert figures(session) == before
        session.rollback()
        clock.move_to(ENDS + 3 * 365 * DAY)
        worker(app)
        assert found(app) == {}
        assert figures(session) == before
    heard = log.getvalue()
    assert "INSERT INTO events_registration" in heard
    assert [kind for kind, text in SAID.items() if text in heard] == []


def test_12_access_needs(app: Flask, session: Session) -> None:
    with transaction() as unit:
        event = lecture(unit)
        needs = frozenset({AccessNeed.STEP_FREE, AccessNeed.HEARING})
        come(unit, event, "甲", needs=needs, access_note="助听器", **mobile(1))
        come(unit, event, "乙", needs=frozenset({AccessNeed.STEP_FREE}), **mobile(2))
        unit.add(CoOrganiser(event_id=event.id, person_id=7, at_the_door=True))
        unit.add(CoOrganiser(event_id=event.id, person_id=8, at_the_door=False))
        number = event.id
    event = session.get_one(Event, number)
    told = {person: duty(session, event=event, person_id=person) for person in (1, 7, 8, 9)}
    assert {person: one.on_duty for person, one in told.items()} == {1: True, 7: True, 8: True, 9: False}
    assert {person: one.runs for person, one in told.items()} == {1: True, 7: False, 8: True, 9: False}
    counted = sa.select(AccessRow.need, sa.func.count()).group_by(AccessRow.need)
    assert {row[0]: row[1] for row in session.execute(counted)} == {AccessNeed.STEP_FREE: 2, AccessNeed.HEARING: 1}
    # What somebody wrote by hand is sealed; what is counted names nobody.
    raw = session.execute(
        sa.text("SELECT access_note FROM events_registration WHERE access_note IS NOT NULL")
    ).scalar_one()
    assert "助听器" not in raw
    session.rollback()
    with time_machine.travel(ENDS + DAY, tick=False):
        worker(app)
    assert session.scalar(sa.select(sa.func.count()).select_from(AccessRow)) == 0
    assert session.scalars(sa.select(Registration.access_note)).all() == [None, None]
    assert session.scalars(sa.select(Registration.name).order_by(Registration.id)).all() == ["甲", "乙"]
