"""Sheets that tests type and send."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.database import db, transaction
from portal.core.settings import Audience
from portal.quizzes import services
from portal.quizzes.models import Attempt, Group, PaperFile, PaperSheet, QuizVersion, Response
from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.paper import Sheet, Typed
from portal.quizzes.services import paper, paper_files
from portal.quizzes.services import taking as verbs
from portal.quizzes.services.paper import Stage, Typist
from tests.articles.desk import AT
from tests.quizzes.bank import judgement, publish, quiz, single

ZONE = ZoneInfo("Asia/Shanghai")
ANN, BOB, EVE = Typist(1, "林静"), Typist(2, "周明"), Typist(3, "陈晓")
ONE = Sheet(1, 1, 1)
RIGHT = {0: Answer(chosen=("b",)), 1: Answer(chosen=("scam",))}
WRONG = {0: Answer(chosen=("a",)), 1: Answer(chosen=("scam",))}
CODE = "ABCD2345"


@pytest.fixture(name="version", autouse=True)
def version_(desk_library: None, session: Session) -> int:
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
