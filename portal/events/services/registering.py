"""Registering for a lecture."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import instance_dict

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core import crypto
from portal.core.database import insert, row_of_unit, table_of
from portal.core.errors import PortalError
from portal.events.models import AccessRow, Consent, Event, Guardian, Notice, Pool, Registration
from portal.events.queries.common import phase_of
from portal.events.rules import codes, keeping
from portal.events.rules import lectures as rules
from portal.events.rules import seats as seating
from portal.events.rules.keeping import Purpose
from portal.events.rules.lectures import EventState, Phase
from portal.events.rules.seats import GUARDIAN_HOLD, LIVE, Kind, Source, State
from portal.events.rules.wishes import Wish
from portal.events.services import claiming, notices
from portal.events.services.notices import What

CONTACT = "event contact"
PERSON = "event person"
AGAIN_AFTER = timedelta(minutes=10)
"""How long after a person was told their code again it is told once more."""


class NotOpen(PortalError):
    """The lecture takes no registrations now.

    Args:
        phase: where it stands.
    """

    def __init__(self, phase: Phase) -> None:
        super().__init__(phase.value)
        self.phase = phase


class TooMany(PortalError):
    """More seats, or more registrations with one contact, than this lecture allows.

    Args:
        most: how many it allows.
        of: `seats` or `registrations`.
    """

    def __init__(self, most: int, of: str) -> None:
        super().__init__(of)
        self.most = most
        self.of = of


class NoSuchPlace(PortalError):
    """The lecture is not held there."""


class Became(StrEnum):
    """What became of a wish."""

    NEW = "new"
    SAME_FORM = "same-form"
    """This very form had been sent before: here is what it made."""
    KNOWN = "known"
    """The same person had registered before with this contact: it stands, and they were told their code again."""


@dataclass(frozen=True, slots=True)
class Registered:
    """What somebody who registered is told, in plain values."""

    became: Became
    id: int
    state: State
    token: str
    """Of the person's own page; empty where only the contact may be told (`KNOWN`)."""


# Made once: everybody who registers at the same time waits for whoever is at it.
_POOL = (
    sa.select(Pool.id, Pool.taken, Pool.capacity)
    .where(Pool.event_id == sa.bindparam("event"), Pool.place == sa.bindparam("place"))
    .with_for_update()
)
_COLUMNS = sa.select(Registration.id, Registration.state, Registration.request, Registration.person_digest)
_OF_EVENT = _COLUMNS.where(Registration.event_id == sa.bindparam("event"))
_RELATED = sa.union(
    # Two searches and no OR: for that SQLite would go through all registrations of the lecture.
    _OF_EVENT.where(Registration.request == sa.bindparam("request")),
    # Whoever is recognised by name and contact is among those with the contact.
    _OF_EVENT.where(Registration.contact_digest.in_(sa.bindparam("shared", expanding=True))),
)
_REGISTRATION = table_of(Registration).insert()
_CONSENT = table_of(Consent).insert()
_NEED = table_of(AccessRow).insert()


def register(session: Session, *, event_id: int, wish: Wish, at: datetime, by: str = "") -> Registered:
    """Claim seats for somebody, or put them on the waiting list.

    Args:
        by: the member of staff who does it for them; empty: they do it themselves.

    Raises:
        LookupError: there is no such lecture for the public.
        NotOpen: it takes no registrations now; staff may register until its end.
        NoSuchPlace: it is not held there.
        TooMany: more seats, or more people with one contact, than allowed.
    """
    # What the caller's unit has changed is written; then statements go past the session, which costs a third of them.
    session.flush()
    pool = session.connection().execute(_POOL, {"event": event_id, "place": wish.place}).one_or_none()
    # Read under the lock: whoever moves the lecture or calls it off holds its seats meanwhile.
    event = row_of_unit(session, Event, event_id)
    if event is None or event.state is EventState.DRAFT:
        raise LookupError(event_id)
    if pool is None:
        raise NoSuchPlace(wish.place.value)
    shared = contact_digests(wish.contact) if wish.contact else []
    sought = {"event": event_id, "request": wish.request, "shared": shared}
    related = session.connection().execute(_RELATED, sought).all()
    twin = next((one for one in related if one.request == wish.request), None)
    if twin is not None:
        same = session.get_one(Registration, twin.id)
        return Registered(Became.SAME_FORM, same.id, same.state, same.token or "")
    _is_open(event, wish, at)
    live = [one for one in related if one.state in LIVE]
    _is_allowed(event, wish, others=len(live))
    digests = person_digests(wish.contact, wish.name) if wish.contact else []
    known = next((one for one in live if one.person_digest in digests), None)
    if known is not None:
        there = session.get_one(Registration, known.id)
        _tell_again(session, event, there, at)
        return Registered(Became.KNOWN, there.id, there.state, "")
    registration = _add(session, event, pool, wish, (shared[0], digests[0]) if shared else (None, None), at)
    notices.tell(session, event=event, registration=registration, what=_word(registration.state), at=at)
    if by:
        facts = {"registration": registration.id, "state": registration.state.value, "seats": wish.seats}
        record(session, Tag.EVENT_REGISTERED, by=by, at=at, target=f"event:{event.slug}", details=facts)
    return Registered(Became.NEW, registration.id, registration.state, registration.token or "")


def person_digests(contact: str, name: str) -> list[str]:
    """Return what a person is recognised by: contact and name together, since a telephone may be shared.

    It is stored under the first; the others are what it may lie under while the site's keys are rotated.
    """
    even = "".join(unicodedata.normalize("NFKC", name).casefold().split())
    return crypto.keyed_digests(f"{contact}\n{even}", purpose=PERSON)


def person_digest(contact: str, name: str) -> str:
    """Return what is stored of `person_digests`."""
    return person_digests(contact, name)[0]


def contact_digests(contact: str) -> list[str]:
    """Return what a contact is recognised by: under the present key, and under those that are known beside it."""
    return crypto.keyed_digests(contact, purpose=CONTACT)


def contact_digest(contact: str) -> str:
    """Return what is stored of `contact_digests`."""
    return contact_digests(contact)[0]


def _is_open(event: Event, wish: Wish, at: datetime) -> None:
    phase = phase_of(event, at)
    by_staff = wish.source is not Source.WEB and phase in (Phase.COMING, Phase.CLOSED, Phase.RUNNING)
    if phase is not Phase.OPEN and not by_staff:
        raise NotOpen(phase)


def _is_allowed(event: Event, wish: Wish, *, others: int) -> None:
    """Refuse more than the lecture allows; `others`: how many live registrations have the contact."""
    most = rules.MOST_IN_A_GROUP if wish.kind is Kind.GROUP else min(event.most_seats, rules.MOST_SEATS_EACH)
    if wish.kind is Kind.GROUP and not event.takes_groups:
        raise TooMany(0, "group")
    if not 1 <= wish.seats <= most:
        raise TooMany(most, "seats")
    if wish.under_14 and wish.guardian is None and wish.kind is Kind.PERSON:
        # 个人信息保护法 31: nothing of a child under 14 without a guardian.
        raise ValueError("a child under 14 comes with a guardian")
    most = rules.MOST_REGISTRATIONS_OF_A_CONTACT
    if wish.contact and wish.source is Source.WEB and others >= most:
        raise TooMany(most, "registrations")


def _add(
    session: Session, event: Event, pool: Any, wish: Wish, digests: tuple[str | None, str | None], at: datetime
) -> Registration:
    """Claim the seats and write the registration; `digests`: of the contact, and of the person."""
    before, free = (pool.taken, pool.capacity), pool.capacity - pool.taken
    gets = 0
    # A list of hundreds who wait is not read for somebody who cannot have a seat anyway.
    if wish.seats <= free:
        gets = claiming.claim_at_once(session, pool.id, wish.seats)
        if not gets and seating.may_take(claiming.waiting(session, pool.id), seats=wish.seats, free=free):
            gets = claiming.claim(session, pool.id, wish.seats)
    claiming.tell_lists(session, pool.id, before, (gets or pool.taken, pool.capacity))
    asked = wish.guardian is not None and wish.guardian.relation is None
    state = State.WAITING if not gets else State.PENDING if asked else State.CONFIRMED
    token = crypto.token()
    values: dict[str, Any] = {
        "event_id": event.id,
        "pool_id": pool.id,
        "kind": wish.kind,
        "state": state,
        "source": wish.source,
        "code": codes.new_code(),
        "token": token,
        "token_digest": crypto.digest(token),
        "request": wish.request,
        "seats": wish.seats,
        "name": wish.name,
        "contact_kind": wish.contact_kind,
        "contact": wish.contact or None,
        "contact_digest": digests[0],
        "person_digest": digests[1],
        "organisation": wish.organisation,
        "members": "\n".join(wish.members) or None,
        "answers": json.dumps(wish.answers, ensure_ascii=False) if wish.answers else None,
        "access_note": wish.access_note or None,
        "under_14": wish.under_14,
        "locale": wish.locale,
        "audience": wish.audience,
        "hold_until": at + GUARDIAN_HOLD if state is State.PENDING else None,
        "told_sequence": event.sequence,
        "created_at": at,
        "changed_at": at,
        "confirmed_at": at if state is State.CONFIRMED else None,
    }
    # Rows are written without the session's bookkeeping, which costs more than the writing; and everybody who wants a
    # seat in the same moment waits for it.
    number = insert(session, _REGISTRATION, values)
    registration = Registration()
    # It belongs to no session, so nobody has to be told of each value as it is set.
    instance_dict(registration).update(values, id=number)
    _add_rest(session, number, wish, at)
    return registration


def _add_rest(session: Session, number: int, wish: Wish, at: datetime) -> None:
    """Add what belongs to a registration: consents, needs, the guardian."""
    agreed = {Purpose.REGISTRATION: keeping.PRIVACY_NOTE}
    if wish.needs or wish.access_note:
        agreed[Purpose.ACCESS] = keeping.PRIVACY_NOTE
    if wish.guardian is not None and wish.guardian.relation is not None:
        agreed[Purpose.CHILD] = keeping.GUARDIAN_NOTE
    consents = [
        {"registration_id": number, "purpose": purpose, "text_version": version, "given_at": at}
        for purpose, version in agreed.items()
    ]
    session.connection().execute(_CONSENT, consents)
    if wish.needs:
        session.execute(_NEED, [{"registration_id": number, "need": need} for need in sorted(wish.needs)])
    if wish.guardian is not None:
        token = crypto.token()
        guardian = Guardian(
            registration_id=number,
            name=wish.guardian.name,
            contact=wish.guardian.contact,
            contact_kind=wish.guardian.contact_kind,
            relation=wish.guardian.relation,
            text_version=keeping.GUARDIAN_NOTE,
            token=token,
            token_digest=crypto.digest(token),
            asked_at=at,
            confirmed_at=at if wish.guardian.relation is not None else None,
        )
        session.add(guardian)
        session.flush()


def _word(state: State) -> What:
    return {State.CONFIRMED: What.CONFIRMED, State.PENDING: What.PENDING}.get(state, What.WAITING)


def _tell_again(session: Session, event: Event, known: Registration, at: datetime) -> None:
    """Tell a person who registers a second time what they have; not again and again."""
    last = session.get(Notice, (known.id, What.AGAIN.value))
    if last is not None and at - last.at < AGAIN_AFTER:
        return
    if last is None:
        session.add(Notice(registration_id=known.id, kind=What.AGAIN.value, at=at))
    else:
        last.at = at
    notices.tell(session, event=event, registration=known, what=What.AGAIN, at=at)
