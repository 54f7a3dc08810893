"""What every test stands on: the real application on a real, freshly migrated database.

`MINGBAI_TEST_POSTGRES` names a PostgreSQL server's address without a database (`make test` sets it for the second run);
without it the tests run on SQLite.
"""

from __future__ import annotations

import fcntl
import gc
import itertools
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any

import flask
import jinja2
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.commands.migrating import migrations
from portal.core.database import db
from portal.core.settings import ROOT, Settings
from tests.routes import SharedMap

POSTGRES = os.environ.get("MINGBAI_TEST_POSTGRES", "")
SHARED = "MINGBAI_TEST_SHARED"
"""The variable that names the folder of a run, which all its processes share."""
flask.Flask.url_map_class = SharedMap
_apps: list[Flask] = []


def pytest_configure(config: pytest.Config) -> None:
    """Keep what tests write in memory, where there is room: each commit waits for a disk otherwise.

    What a process that is killed has written stays there as it does on a disk. The processes of one run share a folder.
    """
    memory = Path("/dev/shm")  # noqa: S108  # a folder of each run's own is made in it
    if memory.is_dir() and shutil.disk_usage(memory).free > 4_000_000_000:
        os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", str(memory))
    if SHARED not in os.environ:
        os.environ[SHARED] = tempfile.mkdtemp(prefix="mingbai-", dir=os.environ.get("PYTEST_DEBUG_TEMPROOT"))
        config.add_cleanup(Templates(Path(os.environ[SHARED])).remove)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out of the PostgreSQL run what opens no database: it was the same on SQLite a moment ago."""
    if POSTGRES:
        bound = [item for item in items if {"template", "site", "desk"} & set(getattr(item, "fixturenames", ()))]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(bound)])
        items[:] = bound


def pytest_collection_finish() -> None:
    """Have the garbage collector look no more at the thousands of tests and modules, which all stay to the end.

    And less often at the rest: every test builds an application, most of which goes without it.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


EMPTY = "empty"
PREPARED: dict[str, Callable[[Path], object]] = {}
"""By the name of the fixture that asks for it: what is done, once in each run, in an empty installation of which the
test then gets a copy. It is given a folder for files that it may want to write."""
STANDS_ON: dict[str, str] = {}
"""What is done in a copy of another prepared installation instead of in an empty one."""


class Templates:
    """Installations of which tests get copies, each made by the first process of a run that asks for it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._numbers = itertools.count()

    def install(self, data: Path, *, kind: str = EMPTY, **options: Any) -> Settings:
        """Make an installation in the folder `data`, and return its settings, which have `options` besides."""
        with (self.folder / f"{kind}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            made = self.folder / f"{kind}.made"
            if not made.exists():
                self._make(kind)
                made.touch()
        return self._copy(kind, data, name=f"test_{os.getpid()}_{next(self._numbers)}", **options)

    def _make(self, kind: str) -> None:
        data = self.folder / kind
        if kind != EMPTY:
            settings = self.install(data, kind=STANDS_ON.get(kind, EMPTY))
            if POSTGRES:
                _admin(f'ALTER DATABASE "{_name(settings)}" RENAME TO "{self._template(kind)}"')
        else:
            data.mkdir()
            settings = Settings(data=data)
            if POSTGRES:
                _admin(f'CREATE DATABASE "{self._template(kind)}"')
        if POSTGRES:
            settings = Settings(data=data, database_url=f"{POSTGRES}/{self._template(kind)}")
        app = make_app(settings)
        with app.app_context():
            if kind != EMPTY:
                (self.folder / f"{kind}.files").mkdir()
                PREPARED[kind](self.folder / f"{kind}.files")
            else:
                migrations().upgrade()
                (data / "secret.key").unlink()  # each installation has its own
        close_apps()

    def _copy(self, kind: str, data: Path, *, name: str, **options: Any) -> Settings:
        shutil.copytree(self.folder / kind, data, dirs_exist_ok=True)
        if POSTGRES:
            _admin(f'CREATE DATABASE "{name}" TEMPLATE "{self._template(kind)}" STRATEGY FILE_COPY')
            return Settings(data=data, database_url=f"{POSTGRES}/{name}", **options)
        return Settings(data=data, **options)

    def _template(self, kind: str) -> str:
        return f"{self.folder.name}_{kind}"

    def remove(self) -> None:
        """Drop the databases and the folder."""
        for made in self.folder.glob("*.made") if POSTGRES else ():
            _admin(f'DROP DATABASE "{self._template(made.stem)}" WITH (FORCE)')
        shutil.rmtree(self.folder)


def uninstall(settings: Settings, *, force: bool = False) -> None:
    """Remove the database of an installation of which every connection has been closed.

    Without `force` the server waits for connections that are closing, and refuses where one was left open.
    """
    if POSTGRES:
        _admin(f'DROP DATABASE "{_name(settings)}"{" WITH (FORCE)" if force else ""}')


def _name(settings: Settings) -> str:
    return settings.database_url.rpartition("/")[2]


@pytest.fixture(scope="session")
def template() -> Templates:
    """Return what installations are copied from, so that no test has to make its own from nothing."""
    return Templates(Path(os.environ[SHARED]))


def _admin(statement: str) -> list[Any]:
    with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


class _Compiled(jinja2.BytecodeCache):
    """Templates compiled once for all applications of this process, which are set up alike."""

    def __init__(self) -> None:
        self._codes: dict[tuple[str, str], CodeType | None] = {}

    def load_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        bucket.code = self._codes.get((bucket.key, bucket.checksum))

    def dump_bytecode(self, bucket: jinja2.bccache.Bucket) -> None:
        self._codes[bucket.key, bucket.checksum] = bucket.code


_PAGES = _Compiled()


def new_app(settings: Settings) -> Flask:
    """Return an application that need not compile what another of this process has compiled."""
    app = create_app(settings)
    app.jinja_env.bytecode_cache = _PAGES
    return app


def make_app(settings: Settings) -> Flask:
    """Return a further application whose connections are closed when the test's installation goes.

    A connection left to the garbage collector is torn down in the middle of whatever runs then.
    """
    app = new_app(settings)
    _apps.append(app)
    return app


def close_apps() -> None:
    """Close every connection of the applications that `make_app` made."""
    while _apps:
        with _apps.pop().app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def settings(request: pytest.FixtureRequest, template: Templates, tmp_path: Path) -> Iterator[Settings]:
    """Return settings of an installation of its own: empty, unless a fixture of the test is one of `PREPARED`."""
    kind = next((name for name in request.fixturenames if name in PREPARED), EMPTY)
    settings = template.install(tmp_path / "data", kind=kind)
    yield settings
    close_apps()
    uninstall(settings)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """Return the application, with its context pushed."""
    app = make_app(settings)
    app.testing = True
    with app.app_context(), flask.request_started.connected_to(_begin_afresh, app):
        yield app
        db.session.remove()


def _begin_afresh(_app: Flask, **_values: object) -> None:
    """Forget what the request before left in `flask.g`: the context of a test outlives its requests."""
    for name in list(flask.g):
        flask.g.pop(name)


@pytest.fixture
def session(app: Flask) -> Iterator[Session]:
    """Return the application's database session."""
    session = db.session()
    yield session
    # A command that ran meanwhile has taken it out of the registry, so `db.session.remove()` would not close it.
    session.close()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Return a client without any session."""
    return app.test_client()


def _take_starter_library(_folder: Path) -> None:
    result = flask.current_app.test_cli_runner().invoke(args=["content", "import", str(ROOT / "content")])
    assert result.exit_code == 0, result.output


PREPARED["library"] = _take_starter_library


@pytest.fixture
def library(app: Flask) -> Flask:
    """Return the application with the starter library taken in and indexed."""
    return app
