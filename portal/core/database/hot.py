"""Reads of one row, for the hottest pages: past every pool and past SQLAlchemy."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import sqlite
from sqlalchemy.engine import Engine


def identity(path: Path | str) -> tuple[int, int]:
    """Return what tells the file at a path from another one that is put in its place."""
    found = os.stat(path)
    return found.st_dev, found.st_ino


class SqliteFile:
    """The database file, for single reads past every pool: each thread keeps a connection, and no transaction is open.

    A statement outside a transaction takes a shared lock for some microseconds and sees what is committed, nothing
    else. While a writer holds the file (the moment of its commit) it waits up to `patience` seconds.
    """

    def __init__(self, path: Path | str, *, patience: float = 0.05, recheck: float = 1.0) -> None:
        """Every `recheck` seconds it is looked whether `path` still is the open file (a backup may be restored)."""
        self._path = Path(path).absolute()
        self._patience = patience
        self._recheck = recheck
        self._lock = threading.Lock()
        self._own = threading.local()
        self.handle = -1
        """The open file, for a look at its header."""
        self.identity: tuple[int, int] | None = None
        self.due = float("-inf")
        """When to look again, by the monotonic clock."""

    def look_again(self) -> None:
        """Open the file that is at the path now.

        Raises:
            OSError: there is none.
        """
        with self._lock:
            found = identity(self._path)
            if found != self.identity:
                # The former handle is left open for good: closing any handle of a file drops the locks that SQLite
                # holds on it in this process, and a write under way would lose its protection.
                self.handle = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
                self.identity = found
            self.due = time.monotonic() + self._recheck

    def one(self, statement: str, values: Mapping[str, Any] | Sequence[Any] = ()) -> Sequence[Any] | None:
        """Return the first row of a SELECT, or None.

        Raises:
            sqlite3.Error: the file is locked, missing or damaged.
            OSError: the file is missing.
        """
        if time.monotonic() > self.due:
            self.look_again()
        own = self._own
        try:
            if getattr(own, "identity", None) != self.identity:
                self._connect()
            rows = own.connection.execute(statement, values).fetchall()
        except sqlite3.Error as problem:
            if getattr(problem, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                own.identity = None
            raise
        return rows[0] if rows else None

    def _connect(self) -> None:
        own, identity = self._own, self.identity
        former = getattr(own, "connection", None)
        if former is not None:
            former.close()
            own.connection = None
        # rw, not rwc: the file is never created here; not ro: a journal left by a crash must be rolled back.
        own.connection = sqlite3.connect(
            f"{self._path.as_uri()}?mode=rw",
            uri=True,
            timeout=self._patience,
            isolation_level=None,
            check_same_thread=False,
        )
        own.identity = identity


class HotRead:
    """A SELECT of at most one row whose SQL is composed once.

    On a `SqliteFile` it goes past SQLAlchemy, whose pool, transaction and result cost five times the read itself; the
    values come out the same.
    """

    def __init__(self, statement: sa.Select[Any]) -> None:
        dialect = sqlite.dialect(paramstyle="named")
        self._statement = statement
        self._sql = str(statement.compile(dialect=dialect))
        kinds = [column.type.dialect_impl(dialect) for column in statement.selected_columns]
        decoders = [(place, kind.result_processor(dialect, None)) for place, kind in enumerate(kinds)]
        self._decoders = [(place, decode) for place, decode in decoders if decode is not None]

    def one(self, source: SqliteFile | Engine, **values: str) -> Sequence[Any] | None:
        """Return the row, or None."""
        if isinstance(source, Engine):
            with source.connect() as connection:
                return connection.execute(self._statement, values).first()
        row = source.one(self._sql, values)
        if row is None:
            return None
        decoded = list(row)
        for place, decode in self._decoders:
            decoded[place] = decode(decoded[place])
        return decoded
