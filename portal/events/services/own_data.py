"""What is kept of one person who registered: found by their code, copied to them, put right, taken back, erased.

Each request of a person is noted in the audit log, with the number of the registration and nothing of its content.
Where it came from is not noted: the address of a person's network is data of that person, too.
"""

from __future__ import annotations

import hmac
import json
import unicodedata
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.errors import PortalError
from portal.events.models import AccessRow, Consent, Event, Guardian, Registration
from portal.events.queries import own
from portal.events.rules import codes, keeping
from portal.events.rules import lectures as rules
from portal.events.rules.keeping import AccessNeed, Purpose
from portal.events.rules.seats import LIVE, ContactKind
from portal.events.services import claiming, managing, notices
from portal.events.services.notices import What
from portal.events.services.registering import TooMany, contact_digest, contact_digests, person_digest, person_digests

THEMSELVES = "registrant"
ORIGIN = "own page"


class Erased(PortalError):
    """Nothing is kept of this person any more."""


class Taken(PortalError):
    """Another registration of this lecture has this contact and this name."""


@dataclass(frozen=True, slots=True)
class Correction:
    """What is to stand from now on; every value is checked by the form."""

    name: str
    contact_kind: ContactKind
    contact: str
    needs: frozenset[AccessNeed] = frozenset()
    access_note: str = ""


# --- found --------------------------------------------------------------------------------------------------------


def of_code(session: Session, *, code: str, name: str) -> str | None:
    """Return the token of the own page of whoever has a code and knows the name that was given; None: they do not."""
    typed = codes.typed(code)
    found = session.scalar(sa.select(Registration).where(Registration.code == typed)) if typed is not None else None
    kept = found.name if found is not None else None
    # Compared whether or not there is such a code: both answers take as long.
    right = hmac.compare_digest(_loose(kept or "").encode(), _loose(name).encode())
    return found.token if right and found is not None and kept and _loose(name) else None


def _loose(name: str) -> str:
    """Return a name as it is compared: its letters and digits, whatever their width, size and what stands between."""
    return "".join(letter for letter in unicodedata.normalize("NFKC", name).casefold() if letter.isalnum())


# --- seen ---------------------------------------------------------------------------------------------------------


def kept_of(session: Session, registration: Registration, event: Event) -> dict[str, Any]:
    """Return everything that is kept of a person, in plain values that any program reads."""
    guardian = own.guardian(session, registration.id)
    return {
        "lecture": {"address": f"/events/{event.slug}", "starts_at": event.starts_at.isoformat()},
        "code": registration.code,
        "state": registration.state.value,
        "kind": registration.kind.value,
        "seats": registration.seats,
        "name": registration.name,
        "contact": {"kind": registration.contact_kind.value, "value": registration.contact},
        "organisation": registration.organisation,
        "members": (registration.members or "").splitlines(),
        "answers": answers_of(registration),
        "access": {
            "needs": [need.value for need in own.needs(session, registration.id)],
            "note": registration.access_note,
        },
        "under_14": registration.under_14,
        "guardian": None
        if guardian is None
        else {
            "name": guardian.name,
            "contact": guardian.contact,
            "relation": guardian.relation.value if guardian.relation else None,
            "text": guardian.text_version,
            "asked_at": guardian.asked_at.isoformat(),
            "confirmed_at": _moment(guardian.confirmed_at),
        },
        "consents": [
            {
                "purpose": row.purpose.value,
                "text": row.text_version,
                "given_at": row.given_at.isoformat(),
                "withdrawn_at": _moment(row.withdrawn_at),
            }
            for row in own.consents(session, registration.id)
        ],
        "language": registration.locale.value,
        "edition": registration.audience.value,
        "came_by": registration.source.value,
        "created_at": registration.created_at.isoformat(),
        "changed_at": registration.changed_at.isoformat(),
        "kept_until": {
            "contacts": (event.ends_at + keeping.CONTACTS_KEPT).isoformat(),
            "access": (event.ends_at + keeping.ACCESS_KEPT).isoformat(),
        },
    }


def _moment(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def answers_of(registration: Registration) -> dict[str, str]:
    """Return what a person answered, by the key of the question."""
    found: dict[str, str] = json.loads(registration.answers) if registration.answers else {}
    return found


def copy(session: Session, *, registration_id: int, at: datetime) -> dict[str, Any]:
    """Return everything that is kept of a person for them to take along, and note that they asked.

    Raises:
        Erased: nothing is left.
    """
    registration = _kept(session, registration_id)
    event = session.get_one(Event, registration.event_id)
    _note(session, Tag.EVENT_DATA_COPIED, registration, at)
    return kept_of(session, registration, event)


# --- put right ----------------------------------------------------------------------------------------------------


def correct(session: Session, *, registration_id: int, correction: Correction, at: datetime) -> bool:
    """Put name, contact and needs right; return whether that changed anything.

    Raises:
        Erased: nothing is left.
        Taken: somebody else has registered with this contact and this name.
        TooMany: as many people as one contact may register are registered with it.
    """
    pool_id = session.scalar(sa.select(Registration.pool_id).where(Registration.id == registration_id))
    if pool_id is not None:
        claiming.lock(session, pool_id)
    registration = _kept(session, registration_id)
    event = session.get_one(Event, registration.event_id)
    new = (correction.name, correction.contact_kind, correction.contact or None)
    if new != (registration.name, registration.contact_kind, registration.contact):
        digest = person_digest(correction.contact, correction.name) if correction.contact else None
        _is_free(session, registration, correction.contact, correction.name)
        registration.name, registration.contact_kind, registration.contact = new
        registration.contact_digest = contact_digest(correction.contact) if correction.contact else None
        registration.person_digest = digest
        changed = True
    else:
        changed = False
    had = (frozenset(own.needs(session, registration.id)), registration.access_note or "")
    if had != (correction.needs, correction.access_note):
        _need(session, registration, correction, at)
        changed = True
    if changed:
        registration.changed_at = at
        session.flush()
        _note(session, Tag.EVENT_DATA_CORRECTED, registration, at)
        notices.tell(session, event=event, registration=registration, what=What.CHANGED, at=at)
    return changed


def _is_free(session: Session, registration: Registration, contact: str, name: str) -> None:
    """Refuse a contact and name that another live registration has, or a contact that has registered enough people."""
    if not contact or registration.state not in LIVE:
        return
    others = sa.select(Registration).where(
        Registration.event_id == registration.event_id,
        Registration.id != registration.id,
        Registration.contact_digest.in_(contact_digests(contact)),
        Registration.state.in_(LIVE),
    )
    rows = session.scalars(others).all()
    same = person_digests(contact, name)
    if any(row.person_digest in same for row in rows):
        raise Taken
    if len(rows) >= rules.MOST_REGISTRATIONS_OF_A_CONTACT:
        raise TooMany(rules.MOST_REGISTRATIONS_OF_A_CONTACT, "registrations")


def _need(session: Session, registration: Registration, correction: Correction, at: datetime) -> None:
    """Store what somebody needs; whoever needs nothing any more has taken that consent back."""
    forget_access(session, registration_id=registration.id)
    if not correction.needs and not correction.access_note:
        withdraw(session, registration_id=registration.id, at=at, purpose=Purpose.ACCESS)
        return
    registration.access_note = correction.access_note or None
    session.add_all(AccessRow(registration_id=registration.id, need=need) for need in sorted(correction.needs))
    given = [row for row in own.consents(session, registration.id) if row.purpose is Purpose.ACCESS]
    if given:
        given[0].given_at, given[0].withdrawn_at, given[0].text_version = at, None, keeping.PRIVACY_NOTE
    else:
        session.add(
            Consent(
                registration_id=registration.id,
                purpose=Purpose.ACCESS,
                text_version=keeping.PRIVACY_NOTE,
                given_at=at,
            )
        )


# --- taken back and erased ----------------------------------------------------------------------------------------


def take_back_access(session: Session, *, registration_id: int, at: datetime) -> None:
    """Erase what somebody needs, who no longer agrees that it is kept; the registration stands.

    Raises:
        Erased: nothing is left.
    """
    registration = _kept(session, registration_id)
    forget_access(session, registration_id=registration_id)
    withdraw(session, registration_id=registration_id, at=at, purpose=Purpose.ACCESS)
    _note(session, Tag.EVENT_DATA_ERASED, registration, at)


def erase_own(session: Session, *, registration_id: int, at: datetime) -> bool:
    """Cancel a registration, unless the lecture has begun, and erase the person at once; return whether that is new.

    The last thing that they are written is that it is cancelled.
    """
    # Once the lecture has begun, whoever was there stays counted, as nobody.
    with suppress(managing.TooLate):
        managing.cancel(session, registration_id=registration_id, at=at)
    was_there = erase(session, registration_id=registration_id, at=at)
    if was_there:
        _note(session, Tag.EVENT_DATA_ERASED, session.get_one(Registration, registration_id), at)
    return was_there


def erase(session: Session, *, registration_id: int, at: datetime, on_time: bool = False) -> bool:
    """Erase everything of a registration that says who it is; return whether there was anything left.

    The row stays, with its state, its seats and its time: attendance is counted from it, and the digest of its address
    lets the own page say what became of it. No seat is given back: whoever asks cancels first (`erase_own`).

    Args:
        on_time: nobody asked for it, its time had come. What people agreed to was not withdrawn then, and the proof
            that a guardian agreed has a time of its own (`keeping.GUARDIANS_KEPT`).

    Raises:
        LookupError: there is no such registration.
    """
    registration = session.get(Registration, registration_id, populate_existing=True)
    if registration is None:
        raise LookupError(registration_id)
    forget_access(session, registration_id=registration_id)
    if not on_time:
        session.execute(sa.delete(Guardian).where(Guardian.registration_id == registration_id))
        withdraw(session, registration_id=registration_id, at=at)
    if registration.erased_at is not None:
        return False
    registration.name = registration.contact = registration.members = registration.answers = None
    registration.contact_digest = registration.person_digest = None
    registration.token = None
    registration.contact_kind = ContactKind.NONE
    registration.organisation = ""
    registration.erased_at = registration.changed_at = at
    session.flush()
    return True


def forget_access(session: Session, *, registration_id: int) -> None:
    """Erase what a person needs in order to take part."""
    session.execute(sa.delete(AccessRow).where(AccessRow.registration_id == registration_id))
    blank = sa.update(Registration).where(Registration.id == registration_id).values(access_note=None)
    session.execute(blank)


def withdraw(session: Session, *, registration_id: int, at: datetime, purpose: str = "") -> None:
    """Note that consents were taken back.

    Args:
        purpose: of one of them; empty: of all.
    """
    given = sa.update(Consent).where(Consent.registration_id == registration_id, Consent.withdrawn_at.is_(None))
    if purpose:
        given = given.where(Consent.purpose == purpose)
    session.execute(given.values(withdrawn_at=at))


def _kept(session: Session, registration_id: int) -> Registration:
    registration = session.get_one(Registration, registration_id, populate_existing=True)
    if registration.erased_at is not None:
        raise Erased
    return registration


def _note(session: Session, tag: Tag, registration: Registration, at: datetime) -> None:
    slug = session.scalars(sa.select(Event.slug).where(Event.id == registration.event_id)).one()
    details = {"registration": registration.id}
    record(session, tag, by=THEMSELVES, at=at, target=f"event:{slug}", details=details, origin=ORIGIN)
