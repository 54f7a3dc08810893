"""Lectures that were held, and the people who were there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from math import ceil
from random import Random
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.commands.demo.cast import (
    CAMPAIGNS,
    COMMAND,
    DISTRICTS,
    NAMES,
    ORGANISATIONS,
    PREFIX,
    TALKS,
    WRITER,
    Shape,
    Talk,
)
from portal.commands.demo.spans import LENGTH, Span, mark, shares
from portal.core.i18n import to_hant
from portal.core.settings import Audience, Locale
from portal.events.models import Admission, Event, Feedback, PaperSheetFile, Pool, Registration, Revision
from portal.events.rules import codes
from portal.events.rules.attendance import AdmissionKind, AdmissionSource
from portal.events.rules.keeping import CONTACTS_KEPT
from portal.events.rules.lectures import PLACES, EventState, Mode, Place
from portal.events.rules.seats import ContactKind, Kind, Source, State
from portal.events.services.registering import contact_digest, person_digest

ANSWERED = 0.42
"""Of those who came, how many say what they thought."""


def hold(
    session: Session, chance: Random, *, shape: Shape, span: Span, lectures: int, codes_share: float
) -> list[Event]:
    """Add the lectures of a quarter with everybody who was there; return them, the first first.

    Args:
        codes_share: how many of those who came had registered themselves; the others came in groups, or just came.
    """
    begins = span.begins(lectures, chance)
    events = []
    for number, (starts, people) in enumerate(zip(begins, shares(shape.came, lectures), strict=False)):
        event = _lecture(session, chance, span, number, starts)
        _fill(session, chance, event, span.now, people, codes_share)
        events.append(event)
    _say(session, chance, shape, events, span.now, sum(shares(shape.came, lectures)[: len(events)]))
    return events


def call_off(session: Session, chance: Random, *, span: Span) -> None:
    """Add a lecture that did not take place."""
    (starts,) = span.begins(1, chance)
    event = _lecture(session, chance, span, 9, starts)
    event.state, event.sequence = EventState.CANCELLED, 1
    event.cancelled_at, event.cancel_reason = starts - timedelta(days=2), "讲师生病，改期另行通知"
    session.flush()


def _words(talk: Talk) -> dict[str, Any]:
    def said(hans: str, en: str) -> dict[str, str]:
        return {"zh-Hans": hans, "zh-Hant": to_hant(hans), "en": en}

    return {
        "title": said(talk.title, talk.title_en),
        "summary": said(talk.about, talk.about_en),
        "learn": said(
            "怎么认出来\n怎么挂断，怎么自己查\n钱转走了，头30分钟做什么",
            "How to recognise it\nHow to check\nThe first 30 minutes",
        ),
        "speaker": said("示例银行的讲师", "A teacher of Example Bank"),
        "materials": said("大字版手册一本", "A booklet in large print"),
        "questions": [],
    }


def _lecture(session: Session, chance: Random, span: Span, number: int, starts: datetime) -> Event:
    talk = TALKS[(number + chance.randrange(2) + int(span.quarter[5])) % len(TALKS)]
    district, branch, venue, venue_en = DISTRICTS[(number + chance.randrange(2)) % len(DISTRICTS)]
    mode = Mode.HYBRID if number % 3 == 1 else Mode.IN_PERSON
    made = starts - timedelta(days=24)
    event = Event(
        slug=f"{PREFIX}{span.quarter.lower()}-{number + 1}",
        state=EventState.PUBLISHED,
        mode=mode,
        audience=talk.audience,
        topic=talk.topic,
        district=district,
        branch=branch,
        campaign=CAMPAIGNS[int(span.quarter[5])] if number % 2 == 0 else "",
        owner_id=0,
        starts_at=starts,
        ends_at=starts + LENGTH,
        opens_at=starts - timedelta(days=21),
        closes_at=starts - timedelta(hours=1),
        venue={"zh-Hans": venue, "en": venue_en},
        address={"zh-Hans": f"{district}示例路{number + 1}号", "en": f"{number + 1} Example Road"},
        step_free=True,
        hearing_loop=talk.audience is Audience.ELDERLY,
        articles=[talk.article],
        cost_cents=chance.randrange(8, 30) * 10_000,
        materials=chance.randrange(40, 120),
        uid=mark(chance, 32),
        words=_words(talk),
        latest_number=1,
        published_number=1,
        published_at=starts - timedelta(days=22),
        updated_at=starts - timedelta(days=22),
        created_at=made,
        created_by=COMMAND,
    )
    session.add(event)
    session.flush()
    text = Revision(event_id=event.id, number=1, content=event.words, created_at=made, created_by=COMMAND, authors=[0])
    session.add(text)
    return event


# --- who came -----------------------------------------------------------------------------------------------------


class _Guests:
    """Gathers the registrations of a lecture, and who of them came."""

    def __init__(self, chance: Random, event: Event, now: datetime) -> None:
        self.chance, self.event = chance, event
        self.is_erased = event.ends_at + CONTACTS_KEPT <= now
        self.rows: list[dict[str, Any]] = []
        self.came: list[tuple[int | None, AdmissionKind, AdmissionSource, int]] = []
        """Index of a registration or None, how, from where that is known, how many."""
        self.names = chance.sample(NAMES, len(NAMES))

    def register(self, pool: Pool, *, seats: int = 1, kind: Kind = Kind.PERSON, state: State = State.CONFIRMED) -> int:
        """Register somebody; return the index of the row."""
        chance, event = self.chance, self.event
        number = len(self.rows)
        created = event.opens_at + (event.closes_at - event.opens_at) * chance.random() * 0.9
        ended = created + timedelta(hours=5) if state is State.CANCELLED else None
        # Addresses of example.org reach nobody, ever (RFC 2606); no range of telephone numbers is set apart like that.
        writes = not self.is_erased and number < len(self.names) and chance.random() < 0.8
        name = self.names[number % len(self.names)]
        contact = f"{PREFIX}{NAMES.index(name)}@example.org"
        self.rows.append(
            {
                "event_id": event.id,
                "pool_id": pool.id,
                "kind": kind,
                "state": state,
                "source": chance.choice((Source.WEB, Source.WEB, Source.WEB, Source.STAFF)),
                "code": "".join(chance.choice(codes.ALPHABET) for _place in range(codes.LENGTH)),
                "token": None,
                "token_digest": PREFIX + mark(chance),
                "request": PREFIX + mark(chance, 32),
                "seats": seats,
                "name": None if self.is_erased else name,
                "contact_kind": ContactKind.MAIL if writes else ContactKind.NONE,
                "contact": contact if writes else None,
                "contact_digest": contact_digest(contact) if writes else None,
                "person_digest": person_digest(contact, name) if writes else None,
                "organisation": chance.choice(ORGANISATIONS) if kind is Kind.GROUP and not self.is_erased else "",
                "members": None,
                "answers": None,
                "access_note": None,
                "under_14": False,
                "locale": chance.choice((Locale.HANS, Locale.HANS, Locale.HANS, Locale.HANT, Locale.EN)),
                "audience": event.audience,
                "hold_until": None,
                "told_sequence": 0,
                "created_at": created,
                "changed_at": event.ends_at + CONTACTS_KEPT if self.is_erased else ended or created,
                "confirmed_at": created,
                "ended_at": ended,
                "erased_at": event.ends_at + CONTACTS_KEPT if self.is_erased else None,
            }
        )
        return number

    def let_in(self, row: int | None, kind: AdmissionKind, source: AdmissionSource, people: int = 1) -> None:
        """Let people in."""
        self.came.append((row, kind, source, people))


def _fill(session: Session, chance: Random, event: Event, now: datetime, people: int, codes_share: float) -> None:
    pools = {place: Pool(event_id=event.id, place=place, capacity=0) for place in PLACES[event.mode]}
    session.add_all(pools.values())
    session.flush()
    hall, guests = pools[Place.IN_PERSON], _Guests(chance, event, now)
    door = AdmissionSource.OFFLINE if chance.random() < 0.2 else AdmissionSource.DOOR
    coded, walked = round(people * codes_share), round(people * 0.18)
    group = people - coded - walked
    for _missing in range(max(1, round(coded * 0.2))):
        guests.register(hall)
    guests.register(hall, state=State.CANCELLED)
    if group:
        centre = guests.register(hall, seats=group + chance.randrange(2, 6), kind=Kind.GROUP)
        guests.let_in(centre, AdmissionKind.GROUP, door, group)
    while coded > 0:
        seats = min(coded, chance.choice((1, 1, 1, 2)))
        guests.let_in(guests.register(hall, seats=seats), AdmissionKind.CODE, door, seats)
        coded -= seats
    on_paper = chance.random() < 0.3
    while walked > 0:
        heads = min(walked, chance.choice((1, 1, 2, 3)))
        source = AdmissionSource.PAPER if on_paper else door
        guests.let_in(None, AdmissionKind.WALK_IN, source, heads)
        walked -= heads
    if chance.random() < 0.5:
        guests.let_in(None, AdmissionKind.TALLY, door, chance.randrange(3, 10))
    if Place.ONLINE in pools:
        for number in range(chance.randrange(9, 15)):
            row = guests.register(pools[Place.ONLINE])
            if number > 2:
                guests.let_in(row, AdmissionKind.ONLINE, AdmissionSource.FILE)
        for _stranger in range(chance.randrange(1, 4)):
            guests.let_in(None, AdmissionKind.ONLINE, AdmissionSource.FILE)
    _store(session, chance, guests, pools, files=[on_paper, Place.ONLINE in pools])


def _store(
    session: Session, chance: Random, guests: _Guests, pools: dict[Place, Pool], *, files: Sequence[bool]
) -> None:
    event = guests.event
    added = sa.insert(Registration).returning(Registration.id, sort_by_parameter_order=True)
    ids = session.scalars(added, guests.rows).all()
    walked = sum(people for row, kind, _source, people in guests.came if kind is AdmissionKind.WALK_IN)
    for pool in pools.values():
        pool.taken = sum(
            row["seats"] for row in guests.rows if row["pool_id"] == pool.id and row["state"] is State.CONFIRMED
        )
        room = pool.taken + (walked if pool.place is Place.IN_PERSON else 20)
        pool.capacity = ceil((room + 2) / 10) * 10
    session.execute(
        sa.insert(Admission),
        [
            admission(
                chance,
                event,
                registration_id=None if row is None else ids[row],
                kind=kind,
                source=source,
                people=people,
                minutes=chance.randrange(35, 91) if kind is AdmissionKind.ONLINE else None,
            )
            for row, kind, source, people in guests.came
        ],
    )
    for number, there in enumerate(files):
        if there:
            session.add(
                PaperSheetFile(
                    event_id=event.id,
                    digest=mark(chance, 64),
                    rows=len(guests.came),
                    people=walked
                    if number == 0
                    else len([row for row in guests.came if row[1] is AdmissionKind.ONLINE]),
                    at=event.ends_at,
                    by=WRITER[0],
                )
            )
    if guests.is_erased:
        event.erased_at = event.ends_at + CONTACTS_KEPT
    session.flush()


def admission(chance: Random, event: Event, **values: Any) -> dict[str, Any]:
    """Return a row of people let in shortly before the lecture, or after it began."""
    at = event.starts_at + timedelta(minutes=chance.randrange(-25, 12))
    return {
        "event_id": event.id,
        "nonce": PREFIX + mark(chance, 32),
        "device": "",
        "at": at,
        "received_at": at,
        "by": WRITER[0],
        "by_id": WRITER[1],
        "conflict": False,
        "minutes": None,
        **values,
    }


# --- what they thought --------------------------------------------------------------------------------------------


def _say(session: Session, chance: Random, shape: Shape, events: list[Event], now: datetime, came: int) -> None:
    """Add what people thought: exactly so many of them satisfied as the quarter is to show."""
    count = round(came * ANSWERED)
    if not events or not count:
        return
    satisfied = ceil(count * shape.satisfied) if shape.satisfied >= 0.9 else int(count * shape.satisfied)
    levels = [5 if chance.random() < 0.6 else 4 for _person in range(satisfied)]
    levels += [chance.choice((3, 3, 3, 2, 1)) for _person in range(count - satisfied)]
    chance.shuffle(levels)
    session.execute(
        sa.insert(Feedback),
        [
            {
                "event_id": events[number % len(events)].id,
                "level": level,
                "ticket": PREFIX + mark(chance),
                "source": AdmissionSource.PAPER if number % 4 == 3 else AdmissionSource.LINK,
                "at": min(now, events[number % len(events)].ends_at + timedelta(minutes=chance.randrange(1, 600))),
            }
            for number, level in enumerate(levels)
        ],
    )
