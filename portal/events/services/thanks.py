"""Thanks and materials, for those who came and left a contact: each once, in batches."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.errors import PortalError
from portal.events.models import Admission, Event, Notice, Registration
from portal.events.queries.attendance import COUNTED
from portal.events.services import calendars, notices
from portal.events.services.notices import What
from portal.events.services.sheets import lock

BATCH = 200
"""People in one write unit: longer ones would keep others waiting."""


class NotOver(PortalError):
    """The lecture is not over."""


def _left(event_id: int) -> sa.Select[Registration]:
    """Return those who came, can be written to, and were not thanked."""
    came = sa.select(Admission.registration_id).where(
        Admission.event_id == event_id, Admission.registration_id.is_not(None), *COUNTED
    )
    thanked = sa.select(Notice.registration_id).where(Notice.kind == What.THANKS.value)
    return sa.select(Registration).where(
        Registration.event_id == event_id,
        Registration.contact.is_not(None),
        Registration.erased_at.is_(None),
        Registration.id.in_(came),
        Registration.id.not_in(thanked),
    )


def left(session: Session, event_id: int) -> int:
    """Return how many are still to be thanked."""
    return session.scalar(sa.select(sa.func.count()).select_from(_left(event_id).subquery())) or 0


def thank(session: Session, *, event_id: int, by: str, at: datetime, most: int = BATCH) -> int:
    """Write to the next of those who came; return to how many.

    Raises:
        LookupError: there is no such lecture.
        NotOver: it is not over.
    """
    event = lock(session, event_id)
    if at < event.ends_at or event.cancelled_at is not None:
        raise NotOver
    found = session.scalars(_left(event_id).order_by(Registration.id).limit(most)).all()
    for registration in found:
        session.add(Notice(registration_id=registration.id, kind=What.THANKS.value, at=at))
        more = _pages(session, event, registration)
        notices.tell(session, event=event, registration=registration, what=What.THANKS, at=at, more=more)
    if found:
        facts = {"thanked": len(found)}
        record(session, Tag.EVENT_REPORTED, by=by, at=at, target=f"event:{event.slug}", details=facts)
    session.flush()
    return len(found)


def _pages(session: Session, event: Event, registration: Registration) -> dict[str, str]:
    """Return where whoever came can say what they thought, have their certificate, and read on."""
    own = f"/events/registrations/{registration.token}"
    pages = {"feedback": f"/events/feedback/{registration.token}", "certificate": f"{own}/certificate.pdf"}
    if registration.token is None:
        pages = {}
    # After the end the lecture's page leads to what was handed out and to the articles.
    pages["materials"] = f"/events/{event.slug}"
    locale, audience = registration.locale, registration.audience
    return {name: calendars.link(session, path, locale=locale, audience=audience) for name, path in pages.items()}
