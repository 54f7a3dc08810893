"""Keys rotated while the portal runs: a new one, everything sealed anew under it, the former ones forgotten (ADR 10).

It may be killed at any moment: run again, it goes on with the key that it had made. Before the former keys go it makes
sure that no write unit is under way any more that may have sealed under one of them, and looks at every row once more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.accounts.models import Person, RecoveryCode
from portal.accounts.services import reindexing as accounts
from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core import crypto
from portal.core.database import Base, Sealed, db, drop_journal, transaction
from portal.core.errors import Busy, PortalError
from portal.events.models import Registration
from portal.events.services import reindexing as events
from portal.messages.models import Mail
from portal.messages.services import reindexing as messages
from portal.quizzes.models import Attempt, Entry
from portal.quizzes.services import reindexing as quizzes

BATCH = 50
"""Rows of one write unit: some 20 ms, in which others wait."""
SETTLE_S = 1.0
"""Longer than from the making of a digest or sealed text to the statement that stores it."""
PATIENCE_S = 120.0
"""How long it waits for write units that began before the new key."""

Row = Mapping[str, Any]
REINDEX: dict[str, Callable[[Session, Row], dict[str, str]]] = {
    Person.__tablename__: accounts.person,
    RecoveryCode.__tablename__: accounts.recovery_code,
    Mail.__tablename__: messages.mail,
    Attempt.__tablename__: quizzes.attempt,
    Entry.__tablename__: quizzes.entry,
    Registration.__tablename__: events.registration,
}
"""By table: given a row with its sealed texts in the clear, what its digests are under the present key."""


class NoOtherKey(PortalError):
    """The keys are in the environment, and there is only one: nothing to rotate from."""


class NotQuiet(PortalError):
    """A write unit of before the new key goes on and on; the former keys stay known."""


@dataclass(slots=True)
class Tally:
    """What became of the rows."""

    rows: int = 0
    """Sealed anew."""
    unreadable: int = 0
    """Texts that no known key opens; they stay as they are."""
    clashes: int = 0
    """Rows whose new digest another row has already; they keep the former one, which nothing finds any more."""


def rotate(*, at: datetime) -> Tally:
    """Rotate the keys, or go on where it was killed.

    Raises:
        RotationUnderWay: another process does.
        NoOtherKey: see there.
        NotQuiet: see there.
    """
    ring = crypto.ring()
    with ring.rotating():
        if len(ring.known()) == 1:
            if ring.path is None:
                raise NoOtherKey
            ring.add()
        whole = _sweep()
        _wait_for_writers()
        while (last := _sweep()).rows:
            whole.rows += last.rows
        whole.unreadable, whole.clashes = last.unreadable, last.clashes
        with transaction() as session:
            details = {"rows": whole.rows, "unreadable": whole.unreadable, "clashes": whole.clashes}
            record(session, Tag.KEY_ROTATED, by="command", at=at, details=details)
        drop_journal(db.engine)
        if ring.path is not None:
            ring.retire()
    return whole


def sealed_columns(table: sa.Table) -> list[str]:
    """Return the names of the columns of a table that are encrypted."""
    return [column.name for column in table.columns if isinstance(column.type, Sealed)]


def _sweep() -> Tally:
    """Look at every row of every table with sealed texts, and seal anew what is not under the present key."""
    tally = Tally()
    for table in Base.metadata.sorted_tables:
        if sealed_columns(table):
            for keys in _batches(table):
                _renew(table, keys, tally)
    with transaction() as session:
        tally.rows += events.tickets(session)
    return tally


def _batches(table: sa.Table) -> Iterator[list[Any]]:
    """Yield the primary keys of a table in batches, each read apart: nobody waits for the whole."""
    key = _key(table)
    last = None
    while True:
        some = sa.select(key).order_by(key).limit(BATCH)
        keys = list(db.session.scalars(some if last is None else some.where(key > last)))
        db.session.rollback()
        if not keys:
            return
        yield keys
        last = keys[-1]


def _key(table: sa.Table) -> sa.Column[Any]:
    (key,) = table.primary_key.columns
    return key


def _renew(table: sa.Table, keys: list[Any], tally: Tally) -> None:
    """Seal a batch anew; where nothing is to do, no writer is kept waiting."""
    before = tally.unreadable
    todo = [key for key, changes in _changes(db.session(), table, keys, tally) if changes]
    db.session.rollback()
    if not todo:
        return
    tally.unreadable = before
    with transaction() as session:
        for key, changes in _changes(session, table, keys, tally, lock=True):
            if not changes:
                continue
            update = sa.update(table).where(_key(table) == key).values(changes)
            try:
                with session.begin_nested():
                    session.execute(update)
            except sa.exc.IntegrityError:
                tally.clashes += 1
            else:
                tally.rows += 1
    # A moment for whoever waits: SQLite does not queue its writers.
    time.sleep(0.005)


def _changes(
    session: Session, table: sa.Table, keys: list[Any], tally: Tally, *, lock: bool = False
) -> list[tuple[Any, dict[str, Any]]]:
    """Return what is to be changed of each row."""
    names = sealed_columns(table)
    raw = [sa.type_coerce(column, sa.Text).label(column.name) if column.name in names else column for column in table.c]
    rows = sa.select(*raw).where(_key(table).in_(keys)).order_by(_key(table))
    made = []
    for row in session.execute(rows.with_for_update() if lock else rows).mappings().all():
        changes, readable, plain = {}, True, dict(row)
        for name in names:
            if row[name] is None:
                continue
            try:
                plain[name] = crypto.unseal(row[name])
            except crypto.Unreadable:
                readable = False
                tally.unreadable += 1
                continue
            if not crypto.is_present(row[name]):
                changes[name] = plain[name]  # sealed as it is stored
        if readable and table.name in REINDEX:
            digests = REINDEX[table.name](session, plain)
            changes |= {name: value for name, value in digests.items() if row[name] != value}
        made.append((row[_key(table).name], changes))
    return made


def _wait_for_writers() -> None:
    """Wait until every write unit has ended that may have sealed under a former key."""
    time.sleep(SETTLE_S)
    end = time.monotonic() + PATIENCE_S
    if db.engine.dialect.name == "postgresql":
        moment = db.session.scalar(sa.text("SELECT clock_timestamp()"))
        older = sa.text(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND xact_start < :moment"
        )
        while True:
            db.session.rollback()
            busy = db.session.scalar(older, {"moment": moment})
            db.session.rollback()
            if not busy:
                return
            _again(end)
    while True:
        try:
            # A write unit on SQLite stands alone: when this one begins, those before have ended.
            with transaction():
                return
        except Busy:
            _again(end)


def _again(end: float) -> None:
    if time.monotonic() > end:
        raise NotQuiet
    time.sleep(0.1)
