"""The end of a contest: a list that is fixed, one draw, and contacts that are really gone."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.commands.working import jobs, run
from portal.core import clock
from portal.core.database import db, transaction
from portal.core.settings import Audience, Locale, Settings
from portal.quizzes import queries
from portal.quizzes.models import Attempt, Entry
from portal.quizzes.rules import draw as lots
from portal.quizzes.rules.bank import DrawnFrom
from portal.quizzes.rules.contests import KEPT
from portal.quizzes.services import contests, drawing, taking
from tests.articles.desk import AT
from tests.quizzes.gathering import END, PHONE, announce, contest, enter, entries, events, phone, take, terms

pytestmark = pytest.mark.usefixtures("desk_library")
TICK = timedelta(microseconds=1)


def filled(count: int = 5, **changed: object) -> int:
    number = announce(**changed)  # type: ignore[arg-type]  # as given
    for place in range(count):
        enter(take(number, right=place % 3, seconds=60 + place).attempt, phone(place))
    return number


def test_a_contest_is_drawn_once_and_the_record_holds(session: Session) -> None:
    filled()
    with pytest.raises(drawing.NotOver), transaction() as unit:
        drawing.draw(unit, slug="spring", by="林静", at=END - TICK)
    with transaction() as unit:
        made = drawing.draw(unit, slug="spring", by="林静", at=END)
    with transaction() as unit:
        again = drawing.draw(unit, slug="spring", by="周明", at=END + KEPT)
    found = contest(session)
    assert made == again == found.draw
    assert found.drawn_at == END
    assert lots.faults(made) == []
    assert (made["seed"], made["commitment"]) == (found.seed, found.commitment)
    assert made["entries"] == sorted(entry.ticket for entry in entries(session))
    assert len(made["winners"]) == 2
    assert [event.actor for event in events(session, "quiz:contest:drawn")] == ["林静"]
    with pytest.raises(LookupError), transaction() as unit:
        drawing.draw(unit, slug="none", by="林静", at=END)


def test_only_those_who_passed(session: Session) -> None:
    filled(6, drawn_from=DrawnFrom.PASSED)
    with transaction() as unit:
        made = drawing.draw(unit, slug="spring", by="林静", at=END)
    passed = session.scalars(
        sa.select(Entry.ticket).join(Attempt, Attempt.id == Entry.attempt_id).where(Attempt.passed.is_(True))
    )
    assert made["entries"] == sorted(passed)
    assert len(made["entries"]) == 2


def test_the_list_is_fixed_at_the_end_whatever_comes_later(session: Session) -> None:
    number = filled(3, drawn_from=DrawnFrom.PASSED)
    with transaction() as unit:
        assert drawing.close_due(unit, at=END - TICK) == 0
        assert drawing.close_due(unit, at=END) == 1
        assert drawing.close_due(unit, at=END) == 0
    listed = contest(session).draw
    assert listed is not None
    with transaction() as unit:
        unit.execute(sa.update(Attempt).where(Attempt.contest_id == number).values(passed=True))
        made = drawing.draw(unit, slug="spring", by="林静", at=END + TICK)
    assert made["entries"] == listed["entries"]
    assert [e.details["list_hash"] for e in events(session, "quiz:contest:closed")] == [made["list_hash"]]


def test_a_public_value_that_was_announced_is_needed_and_no_other_is_taken(session: Session) -> None:
    filled(beacon="12月31日上证指数收盘价")
    with pytest.raises(drawing.BeaconMissing), transaction() as unit:
        drawing.draw(unit, slug="spring", by="林静", at=END)
    with transaction() as unit:
        made = drawing.draw(unit, slug="spring", beacon="3456.78", by="林静", at=END)
    assert (made["announced"], made["beacon"], lots.faults(made)) == ("12月31日上证指数收盘价", "3456.78", [])


def test_without_an_announcement_no_value_and_without_prizes_no_draw(session: Session) -> None:
    filled(1)
    with pytest.raises(drawing.BeaconUnannounced), transaction() as unit:
        drawing.draw(unit, slug="spring", beacon="3456.78", by="林静", at=END)
    quiz_id = contest(session).quiz_id
    with transaction() as unit:
        contests.set_up(unit, values=terms(quiz_id, slug="none", winners=0), by="林静", at=AT)
        with pytest.raises(drawing.NoPrizes):
            drawing.draw(unit, slug="none", by="林静", at=END)


def test_nobody_entered(session: Session) -> None:
    announce()
    with transaction() as unit:
        made = drawing.draw(unit, slug="spring", by="林静", at=END)
    assert (made["entries"], made["winners"], lots.faults(made)) == ([], [], [])


def test_the_leaderboard_ranks_tickets(session: Session) -> None:
    filled()
    found = queries.leaderboard(session, contest(session))
    assert [(place.rank, place.percent, place.seconds) for place in found] == [
        (1, 100.0, 62), (2, 50.0, 61), (3, 50.0, 64), (4, 0.0, 60), (5, 0.0, 63),
    ]  # fmt: skip


# --- contacts -----------------------------------------------------------------------------------------------------


def test_winners_contacts_are_shown_to_who_is_noted_and_those_of_nobody_else(session: Session) -> None:
    filled()
    with pytest.raises(LookupError), transaction() as unit:
        drawing.winners(unit, slug="spring", by="林静", at=AT)
    with transaction() as unit:
        made = drawing.draw(unit, slug="spring", by="林静", at=END)
    with transaction() as unit:
        found = drawing.winners(unit, slug="spring", by="周明", at=END)
    contacts = {entry.ticket: entry.contact for entry in entries(session)}
    assert found == [(ticket, contacts[ticket]) for ticket in made["winners"]]
    assert [(event.actor, event.details) for event in events(session, "quiz:contest:seen")] == [
        ("周明", {"winners": 2})
    ]


def test_sixty_days_after_the_draw_contacts_go(session: Session) -> None:
    filled()
    with transaction() as unit:
        drawing.draw(unit, slug="spring", by="林静", at=END + timedelta(days=3))
    due = END + timedelta(days=63)
    with transaction() as unit:
        assert drawing.erase_due(unit, at=due - TICK) == 0
        assert drawing.erase_due(unit, at=due) == 1
        assert drawing.erase_due(unit, at=due) == 0
    assert {(entry.contact, entry.contact_digest, entry.erased_at) for entry in entries(session)} == {(None, None, due)}
    assert [(e.actor, e.details) for e in events(session, "quiz:contest:erased")] == [("worker", {"entries": 5})]


def test_without_a_draw_they_go_sixty_days_after_the_end(session: Session) -> None:
    filled(1)
    with transaction() as unit:
        assert drawing.erase_due(unit, at=END + KEPT - TICK) == 0
        assert drawing.erase_due(unit, at=END + KEPT) == 1
    assert contest(session).draw is not None


def test_an_open_contest_keeps_them(session: Session) -> None:
    filled(1)
    with pytest.raises(drawing.NotOver), transaction() as unit:
        drawing.erase(unit, slug="spring", by="林静", at=END - TICK)
    assert [entry.contact for entry in entries(session)] == [phone(0)]


def test_contacts_are_sealed_in_the_file_and_erased_from_it(session: Session, settings: Settings) -> None:
    filled(40)
    enter(take(contest(session).id).attempt, PHONE)
    rows = session.execute(sa.text("SELECT contact, contact_digest FROM quizzes_entry ORDER BY id")).all()
    assert len({row.contact for row in rows}) == 41
    stored = [value.encode() for row in rows for value in row]

    def read() -> bytes:
        db.session.remove()
        db.engine.dispose()
        return b"".join(path.read_bytes() for path in sorted(Path(settings.data).glob("portal.sqlite3*")))

    if settings.is_sqlite:
        before = read()
        assert all(value in before for value in stored), "the canaries are in the file"
        assert PHONE.encode() not in before
    with transaction() as unit:
        drawing.draw(unit, slug="spring", by="林静", at=END)
        drawing.erase(unit, slug="spring", by="林静", at=END)
    left = session.execute(sa.text("SELECT contact, contact_digest FROM quizzes_entry")).all()
    assert {tuple(row) for row in left} == {(None, None)}
    if settings.is_sqlite:
        after = read()
        assert [value for value in stored if value in after] == []


def test_no_contact_in_the_log_of_acts(session: Session) -> None:
    filled(2)
    with transaction() as unit:
        drawing.draw(unit, slug="spring", by="林静", at=END)
        assert [contact for _, contact in drawing.winners(unit, slug="spring", by="林静", at=END)] != [None, None]
        drawing.erase(unit, slug="spring", by="林静", at=END)
    told = str([(event.target, event.details) for event in session.scalars(sa.select(Event))])
    assert "list_hash" in told
    assert not any(phone(place) in told for place in range(2))


def test_the_worker_fixes_lists_erases_contacts_and_forgets(
    app: Flask, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = filled(2)
    with transaction() as unit:
        version = queries.public_version(unit, "try")
        assert version is not None
        left = taking.begin(unit, version=version, audience=Audience.GENERAL, locale=Locale.HANS, at=AT).attempt.id
    todo = {job.name: job for job in jobs(app.config["PORTAL"])}

    def work(name: str, at: datetime) -> bool:
        monkeypatch.setattr(clock, "now", lambda: at)
        db.session.remove()
        return run(app, todo[name])

    assert [work("close contests", at) for at in (END - TICK, END, END)] == [False, True, False]
    assert [work("erase contacts", at) for at in (END, END + KEPT, END + KEPT)] == [False, True, False]
    assert [work("purge quizzes", at) for at in (END, END + KEPT, END + KEPT)] == [False, True, False]
    assert work("end quizzes", END) is False
    assert {entry.contact for entry in entries(session)} == {None}
    assert set(session.scalars(sa.select(Attempt.contest_id))) == {number}
    assert session.get(Attempt, left) is None
