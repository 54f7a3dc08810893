"""What every test stands on: the real application on a real, freshly migrated database.

`MINGBAI_TEST_POSTGRES` names a PostgreSQL server's address without a database (`make test` sets it for the second run);
without it the tests run on SQLite.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flask
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal import commands
from portal.app import create_app
from portal.core.database import db
from portal.core.settings import ROOT, Settings

POSTGRES = os.environ.get("MINGBAI_TEST_POSTGRES", "")
_numbers = itertools.count()
_apps: list[Flask] = []


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out of the PostgreSQL run what opens no database: it was the same on SQLite a moment ago."""
    if POSTGRES:
        bound = [item for item in items if {"template", "site", "desk"} & set(getattr(item, "fixturenames", ()))]
        config.hook.pytest_deselected(items=[item for item in items if item not in set(bound)])
        items[:] = bound


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Migrate one empty database; tests get copies of it. Yields a file's path, or a database's name."""
    folder = tmp_path_factory.mktemp("template")
    if POSTGRES:
        name = f"template_{os.getpid()}"
        _admin(f'CREATE DATABASE "{name}"')
        _migrate(Settings(data=folder, database_url=f"{POSTGRES}/{name}"))
        yield name
        _admin(f'DROP DATABASE "{name}" WITH (FORCE)')
    else:
        _migrate(Settings(data=folder))
        yield str(folder / "portal.sqlite3")


def _migrate(settings: Settings) -> None:
    app = create_app(settings)
    with app.app_context():
        commands.migrations().upgrade()
        db.session.remove()
        db.engine.dispose()


def _admin(statement: str) -> list[Any]:
    with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True) as connection:
        cursor = connection.execute(statement)
        return cursor.fetchall() if cursor.description else []


def make_app(settings: Settings) -> Flask:
    """Return a further application whose connections are closed when the test's installation goes.

    A connection left to the garbage collector is torn down in the middle of whatever runs then.
    """
    app = create_app(settings)
    _apps.append(app)
    return app


def close_apps() -> None:
    """Close every connection of the applications that `make_app` made."""
    while _apps:
        with _apps.pop().app_context():
            db.session.remove()
            db.engine.dispose()


@pytest.fixture
def settings(template: str, tmp_path: Path) -> Iterator[Settings]:
    """Return settings of an installation of its own: empty migrated database, empty data folder."""
    data = tmp_path / "data"
    data.mkdir()
    if POSTGRES:
        name = f"test_{os.getpid()}_{next(_numbers)}"
        _admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield Settings(data=data, database_url=f"{POSTGRES}/{name}")
        close_apps()
        # Without FORCE: the server waits for connections that are closing, and refuses where one was left open.
        _admin(f'DROP DATABASE "{name}"')
    else:
        shutil.copy(template, data / "portal.sqlite3")
        yield Settings(data=data)
        close_apps()


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


@pytest.fixture
def library(app: Flask) -> Flask:
    """Return the application with the starter library taken in and indexed."""
    result = app.test_cli_runner().invoke(args=["content", "import", str(ROOT / "content")])
    assert result.exit_code == 0, result.output
    return app
