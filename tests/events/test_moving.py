"""Moved, called off, more seats or fewer: everybody is told once, and nothing is ever oversold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.core.database import db, transaction
from portal.events.models import CoOrganiser, Event, Registration
from portal.events.queries.common import duty, pools
from portal.events.rules.lectures import EventState, Place
from portal.events.rules.plans import Where
from portal.events.rules.seats import HOLDING, State
from portal.events.rules.wishes import GuardianWish
from portal.events.services import managing, moving
from portal.events.services.moving import InThePast, SeatsTaken
from portal.events.services.planning import NotNow, Stale
from portal.events.services.registering import NotOpen
from tests.events.hall import AT, STARTS, come, lecture, mobile, states, taken
from tests.events.planned import HELPER, PLANNER, tags
from tests.threads import at_once

LATER = STARTS + timedelta(days=7)
HOUR = timedelta(hours=1)
THERE = Where({"zh-Hans": "图书馆"}, {"zh-Hans": "示例路2号"})


def shift(
    session: Session,
    event: Event,
    *,
    to: datetime = LATER,
    where: Where = THERE,
    base: int | None = None,
    at: datetime = AT,
) -> bool:
    return moving.move(
        session,
        event_id=event.id,
        starts_at=to,
        ends_at=to + HOUR,
        where=where,
        base=event.sequence if base is None else base,
        by="林静",
        by_id=PLANNER,
        at=at,
    )


def test_a_move_is_one_step(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session)
        assert shift(session, event) is True
        assert (event.starts_at, event.previous_starts_at, event.sequence) == (LATER, STARTS, 1)
        assert event.closes_at == LATER - HOUR
        assert event.opens_at == AT - timedelta(days=1)
        assert event.venue == {"zh-Hans": "图书馆"}
        assert shift(session, event) is False
        with pytest.raises(Stale):
            shift(session, event, base=0)
        # Another place alone is no other time.
        assert shift(session, event, where=replace(THERE, map_url="https://example.org/")) is True
        assert (event.previous_starts_at, event.sequence) == (STARTS, 2)
        with pytest.raises(InThePast):
            shift(session, event, to=AT)
        with pytest.raises(NotNow):
            shift(session, event, at=LATER)
        with pytest.raises(NotNow):
            shift(session, lecture(session, state=EventState.DRAFT))
    assert tags() == ["event:lecture:moved"] * 2


def test_no_seat_is_held_beyond_the_beginning(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, seats=1)
        first = come(session, event, "一", **mobile(1))
        come(session, event, "二", **mobile(2))
        managing.cancel(session, registration_id=first.id, at=AT)
        guardian = GuardianWish("妈妈", relation=None, **mobile(3))
        child = lecture(session, seats=1)
        held = come(session, child, "小明", under_14=True, guardian=guardian)
        shift(session, event, to=AT + timedelta(hours=3))
        shift(session, child, to=AT + timedelta(hours=3))
        offered = session.query(Registration).filter_by(event_id=event.id, state=State.OFFERED).one()
        assert offered.hold_until == AT + timedelta(hours=3)
        assert session.get_one(Registration, held.id).hold_until == AT + timedelta(hours=3)


def test_a_later_time_asks_those_for_whom_it_was_too_late(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, seats=1)
        first = come(session, event, "一", **mobile(1))
        come(session, event, "二", **mobile(2))
        late = STARTS - timedelta(minutes=10)
        managing.cancel(session, registration_id=first.id, at=late)
        assert states(session, event) == [State.CANCELLED, State.WAITING]
        shift(session, event, at=late)
        assert states(session, event) == [State.CANCELLED, State.OFFERED]


def test_called_off_ends_offers_and_keeps_who_had_registered(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, seats=2)
        first = come(session, event, "一", **mobile(1))
        come(session, event, "二", **mobile(2))
        come(session, event, "三", **mobile(3))
        managing.cancel(session, registration_id=first.id, at=AT)
        come(session, event, "四", **mobile(4))
        assert states(session, event)[1:] == [State.CONFIRMED, State.OFFERED, State.WAITING]
        moving.call_off(session, event_id=event.id, reason="台风", base=0, by="林静", by_id=PLANNER, at=AT)
        assert (event.state, event.sequence, event.cancel_reason) == (EventState.CANCELLED, 1, "台风")
        assert states(session, event)[1:] == [State.CONFIRMED, State.LAPSED, State.WAITING]
        assert taken(session, event) == 1
        for act in (
            lambda: moving.call_off(session, event_id=event.id, reason="x", base=1, by="x", by_id=1, at=AT),
            lambda: shift(session, event),
            lambda: moving.resize(session, event_id=event.id, place=Place.IN_PERSON, capacity=9, by="x", at=AT),
        ):
            with pytest.raises(NotNow):
                act()
        with pytest.raises(NotOpen):
            come(session, event, "五")
    assert "event:lecture:called-off" in tags()


def test_seats_are_never_fewer_than_taken(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, seats=3)
        come(session, event, "一", seats=2)

        def resize(capacity: int, place: Place = Place.IN_PERSON) -> bool:
            return moving.resize(session, event_id=event.id, place=place, capacity=capacity, by="林静", at=AT)

        with pytest.raises(SeatsTaken) as caught:
            resize(1)
        assert caught.value.taken == 2
        assert [resize(2), resize(2)] == [True, False]
        come(session, event, "二", **mobile(2))
        come(session, event, "三", seats=2, **mobile(3))
        come(session, event, "四", **mobile(4))
        assert resize(4) is True
        assert states(session, event) == [State.CONFIRMED, State.OFFERED, State.WAITING, State.OFFERED]
        assert taken(session, event) == 4
        with pytest.raises(LookupError):
            resize(4, Place.ONLINE)
    assert tags() == ["event:lecture:resized"] * 2


def test_who_runs_it_and_what_it_cost(app: Flask) -> None:
    with transaction() as session:
        event = lecture(session, owner_id=PLANNER)
        moving.name_staff(
            session, event_id=event.id, owner_id=HELPER, runs=[PLANNER, HELPER, 14], door=[14, 15], by="x", at=AT
        )
        assert duty(session, event=event, person_id=PLANNER).runs
        rows = {one.person_id: one.at_the_door for one in session.query(CoOrganiser)}
        assert rows == {PLANNER: False, 14: False, 15: True}
        assert (event.owner_id, duty(session, event=event, person_id=15).runs) == (HELPER, False)
        moving.report(session, event_id=event.id, cost_cents=128050, materials=40, by="x", at=AT)
        assert (event.cost_cents, event.materials) == (128050, 40)
        with pytest.raises(NotNow):
            moving.report(
                session,
                event_id=lecture(session, state=EventState.DRAFT).id,
                cost_cents=1,
                materials=1,
                by="x",
                at=AT,
            )
    assert tags() == ["event:organisers:named", "event:lecture:reported"]


def test_a_move_while_people_register(app: Flask) -> None:
    with transaction() as session:
        number = lecture(session, seats=5).id

    def register(name: str, seed: int) -> str:
        with transaction() as session:
            return come(session, session.get_one(Event, number), name, **mobile(seed)).state.value

    def act(days: int) -> str:
        with transaction() as session:
            event = session.get_one(Event, number)
            return str(shift(session, event, to=STARTS + timedelta(days=days), base=0))

    acts: list[Callable[[], Any]] = [partial(register, f"人{place}", place) for place in range(12)]
    acts.insert(6, partial(act, 3))
    acts.insert(9, partial(act, 4))
    came = at_once(app, *acts)
    assert sorted(str(type(one).__name__) for one in came) == ["Stale"] + ["str"] * 13
    session = db.session()
    event = session.get_one(Event, number)
    assert event.sequence == 1
    found = list(session.scalars(sa.select(Registration).order_by(Registration.id)))
    assert [one.state for one in found] == [State.CONFIRMED] * 5 + [State.WAITING] * 7
    assert taken(session, event) == 5


def test_whoever_registers_after_a_move_reads_the_new_time(app: Flask) -> None:
    """The confirmation tells the time: it must be read after waiting for the seats, not before."""
    with transaction() as session:
        number = lecture(session).id

    def register(seed: int) -> tuple[int, int]:
        with transaction() as session:
            made = come(session, session.get_one(Event, number), "张三", **mobile(seed))
            told = session.get_one(Registration, made.id).told_sequence
            return told, session.get_one(Event, number).sequence

    def act() -> tuple[int, int]:
        with transaction() as session:
            shift(session, session.get_one(Event, number))
        return 0, 0

    acts: list[Callable[[], Any]] = [partial(register, place) for place in range(8)]
    came = at_once(app, *acts[:4], act, *acts[4:])
    assert [told == now for told, now in came] == [True] * 9


def test_seats_lowered_while_people_register(app: Flask) -> None:
    with transaction() as session:
        number = lecture(session, seats=10).id

    def register(place: int) -> str:
        with transaction() as session:
            return come(session, session.get_one(Event, number), f"人{place}", **mobile(place)).state.value

    def lower(capacity: int) -> str:
        with transaction() as session:
            moving.resize(session, event_id=number, place=Place.IN_PERSON, capacity=capacity, by="林静", at=AT)
        return "resized"

    acts: list[Callable[[], Any]] = [partial(register, place) for place in range(14)]
    for place, capacity in ((2, 3), (5, 6), (9, 4), (12, 8)):
        acts.insert(place, partial(lower, capacity))
    came = at_once(app, *acts)
    assert {type(one).__name__ for one in came} <= {"str", "SeatsTaken"}
    session = db.session()
    [pool] = pools(session, number)
    held = session.scalar(
        sa.select(sa.func.sum(Registration.seats)).where(
            Registration.event_id == number, Registration.state.in_(HOLDING)
        )
    )
    assert pool.taken == held
    assert pool.taken <= pool.capacity
    assert came.count("confirmed") == session.query(Registration).filter_by(state=State.CONFIRMED).count()
