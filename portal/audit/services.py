"""Recording acts."""

from __future__ import annotations

import json
from contextvars import ContextVar
from dataclasses import asdict
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.models import ORIGIN_LENGTH, Event
from portal.audit.rules import GENESIS, Act, Tag, digest
from portal.core.database import at_end

ORIGIN: ContextVar[str] = ContextVar("audit_origin", default="command")
"""Where what is done now comes from; `audit.views` sets it for each request, the worker for itself."""

_LOCK = 0x6D696E67626169
"""The number of the advisory lock on PostgreSQL; nothing else in the portal takes it."""


def record(
    session: Session,
    tag: Tag,
    *,
    by: str,
    at: datetime,
    target: str = "",
    details: dict[str, Any] | None = None,
    origin: str | None = None,
) -> None:
    """Add one act to the log at the end of the caller's write unit; a unit that is undone leaves none.

    Args:
        origin: by default `ORIGIN`.

    Raises:
        RuntimeError: no write unit is open.
    """
    # As it will be read again: the digest is over that.
    said = json.loads(json.dumps(details or {}, allow_nan=False))
    place = (ORIGIN.get() if origin is None else origin)[:ORIGIN_LENGTH]
    at_end(session, partial(_append, Act(at=at, actor=by, tag=tag.value, target=target, details=said, origin=place)))


def _append(act: Act, session: Session) -> None:
    _take_turn(session)
    last = session.scalar(sa.select(Event.digest).order_by(Event.id.desc()).limit(1)) or GENESIS
    session.add(Event(**asdict(act), previous=last, digest=digest(last, act)))
    session.flush()


def _take_turn(session: Session) -> None:
    """Let one unit at a time read the last row and add the next. On SQLite a write unit is alone from its beginning."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(sa.select(sa.func.pg_advisory_xact_lock(_LOCK)))
