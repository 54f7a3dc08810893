"""The starter library, taken in once for all tests that only read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from portal.core.database import db
from portal.core.settings import Settings
from tests.articles.conftest import desk_library
from tests.conftest import Templates, close_apps, make_app, new_app, uninstall
from tests.reading.site import Site

__all__ = ["desk_library"]


@pytest.fixture(scope="session")
def shared(template: Templates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """Return an application that is only read from; no context is pushed, as in a real server."""
    data = tmp_path_factory.mktemp("shared")
    settings = template.install(data, kind="library", public_url="https://mingbai.example")
    app = new_app(settings)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    close_apps()
    uninstall(settings, force=True)


@pytest.fixture
def app(settings: Settings) -> Flask:
    """Return an empty installation; no context is pushed, as in a real server."""
    return make_app(settings)


@pytest.fixture
def client(shared: Flask) -> FlaskClient:
    """Return a client of the shared library."""
    return shared.test_client()


@pytest.fixture
def site(app: Flask, desk_library: None) -> Site:
    """Return an installation with one published article, and staff at work."""
    return Site(app)
