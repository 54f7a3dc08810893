"""What tests of lectures start from: a published lecture with some seats, and people who want them."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.settings import Audience, Locale
from portal.events.models import Event, Pool, Registration, Revision
from portal.events.rules.lectures import PLACES, EventState, Mode, Place
from portal.events.rules.seats import ContactKind, State
from portal.events.rules.wishes import Wish
from portal.events.services import registering
from portal.events.services.registering import Registered

AT = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
"""Monday, 10 in the morning in Shanghai: registration is open."""
STARTS = datetime(2026, 11, 20, 6, 0, tzinfo=UTC)
"""Friday, 14 o'clock in Shanghai."""
WORDS: dict[str, Any] = {
    "title": {"zh-Hans": "守住养老钱", "en": "Keep your savings safe"},
    "summary": {"zh-Hans": "一个半小时，学会认出六种骗局。", "en": "Recognise six scams in an hour and a half."},
    "learn": {"zh-Hans": "接到“民警”电话怎么办\n转账前问谁", "en": "What to do when “police” call\nWhom to ask"},
    "speaker": {"zh-Hans": "王老师，示例银行", "en": "Ms Wang, Example Bank"},
    "materials": {"zh-Hans": "大字版手册一本", "en": "A large-print booklet"},
    "questions": [],
}


def lecture(session: Session, *, seats: int = 10, online: int = 0, **changed: Any) -> Event:
    """Add a lecture that the public can register for."""
    values: dict[str, Any] = {
        "slug": f"lecture-{secrets.token_hex(4)}",
        "state": EventState.PUBLISHED,
        "mode": Mode.HYBRID if online else Mode.IN_PERSON,
        "audience": Audience.GENERAL,
        "topic": "phone",
        "district": "浦东新区",
        "branch": "张江支行",
        "owner_id": 1,
        "starts_at": STARTS,
        "ends_at": STARTS + timedelta(minutes=90),
        "opens_at": AT - timedelta(days=1),
        "closes_at": STARTS - timedelta(hours=1),
        "venue": {"zh-Hans": "张江社区中心二楼", "en": "Zhangjiang Community Centre, 2nd floor"},
        "address": {"zh-Hans": "示例路1号", "en": "1 Example Road"},
        "telephone": "021-00000000",
        "uid": secrets.token_hex(16),
        "words": WORDS,
        "latest_number": 1,
        "published_number": 1,
        "published_at": AT - timedelta(days=2),
        "updated_at": AT - timedelta(days=2),
        "created_at": AT - timedelta(days=3),
        "created_by": "fixture",
    }
    event = Event(**{**values, **changed})
    session.add(event)
    session.flush()
    session.add(
        Revision(
            event_id=event.id, number=1, content=WORDS, created_at=AT - timedelta(days=3), created_by="x", authors=[2]
        )
    )
    for place in PLACES[event.mode]:
        session.add(Pool(event_id=event.id, place=place, capacity=online if place is Place.ONLINE else seats))
    session.flush()
    return event


def wish(name: str = "张三", **changed: Any) -> Wish:
    """Return what somebody asks for who leaves no contact."""
    values: dict[str, Any] = {
        "place": Place.IN_PERSON,
        "name": name,
        "locale": Locale.HANS,
        "audience": Audience.GENERAL,
        "request": secrets.token_urlsafe(32),
    }
    return Wish(**{**values, **changed})


def mobile(number: int) -> dict[str, Any]:
    """Return the contact of a person with a telephone."""
    return {"contact_kind": ContactKind.PHONE, "contact": f"138{number:08}"}


def come(session: Session, event: Event, name: str = "张三", *, at: datetime = AT, **changed: Any) -> Registered:
    """Register somebody."""
    return registering.register(session, event_id=event.id, wish=wish(name, **changed), at=at)


def states(session: Session, event: Event) -> list[State]:
    """Return where every registration of a lecture stands, in the order in which they came."""
    rows = sa.select(Registration.state).where(Registration.event_id == event.id).order_by(Registration.id)
    return list(session.scalars(rows))


def taken(session: Session, event: Event, place: Place = Place.IN_PERSON) -> int:
    """Return how many seats are taken, as the pool has it."""
    return session.scalars(sa.select(Pool.taken).where(Pool.event_id == event.id, Pool.place == place)).one()
