"""The door: letting people in by their code, without one, or by the head; and taking that back.

Every step carries a nonce that the device made: sent again, it adds nothing and is answered the same. Steps with one
registration go one after the other, under the lock of its row, so that two doors count its people once. What a door
without a network let in twice is stored in conflict and not counted: the people are inside already.
"""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.errors import PortalError
from portal.events.models import Admission, Event, Guardian, Registration
from portal.events.queries import door as reads
from portal.events.rules import attendance as rules
from portal.events.rules import codes
from portal.events.rules.attendance import AdmissionKind, AdmissionSource, Standing, Window
from portal.events.rules.keeping import Relation
from portal.events.rules.lectures import EventState
from portal.events.rules.seats import Kind, State
from portal.events.services import managing

_LIVE_DOORS = frozenset({AdmissionSource.DOOR, AdmissionSource.OFFLINE})
"""Sources that are bound to the day; paper and files come later."""


class NotNow(PortalError):
    """The door is not open.

    Args:
        window: whether it is too early or too late; None: the lecture does not take place.
    """

    def __init__(self, window: Window | None) -> None:
        super().__init__(window.value if window else "cancelled")
        self.window = window


class Outcome(StrEnum):
    """What became of a step."""

    COUNTED = "counted"
    ALREADY = "already"
    """All of them were in before; nothing was added."""
    CONFLICT = "conflict"
    """Another door had let them in; stored, not counted."""
    UNKNOWN = "unknown"
    """This lecture has no such code."""
    REFUSED = "refused"
    """There is such a registration, but it has no seat: `standing` says why."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """What the door is told."""

    outcome: Outcome
    id: int | None = None
    """The row, by which the step can be undone."""
    people: int = 0
    """How many this step counted."""
    over: int = 0
    """How many it did not count: more than the registration has seats."""
    registration_id: int | None = None
    standing: Standing | None = None


def admit(
    session: Session,
    *,
    event_id: int,
    people: int,
    nonce: str,
    at: datetime,
    received_at: datetime,
    device: str,
    source: AdmissionSource,
    by: str,
    by_id: int,
    code: str = "",
    registration_id: int | None = None,
) -> Admitted:
    """Let people of one registration in, found by its code or its number.

    Args:
        at: when they came, as the device says.

    Raises:
        LookupError: there is no such lecture.
        NotNow: the door is not open.
    """
    event = _open(session, event_id, source=source, received_at=received_at)
    registration = _locked(session, event_id, code=code, registration_id=registration_id)
    before = _known(session, event_id, nonce)
    if before is not None:
        return before
    if registration is None:
        return Admitted(Outcome.UNKNOWN)
    standing = rules.standing(registration.state, hold_until=registration.hold_until, at=received_at)
    if standing is not Standing.WELCOME:
        return Admitted(Outcome.REFUSED, registration_id=registration.id, standing=standing)
    counted, over = rules.share(
        seats=registration.seats, inside=reads.inside(session, registration.id), people=_checked(people)
    )
    row: dict[str, Any] = {
        "event_id": event_id,
        "registration_id": registration.id,
        "kind": AdmissionKind.GROUP if registration.kind is Kind.GROUP else AdmissionKind.CODE,
        "source": source,
        "device": device[:40],
        "at": rules.came_at(at, received_at=received_at, starts_at=event.starts_at),
        "received_at": received_at,
        "by": by,
        "by_id": by_id,
    }
    if source is not AdmissionSource.OFFLINE:
        if not counted:
            return Admitted(Outcome.ALREADY, over=over, registration_id=registration.id, standing=standing)
        return _add(session, nonce, row, people=counted, over=over)
    if not over:
        return _add(session, nonce, row, people=counted)
    if not counted:
        return _add(session, nonce, row, people=over, conflict=True)
    # Some of them are new and some are not: two rows, of which the second is known by the first one's nonce.
    _add(session, nonce, row, people=counted)
    _add(session, rest_of(nonce), row, people=over, conflict=True)
    return _known(session, event_id, nonce) or Admitted(Outcome.COUNTED)


def look(session: Session, *, event_id: int, code: str, nonce: str, at: datetime) -> Admitted | int:
    """Return whose code this is, so that somebody can say how many have come; or what was answered to this step before.

    Raises:
        LookupError: there is no such lecture.
        NotNow: the door is not open.
    """
    _open(session, event_id, source=AdmissionSource.DOOR, received_at=at)
    registration = _locked(session, event_id, code=code, registration_id=None)
    return _known(session, event_id, nonce) or (Admitted(Outcome.UNKNOWN) if registration is None else registration.id)


def count(
    session: Session,
    *,
    event_id: int,
    kind: AdmissionKind,
    people: int,
    nonce: str,
    at: datetime,
    received_at: datetime,
    device: str,
    source: AdmissionSource,
    by: str,
    by_id: int,
) -> Admitted:
    """Let people in of whom nothing is known: walk-ins, or heads that somebody counted. It is never refused as full.

    Raises:
        LookupError: there is no such lecture.
        NotNow: the door is not open.
    """
    if kind not in (AdmissionKind.WALK_IN, AdmissionKind.TALLY):
        raise ValueError("whoever has registered is let in by their registration")
    event = _open(session, event_id, source=source, received_at=received_at)
    before = _known(session, event_id, nonce)
    if before is not None:
        return before
    row: dict[str, Any] = {
        "event_id": event_id,
        "kind": kind,
        "source": source,
        "device": device[:40],
        "at": rules.came_at(at, received_at=received_at, starts_at=event.starts_at),
        "received_at": received_at,
        "by": by,
        "by_id": by_id,
    }
    return _add(session, nonce, row, people=_checked(people))


def undo(session: Session, *, event_id: int, admission_id: int, at: datetime, by: str) -> bool:
    """Take a step back; the row stays and says who did. Return whether it still stood.

    Raises:
        LookupError: there is no such row.
    """
    rows = sa.select(Admission).where(Admission.id == admission_id, Admission.event_id == event_id)
    row = session.scalars(rows.with_for_update().execution_options(populate_existing=True)).first()
    if row is None:
        raise LookupError(admission_id)
    if row.undone_at is not None:
        return False
    row.undone_at, row.undone_by = at, by
    session.flush()
    facts = {"admission": row.id, "kind": row.kind.value, "people": row.people, "conflict": row.conflict}
    slug = session.scalars(sa.select(Event.slug).where(Event.id == event_id)).one()
    record(session, Tag.EVENT_ADMISSION_UNDONE, by=by, at=at, target=f"event:{slug}", details=facts)
    return True


def undo_sent(session: Session, *, event_id: int, nonce: str, at: datetime, by: str) -> bool | None:
    """Take back what a device sent under `nonce`; return whether it still stood; None: nothing was sent under it."""
    both = sa.select(Admission.id).where(Admission.event_id == event_id, Admission.nonce.in_((nonce, rest_of(nonce))))
    undone = [undo(session, event_id=event_id, admission_id=number, at=at, by=by) for number in session.scalars(both)]
    return any(undone) if undone else None


def settle(
    session: Session, *, event_id: int, registration_id: int, relation: Relation | None, at: datetime, by: str
) -> None:
    """Take a held seat for somebody who has come, or note the word of the guardian who has come with a child.

    Args:
        relation: what the guardian who stands there is to the child.

    Raises:
        LookupError: there is no such registration.
        managing.NotOffered: no seat is held any more, or a guardian has to say so first.
    """
    registration = session.get(Registration, registration_id)
    if registration is None or registration.event_id != event_id:
        raise LookupError(registration_id)
    managing.accept(session, registration_id=registration_id, at=at)
    session.refresh(registration)
    if registration.state is State.PENDING:
        guardian = session.get(Guardian, registration_id)
        if guardian is None or relation is None:
            raise managing.NotOffered
        managing.confirm_guardian(
            session, registration_id=registration_id, name=guardian.name, relation=relation, at=at
        )
    slug = session.scalars(sa.select(Event.slug).where(Event.id == event_id)).one()
    facts = {"registration": registration_id, "state": State.CONFIRMED.value, "where": "door"}
    record(session, Tag.EVENT_REGISTRATION_CHANGED, by=by, at=at, target=f"event:{slug}", details=facts)


def take_list(session: Session, *, event_id: int, at: datetime, by: str) -> list[reads.Listed]:
    """Hand out the day's list to a device that will work without a network; who took it is logged.

    Raises:
        LookupError: there is no such lecture.
        NotNow: the door is not open.
    """
    event = _open(session, event_id, source=AdmissionSource.DOOR, received_at=at)
    listed = reads.day_list(session, event, at=at)
    facts = {"registrations": len(listed)}
    record(session, Tag.EVENT_LIST_TAKEN, by=by, at=at, target=f"event:{event.slug}", details=facts)
    return listed


def resolve(
    session: Session, *, event_id: int, admission_id: int, others: bool, at: datetime, by: str, by_id: int
) -> bool:
    """Say what a conflict was: the same people twice, or others who had no seat. Return whether it was open.

    Args:
        others: they were other people; they are counted as walk-ins, at the time at which they came.

    Raises:
        LookupError: there is no such conflict.
    """
    rows = sa.select(Admission).where(Admission.id == admission_id, Admission.event_id == event_id)
    row = session.scalars(rows.with_for_update().execution_options(populate_existing=True)).first()
    if row is None or not row.conflict:
        raise LookupError(admission_id)
    if row.undone_at is not None:
        return False
    undo(session, event_id=event_id, admission_id=admission_id, at=at, by=by)
    if others:
        values: dict[str, Any] = {
            "event_id": event_id,
            "kind": AdmissionKind.WALK_IN,
            "source": row.source,
            "device": row.device,
            "at": row.at,
            "received_at": at,
            "by": by,
            "by_id": by_id,
        }
        _add(session, rest_of(f"resolved:{row.nonce}"), values, people=row.people)
    return True


def rest_of(nonce: str) -> str:
    """Return the nonce of the row that goes with another: always the same for the same one."""
    return base64.urlsafe_b64encode(hashlib.sha256(f"rest:{nonce}".encode()).digest()).decode().rstrip("=")


def _open(session: Session, event_id: int, *, source: AdmissionSource, received_at: datetime) -> Event:
    event = session.get(Event, event_id)
    if event is None or event.state is EventState.DRAFT:
        raise LookupError(event_id)
    if event.state is EventState.CANCELLED:
        raise NotNow(None)
    window = rules.window(starts_at=event.starts_at, ends_at=event.ends_at, at=received_at)
    if source in _LIVE_DOORS and window is not Window.OPEN:
        raise NotNow(window)
    return event


def _locked(session: Session, event_id: int, *, code: str, registration_id: int | None) -> Registration | None:
    """Return a registration of this lecture under the lock of its row."""
    rows = sa.select(Registration).where(Registration.event_id == event_id)
    if registration_id is not None:
        rows = rows.where(Registration.id == registration_id)
    else:
        plain = codes.typed(code)
        if plain is None:
            return None
        rows = rows.where(Registration.code == plain)
    # Not FOR UPDATE in full: rows that name this one (notices, consents) may be added meanwhile.
    rows = rows.with_for_update(key_share=True).execution_options(populate_existing=True)
    return session.scalars(rows).first()


def _checked(people: int) -> int:
    if not 1 <= people <= rules.MOST_AT_ONCE:
        raise ValueError("one step lets in between one person and a large group")
    return people


def _known(session: Session, event_id: int, nonce: str) -> Admitted | None:
    """Return what was answered to a step that was sent before; None: it is new."""
    both = sa.select(Admission).where(Admission.event_id == event_id, Admission.nonce.in_((nonce, rest_of(nonce))))
    rows = {row.nonce: row for row in session.scalars(both)}
    first, rest = rows.get(nonce), rows.get(rest_of(nonce))
    if first is None:
        return None
    if first.conflict or rest is not None:
        over = rest.people if rest is not None else first.people
        counted = 0 if first.conflict else first.people
        return Admitted(Outcome.CONFLICT, first.id, counted, over, first.registration_id)
    return Admitted(Outcome.COUNTED, first.id, first.people, 0, first.registration_id)


def _add(
    session: Session, nonce: str, values: dict[str, Any], *, people: int, over: int = 0, conflict: bool = False
) -> Admitted:
    row = Admission(**values, nonce=nonce, people=people, conflict=conflict)
    try:
        with session.begin_nested():
            session.add(row)
            session.flush()
    except sa.exc.IntegrityError:
        # The same step arrived twice at the same moment, and the other one was first.
        same = _known(session, row.event_id, nonce)
        if same is None:
            raise
        return same
    if conflict:
        return Admitted(Outcome.CONFLICT, row.id, 0, people, row.registration_id)
    return Admitted(Outcome.COUNTED, row.id, people, over, row.registration_id)
