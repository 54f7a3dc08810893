"""A look at the installation's health."""

from __future__ import annotations

import shutil
import sys

import click
import flask
import sqlalchemy as sa

from portal.core.database import WAL_IS_SAFE, db, site_version
from portal.core.settings import ROOT, Settings
from portal.search import services as search


def _without_user(url: str) -> str:
    """Return an address without the name and password before its host."""
    scheme, sign, rest = url.partition("://")
    return f"{scheme}{sign}{rest.rpartition('@')[2]}"


@click.command()
@flask.cli.with_appcontext
def doctor() -> None:
    """Say how this installation is: settings, database, search index, free space."""
    settings: Settings = flask.current_app.config["PORTAL"]
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
    for name, way in (("mail", settings.mail), ("sms", settings.sms)):
        click.echo(f"{name:10} {_without_user(way) or f'file:{settings.data / name}'}")
    click.echo(f"index      {search.reason_to_rebuild(folder=settings.index_folder) or 'usable'}")
    free = shutil.disk_usage(settings.data if settings.data.exists() else ROOT).free
    click.echo(f"free       {free // 1_000_000} MB")
    if free < 200_000_000:
        problems += 1
        click.echo("free       less than 200 MB: writes may soon fail")
    if problems:
        sys.exit(1)
