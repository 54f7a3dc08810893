"""Serving the portal. What this module loads, every process of the server keeps: Granian forks them from this one."""

from __future__ import annotations

import ctypes
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path

import click
import flask
import sqlalchemy as sa
from granian import Granian
from granian.log import LogLevels

from portal.core import clock
from portal.core.database import db, transaction
from portal.core.delivery.server import granian_options
from portal.core.settings import ROOT, Settings
from portal.events.services import examples

M_ARENA_MAX, M_TRIM_THRESHOLD = -8, -1
"""What `mallopt` of the GNU C library calls the two bounds (see mallopt(3))."""
FREE = 128 * 1_024
"""Free bytes at the end of a heap from which on they go back to the system."""
FLASK = (sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi.py"))


@click.command()
@flask.cli.with_appcontext
@click.option(
    "--prepare",
    "content",
    type=click.Path(path_type=Path),
    help="First migrate, and take in the package in this folder unless there are articles already.",
)
def serve(content: Path | None) -> None:
    """Serve the portal, with one worker beside it."""
    settings: Settings = flask.current_app.config["PORTAL"]
    if content:
        _prepare(content)
    db.session.remove()
    db.engine.dispose()
    # A process, never a thread: Granian forks its workers, and a fork of a process with a busy thread may inherit a
    # lock that nobody ever releases. Seen: every third server started that way had a worker that answered nothing.
    command = [*FLASK, "worker", "--announce", *(["--welcome"] if content else [])]
    helper = subprocess.Popen(command, cwd=ROOT)  # noqa: S603  # fixed words, no shell
    options = granian_options(
        host=settings.host, port=settings.port, workers=settings.workers, threads=settings.threads
    )
    _keep_one_heap()
    server = Granian(target="wsgi:application", working_dir=ROOT, log_level=LogLevels.warning, **options)
    if threading.active_count() > 1:
        raise RuntimeError("a thread runs before the server forks")
    try:
        server.serve()
    finally:
        helper.terminate()
        try:
            helper.wait(10)
        except subprocess.TimeoutExpired:
            helper.kill()


def _prepare(content: Path) -> None:
    """Bring database, content and index to the present state; quick when they already are."""
    if not _is_migrated():
        click.echo("Preparing the database …")
        _run("db", "upgrade")
    has_articles = db.session.scalar(sa.text("SELECT 1 FROM articles_article LIMIT 1")) is not None
    # A read that stays open would keep the import's write unit waiting.
    db.session.rollback()
    if has_articles:
        # Where the index lacks something the worker writes it, and until then the database answers.
        click.echo(f"There are articles already, so {content} is not taken in: what staff have written stays.")
    else:
        _run("content", "import", str(content.resolve()))
        # A site in use must not find examples among its lectures: only a new one gets them.
        with transaction() as session:
            if not examples.has_any(session):
                examples.add_examples(session, by="flask serve --prepare", at=clock.now())


def _run(*words: str) -> None:
    """Run one of our commands in a process of its own: what this one loads, every process of the server would keep."""
    done = subprocess.run([*FLASK, *words], cwd=ROOT, check=False)  # noqa: S603  # our own words and a folder, no shell
    if done.returncode:
        sys.exit(done.returncode)


def _keep_one_heap() -> None:
    """Let all threads of the workers share one heap: each would take its own, and keep what it once needed.

    Python runs one thread at a time, so none waits for another at the heap. Other C libraries keep one heap anyway.
    """
    with suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(M_ARENA_MAX, 1)
        library.mallopt(M_TRIM_THRESHOLD, FREE)


def _is_migrated() -> bool:
    """Whether the database is at the newest migration, told without loading the migrations."""
    newest = max(path.name for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py")).partition("_")[0]
    try:
        return bool(db.session.scalar(sa.text("SELECT version_num FROM alembic_version")) == newest)
    except sa.exc.SQLAlchemyError:
        return False
    finally:
        # A read that stays open would keep the migration waiting, in a process of its own, until it gives up.
        db.session.rollback()
