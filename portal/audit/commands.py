"""`flask audit …`: is the log sound?"""

from __future__ import annotations

import click
import sqlalchemy as sa
from flask.cli import AppGroup

from portal.audit import queries
from portal.audit.rules import Chain, Fault, Link
from portal.core.database import db

cli = AppGroup("audit", help="The audit log.")

SAID = {
    Fault.UNREADABLE: "it can no longer be read.",
    Fault.MISPLACED: "it does not follow the act before it. Acts were removed, put between or moved.",
    Fault.CHANGED: "it was changed after it was written.",
}


@cli.command("verify")
@click.option(
    "--expect", metavar="DIGEST", help="A digest that this command printed earlier: is the act still in the log?"
)
def verify(expect: str | None) -> None:
    """Follow the log from its first act to its last, and say whether all are sound.

    Prints the last act's digest. Note it where nobody who can write to the database can write: with --expect it later
    shows that the acts up to then are all still there, the newest of that day included.
    """
    chain = Chain()
    met = expect is None
    try:
        for link in queries.links(db.session()):
            fault = chain.fault(link)
            if fault:
                raise click.ClickException(_told(link, fault, chain))
            met = met or link.digest == expect
    except (sa.exc.OperationalError, sa.exc.ProgrammingError):
        raise click.ClickException("The log cannot be read. Is the database there, and migrated?") from None
    if not met:
        raise click.ClickException(
            f"No act has the digest {expect}. The newest acts were removed, or the log was written anew."
        )
    click.echo(f"{chain.count} act{'s' if chain.count != 1 else ''}, all sound. The last digest: {chain.last}")


def _told(link: Link, fault: Fault, chain: Chain) -> str:
    before = f"The {chain.count} before it are sound." if chain.count else "It is the first."
    return f"Act {link.id} is not sound: {SAID[fault]} {before}"
