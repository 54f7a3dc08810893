"""The list of 500 lectures that nobody has asked for since the last change: time in the application, memory it costs.

Each page is asked for right after the site's version was raised, so that nothing of it is kept; the first page of a
process, which also compiles the templates, is told apart. The target is for the time by the clock; the processor's is
told beside it, for machines that do something else meanwhile.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile

from bench.machine import ROOT
from bench.report import Report

LECTURES = 500
LIMIT_MS = 50
INSIDE = f"""
import json, resource, statistics, sys, time
from datetime import UTC, datetime, timedelta
from portal.commands.migrating import migrations
from portal.app import create_app
from portal.core.database import touch_site, transaction
from tests.events.hall import lecture

app = create_app()
now = datetime.now(UTC)
with app.app_context():
    migrations().upgrade()
    with transaction() as session:
        for number in range({LECTURES}):
            starts = now + timedelta(days=number % 28, hours=1 + number % 9)
            lecture(session, slug=f"l-{{number}}", starts_at=starts, ends_at=starts + timedelta(hours=1), online=50,
                    opens_at=now - timedelta(days=1), closes_at=starts)
client = app.test_client()

def cold(path):
    with app.app_context(), transaction() as session:
        touch_site(session)
    begun, worked = time.perf_counter(), time.process_time()
    answer = client.get(path)
    taken, work = time.perf_counter() - begun, time.process_time() - worked
    assert answer.status_code == 200
    return work * 1000, taken * 1000

before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
paths = ("/events/", "/events/?when=month&online=1&page=3", "/events/calendar", "/api/v1/events?limit=100", "/")
times = {{path: [cold(path) for _ in range(31)] for path in paths}}
found = {{}}
for path, taken in times.items():
    work, clock = zip(*taken)
    found[path] = [work[0], statistics.median(work[1:]), statistics.median(clock[1:]), min(clock[1:])]
grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1000
print(json.dumps([found, grown]))
"""


def run(report: Report) -> None:
    """Print the median of each page, and of the list whether it is quick enough."""
    with tempfile.TemporaryDirectory() as data:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
        done = subprocess.run(
            [sys.executable, "-c", INSIDE],
            cwd=ROOT,
            env={**kept, "PORTAL_DATA": data},
            check=True,
            capture_output=True,
            text=True,
        )
    found, grown = json.loads(done.stdout.splitlines()[-1])
    for path, (first, work, clock, shortest) in found.items():
        limit = LIMIT_MS if path.startswith("/events/") and "calendar" not in path else None
        report.value(f"{LECTURES} lectures, cold: {path}", clock, "ms", at_most=limit)
        report.note(f"processor {work:.0f} ms, at best {shortest:.0f} ms; the first of the process {first:.0f} ms")
    report.value("memory that all these pages added to the process", grown, "MB")
