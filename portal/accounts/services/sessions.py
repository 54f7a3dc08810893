"""Sessions: begun, renewed under another token, and ended."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session as Database

from portal.accounts.models import Session
from portal.accounts.rules import RENEW_EVERY, Stage
from portal.audit import services as audit
from portal.audit.rules import Tag
from portal.core import crypto

_AGENT = 160


@dataclass(frozen=True, slots=True)
class Visitor:
    """Where a request comes from, as its session shows it to its owner."""

    address: str = ""
    agent: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A session that has just begun, or gone on under another token; only the browser gets the token."""

    session_id: int
    token: str
    stage: Stage


def open_session(database: Database, *, person_id: int, stage: Stage, visitor: Visitor, at: datetime) -> Opened:
    """Begin a session."""
    token = crypto.token()
    session = Session(
        person_id=person_id,
        digest=crypto.digest(token),
        stage=stage,
        created_at=at,
        seen_at=at,
        confirmed_at=at,
        address=visitor.address,
        agent=visitor.agent[:_AGENT],
    )
    database.add(session)
    database.flush()
    return Opened(session.id, token, stage)


def renew(database: Database, *, session_id: int, confirmed_at: datetime | None = None) -> Opened | None:
    """Give a session another token, so that the old one is dead; None: it has ended meanwhile and stays so."""
    token = crypto.token()
    values: dict[str, object] = {"digest": crypto.digest(token)}
    if confirmed_at is not None:
        values["confirmed_at"] = confirmed_at
    changed = database.execute(
        sa.update(Session)
        .where(Session.id == session_id, Session.stage == Stage.COMPLETE)
        .values(values)
        .returning(Session.id)
    ).first()
    return Opened(session_id, token, Stage.COMPLETE) if changed else None


def confirm(database: Database, *, session_id: int, person_id: int, by: str, at: datetime) -> Opened | None:
    """Note that the person has proved again who they are; the session goes on under another token."""
    opened = renew(database, session_id=session_id, confirmed_at=at)
    if opened:
        audit.record(database, Tag.PROVED_AGAIN, by=by, at=at, target=f"person:{person_id}")
    return opened


def note_use(database: Database, *, session_id: int, at: datetime) -> None:
    """Note that a session is in use. One that was ended meanwhile is not brought back."""
    database.execute(
        sa.update(Session).where(Session.id == session_id, Session.seen_at <= at - RENEW_EVERY).values(seen_at=at)
    )


def end(database: Database, *, session_id: int, person_id: int, by: str, at: datetime) -> None:
    """End the session that the person signs out of."""
    database.execute(sa.delete(Session).where(Session.id == session_id))
    audit.record(database, Tag.SIGNED_OUT, by=by, at=at, target=f"person:{person_id}")


def end_all(database: Database, *, person_id: int, keep: int | None) -> int:
    """End every session of a person but `keep`; return how many there were."""
    gone = sa.delete(Session).where(Session.person_id == person_id)
    if keep is not None:
        gone = gone.where(Session.id != keep)
    return len(database.execute(gone.returning(Session.id)).all())


def end_own(
    database: Database, *, person_id: int, session_id: int | None, keep: int | None, by: str, at: datetime
) -> int:
    """End one session of a person (None: all of them but `keep`); return how many that were."""
    if session_id is None:
        ended = end_all(database, person_id=person_id, keep=keep)
    else:
        gone = sa.delete(Session).where(Session.person_id == person_id, Session.id == session_id)
        ended = len(database.execute(gone.returning(Session.id)).all())
    if ended:
        audit.record(database, Tag.SESSIONS_ENDED, by=by, at=at, target=f"person:{person_id}", details={"count": ended})
    return ended
