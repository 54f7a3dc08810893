"""What is kept of people goes when its time has come, whatever became of the lecture; rows with their numbers stay.

Nothing here remembers when it ran last: what is due is read from the rows, so a worker that was down for weeks, or was
killed half-way, catches up. A row that comes in late, such as a paper sheet typed after the time, is found as well.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.events.models import AccessRow, Event, Guardian, Notice, Registration
from portal.events.rules.keeping import Keeping
from portal.events.services import own_data
from portal.events.services.registering import contact_digests
from portal.messages import services as messages

WORKER = "worker"
BATCH = 50
"""Rows of one write unit: people at their forms wait no longer than for those."""


@dataclass(frozen=True, slots=True)
class Erased:
    """How many of each kind were erased in one round."""

    people: int = 0
    access: int = 0
    guardians: int = 0
    contacts: frozenset[str] = field(default=frozenset(), repr=False)
    """Of whom nothing is left: what else lies about that was sent to them can go."""

    def __bool__(self) -> bool:
        """Whether there may be more."""
        return bool(self.people or self.access or self.guardians)


def erase_due(session: Session, *, keeping: Keeping, at: datetime) -> Erased:
    """Erase some of what is due: needs of access first, then contacts, then guardians' words."""
    access = _access(session, before=at - keeping.access)
    people, contacts = _people(session, before=at - keeping.contacts, at=at)
    guardians = _guardians(session, before=at - keeping.guardians)
    _note_lectures(session, before=at - keeping.contacts, at=at)
    erased = Erased(len(people), len(access), len(guardians), frozenset(contacts))
    if erased:
        details = {"people": erased.people, "access": erased.access, "guardians": erased.guardians}
        record(session, Tag.EVENT_ERASED_ON_TIME, by=WORKER, at=at, details=details)
    return erased


def _is_over(before: datetime) -> sa.ColumnElement[bool]:
    """Return whether the purpose of a registration had ended by a moment.

    It ends with the lecture; or before, when that is called off or the registration itself ends.
    """
    return sa.or_(Event.ends_at <= before, Event.cancelled_at <= before, Registration.ended_at <= before)


def _due(before: datetime) -> sa.Select[int]:
    joined = sa.select(Registration.id).join(Event, Event.id == Registration.event_id)
    return joined.where(_is_over(before)).order_by(Registration.id).limit(BATCH)


def _access(session: Session, *, before: datetime) -> list[int]:
    """Erase needs of access."""
    needs = sa.exists().where(AccessRow.registration_id == Registration.id)
    due = _due(before).where(sa.or_(Registration.access_note.is_not(None), needs))
    found = list(session.scalars(due))
    for number in found:
        own_data.forget_access(session, registration_id=number)
    return found


def _people(session: Session, *, before: datetime, at: datetime) -> tuple[list[int], set[str]]:
    """Erase names, contacts, answers, lists and tokens, and mail that could not be sent."""
    found = list(session.scalars(_due(before).where(Registration.erased_at.is_(None))))
    if not found:
        return found, set()
    contacts = _contacts(session, found)
    for number in found:
        own_data.erase(session, registration_id=number, at=at, on_time=True)
    session.execute(sa.delete(Notice).where(Notice.registration_id.in_(found)))
    # Whoever never agreed proves nothing; of the others the word stays, and the address of their page goes.
    unsaid = sa.delete(Guardian).where(Guardian.registration_id.in_(found), Guardian.confirmed_at.is_(None))
    session.execute(unsaid)
    session.execute(sa.update(Guardian).where(Guardian.registration_id.in_(found)).values(token=None))
    messages.forget(session, recipients=contacts, templates="event-")
    return found, contacts


def _contacts(session: Session, numbers: list[int]) -> set[str]:
    """Return the contacts that are known of these registrations alone: others may still be written to."""
    rows = sa.select(Registration.contact).where(Registration.id.in_(numbers), Registration.contact.is_not(None))
    own = {contact for contact in session.scalars(rows) if contact}
    named = sa.select(Guardian.contact).where(Guardian.registration_id.in_(numbers))
    kept = sa.select(Registration.contact_digest).where(
        Registration.contact_digest.in_([digest for contact in own for digest in contact_digests(contact)]),
        Registration.id.not_in(numbers),
    )
    stays = set(session.scalars(kept))
    return {one for one in own if stays.isdisjoint(contact_digests(one))} | set(session.scalars(named))


def _guardians(session: Session, *, before: datetime) -> list[int]:
    """Erase the words of guardians."""
    joined = sa.select(Guardian.registration_id).join(Registration, Registration.id == Guardian.registration_id)
    due = joined.join(Event, Event.id == Registration.event_id).where(_is_over(before))
    found = list(session.scalars(due.order_by(Guardian.registration_id).limit(BATCH)))
    if found:
        session.execute(sa.delete(Guardian).where(Guardian.registration_id.in_(found)))
    return found


def _note_lectures(session: Session, *, before: datetime, at: datetime) -> None:
    """Note at lectures that nobody's name is left."""
    left = sa.exists().where(Registration.event_id == Event.id, Registration.erased_at.is_(None))
    over = sa.or_(Event.ends_at <= before, Event.cancelled_at <= before)
    done = sa.update(Event).where(Event.erased_at.is_(None), over, ~left).values(erased_at=at)
    session.execute(done.execution_options(synchronize_session=False))
