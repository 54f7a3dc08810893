"""Whose turn it is to write to a SQLite file: an even queue of threads and processes.

SQLite's own way of waiting sleeps longer each time, up to a tenth of a second, and whoever has just written takes the
lock again while the others sleep: of two processes that write all the time, one may be kept out for many seconds. Here
each process waits with one thread, and two locks make a turnstile: whoever waits for the turn holds the place of the
next, which the one before has to pass as well before it can write again.

The locks only order; what keeps writers apart is SQLite's own lock. They are the kernel's, so a process that is killed
leaves none behind.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

POLL_S = 0.001
"""How often it is looked whether a lock is free: so that waiting can end."""


class Late(Exception):
    """The turn did not come in time."""


class Turnstile:
    """The queue before one file. Each process has one for all its threads."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._threads = threading.Lock()
        self._files: tuple[int, ...] = ()
        self._owner = 0

    @contextmanager
    def turn(self, patience: float) -> Iterator[None]:
        """Wait for the turn of this thread, and keep it.

        Raises:
            Late: others took longer than `patience` seconds.
        """
        end = time.monotonic() + patience
        if not self._threads.acquire(timeout=patience):
            raise Late
        try:
            held = self._pass(end)
            try:
                yield
            finally:
                for file in held:
                    fcntl.flock(file, fcntl.LOCK_UN)
        finally:
            self._threads.release()

    def _pass(self, end: float) -> tuple[int, ...]:
        """Take the next place, then the turn, then leave the place to another process; return what is held."""
        files = self._open()
        if not files:
            return ()
        place, turn = files
        _lock(place, end)
        try:
            _lock(turn, end)
        finally:
            fcntl.flock(place, fcntl.LOCK_UN)
        return (turn,)

    def _open(self) -> tuple[int, ...]:
        """Open the two files; a forked process opens its own, since it would share locks with its parent.

        Where they cannot be had (a folder that may only be read), nobody is ordered.
        """
        if self._owner != os.getpid():
            self._owner = os.getpid()
            try:
                flags = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC
                self._files = tuple(os.open(f"{self._path}.{name}", flags, 0o600) for name in ("next", "turn"))
            except OSError:
                self._files = ()
        return self._files

    def close(self) -> None:
        """Close the files."""
        if self._owner == os.getpid():
            for file in self._files:
                os.close(file)
        self._files, self._owner = (), 0


def _lock(file: int, end: float) -> None:
    while True:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= end:
                raise Late from None
            time.sleep(POLL_S)
        else:
            return
