"""Search among 10,000 editions: speed against SQLite FTS5 over the same tokens, the judged questions, and memory."""

from __future__ import annotations

import os
import random
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import rjieba
import sqlalchemy as sa
import yaml
from flask import Flask

from bench import corpus, machine, memory, site
from bench.machine import ROOT, WORK
from bench.report import Missing, Report
from portal.app import create_app
from portal.commands.migrating import migrations
from portal.core.database import db, transaction
from portal.core.settings import Settings
from portal.search import queries, services
from portal.search.models import Document, Vocabulary
from portal.search.queries.reader import keeper
from portal.search.rules import Words, cut_document, fold, plan

FULL, STARTER = WORK / "search", WORK / "search-starter"
JUDGMENTS = ROOT / "tests" / "search" / "judgments.yaml"
ROUNDS = 3
"""Every question is asked for the first time in so many freshly opened indexes; the best time of each counts."""
ASKED = 400
CHANGED = 5
SEARCHES = 800
"""Questions put to the two workers, each over a connection of its own: 300 and more fall to each."""


def run(report: Report) -> None:
    """Print speed, quality and memory."""
    with _app(STARTER):
        quality(report, STARTER, "starter library only", targets=False)
    with _app(FULL):
        passing, english, topics = _library()
        _fill(passing, english, topics)
        build(report)
        quality(report, FULL, "among the distractors", targets=True)
        fts = _fts()
        questions = _questions(passing)
        speed(report, fts, questions)
        changes(report)
    memory_of(report, STARTER, "starter library", questions)
    memory_of(report, FULL, "10,000 editions", questions)


# --- The two sites ---------------------------------------------------------------------------------------------------


@contextmanager
def _app(data: Path) -> Iterator[Flask]:
    """Yield the portal on a fresh database with the starter library taken in."""
    shutil.rmtree(data, ignore_errors=True)
    data.mkdir(parents=True)
    app = create_app(Settings(data=data))
    with app.app_context():
        migrations().upgrade()
        done = app.test_cli_runner().invoke(args=["content", "import", str(ROOT / "content")])
        if done.exit_code:
            raise Missing(f"`flask content import content` failed: {done.output.strip().splitlines()[-1:]}")
        yield app
        db.session.remove()
        db.engine.dispose()


def _library() -> tuple[list[str], list[str], list[str]]:
    """Return the words of the library's texts, Chinese and English, as often as they stand there; and the topics."""
    rows = db.session.execute(
        sa.select(Document.slug, Document.locale, Document.body, Document.topic).order_by(Document.key)
    ).all()
    db.session.rollback()
    chinese, english, articles = [], [], defaultdict(set)
    for row in rows:
        if row.locale == "zh-Hans":
            chinese += (its := [word for word in rjieba.cut(row.body, True) if len(word) > 1 and word.isalnum()])
        elif row.locale == "en":
            english += (its := [word.lower() for word in row.body.split() if len(word) > 3 and word.isalpha()])
        for word in its if row.locale != "zh-Hant" else ():
            articles[word].add(row.slug)
    # What one article alone says are the terms of its subject, which a text about another one does not use.
    common = [[word for word in words if len(articles[word]) > 1] for words in (chinese, english)]
    return common[0], common[1], sorted({row.topic for row in rows})


def _fill(passing: Sequence[str], english: Sequence[str], topics: Sequence[str]) -> None:
    rows = list(corpus.editions(passing, english, topics))
    with transaction() as session:
        session.execute(sa.insert(Document), rows)


def build(report: Report) -> None:
    """Print how fast the whole index is made."""
    cpu = time.process_time()
    built = services.rebuild(folder=FULL / "search")
    cpu = time.process_time() - cpu
    size = sum(path.stat().st_size for path in (FULL / "search" / built.generation).iterdir())
    report.value("editions in the index", built.documents, "editions")
    report.value("build", built.documents / built.seconds, "editions/s", at_least=100)
    report.value("build, by processor time", built.documents / cpu, "editions/s")
    report.value("index on the disk", size / 1e6, "MB")


# --- Quality ---------------------------------------------------------------------------------------------------------


def quality(report: Report, data: Path, name: str, *, targets: bool) -> None:
    """Print recall@10 and MRR over the judged questions, and every one that is not answered as a person would."""
    recalls, ranks, poor = [], [], []
    for judged in yaml.safe_load(JUDGMENTS.read_text("utf-8")):
        asked, want = str(judged["q"]), judged["want"]
        got = [
            hit.slug
            for hit in queries.find(
                db.session(),
                asked,
                audience=judged.get("audience", "general"),
                locale=judged.get("locale", "zh-Hans"),
                folder=data / "search",
                limit=10,
            ).hits
        ]
        places = [got.index(slug) + 1 for slug in want if slug in got]
        recalls.append(len(places) / len(want))
        ranks.append(1 / min(places) if places else 0.0)
        if recalls[-1] < 1 or ranks[-1] < 1:
            poor.append(f"{asked} ({places[0] if len(places) == 1 else places or 'not found'})")
    db.session.rollback()
    report.value(f"recall@10, {name}", statistics.mean(recalls), "", at_least=0.95 if targets else None)
    report.value(f"MRR, {name}", statistics.mean(ranks), "", at_least=0.90 if targets else None)
    report.note(f"{len(recalls)} questions; not first or not complete, with the place: {'; '.join(poor)}")


# --- Speed -----------------------------------------------------------------------------------------------------------


def _fts() -> sqlite3.Connection:
    """Return an FTS5 table of the same documents, with the index's own tokens stored ready-cut."""
    found = db.session.execute(sa.select(Vocabulary.words, Vocabulary.synonyms)).one()
    words = Words.of(found.words, found.synonyms)
    path = FULL / "fts.sqlite3"
    path.unlink(missing_ok=True)
    fts = sqlite3.connect(path)
    fts.execute("CREATE VIRTUAL TABLE texts USING fts5(tokens, tokenize='unicode61')")
    columns = (Document.title, Document.key_message, Document.summary, Document.headings, Document.body)
    begun = time.monotonic()
    for row in db.session.execute(sa.select(*columns)):
        tokens = [token for text in row for token in cut_document(fold(text), words, pairs=text is not row.body)]
        fts.execute("INSERT INTO texts VALUES (?)", (" ".join(tokens),))
    fts.commit()
    db.session.rollback()
    print(f"# FTS5: built in {time.monotonic() - begun:.0f} s, {path.stat().st_size / 1e6:.0f} MB", flush=True)
    return fts


def _questions(passing: Sequence[str]) -> list[str]:
    """Return questions of one to four words, as they stand together in a text or as they come, and long ones."""
    rng = random.Random(12)
    subjects = [words.split() for words in corpus.SUBJECTS.values()]
    every = [word for words in subjects for word in words]
    asked: dict[str, None] = {}
    while len(asked) < ASKED:
        own = rng.choice(subjects)
        kind = rng.random()
        if kind < 0.4:
            words = rng.sample(own, rng.choice((1, 1, 2, 2)))
        elif kind < 0.6:
            words = [rng.choice(own), rng.choice(corpus.DAILY), rng.choice(corpus.DAILY)]
        elif kind < 0.7:
            words = [rng.choice(passing), rng.choice(own)]
        elif kind < 0.95:
            words = [rng.choice(every), rng.choice(every), rng.choice(passing), rng.choice(corpus.DAILY)]
        else:
            words = rng.choices(corpus.DAILY, k=12)
        asked["".join(words) if rng.random() < 0.5 else " ".join(words)] = None
    return list(asked)


@dataclass
class Timed:
    """The best of several first times of one question."""

    wall: float = float("inf")
    cpu: float = float("inf")
    repeat: float = float("inf")
    fts: float = float("inf")
    widened: bool = False


def _milliseconds(work: Callable[[], Any]) -> tuple[float, float, Any]:
    wall, cpu = time.perf_counter(), time.thread_time()
    result = work()
    return (time.perf_counter() - wall) * 1000, (time.thread_time() - cpu) * 1000, result


def speed(report: Report, fts: sqlite3.Connection, asked: list[str]) -> None:
    """Print first and repeated times; every question goes to both engines, one right after the other."""
    session, folder = db.session(), FULL / "search"
    words = keeper(folder).index().words
    terms = {text: [concept.word for concept in plan(text, words, {}, frozenset()).concepts] for text in asked}
    times = {text: Timed() for text in asked}
    for turn in range(ROUNDS):
        keeper(folder).forget()
        random.Random(turn).shuffle(asked)

        # Another limit each round: a kept answer of the round before is another question's.
        def find(text: str, limit: int = 20 + turn) -> queries.Results:
            session.rollback()
            return queries.find(session, text, audience="elderly", locale="zh-Hans", folder=folder, limit=limit)

        for text in ("开门", "打开索引"):
            find(text)
        for text in asked:
            kept = times[text]
            wall, cpu, answer = _milliseconds(lambda text=text: find(text))
            again, _, _ = _milliseconds(lambda text=text: find(text))
            if answer.source != "index":
                raise Missing("the database answered instead of the index")
            joined = (" OR " if answer.widened else " ").join(f'"{term}"' for term in terms[text])
            query = "SELECT rowid FROM texts WHERE texts MATCH ? ORDER BY bm25(texts) LIMIT 20"
            other, _, _ = _milliseconds(lambda joined=joined, query=query: fts.execute(query, (joined,)).fetchall())
            kept.widened = answer.widened
            kept.wall, kept.cpu = min(kept.wall, wall), min(kept.cpu, cpu)
            kept.repeat, kept.fts = min(kept.repeat, again), min(kept.fts, other)
    session.rollback()
    report.note(f"{len(asked)} questions, each first asked in {ROUNDS} freshly opened indexes, its best time counts")
    full = [kept for kept in times.values() if not kept.widened]
    some = [kept for kept in times.values() if kept.widened]
    for name, group in (("all words match", full), ("widened", some)):
        report.value(f"{name}: questions", len(group), "")
        for share, what in ((50, "p50"), (99, "p99")):
            limit = 120.0 if share == 99 else 20.0 if group is some else None
            report.value(f"{name}: {what}", _share([one.wall for one in group], share), "ms", at_most=limit)
            report.value(f"{name}: {what}, processor time", _share([one.cpu for one in group], share), "ms")
            report.value(f"{name}: {what}, FTS5", _share([one.fts for one in group], share), "ms")
    ours, theirs = _share([one.wall for one in full], 50), _share([one.fts for one in full], 50)
    report.value("all words match: p50 / FTS5", ours / theirs, "x", at_most=16)
    ours, theirs = _share([one.wall for one in some], 50), _share([one.fts for one in some], 50)
    report.value("widened: p50 / FTS5 with OR", ours / theirs, "x")
    ratio = statistics.median(one.repeat / one.wall for one in times.values())
    report.value("a repeated question / the first", ratio, "x", at_most=0.1)


def _share(values: Sequence[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def changes(report: Report) -> None:
    """Print how long a changed edition is not found, with the outbox and the worker process that readers have."""
    environ = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]
    log = (WORK / "search-worker.log").open("wb")
    worker = subprocess.Popen(command, cwd=ROOT, env={**environ, "PORTAL_DATA": str(FULL)}, stdout=log, stderr=log)
    waits = []
    try:
        _change(-1)  # the worker has started once it takes this in
        for turn in range(CHANGED):
            waits.append(_change(turn))
    finally:
        worker.terminate()
        worker.wait(20)
        log.close()
    report.value("a changed edition is found after", statistics.median(waits), "s, median")
    report.value("a changed edition is found after", max(waits), "s, longest", at_most=2)


def _change(turn: int) -> float:
    word = f"改动后的词{'甲乙丙丁戊己'[turn]}"
    with transaction() as session:
        row = session.scalars(sa.select(Document).where(Document.slug == f"distractor-{turn + 7:04}")).first()
        assert row is not None
        fields = ("slug", "audience", "locale", "topic", "summary", "key_message", "headings", "body", "topic_name")
        values = {name: getattr(row, name) for name in fields}
        services.put(session, services.DocumentData(**values, title=word, published_at=datetime.now(UTC)))
    begun = time.monotonic()
    while time.monotonic() - begun < 60:
        hits = queries.find(
            db.session(), word, audience=values["audience"], locale="zh-Hans", folder=FULL / "search"
        ).hits
        db.session.rollback()
        if hits and hits[0].title == word:
            return time.monotonic() - begun
        time.sleep(0.02)
    raise Missing("the worker took in no change within a minute; see var/bench/search-worker.log")


# --- Memory ----------------------------------------------------------------------------------------------------------


class _Named(Report):
    """Puts a name before each figure of somebody else's measurement."""

    def __init__(self, report: Report, name: str) -> None:
        super().__init__(missed=report.missed, skipped=report.skipped)
        self._report, self._name = report, name

    def value(self, name: str, value: float, unit: str, **bounds: float | None) -> None:
        self._report.value(f"{self._name}: {name}", value, unit, **bounds)


def memory_of(report: Report, data: Path, name: str, asked: Sequence[str]) -> None:
    """Print what the real workers occupy after many different questions."""
    rng = random.Random(5)
    words = [word for text in asked for word in text.split()]
    texts = {f"{rng.choice(words)}{rng.choice(words)}" for _ in range(2 * SEARCHES)}
    with site.portal(log="search-memory", PORTAL_DATA=str(data)) as (url, pid):
        for text in sorted(texts)[:SEARCHES]:
            try:
                machine.fetch(f"{url}/search?q={quote(text)}")
            except TimeoutError:
                raise Missing(f"the portal gave no answer to a search for {text}; see var/bench") from None
        memory.measure(_Named(report, f"{name}, {SEARCHES} searches"), pid)
