"""People who register over the web, and the time that goes by meanwhile."""

from __future__ import annotations

import re
from datetime import datetime
from html import unescape
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from portal.core import clock
from portal.core.database import db, transaction
from portal.events.models import Event, Guardian, Registration
from portal.events.rules import keeping
from tests.events.hall import AT, lecture

REQUEST = re.compile(r'name="request" value="([A-Za-z0-9_-]{43})"')


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


def hall(**options: Any) -> str:
    """Add a lecture; return its name."""
    with transaction() as session:
        return lecture(session, **options).slug


def page(client: FlaskClient, slug: str, *, prefix: str = "", group: bool = False) -> str:
    """Open the form; return its address."""
    return f"{prefix}/events/{slug}/register{'-group' if group else ''}"


def request_of(client: FlaskClient, address: str) -> str:
    """Return the random token of a form."""
    found = REQUEST.search(client.get(address).text)
    assert found is not None
    return found[1]


def filled(client: FlaskClient, address: str, **changed: Any) -> dict[str, Any]:
    """Return what somebody types who gives a mobile number; `None` leaves a field out."""
    values: dict[str, Any] = {
        "request": request_of(client, address),
        "name": "张三",
        "contact_kind": "phone",
        "phone": "138 0000 0001",
        "seats": "1",
        "place": "in-person",
        "age": "14",
        "agree": keeping.PRIVACY_NOTE,
    }
    return {name: value for name, value in {**values, **changed}.items() if value is not None}


def registered(client: FlaskClient, slug: str, *, prefix: str = "", **changed: Any) -> str:
    """Register; return the address of the own page."""
    address = page(client, slug, prefix=prefix)
    answer = client.post(address, data=filled(client, address, **changed))
    assert answer.status_code == 303, unescape(re.sub(r"<[^>]+>|\s+", " ", answer.text))
    return str(answer.headers["Location"])


def row(address: str) -> Registration:
    """Return what an own page belongs to."""
    db.session.rollback()
    rows = db.session.scalars(sa.select(Registration)).all()
    return next(one for one in rows if one.token == address.rpartition("/")[2])


def count() -> int:
    """Return how many registrations there are."""
    db.session.rollback()
    return db.session.scalar(sa.select(sa.func.count()).select_from(Registration)) or 0


def guardian_token(registration_id: int) -> str:
    """Return the token of the page that a guardian is written of."""
    db.session.rollback()
    token = db.session.get_one(Guardian, registration_id).token
    assert token is not None
    return token


def event(slug: str) -> Event:
    """Return a lecture."""
    db.session.rollback()
    return db.session.scalars(sa.select(Event).where(Event.slug == slug)).one()
