"""Recording acts."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.audit.rules import Tag


def record(
    session: Session, tag: Tag, *, by: str, at: datetime, target: str = "", details: dict[str, Any] | None = None
) -> None:
    """Add one act to the log, inside the caller's write unit."""
    session.add(Event(at=at, actor=by, tag=tag.value, target=target, details=details or {}))
