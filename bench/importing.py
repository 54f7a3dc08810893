"""A thousand articles in four editions: taken in and indexed in one run, how long and how much memory."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from pathlib import Path

from bench.corpus import AUDIENCES, SUBJECTS
from bench.machine import ROOT, WORK
from bench.report import Missing, Report
from bench.site import environ

ARTICLES = 1_000
SMALL = 100
_LINE = "先看清{a}，再问{b}；{c}要核对，{d}留好。"


def _package(folder: Path, count: int) -> None:
    """Write a package of `count` articles, each in four editions of about 1,200 characters."""
    shutil.rmtree(folder, ignore_errors=True)
    words = [word for said in SUBJECTS.values() for word in said.split()]
    (folder / "articles").mkdir(parents=True)
    (folder / "topics.yaml").write_text(
        "- key: fraud\n  name: {zh-Hans: 防骗}\n  icon: shield\n"
        "- key: phone\n  parent: fraud\n  name: {zh-Hans: 电话}\n  icon: phone\n",
        "utf-8",
    )
    for number in range(count):
        place = folder / "articles" / f"article-{number:04}"
        place.mkdir()
        (place / "article.yaml").write_text(
            "topic: phone\nchecked_on: 2026-11-01\nreview_by: 2099-01-01\n"
            "sources:\n- {key: s1, title: {zh-Hans: 手册}, publisher: {zh-Hans: 公安部}, evidence: secondary, "
            "checked_on: 2026-11-01}\n",
            "utf-8",
        )
        for turn, audience in enumerate(AUDIENCES):
            own = [words[(number * 7 + turn * 3 + step) % len(words)] for step in range(160)]
            lines = [
                _LINE.format(a=own[step], b=own[step + 1], c=own[step + 2], d=own[step + 3])
                for step in range(0, 156, 3)
            ]
            body = "[一句话]\n先停下来。\n[/]\n\n## 现在怎么做\n\n" + "\n\n".join(lines) + "\n"
            front = f"title: {own[0]}和{own[1]}（{number}）\nsummary: {own[2]}要核对。\nstatus: published\n"
            (place / f"{audience}.zh-Hans.md").write_text(f"---\n{front}---\n{body}", "utf-8")


def _flask(data: Path, *words: str) -> tuple[float, float]:
    """Run a command; return its seconds and the most memory of it and its children, in MB."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    begun = time.perf_counter()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *command],
        cwd=ROOT,
        env=environ(0, PORTAL_DATA=str(data)),
        check=False,
        capture_output=True,
        text=True,
        timeout=900,
    )
    if done.returncode:
        raise Missing(f"`flask {' '.join(words)}` failed: {(done.stderr or done.stdout).strip()[-300:]}")
    return time.perf_counter() - begun, int(done.stdout.rsplit("\n", 1)[-1]) / 1_000


_MEASURED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:]).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss, end="")
sys.exit(code)
"""


def run(report: Report) -> None:
    """Print times and memory for a small and a large package; flat memory shows as a ratio near one."""
    peaks = []
    for count in (SMALL, ARTICLES):
        data, package = WORK / f"import-{count}", WORK / f"package-{count}"
        shutil.rmtree(data, ignore_errors=True)
        _package(package, count)
        _flask(data, "db", "upgrade")
        seconds, megabytes = _flask(data, "content", "import", str(package))
        report.value(f"{count:,} articles x 4, taken in and indexed", seconds, "s")
        report.value(f"{count:,} articles x 4, most memory of one process", megabytes, "MB")
        peaks.append(megabytes)
        seconds, _megabytes = _flask(data, "content", "import", str(package))
        report.value(f"{count:,} articles x 4, a second time, nothing changed", seconds, "s")
    report.value("memory for ten times the articles", peaks[1] / peaks[0], "x", at_most=2.0)
