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

import flask_migrate
import psycopg
import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from portal.app import create_app
from portal.core.database import db
from portal.core.settings import ROOT, Settings

POSTGRES = os.environ.get("MINGBAI_TEST_POSTGRES", "")
_numbers = itertools.count()


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
        flask_migrate.upgrade()
        db.session.remove()
        db.engine.dispose()


def _admin(statement: str) -> None:
    with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True) as connection:
        connection.execute(statement)


@pytest.fixture
def settings(template: str, tmp_path: Path) -> Iterator[Settings]:
    """Return settings of an installation of its own: empty migrated database, empty data folder."""
    data = tmp_path / "data"
    data.mkdir()
    if POSTGRES:
        name = f"test_{os.getpid()}_{next(_numbers)}"
        _admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        yield Settings(data=data, database_url=f"{POSTGRES}/{name}")
        _admin(f'DROP DATABASE "{name}" WITH (FORCE)')
    else:
        shutil.copy(template, data / "portal.sqlite3")
        yield Settings(data=data)


@pytest.fixture
def app(settings: Settings) -> Iterator[Flask]:
    """Return the application, with its context pushed."""
    app = create_app(settings)
    app.testing = True
    with app.app_context():
        yield app
        db.session.remove()
        db.engine.dispose()


@pytest.fixture
def session(app: Flask) -> Session:
    """Return the application's database session."""
    return db.session()


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
