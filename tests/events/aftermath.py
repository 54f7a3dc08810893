"""What tests of what comes after a lecture start from: people who have a seat, a clock, quizzes for seat cards."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Session

from portal.audit.models import Event as Logged
from portal.core import clock
from portal.core.access import Permission
from portal.core.database import db, transaction
from portal.core.settings import Audience, Locale
from portal.events.models import Admission, Card, CoOrganiser, Event, Registration
from portal.events.queries import attendance
from portal.events.rules import sheets as rules
from portal.events.rules.attendance import AdmissionKind, AdmissionSource, Wave
from portal.events.rules.sheets import Fate, Line
from portal.events.services import cards, sheets
from portal.quizzes.models import Attempt, QuizVersion
from portal.quizzes.rules.answers import Answer
from portal.quizzes.services import taking
from tests.events.hall import STARTS, come, lecture, mobile
from tests.staff import staff, token

ENDS = STARTS + timedelta(minutes=90)
OVER = ENDS + timedelta(hours=1)
SHANGHAI = ZoneInfo("Asia/Shanghai")
AT_THE_DOOR = 8
"""The number of somebody who only keeps the door of `hall`."""
BY: dict[str, Any] = {"by": "林静", "by_id": 1}


class Watch:
    """The time that pages go by."""

    def __init__(self) -> None:
        self.at = OVER

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Return a clock that a test sets; it stands an hour after the lecture."""
    found = Watch()
    monkeypatch.setattr(clock, "now", found)
    return found


def registered(session: Session, event: Event, name: str = "张三", **changed: Any) -> Registration:
    """Register somebody; return the row."""
    return session.get_one(Registration, come(session, event, name, **changed).id)


def let_in(
    session: Session,
    event: Event,
    people: int = 1,
    *,
    registration: Registration | None = None,
    kind: AdmissionKind = AdmissionKind.CODE,
    **changed: Any,
) -> Admission:
    """Let people in as the door does."""
    count = session.scalar(sa.select(sa.func.count()).select_from(Admission)) or 0
    values: dict[str, Any] = {
        "event_id": event.id,
        "registration_id": registration.id if registration else None,
        "kind": kind,
        "source": AdmissionSource.DOOR,
        "people": people,
        "nonce": f"door-{count}",
        "at": STARTS,
        "received_at": STARTS,
        **BY,
    }
    row = Admission(**{**values, **changed})
    session.add(row)
    session.flush()
    return row


def rows(*typed: tuple[str, str | int]) -> list[Line]:
    """Return rows of a sheet."""
    return [Line(number, code, str(people)) for number, (code, people) in enumerate(typed, 2)]


def look(session: Session, event: Event, *typed: tuple[str, str | int]) -> sheets.Report:
    """Return what would become of rows."""
    lines = rows(*typed)
    return sheets.look(session, event=event, lines=lines, digest=rules.digest_of(lines))


def take(session: Session, event: Event, *typed: tuple[str, str | int], at: datetime = OVER) -> sheets.Report:
    """Take rows in."""
    lines = rows(*typed)
    return sheets.take(session, event_id=event.id, lines=lines, digest=rules.digest_of(lines), at=at, **BY)


def fates(report: sheets.Report) -> list[Fate]:
    """Return what becomes of every row, in order."""
    return [row.fate for row in report.rows]


def came(session: Session, event: Event) -> dict[str, int]:
    """Return how many came in which way; nothing of ways in which nobody did."""
    found = attendance.attendance(session, event.id).came
    return {kind.value: people for kind, people in found.items() if people}


def logged(session: Session, tag: str) -> list[dict[str, Any]]:
    """Return what the log says of acts of one kind."""
    return list(session.scalars(sa.select(Logged.details).where(Logged.tag == tag).order_by(Logged.id)))


def answered(session: Session, card: Card, wave: Wave, said: Sequence[str], *, at: datetime) -> Attempt:
    """Take the quiz of a card to its end: an option for each question."""
    sitting = cards.begin(
        session, event_id=card.event_id, code=card.code, wanted=wave, audience=Audience.GENERAL, locale=Locale.HANS,
        at=at,
    )  # fmt: skip
    attempt = taking.of_token(session, sitting.token)
    assert attempt is not None
    names = list(taking.instrument(session.get_one(QuizVersion, attempt.version_id)).items)
    for slot, place in enumerate(attempt.layout):
        given = Answer(chosen=(said[names.index(place["item"])],))
        taking.save(session, attempt_id=attempt.id, slot=slot, answer=given, at=at)
    return taking.finish(session, attempt_id=attempt.id, at=at, zone=SHANGHAI)


def fresh() -> Session:
    """Return the session with nothing read before."""
    db.session.rollback()
    return db.session()


@pytest.fixture
def hall(app: Flask, watch: Watch) -> Event:
    """A lecture that is over, with one person who came and one who did not."""
    with transaction() as session:
        made = lecture(session, online=10, slug="talk", cost_cents=128_050, materials=90)
        let_in(session, made, registration=registered(session, made, "张三", **mobile(1)))
        registered(session, made, "李四")
        session.add(CoOrganiser(event_id=made.id, person_id=AT_THE_DOOR, at_the_door=True))
    return fresh().get_one(Event, made.id)


def one(name: str = "张三") -> Registration:
    """Return a registration by its name."""
    return next(row for row in fresh().scalars(sa.select(Registration)) if row.name == name)


def posted(
    app: Flask,
    page: str,
    place: str,
    who: tuple[Permission, ...] = (Permission.DESK, Permission.ORGANISE),
    **values: Any,
) -> Any:
    """Send a form of a page, as whoever may see it."""
    about = values.pop("about", {})
    desk = staff(app, *who, **about)
    csrf = token(desk, page)
    return desk.post(place, data={"csrf_token": csrf, **values})
