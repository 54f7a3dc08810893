"""The worker: what it does, how it ends, and what it leaves behind when it is killed."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from portal.audit.services import ORIGIN
from portal.commands.working import Job, _scheduler, jobs, run
from portal.core import clock
from portal.core.database import db
from portal.core.errors import Busy
from portal.core.settings import ROOT
from portal.messages.rules import LEASE
from portal.search import services as search
from tests.messages.helpers import Taking, mails, put, send, server, states
from tests.search.helpers import a_document
from tests.search.helpers import put as publish
from tests.test_serve import environ
from tests.threads import PATIENCE_S


@contextmanager
def working(app: Flask) -> Iterator[subprocess.Popen[str]]:
    """Run `flask worker` with the settings of `app`."""
    settings = app.config["PORTAL"]
    ways = (("MAIL", settings.mail), ("SMS", settings.sms))
    db.session.remove()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "worker"],
        cwd=ROOT,
        env={**environ(settings, 1), **{f"PORTAL_{name}": way for name, way in ways if way}},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    # Ends a test that would wait for ever.
    limit = threading.Timer(PATIENCE_S, process.kill)
    limit.start()
    try:
        yield process
    finally:
        limit.cancel()
        process.kill()
        process.communicate()


def once(app: Flask) -> str:
    result = app.test_cli_runner().invoke(args=["worker", "--once"])
    assert result.exit_code == 0, result.output
    return result.output


def test_once_does_all_that_waits_and_ends(app: Flask) -> None:
    publish(a_document(title="当心诈骗"))
    for _time in range(25):
        put(at=clock.now())
    assert once(app) == ""
    assert states() == ["sent"] * 25
    assert len(list((app.config["PORTAL"].data / "mail").iterdir())) == 25
    assert search.pending(db.session(), folder=app.config["PORTAL"].index_folder) == 0


def test_once_forgets_old_mail(app: Flask) -> None:
    put()
    assert send(app) == 1
    with time_machine.travel(clock.now() + timedelta(days=31)):
        once(app)
    assert mails() == []


def test_a_mail_server_that_is_away_does_not_keep_once_from_ending(app: Flask) -> None:
    with server(app):
        pass
    put(at=clock.now())
    once(app)
    assert states() == ["waiting"]


@pytest.mark.parametrize("folder", ["lectures", "surveys", "paper"])
def test_files_that_wait_for_a_word_go_after_a_day(app: Flask, folder: str) -> None:
    waiting = app.config["PORTAL"].data / folder / "7"
    waiting.mkdir(parents=True)
    now = clock.now().timestamp()
    for name, hours in (("old", 25), ("new", 23)):
        (waiting / f"{name}.csv").write_text("张三,13800000001", "utf-8")
        os.utime(waiting / f"{name}.csv", (now - hours * 3_600,) * 2)
    once(app)
    assert [path.name for path in waiting.iterdir()] == ["new.csv"]


def test_the_jobs_are_known_by_name_and_what_leaves_the_house_has_lanes_of_its_own(app: Flask) -> None:
    todo = jobs(app.config["PORTAL"])
    assert [(job.name, job.seconds) for job in todo] == [
        ("publish", 1),
        ("expire", 5),
        ("end quizzes", 5),
        ("mark anew", 2),
        ("close contests", 5),
        ("lapse seats", 5),
        ("tell changes", 1),
        ("remind lectures", 60),
        ("turn lectures", 5),
        ("remind", 3600),
        ("index", 0.5),
        ("mail", 1),
        ("texts", 1),
        ("purge messages", 3600),
        ("sweep media", 3600),
        ("purge accounts", 3600),
        ("purge quizzes", 3600),
        ("erase contacts", 3600),
        ("erase people", 3600),
        ("forget networks", 3600),
        ("cut feedback off", 3600),
        ("erase waiting lists", 3600),
        ("erase waiting surveys", 3600),
        ("erase waiting papers", 3600),
        ("build quarter", 600),
        ("forget senders", 600),
        ("fold rare terms", 86400),
        ("optimise index", 86400),
    ]
    assert [(job.name, job.lane) for job in todo if job.lane != "database"] == [("mail", "mail"), ("texts", "texts")]


def failing(problem: BaseException) -> Callable[[], None]:
    def work() -> None:
        raise problem

    return work


@pytest.mark.parametrize(
    "problem",
    [
        Busy("lin.jing@example.org"),
        OSError(5, "lin.jing@example.org"),
        sa.exc.OperationalError("SELECT", {"to": "lin.jing@example.org"}, Exception("lin.jing")),
        KeyError("lin.jing@example.org"),
    ],
)
def test_a_job_that_fails_is_named_in_one_line_without_what_the_error_says(
    app: Flask, caplog: pytest.LogCaptureFixture, problem: Exception
) -> None:
    with caplog.at_level(logging.WARNING):
        assert run(app, Job("index", 1, failing(problem))) is False
    (line,) = caplog.messages
    assert line.startswith(f"the worker tries index again: {type(problem).__name__} at test_worker.py:")
    assert "lin.jing" not in caplog.text


def test_a_job_says_whether_there_is_more_and_its_acts_come_from_the_worker(app: Flask) -> None:
    seen: list[str] = []
    assert run(app, Job("a", 1, lambda: seen.append(ORIGIN.get()))) is False
    assert run(app, Job("b", 1, lambda: 7)) is True
    assert (seen, ORIGIN.get()) == (["worker"], "command")


def test_a_job_leaves_no_session_behind(app: Flask) -> None:
    kept: list[object] = []
    job = Job("a", 1, lambda: kept.append(db.session()))
    run(app, job)
    run(app, job)
    assert kept[0] is not kept[1]


def test_jobs_go_on_after_failing_and_those_of_one_lane_wait_for_each_other(app: Flask) -> None:
    done, inside, together = {"a": 0, "b": 0}, [], []
    enough = threading.Event()

    def work(name: str) -> Callable[[], None]:
        def work() -> None:
            inside.append(name)
            together.append(len(inside))
            done[name] += 1
            inside.remove(name)
            if min(done.values()) >= 3:
                enough.set()
            raise ZeroDivisionError

        return work

    scheduler = _scheduler(app, [Job("a", 0.01, work("a")), Job("b", 0.01, work("b"))])
    app.logger.disabled = True
    scheduler.start()
    try:
        assert enough.wait(PATIENCE_S)
    finally:
        scheduler.remove_all_jobs()
        scheduler.shutdown(wait=True)
        app.logger.disabled = False
    assert max(together) == 1


def test_a_slow_mail_server_keeps_nothing_else_waiting(app: Flask) -> None:
    release, indexed = threading.Event(), threading.Event()
    slow = Job("mail", 1, lambda: release.wait(PATIENCE_S), lane="mail")
    scheduler = _scheduler(app, [slow, Job("index", 0.01, indexed.set)])
    scheduler.start()
    try:
        assert indexed.wait(PATIENCE_S)
    finally:
        release.set()
        scheduler.remove_all_jobs()
        scheduler.shutdown(wait=True)


@pytest.mark.parametrize("name", [signal.SIGTERM, signal.SIGINT])
def test_the_worker_sends_mail_and_ends_when_told_to(app: Flask, name: signal.Signals) -> None:
    arrived = threading.Event()

    class Telling(Taking):
        async def handle_DATA(self, *arguments: object) -> str:  # noqa: N802
            answer = await super().handle_DATA(*arguments)  # type: ignore[arg-type]
            arrived.set()
            return answer

    taking = Telling()
    put(at=clock.now())
    with server(app, taking=taking), working(app) as process:
        assert arrived.wait(PATIENCE_S)
        process.send_signal(name)
        printed, _nothing = process.communicate(timeout=PATIENCE_S)
        assert (process.returncode, printed) == (0, "")
    # It was told to end while it sent; it has noted that first.
    assert states() == ["sent"]
    assert len(taking.taken) == 1


def test_the_worker_ends_when_its_parent_has_gone(app: Flask) -> None:
    # The parent starts the worker, waits until that has sent a mail, tells its number, and is killed.
    put(at=clock.now())
    db.session.remove()
    program = (
        "import subprocess, sys\n"
        "worker = subprocess.Popen([sys.executable, '-m', 'flask', '--app', 'wsgi', 'worker'], stdout=sys.stderr)\n"
        "print(worker.pid, flush=True)\n"
        "sys.stdin.read()\n"
    )
    environment = environ(app.config["PORTAL"], 1)
    with subprocess.Popen(
        [sys.executable, "-c", program],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as parent:
        assert parent.stdout
        assert parent.stderr
        worker = int(parent.stdout.readline())
        limit = threading.Timer(PATIENCE_S, os.kill, (worker, signal.SIGKILL))
        limit.start()
        while states() != ["sent"]:
            assert limit.is_alive()
        parent.kill()
        # The worker holds the other end of this pipe: it closes when the worker ends.
        assert parent.stderr.read() == ""
        assert limit.is_alive()
        limit.cancel()


@pytest.mark.parametrize(("step", "times"), [("RCPT", 1), ("DATA", 2)])
def test_a_worker_that_is_killed_while_it_sends_loses_nothing(app: Flask, step: str, times: int) -> None:
    """Killed before the server has the mail: sent once. Killed after: sent again, the very same mail."""
    reached = threading.Event()

    class Holding(Taking):
        """Answers the first worker no more at one step."""

        async def handle_RCPT(self, *arguments: object) -> str:  # noqa: N802
            return await self._held("RCPT", await super().handle_RCPT(*arguments))  # type: ignore[arg-type]

        async def handle_DATA(self, *arguments: object) -> str:  # noqa: N802
            return await self._held("DATA", await super().handle_DATA(*arguments))  # type: ignore[arg-type]

        async def _held(self, here: str, answer: str) -> str:
            if here == step and not reached.is_set():
                reached.set()
                await asyncio.Event().wait()
            return answer

    taking = Holding()
    put(at=clock.now())
    with server(app, taking=taking):
        with working(app) as process:
            assert reached.wait(PATIENCE_S)
            process.send_signal(signal.SIGKILL)
            assert process.wait(PATIENCE_S) == -signal.SIGKILL
        assert states() == ["sending"]
        assert send(app) == 0
        with time_machine.travel(clock.now() + LEASE):
            assert (send(app), send(app)) == (1, 0)
    assert states() == ["sent"]
    assert len(taking.taken) == times
    assert len({message["Message-ID"] for message in taking.messages}) == 1
