"""Digests of this room under the present key, made from what is sealed beside them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core import crypto
from portal.events.models import Card, Feedback, Registration
from portal.events.services import feedback
from portal.events.services.registering import contact_digest, person_digest


def registration(_session: Session, row: Mapping[str, Any]) -> dict[str, str]:
    """Return what a person and their contact are recognised by."""
    made = {}
    if row["contact"] and row["contact_digest"]:
        made["contact_digest"] = contact_digest(row["contact"])
    if row["contact"] and row["name"] and row["person_digest"]:
        made["person_digest"] = person_digest(row["contact"], row["name"])
    return made


def tickets(session: Session) -> int:
    """Put answers to *How was it?* that lie under a former key under the present one; return how many there were.

    A ticket is made of the lecture and a code, and codes are kept in the clear: so it is made anew from all of them.
    Whoever answered under either key while keys were rotated is one person; the later answer counts.
    """
    bound = sa.func.length(Feedback.ticket) == len(crypto.digest(""))
    moved = 0
    for event_id in session.scalars(sa.select(Feedback.event_id).where(bound).distinct()).all():
        rows = {row.ticket: row for row in session.scalars(sa.select(Feedback).where(Feedback.event_id == event_id))}
        codes = [*session.scalars(sa.select(Registration.code).where(Registration.event_id == event_id))]
        codes += session.scalars(sa.select(Card.code).where(Card.event_id == event_id))
        for code in codes:
            new, *former = feedback.tickets(event_id, code)
            for row in (rows[one] for one in former if one in rows):
                moved += 1
                present = rows.get(new)
                if present is None:
                    row.ticket, rows[new] = new, row
                    continue
                if row.at > present.at:
                    present.level, present.source, present.at = row.level, row.source, row.at
                session.delete(row)
        session.flush()
    return moved
