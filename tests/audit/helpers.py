"""Acts for tests, and hands that reach past the triggers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core.database import db, transaction

AT = datetime(2026, 11, 22, 8, 0, 0, 120, tzinfo=UTC)


def act(target: str = "", *, by: str = "王\n小明", at: datetime = AT, **more: Any) -> None:
    with transaction() as unit:
        record(unit, Tag.PACKAGE_IMPORTED, by=by, at=at, target=target, **more)


def acts(count: int) -> None:
    with transaction() as unit:
        for number in range(1, count + 1):
            record(unit, Tag.PACKAGE_IMPORTED, by="a", at=AT, target=str(number), details={"n": number, "二": [1.5]})


def tamper(*statements: str) -> None:
    """Run SQL as somebody who has taken the triggers away."""
    db.session.remove()
    with db.engine.connect().execution_options(portal_write=True) as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("ALTER TABLE audit_event DISABLE TRIGGER ALL")
        else:
            for what in ("update", "delete", "replace"):
                connection.exec_driver_sql(f"DROP TRIGGER IF EXISTS audit_event_no_{what}")
        for statement in statements:
            connection.exec_driver_sql(statement)
        connection.commit()


def rows(session: Session) -> list[Event]:
    session.rollback()
    return list(session.scalars(sa.select(Event).order_by(Event.id)))
