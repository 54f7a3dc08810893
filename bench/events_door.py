"""A code scanned at the door of a lecture with 5,000 registrations: from request to answer.

The registrations are made by the service, so that names and contacts are sealed as they always are; each of the codes
that are scanned is another person's, and three doors ask for names in between.
"""

from __future__ import annotations

import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bench.report import Report

ROOT = Path(__file__).resolve().parents[1]
REGISTRATIONS = 5_000
SCANS = 400
LOOKUPS = 20
LIMIT_MS = 100


def run(report: Report) -> None:
    """Measure scanning, looking up by name, and handing out the day's list."""
    with tempfile.TemporaryDirectory() as folder:
        environment = {**os.environ, "PORTAL_DATA": folder}
        migrate = [sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi.py"), "db", "upgrade"]
        subprocess.run(migrate, cwd=ROOT, env=environment, check=True, capture_output=True)
        from portal.app import create_app
        from portal.core.settings import Settings

        app = create_app(Settings(data=Path(folder)))
        with app.app_context():
            event, codes = _fill()
        with _at_the_desk(app) as (client, token):
            _measure(report, client, token, f"/desk/events/{event}/door", codes)


def _fill() -> tuple[int, list[str]]:
    import sqlalchemy as sa

    from portal.core.database import db, transaction
    from portal.events.models import Registration
    from tests.events.hall import come, lecture, mobile

    now = datetime.now(UTC)
    with transaction() as session:
        event = lecture(
            session,
            seats=REGISTRATIONS,
            starts_at=now + timedelta(hours=1),
            ends_at=now + timedelta(hours=3),
            opens_at=now - timedelta(days=9),
            closes_at=now + timedelta(minutes=59),
        )
        for number in range(REGISTRATIONS):
            come(session, event, f"参加者{number}", at=now, **mobile(number))
        codes = list(session.scalars(sa.select(Registration.code).order_by(sa.func.random()).limit(SCANS + LOOKUPS)))
        found = event.id
    db.session.remove()
    return found, codes


@contextlib.contextmanager
def _at_the_desk(app: Any) -> Iterator[tuple[Any, str]]:
    from portal.core import access
    from portal.core.settings import Locale, Permission

    def find() -> access.Actor:
        return access.Actor(1, "bench", Locale.HANS, frozenset(Permission), 1, datetime.now(UTC))

    access.install(app, access.Gate(find=find, sign_in=lambda: "", confirm=lambda: ""))
    client = app.test_client()
    token = client.get("/desk/events/1/door/state").get_json()["token"]
    yield client, token


def _measure(report: Report, client: Any, token: str, path: str, codes: list[str]) -> None:
    headers = {"X-CSRFToken": token, "Accept": "application/json"}

    def post(step: str, **sent: Any) -> tuple[float, Any]:
        start = time.perf_counter()
        answer = client.post(f"{path}/{step}", data=sent, headers=headers)
        taken = (time.perf_counter() - start) * 1000
        assert answer.status_code == 200, answer.text
        return taken, answer.get_json()

    report.note(f"{REGISTRATIONS:,} registrations; {SCANS} codes, each scanned once, then once more")
    for name, said in (("a scanned code is let in", "counted"), ("a code that is in already", "already")):
        times, own = [], time.process_time()
        for place, code in enumerate(codes[:SCANS]):
            taken, told = post("scan", code=code, nonce=f"{said}-{place:020}")
            assert told["said"] == said, told["said"]
            times.append(taken)
        own = (time.process_time() - own) * 1000 / SCANS
        cuts = statistics.quantiles(times, n=100)
        report.value(f"{name}, p50", statistics.median(times), "ms", at_most=LIMIT_MS)
        report.value(f"{name}, p99", cuts[98], "ms", at_most=LIMIT_MS)
        report.value(f"{name}, processor time", own, "ms")
    lookups = [post("find", text=f"{number:04}")[0] for number in range(LOOKUPS)]
    report.value("somebody is looked up by the last digits, p50", statistics.median(lookups), "ms")
    start = time.perf_counter()
    answer = client.post(f"{path}/list", json={}, headers=headers)
    report.value("the day's list is handed out", time.perf_counter() - start, "s")
    assert len(answer.get_json()["lines"]) == REGISTRATIONS
    report.value("size of the list", len(answer.data) / 1e6, "MB")
