"""The outbox from the side of an index: which changes it has, which it lacks, and which nobody needs any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.clock import now
from portal.core.database import db, transaction
from portal.search.models import KEPT_DAYS, Change, Document, files


class Noted(NamedTuple):
    """One change of the outbox."""

    id: int
    at: datetime
    document_key: str

    @property
    def seen(self) -> tuple[int, str]:
        """What the pointer of an index says that has this change."""
        return self.id, self.at.isoformat()


_COLUMNS = (Change.id, Change.at, Change.document_key)


@contextmanager
def reading() -> Iterator[Session]:
    """Open a read unit of its own and end it: an open one would keep writers out (SQLite, journal mode `delete`)."""
    with Session(db.engine) as session:
        yield session


def newest(session: Session) -> tuple[int, str]:
    """Return what the pointer of an index says that has every change made so far."""
    row = session.execute(sa.select(*_COLUMNS).order_by(Change.id.desc()).limit(1)).first()
    return Noted(*row).seen if row else (0, "")


def after(session: Session, pointer: files.Pointer, limit: int) -> Sequence[Noted]:
    """Return the first `limit` changes that the index lacks."""
    rows = session.execute(sa.select(*_COLUMNS).where(Change.id > pointer.seen).order_by(Change.id).limit(limit))
    return [Noted(*row) for row in rows]


def pending(session: Session, *, folder: Path) -> int:
    """Return how many changes the index under `folder` lacks; without an index, how many documents there are."""
    try:
        lacking = sa.select(sa.func.count()).select_from(Change).where(Change.id > files.read_pointer(folder).seen)
    except files.UnusableError:
        lacking = sa.select(sa.func.count()).select_from(Document)
    return session.execute(lacking).scalar_one()


def can_follow(session: Session, pointer: files.Pointer) -> bool:
    """Tell whether every change that the index lacks is still kept.

    False after `KEPT_DAYS` without a worker, and when the database was restored from an older state.
    """
    if pointer.seen:
        at = session.execute(sa.select(Change.at).where(Change.id == pointer.seen)).scalar()
        return at is not None and at.isoformat() == pointer.seen_at
    first = session.execute(sa.select(sa.func.min(Change.id))).scalar()
    return first is None or first == 1


def purge() -> None:
    """Delete the changes that every index has had `KEPT_DAYS` to take in, but never the newest."""
    limit = now() - timedelta(days=KEPT_DAYS)
    with reading() as session:
        oldest = session.execute(sa.select(Change.at).order_by(Change.id).limit(1)).scalar()
    if oldest is None or oldest >= limit:
        return
    with transaction() as session:
        first_kept = sa.select(sa.func.min(Change.id)).where(Change.at >= limit).scalar_subquery()
        last = sa.select(sa.func.max(Change.id)).scalar_subquery()
        session.execute(sa.delete(Change).where(Change.id < sa.func.coalesce(first_kept, last)))
