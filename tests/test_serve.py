"""What `make run` starts: the server with all its processes, and the worker beside it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from portal.articles import services
from portal.articles.models import Article
from portal.core.database import db, transaction
from portal.core.settings import ROOT, Settings
from tests.articles.desk import ANN, AT, BOB, GOOD, RULES, write
from tests.factories import edition, package
from tests.ports import free_port
from tests.threads import PATIENCE_S


def environ(settings: Settings, port: int, **more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    own = {"PORTAL_DATA": str(settings.data), "PORTAL_PORT": str(port), **more}
    return {**kept, **own, **({"PORTAL_DATABASE_URL": settings.database_url} if settings.database_url else {})}


def flask(settings: Settings, *words: str) -> str:
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *words]
    done = subprocess.run(command, cwd=ROOT, env=environ(settings, 1), capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def get(url: str) -> bytes:
    with urllib.request.urlopen(url, timeout=10) as answer:
        body: bytes = answer.read()
        return body


def until(check: str, url: str) -> bytes:
    """Ask again until the answer holds `check`; each question waits for the server, nothing sleeps."""
    begun = time.monotonic()
    while True:
        try:
            body = get(url)
            if check.encode() in body:
                return body
        except (urllib.error.URLError, OSError):
            body = b""
        assert time.monotonic() - begun < PATIENCE_S, body


@contextmanager
def server(settings: Settings, content: Path, **more: str) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """Start what `make run` starts; `more` are PORTAL_* variables."""
    port = free_port()
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve", "--prepare", str(content)]
    process = subprocess.Popen(
        command,
        cwd=ROOT,
        env=environ(settings, port, **more),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        yield f"http://127.0.0.1:{port}", process
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


@pytest.fixture
def served(settings: Settings, tmp_path: Path) -> Iterator[tuple[str, Settings, subprocess.Popen[str]]]:
    with server(settings, package(tmp_path / "content")) as (url, process):
        yield url, settings, process


def test_every_process_answers_a_change_is_seen_at_once_and_the_server_stops(
    served: tuple[str, Settings, subprocess.Popen[str]], tmp_path: Path
) -> None:
    url, settings, process = served
    until("ok", f"{url}/healthz")
    # Connections are spread over the processes: forty would not all miss one that answers nothing.
    assert [b"</html>" in get(f"{url}/articles/hang-up") for _time in range(40)] == [True] * 40

    changed = package(tmp_path / "content", {"hang-up": {"general.zh-Hans.md": edition("猕猴桃不能换钱")}})
    flask(settings, "content", "import", str(changed))
    assert "猕猴桃不能换钱" in get(f"{url}/articles/hang-up").decode()
    question = urllib.parse.quote("猕猴桃")
    found = json.loads(until("hang-up", f"{url}/api/v1/search?q={question}"))
    assert [hit["title"] for hit in found["results"]] == ["猕猴桃不能换钱"]

    process.send_signal(signal.SIGTERM)
    printed, _nothing = process.communicate(timeout=PATIENCE_S)
    assert f"The portal is at {url}" in printed
    assert "Traceback" not in printed


def test_a_second_start_leaves_what_staff_have_written(app: Flask, settings: Settings, tmp_path: Path) -> None:
    content = package(tmp_path / "content", lint_yaml=RULES)
    with server(settings, content) as (url, _process):
        assert "先挂断" in until("先挂断", f"{url}/articles/hang-up").decode()
    article = db.session.scalars(sa.select(Article)).one()
    with transaction() as session:
        saved = write(session, article, GOOD + "\n工作人员写的话。\n")
    with transaction() as session:
        review = services.submit(session, article_id=article.id, edition_ids=[saved.id], by=ANN, at=AT).id
    with transaction() as session:
        services.decide(session, review_id=review, approve=True, opinion="可以。", by=BOB, at=AT)
    with transaction() as session:
        services.publish(session, review_id=review, by=BOB, at=AT)
    db.session.remove()

    package(content, {"hang-up": {"general.zh-Hans.md": edition("新版的样板")}}, lint_yaml=RULES)
    with server(settings, content) as (url, process):
        page = until("先挂断", f"{url}/articles/hang-up").decode()
        process.send_signal(signal.SIGTERM)
        printed, _nothing = process.communicate(timeout=PATIENCE_S)
    assert ("工作人员写的话" in page, "新版的样板" in page) == (True, False)
    assert f"There are articles already, so {content} is not taken in" in printed


def test_a_site_of_an_older_release_is_brought_up_to_date(settings: Settings, tmp_path: Path) -> None:
    content = package(tmp_path / "content")
    flask(settings, "db", "upgrade")
    flask(settings, "content", "import", str(content))
    flask(settings, "db", "downgrade")
    with server(settings, content) as (url, process):
        until("先挂断", f"{url}/articles/hang-up")
        process.send_signal(signal.SIGTERM)
        printed, _nothing = process.communicate(timeout=PATIENCE_S)
    assert "Preparing the database" in printed
    assert flask(settings, "db", "current") == flask(settings, "db", "heads")
