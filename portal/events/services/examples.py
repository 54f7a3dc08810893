"""Three lectures that show what the pages look like, in the weeks to come; their titles say that they are examples."""

from __future__ import annotations

import secrets
from datetime import date, datetime, time, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import site_zone, touch_site
from portal.core.settings import Audience
from portal.events.models import Event, Pool, Revision
from portal.events.rules.lectures import PLACES, EventState, Mode, Place

_NOTE = {
    "zh-Hans": "这是示例，用来看页面，不会举行。",
    "en": "This is an example that shows what the page looks like. It does not take place.",
}
_HALL: dict[str, Any] = {
    "venue": {"zh-Hans": "示例支行二楼", "en": "Example Branch, 2nd floor"},
    "address": {"zh-Hans": "示例路1号", "en": "1 Example Road"},
    "district": "示例区",
    "branch": "示例支行",
    "step_free": True,
}


def _words(title: str, title_en: str, summary: str, summary_en: str, learn: str, learn_en: str) -> dict[str, Any]:
    return {
        "title": {"zh-Hans": f"示例：{title}", "en": f"Example: {title_en}"},
        "summary": {"zh-Hans": summary + _NOTE["zh-Hans"], "en": f"{summary_en} {_NOTE['en']}"},
        "learn": {"zh-Hans": learn, "en": learn_en},
        "speaker": {"zh-Hans": "示例银行的讲师", "en": "A teacher of Example Bank"},
        "materials": {"zh-Hans": "大字版手册一本", "en": "A booklet in large print"},
        "questions": [],
    }


_EXAMPLES: tuple[tuple[str, int, time, dict[str, int], dict[str, Any]], ...] = (
    (
        "example-fake-police",
        12,
        time(9, 30),
        {"in-person": 40},
        {
            **_HALL,
            "mode": Mode.IN_PERSON,
            "audience": Audience.GENERAL,
            "topic": "police-impersonation",
            "sign_language": True,
            "articles": ["fake-police-safe-account"],
            "words": _words(
                "接到“公检法”电话怎么办",
                "“Police” on the phone",
                "现场演一遍骗子的四步，再学怎么挂断、怎么查。",
                "See the four steps of the scam acted out, then learn to hang up and to check.",
                "骗子的四步，现场演一遍\n怎么挂断，怎么自己查\n钱转走了，头30分钟做什么",
                "The four steps of the scam\nHow to hang up, and check for yourself\nThe first 30 minutes after a loss",
            ),
        },
    ),
    (
        "example-deposits",
        19,
        time(14, 0),
        {"in-person": 30, "online": 100},
        {
            **_HALL,
            "mode": Mode.HYBRID,
            "audience": Audience.ELDERLY,
            "topic": "deposits-and-investments",
            "hearing_loop": True,
            "access_note": {"zh-Hans": "备有老花镜。", "en": "Reading glasses are at hand."},
            "articles": ["deposits-vs-wealth-products"],
            "words": _words(
                "存款和理财有什么不一样",
                "Deposits and wealth products",
                "带上您的单子，学会看哪个可能亏钱。",
                "Bring your papers, and learn which of them can lose money.",
                "哪些保本，哪些不保本\n单子上先看哪三处\n拿不准时问谁",
                "What is covered and what is not\nThe three places to look at first\nWhom to ask when in doubt",
            ),
        },
    ),
    (
        "example-paid-tasks",
        26,
        time(19, 30),
        {"online": 200},
        {
            "mode": Mode.ONLINE,
            "audience": Audience.NEW_RESIDENT,
            "topic": "part-time-jobs",
            "articles": ["brushing-orders"],
            "words": _words(
                "要先垫钱的兼职，别做",
                "Jobs that ask you to pay first",
                "下班后在线听一小时，学会认出刷单。",
                "One hour online after work: recognise paid-task scams.",
                "刷单怎么一步步骗钱\n找工作时怎么查公司\n已经垫了钱怎么办",
                "How paid tasks take your money\nHow to check an employer\nWhat to do if you have paid",
            ),
        },
    ),
)

SLUGS = tuple(example[0] for example in _EXAMPLES)
"""Of lectures that say of themselves that they are examples."""


def has_any(session: Session) -> bool:
    """Return whether there is any lecture, whatever its state."""
    return session.scalar(sa.select(sa.literal(1)).select_from(Event).limit(1)) is not None


def add_examples(session: Session, *, by: str, at: datetime) -> int:
    """Add the examples that are not there yet, as published; return how many."""
    here = at.astimezone(site_zone(session)).date()
    known = set(session.scalars(sa.select(Event.slug).where(Event.slug.in_(SLUGS))))
    added = [example for example in _EXAMPLES if example[0] not in known]
    for slug, days, begins, capacity, plan in added:
        _add(session, slug, here + timedelta(days=days), begins, capacity, plan, by, at)
    if added:
        touch_site(session)
    return len(added)


def _add(
    session: Session,
    slug: str,
    day: date,
    begins: time,
    capacity: dict[str, int],
    plan: dict[str, Any],
    by: str,
    at: datetime,
) -> None:
    # On a Saturday, and at an hour that no zone's clocks skip or show twice.
    saturday = day + timedelta(days=(5 - day.weekday()) % 7)
    starts = datetime.combine(saturday, begins, site_zone(session))
    event = Event(
        slug=slug,
        state=EventState.PUBLISHED,
        owner_id=0,
        starts_at=starts,
        ends_at=starts + timedelta(minutes=90),
        opens_at=at,
        closes_at=starts - timedelta(hours=1),
        uid=secrets.token_hex(16),
        latest_number=1,
        published_number=1,
        published_at=at,
        updated_at=at,
        created_at=at,
        created_by=by,
        **plan,
    )
    session.add(event)
    session.flush()
    session.add(Revision(event_id=event.id, number=1, content=plan["words"], created_at=at, created_by=by, authors=[0]))
    for place in PLACES[event.mode]:
        session.add(Pool(event_id=event.id, place=Place(place), capacity=capacity[place]))
    record(session, Tag.EVENT_PUBLISHED, by=by, at=at, target=f"event:{slug}", details={"example": True})
