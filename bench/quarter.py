"""A quarter out of three years: 1,000,000 attempts and 200,000 check-ins; daily sums against raw rows, report, page.

The rows are put into a new database past the services; what is measured runs in processes of their own. Everything is
done at a tenth of the size as well, to see how it grows.
"""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from bench.pouring import Row, into_postgres, into_sqlite, plain
from bench.report import Report
from bench.statistics import ROOT, _ran

ATTEMPTS, CHECK_INS = 1_000_000, 200_000
QUARTERS = 12
FIRST = datetime(2023, 10, 1, tzinfo=UTC) - timedelta(hours=8)
QUARTER = "2026Q2"
ITEMS = 12
PER_LECTURE = 40
"""People let in at each lecture; of half of them there is a pair of answers."""
AUDIENCES = ("general", "general", "elderly", "youth", "new-resident")
LIMIT_SHARE, LIMIT_REPORT_S, LIMIT_MB, LIMIT_PAGE_S = 0.02, 3, 300, 0.1
TIMES = 3

OPEN = """
import json, sys, time
from datetime import UTC, datetime
from pathlib import Path
from portal.app import create_app
from portal.core.settings import Settings
import sqlalchemy as sa
from portal.core.database import db, site_zone, transaction
from portal.metrics.queries import stored
from portal.reference.rules import quarters
from portal.metrics.rules.summary import summarise
from portal.metrics.services import reports, rolling
app = create_app(Settings(data=Path(sys.argv[1]), database_url=sys.argv[5]))
quarter, at = sys.argv[2], datetime(2026, 10, 2, tzinfo=UTC)
first, end = quarters.days(quarter)
"""
ROLL = (
    OPEN
    + """
with app.app_context():
    start = time.perf_counter()
    name = "2023Q4"
    while name <= "2026Q3":
        with transaction() as session:
            rolling.roll(session, quarter=name, at=at)
        name = quarters.shift(name, 1)
    print(json.dumps({"s": time.perf_counter() - start}))
"""
)
DAYS = {
    "SQLite": "date({}, '+8 hours')",
    "PostgreSQL": "CAST(CAST({} AT TIME ZONE 'Asia/Shanghai' AS date) AS text)",
}
"""How each says the day of a moment in the site's zone."""


def _plain_queries(engine: str) -> tuple[str, str]:
    """Return what a first sketch would ask: everything grouped over all rows."""
    day = DAYS[engine]
    quizzes = (
        f"SELECT {day.format('finished_at')} AS day, version_id, audience, count(*), sum(CAST(passed AS integer)),"  # noqa: S608  # texts of this module
        " sum(percent) FROM quizzes_attempt WHERE finished_at IS NOT NULL GROUP BY 1, 2, 3"
    )
    lectures = (
        f"SELECT {day.format('e.starts_at')} AS day, a.event_id, a.kind, sum(a.people) FROM events_admission a"  # noqa: S608  # texts of this module
        " JOIN events_event e ON e.id = a.event_id WHERE a.undone_at IS NULL AND NOT a.conflict GROUP BY 1, 2, 3"
    )
    return quizzes, lectures


COMPARE = (
    OPEN
    + """
with app.app_context():
    session, best, plain = db.session(), 9e9, 9e9
    for _ in range(5):
        start = time.perf_counter()
        taken = stored.taken(session, first=first, end=end)
        lectures = stored.lecture_figures(session, first=first, end=end)
        best = min(best, time.perf_counter() - start)
    for _ in range(2):
        start = time.perf_counter()
        quizzes, came = session.execute(sa.text(sys.argv[3])).all(), session.execute(sa.text(sys.argv[4])).all()
        plain = min(plain, time.perf_counter() - start)
    inside = [row for row in quizzes if first.isoformat() <= row[0] < end.isoformat()]
    sums = {}
    for _day, version, audience, count, passed, percents in inside:
        cell = sums.setdefault((version, audience), [0, 0, 0.0])
        cell[0] += count; cell[1] += passed; cell[2] += percents
    ours = {(one.version_id, one.audience.value): [one.finished, one.passed, one.percents] for one in taken}
    assert ours == sums, (ours, sums)
    people = {(row[1], row[2]): row[3] for row in came if first.isoformat() <= row[0] < end.isoformat()}
    ours = {(event, part): value for event, found in lectures.items() for (_name, part), value in found.items()}
    assert people == {key: value for key, value in ours.items() if key[1] in ("code", "group", "walk-in")}
    print(json.dumps({"ours": best, "plain": plain}))
"""
)
REPORT = (
    OPEN
    + """
with app.app_context():
    start = time.perf_counter()
    found = summarise(reports.gather(db.session(), quarter, at=at))
    seconds = time.perf_counter() - start
    assert found["awareness"]["lectures"]["count"] > 10
    print(json.dumps({"s": seconds, "pairs": found["awareness"]["n_matched"]}))
"""
)
PAGE = (
    OPEN
    + """
from portal.core import access
from portal.core.settings import Locale, Permission
with app.app_context(), transaction() as session:
    reports.build(session, quarter=quarter, by="bench", at=at)
now = datetime.now(UTC)
who = access.Actor(1, "bench", Locale.HANS, frozenset(Permission), 1, now)
access.install(app, access.Gate(find=lambda: who, sign_in=lambda: "", confirm=lambda: ""))
client = app.test_client()
assert client.get("/desk/quarters/2023Q4").status_code == 200
start = time.perf_counter()
answer = client.get(f"/desk/quarters/{quarter}")
seconds = time.perf_counter() - start
assert answer.status_code == 200
print(json.dumps({"s": seconds}))
"""
)


def run(report: Report) -> None:
    """Measure at a tenth and at the whole, on SQLite and on PostgreSQL where a server is named."""
    _engine(report, "SQLite", "")
    server = os.environ.get("MINGBAI_TEST_POSTGRES", "")
    if server:
        _engine(report, "PostgreSQL", server)
    else:
        report.skip("PostgreSQL", "no server: bash tests/postgres.sh .venv/bin/python -m bench quarter")


def _engine(report: Report, engine: str, server: str) -> None:
    before: dict[str, float] = {}
    for part in (10, 1):
        with tempfile.TemporaryDirectory() as folder, _database(server, f"quarter_{part}") as url:
            environment = {**os.environ, "PORTAL_DATA": folder} | ({"PORTAL_DATABASE_URL": url} if url else {})
            migrate = [sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi.py"), "db", "upgrade"]
            subprocess.run(migrate, cwd=ROOT, env=environment, check=True, capture_output=True)
            _fill(Path(folder), url, part)
            report.note(f"{engine}: {ATTEMPTS // part:,} attempts, {CHECK_INS // part:,} check-ins")
            now = _measure(report, engine, (folder, url), part)
        if before:
            for name, seconds in now.items():
                report.value(
                    f"{engine}, {name}: growth with ten times the rows", seconds / before[name], "x", at_most=13
                )
        before = now


@contextmanager
def _database(server: str, name: str) -> Iterator[str]:
    """Make a database on the server for a while; without a server there is none to make."""
    if not server:
        yield ""
        return
    with psycopg.connect(f"{server}/postgres", autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")  # type: ignore[arg-type]  # names of this module
        try:
            yield f"{server}/{name}"
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)")  # type: ignore[arg-type]  # names of this module


def _measure(report: Report, engine: str, where: tuple[str, str], part: int) -> dict[str, float]:
    is_whole = part == 1
    rolled = _child(ROLL, engine, where)["s"]
    report.value("daily sums of twelve quarters made anew", rolled, "s")
    compared = _child(COMPARE, engine, where)
    share = compared["ours"] / compared["plain"]
    report.value("a quarter's figures from daily sums", compared["ours"], "s")
    limit = LIMIT_SHARE if is_whole else None
    report.value("of the plain GROUP BY over all rows, identical", share, "x", at_most=limit)
    built = [_child(REPORT, engine, where) for _ in range(TIMES)]
    seconds = min(one["s"] for one in built)
    report.note(f"{built[0]['pairs']:,.0f} pairs of answers, lectures drawn 2,000 times")
    report.value("the whole report", seconds, "s", at_most=LIMIT_REPORT_S if is_whole else None)
    report.value("memory of that process", max(one["mb"] for one in built), "MB", at_most=LIMIT_MB)
    page = min(_child(PAGE, engine, where)["s"] for _ in range(TIMES))
    report.value("the page, from the stored report", page, "s", at_most=LIMIT_PAGE_S)
    return {"daily sums": rolled, "the report": seconds}


def _child(code: str, engine: str, where: tuple[str, str]) -> dict[str, float]:
    folder, url = where
    ran = _ran([sys.executable, "-c", code, folder, QUARTER, *_plain_queries(engine), url])
    assert ran.code == 0, ran.said
    return {**json.loads(ran.said.splitlines()[-1]), "mb": ran.mb}


def _stamp(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S.000000")


def _fill(folder: Path, url: str, part: int) -> None:
    """Put the rows into the database: PostgreSQL's at `url`, or else the file in `folder`."""
    if url:
        with psycopg.connect(url) as server:
            server.execute("SET session_replication_role = replica")
            server.execute("SET timezone = 'UTC'")
            _pour(partial(into_postgres, server), part)
        with psycopg.connect(url, autocommit=True) as server:
            server.execute("VACUUM ANALYZE")
        return
    connection = sqlite3.connect(next(folder.glob("*.sqlite3")))
    connection.execute("PRAGMA synchronous = OFF")
    connection.execute("PRAGMA foreign_keys = OFF")
    _pour(partial(into_sqlite, connection), part)
    connection.commit()
    connection.execute("ANALYZE")
    connection.close()


def _pour(insert: Callable[[str, Iterable[Row]], None], part: int) -> None:
    from portal.quizzes.rules.items import Item, Kind, Option
    from portal.quizzes.rules.quizzes import Instrument, Quiz, Slot, instrument_to_plain

    names = [f"question-{number}" for number in range(ITEMS)]
    options = tuple(Option(key, key, float(key == "b")) for key in "abcd")
    items = {name: Item(name, Kind.SINGLE_CHOICE, "?", options) for name in names}
    slots = tuple(Slot(name, control=place >= ITEMS - 2) for place, name in enumerate(names))
    frozen = instrument_to_plain(Instrument(Quiz("safe", "防骗", slots), items, {}))
    stamp = _stamp(FIRST)
    generator = random.Random(1)
    insert(
        "quizzes_document",
        [{"id": 1, "sort": "quiz", "name": "safe", "label": "防骗", "topic": "phone", "article": "",
          "state": "published", "latest_number": 1, "published_number": 1, "published_at": stamp, "updated_at": stamp}],
    )  # fmt: skip
    insert(
        "quizzes_version",
        [{"id": 1, "quiz_id": 1, "number": 1, "instrument": plain(frozen), "checksum": "1", "published_at": stamp,
          "published_by": "bench"}],
    )  # fmt: skip
    count = CHECK_INS // part // PER_LECTURE
    span = timedelta(days=1096)
    starts = [FIRST + span / count * place for place in range(count)]
    insert("events_event", _events(starts))
    insert("events_pool", ({"id": n, "event_id": n, "place": "in-person", "capacity": 99, "taken": 40}
                                        for n in range(1, count + 1)))  # fmt: skip
    insert("events_registration", _registrations(count, stamp))
    insert("events_admission", _admissions(starts))
    insert("events_feedback", _feedback(generator, starts))
    cards = count * PER_LECTURE // 2
    insert("events_card", ({"id": n, "event_id": 1 + (n - 1) // (PER_LECTURE // 2), "code": f"{n:08d}",
                                         "number": n, "created_at": stamp} for n in range(1, cards + 1)))  # fmt: skip
    insert("quizzes_attempt", _attempts(generator, ATTEMPTS // part, span))
    insert("events_card_attempt", _card_attempts(cards, stamp))
    insert("quizzes_response", _responses(generator, cards, names, stamp))


def _events(starts: list[datetime]) -> Iterator[dict[str, Any]]:
    for number, at in enumerate(starts, 1):
        stamp, end = _stamp(at), _stamp(at + timedelta(hours=1))
        yield {
            "id": number, "slug": f"lecture-{number}", "state": "published", "mode": "in-person",
            "audience": AUDIENCES[number % 5], "topic": f"topic-{number % 7}", "district": f"district-{number % 9}",
            "branch": "", "campaign": "", "owner_id": 1, "starts_at": stamp, "ends_at": end, "opens_at": stamp,
            "closes_at": stamp, "venue": "{}", "address": "{}", "map_url": "", "online_url": "", "step_free": 0,
            "hearing_loop": 0, "sign_language": 0, "access_note": "{}", "telephone": "", "most_seats": 4,
            "takes_groups": 1, "articles": "[]", "pre_quiz": "safe", "post_quiz": "safe", "uid": f"uid-{number}",
            "sequence": 0, "words": '{"title": {"zh-Hans": "讲座"}}', "latest_number": 1, "published_number": 1,
            "published_at": stamp, "updated_at": stamp, "cancel_reason": "", "created_at": stamp,
            "created_by": "bench",
        }  # fmt: skip


def _registrations(count: int, stamp: str) -> Iterator[dict[str, Any]]:
    for key in range(1, count * PER_LECTURE + 1):
        event = 1 + (key - 1) // PER_LECTURE
        yield {
            "id": key, "event_id": event, "pool_id": event, "kind": "person", "state": "confirmed", "source": "web",
            "code": f"{key:08d}", "token_digest": f"{key:064x}", "request": f"{key}", "seats": 1,
            "contact_kind": "none", "person_digest": f"{key % 60_000:064x}", "organisation": "", "under_14": 0,
            "locale": "zh-Hans", "audience": AUDIENCES[key % 5], "told_sequence": 0, "created_at": stamp,
            "changed_at": stamp, "confirmed_at": stamp,
        }  # fmt: skip


def _admissions(starts: list[datetime]) -> Iterator[dict[str, Any]]:
    key = 0
    for event, at in enumerate(starts, 1):
        for _person in range(PER_LECTURE):
            key += 1
            yield {
                "id": key, "event_id": event, "registration_id": key, "kind": "code", "source": "door", "people": 1,
                "nonce": f"nonce-{key:020d}", "device": "", "at": _stamp(at), "received_at": _stamp(at), "by": "b",
                "by_id": 1, "conflict": 0,
            }  # fmt: skip


def _feedback(generator: random.Random, starts: list[datetime]) -> Iterator[dict[str, Any]]:
    key = 0
    for event, at in enumerate(starts, 1):
        for _person in range(PER_LECTURE // 3):
            key += 1
            level = generator.choice((5, 5, 5, 4, 4, 3))
            yield {"id": key, "event_id": event, "level": level, "ticket": f"{key}", "source": "link", "at": _stamp(at)}


def _attempts(generator: random.Random, count: int, span: timedelta) -> Iterator[dict[str, Any]]:
    for key in range(1, count + 1):
        at = _stamp(FIRST + span / count * (key - 1))
        yield {
            "id": key, "version_id": 1, "token_digest": f"{key:064x}", "series": f"{key:x}", "ordinal": 1,
            "audience": AUDIENCES[key % 5], "locale": "zh-Hans", "source": "web", "layout": "[]", "started_at": at,
            "finished_at": at, "quarter": "2026Q2", "points": 6.0, "possible": 12.0,
            "percent": float(generator.randrange(101)), "passed": generator.randrange(2),
        }  # fmt: skip


def _card_attempts(cards: int, stamp: str) -> Iterator[dict[str, Any]]:
    for card in range(1, cards + 1):
        for place, wave in enumerate(("pre", "post")):
            attempt = 2 * card - 1 + place
            yield {"id": attempt, "card_id": card, "wave": wave, "attempt_id": attempt, "at": stamp}


def _responses(generator: random.Random, cards: int, names: list[str], stamp: str) -> Iterator[dict[str, Any]]:
    for attempt in range(1, 2 * cards + 1):
        knows = 0.5 if attempt % 2 else 0.7
        for slot, name in enumerate(names):
            right = generator.random() < knows
            yield {
                "attempt_id": attempt, "slot": slot, "item": name, "given": '{"chosen": ["b"]}', "answered_at": stamp,
                "seconds": 9.0, "fraction": float(right), "outcome": "right" if right else "wrong",
            }  # fmt: skip
