"""`flask quizzes export`: the questions of a quiz as a file for other programs."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from portal.core.database import db
from portal.quizzes.commands.importing import said_plainly
from portal.quizzes.queries.exporting import items_of
from portal.quizzes.rules.formats import EXPORTS, Format, Loss, Written, write

SAID = {
    Loss.VOICES: "the wording for each audience",
    Loss.JUDGEMENT: "that it is a judgement: it is shown as a choice, with the message at its head",
    Loss.PICTURE: "the picture",
    Loss.MARKING: "the exact rule of marking: weights come close to it",
    Loss.WEIGHT: "a weight that the format does not have: the nearest was written",
    Loss.ORDERING: "that it is an ordering: it is shown as a matching of steps and numbers",
    Loss.TEXT: "part of the text or its layout",
    Loss.DETAILS: "topic, article and source",
}


@click.command("export")
@click.argument("slug")
@click.option(
    "--format", "form", type=click.Choice([one.value for one in EXPORTS]), default=Format.GIFT.value, show_default=True
)
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, dir_okay=False), help="A file; by default standard output."
)
@with_appcontext
def export(slug: str, form: str, output: Path | None) -> None:
    """Write the questions of the public quiz SLUG.

    The file comes back whole with `flask quizzes import`. What another program will not see of it is said on the way.
    """
    with said_plainly():
        items = items_of(db.session(), slug)
    if items is None:
        raise click.ClickException(f"There is no public quiz `{slug}`.")
    written = write(items, Format(form))
    if output is None:
        if form == Format.QTI and sys.stdout.isatty():
            raise click.ClickException("A zip file cannot be shown. Name a file with --output.")
        sys.stdout.buffer.write(written.data)
    else:
        try:
            output.write_bytes(written.data)
        except OSError as problem:
            raise click.ClickException(f"The file cannot be written: {problem.strerror or problem}.") from None
    for line in told(written):
        click.echo(line, err=True)


def told(written: Written) -> list[str]:
    """Return what other programs will not see, a line for each thing with the number of questions it concerns."""
    lines = []
    for what in Loss:
        count = sum(one.what is what for one in written.lost)
        if count:
            lines.append(f"Other programs will not see of {count} question{'s' if count != 1 else ''}: {SAID[what]}.")
    return lines
