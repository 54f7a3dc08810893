"""The database: one declarative base, column types, read and write units, and the site's version.

On SQLite a write unit begins with `BEGIN IMMEDIATE`: with a plain `BEGIN`, two units that read first and then write
refuse each other at once and `busy_timeout` is never used. WAL is used only from SQLite 3.51.3 on; below it, two
processes that write at once can lose committed pages.
"""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import date, datetime
from typing import Any, TypeVar
from weakref import WeakKeyDictionary
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, registry
from sqlalchemy.pool import ConnectionPoolEntry

from portal.core.database.columns import Key as Key
from portal.core.database.columns import Sealed as Sealed
from portal.core.database.columns import UtcDateTime
from portal.core.database.columns import enum_column as enum_column
from portal.core.database.hot import identity
from portal.core.database.turn import Late, Turnstile
from portal.core.errors import Busy
from portal.core.settings import Settings, SettingsError

WAL_IS_SAFE = sqlite3.sqlite_version_info >= (3, 51, 3)
BUSY_TIMEOUT_MS = 8_000
_BUSY = "The database is busy. Please try again in a moment."
_OTHER = "The tables of the database are those of another version. Run `flask db upgrade` first."

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Base(DeclarativeBase):
    """The base of every table. Names are `<room>_<thing>`."""

    registry = registry(
        metadata=metadata,
        type_annotation_map={
            datetime: UtcDateTime,
            dict[str, Any]: sa.JSON,
            dict[str, str]: sa.JSON,
            list[str]: sa.JSON,
            list[int]: sa.JSON,
            list[dict[str, Any]]: sa.JSON,
        },
    )


class Version(Base):
    """One row: a number that grows with every change that a reader could see.

    Every finished page is kept together with the number it was made under, so a change is visible everywhere at once
    and no process has to tell another.
    """

    __tablename__ = "core_version"
    __table_args__ = (sa.CheckConstraint("id = 1", name="single_row"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(sa.BigInteger)


Row = TypeVar("Row", bound=Base)
db = SQLAlchemy(model_class=Base, disable_autonaming=True)


def configure(settings: Settings) -> dict[str, Any]:
    """Return Flask-SQLAlchemy's configuration for these settings."""
    if settings.is_sqlite:
        try:
            settings.data.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise SettingsError(f"PORTAL_DATA is {settings.data}: {problem.strerror}.") from None
        options: dict[str, Any] = {"connect_args": {"timeout": BUSY_TIMEOUT_MS / 1000, "isolation_level": None}}
    else:
        _tell_conditions()
        options = {"pool_pre_ping": True, "connect_args": {"connect_timeout": 5}}
    # What a statement was given may be somebody's name: it goes into no error's text, and so into no log.
    options["hide_parameters"] = True
    options["execution_options"] = {
        "portal_zone": settings.timezone,
        "portal_site": settings.base_url,
        "portal_sender": settings.mail_from,
    }
    return {
        "SQLALCHEMY_DATABASE_URI": settings.sqlalchemy_url,
        "SQLALCHEMY_ENGINE_OPTIONS": options,
    }


def _tell_conditions() -> None:
    """Let partial indexes be partial on PostgreSQL too.

    Models name an index's condition for SQLite alone: to name the other loads that engine's dialect into every process.
    """
    for table in metadata.tables.values():
        for index in table.indexes:
            index.dialect_options["postgresql"]["where"] = index.dialect_options["sqlite"]["where"]


def local_day(session: Session, *, at: datetime) -> date:
    """Return the day of a moment in the site's zone.

    Every engine knows the zone, because a service has nothing but the session, and the day in UTC is the wrong one for
    eight hours of each day in China.
    """
    return at.astimezone(site_zone(session)).date()


def site_zone(session: Session) -> ZoneInfo:
    """Return the site's time zone, in which people read times and quarters are counted."""
    zone: ZoneInfo = session.get_bind().get_execution_options()["portal_zone"]
    return zone


def site_address(session: Session) -> str:
    """Return the site's public address without a slash at its end, for links in what people are sent."""
    address: str = session.get_bind().get_execution_options()["portal_site"]
    return address


def site_sender(session: Session) -> str:
    """Return the address that the site's mail comes from."""
    sender: str = session.get_bind().get_execution_options()["portal_sender"]
    return sender


def prepare_sqlite(connection: sqlite3.Connection) -> None:
    """Set what every SQLite connection of the portal runs with.

    `secure_delete` overwrites what is deleted, so that erased personal data are gone from the file as well.
    """
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    wanted = "wal" if WAL_IS_SAFE else "delete"
    if connection.execute("PRAGMA journal_mode").fetchone()[0] != wanted:
        connection.execute(f"PRAGMA journal_mode = {wanted}")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA secure_delete = ON")


@event.listens_for(Engine, "connect")
def _on_connect(dbapi_connection: Any, entry: ConnectionPoolEntry) -> None:
    if isinstance(dbapi_connection, sqlite3.Connection):
        prepare_sqlite(dbapi_connection)
        path = dbapi_connection.execute("PRAGMA database_list").fetchone()[2]
        entry.info["file"] = (path, identity(path))


@event.listens_for(Engine, "checkout")
def _on_checkout(dbapi_connection: Any, entry: ConnectionPoolEntry, _proxy: Any) -> None:
    if isinstance(dbapi_connection, sqlite3.Connection):
        path, opened = entry.info["file"]
        # A connection goes on with the file that it opened, also after a backup was put in its place.
        with suppress(FileNotFoundError):
            if identity(path) != opened:
                raise sa.exc.DisconnectionError("the database file was replaced")


@event.listens_for(Engine, "begin")
def _on_begin(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        if connection.get_execution_options().get("portal_write", False):
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            # Takes no lock yet, so it cannot fail; past SQLAlchemy it costs a fifth.
            connection.connection.driver_connection.execute("BEGIN")  # type: ignore[union-attr]  # it is open


_turnstiles: WeakKeyDictionary[Engine, Turnstile] = WeakKeyDictionary()


@event.listens_for(Engine, "engine_disposed")
def _on_disposed(engine: Engine) -> None:
    turnstile = _turnstiles.pop(engine, None)
    if turnstile is not None:
        turnstile.close()


@contextmanager
def _turn(engine: Engine) -> Iterator[None]:
    """Wait for the turn to write, where the engine has no queue of its own.

    Raises:
        Busy: the others take too long.
    """
    if engine.dialect.name != "sqlite":
        yield
        return
    turnstile = _turnstiles.get(engine)
    if turnstile is None:
        turnstile = _turnstiles.setdefault(engine, Turnstile(engine.url.database or ""))
    try:
        with turnstile.turn(BUSY_TIMEOUT_MS / 1000):
            yield
    except Late:
        raise Busy(_BUSY) from None


def is_of_another_version(problem: sa.exc.OperationalError) -> bool:
    """Return whether SQLite missed a table or a column: waiting would not help, migrating does."""
    text = str(problem.orig)
    return text.startswith(("no such table", "no such column")) or "has no column named" in text


@contextmanager
def transaction() -> Iterator[Session]:
    """Open the one write unit of a request or command; commit at its end, or undo everything.

    Raises:
        Busy: the database is locked, full or unreachable; nothing was changed.
        RuntimeError: a write unit is already open. Services never open one: their callers do.
    """
    session = db.session()
    if session.info.get("writing"):
        raise RuntimeError("a write unit is already open")
    # What was read before belongs to an older snapshot: a write unit begins afresh.
    session.rollback()
    with _turn(db.engine):
        try:
            session.connection(execution_options={"portal_write": True})
            session.info["writing"] = True
            yield session
            if session.info.pop("touched", False):
                _raise_version(session)
            for work in session.info.pop("at_end", ()):
                work(session)
            session.commit()
        except sa.exc.OperationalError as problem:
            session.rollback()
            raise Busy(_OTHER if is_of_another_version(problem) else _BUSY) from problem
        except BaseException:
            session.rollback()
            raise
        finally:
            for name in ("writing", "at_end", "touched", "rows"):
                session.info.pop(name, None)


@contextmanager
def part(session: Session) -> Iterator[None]:
    """Open a part of the write unit that can be undone alone, and what it left for the end with it."""
    left = list(session.info.get("at_end", ()))
    try:
        with session.begin_nested():
            yield
    except BaseException:
        session.info["at_end"] = left
        raise


def row_of_unit(session: Session, model: type[Row], number: int) -> Row | None:
    """Return a row that is read once in a write unit, however many ask for it: it is locked, or does not change."""
    if not session.info.get("writing"):
        return session.get(model, number)
    rows: dict[tuple[type[Any], int], Any] = session.info.setdefault("rows", {})
    if (model, number) not in rows:
        rows[model, number] = session.get(model, number, populate_existing=True)
    found: Row | None = rows[model, number]
    return found


def at_end(session: Session, work: Callable[[Session], None]) -> None:
    """Run `work` as the last thing of the open write unit, before it is committed; not at all when it is undone.

    For work that takes a lock which every unit wants: taken last, it is held for a moment only, and no unit can wait
    for another that waits for it.

    Raises:
        RuntimeError: no write unit is open.
    """
    if not session.info.get("writing"):
        raise RuntimeError("no write unit is open")
    session.info.setdefault("at_end", []).append(work)


def table_of(model: type[Base]) -> sa.Table:
    """Return the table of a model, for statements that go past the session's bookkeeping."""
    table = model.__table__
    assert isinstance(table, sa.Table)  # noqa: S101  # every model has one of its own
    return table


def insert(session: Session, statement: sa.Insert, values: Mapping[str, Any]) -> int:
    """Write one row without the session's bookkeeping, which costs more than the writing; return its number.

    For what many people wait for in the same moment. The session does not know the row until it reads it.
    """
    key = session.connection().execute(statement, values).inserted_primary_key
    return int(key[0])  # type: ignore[index]  # an INSERT of one row has a key


def upsert(session: Session, model: type[Any]) -> Any:
    """Return an INSERT into the table of `model` that can say `ON CONFLICT`, in the words of the engine in use."""
    # Loaded by name: on SQLite the other engine's would be megabytes in every process, for nothing.
    return importlib.import_module(f"sqlalchemy.dialects.{session.get_bind().dialect.name}").insert(model)


def drop_journal(engine: Engine) -> None:
    """Empty SQLite's WAL, which keeps what was erased or sealed anew until it is written over; elsewhere do nothing.

    Where somebody reads in this moment it is left for the next time.
    """
    if engine.dialect.name == "sqlite":
        # Past SQLAlchemy, which would open a transaction; within one there is no checkpoint.
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            connection.close()


# --- the site's version -------------------------------------------------------------------------------------------


def touch_site(session: Session) -> None:
    """Record, inside the write unit, that something a reader can see has changed.

    The row is changed at the end of the unit, before anything is logged: every unit that publishes wants it, and taken
    early it would be held while the unit waits for rows that another holds who waits for it.

    Raises:
        RuntimeError: no write unit is open.
    """
    if not session.info.get("writing"):
        raise RuntimeError("no write unit is open")
    session.info["touched"] = True


def _raise_version(session: Session) -> None:
    changed = session.execute(sa.update(Version).where(Version.id == 1).values(number=Version.number + 1))
    if changed.rowcount == 0:  # type: ignore[attr-defined]  # rowcount: an UPDATE returns a CursorResult
        # Two units may both be the first one: the second then raises what the first has put there.
        first = upsert(session, Version).values(id=1, number=1)
        session.execute(first.on_conflict_do_update(index_elements=["id"], set_={"number": Version.number + 1}))


def site_version(session: Session) -> int:
    """Return the site's version; 0 before the first change."""
    return session.execute(sa.select(Version.number).where(Version.id == 1)).scalar_one_or_none() or 0
