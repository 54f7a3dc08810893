"""Figures of a quiz that 100,000 people have taken: gathering alone, and the page that staff see; time and memory.

Then a question of it is marked anew, batch by batch, as the worker does it.

The attempts are put into a new database past the services, each with 20 answers; what is measured runs in processes
of their own.
"""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bench.pouring import into_sqlite, plain
from bench.report import Report
from bench.statistics import ATTEMPTS, ITEMS, LIMIT_MB, LIMIT_S, ROOT, TIMES, Ran, _ran

AT = datetime(2026, 11, 22, 2, 0, tzinfo=UTC)
STAMP = "2026-11-22 02:00:00.000000"
AUDIENCES = ("general", "general", "elderly", "youth", "new-resident")
QUARTERS = ("2026Q3", "2026Q4", "2026Q4", "2026Q4")
GIVEN = [f'{{"chosen": ["{key}"]}}' for key in "bbbacd"] + ['{"dont_know": true}']
JUDGED = [f'{{"chosen": ["{key}"]}}' for key in ("scam", "scam", "genuine", "unsure")]

OPEN = """
import sys, time
from dataclasses import replace
from pathlib import Path
from portal.app import create_app
from portal.core.settings import Settings
app = create_app(Settings(data=Path(sys.argv[1])))
slug = sys.argv[2]
"""
GATHER = (
    OPEN
    + """
import numpy  # loaded once in a server's life
from portal.core.database import db
from portal.quizzes.queries import figures, results
with app.app_context():
    start = time.process_time()
    version = results.quiz_versions(db.session(), slug)[0]
    roll = figures.roll(db.session(), version)
    cells = roll.cells()
    ids = roll.of(cells.leaves())
    sheet = figures.sheet(db.session(), version, ids)
    from portal.quizzes.rules import sheets
    found = sheets.figures(sheet, audiences={})
    assert found.n > 90_000, found.n
    print(time.process_time() - start)
"""
)
PAGE = (
    OPEN
    + """
from datetime import UTC, datetime
from portal.core import access
from portal.core.settings import Locale, Permission
now = datetime.now(UTC)
who = access.Actor(1, "bench", Locale.HANS, frozenset(Permission), 1, now)
access.install(app, access.Gate(find=lambda: who, sign_in=lambda: "", confirm=lambda: ""))
client = app.test_client()
assert client.get("/desk/quiz-figures/").status_code == 200
start = time.process_time()
answer = client.get(f"/desk/quiz-figures/{slug}")
assert answer.status_code == 200, answer.status_code
print(time.process_time() - start)
"""
)
REGRADE = (
    OPEN
    + """
from datetime import UTC, datetime
import sqlalchemy as sa
from portal.articles.rules import Person, State
from portal.core.database import db, transaction
from portal.core.settings import Permission
from portal.quizzes.models import Document, Regrade, Revision
from portal.quizzes.queries import results
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.items import to_plain
from portal.quizzes.services import bank, regrading, taking
at, name = datetime.now(UTC), "question-number-1"
with app.app_context():
    with transaction() as session:
        version = results.quiz_versions(session, slug)[0]
        asked = taking.keyed(session, version)[name]
        document = bank.find(session, sort=Sort.ITEM, name=name)
        if document is None:
            document = Document(sort=Sort.ITEM, name=name, label=name, topic="", article="", state=State.PUBLISHED,
                                latest_number=0, updated_at=at)
            session.add(document)
            session.flush()
        right = next(option.id for option in asked.options if option.fraction == 1)
        other = "abcd"["abcd".index(right) - 1]
        options = tuple(replace(option, fraction=float(option.id == other)) for option in asked.options)
        document.latest_number = document.published_number = number = document.latest_number + 1
        session.add(Revision(document_id=document.id, number=number, content=to_plain(replace(asked, options=options)),
                             checksum="", created_at=at, created_by="bench", note="", authors=[]))
        session.flush()
        who = Person(1, "bench", frozenset({Permission.REVIEW}))
        key = regrading.regrade(session, version_id=version.id, item=name, reason="bench", by=who, at=at).id
    start, longest, more = time.process_time(), 0.0, True
    while more:
        began = time.process_time()
        with transaction() as session:
            more = regrading.mark_next(session, at=at)
        longest = max(longest, time.process_time() - began)
    done = db.session.get_one(Regrade, key)
    assert done.done_at is not None and done.answers > 30_000 and done.changed > 10_000, done.changed
    print(longest, time.process_time() - start)
"""
)


def run(report: Report) -> None:
    """Measure a quiz of fixed questions, and one that draws and shuffles them; then mark a question of each anew."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PORTAL_DATA": folder}
        migrate = [sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi.py"), "db", "upgrade"]
        subprocess.run(migrate, cwd=ROOT, env=environment, check=True, capture_output=True)
        path = next(Path(folder).glob("*.sqlite3"))
        _fill(path)
        report.note(
            f"{ATTEMPTS:,} attempts × {ITEMS} questions, twice; database of {path.stat().st_size / 1e6:,.0f} MB"
        )
        for slug, kind in (("fixed", "fixed questions"), ("drawn", "drawn and shuffled")):
            limit = LIMIT_S if slug == "fixed" else None
            for name, code in (("gathering and arithmetic", GATHER), ("the page", PAGE)):
                ran = [_measured(code, folder, slug) for _ in range(TIMES)]
                best = min(float(one.said.split()[-1]) for one in ran)
                report.value(f"{name}, {kind}", best, "s", at_most=limit)
                report.value("memory of that process", max(one.mb for one in ran), "MB", at_most=LIMIT_MB)
        for slug, kind in (("fixed", "fixed questions"), ("drawn", "drawn and shuffled")):
            ran = [_measured(REGRADE, folder, slug) for _ in range(TIMES)]
            units, totals = zip(*([float(word) for word in one.said.split()[-2:]] for one in ran), strict=True)
            report.value(f"marking a question anew, {kind}", min(totals), "s")
            report.value("its longest write unit", min(units), "s")
            report.value("memory of that process", max(one.mb for one in ran), "MB", at_most=LIMIT_MB)


def _measured(code: str, folder: str, slug: str) -> Ran:
    ran = _ran([sys.executable, "-c", code, folder, slug])
    assert ran.code == 0, ran.said
    return ran


def _fill(path: Path) -> None:
    from portal.quizzes.rules.items import Item, Kind, Option
    from portal.quizzes.rules.quizzes import Instrument, Pool, Quiz, Slot, instrument_to_plain

    def item(number: int) -> Item:
        name = f"question-number-{number}"
        if number % 4 == 0:
            keys = ("scam", "genuine", "unsure")
            right = keys[number // 4 % 2]
            return Item(name, Kind.JUDGEMENT, "?", tuple(Option(key, key, float(key == right)) for key in keys))
        return Item(name, Kind.SINGLE_CHOICE, "?", tuple(Option(key, key, float(key == "b")) for key in "abcd"))

    items = {one.name: one for one in map(item, range(2 * ITEMS))}
    names = list(items)
    fixed = Quiz("fixed", "固定", tuple(Slot(name) for name in names[:ITEMS]))
    drawn = Quiz("drawn", "抽题", (Slot(pool=Pool("phone", ITEMS)),), shuffle=True)
    generator = random.Random(1)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous = OFF")
    for number, (quiz, pools) in enumerate(((fixed, {}), (drawn, {0: tuple(names)})), 1):
        asked = items if pools else {name: items[name] for name in names[:ITEMS]}
        into_sqlite(
            connection,
            "quizzes_document",
            [{"id": number, "sort": "quiz", "name": quiz.slug, "label": quiz.title, "topic": "phone", "article": "",
              "state": "published", "latest_number": 1, "published_number": 1, "published_at": STAMP,
              "updated_at": STAMP}],
        )  # fmt: skip
        frozen = instrument_to_plain(Instrument(quiz, asked, pools))
        into_sqlite(
            connection,
            "quizzes_version",
            [{"id": number, "quiz_id": number, "number": 1, "instrument": plain(frozen), "checksum": str(number),
              "published_at": STAMP, "published_by": "bench"}],
        )  # fmt: skip
        first = (number - 1) * ATTEMPTS + 1
        orders = [generator.sample(names, ITEMS) if pools else names[:ITEMS] for _ in range(200)]
        into_sqlite(connection, "quizzes_attempt", _attempts(generator, number, first, orders))
        into_sqlite(connection, "quizzes_response", _responses(generator, first, orders))
    connection.commit()
    connection.close()


def _attempts(generator: random.Random, version: int, first: int, orders: list[list[str]]) -> Iterator[dict[str, Any]]:
    layouts = [plain([{"item": name, "points": 1.0, "order": list("abcd")} for name in order]) for order in orders]
    for key in range(first, first + ATTEMPTS):
        # One in twenty has taken it before.
        again = key % 20 == 0
        yield {
            "id": key, "version_id": version, "token_digest": f"{key:064x}", "series": f"{key - again:064x}",
            "ordinal": 1 + again, "audience": generator.choice(AUDIENCES), "locale": "zh-Hans", "source": "web",
            "layout": layouts[key % len(layouts)], "started_at": STAMP, "finished_at": STAMP,
            "quarter": generator.choice(QUARTERS), "points": 12.0, "possible": 20.0,
            "percent": float(generator.randrange(101)), "passed": generator.randrange(2),
        }  # fmt: skip


def _responses(generator: random.Random, first: int, orders: list[list[str]]) -> Iterator[dict[str, Any]]:
    for key in range(first, first + ATTEMPTS):
        for slot, name in enumerate(orders[key % len(orders)]):
            if generator.random() < 0.001:
                continue
            given = generator.choice(JUDGED if int(name.rpartition("-")[2]) % 4 == 0 else GIVEN)
            yield {
                "attempt_id": key, "slot": slot, "item": name, "given": given, "answered_at": STAMP,
                "seconds": round(generator.expovariate(1 / 20), 3), "fraction": 1.0, "outcome": "right",
            }  # fmt: skip
