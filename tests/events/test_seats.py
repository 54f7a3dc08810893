"""Seats: claimed by whoever comes first, given back, offered in order, never at night."""

from __future__ import annotations

import os
import re
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.core.database import db, transaction
from portal.events.models import Consent, Guardian, Registration
from portal.events.rules import codes
from portal.events.rules import seats as rules
from portal.events.rules.keeping import Purpose, Relation
from portal.events.rules.lectures import Phase
from portal.events.rules.seats import ContactKind, State, Waiting
from portal.events.rules.wishes import GuardianWish
from portal.events.services import managing
from portal.events.services.managing import NoSeats, NotOffered, TooLate
from portal.events.services.registering import Became, NotOpen, TooMany
from tests.events.hall import AT, STARTS, come, lecture, mobile, states, taken

SHANGHAI = ZoneInfo("Asia/Shanghai")
CONFIRMED, WAITING, OFFERED, PENDING = State.CONFIRMED, State.WAITING, State.OFFERED, State.PENDING


# --- rules --------------------------------------------------------------------------------------------------------


@given(
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC)),
    st.timedeltas(timedelta(0), timedelta(days=9)),
    st.sampled_from(["Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Pacific/Chatham"]),
)
def test_no_hold_runs_out_at_night_or_after_the_lecture_begins(at: datetime, ahead: timedelta, name: str) -> None:
    zone = ZoneInfo(name)
    until = rules.hold_until(at, zone=zone, last=at + ahead)
    if until is None:
        assert ahead < timedelta(hours=13)
    else:
        assert time(8) <= until.astimezone(zone).time() < time(20)
        assert at + rules.SHORTEST_OFFER <= until <= at + ahead


def test_a_hold_is_counted_in_waking_hours() -> None:
    far = datetime(2026, 12, 31, tzinfo=UTC)
    evening = datetime(2026, 11, 2, 18, 0, tzinfo=SHANGHAI)
    assert rules.hold_until(evening, zone=SHANGHAI, last=far) == datetime(2026, 11, 3, 12, 0, tzinfo=SHANGHAI)
    morning = datetime(2026, 11, 2, 9, 30, tzinfo=SHANGHAI)
    assert rules.hold_until(morning, zone=SHANGHAI, last=far) == datetime(2026, 11, 2, 15, 30, tzinfo=SHANGHAI)
    edge = datetime(2026, 11, 2, 14, 0, tzinfo=SHANGHAI)
    assert rules.hold_until(edge, zone=SHANGHAI, last=far) == datetime(2026, 11, 3, 8, 0, tzinfo=SHANGHAI)


def test_a_group_keeps_its_place_and_others_use_what_it_cannot() -> None:
    queue = [Waiting(1, 5), Waiting(2, 1), Waiting(3, 2), Waiting(4, 1)]
    assert rules.next_offers(queue, 3) == [2, 3]
    assert rules.next_offers(queue, 5) == [1]
    assert rules.next_offers(queue, 0) == []
    assert rules.may_take([Waiting(1, 5)], seats=1, free=3) is True
    assert rules.may_take([Waiting(1, 3)], seats=1, free=3) is False


@given(st.text())
def test_any_text_is_a_code_or_none(text: str) -> None:
    code = codes.typed(text)
    assert code is None or codes.typed(codes.spoken(code)) == code


def test_a_code_is_read_however_it_is_written() -> None:
    code = codes.new_code()
    assert codes.typed(f" {codes.spoken(code).lower()}\n") == code
    assert codes.typed("ＡＢＣＤ－２３４５") == "ABCD2345"
    assert codes.typed("ABCD2340") is None
    assert not set("0O1IL") & set(codes.ALPHABET)


# --- claiming -----------------------------------------------------------------------------------------------------


def test_seats_go_to_whoever_comes_first_and_the_rest_wait(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, seats=3)
        assert come(session, hall, "甲", seats=2).state is CONFIRMED
        assert come(session, hall, "乙", seats=2).state is WAITING
        assert come(session, hall, "丙").state is CONFIRMED
        assert come(session, hall, "丁").state is WAITING
        assert taken(session, hall) == 3


def test_what_is_given_back_is_held_for_the_next_and_nobody_grabs_it(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, seats=1)
        first, second, third = (come(session, hall, name) for name in "甲乙丙")
        assert managing.cancel(session, registration_id=first.id, at=AT) is True
        assert managing.cancel(session, registration_id=first.id, at=AT) is False
        assert come(session, hall, "丁").state is WAITING
        assert states(session, hall) == [State.CANCELLED, OFFERED, WAITING, WAITING]
        assert managing.accept(session, registration_id=second.id, at=AT) is True
        assert managing.accept(session, registration_id=second.id, at=AT) is False
        with pytest.raises(NotOffered):
            managing.accept(session, registration_id=third.id, at=AT)
        assert states(session, hall)[1] is CONFIRMED
        assert taken(session, hall) == 1


def test_an_offer_that_nobody_answers_goes_to_the_next(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, seats=1)
        first, second, third = (come(session, hall, name) for name in "甲乙丙")
        managing.cancel(session, registration_id=first.id, at=AT)
        until = session.get_one(Registration, second.id).hold_until
        assert until == AT + timedelta(hours=6)
        assert managing.lapse_due(session, at=until - timedelta(seconds=1)) is False
        with pytest.raises(NotOffered):
            managing.accept(session, registration_id=second.id, at=until)
        assert managing.lapse_due(session, at=until) is True
        assert managing.lapse_due(session, at=until) is False
        assert states(session, hall) == [State.CANCELLED, State.LAPSED, OFFERED]
        assert managing.pass_on(session, registration_id=third.id, at=until) is True
        assert managing.pass_on(session, registration_id=third.id, at=until) is False
        assert taken(session, hall) == 0


def test_fewer_seats_free_the_rest_and_more_need_room(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, seats=4)
        family = come(session, hall, "甲", seats=3)
        assert managing.change_seats(session, registration_id=family.id, seats=4, at=AT) is True
        late = come(session, hall, "乙")
        assert managing.change_seats(session, registration_id=family.id, seats=2, at=AT) is True
        assert session.get_one(Registration, late.id).state is OFFERED
        with pytest.raises(NoSeats):
            managing.change_seats(session, registration_id=family.id, seats=4, at=AT)
        with pytest.raises(TooMany):
            managing.change_seats(session, registration_id=family.id, seats=5, at=AT)
        with pytest.raises(TooLate):
            managing.change_seats(session, registration_id=family.id, seats=1, at=STARTS)
        assert taken(session, hall) == 3


# --- registering --------------------------------------------------------------------------------------------------


def test_the_same_form_ten_times_is_one_registration(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        sent = [come(session, hall, request="r" * 43) for _time in range(10)]
        assert [one.became for one in sent] == [Became.NEW] + [Became.SAME_FORM] * 9
        assert len({one.token for one in sent}) == 1
        assert taken(session, hall) == 1


def test_one_telephone_registers_several_people_each_once(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, seats=20)
        father = come(session, hall, "张 三", **mobile(1))
        mother = come(session, hall, "李四", **mobile(1))
        again = come(session, hall, "张三", **mobile(1))
        assert (father.became, mother.became, again.became) == (Became.NEW, Became.NEW, Became.KNOWN)
        # Whoever types a neighbour's number and name does not learn their code.
        assert (again.id, again.token) == (father.id, "")
        assert taken(session, hall) == 2
        managing.cancel(session, registration_id=father.id, at=AT)
        assert come(session, hall, "张三", **mobile(1)).became is Became.NEW
        for number in range(6):
            come(session, hall, f"孩子{number}", **mobile(1))
        with pytest.raises(TooMany):
            come(session, hall, "再一个", **mobile(1))


@pytest.mark.parametrize(
    ("at", "phase"),
    [
        (AT - timedelta(days=2), Phase.COMING),
        (STARTS - timedelta(hours=1), Phase.CLOSED),
        (STARTS, Phase.RUNNING),
        (STARTS + timedelta(minutes=90), Phase.OVER),
    ],
)
def test_registration_opens_and_closes(app: Flask, at: datetime, phase: Phase) -> None:
    with transaction() as session, pytest.raises(NotOpen) as told:
        come(session, lecture(session), at=at)
    assert told.value.phase is phase


def test_a_childs_seat_is_held_two_days_for_the_guardian(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, seats=2)
        named = GuardianWish("王女士", ContactKind.PHONE, "13900000001", None)
        child = come(session, hall, "小明", under_14=True, guardian=named, **mobile(5))
        other = come(session, hall, "小红", under_14=True, guardian=named)
        assert states(session, hall) == [PENDING, PENDING]
        said = managing.confirm_guardian(
            session, registration_id=child.id, name="王芳", relation=Relation.PARENT, at=AT + timedelta(hours=47)
        )
        assert said is True
        assert session.get_one(Guardian, child.id).confirmed_at == AT + timedelta(hours=47)
        agreed = db.session.query(Consent.purpose).filter_by(registration_id=child.id).all()
        assert sorted(purpose for (purpose,) in agreed) == [Purpose.CHILD, Purpose.REGISTRATION]
        with pytest.raises(NotOffered):
            managing.confirm_guardian(
                session, registration_id=other.id, name="x", relation=Relation.PARENT, at=AT + timedelta(hours=48)
            )
        assert managing.lapse_due(session, at=AT + timedelta(hours=48)) is True
        assert states(session, hall) == [CONFIRMED, State.LAPSED]
        assert taken(session, hall) == 1


def test_a_guardian_who_registers_a_child_confirms_at_once(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        mother = GuardianWish("王女士", ContactKind.PHONE, "13900000001", Relation.PARENT)
        assert come(session, hall, "小明", under_14=True, guardian=mother).state is CONFIRMED
        with pytest.raises(ValueError, match="guardian"):
            come(session, hall, "小红", under_14=True)


def test_names_and_contacts_are_not_in_the_file(app: Flask) -> None:
    with transaction() as session:
        come(session, lecture(session), "欧阳不可见", answers={"diet": "花生过敏"}, access_note="轮椅", **mobile(77))
    with transaction() as session:
        row = session.connection().exec_driver_sql("SELECT * FROM events_registration").one()
    said = "\n".join(str(value) for value in row)
    assert "欧阳不可见" not in said
    assert "13800000077" not in said
    assert "花生" not in said
    assert "轮椅" not in said


@pytest.mark.skipif(bool(os.environ.get("MINGBAI_TEST_POSTGRES")), reason="about SQLite's plans")
def test_registering_goes_through_no_list_of_all_who_registered(app: Flask) -> None:
    """While it lasts everybody else waits: it must not take longer for all who have registered before."""
    heard: list[tuple[str, Any]] = []
    with transaction() as session:
        hall = lecture(session, seats=3)
        come(session, hall, "甲", **mobile(1))
        sa.event.listen(db.engine, "before_cursor_execute", lambda *said: heard.append((said[2], said[3])))
        come(session, hall, "乙", **mobile(2))
        asked = [one for one in heard if re.search(r"\sFROM events_registration", one[0])]
        steps = [
            str(step[-1])
            for statement, values in asked
            for step in session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            if "events_registration" in step[-1]
        ]
    # Each is found by two columns of an index: the form, the contact, and who waits for these seats.
    assert [step.partition(" (")[2] for step in steps] == [
        "event_id=? AND request=?)",
        "event_id=? AND contact_digest=?)",
        "pool_id=? AND state=?)",
    ]
