"""Sheets, lists of the meeting tool, satisfaction, seat cards, thanks and files: what they change, and what not."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import IntegrityError

from portal.core import crypto
from portal.core.database import transaction
from portal.core.settings import Audience, Locale
from portal.events.models import Admission, Card, CardAttempt, Feedback, Notice
from portal.events.queries import attendance
from portal.events.rules import sheets as rules
from portal.events.rules.attendance import AdmissionKind, AdmissionSource, Wave
from portal.events.rules.lectures import EventState, Place
from portal.events.rules.lists import Purpose
from portal.events.rules.meetings import Fate as Online
from portal.events.rules.seats import ContactKind, Kind, State
from portal.events.rules.sheets import Fate
from portal.events.services import cards, exports, feedback, managing, meetings, sheets, thanks
from portal.quizzes.models import Attempt
from portal.quizzes.services.exports import TOO_FEW
from tests.events.aftermath import BY, ENDS, OVER, SHANGHAI, came, fates, fresh, let_in, logged, look, registered, take
from tests.events.hall import AT, STARTS, lecture, mobile
from tests.quizzes.bank import judgement, publish, quiz, single

# --- sheets -------------------------------------------------------------------------------------------------------


def test_every_row_has_a_fate_and_only_good_ones_are_taken(app: Flask) -> None:
    with transaction() as session:
        hall, other = lecture(session), lecture(session)
        family = registered(session, hall, "张三", seats=3)
        more, gone, inside = (registered(session, hall, name) for name in ("李四", "王五", "赵六"))
        stranger = registered(session, other, "孙七")
        managing.cancel(session, registration_id=gone.id, at=AT)
        let_in(session, hall, registration=inside)
        blank, undone = rules.blank_code(hall.uid, 1), rules.blank_code(hall.uid, 2)
        back = let_in(session, hall, kind=AdmissionKind.WALK_IN, source=AdmissionSource.PAPER, nonce=f"paper-{undone}")
        back.undone_at, back.undone_by = OVER, "x"
        tally = rules.blank_code(hall.uid, 1, sign=rules.TALLY)
        typed = [
            (family.code, 2), (more.code, 2), (gone.code, 1), (inside.code, 1), (stranger.code, 1), (family.code, 1),
            (blank, 2), (undone, 1), (tally, 40), ("=cmd|' /C calc'!A0", 1), (rules.blank_code(other.uid, 9), 1),
            (rules.blank_code(hall.uid, 3), "=2"), (rules.blank_code(hall.uid, 4), ""),
            (rules.blank_code(hall.uid, 5), 11),
        ]  # fmt: skip
        trial = look(session, hall, *typed)
        assert session.scalar(sa.select(sa.func.count()).select_from(Admission)) == 2
        assert fates(trial) == [
            Fate.TAKEN, Fate.MORE, Fate.ENDED, Fate.ALREADY, Fate.UNKNOWN, Fate.DUPLICATE, Fate.TAKEN, Fate.UNDONE,
            Fate.TAKEN, Fate.MALFORMED, Fate.MALFORMED, Fate.NUMBER, Fate.NOBODY, Fate.MORE,
        ]  # fmt: skip
        done = take(session, hall, *typed)
        assert (fates(done), done.is_done, done.people, done.refused) == (fates(trial), True, 44, 9)
        assert came(session, hall) == {"code": 3, "walk-in": 2, "tally": 40}
    with transaction() as session:
        again = take(session, session.merge(hall), *typed)
        assert (again.is_done, again.before is not None) == (False, True)
        # The same rows in another file: they are in.
        more_rows = take(session, session.merge(hall), *typed, (rules.blank_code(hall.uid, 6), 1))
        assert (more_rows.people, came(session, hall)["walk-in"]) == (1, 3)
    found = fresh().scalars(sa.select(Admission).where(Admission.registration_id == family.id)).all()
    assert [(one.source, one.at, one.received_at, one.by) for one in found] == [
        (AdmissionSource.PAPER, STARTS, OVER, "林静")
    ]
    assert [fact["people"] for fact in logged(fresh(), "event:attendance:imported")] == [44, 1]


def test_a_sheet_comes_back_when_the_lecture_is_held(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        code = registered(session, hall).code
        for at in (AT, STARTS - rules.EARLY - timedelta(seconds=1)):
            with pytest.raises(sheets.TooEarly):
                take(session, hall, (code, 1), at=at)
        hall.state, hall.cancelled_at = EventState.CANCELLED, AT
        session.flush()
        with pytest.raises(sheets.TooEarly):
            take(session, hall, (code, 1))
        with pytest.raises(LookupError):
            sheets.take(session, event_id=999, lines=[], digest="x", at=OVER, **BY)


def test_a_blank_row_lets_in_once_whatever_goes_wrong(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        take(session, hall, (rules.blank_code(hall.uid, 1), 2))
    nonce = f"paper-{rules.blank_code(hall.uid, 1)}"
    with pytest.raises(IntegrityError), transaction() as session:
        let_in(session, session.merge(hall), kind=AdmissionKind.WALK_IN, nonce=nonce)


# --- the meeting tool ---------------------------------------------------------------------------------------------


def listed(*lines: str) -> bytes:
    return ("name,email,code,minutes\n" + "\n".join(lines)).encode("utf-8-sig")


def test_people_online_are_matched_by_code_address_or_name(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, online=20)
        mail = {"contact_kind": ContactKind.MAIL, "contact": "family@example.org", "place": Place.ONLINE}
        by_code, twin, other_twin = (
            registered(session, hall, name, place=Place.ONLINE) for name in ("张三", "李四", "李四")
        )
        mother, child = (registered(session, hall, name, **mail) for name in ("王芳", "王小明"))
        away = registered(session, hall, "孙七", place=Place.ONLINE)
        managing.cancel(session, registration_id=away.id, at=AT)
        inside = registered(session, hall, "在场")
        let_in(session, hall, registration=inside)
        raw = listed(
            f"随便,,{by_code.code},20", "王芳,FAMILY@example.org,,15", "王 芳,family@example.org,,20",
            "Nobody,family@example.org,,60", "李四,,,60", "路人,,,60", f"{away.code},,,60", "在场,,,60",
            "王小明,,,5", "张三,,,8", ",,,60", "张三,,,soon",
        )  # fmt: skip
        trial = meetings.look(session, event=hall, raw=raw, minutes=27)
        said = {row.lines: (row.fate, row.minutes) for row in trial.rows}
        assert said == {
            (2, 11): (Online.TAKEN, 28),
            (3, 4): (Online.TAKEN, 35),
            (5,): (Online.AMBIGUOUS, 60),
            (6,): (Online.AMBIGUOUS, 60),
            (7,): (Online.UNKNOWN, 60),
            (8,): (Online.ENDED, 60),
            (9,): (Online.ALREADY, 60),
            (10,): (Online.SHORT, 5),
            (12,): (Online.MALFORMED, None),
            (13,): (Online.MALFORMED, None),
        }
        with pytest.raises(sheets.TooEarly):
            meetings.take(session, event_id=hall.id, raw=raw, minutes=27, at=AT, **BY)
        done = meetings.take(session, event_id=hall.id, raw=raw, minutes=27, at=OVER, **BY)
        assert (done.is_done, came(session, hall)) == (True, {"code": 1, "online": 2})
        again = meetings.take(session, event_id=hall.id, raw=raw, minutes=27, at=OVER, **BY)
        assert (again.is_done, again.before is not None) == (False, True)
        # Another least is another list: whoever is in stays in once.
        meetings.take(session, event_id=hall.id, raw=raw, minutes=5, at=OVER, **BY)
        assert came(session, hall) == {"code": 1, "online": 3}
        rows = sa.select(Admission.registration_id, Admission.minutes, Admission.source, Admission.people)
        found = session.execute(rows.where(Admission.kind == AdmissionKind.ONLINE).order_by(Admission.id)).all()
    assert [tuple(row) for row in found] == [
        (by_code.id, 28, AdmissionSource.FILE, 1),
        (mother.id, 35, AdmissionSource.FILE, 1),
        (child.id, 5, AdmissionSource.FILE, 1),
    ]
    assert twin.id != other_twin.id


def test_who_registered_online_and_was_not_there_is_a_no_show_online(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, online=20)
        for name in ("张三", "李四"):
            registered(session, hall, name, place=Place.ONLINE, seats=2)
        meetings.take(session, event_id=hall.id, raw=listed("张三,,,60"), minutes=27, at=OVER, **BY)
        found = attendance.attendance(session, hall.id)
    assert (found.registered_online, found.no_shows_online, found.no_shows) == (4, 1, 0)
    assert (found.person_times, found.came[AdmissionKind.ONLINE]) == (0, 1)


# --- satisfaction -------------------------------------------------------------------------------------------------


def test_the_last_answer_of_each_code_counts_and_nobody_is_named(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        one, gone = registered(session, hall), registered(session, hall, "李四")
        managing.cancel(session, registration_id=gone.id, at=AT)
        cards.make(session, event_id=hall.id, count=1, by="x", at=AT)
        card = session.scalars(sa.select(Card.code)).one()
        assert feedback.code_of(session, event_id=hall.id, typed=f" {one.code.lower()} ") == one.code
        assert feedback.code_of(session, event_id=hall.id, typed=card) == card
        for typed in (gone.code, "ABCD2345", "", "x" * 99):
            with pytest.raises(feedback.NoTicket):
                feedback.code_of(session, event_id=hall.id, typed=typed)
        for level, source in ((1, AdmissionSource.DOOR), (5, AdmissionSource.LINK)):
            feedback.answer(session, event_id=hall.id, code=one.code, level=level, source=source, at=OVER)
        feedback.answer(session, event_id=hall.id, code=card, level=4, source=AdmissionSource.DOOR, at=OVER)
        assert attendance.levels(session, hall.id) == {5: 1, 4: 1, 3: 0, 2: 0, 1: 0}
        rows = session.scalars(sa.select(Feedback.ticket)).all()
        assert not {crypto.digest(one.code), one.token_digest, one.code} & set(rows)
        for at in (STARTS - timedelta(seconds=1), ENDS + timedelta(days=7)):
            with pytest.raises(feedback.NotNow):
                feedback.answer(session, event_id=hall.id, code=one.code, level=1, source=AdmissionSource.LINK, at=at)


def test_answers_are_cut_off_from_their_codes_once_they_are_final(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        one = registered(session, hall)
        feedback.answer(session, event_id=hall.id, code=one.code, level=5, source=AdmissionSource.LINK, at=OVER)
        feedback.set_paper(session, event_id=hall.id, counts={4: 2}, by="x", at=OVER)
        assert feedback.forget_due(session, at=ENDS + timedelta(days=7)) == 0
        assert feedback.forget_due(session, at=ENDS + timedelta(days=7, seconds=1)) == 1
        assert feedback.forget_due(session, at=ENDS + timedelta(days=8)) == 0
        assert feedback.ticket(hall.id, one.code) not in session.scalars(sa.select(Feedback.ticket)).all()
        assert attendance.levels(session, hall.id) == {5: 1, 4: 2, 3: 0, 2: 0, 1: 0}


def test_answers_on_paper_are_set_not_added(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        counts = {5: 20, 4: 7, 3: 1, 2: 1, 1: 1}
        assert feedback.set_paper(session, event_id=hall.id, counts=counts, by="林静", at=OVER) is True
        assert feedback.set_paper(session, event_id=hall.id, counts=counts, by="林静", at=OVER) is False
        found = attendance.satisfied(session, hall.id)
        assert (found.n, found.share, round(found.low or 0, 1), round(found.high or 0, 1)) == (30, 90.0, 74.4, 96.5)
        feedback.set_paper(session, event_id=hall.id, counts={5: 1}, by="林静", at=OVER)
        assert attendance.levels(session, hall.id, source=AdmissionSource.PAPER)[5] == 1
        with pytest.raises(ValueError, match="-1"):
            feedback.set_paper(session, event_id=hall.id, counts={5: -1}, by="x", at=OVER)
        with pytest.raises(feedback.NotNow):
            feedback.set_paper(session, event_id=hall.id, counts={5: 1}, by="x", at=AT)
    assert len(logged(fresh(), "event:lecture:reported")) == 2


# --- seat cards ---------------------------------------------------------------------------------------------------


def test_cards_are_numbered_on_and_hold_nothing_of_anybody(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        assert cards.make(session, event_id=hall.id, count=3, by="林静", at=AT) == (1, 3)
        assert cards.make(session, event_id=hall.id, count=2, by="林静", at=AT) == (4, 5)
        made = cards.between(session, event_id=hall.id, first=2, last=4)
        assert [card.number for card in made] == [2, 3, 4]
        assert len({card.code for card in cards.between(session, event_id=hall.id, first=1, last=9)}) == 5
        with pytest.raises(cards.TooManyCards):
            cards.make(session, event_id=hall.id, count=1_996, by="x", at=AT)
        with pytest.raises(ValueError, match="0"):
            cards.make(session, event_id=hall.id, count=0, by="x", at=AT)
    assert logged(fresh(), "event:cards:printed") == [{"cards": "1-3"}, {"cards": "4-5"}]


@pytest.mark.usefixtures("desk_library")
def test_a_card_takes_each_quiz_once_and_goes_on_with_what_it_began(app: Flask) -> None:
    with transaction() as session:
        publish(session, single(), judgement(), quiz())
        hall = lecture(session, pre_quiz="try", audience=Audience.YOUTH)
        other = lecture(session, pre_quiz="try")
        cards.make(session, event_id=hall.id, count=1, by="x", at=AT)
        card = session.scalars(sa.select(Card)).one()
        begin = {
            "event_id": hall.id, "code": card.code, "wanted": None, "audience": Audience.GENERAL,
            "locale": Locale.HANS,
        }  # fmt: skip
        first = cards.begin(session, **begin, at=STARTS)
        assert cards.begin(session, **begin, at=STARTS + timedelta(minutes=1)) == first
        # Whoever comes to a lecture for pupils answers in the edition that never asks who they are.
        assert session.scalars(sa.select(Attempt.audience)).all() == [Audience.YOUTH]
        attempt = session.scalars(sa.select(Attempt)).one()
        attempt.finished_at, attempt.token = STARTS, None
        session.flush()
        with pytest.raises(cards.Done):
            cards.begin(session, **begin, at=STARTS)
        cards.begin(session, **begin, at=ENDS)
        assert session.scalars(sa.select(CardAttempt.wave).order_by(CardAttempt.id)).all() == [Wave.PRE, Wave.POST]
        for changed in ({"event_id": other.id}, {"code": "ABCD2345"}, {"code": "x"}):
            with pytest.raises(cards.NoCard):
                cards.begin(session, **{**begin, **changed}, at=ENDS)
        with pytest.raises(cards.NoQuiz):
            cards.begin(session, **begin, at=ENDS + timedelta(days=121))
        hall.pre_quiz = "unknown"
        with pytest.raises(cards.NoQuiz):
            cards.begin(session, **begin, at=ENDS + timedelta(days=15))


# --- thanks -------------------------------------------------------------------------------------------------------


def test_thanks_go_once_to_those_who_came_and_can_be_written_to(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        here, late, absent = (registered(session, hall, str(n), **mobile(n)) for n in (1, 2, 3))
        silent = registered(session, hall, "无联系方式")
        for one in (here, late, silent):
            let_in(session, hall, registration=one)
        back = let_in(session, hall, registration=absent)
        back.undone_at, back.undone_by = OVER, "x"
        session.flush()
        with pytest.raises(thanks.NotOver):
            thanks.thank(session, event_id=hall.id, by="x", at=ENDS - timedelta(seconds=1))
        assert thanks.left(session, hall.id) == 2
        assert thanks.thank(session, event_id=hall.id, by="林静", at=OVER, most=1) == 1
        assert thanks.left(session, hall.id) == 1
        assert [thanks.thank(session, event_id=hall.id, by="林静", at=OVER) for _time in range(3)] == [1, 0, 0]
        told = session.scalars(
            sa.select(Notice.registration_id).where(Notice.kind == "thanks").order_by(Notice.registration_id)
        ).all()
    assert told == [here.id, late.id]
    assert logged(fresh(), "event:lecture:reported") == [{"thanked": 1}, {"thanked": 1}]


# --- figures and files --------------------------------------------------------------------------------------------


def test_each_kind_is_counted_apart_and_conflicts_once(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, seats=60)
        family, absent = registered(session, hall, seats=3), registered(session, hall, "李四", seats=2)
        centre = registered(session, hall, "王老师", kind=Kind.GROUP, seats=30, organisation="社区中心")
        let_in(session, hall, 2, registration=family)
        let_in(session, hall, 2, registration=family, conflict=True, device="B 门")
        let_in(session, hall, 22, registration=centre, kind=AdmissionKind.GROUP)
        let_in(session, hall, 4, kind=AdmissionKind.WALK_IN)
        let_in(session, hall, 15, kind=AdmissionKind.TALLY)
        found = attendance.attendance(session, hall.id)
        assert (found.registrations, found.registered, found.registered_groups) == (3, 5, 30)
        assert came(session, hall) == {"code": 2, "group": 22, "walk-in": 4, "tally": 15}
        assert (found.person_times, found.no_shows, found.no_shows_groups) == (28, 3, 8)
        assert [(one.code, one.people, one.device) for one in attendance.conflicts(session, hall.id)] == [
            (family.code, 2, "B 门")
        ]
        assert absent.state is State.CONFIRMED


def test_audiences_of_few_people_are_not_shown_nor_to_be_worked_out(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session, seats=90)
        for audience, people in ((Audience.GENERAL, 30), (Audience.ELDERLY, 7), (Audience.YOUTH, 2)):
            for number in range(people):
                one = registered(session, hall, f"{audience}{number}", audience=audience)
                let_in(session, hall, registration=one)
        assert attendance.by_audience(session, hall.id) == {
            Audience.GENERAL: 30, Audience.ELDERLY: None, Audience.YOUTH: None,
        }  # fmt: skip
        tables = exports.figures(session, hall, zone=SHANGHAI)
        audiences = dict(tables[1].rows)  # type: ignore[arg-type]
        assert audiences == {"general": 30, "elderly": TOO_FEW, "youth": TOO_FEW}


def test_figures_hold_nobody_and_names_only_what_they_are_wanted_for(app: Flask) -> None:
    with transaction() as session:
        hall = lecture(session)
        one = registered(session, hall, "=欧阳", **mobile(7))
        let_in(session, hall, registration=one)
        plain = "\n".join(str(row) for table in exports.figures(session, hall, zone=SHANGHAI) for row in table.lines())
        assert not any(secret in plain for secret in ("欧阳", "13800000007", one.code))
        assert "['attended_code', 1]" in plain
        door = exports.names(session, hall, purpose=Purpose.ENTRANCE)
        calling = exports.names(session, hall, purpose=Purpose.CALLING)
        assert "contact" not in door.head
        assert "13800000007" not in str(list(door.rows))
        assert next(iter(calling.rows))[-1] == "13800000007"
        exports.note_names(session, event=hall, purpose=Purpose.CALLING, form="csv", rows=1, by="林静", at=OVER)
        exports.note_figures(session, event=hall, form="csv", by="林静", at=OVER)
    assert logged(fresh(), "event:names:exported") == [{"purpose": "calling", "format": "csv", "rows": 1}]
    assert logged(fresh(), "event:figures:exported") == [{"format": "csv"}]
