"""`flask demo`: five quarters of invented lectures, people and figures, so that a newcomer sees everything at once."""

from __future__ import annotations

import click
import flask
import sqlalchemy as sa

from portal.audit.services import ORIGIN
from portal.commands.demo import making, removing
from portal.core import clock
from portal.core.database import db, transaction
from portal.core.errors import PortalError
from portal.metrics.queries import stored

SEED = 20_260_101


@click.command()
@flask.cli.with_appcontext
@click.option("--seed", default=SEED, show_default=True, help="Another number makes up other people.")
@click.option("--small", is_flag=True, help="Fewer people and answers; the same quarters.")
@click.option("--remove", "is_removed", is_flag=True, help="Take all of it away again.")
def demo(seed: int, small: bool, is_removed: bool) -> None:
    """Make up five quarters, so that all pages have something to show. Every page says that it is invented."""
    origin = ORIGIN.set("flask demo")
    try:
        if not sa.inspect(db.engine).has_table("metrics_demo"):
            raise click.ClickException("The database is not ready. Run `flask db upgrade` first.")
        with transaction() as session:
            if is_removed:
                removed = removing.remove(session, now=clock.now())
                click.echo("The demo is gone." if removed else "There is no demo here.")
            elif stored.is_demo(session):
                click.echo("The demo is there already; nothing was changed. `flask demo --remove` takes it away.")
            else:
                making.make(session, seed=seed, is_small=small, now=clock.now())
                click.echo("Five quarters were made up. Look at /desk/quarters/ and at the lectures.")
    except PortalError as problem:
        raise click.ClickException(str(problem)) from None
    finally:
        ORIGIN.reset(origin)
        db.session.remove()
