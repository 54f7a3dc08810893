"""The number of the site's version, as the page cache asks for it on every request."""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

FILE_FORMAT = 18
"""Where the header of an SQLite file says its write format; the counter of its changes ends ten bytes on."""
WAL = 2
"""The write format of a file in WAL mode."""


class SqliteVersion:
    """The site's version, read from the SQLite file on every call: about 1 µs while the file is unchanged, else 10 µs.

    In the rollback journal modes (ours is DELETE, see `portal.core.database`) every commit raises a counter at a fixed
    place of the file's header before it takes effect. While that counter stands, so does the number that was selected
    after it was last read; when it moved, the row is selected again: an indexed read that takes a shared lock for some
    microseconds and can only see what is committed. While a writer holds the file (the moment of its commit) the
    select waits up to `patience` seconds and then gives None. A file in WAL mode has no such counter; there, every
    call selects.
    """

    def __init__(self, path: Path | str, *, patience: float = 0.05, recheck: float = 1.0) -> None:
        """Every `recheck` seconds it is looked whether `path` still is the open file (a backup may be restored)."""
        self._path = Path(path).absolute()
        self._patience = patience
        self._recheck = recheck
        self._lock = threading.Lock()
        self._due = float("-inf")
        self._handle = -1
        self._file: tuple[int, int] | None = None
        self._seen: tuple[tuple[int, int] | None, bytes, int] = (None, b"", 0)
        self._own = threading.local()

    def __call__(self) -> int | None:
        """Return the number; 0 before the first change; None: locked, missing or not yet migrated."""
        try:
            if time.monotonic() > self._due:
                self._look_again()
            header = os.pread(self._handle, 10, FILE_FORMAT)
        except OSError:
            return None
        file, mark, number = self._seen
        if mark == header and file == self._file and header[0] != WAL:
            return number
        return self._select(self._file, header)

    def _look_again(self) -> None:
        with self._lock:
            found = self._path.stat()
            file = (found.st_dev, found.st_ino)
            if file != self._file:
                # The former handle is left open for good: closing any handle of a file drops the locks that SQLite
                # holds on it in this process, and a write under way would lose its protection.
                self._handle = os.open(self._path, os.O_RDONLY | os.O_CLOEXEC)
                self._file = file
            self._due = time.monotonic() + self._recheck

    def _select(self, file: tuple[int, int] | None, header: bytes) -> int | None:
        own = self._own
        try:
            if getattr(own, "file", None) != file:
                self._connect(file)
            row = own.connection.execute("SELECT number FROM core_version WHERE id = 1").fetchone()
        except sqlite3.Error as problem:
            if getattr(problem, "sqlite_errorcode", 0) & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
                own.file = None
            return None
        number = int(row[0]) if row else 0
        self._seen = (file, header, number)
        return number

    def _connect(self, file: tuple[int, int] | None) -> None:
        former = getattr(self._own, "connection", None)
        if former is not None:
            former.close()
            self._own.connection = None
        # rw, not rwc: the file is never created here; not ro: a journal left by a crash must be rolled back.
        self._own.connection = sqlite3.connect(
            f"{self._path.as_uri()}?mode=rw",
            uri=True,
            timeout=self._patience,
            isolation_level=None,
            check_same_thread=False,
        )
        self._own.file = file


class PolledVersion:
    """The site's version from a database server: asked at most once in `interval` seconds, by one thread at a time."""

    def __init__(
        self, read: Callable[[], int], *, interval: float = 1.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._read = read
        self._interval = interval
        self._clock = clock
        self._lock = threading.Lock()
        self._due = float("-inf")
        self._value: int | None = None

    def __call__(self) -> int | None:
        """Return the last number read, or None when none ever was; a failing read leaves it as it was."""
        if self._clock() < self._due or not self._lock.acquire(blocking=False):
            return self._value
        try:
            # Counted from before the read: what a slow server answers is already as old as the wait.
            self._due = self._clock() + self._interval
            # Whatever is wrong with the server: pages go on being answered.
            with suppress(Exception):
                self._value = self._read()
        finally:
            self._lock.release()
        return self._value
