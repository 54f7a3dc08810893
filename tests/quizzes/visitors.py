"""People who go through a contest over the web, and the time that goes by meanwhile."""

from __future__ import annotations

import re
from datetime import datetime

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.core import clock
from portal.quizzes.models import Entry
from portal.quizzes.rules import contests as rules
from tests.articles.desk import AT
from tests.quizzes.gathering import PHONE


class Watch:
    """The time that pages go by."""

    def __init__(self) -> None:
        self.at = AT

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def watch(monkeypatch: pytest.MonkeyPatch) -> Watch:
    """Return a clock that a test sets."""
    found = Watch()
    monkeypatch.setattr(clock, "now", found)
    return found


def played(client: FlaskClient, prefix: str = "") -> str:
    """Take the quiz of the contest to its end; return the attempt's address."""
    begun = client.post(f"{prefix}/contests/spring/begin")
    assert begun.status_code == 303
    address = begun.headers["Location"]
    for number, answer in ((1, "b"), (2, "scam")):
        client.post(f"{address}/answers/{number}", data={"q0" if number == 1 else "q1": answer})
    assert client.post(f"{address}/finish").status_code == 303
    return address


def entered(client: FlaskClient, contact: str = PHONE, address: str = "") -> str:
    """Enter; return the attempt's address."""
    address = address or played(client)
    answer = client.post(f"{address}/enter", data={"contact": contact, "agree": rules.CONSENT})
    assert answer.status_code == 303
    return address


def ticket_on(client: FlaskClient, address: str) -> str:
    """Return the ticket that a result shows."""
    found = re.search(r'code__signs">([0-9A-Z]{4})-([0-9A-Z]{4})<', client.get(f"{address}/result").text)
    assert found is not None
    return found[1] + found[2]


def count(session: Session) -> int:
    """Return how many have entered."""
    session.rollback()
    return session.scalar(sa.select(sa.func.count()).select_from(Entry)) or 0
