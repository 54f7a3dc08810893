"""What is kept of people goes in time: whatever became of the lecture, however long the worker was down."""

from __future__ import annotations

import signal
import subprocess
import sys
from datetime import datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.audit.models import Event as Act
from portal.core.database import db, transaction
from portal.core.settings import ROOT, Settings
from portal.events.models import AccessRow, Consent, Event, Guardian, Notice, Registration
from portal.events.rules.keeping import AccessNeed, Keeping, Relation
from portal.events.rules.lectures import EventState
from portal.events.rules.seats import ContactKind, Source
from portal.events.rules.wishes import GuardianWish
from portal.events.services import erasing, managing
from portal.events.services.registering import Became
from portal.messages import services as messages
from portal.messages.models import Mail
from tests.events.hall import AT, STARTS, come, lecture, mobile
from tests.messages.helpers import VALUES
from tests.test_serve import environ

ENDS = STARTS + timedelta(minutes=90)
DAY = timedelta(days=1)
TICK = timedelta(seconds=1)
KEEPING = Keeping()
NAMED = GuardianWish("王女士", ContactKind.PHONE, "13900000001", Relation.PARENT)
UNSAID = GuardianWish("赵先生", ContactKind.PHONE, "13900000002", None)
NEEDS: dict[str, Any] = {"needs": frozenset({AccessNeed.STEP_FREE}), "access_note": "轮椅"}


def erase(at: datetime, keeping: Keeping = KEEPING) -> list[tuple[int, int, int]]:
    """Do what the worker does at `at`; return what each round erased."""
    rounds = []
    while True:
        with transaction() as session:
            done = erasing.erase_due(session, keeping=keeping, at=at)
        if not done:
            return rounds
        rounds.append((done.people, done.access, done.guardians))


def rows(session: Session, event: Event | int) -> list[Registration]:
    session.rollback()
    number = event if isinstance(event, int) else event.id
    return list(
        session.scalars(sa.select(Registration).where(Registration.event_id == number).order_by(Registration.id))
    )


@pytest.fixture
def hall(app: Flask) -> int:
    """Return a lecture with somebody who has needs, a child, and a child whose guardian never agreed."""
    with transaction() as session:
        event = lecture(session)
        come(session, event, "张三", answers={"q": "花生过敏"}, **NEEDS, **mobile(1))
        come(session, event, "小明", under_14=True, guardian=NAMED, **mobile(2))
        come(session, event, "小红", under_14=True, guardian=UNSAID, **mobile(3))
        session.add(Notice(registration_id=1, kind="reminder", at=AT))
        managing.lapse_due(session, at=AT + timedelta(hours=48))
        return event.id


def test_each_kind_goes_at_its_own_time(hall: int, session: Session) -> None:
    assert erase(ENDS + DAY - TICK) == []
    assert erase(ENDS + DAY) == [(0, 1, 0)]
    assert [row.access_note for row in rows(session, hall)] == [None] * 3
    assert session.scalar(sa.select(sa.func.count()).select_from(AccessRow)) == 0
    assert [row.name for row in rows(session, hall)][:2] == ["张三", "小明"]
    # The child whose guardian did not answer was out two days after being registered.
    lapsed = AT + timedelta(hours=48) + 30 * DAY
    assert lapsed < ENDS + 30 * DAY
    assert erase(lapsed) == [(1, 0, 0)]
    assert [row.name for row in rows(session, hall)] == ["张三", "小明", None]
    assert [one.name for one in session.scalars(sa.select(Guardian))] == ["王女士"]
    session.rollback()
    assert erase(ENDS + 30 * DAY - TICK) == []
    assert session.get_one(Event, hall).erased_at is None
    assert erase(ENDS + 30 * DAY) == [(2, 0, 0)]
    session.rollback()
    assert session.get_one(Event, hall).erased_at == ENDS + 30 * DAY
    for row in rows(session, hall):
        empty = (row.name, row.contact, row.contact_digest, row.person_digest, row.answers, row.members, row.token)
        assert empty == (None,) * 7
        assert row.erased_at is not None
    kept = session.scalars(sa.select(Guardian)).one()
    assert (kept.name, kept.token, kept.text_version) == ("王女士", None, "2026-11")
    assert session.scalar(sa.select(sa.func.count()).select_from(Notice)) == 0
    assert session.scalar(sa.select(sa.func.count()).select_from(Consent).where(Consent.withdrawn_at.is_not(None))) == 0
    session.rollback()
    assert erase(ENDS + 3 * 365 * DAY - TICK) == []
    assert erase(ENDS + 3 * 365 * DAY) == [(0, 0, 1)]
    assert session.scalars(sa.select(Guardian)).all() == []


def test_down_for_years_it_does_all_at_once_and_says_counts_alone(hall: int, session: Session) -> None:
    assert erase(ENDS + 4000 * DAY) == [(3, 1, 1)]
    acts = session.scalars(sa.select(Act).where(Act.tag == "worker:person:erased")).all()
    assert [(act.actor, act.target, act.details) for act in acts] == [
        ("worker", "", {"people": 3, "access": 1, "guardians": 1})
    ]


def test_a_lecture_that_was_called_off_has_no_purpose_any_more(hall: int, session: Session) -> None:
    with transaction() as unit:
        event = unit.get_one(Event, hall)
        event.state, event.cancelled_at = EventState.CANCELLED, AT
    assert erase(AT + DAY - TICK) == []
    assert erase(AT + DAY) == [(0, 1, 0)]
    assert erase(AT + 30 * DAY) == [(3, 0, 0)]
    assert session.get_one(Event, hall).erased_at == AT + 30 * DAY


def test_a_lecture_that_was_moved_keeps_its_people_until_after_its_new_end(hall: int, session: Session) -> None:
    with transaction() as unit:
        event = unit.get_one(Event, hall)
        event.previous_starts_at = event.starts_at
        event.starts_at, event.ends_at = STARTS + 60 * DAY, ENDS + 60 * DAY
    assert erase(ENDS + 30 * DAY) == [(1, 0, 0)]  # who had lapsed
    assert [row.name for row in rows(session, hall)][:2] == ["张三", "小明"]
    assert erase(ENDS + 90 * DAY) == [(2, 1, 0)]


def test_whoever_cancelled_goes_a_month_later_and_can_come_again(hall: int, session: Session) -> None:
    with transaction() as unit:
        event = unit.get_one(Event, hall)
        event.starts_at, event.ends_at, event.closes_at = STARTS + 90 * DAY, ENDS + 90 * DAY, STARTS + 80 * DAY
        managing.cancel(unit, registration_id=1, at=AT)
    assert erase(AT + 30 * DAY) == [(1, 1, 0)]
    with transaction() as unit:
        event = unit.get_one(Event, hall)
        assert come(unit, event, "张三", at=AT + 30 * DAY, **mobile(1)).became is Became.NEW
        assert (
            come(unit, event, "小明", at=AT + 30 * DAY, under_14=True, guardian=NAMED, **mobile(2)).became
            is Became.KNOWN
        )


def test_a_sheet_typed_after_the_time_is_erased_too(hall: int, session: Session) -> None:
    erase(ENDS + 30 * DAY)
    with transaction() as unit:
        first = unit.get_one(Registration, 1)
        values = {column.name: getattr(first, column.name) for column in Registration.__table__.columns}
        fresh = {
            "id": None,
            "name": "迟来",
            "source": Source.PAPER,
            "code": "22223333",
            "token_digest": "t",
            "request": "r",
        }
        unit.add(Registration(**{**values, **fresh, "erased_at": None}))
    assert erase(ENDS + 31 * DAY) == [(1, 0, 0)]
    assert [row.name for row in rows(session, hall)] == [None] * 4


def test_an_installation_says_how_long(hall: int, session: Session) -> None:
    short = Keeping(contacts=2 * DAY, access=timedelta(0), guardians=30 * DAY)
    assert erase(ENDS, short)[-1] == (1, 1, 0)
    assert erase(ENDS + 2 * DAY, short) == [(2, 0, 0)]
    assert erase(ENDS + 30 * DAY, short) == [(0, 0, 1)]


def test_unsent_mail_to_them_goes_as_well_unless_they_come_elsewhere(hall: int, session: Session) -> None:
    addresses = ("only@example.org", "also@example.org", "staff@example.org")
    with transaction() as unit:
        event, other = unit.get_one(Event, hall), lecture(unit, starts_at=STARTS + 90 * DAY, ends_at=ENDS + 90 * DAY)
        mail = {"contact_kind": ContactKind.MAIL}
        for place, address in enumerate(addresses):
            come(unit, event, f"甲{place}", contact=address, **mail)
        come(unit, other, "甲1", contact=addresses[1], **mail)
        for address in addresses:
            template = "changes-asked" if address.startswith("staff") else "event-thanks"
            made = messages.queue(unit, to=address, template="changes-asked", locale="zh-Hans", values=VALUES, at=AT)
            unit.get_one(Mail, made).template = template
    before = mails_to(session)
    assert set(addresses) <= set(before)
    erase(ENDS + 30 * DAY)
    # In the order of ids, other mails to them may lie there, which say that they are registered.
    assert "only@example.org" not in mails_to(session)
    assert {"also@example.org", "staff@example.org"} <= set(mails_to(session))


def mails_to(session: Session) -> list[str | None]:
    session.rollback()
    return list(session.scalars(sa.select(Mail.recipient)))


def test_killed_half_way_it_goes_on(app: Flask, settings: Settings, session: Session) -> None:
    with transaction() as unit:
        event = lecture(unit, seats=600, starts_at=AT + DAY, ends_at=AT + DAY + TICK, closes_at=AT + DAY)
        for place in range(500):
            come(unit, event, f"张{place}", **mobile(place))
        moved = sa.update(Event).values(starts_at=AT - 400 * DAY, ends_at=AT - 399 * DAY, opens_at=AT - 401 * DAY)
        unit.execute(moved.values(closes_at=AT - 400 * DAY))
        number = event.id
    db.session.remove()

    def left() -> int:
        with db.engine.connect() as connection:
            some = sa.select(sa.func.count()).where(Registration.event_id == number, Registration.erased_at.is_(None))
            return connection.execute(some).scalar_one()

    words = [sys.executable, "-m", "flask", "--app", "wsgi", "worker", "--once"]
    process = subprocess.Popen(words, cwd=ROOT, env=environ(settings, 1), stdout=subprocess.DEVNULL)
    while left() == 500 and process.poll() is None:
        pass
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 0 < left() < 500
    assert left() % erasing.BATCH == 0
    subprocess.run(words, cwd=ROOT, env=environ(settings, 1), check=True)
    assert left() == 0
    assert session.get_one(Event, number).erased_at is not None
