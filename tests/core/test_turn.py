"""The queue before a SQLite file: in order between processes, with an end to waiting, and nothing left by the dead."""

from __future__ import annotations

import fcntl
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from portal.core.database import db, transaction
from portal.core.database.turn import Late, Turnstile
from portal.core.errors import Busy
from tests.house.files import ROOT

# Two processes of this, each taking turn after turn without a pause, write their letter at each.
_GREEDY = """
import os, sys, time
from portal.core.database.turn import Turnstile
path, letter, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
turnstile, log = Turnstile(path), os.open(path + ".log", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
sys.stdout.write("ready\\n"); sys.stdout.flush(); sys.stdin.readline()
for _turn in range(count):
    with turnstile.turn(60):
        os.write(log, letter.encode())
        end = time.monotonic() + 0.003
        while time.monotonic() < end:
            pass
"""
TURNS = 40


def test_two_greedy_processes_take_turns(tmp_path: Path) -> None:
    path = tmp_path / "file"
    running = [
        subprocess.Popen(
            [sys.executable, "-c", _GREEDY, str(path), letter, str(TURNS)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for letter in "ab"
    ]
    for process in running:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
    for process in running:
        process.communicate("go\n")
    turns = Path(f"{path}.log").read_text()
    assert sorted(turns) == ["a"] * TURNS + ["b"] * TURNS
    both = turns[turns.index("ba" if turns[0] == "b" else "ab") : turns.rindex("ba" if turns[-1] == "a" else "ab") + 2]
    # While both are there, neither comes twice in a row.
    assert "aa" not in both
    assert "bb" not in both


def test_waiting_ends_and_the_turn_can_be_had_later(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    first, second = Turnstile(path), Turnstile(path)
    with first.turn(1), pytest.raises(Late), second.turn(0):
        pytest.fail("the turn was not free")
    with second.turn(1):
        pass
    first.close()
    second.close()


def test_whoever_is_killed_leaves_the_turn(tmp_path: Path) -> None:
    path = str(tmp_path / "file")
    command = (
        f"import sys,time; from portal.core.database.turn import Turnstile\nwith Turnstile({path!r}).turn(1):\n"
        + (" print('held', flush=True); sys.stdin.readline()")
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", command], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    own = Turnstile(path)
    with pytest.raises(Late), own.turn(0):
        pytest.fail("the turn was not free")
    holder.kill()
    holder.communicate()
    with own.turn(10):
        pass
    own.close()


def test_a_folder_that_may_only_be_read_orders_nobody() -> None:
    with Turnstile("/proc/nowhere").turn(0):
        pass


@pytest.mark.usefixtures("app")
def test_a_write_unit_whose_turn_does_not_come_is_busy(monkeypatch: pytest.MonkeyPatch) -> None:

    if db.engine.dialect.name != "sqlite":
        pytest.skip("PostgreSQL has a queue of its own")
    monkeypatch.setattr("portal.core.database.BUSY_TIMEOUT_MS", 0)
    with open(f"{db.engine.url.database}.turn", "w") as file:  # a lock is on an open file
        fcntl.flock(file, fcntl.LOCK_EX)
        with pytest.raises(Busy), transaction():
            pytest.fail("the turn was not free")
    with transaction():
        pass


def test_an_engine_that_is_disposed_of_leaves_no_file_open(app: Flask) -> None:
    def files() -> list[str]:
        return [str(path.readlink()) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]

    with transaction():
        pass
    name = f"{db.engine.url.database}.turn"
    assert (name in files()) == (db.engine.dialect.name == "sqlite")
    db.session.remove()
    db.engine.dispose()
    assert name not in files()
    with transaction():
        pass
