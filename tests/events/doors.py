"""People at the door of a lecture, as tests let them in."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.events.models import Admission
from portal.events.rules.attendance import AdmissionKind, AdmissionSource
from portal.events.services import door
from portal.events.services.door import Admitted
from tests.events.hall import STARTS

NOW = STARTS - timedelta(minutes=8)
"""13:52 in Shanghai, at the door of the lecture."""
DOOR, OFFLINE = AdmissionSource.DOOR, AdmissionSource.OFFLINE


def let_in(session: Session, event: int, who: int, people: int = 1, **changed: Any) -> Admitted:
    values: dict[str, Any] = {
        "event_id": event,
        "registration_id": who,
        "people": people,
        "nonce": secrets.token_urlsafe(16),
        "at": NOW,
        "received_at": NOW,
        "device": "1",
        "source": DOOR,
        "by": "林静",
        "by_id": 1,
    }
    return door.admit(session, **{**values, **changed})


def heads(
    session: Session, event: int, people: int, kind: AdmissionKind = AdmissionKind.TALLY, **changed: Any
) -> Admitted:
    values: dict[str, Any] = {
        "event_id": event,
        "kind": kind,
        "people": people,
        "nonce": secrets.token_urlsafe(16),
        "at": NOW,
        "received_at": NOW,
        "device": "1",
        "source": DOOR,
        "by": "林静",
        "by_id": 1,
    }
    return door.count(session, **{**values, **changed})


def rows(session: Session) -> int:
    return session.scalar(sa.select(sa.func.count()).select_from(Admission)) or 0
