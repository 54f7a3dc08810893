"""`flask quizzes draw`: draw the prizes of a contest, or do a draw again to see whether it was right."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import click
from flask.cli import with_appcontext

from portal.core import clock
from portal.core.database import db, transaction
from portal.quizzes import queries
from portal.quizzes.rules import draw as lots
from portal.quizzes.rules.draw import Fault
from portal.quizzes.services import drawing

MOST_BYTES = 50_000_000
SENTENCES = {
    Fault.MALFORMED: "This is not a record of a draw, or something in it has the wrong shape.",
    Fault.ALGORITHM: f"The record names another algorithm than {lots.ALGORITHM}.",
    Fault.COMMITMENT: "The seed is not the one that was committed to: its SHA-256 is not the commitment.",
    Fault.ORDER: "The tickets are not in order, or one is there twice.",
    Fault.LIST_HASH: "The list of entries was changed: its SHA-256 is not the list hash.",
    Fault.BEACON: "A public value was announced and none is there, or one is there that was not announced.",
    Fault.WINNERS: "Drawing again gives other winners.",
    Fault.DIGEST: "Something in the record was changed: its digest does not fit.",
}


@click.command("draw")
@click.argument("slug", required=False)
@click.option("--beacon", default="", help="The public value that was announced for the draw.")
@click.option("--verify", metavar="FILE|SLUG", help="Draw nothing: check a published record, or a contest's own.")
@with_appcontext
def draw(slug: str | None, beacon: str, verify: str | None) -> None:
    """Draw the prizes of the contest SLUG once it is over, and print the record; a second run prints it again."""
    if (slug is None) == (verify is None):
        raise click.UsageError("Name a contest to draw, or something to --verify.")
    if verify is not None:
        _verify(verify)
        return
    try:
        with transaction() as session:
            made = drawing.draw(session, slug=slug or "", beacon=beacon.strip(), by="command", at=clock.now())
    except LookupError:
        raise click.ClickException(f"There is no contest {slug!r}.") from None
    except drawing.NotOver:
        raise click.ClickException("The contest is still open. It is drawn once it is over.") from None
    except drawing.BeingMarked:
        raise click.ClickException("Answers are being marked anew by the worker. Draw when it has done them.") from None
    except drawing.NoPrizes:
        raise click.ClickException("This contest draws no prizes.") from None
    except drawing.BeaconMissing:
        raise click.ClickException("A public value was announced for this draw. Give it with --beacon TEXT.") from None
    except drawing.BeaconUnannounced:
        raise click.ClickException("No public value was announced for this draw, so none can be used.") from None
    click.echo(json.dumps(made, ensure_ascii=False, indent=2))


def _verify(what: str) -> None:
    path = Path(what)
    differences: list[str] = []
    if path.is_file():
        found = _of_file(path)
    elif re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", what):
        found, differences = _of_contest(what)
    else:
        raise click.ClickException(f"There is no file {what!r}, and no contest has such a name.")
    problems = [SENTENCES[fault] for fault in lots.faults(found)] + differences
    if problems:
        raise click.ClickException(" ".join(problems))
    click.echo(f"The draw of {found['contest']!r} is right: drawing again gives the same winners.")
    click.echo(f"entries    {len(found['entries'])}")
    click.echo(f"winners    {' '.join(found['winners'])}")
    click.echo(f"commitment {found['commitment']}")
    click.echo("Compare the commitment with the one that you noted before the contest ended.")


def _of_file(path: Path) -> Any:
    if path.stat().st_size > MOST_BYTES:
        raise click.ClickException(SENTENCES[Fault.MALFORMED])
    try:
        return json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        return None


def _of_contest(slug: str) -> tuple[Any, list[str]]:
    """Return the record of a contest, and how it differs from what else is stored of it."""
    contest = queries.contest_of(db.session(), slug)
    if contest is None:
        raise click.ClickException(f"There is no contest {slug!r}.")
    if contest.drawn_at is None or contest.draw is None:
        raise click.ClickException(f"The contest {slug!r} has not been drawn.")
    made = contest.draw
    stored = {
        "contest": contest.slug,
        "commitment": contest.commitment,
        "seed": contest.seed,
        "prizes": contest.winners,
        "drawn_from": contest.drawn_from.value,
        "announced": contest.beacon,
    }
    return made, [
        f"The record's {name} is not the contest's own." for name, value in stored.items() if made.get(name) != value
    ]
