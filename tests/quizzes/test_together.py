"""Many answers at once: one write unit for those who wait, nothing lost, and nobody pays for another's mistake."""

from __future__ import annotations

import os
import re
import signal
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event
from sqlalchemy.orm import Session

from portal.core import crypto
from portal.core.database import db, transaction
from portal.core.errors import Busy
from portal.core.settings import Settings
from portal.quizzes.models import Attempt, Group, Response
from portal.quizzes.views.together import Together
from tests.articles.desk import AT
from tests.quizzes.bank import judgement, publish, quiz, single
from tests.test_serve import server, until

PEOPLE = 12


@pytest.fixture
def commits(app: Flask, desk_library: None) -> Iterator[list[int]]:
    """Count the commits of write units from here on."""
    with transaction() as session:
        publish(session, single(), judgement(), quiz())
    seen: list[int] = []

    def note(connection: sa.Connection) -> None:
        if connection.get_execution_options().get("portal_write"):
            seen.append(1)

    event.listen(db.engine, "commit", note)
    yield seen
    event.remove(db.engine, "commit", note)


def quiz_id() -> int:
    found = db.session.scalar(sa.text("SELECT id FROM quizzes_document WHERE sort = 'quiz'"))
    db.session.rollback()
    assert isinstance(found, int)
    return found


def at_once(app: Flask, together: Together, works: list[object]) -> list[object]:
    """Let everybody come while the first one's unit is held open; return what each got."""
    inside, go_on = threading.Event(), threading.Event()

    def slow(_session: Session) -> str:
        inside.set()
        assert go_on.wait(30)
        return "first"

    def one(work: object) -> object:
        with app.app_context():
            # As a request does that has looked at its attempt: an open read, which keeps SQLite's writers waiting.
            db.session.scalar(sa.select(sa.func.count()).select_from(Group))
            try:
                return together.run(work)  # type: ignore[arg-type]  # a work
            except Exception as problem:  # looked at below
                return type(problem)
            finally:
                db.session.remove()

    with ThreadPoolExecutor(len(works) + 1) as pool:
        first = pool.submit(one, slow)
        assert inside.wait(30)
        others = [pool.submit(one, work) for work in works]
        while len(together._waiting) < len(works):
            threading.Event().wait(0.001)
        go_on.set()
        return [first.result(), *(other.result() for other in others)]


def test_those_who_wait_are_committed_together(app: Flask, commits: list[int]) -> None:
    number = quiz_id()

    def work(label: str) -> object:
        return lambda session: (
            session.execute(
                sa.insert(Group).values(quiz_id=number, code=label, label=label, created_at=AT, created_by="林静")
            ),
            label,
        )[1]

    names = [f"G{place}" for place in range(PEOPLE)]
    assert at_once(app, Together(), [work(name) for name in names]) == ["first", *names]
    # Two units: the one that was held open, and one for everybody who came meanwhile.
    assert len(commits) == 2
    assert sorted(db.session.scalars(sa.select(Group.code))) == sorted(names)


def test_a_mistake_undoes_only_itself(app: Flask, commits: list[int]) -> None:
    number = quiz_id()

    def work(label: str) -> object:
        def do(session: Session) -> str:
            session.execute(
                sa.insert(Group).values(quiz_id=number, code=label, label=label, created_at=AT, created_by="林静")
            )
            if label == "bad":
                raise LookupError(label)
            return label

        return do

    got = at_once(app, Together(), [work("one"), work("bad"), work("two"), work("one")])
    assert got[0] == "first"
    assert [got[2], got[3]] == [LookupError, "two"]
    # Of two equal ones the second breaks a constraint, and only its own work.
    assert sorted(str(one) for one in (got[1], got[4])) == ["<class 'sqlalchemy.exc.IntegrityError'>", "one"]
    assert sorted(db.session.scalars(sa.select(Group.code))) == ["one", "two"]


def test_when_the_unit_fails_it_fails_for_everybody(app: Flask, commits: list[int]) -> None:
    def work(_session: Session) -> str:
        return "never"

    def refuse(_connection: sa.Connection) -> None:
        raise sa.exc.OperationalError("commit", {}, Exception("disk full"))

    event.listen(db.engine, "commit", refuse)
    try:
        got = at_once(app, Together(), [work] * 3)
    finally:
        event.remove(db.engine, "commit", refuse)
    assert got == [Busy] * 4


# --- the real server


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: object) -> None:
        return None


def send(url: str, **form: str) -> str | None:
    """Send a form; return the place that it leads to, or None where no answer came."""
    opener = urllib.request.build_opener(_Stay)
    try:
        opener.open(url, urllib.parse.urlencode(form).encode(), timeout=30)
    except urllib.error.HTTPError as answer:
        with answer:
            return answer.headers["Location"] if answer.code == 303 else None
    except OSError:
        return None
    return None


def test_killing_the_server_loses_nothing_that_was_acknowledged(
    app: Flask, desk_library: None, settings: Settings, tmp_path: Path
) -> None:
    with transaction() as session:
        publish(session, single(), judgement(), quiz(names=("code",)))
    db.session.remove()
    with server(settings, tmp_path / "library") as (url, process):
        until("ok", f"{url}/healthz")

        def person(_number: int) -> str | None:
            at = send(f"{url}/quizzes/try/begin")
            answered = send(f"{url}{at}/answers/1", q0="b") if at else None
            return at if answered else None

        acknowledged = []
        with ThreadPoolExecutor(8) as pool:
            people = [pool.submit(person, number) for number in range(400)]
            for done in as_completed(people):
                if (at := done.result()) is not None:
                    acknowledged.append(at)
                if len(acknowledged) == 40:
                    os.killpg(process.pid, signal.SIGKILL)
                    for waiting in people:
                        waiting.cancel()
                    break
            acknowledged += [at for one in people if one.done() and not one.cancelled() and (at := one.result())]
        assert len(set(acknowledged)) >= 40
    tokens = [re.sub(r".*/", "", at) for at in set(acknowledged)]
    digests = {crypto.digest(token) for token in tokens}
    stored = set(
        db.session.scalars(
            sa.select(Attempt.token_digest)
            .join(Response, Response.attempt_id == Attempt.id)
            .where(Response.fraction == 1)
        )
    )
    assert digests - stored == set()
