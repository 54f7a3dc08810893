"""`flask db`: Flask-Migrate's group."""

from __future__ import annotations

from typing import Any

import click
import flask
from flask import Flask

from portal.core.database import db
from portal.core.settings import ROOT, Settings


def database() -> click.Group:
    """Return `flask db`, Flask-Migrate's group."""
    group: click.Group = migrations().cli.db
    return group


def migrations() -> Any:
    """Return Flask-Migrate, ready for the application at hand."""
    import flask_migrate.cli  # noqa: PLC0415  # it loads Alembic, which servers do not need

    app: Flask = flask.current_app._get_current_object()  # type: ignore[attr-defined]  # what the proxy stands for
    if "migrate" not in app.extensions:
        settings: Settings = app.config["PORTAL"]
        known = app.cli.commands["db"]
        flask_migrate.Migrate(app, db, directory=str(ROOT / "migrations"), render_as_batch=settings.is_sqlite)
        app.cli.add_command(known)  # it has put its own in the place
    return flask_migrate
