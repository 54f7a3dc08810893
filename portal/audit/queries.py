"""Reading the log: row after row to check it, and page by page for people."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.audit.models import Event
from portal.audit.rules import Act, Link

AT_ONCE = 1_000

_ACT = (Event.at, Event.actor, Event.tag, Event.target, Event.details, Event.origin)


def links(session: Session) -> Iterator[Link]:
    """Return every row from the first to the last.

    Each thousand is a read unit of its own: a long one would keep writers out (SQLite, journal mode `delete`), and
    rows that are only ever added cannot change between two.
    """
    seen = 0
    while found := _after(session, seen):
        session.rollback()
        yield from found
        seen = found[-1].id


def _after(session: Session, seen: int) -> list[Link]:
    rows = sa.select(Event.id, Event.previous, Event.digest, *_ACT).where(Event.id > seen).order_by(Event.id)
    try:
        return [Link(row[0], row[1], row[2], Act(*row[3:])) for row in session.execute(rows.limit(AT_ONCE))]
    except (ValueError, TypeError):
        return _one_by_one(session, seen)


def _one_by_one(session: Session, seen: int) -> list[Link]:
    """Return the rows after `seen` up to one that is no longer what this table can hold."""
    good: list[Link] = []
    for number in session.scalars(sa.select(Event.id).where(Event.id > seen).order_by(Event.id).limit(AT_ONCE)):
        one = sa.select(Event.id, Event.previous, Event.digest, *_ACT).where(Event.id == number)
        try:
            row = session.execute(one).one()
        except (ValueError, TypeError):
            return [*good, Link(number, "", "", None)]
        good.append(Link(row[0], row[1], row[2], Act(*row[3:])))
    return good


@dataclass(frozen=True, slots=True)
class Filter:
    """Which acts somebody wants to see; what is empty does not matter."""

    person: str = ""
    tag: str = ""
    target: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """The first moment that is too late."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One act with its number."""

    id: int
    act: Act


def newest(session: Session, wanted: Filter, *, before: int | None = None, limit: int = 50) -> list[Entry]:
    """Return acts, the newest first, from below the number `before` on."""
    rows = sa.select(Event.id, *_ACT).where(*_conditions(wanted)).order_by(Event.id.desc()).limit(limit)
    if before is not None:
        rows = rows.where(Event.id < before)
    return [Entry(row[0], Act(*row[1:])) for row in session.execute(rows)]


def every(session: Session, wanted: Filter) -> Iterator[Entry]:
    """Return all acts, the newest first, without holding them all."""
    before: int | None = None
    while found := newest(session, wanted, before=before, limit=AT_ONCE):
        session.rollback()
        yield from found
        before = found[-1].id


def _conditions(wanted: Filter) -> Sequence[sa.ColumnElement[Any]]:
    conditions: list[sa.ColumnElement[Any]] = []
    if wanted.person:
        conditions.append(Event.actor.contains(wanted.person, autoescape=True))
    if wanted.tag:
        conditions.append(Event.tag == wanted.tag)
    if wanted.target:
        conditions.append(Event.target.contains(wanted.target, autoescape=True))
    if wanted.since is not None:
        conditions.append(Event.at >= wanted.since)
    if wanted.until is not None:
        conditions.append(Event.at < wanted.until)
    return conditions
