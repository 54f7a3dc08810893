"""What people who registered are written about, by mail or short message.

Everything is a row of the outbox in the unit that causes it. What concerns everybody, a lecture that moves or is called
off, is one row first (`Telling`), from which a worker writes to people batch by batch: the desk does not wait for
thousands of messages, and a worker that is killed goes on where it was.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core import crypto
from portal.core.crypto import Unreadable
from portal.core.database import site_zone
from portal.core.settings import Locale
from portal.events.models import Event, Guardian, Notice, Registration, Telling
from portal.events.queries.common import place_of
from portal.events.rules import codes, when
from portal.events.rules import telling as words
from portal.events.rules.lectures import EventState, Place
from portal.events.rules.seats import LIVE, ContactKind, State
from portal.events.services import calendars
from portal.messages import services as messages

BATCH = 20
"""How many people are told in one write unit."""
LATE_COMERS = timedelta(minutes=10)
"""How long after a change it is looked for people who registered in the moment of it, and were told the old time."""


class What(StrEnum):
    """What a person is told."""

    CONFIRMED = "confirmed"
    PENDING = "pending"
    """Said to the guardian: a child's seat is held for 48 hours."""
    WAITING = "waiting"
    OFFERED = "offered"
    CHANGED = "changed"
    """The person changed their own registration."""
    CANCELLED = "cancelled"
    """The person cancelled."""
    LAPSED = "lapsed"
    MOVED = "moved"
    CALLED_OFF = "called-off"
    """The lecture does not take place."""
    REMINDER = "reminder"
    THANKS = "thanks"
    AGAIN = "again"
    """Somebody registered a second time with the same name and contact: the same code once more."""


_IN = frozenset({What.CONFIRMED, What.CHANGED, What.MOVED, What.AGAIN})
"""A mail about these brings the lecture into the calendar of whoever has a seat."""
_OUT = frozenset({What.CANCELLED, What.CALLED_OFF})
"""A mail about these takes it out again."""


def tell(
    session: Session,
    *,
    event: Event,
    registration: Registration,
    what: What,
    at: datetime,
    more: Mapping[str, str] | None = None,
) -> None:
    """Put what the person is told into the outbox, inside the caller's write unit; nothing where they want none.

    Args:
        more: for THANKS, whole addresses by what they are: `feedback`, `materials`, `certificate`, `quiz`, `articles`;
            any other key is shown as it stands, so it may be words in the person's language.
    """
    if what is What.LAPSED and event.state is EventState.CANCELLED:
        return  # They are told that the lecture does not take place.
    kind, contact, guardian = _reach(session, registration, what)
    if kind is ContactKind.NONE or not contact:
        return
    values = _values(session, event, registration, guardian) | {"more": more or {}}
    template, locale = f"event-{what}", registration.locale
    if kind is ContactKind.MAIL:
        calendar = _calendar(session, event, registration, what, at)
        messages.queue(session, to=contact, template=template, locale=locale, values=values, at=at, calendar=calendar)
        return
    cut = {"title": words.LONGEST_TITLE, "venue": words.LONGEST_TITLE, "reason": words.LONGEST_REASON}
    values |= {name: words.short(str(values[name]), most) for name, most in cut.items()}
    messages.queue_text(session, to=contact, template=template, locale=locale, values=values, at=at)


def tell_all(session: Session, *, event: Event, what: What, at: datetime) -> None:
    """Have everybody who has a seat, waits or is asked told of a change, once for this sequence of the lecture.

    Whoever's seat lapses with the call-off, in this unit or later, is among them.
    """
    row = session.get(Telling, event.id)
    if row is None:
        session.add(Telling(event_id=event.id, what=what.value, sequence=event.sequence, at=at))
    else:
        row.what, row.sequence, row.at = what.value, event.sequence, at
    session.flush()


def any_telling(session: Session) -> bool:
    """Return whether anybody may have to be told of a change, without keeping any writer waiting for the answer."""
    return session.scalar(sa.select(Telling.event_id).limit(1)) is not None


def tell_next(session: Session, *, at: datetime) -> bool:
    """Tell the next few people of a change; return whether there were any. One write unit each.

    Rows that somebody else is changing are passed over and come later: this waits for nobody, so nobody who registers
    can be waiting for it in turn.
    """
    rows = sa.select(Telling).order_by(Telling.at, Telling.event_id).with_for_update(skip_locked=True)
    for row in session.scalars(rows.execution_options(populate_existing=True)).all():
        found = sa.select(Registration.id).where(_untold(row)).order_by(Registration.id).limit(BATCH)
        numbers = list(session.scalars(found.with_for_update(skip_locked=True)))
        if numbers:
            event = session.get_one(Event, row.event_id, populate_existing=True)
            kind = f"{row.what}-{row.sequence}"
            told = sa.update(Registration).where(Registration.id.in_(numbers)).values(told_sequence=row.sequence)
            session.execute(told.execution_options(synchronize_session=False))
            write_to(session, event=event, numbers=numbers, what=What(row.what), kind=kind, at=at)
            return True
        if at - row.at >= LATE_COMERS and session.scalar(sa.select(sa.exists().where(_untold(row)))) is False:
            session.delete(row)
    return False


def write_to(session: Session, *, event: Event, numbers: list[int], what: What, kind: str, at: datetime) -> None:
    """Tell people the same thing, and note for each that they were told.

    Args:
        kind: under which name it is noted; a second time is refused by the table.
    """
    for number in numbers:
        session.add(Notice(registration_id=number, kind=kind, at=at))
        try:
            registration = session.get_one(Registration, number, populate_existing=True)
            tell(session, event=event, registration=registration, what=what, at=at)
        except (Unreadable, ValueError):
            # Sealed under another key, or no address: that one cannot be told, and keeps nobody else waiting.
            continue


def _untold(row: Telling) -> sa.ColumnElement[bool]:
    """Return the condition of people who are to be told of a change, and have not been."""
    live: sa.ColumnElement[bool] = Registration.state.in_(LIVE)
    if row.what == What.CALLED_OFF.value:
        live = sa.or_(live, sa.and_(Registration.state == State.LAPSED, Registration.ended_at >= row.at))
    behind = sa.and_(Registration.event_id == row.event_id, Registration.told_sequence < row.sequence)
    return sa.and_(behind, live)


def _reach(session: Session, registration: Registration, what: What) -> tuple[ContactKind, str, Guardian | None]:
    """Return how whom to write to; a child without a contact of its own is written to at the guardian's."""
    if what is not What.PENDING and registration.contact_kind is not ContactKind.NONE:
        return registration.contact_kind, registration.contact or "", None
    guardian = session.get(Guardian, registration.id) if registration.under_14 else None
    return (guardian.contact_kind, guardian.contact, guardian) if guardian else (ContactKind.NONE, "", None)


def _values(session: Session, event: Event, registration: Registration, guardian: Guardian | None) -> dict[str, object]:
    locale, audience, zone = registration.locale, registration.audience, site_zone(session)
    place = place_of(session, registration)
    online = place is Place.ONLINE
    has_seat = registration.state is State.CONFIRMED
    pages = {"lecture": f"/events/{event.slug}", "lectures": "/events/"}
    pages["page"] = f"/events/registrations/{registration.token}" if registration.token else pages["lecture"]
    pages["guardian"] = f"/events/guardian/{guardian.token}" if guardian and guardian.token else pages["page"]
    links = {name: calendars.link(session, path, locale=locale, audience=audience) for name, path in pages.items()}
    where = calendars.where(event, place, locale)
    moved = event.previous_starts_at is not None and event.previous_starts_at != event.starts_at
    return {
        **links,
        "title": calendars.title(event, locale),
        "when": when.span(event.starts_at, event.ends_at, zone=zone, locale=locale),
        "before": _moment(event.previous_starts_at, zone, locale) if moved else "",
        "until": _moment(registration.hold_until, zone, locale),
        "place": where,
        "venue": where if online else words.one_line(calendars.in_language(event.venue, locale)),
        "online": event.online_url if online and has_seat else "",
        "seats": str(registration.seats),
        "code": codes.spoken(registration.code),
        "state": registration.state.value,
        "position": _position(session, registration),
        "telephone": event.telephone,
        "reason": words.one_line(event.cancel_reason),
    }


def _moment(at: datetime | None, zone: ZoneInfo, locale: Locale) -> str:
    return when.moment_words(at, zone=zone, locale=locale) if at is not None else ""


def _position(session: Session, registration: Registration) -> str:
    """Return the place on the waiting list; empty: the person is on none."""
    if registration.state is not State.WAITING:
        return ""
    before = sa.select(sa.func.count()).where(
        Registration.pool_id == registration.pool_id,
        Registration.state == State.WAITING,
        Registration.id <= registration.id,
    )
    return str(session.scalar(before))


def _calendar(session: Session, event: Event, registration: Registration, what: What, at: datetime) -> str:
    """Return what a mail brings for the calendar of somebody who has, or had, a seat; empty: nothing."""
    if what in _IN and registration.state is State.CONFIRMED:
        return calendars.own(session, event, registration, cancel=False, made_at=at)
    if what not in _OUT or registration.confirmed_at is None:
        return ""
    if what is What.CANCELLED and _others_come(session, registration):
        return ""
    return calendars.own(session, event, registration, cancel=True, made_at=at)


def _others_come(session: Session, registration: Registration) -> bool:
    """Return whether somebody else with this contact has a seat: the lecture stays in the calendar that they share."""
    if registration.contact is None:
        return False
    # As in `registering`, which stands above this.
    shared = crypto.keyed_digests(registration.contact, purpose="event contact")
    others = sa.exists().where(
        Registration.event_id == registration.event_id,
        Registration.contact_digest.in_(shared),
        Registration.id != registration.id,
        Registration.state == State.CONFIRMED,
    )
    return bool(session.scalar(sa.select(others)))
