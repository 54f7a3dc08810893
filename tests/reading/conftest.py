"""The starter library, taken in once for all tests that only read."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.app import create_app
from portal.core.database import db
from portal.core.settings import ROOT, Settings
from tests.conftest import POSTGRES, _admin, close_apps, make_app
from tests.reading.site import Site, open_site


@pytest.fixture(scope="session")
def shared(template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return an application that is only read from; no context is pushed, as in a real server."""
    data = tmp_path_factory.mktemp("shared")
    name = f"shared_{os.getpid()}"
    if POSTGRES:
        _admin(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        settings = Settings(data=data, database_url=f"{POSTGRES}/{name}", public_url="https://mingbai.example")
    else:
        shutil.copy(template, data / "portal.sqlite3")
        settings = Settings(data=data, public_url="https://mingbai.example")
    app = create_app(settings)
    result = app.test_cli_runner().invoke(args=["content", "import", str(ROOT / "content")])
    assert result.exit_code == 0, result.output
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    close_apps()
    if POSTGRES:
        _admin(f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def app(settings: Settings) -> Flask:
    """Return an empty installation; no context is pushed, as in a real server."""
    return make_app(settings)


@pytest.fixture
def client(shared: Flask) -> FlaskClient:
    """Return a client of the shared library."""
    return shared.test_client()


@pytest.fixture
def site(app: Flask, tmp_path: Path) -> Site:
    """Return an installation with one published article, and staff at work."""
    return open_site(app, tmp_path)
