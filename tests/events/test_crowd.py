"""Two hundred people send the form at once to what `make run` starts, from 200 networks."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections import Counter
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.core import clock, crypto
from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.events.models import Pool, Registration
from portal.events.rules import keeping
from portal.events.rules.seats import State
from tests.articles.desk import RULES
from tests.events.hall import lecture
from tests.factories import package
from tests.test_serve import server, until

PEOPLE = 200
SEATS = 10


async def send(address: tuple[str, int], path: str, person: int, token: str) -> tuple[str, str]:
    """Send one form; return the status and where it leads."""
    form = {
        "request": token,
        "name": f"人{person}",
        "contact_kind": "phone",
        "phone": f"138{person:08}",
        "seats": "1",
        "place": "in-person",
        "age": "14",
        "agree": keeping.PRIVACY_NOTE,
    }
    body = urlencode(form).encode()
    reader, writer = await asyncio.open_connection(*address)
    head = (
        f"POST {path} HTTP/1.1",
        "Host: 127.0.0.1",
        "Connection: close",
        f"X-Forwarded-For: 10.0.0.{person}",
        "Content-Type: application/x-www-form-urlencoded",
        f"Content-Length: {len(body)}",
        "\r\n",
    )
    writer.write("\r\n".join(head).encode() + body)
    answer = (await reader.read()).partition(b"\r\n\r\n")[0].decode("latin-1")
    writer.close()
    place = re.search(r"(?i)\r\nlocation: ([^\r]+)", answer)
    return answer[9:12], place[1] if place else ""


async def crowd(url: str, path: str, tokens: list[str]) -> list[tuple[str, str]]:
    """Let everybody send at once."""
    address = (urlsplit(url).hostname or "", urlsplit(url).port or 0)
    return await asyncio.gather(*(send(address, path, person, token) for person, token in enumerate(tokens)))


@pytest.fixture
def hall(app: Flask) -> str:
    """Return the name of a lecture with ten seats that is open now."""
    now = clock.now()
    with transaction() as session:
        return lecture(
            session,
            seats=SEATS,
            opens_at=now - timedelta(days=1),
            closes_at=now + timedelta(days=8),
            starts_at=now + timedelta(days=9),
            ends_at=now + timedelta(days=9, hours=2),
        ).slug


def rows() -> list[Registration]:
    db.session.rollback()
    return list(db.session.scalars(sa.select(Registration).order_by(Registration.id)).all())


def test_two_hundred_send_at_once_and_ten_are_in(hall: str, settings: Settings, tmp_path: Path) -> None:
    db.session.rollback()
    with server(settings, package(tmp_path / "content", lint_yaml=RULES), PORTAL_PROXIES="1") as (url, _process):
        until("", f"{url}/healthz")
        tokens = [secrets.token_urlsafe(32) for _person in range(PEOPLE)]
        came = asyncio.run(crowd(url, f"/events/{hall}/register", tokens))
        assert Counter(status for status, _place in came) == {"303": PEOPLE}
        found = rows()
        assert Counter(row.state for row in found) == {State.CONFIRMED: SEATS, State.WAITING: PEOPLE - SEATS}
        assert [row.state for row in found[:SEATS]] == [State.CONFIRMED] * SEATS
        assert db.session.scalars(sa.select(Pool.taken)).one() == SEATS
        # Everybody who was told of an own page has one, and no two have the same.
        told = {crypto.digest(place.rpartition("/")[2]) for _status, place in came}
        assert told == {row.token_digest for row in found}
        # What is read here must not keep the server from writing.
        db.session.rollback()
        # The same forms once more change nothing, and lead to the same pages.
        again = asyncio.run(crowd(url, f"/events/{hall}/register", tokens))
        assert again == came
        assert len(rows()) == PEOPLE
