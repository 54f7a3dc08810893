"""The door: people are counted once, whoever lets them in, wherever, and however often it is sent."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from portal.audit.models import Event as Act
from portal.audit.rules import Tag
from portal.core.database import db, transaction
from portal.events.models import Admission, Event, Guardian, Registration
from portal.events.queries import door as reads
from portal.events.rules import attendance as rules
from portal.events.rules.attendance import AdmissionKind, AdmissionSource, Standing, Window
from portal.events.rules.keeping import AccessNeed, Relation
from portal.events.rules.lectures import EventState
from portal.events.rules.seats import ContactKind, Kind, State
from portal.events.rules.wishes import GuardianWish
from portal.events.services import door, managing
from portal.events.services.door import Admitted, NotNow, Outcome
from tests.events.doors import NOW, OFFLINE, heads, let_in, rows
from tests.events.hall import AT, STARTS, come, lecture, mobile

# --- rules --------------------------------------------------------------------------------------------------------


@given(st.integers(1, 500), st.integers(0, 500), st.integers(1, 500))
def test_never_more_than_the_seats_are_counted(seats: int, inside: int, people: int) -> None:
    counted, over = rules.share(seats=seats, inside=inside, people=people)
    assert counted + over == people
    assert counted >= 0
    assert inside + counted <= max(seats, inside)


@pytest.mark.parametrize(
    ("at", "window"),
    [
        (STARTS - timedelta(hours=6, seconds=1), Window.EARLY),
        (STARTS - timedelta(hours=6), Window.OPEN),
        (STARTS + timedelta(hours=25, minutes=30), Window.OPEN),
        (STARTS + timedelta(hours=25, minutes=30, seconds=1), Window.OVER),
    ],
)
def test_the_door_is_open_on_the_day_only(at: datetime, window: Window) -> None:
    assert rules.window(starts_at=STARTS, ends_at=STARTS + timedelta(minutes=90), at=at) is window


@given(st.datetimes(datetime(2000, 1, 1), datetime(2090, 1, 1), timezones=st.just(STARTS.tzinfo)))
def test_a_wrong_clock_moves_nobody_out_of_the_day(claimed: datetime) -> None:
    came = rules.came_at(claimed, received_at=NOW, starts_at=STARTS)
    assert STARTS - timedelta(hours=6) <= came <= NOW
    assert came == claimed or claimed > NOW or claimed < STARTS - timedelta(hours=6)


def test_seats_wait_for_those_who_have_them_until_it_begins() -> None:
    assert rules.room(capacity=10, inside=3, to_come=5, begun=False) == 2
    assert rules.room(capacity=10, inside=3, to_come=5, begun=True) == 7
    assert rules.room(capacity=10, inside=12, to_come=0, begun=True) == 0


@pytest.mark.parametrize("state", list(State))
def test_what_a_registration_is_at_the_door(state: State) -> None:
    held = NOW + timedelta(minutes=1) if state in (State.PENDING, State.OFFERED) else None
    assert rules.standing(state, hold_until=held, at=NOW) is {
        State.PENDING: Standing.CHILD,
        State.CONFIRMED: Standing.WELCOME,
        State.WAITING: Standing.WAITING,
        State.OFFERED: Standing.HELD,
    }.get(state, Standing.ENDED)
    if held:
        assert rules.standing(state, hold_until=held, at=held) is Standing.WAITING


# --- by a code ----------------------------------------------------------------------------------------------------


def test_a_party_comes_in_parts_and_is_counted_once(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        family = come(session, hall, "张三", seats=3, at=AT)
        code = session.get_one(Registration, family.id).code
        spaced = f" {code[:4].lower()} {code[4:]}"
        first = let_in(session, hall.id, family.id, 2, registration_id=None, code=spaced)
        assert (first.outcome, first.people, first.over) == (Outcome.COUNTED, 2, 0)
        second = let_in(session, hall.id, family.id, 3, device="2")
        assert (second.outcome, second.people, second.over) == (Outcome.COUNTED, 1, 2)
        third = let_in(session, hall.id, family.id)
        assert (third.outcome, third.id) == (Outcome.ALREADY, None)
        who = reads.guest(session, event_id=hall.id, registration_id=family.id, at=NOW)
        assert who is not None
        assert (who.inside, who.left, who.since, who.door) == (3, 0, NOW, "1")
        assert reads.counts(session, hall.id).people[AdmissionKind.CODE] == 3
        assert rows(session) == 2


def test_a_known_nonce_is_answered_the_same_and_adds_nothing(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        one = come(session, hall)
        told = [let_in(session, hall.id, one.id, nonce="n" * 22) for _time in range(5)]
        assert set(told) == {told[0]}
        assert told[0].outcome is Outcome.COUNTED
        assert rows(session) == 1


def test_unknown_codes_and_codes_of_other_lectures(app: Flask) -> None:
    with transaction() as session:
        hall, other = lecture(session), lecture(session)
        one = come(session, other)
        code = session.get_one(Registration, one.id).code
        for text in (code, "23456789", "not a code", ""):
            told = let_in(session, hall.id, 0, registration_id=None, code=text)
            assert told == Admitted(Outcome.UNKNOWN)
        assert let_in(session, hall.id, one.id).outcome is Outcome.UNKNOWN
        assert rows(session) == 0


def test_who_has_no_seat_is_not_let_in_by_the_code(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, seats=1)
        first, second, third = (come(session, hall, name, at=AT) for name in "甲乙丙")
        managing.cancel(session, registration_id=first.id, at=AT)
        standings = [let_in(session, hall.id, one.id, received_at=AT, at=AT, source=AdmissionSource.PAPER).standing
                     for one in (first, second, third)]  # fmt: skip
        assert standings == [Standing.ENDED, Standing.HELD, Standing.WAITING]
        # By the day the offer has run out.
        assert let_in(session, hall.id, second.id).standing is Standing.WAITING
        assert rows(session) == 0


def test_who_comes_while_a_seat_is_held_accepts_by_coming(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, seats=1, closes_at=STARTS)
        first, second = (come(session, hall, name, at=AT) for name in "甲乙")
        managing.cancel(session, registration_id=first.id, at=STARTS - timedelta(hours=3))
        at = STARTS - timedelta(hours=1)
        assert let_in(session, hall.id, second.id, at=at, received_at=at).standing is Standing.HELD
        door.settle(session, event_id=hall.id, registration_id=second.id, relation=None, at=at, by="林静")
        assert let_in(session, hall.id, second.id).outcome is Outcome.COUNTED


def test_the_guardian_who_comes_along_says_so_at_the_door(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, closes_at=STARTS)
        named = GuardianWish("王女士", ContactKind.PHONE, "13900000001", None)
        child = come(session, hall, "小明", under_14=True, guardian=named, at=STARTS - timedelta(hours=30))
        assert let_in(session, hall.id, child.id).standing is Standing.CHILD
        with pytest.raises(managing.NotOffered):
            door.settle(session, event_id=hall.id, registration_id=child.id, relation=None, at=NOW, by="林静")
        door.settle(session, event_id=hall.id, registration_id=child.id, relation=Relation.PARENT, at=NOW, by="林静")
        assert session.get_one(Guardian, child.id).confirmed_at == NOW
        assert let_in(session, hall.id, child.id).outcome is Outcome.COUNTED
        with pytest.raises(LookupError):
            door.settle(session, event_id=hall.id + 1, registration_id=child.id, relation=None, at=NOW, by="x")


def test_the_door_is_shut_outside_the_day_and_when_called_off(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        one = come(session, hall)
        for at, window in ((STARTS - timedelta(hours=7), Window.EARLY), (STARTS + timedelta(hours=26), Window.OVER)):
            with pytest.raises(NotNow) as told:
                let_in(session, hall.id, one.id, at=at, received_at=at)
            assert told.value.window is window
            with pytest.raises(NotNow):
                heads(session, hall.id, 1, received_at=at)
        # What a telephone counted in time but sent too late is too late; what is on paper is not.
        late = STARTS + timedelta(hours=26)
        with pytest.raises(NotNow):
            let_in(session, hall.id, one.id, received_at=late, source=OFFLINE)
        paper = let_in(session, hall.id, one.id, received_at=late, source=AdmissionSource.PAPER)
        assert paper.outcome is Outcome.COUNTED
        with pytest.raises(LookupError):
            let_in(session, hall.id + 1, one.id)
        with pytest.raises(ValueError, match="one person"):
            heads(session, hall.id, 0)


# --- with no network ----------------------------------------------------------------------------------------------


def test_two_doors_without_a_network_count_people_once_and_say_so(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        one, family = come(session, hall, "甲"), come(session, hall, "乙", seats=4)
        assert let_in(session, hall.id, one.id, source=OFFLINE).outcome is Outcome.COUNTED
        second = let_in(session, hall.id, one.id, source=OFFLINE, device="2", nonce="s" * 22)
        assert (second.outcome, second.people, second.over) == (Outcome.CONFLICT, 0, 1)
        let_in(session, hall.id, family.id, 3)
        split = [let_in(session, hall.id, family.id, 2, source=OFFLINE, nonce="t" * 22) for _time in range(3)]
        assert set(split) == {split[0]}
        assert (split[0].outcome, split[0].people, split[0].over) == (Outcome.CONFLICT, 1, 1)
        counts = reads.counts(session, hall.id)
        assert (counts.people[AdmissionKind.CODE], counts.conflicts) == (5, 2)
        told = reads.conflicts(session, hall.id)
        assert [(row.name, row.people, row.inside, row.seats) for row in told] == [("甲", 1, 1, 1), ("乙", 1, 4, 4)]


def test_a_conflict_is_looked_at_once(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        one = come(session, hall)
        let_in(session, hall.id, one.id)
        same, others = (let_in(session, hall.id, one.id, source=OFFLINE) for _time in range(2))
        about = {"event_id": hall.id, "at": NOW, "by": "林静", "by_id": 1}
        assert door.resolve(session, admission_id=same.id or 0, others=False, **about) is True
        assert door.resolve(session, admission_id=others.id or 0, others=True, **about) is True
        assert door.resolve(session, admission_id=others.id or 0, others=True, **about) is False
        counts = reads.counts(session, hall.id)
        assert (counts.inside, counts.people[AdmissionKind.WALK_IN], counts.conflicts) == (2, 1, 0)
        with pytest.raises(LookupError):
            door.resolve(session, admission_id=999, others=True, **about)


def test_undone_is_kept_and_logged_and_lets_in_again(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        one = come(session, hall)
        step = let_in(session, hall.id, one.id)
        assert door.undo(session, event_id=hall.id, admission_id=step.id or 0, at=NOW, by="周明") is True
        assert door.undo(session, event_id=hall.id, admission_id=step.id or 0, at=NOW, by="周明") is False
        with pytest.raises(LookupError):
            door.undo(session, event_id=hall.id + 1, admission_id=step.id or 0, at=NOW, by="周明")
        assert reads.counts(session, hall.id).inside == 0
        row = session.get_one(Admission, step.id)
        assert (row.undone_at, row.undone_by) == (NOW, "周明")
        assert let_in(session, hall.id, one.id).outcome is Outcome.COUNTED
        assert door.undo_sent(session, event_id=hall.id, nonce="never sent " * 2, at=NOW, by="周明") is None
    acts = db.session.query(Act).filter_by(tag=Tag.EVENT_ADMISSION_UNDONE.value).all()
    assert [(act.actor, act.details["people"]) for act in acts] == [("周明", 1)]
    assert "张三" not in str([act.details for act in acts])


# --- who is who ---------------------------------------------------------------------------------------------------


def test_people_are_found_by_a_part_of_the_name_or_last_digits(app: Flask) -> None:
    with transaction() as session:
        hall, other = lecture(session, seats=50), lecture(session)
        zhang = come(
            session, hall, "张 三丰", **mobile(1234), needs=frozenset({AccessNeed.HEARING}), access_note="坐前排"
        )
        come(session, hall, "Ann Lee")
        come(session, other, "张三丰", **mobile(1234))
        gone = come(session, hall, "张四")
        managing.cancel(session, registration_id=gone.id, at=AT)
        for text in ("张三", "三丰", "１２３４", "01234"):
            found = reads.find(session, event_id=hall.id, text=text, at=NOW).guests
            assert [one.id for one in found] == [zhang.id], text
        assert (found[0].needs, found[0].note) == ((AccessNeed.HEARING,), "坐前排")
        assert len(reads.find(session, event_id=hall.id, text="ann l", at=NOW).guests) == 1
        for text in ("", "  ", "34", "张四", "9999"):
            assert reads.find(session, event_id=hall.id, text=text, at=NOW).guests == []
        for number in range(9):
            come(session, hall, f"李{number}")
        many = reads.find(session, event_id=hall.id, text="李", at=NOW)
        assert (len(many.guests), many.more) == (reads.SHOWN, True)


def test_the_days_list_is_handed_out_and_logged(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        come(session, hall, "甲", seats=2)
        listed = door.take_list(session, event_id=hall.id, at=NOW, by="林静")
        assert [(one.guest.name, one.guest.seats, len(one.code)) for one in listed] == [("甲", 2, 8)]
        with pytest.raises(NotNow):
            door.take_list(session, event_id=hall.id, at=STARTS + timedelta(days=2), by="林静")
    act = db.session.query(Act).filter_by(tag=Tag.EVENT_LIST_TAKEN.value).one()
    assert (act.actor, act.details) == ("林静", {"registrations": 1})


# --- groups and heads ---------------------------------------------------------------------------------------------


def test_counts_are_kept_apart(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, seats=6)
        one = come(session, hall)
        group = come(session, hall, "李老师", kind=Kind.GROUP, seats=3, organisation="社区中心")
        let_in(session, hall.id, one.id)
        assert let_in(session, hall.id, group.id, 2).outcome is Outcome.COUNTED
        heads(session, hall.id, 1, AdmissionKind.WALK_IN)
        heads(session, hall.id, 4)
        counts = reads.counts(session, hall.id)
        assert {kind.value: n for kind, n in counts.people.items()} == {
            "code": 1, "group": 2, "walk-in": 1, "tally": 4, "online": 0,
        }  # fmt: skip
        assert (counts.inside, counts.registered, counts.expected, counts.over) == (8, 3, 4, 2)
        assert [step.kind.value for step in reads.latest(session, hall.id)] == ["tally", "walk-in", "group", "code"]
        with pytest.raises(ValueError, match="registered"):
            heads(session, hall.id, 1, AdmissionKind.CODE)


def test_a_lecture_that_is_not_public_has_no_door(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, state=EventState.DRAFT, published_number=None)
        with pytest.raises(LookupError):
            heads(session, hall.id, 1)
        called = lecture(session, state=EventState.CANCELLED, cancelled_at=AT)
        assert session.get_one(Event, called.id).cancelled_at == AT
        with pytest.raises(NotNow) as told:
            heads(session, called.id, 1)
        assert told.value.window is None
