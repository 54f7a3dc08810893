"""`flask demo`: five invented quarters that show every verdict, say what they are, and go without a trace."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.articles.models import Article, Read
from portal.commands.demo import making, removing
from portal.commands.working import jobs, run
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import Base, db, transaction
from portal.core.settings import Audience, Locale
from portal.events.models import Event, Registration
from portal.events.services import examples
from portal.metrics.models import Amendment, DayRow, DemoRow, EntryRow, Narrative, ReportRow
from portal.metrics.queries import stored
from portal.metrics.rules.closing import State
from portal.metrics.services import building, files, reports
from portal.metrics.services.exporting import Form
from portal.quizzes import queries as quizzes
from portal.quizzes.models import Attempt, QuizVersion, Response
from portal.quizzes.services import taking
from tests.conftest import make_app
from tests.events.hall import come, lecture
from tests.metrics.quarters import SHANGHAI
from tests.staff import staff

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
QUARTERS = ["2025Q4", "2026Q1", "2026Q2", "2026Q3", "2026Q4"]
ADDRESSES = ("/", "/en/", "/zh-Hant/elderly/", "/articles/fake-police-safe-account", "/events/")
ENTRY = "/desk/sign-in"
SAYS = (
    "演示数据：讲座、统计数字和人物是虚构的，热线电话是真的",
    "Demo data: lectures, figures and people are invented; the hotlines are real.",
    "演示數據",
)


@pytest.fixture
def today(monkeypatch: pytest.MonkeyPatch) -> datetime:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return NOW


def made(seed: int = 1, now: datetime = NOW, *, is_small: bool = True) -> None:
    with transaction() as session:
        making.make(session, seed=seed, is_small=is_small, now=now)


def removed(now: datetime = NOW) -> bool:
    with transaction() as session:
        return removing.remove(session, now=now)


def stored_reports(session: Session) -> list[ReportRow]:
    return sorted(stored.reports(session), key=lambda row: row.quarter)


def verdicts(session: Session) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for row in stored_reports(session):
        for line in row.report["verdicts"]:
            found.setdefault(line["measure"], []).append(line["verdict"])
    return found


def counts() -> dict[str, int]:
    with db.engine.connect() as connection:
        return {
            name: connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0
            for name, table in Base.metadata.tables.items()
            if name not in ("audit_event", "core_version")
        }


def fresh(app: Flask) -> FlaskClient:
    """Return a client of a process that has kept no page: on PostgreSQL others ask once a second what is new."""
    return make_app(app.config["PORTAL"]).test_client()


def bodies(client: FlaskClient) -> dict[str, bytes]:
    return {address: client.get(address).data for address in ADDRESSES}


def test_five_quarters_show_every_verdict_and_say_what_they_are(library: Flask) -> None:
    made()
    session = db.session()
    rows = stored_reports(session)
    assert [row.quarter for row in rows] == QUARTERS
    assert [row.state for row in rows] == [State.CONFIRMED] * 3 + [State.OPEN] * 2
    assert all(row.report["demo"] for row in rows)
    assert all(row.closed_by_id != row.confirmed_by_id for row in rows[:3])
    found = verdicts(session)
    above = "above_not_confirmed"
    assert found["awareness"] == ["too_few", above, "not_met", "met", above]
    assert found["satisfaction"] == ["not_met", "not_met", above, above, above]
    assert found["person_times"] == ["not_met", "met", "met", "met", "not_met"]
    assert {"met", "not_met", "not_known"} == set(found["complaints_24h"])
    assert found["tips"] == ["met"] * 5
    for row in rows:
        report = row.report
        assert report["attendance"]["lectures"] == 3
        assert min(report["attendance"][kind] for kind in ("no_shows", "walk_in", "online", "by_group")) > 0
        assert report["awareness"]["n_pre"] > report["awareness"]["n_matched"]
        assert all((report["reading"], report["search"]["nothing_terms"], report["quizzes"]))
    # What the lectures did not speak of is answered as before.
    for row in rows:
        assert row.report["awareness"]["control_pp"]["value"] in (None, 0)
    assert rows[2].report["awareness"]["follow_up"]["n_matched"] > 0
    (amendment,) = session.scalars(sa.select(Amendment))
    changed = {change["key"]: change for change in amendment.changes}
    assert changed["attendance.walk_in"]["now"] == changed["attendance.walk_in"]["was"] + 14
    assert {key.partition(".")[0] for key in changed} == {"attendance", "breakdowns", "ledger"}
    texts = session.scalars(sa.select(Narrative)).all()
    assert all(text.approved_by_id not in (None, text.written_by_id) for text in texts)
    assert all(entry.source and entry.signer for entry in session.scalars(sa.select(EntryRow)))
    assert reports.verify(session, quarter="2025Q4", at=NOW).is_same
    make = files.report_file(session, "2026Q3", form=Form.CSV, at=NOW)
    assert make is not None
    assert "演示数据" in make().decode("utf-8-sig")


def test_past_people_are_erased_and_the_others_can_never_be_reached(library: Flask) -> None:
    made()
    session = db.session()
    for registration, ends_at in session.execute(
        sa.select(Registration, Event.ends_at).join(Event, Event.id == Registration.event_id)
    ):
        assert (registration.erased_at is not None) == (ends_at + timedelta(days=30) <= NOW)
        assert registration.token is None
        assert registration.contact is None or registration.contact.endswith("@example.org")
    assert session.scalars(sa.select(sa.func.count(Registration.contact))).one() > 0


def test_attempts_are_stored_as_taking_stores_them(library: Flask) -> None:
    made()
    session = db.session()
    for attempt in session.scalars(sa.select(Attempt).order_by(Attempt.id).limit(60)):
        kept = (attempt.points, attempt.percent, attempt.passed)
        taking.add_up(session, attempt)
        assert (attempt.points, attempt.percent, attempt.passed) == kept
        asked = taking.keyed(session, session.get_one(QuizVersion, attempt.version_id))
        for response in taking.responses(session, attempt).values():
            given = taking.answers.from_plain(response.given)
            mark = taking.marking.mark(asked[response.item], given)
            assert (response.fraction, response.outcome) == (mark.fraction, mark.outcome)
    session.rollback()


def test_the_same_seed_makes_the_same_figures(library: Flask) -> None:
    def figures(seed: int) -> list[Any]:
        made(seed)
        found = [
            json.loads(json.dumps({key: row.report[key] for key in ("verdicts", "attendance", "awareness", "search")}))
            for row in stored_reports(db.session())
        ]
        assert removed()
        return found

    first = figures(7)
    assert figures(7) == first
    assert figures(8) != first


def test_by_command_once_and_gone_to_the_last_row(library: Flask, today: datetime) -> None:
    command = library.test_cli_runner().invoke
    with transaction() as session:
        examples.add_examples(session, by="x", at=NOW - timedelta(days=1))
        article = session.scalars(sa.select(Article.id)).first()
        for days in (0, 40):
            day = (NOW - timedelta(days=days)).date()
            session.add(Read(day=day, article_id=article, audience="general", locale="zh-Hans", reads=5, completions=2))
    client = library.test_client()
    plain, before = bodies(client), counts()
    for body in plain.values():
        assert not any(words in body.decode() for words in SAYS)
        assert b"</header><main" in body or b"</header>\n<main" in body
    done = command(args=["demo", "--small"])
    assert done.exit_code == 0, done.output
    assert "Five quarters were made up" in done.output
    for body in (*bodies(fresh(library)).values(), client.get(ENTRY).data):
        assert any(words in body.decode() for words in SAYS)
    filled = counts()
    again = command(args=["demo", "--small", "--seed", "5"])
    assert (again.exit_code, counts()) == (0, filled)
    assert "already" in again.output
    assert "The demo is gone." in command(args=["demo", "--remove"]).output
    assert counts() == before
    assert bodies(fresh(library)) == plain
    assert not any(words in client.get(ENTRY).data.decode() for words in SAYS)
    assert "There is no demo here." in command(args=["demo", "--remove"]).output


def test_whoever_is_at_the_desk_is_told_in_their_language(library: Flask, today: datetime) -> None:
    for locale, words in zip((Locale.HANS, Locale.EN), SAYS, strict=False):
        desk = staff(library, Permission.DESK, Permission.ANALYSE, locale=locale)
        assert words not in desk.get("/desk/quarters/2026Q3").data.decode()
    made()
    for locale, words in zip((Locale.HANS, Locale.EN), SAYS, strict=False):
        desk = staff(library, Permission.DESK, Permission.ANALYSE, locale=locale)
        assert words in desk.get("/desk/quarters/2026Q3").data.decode()


def test_the_worker_builds_the_quarter_once_and_goes_on(library: Flask) -> None:
    made(now=clock.now())
    (job,) = (job for job in jobs(library.config["PORTAL"]) if job.name == "build quarter")
    # `flask worker --once` does a job again for as long as it says that there may be more.
    assert not run(library, job)
    assert stored_reports(db.session())[-1].built_by == building.WORKER


def test_its_tips_have_ended_and_can_be_looked_at_by_staff(library: Flask) -> None:
    made()
    tip = db.session.scalars(sa.select(Article).where(Article.slug == "demo-tip-2026q3")).one().id
    db.session.rollback()
    address = "/articles/demo-tip-2026q3"
    assert library.test_client().get(address).status_code == 410
    desk = staff(library, Permission.DESK, Permission.WRITE)
    assert "提醒：开学季" in desk.get(f"/desk/articles/{tip}").text
    assert removed()
    assert library.test_client().get(address).status_code == 404


def test_what_is_not_of_the_demo_stays(library: Flask) -> None:
    made()
    with transaction() as session:
        hall = lecture(session)
        come(session, hall)
        card = quizzes.cards(session)[0]
        version = session.get_one(QuizVersion, card.version_id)
        own = taking.begin(session, version=version, audience=Audience.GENERAL, locale=Locale.HANS, at=NOW)
        taking.finish(session, attempt_id=own.attempt.id, at=NOW, zone=SHANGHAI)
        reports.build(session, quarter="2026Q4", by="x", at=NOW)
    assert removed()
    session = db.session()
    assert len(session.scalars(sa.select(Event)).all()) == 1
    assert len(session.scalars(sa.select(Registration)).all()) == 1
    assert session.scalars(sa.select(Attempt.token_digest)).all() == [own.attempt.token_digest]
    assert session.scalars(sa.select(Response)).all() == []
    days = session.scalars(sa.select(DayRow)).all()
    assert {row.number for row in days if row.subject == "lecture"} == {hall.id}
    assert {row.number for row in days if row.subject == "quiz"} == {version.id}
    assert session.get(DemoRow, 1) is None
    with transaction() as unit:
        assert not reports.build(unit, quarter="2026Q4", by="x", at=NOW).report["demo"]


def test_it_is_refused_beside_real_people_and_without_the_library(library: Flask, today: datetime) -> None:
    command = library.test_cli_runner().invoke
    with transaction() as session:
        come(session, lecture(session))
    before = counts()
    refused = command(args=["demo"])
    assert refused.exit_code == 1
    assert "holds real data (registrations, lectures)" in refused.output
    assert counts() == before


def test_it_needs_the_starter_library(app: Flask) -> None:
    refused = app.test_cli_runner().invoke(args=["demo"])
    assert refused.exit_code == 1
    assert "Run `flask content import content` first." in refused.output


@pytest.mark.parametrize("hour", [0, 12])
def test_on_the_first_day_of_a_quarter(library: Flask, hour: int) -> None:
    made(now=datetime(2026, 10, 1, hour, 5, tzinfo=SHANGHAI))
    rows = stored_reports(db.session())
    assert [row.quarter for row in rows] == QUARTERS
    assert [row.report["attendance"]["lectures"] for row in rows] == [3, 3, 3, 3, 1 if hour else 0]
    assert verdicts(db.session())["awareness"][:4] == ["too_few", "above_not_confirmed", "not_met", "met"]
    assert removed(datetime(2026, 10, 2, tzinfo=SHANGHAI))
