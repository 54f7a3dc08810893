"""Commands that cross rooms: serving, the worker, and a look at the installation's health."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from types import FrameType

import click
import flask
import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade
from granian import Granian
from granian.log import LogLevels

from portal.accounts import services as accounts
from portal.core import clock
from portal.core.database import WAL_IS_SAFE, db, site_version, transaction
from portal.core.delivery.server import granian_options
from portal.core.errors import Busy, PortalError
from portal.core.settings import ROOT, Settings
from portal.search import services as search

TICK_S = 0.5
OPTIMISE_EVERY_S = 86_400


def install(app: Flask) -> None:
    """Add the commands to `flask`."""
    for command in (serve, worker, doctor):
        app.cli.add_command(command)


def _settings() -> Settings:
    settings: Settings = flask.current_app.config["PORTAL"]
    return settings


@click.command()
@flask.cli.with_appcontext
@click.option("--once", is_flag=True, help="Do what is waiting, then end.")
@click.option("--announce", is_flag=True, help="First wait for the server of these settings, and say where it is.")
@click.option("--welcome", is_flag=True, help="While nobody can sign in yet, also print a link that works once.")
def worker(once: bool, announce: bool, welcome: bool) -> None:
    """Do the work that waits in the database: keep the search index up to date."""
    parent = os.getppid()
    stop = threading.Event()

    def end(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, end)
    if announce:
        _announce(_settings(), _first_link() if welcome else None)
    optimised = time.monotonic()
    folder = _settings().index_folder
    while not stop.is_set():
        try:
            _index(folder)
            if time.monotonic() - optimised > OPTIMISE_EVERY_S:
                search.optimise(folder=folder)
                optimised = time.monotonic()
        except (PortalError, sa.exc.SQLAlchemyError, OSError) as problem:
            # The work stays in its table; the next round tries again.
            flask.current_app.logger.warning("the worker tries again: %s", problem)
        finally:
            db.session.remove()
        if once or os.getppid() != parent:
            return
        stop.wait(TICK_S)


def _index(folder: Path) -> None:
    """Bring the index up to date; build it anew when it is absent, damaged or of another version."""
    while search.drain(folder=folder).changes:
        pass


@click.command()
@flask.cli.with_appcontext
def doctor() -> None:
    """Say how this installation is: settings, database, search index, free space."""
    settings = _settings()
    problems = 0
    click.echo(f"data       {settings.data}")
    click.echo(f"database   {sa.make_url(settings.sqlalchemy_url).render_as_string(hide_password=True)}")
    if settings.is_sqlite:
        click.echo(f"journal    {'wal' if WAL_IS_SAFE else 'delete (this SQLite has the WAL reset bug)'}")
    try:
        click.echo(f"version    {site_version(db.session())}")
    except sa.exc.SQLAlchemyError as problem:
        problems += 1
        click.echo(f"database   cannot be read: {problem.__class__.__name__}. Run `flask db upgrade`.")
    click.echo(f"index      {search.reason_to_rebuild(folder=settings.index_folder) or 'usable'}")
    free = shutil.disk_usage(settings.data if settings.data.exists() else ROOT).free
    click.echo(f"free       {free // 1_000_000} MB")
    if free < 200_000_000:
        problems += 1
        click.echo("free       less than 200 MB: writes may soon fail")
    if problems:
        sys.exit(1)


@click.command()
@flask.cli.with_appcontext
@click.option(
    "--prepare",
    "content",
    type=click.Path(path_type=Path),
    help="First migrate, and take in the package in this folder.",
)
def serve(content: Path | None) -> None:
    """Serve the portal, with one worker beside it."""
    settings = _settings()
    if content:
        _prepare(content)
    db.session.remove()
    db.engine.dispose()
    # A process, never a thread: Granian forks its workers, and a fork of a process with a busy thread may inherit a
    # lock that nobody ever releases. Seen: every third server started that way had a worker that answered nothing.
    command = [sys.executable, "-m", "flask", "--app", str(ROOT / "wsgi.py"), "worker", "--announce"]
    if content:
        command.append("--welcome")
    helper = subprocess.Popen(command, cwd=ROOT)  # noqa: S603  # fixed words, no shell
    options = granian_options(
        host=settings.host, port=settings.port, workers=settings.workers, threads=settings.threads
    )
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
        upgrade()
    context = click.get_current_context()
    group = flask.current_app.cli.commands["content"]
    assert isinstance(group, click.Group)  # noqa: S101  # registered in app.py
    context.invoke(group.commands["import"], folder=content, dry_run=False)
    _index(_settings().index_folder)


def _is_migrated() -> bool:
    """Whether the database is at the newest migration, told without loading the migrations."""
    newest = max(path.name for path in (ROOT / "migrations" / "versions").glob("[0-9]*.py")).partition("_")[0]
    try:
        return bool(db.session.scalar(sa.text("SELECT version_num FROM alembic_version")) == newest)
    except sa.exc.SQLAlchemyError:
        db.session.rollback()
        return False


def _first_link() -> str | None:
    """Return the path of a link for the first person of an installation; None: somebody can sign in already."""
    try:
        with transaction() as session:
            token = accounts.first_link(session, name="演示管理员", at=clock.now())
    except Busy:
        return None
    finally:
        db.session.remove()
    return f"/desk/link/{token}" if token else None


def _announce(settings: Settings, first_link: str | None) -> None:
    """Wait until the portal answers, then say where it is."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)  # noqa: S104  # nosec B104  # read, not bound
    address = f"http://{f'[{host}]' if ':' in host else host}:{settings.port}"
    for _try in range(600):
        try:
            with urllib.request.urlopen(f"{address}/healthz", timeout=2):  # noqa: S310  # nosec B310  # our own address
                break
        except urllib.error.HTTPError:
            break  # it answers; another host name is wanted
        except OSError:
            time.sleep(0.05)
    else:
        click.echo("The portal does not answer yet; see the messages above.", err=True)
        return
    desk = f"{address}/desk/sign-in"
    if first_link:
        desk = f"{address}{first_link}\n            (signs a first administrator in, once, within 24 hours)"
    click.echo(f"""
The portal is at {address}

  read      {address}/            the edition for the elderly: {address}/elderly/
  search    {address}/search?q=安全账户
  write     {desk}
            or change a file under content/ and run: .venv/bin/flask content import content
  public    README.md says how to put it in front of readers (reverse proxy, PostgreSQL, worker)

Ctrl-C stops it.""")
