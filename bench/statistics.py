"""Item analysis of 100,000 attempts at 20 items: time and memory of whole processes; and what hostile files cost."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from bench.report import Report

ROOT = Path(__file__).resolve().parents[1]
ATTEMPTS, ITEMS = 100_000, 20
LIMIT_S, LIMIT_MB = 2, 300
TIMES = 3
"""The best of so many counts, in processor time: what else the machine does is no cost of ours."""

IN_MEMORY = f"""
import random, time
from portal.quizzes.rules.statistics import analyse
generator = random.Random(1)
rows = [[int(generator.random() < 0.6) for _ in range({ITEMS})] for _ in range({ATTEMPTS})]
names = [f"Q{{place}}" for place in range({ITEMS})]
start = time.process_time()
found = analyse(rows, maxima=[1] * {ITEMS}, names=names)
assert found.n == {ATTEMPTS}
print(time.process_time() - start)
"""
FLASK = [sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi.py")]


@dataclass(frozen=True, slots=True)
class Ran:
    """A process that has ended."""

    seconds: float
    processor: float
    mb: float
    """The most memory that was resident."""
    code: int
    said: str


def run(report: Report) -> None:
    """Measure the rules alone, the command on a table, and the command on files that are none."""
    alone = [_ran([sys.executable, "-c", IN_MEMORY]) for _ in range(TIMES)]
    size = f"{ATTEMPTS:,} × {ITEMS}"
    report.value(f"analysis of {size} integers in memory", min(float(one.said) for one in alone), "s", at_most=LIMIT_S)
    report.value("memory of that process, with its input", max(one.mb for one in alone), "MB", at_most=LIMIT_MB)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "marks.csv"
        empty = min(_ran([*FLASK, "quizzes", "--help"]).processor for _ in range(TIMES))
        report.value("start of the portal alone (`flask quizzes --help`)", empty, "s")
        for name, text in _tables():
            path.write_text(text, "utf-8")
            ran = [_ran([*FLASK, "quizzes", "analyse", str(path), "--json"]) for _ in range(TIMES)]
            assert all(json.loads(one.said)["n"] == ATTEMPTS for one in ran), ran[0].said
            best = min(one.processor for one in ran)
            report.note(
                f"{name}: {path.stat().st_size / 1e6:.1f} MB, {min(one.seconds for one in ran):.2f} s by the clock"
            )
            report.value(f"{size}, {name}: beyond that start", best - empty, "s")
            report.value(f"{size}, {name}: the whole command", best, "s", at_most=LIMIT_S)
            report.value("memory of that process", max(one.mb for one in ran), "MB", at_most=LIMIT_MB)
        worst, most = 0.0, 0.0
        for data in _hostile():
            path.write_bytes(data)
            ran = [_ran([*FLASK, "quizzes", "analyse", str(path)]) for _ in range(TIMES)]
            assert all(one.code == 2 and one.said.startswith("Error: ") for one in ran), ran[0].said
            best = min(one.processor for one in ran)
            report.note(f"{best:.2f} s: {ran[0].said.strip()}")
            worst, most = max(worst, best), max(most, *(one.mb for one in ran))
        report.value("slowest refusal of a hostile file, with the start", worst, "s", at_most=LIMIT_S)
        report.value("memory of a refusal", most, "MB", at_most=LIMIT_MB)


def _ran(command: list[str]) -> Ran:
    """Run a command to its end; its memory is asked of the kernel, for this process alone."""
    with tempfile.TemporaryFile("w+") as out:
        start = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=subprocess.STDOUT)
        _pid, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        process.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0)
        said = out.read()
    return Ran(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024 / 1e6, process.returncode, said)


def _tables() -> Iterator[tuple[str, str]]:
    generator = random.Random(1)
    head = ",".join(f"Q{place}" for place in range(ITEMS)) + "\n" + ",".join(["1"] * ITEMS) + "\n"
    for name, marks in (
        ("whole marks", ["0", "1"]),
        ("fractions, some missing", ["0", "0.3333333", "0.6666667", "1", ""]),
    ):
        yield name, head + "".join(",".join(generator.choices(marks, k=ITEMS)) + "\n" for _ in range(ATTEMPTS))


def _hostile() -> Iterator[bytes]:
    """Return files that are no tables, each made to be slow."""
    size, head = 20_000_000, b"A,B\n1,1\n"
    yield head + b"1,0\n" * 1_000_000
    yield b"\n" * size
    yield b"," * size
    yield b"\0" * size
    yield b"\xff" * size
    yield b'"' + b"a\n" * (size // 2)
    yield head + b'"\n' * (size // 2)
    yield head + "１,０\n".encode() * (size // 8)
    yield (
        b",".join(b"Q%d" % place for place in range(ITEMS))
        + b"\n"
        + (b"1" + b",1" * 19 + b"\n")
        + (b"," * 19 + b"\n") * 999_999
    )
    yield b'[{"a":' * (size // 6)
    yield head + b"1," + b"9" * 90_000 + b"\n1,x\n" + b" , \n" * 240_000
