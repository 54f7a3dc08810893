"""Sheets typed by two people or taken from a file: each becomes one attempt, once, as if taken on the site."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.core.database import db, transaction
from portal.core.settings import Audience, Settings
from portal.quizzes import services
from portal.quizzes.models import Attempt, Group, PaperFile, PaperSheet, QuizVersion, Response
from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.bank import Sort, Source
from portal.quizzes.rules.items import Kind, Marking
from portal.quizzes.rules.paper import Sheet, Typed
from portal.quizzes.rules.paper_file import Fate
from portal.quizzes.services import paper, paper_files
from portal.quizzes.services import taking as verbs
from portal.quizzes.services.paper import Stage, Typist
from tests.articles.desk import AT
from tests.conftest import POSTGRES, make_app
from tests.quizzes.bank import judgement, publish, quiz, single

ZONE = ZoneInfo("Asia/Shanghai")
ANN, BOB, EVE = Typist(1, "林静"), Typist(2, "周明"), Typist(3, "陈晓")
ONE = Sheet(1, 1, 1)
RIGHT = {0: Answer(chosen=("b",)), 1: Answer(chosen=("scam",))}
WRONG = {0: Answer(chosen=("a",)), 1: Answer(chosen=("scam",))}
CODE = "ABCD2345"


@pytest.fixture(autouse=True)
def version(desk_library: None, session: Session) -> int:
    """Publish a quiz with a group; return its version."""
    with transaction() as unit:
        publish(unit, single(), judgement(), quiz())
    with transaction() as unit:
        found = unit.scalars(sa.select(QuizVersion)).one()
        unit.add(
            Group(
                quiz_id=found.quiz_id, code=CODE, label="社区", created_at=AT, created_by="林静",
                closes_at=AT - timedelta(days=1),
            )
        )  # fmt: skip
        return found.id


def typed(answers: dict[int, Answer] = RIGHT, **more: Any) -> Typed:
    return Typed(more.pop("audience", Audience.ELDERLY), answers, **more)


def key_in(version: int, by: Typist, what: Typed | None = None, *, sheet: Sheet = ONE, at: datetime = AT) -> Stage:
    with transaction() as session:
        row = paper.type_sheet(session, version_id=version, sheet=sheet, typed=what or typed(), by=by, at=at, zone=ZONE)
        return paper.stage(row)


def attempts(session: Session) -> list[Attempt]:
    session.expire_all()
    return list(session.scalars(sa.select(Attempt).order_by(Attempt.id)))


def kept(session: Session) -> tuple[int, int, int, int]:
    session.rollback()
    found = [session.scalar(sa.select(sa.func.count()).select_from(t)) or 0
             for t in (Attempt, Response, PaperSheet, PaperFile)]  # fmt: skip
    session.rollback()
    return found[0], found[1], found[2], found[3]


# --- double keying ---


def test_two_people_who_type_the_same_make_an_attempt(version: int, session: Session) -> None:
    what = typed(group=CODE, day="2026-09-30")
    assert key_in(version, ANN, what) is Stage.HALF
    assert kept(session) == (0, 0, 1, 0)
    assert key_in(version, BOB, what) is Stage.TAKEN
    [attempt] = attempts(session)
    assert (attempt.percent, attempt.passed, attempt.source) == (100, True, Source.PAPER)
    assert (attempt.audience, attempt.token, attempt.code_digest) == (Audience.ELDERLY, None, None)
    # The quarter is that of the lecture, not that of the typing.
    assert (attempt.quarter, attempt.finished_at) == ("2026Q3", datetime(2026, 9, 30, 4, tzinfo=UTC))
    group = session.scalars(sa.select(Group)).one()
    assert attempt.group_id == group.id
    session.rollback()
    with pytest.raises(paper.AlreadyTaken):
        key_in(version, EVE)
    tags = session.scalars(sa.select(Event.tag).order_by(Event.id)).all()
    assert tags[-2:] == ["quiz:paper:typed", "quiz:paper:typed"]


def test_the_same_person_cannot_be_both(version: int, session: Session) -> None:
    key_in(version, ANN)
    with pytest.raises(paper.SamePerson):
        key_in(version, ANN)
    assert kept(session) == (0, 0, 1, 0)


@pytest.mark.parametrize("mends", [ANN, BOB])
def test_where_two_differ_either_types_again(version: int, session: Session, mends: Typist) -> None:
    key_in(version, ANN, typed(WRONG))
    assert key_in(version, BOB) is Stage.DIFFERENT
    again = typed() if mends is ANN else typed(WRONG)
    other = typed({0: Answer(dont_know=True)})
    assert key_in(version, mends, other) is Stage.DIFFERENT
    assert key_in(version, mends, again) is Stage.TAKEN
    assert [one.percent for one in attempts(session)] == [100 if mends is ANN else 50]


@pytest.mark.parametrize(("says", "percent"), [(RIGHT, 100), (WRONG, 50)])
def test_a_third_person_settles_it(version: int, session: Session, says: dict[int, Answer], percent: float) -> None:
    key_in(version, ANN, typed(WRONG))
    key_in(version, BOB)
    assert key_in(version, EVE, typed(says)) is Stage.TAKEN
    assert [one.percent for one in attempts(session)] == [percent]
    row = session.scalars(sa.select(PaperSheet)).one()
    assert {row.first_by, row.second_by} == {"陈晓", "周明" if says is RIGHT else "林静"}


def test_a_third_opinion_replaces_the_second(version: int, session: Session) -> None:
    key_in(version, ANN, typed(WRONG))
    key_in(version, BOB)
    assert key_in(version, EVE, typed({0: Answer(dont_know=True)})) is Stage.DIFFERENT
    row = session.scalars(sa.select(PaperSheet)).one()
    assert (row.first_by, row.second_by) == ("林静", "陈晓")


def test_audience_group_and_day_are_typed_twice_as_well(version: int, session: Session) -> None:
    key_in(version, ANN, typed(group=CODE))
    assert key_in(version, BOB, typed(audience=Audience.GENERAL)) is Stage.DIFFERENT
    assert key_in(version, BOB, typed(group=CODE)) is Stage.TAKEN


def test_what_cannot_be_is_refused_and_changes_nothing(version: int, session: Session) -> None:
    with pytest.raises(paper.NoSuchGroup):
        key_in(version, ANN, typed(group="ZZZZ9999"))
    with pytest.raises(paper.NoAnswers):
        key_in(version, ANN, typed({}))
    assert kept(session) == (0, 0, 0, 0)


# --- two at once, and a control ---


def at_once(app: Flask, settings: Settings, works: list[Callable[[threading.Barrier], None]]) -> list[str]:
    """Do things at once, each in a thread and an application of its own; return what they raised."""
    others = [make_app(settings) for _ in works]
    barrier = threading.Barrier(len(works))
    raised: list[str] = []

    def run(other: Flask, work: Callable[[threading.Barrier], None]) -> None:
        with other.app_context():
            try:
                work(barrier)
            except Exception as problem:
                raised.append(type(problem).__name__)
            finally:
                db.session.remove()

    threads = [threading.Thread(target=run, args=pair) for pair in zip(others, works, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised


def test_two_second_typists_at_once_make_one_attempt(
    version: int, app: Flask, settings: Settings, session: Session
) -> None:
    key_in(version, ANN)

    def second(by: Typist) -> Callable[[threading.Barrier], None]:
        def work(barrier: threading.Barrier) -> None:
            barrier.wait()
            key_in(version, by)

        return work

    raised = at_once(app, settings, [second(BOB), second(EVE)])
    assert raised == ["AlreadyTaken"]
    assert kept(session) == (1, 2, 1, 0)


def test_two_first_typists_at_once_make_one_sheet(
    version: int, app: Flask, settings: Settings, session: Session
) -> None:
    def first(by: Typist) -> Callable[[threading.Barrier], None]:
        def work(barrier: threading.Barrier) -> None:
            barrier.wait()
            key_in(version, by)

        return work

    assert at_once(app, settings, [first(BOB), first(EVE)]) == []
    assert kept(session) == (1, 2, 1, 0)


def test_the_control_looks_before_its_turn_and_makes_two(
    version: int, app: Flask, settings: Settings, session: Session
) -> None:
    """Without the lock the same race makes two attempts of one sheet: the tests above can fail."""
    key_in(version, ANN)

    def careless(barrier: threading.Barrier) -> None:
        row = paper.find(db.session(), version_id=version, sheet=ONE)
        assert row is not None
        is_free = row.attempt_id is None
        db.session.remove()
        barrier.wait()
        with transaction() as unit:
            if is_free:
                found = unit.get_one(PaperSheet, row.id)
                paper._take(unit, unit.get_one(QuizVersion, version), ONE, found, at=AT, zone=ZONE)

    assert at_once(app, settings, [careless, careless]) == []
    assert kept(session)[0] == 2


def test_a_file_sent_twice_at_once_is_taken_once(
    version: int, app: Flask, settings: Settings, session: Session
) -> None:
    raw = csv(*[f"P1-1-{n},general,,B,A" for n in range(1, 31)])

    def send(barrier: threading.Barrier) -> None:
        barrier.wait()
        take(raw)

    assert at_once(app, settings, [send, send]) == []
    assert kept(session) == (30, 60, 30, 1)


# --- files ---


def csv(*rows: str, head: str = "sheet,audience,group,q1,q2") -> bytes:
    return "\n".join((head, *rows)).encode()


def take(raw: bytes, *, trial: bool = False, all_or_nothing: bool = False, at: datetime = AT) -> paper_files.Report:
    found = services.find(db.session(), sort=Sort.QUIZ, name="try")
    assert found is not None
    if trial:
        return paper_files.look(db.session(), quiz=found, raw=raw, at=at, zone=ZONE)
    with transaction() as session:
        quiz_row = services.find(session, sort=Sort.QUIZ, name="try")
        assert quiz_row is not None
        return paper_files.take(
            session, quiz=quiz_row, raw=raw, by=ANN, at=at, zone=ZONE, all_or_nothing=all_or_nothing
        )


def fates(report: paper_files.Report) -> list[tuple[int, str, str]]:
    return [(row.line, row.fate.value, row.column) for row in report.rows]


def letters(version: int, answers: dict[int, Answer] = RIGHT) -> str:
    """Return answers as cells, in the letters of form 1."""
    from portal.quizzes.rules import paper as rules

    row = db.session().get_one(QuizVersion, version)
    places = rules.layout(verbs.instrument(row), version=1, form=1)
    items = verbs.keyed(db.session(), row)
    return ",".join(
        rules.write_answer(answers.get(slot), items[place.item], place) for slot, place in enumerate(places)
    )


def test_every_row_has_a_fate(version: int, session: Session) -> None:
    right, wrong = letters(version), letters(version, WRONG)
    session.rollback()
    key_in(version, ANN, sheet=Sheet(1, 1, 50))
    for by in (ANN, BOB):
        key_in(version, by, typed(audience=Audience.GENERAL), sheet=Sheet(1, 1, 51))
        key_in(version, by, typed(audience=Audience.GENERAL), sheet=Sheet(1, 1, 52))
    before = kept(session)
    raw = csv(
        f"P1-1-1,长辈,{CODE},{right}",
        f"P1-1-2,general,,{wrong}",
        f"p１-１-２,general,,{right}",
        f"P1-1-50,elderly,,{right}",
        f"P1-1-51,general,,{right}",
        f"P1-1-52,general,,{wrong}",
        f"=cmd|x,general,,{right}",
        f"P2-1-1,general,,{right}",
        f"P1-1-3,everybody,,{right}",
        f"P1-1-4,general,ZZZZ9999,{right}",
        "P1-1-5,general,,A,Z",
        "P1-1-6,general,,,",
        f"P1-1-7,general,,{right},extra",
    )
    report = take(raw, trial=True)
    assert fates(report) == [
        (2, "taken", ""), (3, "taken", ""), (4, "repeated", ""), (5, "half", ""), (6, "same", ""),
        (7, "different", "q1"), (8, "sheet", ""), (9, "version", ""), (10, "audience", ""), (11, "group", ""),
        (12, "answer", "q2"), (13, "nothing", ""), (14, "cells", ""),
    ]  # fmt: skip
    assert report.rows[6].said == "=cmd|x"
    # A trial changes nothing.
    assert kept(session) == before
    # All or nothing: a single mistake keeps everything out.
    assert not take(raw, all_or_nothing=True).is_done
    assert kept(session) == before
    done = take(raw)
    assert (done.is_done, done.count(Fate.TAKEN), done.refused) == (True, 2, 9)
    new = attempts(session)[-2:]
    assert [(one.percent, one.audience, one.source) for one in new] == [
        (100, Audience.ELDERLY, Source.PAPER), (50, Audience.GENERAL, Source.PAPER)
    ]  # fmt: skip
    after = kept(session)
    # The same file twice changes nothing.
    again = take(raw)
    assert (again.is_done, again.before is not None) == (False, True)
    assert kept(session) == after
    # And the same sheets in another file neither.
    other = take(raw + b"\n")
    assert (other.is_done, other.count(Fate.SAME)) == (False, 3)
    assert kept(session) == after


def test_a_file_is_of_one_version_and_names_it(version: int, session: Session) -> None:
    right = letters(version)
    session.rollback()
    with transaction() as unit:
        publish(unit, single(stem="有人向您要验证码，怎么办？"))
    report = take(csv(f"P-1,general,,{right}", f"P1-1-1,general,,{right}", f"P2-1-1,general,,{right}"))
    # With two versions a short number says too little.
    assert fates(report) == [(2, "sheet", ""), (3, "taken", ""), (4, "version", "")]
    assert [one.version_id for one in attempts(session)] == [version]


def test_a_day_counts_for_its_quarter(version: int, session: Session) -> None:
    right = letters(version)
    session.rollback()
    head = "sheet,audience,group,day,q1,q2"
    raw = csv(
        f"P-1,general,,2026/3/31,{right}", f"P-2,general,,,{right}", f"P-3,general,,2027-01-01,{right}", head=head
    )
    assert fates(take(raw)) == [(2, "taken", ""), (3, "taken", ""), (4, "day", "")]
    assert [one.quarter for one in attempts(session)] == ["2026Q1", "2026Q4"]


COLUMNS = [column.name for column in Attempt.__table__.columns if column.name not in ("id", "token_digest", "series")]


def test_many_at_once_are_stored_as_one_by_one(desk_library: None, session: Session) -> None:
    """`take_many` writes the rows itself; nothing in them may differ from what begin, save and finish write."""
    many = single("many", kind=Kind.MULTIPLE_CHOICE, marking=Marking.SHORT_HALF)
    made = quiz("timed", names=("code", "many", "sms"), minutes=5, shuffle=True, certainty=True)
    with transaction() as unit:
        publish(unit, many, made)
    found = services.find(session, sort=Sort.QUIZ, name="timed")
    assert found is not None
    version = session.scalars(sa.select(QuizVersion).where(QuizVersion.quiz_id == found.id)).one()
    version_id = version.id
    session.rollback()
    rows = ["B/3,AB,?,2026-11-20", "A/1,,C/2,", "?,ABC/1,B/3,2026-11-22", "C,A,,2026-01-01"]
    raw = csv(*[f"P-{n},general,,{row}" for n, row in enumerate(rows, 1)], head="sheet,audience,group,q1,q2,q3,day")
    with transaction() as unit:
        quiz_row = services.find(unit, sort=Sort.QUIZ, name="timed")
        assert quiz_row is not None
        report = paper_files.take(unit, quiz=quiz_row, raw=raw, by=ANN, at=AT, zone=ZONE)
        assert report.is_done
        whats = [(one.typed, one.sheet) for one in report.good]
    for what, sheet in whats:
        for by in (ANN, BOB):
            key_in(version_id, by, what, sheet=Sheet(1, 1, sheet.copy + 100))
    stored = attempts(session)
    assert len(stored) == 8
    for bulk, single_ in zip(stored[:4], stored[4:], strict=True):
        assert {name: getattr(bulk, name) for name in COLUMNS} == {name: getattr(single_, name) for name in COLUMNS}
        answers = [
            [
                (one.slot, one.item, one.given, one.answered_at, one.seconds, one.fraction, one.outcome)
                for one in verbs.responses(session, attempt).values()
            ]
            for attempt in (bulk, single_)
        ]
        assert sorted(answers[0]) == sorted(answers[1])


def test_a_large_file_is_taken_in_time(version: int, session: Session) -> None:
    right = letters(version)
    session.rollback()
    raw = csv(*[f"P1-1-{n},general,,{right}" for n in range(1, 5001)])
    began = time.perf_counter()
    assert take(raw).count(Fate.TAKEN) == 5000
    # On SQLite a write unit that is longer keeps others from saving (`core.database.BUSY_TIMEOUT_MS`).
    assert time.perf_counter() - began < (30 if POSTGRES else 8)
    assert kept(session) == (5000, 10_000, 5000, 1)
