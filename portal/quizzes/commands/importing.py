"""`flask quizzes import`: questions from a file of any format that the portal reads."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import sqlalchemy as sa
from flask.cli import with_appcontext

from portal.core import clock
from portal.core.database import db, transaction
from portal.core.errors import PortalError
from portal.quizzes.models import Document
from portal.quizzes.rules.formats import MAX_BYTES, TOO_LARGE, Format, Note, Reading, listed, read
from portal.quizzes.services import Report, take_items
from portal.reference.rules.files import visible


@contextmanager
def said_plainly() -> Iterator[None]:
    """Tell people in a sentence what is wrong with the database."""
    try:
        if not sa.inspect(db.session().get_bind()).has_table(Document.__tablename__):
            raise click.ClickException("The database is not ready. Run `flask db upgrade` first.")
        yield
    except PortalError as problem:
        raise click.ClickException(str(problem)) from None
    except sa.exc.OperationalError:
        raise click.ClickException("The database cannot be read now. Please try again in a moment.") from None


READ, PARTLY, UNREADABLE = 0, 1, 2
"""The command's exit codes: everything was read; some of it; the file cannot be read at all."""


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format", "form", type=click.Choice([one.value for one in Format]), help="By default found out from the file."
)
@click.option("--dry-run", is_flag=True, help="Read everything and say what is there; store nothing.")
@click.option("--all-or-nothing", is_flag=True, help="Store nothing when any question cannot be read.")
@click.option("--nearest", is_flag=True, help="Take the nearest weight that Moodle knows instead of refusing others.")
@click.option("--json", "as_json", is_flag=True, help="Print what the file holds as JSON.")
@with_appcontext
def import_(file: Path, form: str | None, dry_run: bool, all_or_nothing: bool, nearest: bool, as_json: bool) -> None:
    """Take in the questions of FILE, as drafts for review.

    Every question that cannot be read is told with its line and the reason; the others are taken in. Exits with 0 when
    everything was read, with 1 when something was not, with 2 when the file cannot be read at all.
    """
    reading = read_file(file, form=Format(form) if form else None, nearest=nearest)
    stored: Report | None = None
    withheld = bool(reading.errors) and all_or_nothing
    if reading.items and not (dry_run or withheld):
        stored = _stored(reading)
    if as_json:
        _print_json(reading)
    else:
        for line in described(reading, stored=stored, dry_run=dry_run, withheld=withheld):
            click.echo(visible(line))
    sys.exit(UNREADABLE if reading.refused else PARTLY if reading.errors else READ)


def read_file(file: Path, *, form: Format | None, nearest: bool) -> Reading:
    """Return what a file holds; one that cannot be opened, or is too large, is refused without being read."""
    try:
        if not file.is_file():
            return _refused(form, "There is no such file." if not file.exists() else "This is not an ordinary file.")
        with file.open("rb") as source:
            raw = source.read(MAX_BYTES + 1)
    except OSError as problem:
        return _refused(form, f"The file cannot be opened: {problem.strerror or problem}.")
    if len(raw) > MAX_BYTES:
        return _refused(form, TOO_LARGE)
    return read(raw, format=form, name=file.name, nearest=nearest)


def _refused(form: Format | None, reason: str) -> Reading:
    return Reading(form or Format.GIFT, errors=[Note(0, reason)], refused=True)


def _stored(reading: Reading) -> Report:
    with said_plainly(), transaction() as session:
        return take_items(session, found=reading.items, by="command", at=clock.now())


def _print_json(reading: Reading) -> None:
    # A terminal that cannot show every sign still gets sound JSON.
    plain = (sys.stdout.encoding or "").lower().replace("-", "") != "utf8"
    click.echo(json.dumps(listed(reading), ensure_ascii=plain, indent=1))


def described(reading: Reading, *, stored: Report | None, dry_run: bool, withheld: bool) -> list[str]:
    """Return what was read and stored as lines for people."""
    lines = [_said("error", note) for note in reading.errors]
    lines += [_said("warning", note) for note in reading.warnings]
    if reading.refused:
        return [*lines, "Nothing was read, nothing was changed."]
    counts: dict[str, int] = {}
    for item in reading.items:
        counts[item.kind.value] = counts.get(item.kind.value, 0) + 1
    kinds = f" ({', '.join(f'{count} {kind}' for kind, count in counts.items())})" if counts else ""
    lines.append(
        f"{reading.format.value}: {_many(len(reading.items), 'question')}{kinds}, "
        f"{_many(len(reading.errors), 'error')}, {_many(len(reading.warnings), 'warning')}."
    )
    if stored is not None:
        lines.append(f"{len(stored.added)} added, {len(stored.changed)} changed, {len(stored.same)} stored already.")
        if stored.kept:
            lines.append(f"{len(stored.kept)} kept as the desk has gone on from them: {', '.join(stored.kept[:20])}.")
    elif withheld:
        lines.append("Nothing was stored, because not everything could be read.")
    elif dry_run:
        lines.append("Nothing was stored: this was a dry run.")
    return lines


def _many(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' if count != 1 else ''}"


def _said(level: str, note: Note) -> str:
    where = f"line {note.line}: " if note.line else ""
    return f"{level}: {where}{note.reason}"
