"""`flask events …`."""

from __future__ import annotations

import click
import flask

from portal.core import clock
from portal.core.database import transaction
from portal.events.services import examples

cli = click.Group("events", help="Lectures.")


@cli.command()
@flask.cli.with_appcontext
def demo() -> None:
    """Add three lectures in the coming weeks that say of themselves that they are examples."""
    with transaction() as session:
        added = examples.add_examples(session, by="flask events demo", at=clock.now())
    click.echo(f"{added} examples added." if added else "The examples are there already.")
