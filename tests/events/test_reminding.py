"""Reminders: by day, to those who come, once for each time that a lecture is held at."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.core.database import db, transaction
from portal.events.models import Event, Pool, Registration
from portal.events.rules import reminding as rules
from portal.events.rules.reminding import Reminder
from portal.events.rules.seats import State
from portal.events.services import lapsing, managing, notices, reminding
from portal.events.services.notices import What
from portal.messages.rules import Channel
from tests.events.hall import AT, STARTS, come, lecture, mobile, states, taken
from tests.events.post import MAIL, PHONE, empty, kinds, last
from tests.events.test_tellings import call_off, move, tell
from tests.messages.helpers import mails
from tests.test_worker import once

SHANGHAI = ZoneInfo("Asia/Shanghai")
ZONES = st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Chatham"]).map(ZoneInfo)
EARLY = datetime(2026, 11, 17, 10, 0, tzinfo=SHANGHAI)
LATE = datetime(2026, 11, 19, 18, 0, tzinfo=SHANGHAI)
"""Of the lecture on Friday 20 November."""


def remind(at: datetime) -> list[str]:
    """Remind as the worker does; return what was told by it."""
    empty()
    while True:
        with transaction() as session:
            if not reminding.remind_next(session, at=at):
                return kinds()


# --- rules --------------------------------------------------------------------------------------------------------


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.timedeltas(timedelta(hours=-2), timedelta(days=5)),
    ZONES,
)
def test_nobody_is_reminded_at_night_or_too_late_or_too_early(at: datetime, ahead: timedelta, zone: ZoneInfo) -> None:
    found = rules.due(at + ahead, at=at, zone=zone)
    if found is None:
        # Between the two reminders, at night, before the first, or when it has begun.
        local = at.astimezone(zone)
        assert (
            ahead <= timedelta(0)
            or not time(8) <= local.time() < time(20)
            or (at + ahead).astimezone(zone).date() - local.date() >= timedelta(days=1)
        )
        return
    reminder, since = found
    assert time(8) <= at.astimezone(zone).time() < time(20)
    assert since <= at < at + ahead
    assert ahead < rules.AHEAD
    days = ((at + ahead).astimezone(zone).date() - at.astimezone(zone).date()).days
    assert days in ({0, 1} if reminder is Reminder.LATE else {2, 3})


def test_when_reminders_are_due() -> None:
    moments = [
        (EARLY - timedelta(seconds=1), None),
        (EARLY, Reminder.EARLY),
        (EARLY + timedelta(hours=9, minutes=59), Reminder.EARLY),
        (EARLY + timedelta(hours=10), None),
        (EARLY + timedelta(days=1), Reminder.EARLY),
        (LATE - timedelta(seconds=1), None),
        (LATE, Reminder.LATE),
        (LATE + timedelta(hours=2), None),
        (LATE + timedelta(hours=14), Reminder.LATE),
        (STARTS, None),
    ]
    found = [(at, rules.due(STARTS, at=at, zone=SHANGHAI)) for at, _which in moments]
    assert [(at, due[0] if due else None) for at, due in found] == moments


# --- who is reminded ----------------------------------------------------------------------------------------------


def test_those_who_have_a_seat_are_reminded_twice_and_can_cancel_from_there(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, seats=2)
        person = come(session, event, **MAIL)
        come(session, event, "李", **PHONE)
        come(session, event, "候补", **mobile(7))
    assert remind(EARLY - timedelta(seconds=1)) == []
    assert remind(EARLY) == ["reminder", "reminder"]
    assert [mail.channel for mail in mails()] == [Channel.MAIL, Channel.SMS]
    token = db.session.get_one(Registration, person.id).token
    db.session.rollback()
    assert mails()[0].subject == "请记得来听讲座：守住养老钱"
    assert f"/events/registrations/{token}" in (mails()[0].body or "")
    assert remind(EARLY + timedelta(hours=1)) == []
    assert remind(LATE) == ["reminder", "reminder"]
    assert remind(LATE + timedelta(hours=14)) == []
    assert remind(STARTS) == []


def test_who_gave_their_seat_back_or_is_only_asked_is_not_reminded(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, seats=1)
        first = come(session, event, "甲", **MAIL)
        come(session, event, "乙", **PHONE)
        managing.cancel(session, registration_id=first.id, at=AT)
        assert states(session, event) == [State.CANCELLED, State.OFFERED]
    assert remind(EARLY) == []
    assert remind(LATE) == []


def test_nobody_is_reminded_of_a_lecture_that_was_called_off_or_is_no_longer_public(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session)
        come(session, event, **MAIL)
    call_off(event.id)
    assert remind(EARLY) == []
    assert remind(LATE) == []


def test_who_registers_after_a_reminder_was_due_is_not_sent_it(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session)
        come(session, event, **MAIL, at=EARLY)
    assert remind(EARLY + timedelta(hours=1)) == []
    assert remind(LATE) == ["reminder"]


def test_a_worker_that_was_down_sends_late_but_not_both_on_one_day(app: Flask) -> None:
    with transaction() as session:
        come(session, lecture(session), **MAIL)
    assert remind(EARLY + timedelta(days=1)) == ["reminder"]
    assert remind(datetime(2026, 11, 20, 7, 59, tzinfo=SHANGHAI)) == []
    assert remind(datetime(2026, 11, 20, 8, 0, tzinfo=SHANGHAI)) == ["reminder"]


def test_a_lecture_that_moves_is_reminded_of_anew(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session)
        come(session, event, **MAIL)
    assert remind(EARLY) == ["reminder"]
    move(event.id, by=timedelta(days=7), at=EARLY + timedelta(hours=1))
    tell(at=EARLY + timedelta(hours=1))
    assert remind(LATE) == []
    assert remind(EARLY + timedelta(days=7)) == ["reminder"]
    assert "2026年11月27日" in (last().body or "")
    assert remind(LATE + timedelta(days=7)) == ["reminder"]


def test_who_has_just_been_told_that_it_moved_is_not_reminded_as_well(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, starts_at=STARTS + timedelta(days=7), ends_at=STARTS + timedelta(days=8))
        come(session, event, **MAIL)
    move(event.id, by=timedelta(days=-7), at=EARLY + timedelta(hours=1))
    tell(at=EARLY + timedelta(hours=1))
    assert kinds()[-1] == "moved"
    assert remind(EARLY + timedelta(hours=2)) == []
    assert remind(LATE) == ["reminder"]


def test_who_wants_no_messages_and_who_was_erased_are_passed_over(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session)
        come(session, event)
        gone = session.get_one(Registration, come(session, event, "李", **PHONE).id)
        gone.name = gone.contact = gone.person_digest = None
        gone.erased_at = AT
    assert remind(LATE) == []


def test_a_day_of_many_lectures_is_done_in_small_units(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, seats=200)
        for number in range(notices.BATCH + 1):
            come(session, event, f"人{number}", **mobile(number))
        come(session, lecture(session), "另一场", **mobile(0))
    empty()
    units = 0
    while True:
        with transaction() as session:
            if not reminding.remind_next(session, at=LATE):
                break
        units += 1
    assert (units, len(mails())) == (3, notices.BATCH + 2)


# --- what the worker does -----------------------------------------------------------------------------------------


def test_waiting_lists_end_when_the_lecture_begins_and_nobody_is_told(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, seats=1, online=1)
        for name in "甲乙丙":
            come(session, event, name, **MAIL)
        other = lecture(session, seats=1, starts_at=STARTS + timedelta(days=1), ends_at=STARTS + timedelta(days=2))
        come(session, other, "甲"), come(session, other, "乙")
    empty()
    with transaction() as session:
        assert lapsing.end_waiting(session, at=STARTS - timedelta(seconds=1)) is False
        assert lapsing.end_waiting(session, at=STARTS) is True
        assert lapsing.end_waiting(session, at=STARTS) is False
        assert states(session, event) == [State.CONFIRMED, State.LAPSED, State.LAPSED]
        assert states(session, other) == [State.CONFIRMED, State.WAITING]
        ended = sa.select(Registration.ended_at).where(Registration.event_id == event.id)
        assert list(session.scalars(ended.order_by(Registration.id))) == [None, STARTS, STARTS]
        assert (taken(session, event), session.scalar(sa.select(sa.func.sum(Pool.taken)))) == (1, 2)
    assert mails() == []


def test_the_worker_lapses_seats_tells_of_changes_and_reminds(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, seats=1)
        first = come(session, event, "甲", **mobile(1))
        come(session, event, "乙", **mobile(2))
        come(session, event, "丙", **mobile(3))
        managing.cancel(session, registration_id=first.id, at=AT)
        other = lecture(session, starts_at=STARTS + timedelta(days=3), ends_at=STARTS + timedelta(days=4))
        come(session, other, "丁", **mobile(4))
    empty()
    with transaction() as session:
        moved = session.get_one(Event, other.id)
        moved.sequence += 1
        notices.tell_all(session, event=moved, what=What.MOVED, at=AT)
    with time_machine.travel(AT + timedelta(hours=6)):
        once(app)
    with transaction() as session:
        assert states(session, event) == [State.CANCELLED, State.LAPSED, State.OFFERED]
    # The worker sends as well, so only what kind of message it was is left.
    assert sorted(kinds()) == ["lapsed", "moved", "offered"]
    with time_machine.travel(STARTS + timedelta(days=3) - timedelta(hours=2)):
        once(app)
    assert sorted(kinds()) == ["lapsed", "lapsed", "moved", "offered", "reminder"]
    assert {mail.state for mail in mails()} == {"sent"}
    folder = app.config["PORTAL"].data / "sms"
    assert len(list(folder.iterdir())) == 5
