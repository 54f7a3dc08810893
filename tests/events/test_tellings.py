"""A lecture that is moved or called off: everybody is told, once, whatever happens to the worker."""

from __future__ import annotations

import signal
import time
from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.core import clock
from portal.core.database import db, transaction
from portal.events.models import Event, Notice, Registration, Telling
from portal.events.rules.attendance import AdmissionSource
from portal.events.rules.lectures import EventState
from portal.events.rules.seats import State
from portal.events.services import door, managing, notices, thanks
from portal.events.services.notices import LATE_COMERS, What
from tests.events.hall import AT, come, lecture, mobile
from tests.events.post import MAIL, empty, last
from tests.events.test_notices import registration
from tests.messages.helpers import mails, reach
from tests.test_worker import once, working
from tests.threads import PATIENCE_S


def move(number: int, *, by: timedelta = timedelta(days=1), at: datetime = AT) -> None:
    """Move a lecture as the desk does."""
    with transaction() as session:
        event = session.get_one(Event, number)
        event.previous_starts_at = event.starts_at
        event.starts_at, event.ends_at = event.starts_at + by, event.ends_at + by
        event.sequence += 1
        event.updated_at = at
        notices.tell_all(session, event=event, what=What.MOVED, at=at)


def call_off(number: int, *, at: datetime = AT) -> None:
    """Call a lecture off as the desk does: offers and holds end with it."""
    with transaction() as session:
        event = session.get_one(Event, number)
        event.state, event.cancelled_at, event.cancel_reason = EventState.CANCELLED, at, "讲师生病"
        event.sequence += 1
        event.updated_at = at
        notices.tell_all(session, event=event, what=What.CALLED_OFF, at=at)
        held = sa.select(Registration).where(Registration.state.in_((State.OFFERED, State.PENDING)))
        for row in session.scalars(held):
            row.state, row.hold_until, row.ended_at = State.LAPSED, None, at


def tell(*, at: datetime = AT) -> int:
    """Tell as the worker does; return how many units it took."""
    units = 0
    while True:
        with transaction() as session:
            if not notices.tell_next(session, at=at):
                return units
        units += 1


def told() -> list[tuple[str, str]]:
    return [(mail.template.removeprefix("event-"), mail.recipient or "") for mail in mails()]


def hall_of_all(**changed: object) -> tuple[int, list[int]]:
    """Make a lecture with somebody in every state; return its number and theirs."""
    with transaction() as session:
        event = lecture(session, seats=2, **changed)
        people = [come(session, event, f"人{number}", **mobile(number)) for number in range(6)]
        numbers = [person.id for person in people]
        managing.cancel(session, registration_id=numbers[0], at=AT)
        managing.pass_on(session, registration_id=numbers[2], at=AT)
    empty()
    return event.id, numbers


def test_everybody_who_has_a_seat_waits_or_is_asked_is_told_once_of_a_move(app: Flask) -> None:
    number, people = hall_of_all()
    states = [registration(person).state for person in people]
    assert states == [State.CANCELLED, State.CONFIRMED, State.PASSED, State.OFFERED, State.WAITING, State.WAITING]
    move(number)
    assert (mails(), tell(), tell()) == ([], 1, 0)
    assert told() == [("moved", f"1380000000{person}") for person in (1, 3, 4, 5)]
    assert "原定 2026年11月20日，周五，14:00。现在：2026年11月21日，周六，14:00—15:30" in (mails()[0].body or "")
    assert "报名仍然有效" in (mails()[0].body or "")
    assert "候补或预留的座位不变" in (mails()[1].body or "")
    assert registration(people[1]).told_sequence == 1


def test_whose_seat_lapses_with_the_call_off_is_told_of_it_and_of_nothing_else(app: Flask) -> None:
    number, people = hall_of_all()
    call_off(number)
    with transaction() as session:
        row = session.get_one(Registration, people[3])
        event = session.get_one(Event, number)
        notices.tell(session, event=event, registration=row, what=What.LAPSED, at=AT)
    assert (tell(), tell()) == (1, 0)
    assert told() == [("called-off", f"1380000000{person}") for person in (1, 3, 4, 5)]
    assert "原因：讲师生病" in (mails()[0].body or "")


def test_a_lecture_that_moves_again_before_all_were_told_is_told_once_as_it_is_now(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notices, "BATCH", 1)
    number, _people = hall_of_all()
    move(number)
    with transaction() as session:
        assert notices.tell_next(session, at=AT) is True
    move(number)
    assert tell() == 4
    assert [recipient[-1] for _kind, recipient in told()] == ["1", "1", "3", "4", "5"]
    assert all("2026年11月22日" in (mail.body or "") for mail in mails()[1:])


def test_a_move_and_then_a_call_off_is_told_as_a_call_off(app: Flask) -> None:
    number, _people = hall_of_all()
    move(number)
    call_off(number)
    tell()
    assert {kind for kind, _recipient in told()} == {"called-off"}


def test_who_registers_after_a_move_is_not_told_of_it_but_who_did_in_the_same_moment_is(app: Flask) -> None:
    number, people = hall_of_all()
    move(number)
    tell()
    empty()
    with transaction() as session:
        event = session.get_one(Event, number)
        come(session, event, "后来", **mobile(8))
        late = session.get_one(Registration, come(session, event, "同时", **mobile(9)).id)
        late.told_sequence = 0  # it read the lecture before the move was committed
    empty()
    tell(at=AT + LATE_COMERS)
    assert told() == [("moved", "13800000009")]
    assert db.session.scalars(sa.select(Telling)).all() == []
    assert len(people) == 6


def test_the_note_of_a_change_is_kept_until_no_late_comer_can_be_missed(app: Flask) -> None:
    number, _people = hall_of_all()
    move(number)
    tell(at=AT + LATE_COMERS - timedelta(seconds=1))
    with transaction() as session:
        assert notices.any_telling(session) is True
    tell(at=AT + LATE_COMERS)
    with transaction() as session:
        assert notices.any_telling(session) is False


def test_one_who_cannot_be_told_keeps_nobody_else_waiting(app: Flask) -> None:
    number, people = hall_of_all()
    with transaction() as session:
        session.execute(
            sa.text("UPDATE events_registration SET contact = 'sealed under another key' WHERE id = :id"),
            {"id": people[1]},
        )
    move(number)
    tell()
    assert told() == [("moved", f"1380000000{person}") for person in (3, 4, 5)]


def test_a_worker_that_is_killed_goes_on_where_it_was_and_nobody_is_told_twice(app: Flask) -> None:
    people = 1500
    with transaction() as session:
        event = lecture(session, seats=people)
        for number in range(people):
            come(session, event, f"人{number}", at=AT, **mobile(number))
    empty_fast()
    move(event.id, at=clock.now())
    limit = time.monotonic() + PATIENCE_S
    reach(app, mail="", sms=f"file:{app.config['PORTAL'].data / 'sms'}")
    with working(app) as process:
        while count() == 0:
            assert time.monotonic() < limit
        process.send_signal(signal.SIGKILL)
        process.wait(PATIENCE_S)
    between = count()
    assert 0 < between < people
    assert between % notices.BATCH == 0
    once(app)
    assert count() == people
    assert db.session.scalar(sa.select(sa.func.count(sa.distinct(Notice.registration_id)))) == people
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Notice)) == people


def count() -> int:
    with db.engine.connect() as connection:
        return connection.scalar(sa.text("SELECT count(*) FROM messages_mail WHERE template = 'event-moved'")) or 0


def empty_fast() -> None:
    with transaction() as session:
        session.execute(sa.text("DELETE FROM messages_mail"))


def test_thanks_lead_to_what_comes_after(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session)
        who = come(session, event, "张三", **MAIL).id
        seat = {"event_id": event.id, "registration_id": who, "people": 1, "nonce": "n" * 22, "device": "1"}
        moment = {"at": event.starts_at, "received_at": event.starts_at}
        door.admit(session, **seat, **moment, source=AdmissionSource.DOOR, by="林静", by_id=1)
    empty()
    with transaction() as session:
        event = session.get_one(Event, event.id)
        assert thanks.thank(session, event_id=event.id, by="林静", at=event.ends_at) == 1
    token, body = registration(who).token, last().body or ""
    for path in (
        f"/events/feedback/{token}\n",
        f"/events/registrations/{token}/certificate.pdf\n",
        f"/events/{event.slug}\n",
    ):
        assert path in body
