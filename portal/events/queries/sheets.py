"""What stands on a sign-in sheet, and what is known of codes that come back on one."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.events.models import Admission, PaperSheetFile, Pool, Registration
from portal.events.queries.attendance import COUNTED
from portal.events.rules import sheets as rules
from portal.events.rules.attendance import AdmissionKind
from portal.events.rules.lectures import Place
from portal.events.rules.seats import Kind, State

SIGNS = (State.CONFIRMED, State.PENDING)
"""Who is on a sheet. A child whose guardian has not confirmed is, since the guardian may come along."""


@dataclass(frozen=True, slots=True)
class Signer:
    """One row of a sheet."""

    code: str
    name: str
    organisation: str
    kind: Kind
    seats: int
    is_pending: bool


def signers(session: Session, event_id: int) -> list[Signer]:
    """Return who has a seat in the hall: people in the order of their names, then groups.

    GB 18030 has the common characters in the order of their sounds, as people look for a name on paper.
    """
    rows = (
        sa.select(Registration)
        .join(Pool, Pool.id == Registration.pool_id)
        .where(Registration.event_id == event_id, Registration.state.in_(SIGNS), Pool.place == Place.IN_PERSON)
    )
    found = [
        Signer(one.code, one.name or "", one.organisation, one.kind, one.seats, one.state is State.PENDING)
        for one in session.scalars(rows)
    ]
    return sorted(found, key=lambda one: (one.kind is Kind.GROUP, (one.organisation + one.name).encode("gb18030")))


@dataclass(frozen=True, slots=True)
class Known:
    """A registration whose code came back."""

    id: int
    code: str
    kind: Kind
    state: State
    seats: int


def known(session: Session, event_id: int, codes: Iterable[str]) -> dict[str, Known]:
    """Return the registrations of a lecture that have these codes."""
    columns = (Registration.id, Registration.code, Registration.kind, Registration.state, Registration.seats)
    rows = sa.select(*columns).where(Registration.event_id == event_id, Registration.code.in_(set(codes)))
    return {row[1]: Known(*row) for row in session.execute(rows)}


def blank_rows(session: Session, event_id: int) -> dict[str, tuple[int, bool]]:
    """Return what blank rows and boxes have brought in, by nonce: how many people, and whether that still counts."""
    rows = sa.select(Admission.nonce, Admission.people, Admission.undone_at).where(
        Admission.event_id == event_id,
        Admission.kind.in_((AdmissionKind.WALK_IN, AdmissionKind.TALLY)),
        Admission.nonce.like("paper-%"),
    )
    return {nonce: (people, undone is None) for nonce, people, undone in session.execute(rows)}


def next_blank(session: Session, event_id: int, *, uid: str) -> int:
    """Return the number after the highest blank row that has come back."""
    nonces = blank_rows(session, event_id)
    found = [rules.row_code(nonce.removeprefix("paper-"), uid=uid) for nonce in nonces]
    return min(max((one.number for one in found if one), default=0) + 1, rules.MOST_ROWS)


def file_before(session: Session, event_id: int, digest: str) -> PaperSheetFile | None:
    """Return when this very file was taken in."""
    return session.scalar(
        sa.select(PaperSheetFile).where(PaperSheetFile.event_id == event_id, PaperSheetFile.digest == digest)
    )


def files(session: Session, event_id: int) -> list[PaperSheetFile]:
    """Return what was taken in, the newest first."""
    rows = sa.select(PaperSheetFile).where(PaperSheetFile.event_id == event_id)
    return list(session.scalars(rows.order_by(PaperSheetFile.id.desc())))


def counted_people(session: Session, ids: Iterable[int]) -> dict[int, int]:
    """Return how many people of these registrations are in."""
    rows = sa.select(Admission.registration_id, sa.func.sum(Admission.people)).where(
        Admission.registration_id.in_(set(ids)), *COUNTED
    )
    found = session.execute(rows.group_by(Admission.registration_id))
    return {key: int(people) for key, people in found if key is not None}
