"""The site's version: every commit is seen, nothing uncommitted is, and nothing fails while the database is away."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from portal.core.database.hot import SqliteFile
from portal.core.delivery import PolledVersion, SqliteVersion


def make_site(path: Path, number: int = 1) -> None:
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE core_version (id INTEGER PRIMARY KEY, number BIGINT NOT NULL)")
        connection.execute("INSERT INTO core_version VALUES (1, ?)", (number,))
    connection.close()


@pytest.mark.parametrize("mode", ["delete", "truncate", "wal"])
def test_sqlite_version_follows_every_commit(tmp_path: Path, mode: str) -> None:
    file = tmp_path / "site.sqlite3"
    make_site(file)
    version = SqliteVersion(SqliteFile(file))
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute(f"PRAGMA journal_mode = {mode}")
    for number in range(2, 60):
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE core_version SET number = ?", (number,))
        assert version() == number - 1, "what is not committed is not seen"
        writer.execute("COMMIT")
        assert version() == version() == number
    writer.close()


def test_sqlite_version_says_none_while_the_file_is_held_or_missing(tmp_path: Path) -> None:
    file = tmp_path / "site.sqlite3"
    version = SqliteVersion(SqliteFile(file, patience=0.01))
    assert version() is None
    file.touch()
    assert version() is None, "the file has no table yet"
    make_site(file, 7)
    assert version() == 7
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("UPDATE core_version SET number = 8")
    writer.execute("BEGIN EXCLUSIVE")
    assert version() is None
    writer.execute("ROLLBACK")
    assert version() == 8
    writer.close()


def test_sqlite_version_notices_a_restored_file(tmp_path: Path) -> None:
    file, backup = tmp_path / "site.sqlite3", tmp_path / "backup"
    make_site(file, 5)
    make_site(backup, 3)
    version = SqliteVersion(SqliteFile(file, recheck=0))
    assert version() == 5
    backup.rename(file)
    assert version() == 3
    file.unlink()
    assert version() is None


def test_sqlite_version_never_drops_the_locks_of_a_write_under_way(tmp_path: Path) -> None:
    file = tmp_path / "site.sqlite3"
    make_site(file)
    version = SqliteVersion(SqliteFile(file, recheck=0, patience=0.01))
    version()
    writer = sqlite3.connect(file, isolation_level=None)
    writer.execute("BEGIN IMMEDIATE")
    for _ in range(5):
        version()
    script = (
        "import sqlite3, sys; sqlite3.connect(sys.argv[1], timeout=0, isolation_level=None).execute('BEGIN IMMEDIATE')"
    )
    assert b"locked" in run_python(script, str(file)), "another process must still find the file locked"
    writer.execute("ROLLBACK")
    writer.close()
    assert run_python(script, str(file)) == b"", "and free again afterwards"


def run_python(script: str, *arguments: str) -> bytes:
    command = [sys.executable, "-c", script, *arguments]
    return subprocess.run(command, check=False, capture_output=True, timeout=30).stderr


def test_sqlite_version_in_many_threads(tmp_path: Path) -> None:
    file = tmp_path / "site.sqlite3"
    make_site(file)
    version = SqliteVersion(SqliteFile(file, patience=5))
    writer = sqlite3.connect(file, isolation_level=None, timeout=5)
    written = 1
    stop = threading.Event()
    wrong: list[tuple[int, int | None]] = []

    def read() -> None:
        while not stop.is_set():
            before = written
            seen = version()
            if seen is None or seen < before:
                wrong.append((before, seen))

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(2, 150):
        writer.execute("UPDATE core_version SET number = ?", (number,))
        written = number
    stop.set()
    for thread in threads:
        thread.join()
    writer.close()
    assert not wrong


def test_polled_version_asks_once_a_second() -> None:
    now, asked = [0.0], [0]

    def read() -> int:
        asked[0] += 1
        return asked[0]

    version = PolledVersion(read, interval=1.0, clock=lambda: now[0])
    assert [version() for _ in range(5)] == [1] * 5
    now[0] = 0.99
    assert version() == 1
    now[0] = 1.0
    assert version() == 2


def test_polled_version_survives_a_failing_server() -> None:
    now, fails = [0.0], [True]

    def read() -> int:
        if fails[0]:
            raise OSError("gone")
        return 7

    version = PolledVersion(read, clock=lambda: now[0])
    assert version() is None, "nothing was ever read"
    now[0], fails[0] = 2.0, False
    assert version() == 7
    now[0], fails[0] = 4.0, True
    assert version() == 7, "the last value stays"


def test_polled_version_lets_one_thread_wait() -> None:
    asking, go = threading.Event(), threading.Event()
    now = [0.0]

    def read() -> int:
        if now[0]:
            asking.set()
            assert go.wait(10)
        return int(now[0])

    version = PolledVersion(read, clock=lambda: now[0])
    assert version() == 0
    now[0] = 5.0
    results: list[int | None] = []
    slow = threading.Thread(target=lambda: results.append(version()))
    slow.start()
    assert asking.wait(10)
    assert version() == 0, "the others go on with the last value"
    go.set()
    slow.join()
    assert results == [5]
