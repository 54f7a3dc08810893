"""Remembering what was not found, without ever costing a reader a page."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import cast

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import Session

from portal.core.database import BUSY_TIMEOUT_MS
from portal.search.models import MOST_MISSES, Miss
from portal.search.rules import mask

log = logging.getLogger(__name__)

PATIENCE_MS = 100
"""How long a page waits for the database before the note is given up."""


def record_miss(session: Session, text: str, *, audience: str, locale: str, at: datetime) -> bool:
    """Count a question that found nothing; say whether it was counted. Best effort: never raises.

    Runs in a connection of its own, outside any write unit. It first ends the session's read unit: in SQLite's
    journal mode `delete` the reader's own lock would keep the note from being written. Call it when the page has
    everything that it needs.
    """
    note = mask(text)
    if not note or session.info.get("writing"):
        return False
    try:
        session.rollback()
        # A session is bound to an engine here, never to one connection.
        with cast(Engine, session.get_bind()).connect() as connection:
            _be_impatient(connection)
            try:
                _count(connection, note, audience[:32], locale[:16], at)
                connection.commit()
            finally:
                connection.rollback()
                _be_patient(connection)
        return True
    except Exception as problem:  # a note must never cost a page
        log.info("a question without an answer was not counted: %s", type(problem).__name__)
        return False


def _be_impatient(connection: Connection) -> None:
    connection.execution_options(portal_write=True)
    if connection.dialect.name == "sqlite":
        # Before the unit begins: beginning is what waits.
        _sqlite_timeout(connection, PATIENCE_MS)
    else:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {PATIENCE_MS}")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = {5 * PATIENCE_MS}")


def _be_patient(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        _sqlite_timeout(connection, BUSY_TIMEOUT_MS)


def _sqlite_timeout(connection: Connection, milliseconds: int) -> None:
    raw = connection.connection.driver_connection
    if raw is not None:
        raw.execute(f"PRAGMA busy_timeout = {milliseconds}")


def _count(connection: Connection, note: str, audience: str, locale: str, at: datetime) -> None:
    same = (Miss.text == note) & (Miss.audience == audience) & (Miss.locale == locale)
    counted = connection.execute(sa.update(Miss).where(same).values(count=Miss.count + 1, last_at=at))
    if counted.rowcount:
        return
    kept = connection.execute(sa.select(sa.func.count()).select_from(Miss)).scalar_one()
    if kept >= MOST_MISSES:
        # The rarest and oldest make room.
        rarest = sa.select(Miss.id).order_by(Miss.count, Miss.last_at, Miss.id).limit(kept - MOST_MISSES + 1)
        ids = list(connection.scalars(rarest))
        connection.execute(sa.delete(Miss).where(Miss.id.in_(ids)))
    connection.execute(sa.insert(Miss).values(text=note, audience=audience, locale=locale, count=1, last_at=at))
