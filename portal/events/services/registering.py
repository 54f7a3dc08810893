"""Registering for a lecture."""

from __future__ import annotations

import json
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core import crypto
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
    pool_id = session.scalar(sa.select(Pool.id).where(Pool.event_id == event_id, Pool.place == wish.place))
    pool = claiming.lock(session, pool_id) if pool_id is not None else None
    # Read under the lock: whoever moves the lecture or calls it off holds its seats meanwhile.
    event = session.get(Event, event_id, populate_existing=True)
    if event is None or event.state is EventState.DRAFT:
        raise LookupError(event_id)
    if pool is None or pool_id is None:
        raise NoSuchPlace(wish.place.value)
    twin = _sent_before(session, event_id, wish.request)
    if twin is not None:
        return Registered(Became.SAME_FORM, twin.id, twin.state, twin.token or "")
    _is_open(event, wish, at)
    _is_allowed(session, event, wish)
    digests = person_digests(wish.contact, wish.name) if wish.contact else []
    known = _live(session, event_id, digests) if digests else None
    if known is not None:
        _tell_again(session, event, known, at)
        return Registered(Became.KNOWN, known.id, known.state, "")
    before = (pool.taken, pool.capacity)
    registration = _add(session, event, pool, wish, digests[0] if digests else None, at)
    claiming.tell_lists(session, pool_id, before)
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


def _sent_before(session: Session, event_id: int, request: str) -> Registration | None:
    same = sa.select(Registration).where(Registration.event_id == event_id, Registration.request == request)
    return session.scalars(same).first()


def _live(session: Session, event_id: int, digests: list[str]) -> Registration | None:
    live = sa.select(Registration).where(
        Registration.event_id == event_id, Registration.person_digest.in_(digests), Registration.state.in_(LIVE)
    )
    return session.scalars(live).first()


def _is_open(event: Event, wish: Wish, at: datetime) -> None:
    phase = phase_of(event, at)
    by_staff = wish.source is not Source.WEB and phase in (Phase.COMING, Phase.CLOSED, Phase.RUNNING)
    if phase is not Phase.OPEN and not by_staff:
        raise NotOpen(phase)


def _is_allowed(session: Session, event: Event, wish: Wish) -> None:
    most = rules.MOST_IN_A_GROUP if wish.kind is Kind.GROUP else min(event.most_seats, rules.MOST_SEATS_EACH)
    if wish.kind is Kind.GROUP and not event.takes_groups:
        raise TooMany(0, "group")
    if not 1 <= wish.seats <= most:
        raise TooMany(most, "seats")
    if wish.under_14 and wish.guardian is None and wish.kind is Kind.PERSON:
        # 个人信息保护法 31: nothing of a child under 14 without a guardian.
        raise ValueError("a child under 14 comes with a guardian")
    if wish.contact and wish.source is Source.WEB:
        shared = sa.select(sa.func.count()).where(
            Registration.event_id == event.id,
            Registration.contact_digest.in_(contact_digests(wish.contact)),
            Registration.state.in_(LIVE),
        )
        if (session.scalar(shared) or 0) >= rules.MOST_REGISTRATIONS_OF_A_CONTACT:
            raise TooMany(rules.MOST_REGISTRATIONS_OF_A_CONTACT, "registrations")


def _add(session: Session, event: Event, pool: Pool, wish: Wish, digest: str | None, at: datetime) -> Registration:
    free = pool.capacity - pool.taken
    gets = seating.may_take(claiming.waiting(session, pool.id), seats=wish.seats, free=free) and claiming.claim(
        session, pool.id, wish.seats
    )
    asked = wish.guardian is not None and wish.guardian.relation is None
    state = State.WAITING if not gets else State.PENDING if asked else State.CONFIRMED
    token = crypto.token()
    registration = Registration(
        event_id=event.id,
        pool_id=pool.id,
        kind=wish.kind,
        state=state,
        source=wish.source,
        code=codes.new_code(),
        token=token,
        token_digest=crypto.digest(token),
        request=wish.request,
        seats=wish.seats,
        name=wish.name,
        contact_kind=wish.contact_kind,
        contact=wish.contact or None,
        contact_digest=contact_digest(wish.contact) if wish.contact else None,
        person_digest=digest,
        organisation=wish.organisation,
        members="\n".join(wish.members) or None,
        answers=json.dumps(wish.answers, ensure_ascii=False) if wish.answers else None,
        access_note=wish.access_note or None,
        under_14=wish.under_14,
        locale=wish.locale,
        audience=wish.audience,
        hold_until=at + GUARDIAN_HOLD if state is State.PENDING else None,
        told_sequence=event.sequence,
        created_at=at,
        changed_at=at,
        confirmed_at=at if state is State.CONFIRMED else None,
    )
    session.add(registration)
    session.flush()
    _add_rest(session, registration, wish, at)
    return registration


def _add_rest(session: Session, registration: Registration, wish: Wish, at: datetime) -> None:
    """Add what belongs to a registration: consents, needs, the guardian."""
    agreed = {Purpose.REGISTRATION: keeping.PRIVACY_NOTE}
    if wish.needs or wish.access_note:
        agreed[Purpose.ACCESS] = keeping.PRIVACY_NOTE
    if wish.guardian is not None and wish.guardian.relation is not None:
        agreed[Purpose.CHILD] = keeping.GUARDIAN_NOTE
    rows: list[object] = [
        Consent(registration_id=registration.id, purpose=purpose, text_version=version, given_at=at)
        for purpose, version in agreed.items()
    ]
    rows += [AccessRow(registration_id=registration.id, need=need) for need in sorted(wish.needs)]
    if wish.guardian is not None:
        token = crypto.token()
        rows.append(
            Guardian(
                registration_id=registration.id,
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
        )
    session.add_all(rows)
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
