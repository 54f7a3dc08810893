"""Contests: one entry a person, whatever is tried, and taking it back."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.core.database import db, transaction
from portal.core.settings import Audience
from portal.quizzes import queries
from portal.quizzes.models import Attempt, Contest, Entry
from portal.quizzes.rules import draw as lots
from portal.quizzes.rules.bank import Contact, DrawnFrom
from portal.quizzes.rules.contests import NoContact
from portal.quizzes.rules.quizzes import Counts
from portal.quizzes.services import contests, drawing
from portal.quizzes.services.contests import Done
from tests.articles.desk import AT
from tests.quizzes.bank import quiz
from tests.quizzes.gathering import END, PHONE, announce, contest, enter, entries, events, phone, put, take, terms

pytestmark = pytest.mark.usefixtures("desk_library")
LATER = AT + timedelta(hours=2)
TICK = timedelta(microseconds=1)


# --- setting up ---------------------------------------------------------------------------------------------------


def test_the_commitment_is_there_before_any_entry_and_in_the_log(session: Session) -> None:
    announce()
    found = contest(session)
    assert lots.commitment(found.seed) == found.commitment
    assert [event.details["commitment"] for event in events(session, "quiz:contest:opened")] == [found.commitment]
    assert found.seed not in str([event.details for event in session.scalars(sa.select(Event))])
    stored = session.execute(sa.text("SELECT seed FROM quizzes_contest")).scalar_one()
    assert found.seed not in stored


def test_two_contests_have_two_names_and_two_seeds(session: Session) -> None:
    announce()
    quiz_id = contest(session).quiz_id
    with pytest.raises(contests.SlugTaken), transaction() as unit:
        contests.set_up(unit, values=terms(quiz_id), by="林静", at=AT)
    with transaction() as unit:
        contests.set_up(unit, values=terms(quiz_id, slug="autumn"), by="林静", at=AT)
    assert contest(session).seed != contest(session, "autumn").seed
    with pytest.raises(LookupError), transaction() as unit:
        contests.set_up(unit, values=terms(99, slug="none"), by="林静", at=AT)


@pytest.mark.parametrize(
    "changed",
    [
        {"winners": 3},
        {"drawn_from": DrawnFrom.PASSED},
        {"beacon": "开盘价"},
        {"quiz_id": 99},
        {"slug": "other"},
        {"closes_at": END + timedelta(minutes=1)},
    ],
)
def test_what_the_draw_depends_on_stands_once_the_commitment_is_public(session: Session, changed: Any) -> None:
    announce(opens_at=AT, beacon="收盘价")
    early = AT - timedelta(hours=1)
    with pytest.raises(contests.Committed) as problem, transaction() as unit:
        contests.change(unit, slug="spring", values={"title": "别的", **changed}, edits=1, by="林静", at=early)
    assert problem.value.names == list(changed)
    with transaction() as unit:
        # Said again as they are, or closed earlier: nobody could steer anything by that.
        same = terms(contest(unit).quiz_id, beacon="收盘价", opens_at=AT, closes_at=END - timedelta(days=1))
        contests.change(unit, slug="spring", values=same, edits=1, by="林静", at=early)
    assert contest(session).closes_at == END - timedelta(days=1)
    for slug, at, error in (("spring", AT, contests.HasBegun), ("none", early, LookupError)):
        with pytest.raises(error), transaction() as unit:
            contests.change(unit, slug=slug, values={"title": "别的"}, edits=1, by="林静", at=at)
    assert contest(session).title == "春节有奖问答"


# --- entering -----------------------------------------------------------------------------------------------------


def test_entering_twice_is_entering_once(session: Session) -> None:
    one = take(announce()).attempt
    first, second = enter(one), enter(one, "+86 138 0013 8000")
    assert (first.done, second.done) == (Done.NEW, Done.COUNTS)
    assert [(entry.contact, entry.consent) for entry in entries(session)] == [(PHONE, "2026-11:phone")]


@pytest.mark.parametrize(
    ("counts", "rights", "expected"),
    [
        (Counts.BEST, (1, 2, 0), 1),
        (Counts.LAST, (2, 1, 0), 2),
        (Counts.FIRST, (0, 1, 2), 0),
        (Counts.BEST, (2, 2, 2), 0),
    ],
)
@pytest.mark.parametrize("in_a_row", [True, False])
def test_of_several_attempts_of_one_person_one_counts(
    session: Session, counts: Counts, rights: tuple[int, ...], expected: int, in_a_row: bool
) -> None:
    number = announce(quiz(counts=counts))
    made: list[int] = []
    done = []
    for place, right in enumerate(rights):
        after = made[0] if made and in_a_row else None
        one = take(number, right=right, at=AT + timedelta(minutes=place), after=after).attempt
        made.append(one.id)
        done.append(enter(one).done)
    assert [entry.attempt_id for entry in entries(session)] == [made[expected]]
    assert done[0] is Done.NEW
    assert Done.NEW not in done[1:]


def test_an_attempt_in_a_row_counts_though_nobody_enters_it_again(session: Session) -> None:
    number = announce()
    first = take(number, right=0).attempt
    enter(first)
    better = take(number, right=2, at=LATER, after=first.id).attempt.id
    late = take(number, right=2, at=END, after=first.id).attempt.id
    with transaction() as unit:
        drawing.close_due(unit, at=END)
    assert [entry.attempt_id for entry in entries(session)] == [better]
    assert late != better


def test_another_number_from_the_same_row_makes_no_second_entry(session: Session) -> None:
    number = announce()
    first = take(number).attempt
    enter(first)
    again = take(number, at=LATER, after=first.id).attempt
    assert enter(again, phone(2), at=LATER + TICK).done is Done.STANDS
    assert [entry.contact for entry in entries(session)] == [PHONE]


def test_without_contacts_a_row_of_attempts_enters_once(session: Session) -> None:
    number = announce(contact=Contact.NONE)
    first = take(number).attempt
    enter(first, "13800138000 anything")
    enter(take(number, at=LATER, after=first.id).attempt, at=LATER + TICK)
    enter(take(number).attempt)
    assert [entry.contact for entry in entries(session)] == [None, None]


def test_one_number_cannot_be_followed_from_one_contest_to_another(session: Session) -> None:
    number = announce()
    with transaction() as unit:
        quiz_id = unit.get_one(Contest, number).quiz_id
        other = contests.set_up(unit, values=terms(quiz_id, slug="autumn"), by="林静", at=AT).id
    enter(take(number).attempt)
    enter(take(other).attempt)
    assert len({entry.contact_digest for entry in entries(session)}) == 2


def test_who_cannot_enter(session: Session) -> None:
    number = announce()
    outside, inside = take().attempt, take(number).attempt
    with pytest.raises(LookupError):
        enter(outside)
    with pytest.raises(NoContact):
        enter(inside, "12345")
    with pytest.raises(contests.NotOpen):
        enter(inside, at=END)
    with pytest.raises(contests.NotOpen):
        enter(inside, at=AT - timedelta(days=2))
    with transaction() as unit:
        version = queries.public_version(unit, "try")
        assert version is not None
        found = unit.get_one(Contest, number)
        begun = contests.begin(
            unit, contest=found, version=version, audience=Audience.GENERAL, locale=inside.locale, at=AT
        )
    with pytest.raises(contests.NotEnded):
        enter(begun.attempt)
    assert entries(session) == []


def test_youth_is_refused_by_rule_and_by_the_database(session: Session) -> None:
    number = announce()
    plain = take(audience=Audience.YOUTH).attempt
    with pytest.raises(LookupError):
        enter(plain)
    with transaction() as unit:
        version, found = queries.public_version(unit, "try"), unit.get_one(Contest, number)
        assert version is not None
        with pytest.raises(contests.YouthStaysAnonymous):
            contests.begin(unit, contest=found, version=version, audience=Audience.YOUTH, locale=plain.locale, at=AT)
    with pytest.raises(sa.exc.IntegrityError), transaction() as unit:
        unit.execute(sa.update(Attempt).where(Attempt.id == plain.id).values(contest_id=number))
    crafted = {
        "contest_id": number, "ticket": "22222222", "attempt_id": plain.id, "contact": PHONE, "contact_digest": "d",
        "consent": "x", "entered_at": AT,
    }  # fmt: skip
    with pytest.raises(sa.exc.IntegrityError), transaction() as unit:
        unit.execute(sa.insert(Entry).values(**crafted))
    adult = take(number).attempt
    with transaction() as unit:
        unit.execute(sa.insert(Entry).values(**{**crafted, "attempt_id": adult.id}))
    assert len(entries(session)) == 1


def at_once(app: Flask, works: list[object]) -> None:
    problems: list[BaseException] = []
    barrier = threading.Barrier(len(works))

    def run(work: object) -> None:
        with app.app_context():
            try:
                assert callable(work)
                work(barrier)
            except BaseException as problem:
                problems.append(problem)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []


def test_one_person_at_once_from_four_telephones_enters_once(app: Flask, session: Session) -> None:
    number = announce()
    ids = [take(number, right=place % 3, at=AT + timedelta(minutes=place)).attempt.id for place in range(4)]
    db.session.remove()
    done: list[Done] = []

    def work(attempt_id: int, barrier: threading.Barrier) -> None:
        barrier.wait()
        with transaction() as unit:
            done.append(contests.enter(unit, attempt_id=attempt_id, typed=PHONE, at=LATER).done)

    at_once(app, [lambda barrier, one=one: work(one, barrier) for one in ids])
    assert sorted(done).count(Done.NEW) == 1
    # The best, and of equals the earlier one: the third, whoever was first.
    assert [entry.attempt_id for entry in entries(session)] == [ids[2]]


def test_looking_first_and_writing_later_would_enter_four_times(app: Flask, session: Session) -> None:
    """The control of the test above: what it forbids does happen where nobody takes the contest's row first."""
    number = announce()
    ids = [take(number).attempt.id for _ in range(4)]
    db.session.remove()

    def work(attempt_id: int, barrier: threading.Barrier) -> None:
        seen = db.session.scalar(sa.select(sa.func.count()).select_from(Entry))
        db.session.rollback()
        barrier.wait()
        if not seen:
            with transaction() as unit:
                unit.add(
                    Entry(contest_id=number, ticket=contests.signs(), attempt_id=attempt_id, consent="", entered_at=AT)
                )

    at_once(app, [lambda barrier, one=one: work(one, barrier) for one in ids])
    assert len(entries(session)) == 4


def test_an_entry_and_the_end_do_not_pass_each_other(app: Flask, session: Session) -> None:
    number = announce()
    ids = [take(number).attempt.id for _ in range(3)]
    db.session.remove()
    done: list[int] = []

    def work(place: int, barrier: threading.Barrier) -> None:
        barrier.wait()
        with transaction() as unit:
            try:
                contests.enter(unit, attempt_id=ids[place], typed=phone(place), at=END - TICK)
                done.append(place)
            except contests.NotOpen:
                pass

    def end(barrier: threading.Barrier) -> None:
        barrier.wait()
        with transaction() as unit:
            drawing.close_due(unit, at=END)

    at_once(app, [*(lambda barrier, one=one: work(one, barrier) for one in range(3)), end])
    draw = contest(session).draw
    assert draw is not None
    assert draw["entries"] == sorted(entry.ticket for entry in entries(session))
    assert len(draw["entries"]) == len(done)


# --- taking back --------------------------------------------------------------------------------------------------


def test_taking_an_entry_back(session: Session) -> None:
    number = announce()
    one, other = take(number).attempt, take(number).attempt
    ticket = enter(one).entry.ticket
    enter(other, phone(2))
    with transaction() as unit:
        assert not contests.withdraw(unit, attempt_id=other.id, ticket=ticket, at=LATER)
        assert not contests.withdraw(unit, attempt_id=one.id, ticket="22222222", at=LATER)
        assert contests.withdraw(unit, attempt_id=one.id, ticket=f"{ticket[:4]}-{ticket[4:]}".lower(), at=LATER)
        assert not contests.withdraw(unit, attempt_id=one.id, ticket=ticket, at=LATER)
    assert [entry.contact for entry in entries(session)] == [phone(2)]
    assert enter(one, at=LATER).done is Done.NEW


def test_a_ticket_stays_on_a_list_that_is_published_and_its_person_does_not(session: Session) -> None:
    number = announce()
    one = take(number).attempt
    ticket = enter(one).entry.ticket
    with transaction() as unit:
        drawing.close_due(unit, at=END)
        assert contests.withdraw(unit, attempt_id=one.id, ticket=ticket, at=END)
        made = drawing.draw(unit, slug="spring", by="林静", at=END)
    assert made["entries"] == made["winners"] == [ticket]
    assert [(entry.contact, entry.contact_digest) for entry in entries(session)] == [(None, None)]
    with transaction() as unit:
        assert drawing.winners(unit, slug="spring", by="林静", at=END) == [(ticket, None)]
    assert queries.leaderboard(session, contest(session)) == []


def test_put_again_is_another_version_and_contests_go_on(session: Session) -> None:
    number = announce()
    first = take(number, right=1).attempt
    enter(first)
    put(quiz(intro="三道题。"))
    enter(take(number, at=LATER).attempt, at=LATER + TICK)
    assert len(entries(session)) == 1
