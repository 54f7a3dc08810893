"""Registering for one lecture: the service as the pages call it, beside raw sqlite3 doing the very same statements.

The statements of one registration are recorded, and raw sqlite3 says them again, with other random values where a
column must be unique: the same journal mode, synchronous=FULL, `BEGIN IMMEDIATE`, and SQLite's own busy handler. Both
run for the same number of registrations, in the same number of processes and threads, on one hot row, in turns.
"""

from __future__ import annotations

import gc
import json
import os
import re
import secrets
import shutil
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import event as events

from bench.machine import ROOT, WORK
from bench.report import Report, paired
from portal.app import create_app
from portal.commands.migrating import migrations
from portal.core.database import db, prepare_sqlite, transaction
from portal.core.settings import Settings
from portal.core.together import together
from portal.events.services import registering
from tests.events.hall import AT, lecture, mobile, wish

PROCESSES = 2
THREADS = 4
PARALLEL = 200
EACH = 250
ROUNDS = 3
SHARE = 0.3
WAIT_SHARE = 0.25
P99_S = 0.25
FRESH = {
    "code": lambda: secrets.token_hex(4),
    "token_digest": lambda: secrets.token_hex(32),
    "request": lambda: secrets.token_hex(20),
    "contact_digest": lambda: secrets.token_hex(32),
    "person_digest": lambda: secrets.token_hex(32),
    "key": lambda: secrets.token_hex(16),
}
"""Columns whose value is another in each row."""
Statement = tuple[str, list[Any], list[str]]
"""SQL, the recorded values, and what makes each anew: a column of `FRESH`, `registration` for its number, or none."""


def run(report: Report) -> None:
    """Print how many registrations are committed a second, and how long the longest waits."""
    folder = WORK / "registering"
    shares, waits = [], []
    for _round in range(ROUNDS):
        for threads, marks in ((THREADS, shares), (PARALLEL // PROCESSES, waits)):
            ours = _together(folder, "ours", threads)
            raw = _together(folder, "raw", threads)
            marks.append((ours, raw))
    report.note(
        f"{PROCESSES} processes of {THREADS} threads, then of {PARALLEL // PROCESSES}; {ROUNDS} rounds; medians"
    )
    _say(report, "ours", [ours for ours, _raw in shares])
    _say(report, "raw sqlite3", [raw for _ours, raw in shares])
    rates = ([ours["rate"] for ours, _ in shares], [raw["rate"] for _, raw in shares])
    report.value("registrations a second, ours / raw sqlite3", paired(*rates), "", at_least=SHARE)
    longest = ([ours["longest"] for ours, _ in waits], [raw["longest"] for _, raw in waits])
    report.value(f"{PARALLEL} at once: longest wait, ours", statistics.median(longest[0]), "s")
    report.value(f"{PARALLEL} at once: longest wait, SQLite's handler", statistics.median(longest[1]), "s")
    report.value(f"{PARALLEL} at once: longest wait, ours / SQLite's", paired(*longest), "", at_most=WAIT_SHARE)
    p99 = statistics.median(ours["p99"] for ours, _ in waits)
    report.value(f"{PARALLEL} at once: p99 of a registration", p99, "s", at_most=P99_S)


def _say(report: Report, name: str, rounds: list[dict[str, float]]) -> None:
    report.value(f"{name}: registrations a second", statistics.median(one["rate"] for one in rounds), "/s")
    report.value(f"{name}: p99", statistics.median(one["p99"] for one in rounds) * 1000, "ms")


def _together(folder: Path, how: str, threads: int) -> dict[str, float]:
    """Let the processes register on a database of their own; return rate, p99 and longest."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    app = create_app(Settings(data=folder))
    with app.app_context():
        migrations().upgrade()
        with transaction() as session:
            number = lecture(session, seats=100_000).id
        recorded = _record(number) if how == "raw" else []
        db.session.remove()
        db.engine.dispose()
    count = EACH * 8 // threads if threads > THREADS else EACH
    told = {"folder": str(folder), "event": number, "how": how, "threads": threads, "count": count}
    told["recorded"] = recorded
    command = [sys.executable, "-m", "bench.registering"]
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    running = [
        subprocess.Popen(command, cwd=ROOT, env=kept, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _process in range(PROCESSES)
    ]
    for process in running:
        process.stdin.write(json.dumps(told).encode() + b"\n")
        process.stdin.flush()
    for process in running:
        process.stdout.readline()  # it is ready
    for process in running:
        process.stdin.write(b"go\n")
        process.stdin.flush()
    came = [json.loads(process.communicate()[0]) for process in running]
    times = sorted(taken for one in came for taken in one["times"])
    assert len(times) == PROCESSES * threads * count, "a registration failed"
    span = max(one["ended"] for one in came) - min(one["begun"] for one in came)
    return {"rate": len(times) / span, "p99": times[int(0.99 * len(times))], "longest": times[-1]}


def _record(number: int) -> list[Statement]:
    """Return what one registration says to the database, in the form in which it can be said again."""
    heard: list[tuple[str, tuple[Any, ...]]] = []

    def hear(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        heard.append((statement, tuple(values)))

    events.listen(db.engine, "before_cursor_execute", hear)
    made = _register(number, 1)
    events.remove(db.engine, "before_cursor_execute", hear)
    db.session.rollback()
    recorded: list[Statement] = []
    for statement, values in heard:
        if not re.match(r"(SELECT|INSERT|UPDATE)", statement):
            continue  # the beginning of the unit and its savepoint
        named = re.match(r"INSERT INTO (\w+) \(([^)]+)\)", statement)
        columns = [name.strip(' "') for name in named[2].split(",")] if named else [""] * len(values)
        kinds = ["registration" if name == "registration_id" else name if name in FRESH else "" for name in columns]
        if "person_digest" in statement and not named:
            kinds = ["person_digest" if isinstance(one, str) and len(one) == 64 else "" for one in values]
        recorded.append((statement, list(values), kinds))
    assert made
    return recorded


def _register(number: int, person: int) -> int:
    """Register somebody as the pages do; return the number."""
    wanted = wish(f"人{person}", **mobile(person))
    return together.run(
        lambda session: registering.register(session, event_id=number, wish=wanted, at=AT).id, order=number
    )


# --- one process --------------------------------------------------------------------------------------------------


def _process() -> None:
    told = json.loads(sys.stdin.readline())
    app = create_app(Settings(data=Path(told["folder"])))
    # As in a server (see `wsgi.py`): what is loaded stays, and no look for what could go passes through it.
    gc.collect()
    gc.freeze()
    threads, times = told["threads"], []
    start = threading.Barrier(threads + 1)

    def work(place: int) -> None:
        act = _raw(app, told) if told["how"] == "raw" else _ours(app, told["event"], place)
        if place == 0:
            # A server in use has written before: its statements are composed, its templates read.
            act()
        start.wait()
        taken = []
        for _number in range(told["count"]):
            begun = time.perf_counter()
            act()
            taken.append(time.perf_counter() - begun)
        times.extend(taken)

    running = [threading.Thread(target=work, args=(place,)) for place in range(threads)]
    for thread in running:
        thread.start()
    while start.n_waiting < threads:
        time.sleep(0.01)
    print("ready", flush=True)
    sys.stdin.readline()
    start.wait()
    begun = time.time()
    for thread in running:
        thread.join()
    json.dump({"times": times, "begun": begun, "ended": time.time()}, sys.stdout)


def _ours(app: Flask, number: int, place: int) -> Callable[[], object]:
    base = os.getpid() % 1000 * 100_000 + place * 1_000
    people = iter(range(base, base + 1_000))

    def act() -> None:
        with app.app_context():
            try:
                _register(number, next(people))
            finally:
                db.session.remove()

    return act


def _raw(app: Flask, told: dict[str, Any]) -> Callable[[], object]:
    path = app.config["PORTAL"].data / "portal.sqlite3"
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    prepare_sqlite(connection)
    # Its handler may keep somebody waiting longer than the portal would.
    connection.execute("PRAGMA busy_timeout = 120000")

    def act() -> None:
        connection.execute("BEGIN IMMEDIATE")
        row = 0
        for statement, values, kinds in told["recorded"]:
            said = [
                FRESH[kind]() if kind in FRESH else row if kind else one
                for one, kind in zip(values, kinds, strict=True)
            ]
            cursor = connection.execute(statement, said)
            if statement.startswith("SELECT"):
                cursor.fetchall()
            elif statement.startswith("INSERT INTO events_registration "):
                row = cursor.lastrowid or 0
        connection.execute("COMMIT")

    return act


if __name__ == "__main__":
    _process()
