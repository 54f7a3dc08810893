"""`flask privacy …`: rotate the keys, and look for what should be gone."""

from __future__ import annotations

import sys
from pathlib import Path

import click
import flask
from flask.cli import AppGroup

from portal.core import clock
from portal.core.crypto import RotationUnderWay
from portal.core.errors import Busy
from portal.core.settings import Settings
from portal.messages.services.folders import folders as message_folders
from portal.privacy import services
from portal.privacy.services import NoOtherKey, NotQuiet

cli = AppGroup("privacy", help="Personal data: keys, and a search for what should be gone.")

NO_OTHER_KEY = """PORTAL_SECRET_KEY is the only key. To replace it:
  1. make another, such as `openssl rand -base64 48` prints, and give it to every machine in PORTAL_OLD_SECRET_KEYS;
  2. when all have been started with that, exchange the two: the new key in PORTAL_SECRET_KEY, the former one in
     PORTAL_OLD_SECRET_KEYS, on every machine;
  3. run this command again."""


@cli.command("rotate-key")
def rotate_key() -> None:
    """Make a new key, seal everything anew under it, and forget the former one.

    The portal may go on running. Killed in between, it goes on when it is run again.
    """
    try:
        tally = services.rotate(at=clock.now())
    except NoOtherKey:
        raise click.ClickException(NO_OTHER_KEY) from None
    except RotationUnderWay as problem:
        raise click.ClickException(str(problem)) from None
    except NotQuiet:
        raise click.ClickException(
            "Something that began to write before the new key has not ended. The former key is still known. Run this "
            "again when it has ended."
        ) from None
    except Busy as problem:
        raise click.ClickException(f"{problem} Run this again: it goes on where it stopped.") from None
    click.echo(f"{tally.rows} rows were sealed under the present key.")
    if tally.unreadable:
        click.echo(f"{tally.unreadable} texts cannot be read under any known key, and stay as they are.")
    if tally.clashes:
        click.echo(f"{tally.clashes} rows keep a former digest, because another row stands for the same person.")
    settings: Settings = flask.current_app.config["PORTAL"]
    if settings.secret_key:
        click.echo("Now take the former key out of PORTAL_OLD_SECRET_KEYS on every machine.")
    else:
        click.echo("The former key is gone. Backups of before can be read only with a copy of it.")


@cli.command("scan")
@click.argument("canary")
@click.option(
    "--also",
    type=click.Path(exists=True, path_type=Path),
    multiple=True,
    help="A file or folder to look into as well, such as the web server's logs.",
)
def scan(canary: str, also: tuple[Path, ...]) -> None:
    """Look for a text in everything that is stored: database, files, index, mail, logs; say where it is.

    CANARY: the text; `-` reads it from the first line of the input, so that it stays out of the shell's history.
    What stands around it is never printed. Ends with 1 where it is found.
    """
    text = sys.stdin.readline().rstrip("\r\n") if canary == "-" else canary
    if len(text.strip()) < 2:
        raise click.ClickException("Give a text of two characters or more.")
    found = services.scan(text, folders=(*_folders(flask.current_app.config["PORTAL"]), *also))
    for place in found:
        click.echo(
            f"{place.where}: {place.how}, {place.times} times" + (f", first {place.first}" if place.first else "")
        )
    if found:
        sys.exit(1)
    click.echo("It is nowhere.")


def _folders(settings: Settings) -> list[Path]:
    """Return where the portal writes: its data, and what the settings have put elsewhere."""
    folders = [settings.data, *message_folders(settings)]
    if settings.is_sqlite:
        file = Path(settings.sqlalchemy_url.removeprefix("sqlite:///"))
        folders += sorted(file.parent.glob(f"{file.name}*"))
    return [one for one in folders if one == settings.data or (settings.data not in one.parents and one.exists())]
