"""Files of paper results: every row has a fate, and what is taken is as if it were taken on the site."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.database import transaction
from portal.core.settings import Audience
from portal.quizzes import services
from portal.quizzes.models import Attempt, QuizVersion
from portal.quizzes.rules.bank import Sort, Source
from portal.quizzes.rules.items import Kind, Marking
from portal.quizzes.rules.paper import Sheet
from portal.quizzes.rules.paper_file import Fate
from portal.quizzes.services import paper_files
from portal.quizzes.services import taking as verbs
from tests.quizzes.bank import publish, quiz, single
from tests.quizzes.sheets import (
    ANN,
    AT,
    BOB,
    CODE,
    WRONG,
    ZONE,
    attempts,
    csv,
    fates,
    kept,
    key_in,
    letters,
    take,
    typed,
    version_,
)

__all__ = ["version_"]


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


def test_a_large_file_is_taken_whole(version: int, session: Session) -> None:
    right = letters(version)
    session.rollback()
    raw = csv(*[f"P1-1-{n},general,,{right}" for n in range(1, 5001)])
    assert take(raw).count(Fate.TAKEN) == 5000
    assert kept(session) == (5000, 10_000, 5000, 1)
