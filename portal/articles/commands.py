"""`flask content …`: taking in and giving out content packages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import flask
import sqlalchemy as sa
from flask.cli import AppGroup

from portal.articles import services
from portal.core import clock
from portal.core.database import db, transaction
from portal.core.errors import PortalError
from portal.core.markup import Renderer
from portal.reference.rules import PackageError
from portal.search import services as search

REBUILD_FROM = 500
"""From so many changes on, building the index anew is quicker than changing it."""

cli = AppGroup("content", help="Take in and give out content packages (see content/README.md).")


@contextmanager
def _said_plainly() -> Iterator[None]:
    """Tell people in a sentence what is wrong with the database or the folder."""
    try:
        if not sa.inspect(db.session().get_bind()).has_table("articles_article"):
            raise click.ClickException("The database is not ready. Run `flask db upgrade` first.")
        yield
    except (PortalError, OSError) as problem:
        raise click.ClickException(str(problem)) from None
    except sa.exc.OperationalError:
        raise click.ClickException("The database cannot be read now. Please try again in a moment.") from None


@cli.command("import")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check everything and say what would change; change nothing.")
def import_(folder: Path, dry_run: bool) -> None:
    """Take in the package in FOLDER: all of it, or nothing."""
    try:
        with _said_plainly():
            report = import_package(folder, dry_run=dry_run, show_progress=True)
    except PackageError as refused:
        for problem in refused.problems:
            click.echo(str(problem), err=True)
        count = len(refused.problems)
        raise click.ClickException(f"{count} problem{'s' if count != 1 else ''} found; nothing was changed.") from None
    for line in describe(report, dry_run=dry_run):
        click.echo(line)


def import_package(folder: Path, *, dry_run: bool = False, show_progress: bool = False) -> services.Report:
    """Take in a package and bring the search index up to date; return what changed.

    Raises:
        PackageError: the package cannot be taken; nothing was changed.
    """

    class Undo(Exception):
        pass

    with Renderer() as renderer, _Bar("checking", show_progress) as bar:
        package = services.prepare(db.session(), folder, renderer=renderer, progress=bar)
    report = services.Report()
    try:
        with transaction() as session, _Bar("storing", show_progress) as bar:
            report = services.apply(session, package, by="command", at=clock.now(), progress=bar)
            if dry_run:
                raise Undo
    except Undo:
        return report
    if report.changed:
        folder = flask.current_app.config["PORTAL"].index_folder
        with _Bar("indexing", show_progress) as bar:
            if search.pending(db.session(), folder=folder) > REBUILD_FROM:
                db.session.remove()
                search.rebuild(folder=folder, progress=bar)
            else:
                db.session.remove()
                while search.drain(folder=folder).changes:
                    pass
    return report


class _Bar:
    """A progress bar of which the total is known only at the first step."""

    def __init__(self, label: str, show: bool) -> None:
        self._label = label
        self._show = show
        self._bar: click._termui_impl.ProgressBar[int] | None = None
        self._done = 0

    def __enter__(self) -> _Bar:
        return self

    def __call__(self, done: int, total: int) -> None:
        """Show that `done` of `total` are finished."""
        if not self._show:
            return
        if self._bar is None:
            self._bar = click.progressbar(length=total, label=self._label)
            self._bar.__enter__()
        self._bar.update(done - self._done)
        self._done = done

    def __exit__(self, *_exc: object) -> None:
        if self._bar is not None:
            self._bar.render_finish()


def describe(report: services.Report, *, dry_run: bool) -> list[str]:
    """Return what an import did, or would do, as lines for people."""
    would = "would be " if dry_run else ""
    lines = []
    for name, changes in {**report.lists, "articles": report.articles, "editions": report.editions}.items():
        if changes:
            lines.append(f"{name}: {len(changes.added)} {would}added, {len(changes.changed)} {would}changed")
        lines.extend(f"{name}: {one} is not in the package; it was kept" for one in changes.missing)
    if not report.changed:
        lines.append("Nothing has changed: everything in the package is stored already.")
    return lines


@cli.command("export")
@click.argument("folder", type=click.Path(path_type=Path))
def export(folder: Path) -> None:
    """Write everything into FOLDER, which must be empty or absent."""
    with _said_plainly():
        count = services.export_package(db.session(), folder)
    click.echo(f"Wrote {count} article{'s' if count != 1 else ''} to {folder}.")
