"""A quarter by command: built, shown, closed, confirmed, amended, verified; targets, and figures that people enter."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from pathlib import Path
from typing import Any, BinaryIO, TypeVar, cast

import click
import sqlalchemy as sa
from flask.cli import with_appcontext
from sqlalchemy.orm import Session

from portal.accounts.models import Person
from portal.accounts.queries import person_by_email
from portal.core import clock
from portal.core.database import db, site_zone, transaction
from portal.core.errors import PortalError
from portal.metrics.queries import stored
from portal.metrics.rules.closing import State
from portal.metrics.rules.report import Report, VerdictLine
from portal.metrics.rules.targets import ENTERED, UNITS, Measure, TargetUnit
from portal.metrics.services import building, figures, files, reports, rolling
from portal.metrics.services.exporting import YEAR_FORMS, Form
from portal.quizzes.services import pdf
from portal.reference.rules import quarters

COMMAND = "command"
Command = TypeVar("Command", bound=Callable[..., Any])
VERDICTS = {
    "met": "met",
    "above_not_confirmed": "above target, not confirmed",
    "not_met": "not met",
    "too_few": "too few",
    "not_known": "not entered",
}


class Quarter(click.ParamType[str]):
    """A quarter such as 2026Q3."""

    name = "quarter"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name as it is stored."""
        name = value.strip().upper()
        if not quarters.NAME.fullmatch(name):
            self.fail(f"{value!r} is no quarter; one looks like 2026Q3.", param, ctx)
        return name


@contextmanager
def said_plainly() -> Iterator[None]:
    """Tell people in a sentence what is wrong."""
    try:
        if not sa.inspect(db.session().get_bind()).has_table("metrics_report"):
            raise click.ClickException("The database is not ready. Run `flask db upgrade` first.")
        db.session.rollback()
        yield
    except PortalError as problem:
        raise click.ClickException(str(problem)) from None
    except sa.exc.OperationalError:
        raise click.ClickException("The database cannot be read now. Please try again in a moment.") from None


def plainly(command: Command) -> Command:
    """Let a command run within an application, and tell people in a sentence what is wrong."""

    @wraps(command)
    def told(**options: Any) -> None:
        with said_plainly():
            command(**options)

    return cast("Command", with_appcontext(told))


def person(session: Session, email: str) -> Person:
    """Return a member of staff by mail address."""
    found = person_by_email(session, email)
    if found is None or not found.active:
        raise click.ClickException("Nobody who may sign in has this address.")
    return found


@click.command("build")
@click.argument("quarter", type=Quarter())
@plainly
def build(quarter: str) -> None:
    """Make the report of QUARTER, such as 2026Q3, from what is known now; a closed one stays as it is."""
    report, found = building.build(quarter, by=COMMAND, at=clock.now())
    for line in describe(report):
        click.echo(line)
    click.echo(f"stored, SHA-256 {found}")


@click.command("show")
@click.argument("quarter", type=Quarter())
@click.option("--json", "wants_json", is_flag=True, help="The whole report, for programs.")
@plainly
def show(quarter: str, wants_json: bool) -> None:
    """Print the report of QUARTER as it is stored, or as it would be now."""
    found = reports.current(db.session(), quarter, at=clock.now())
    if found is None:
        raise click.ClickException(f"Nothing is known of {quarter}.")
    if wants_json:
        click.echo(json.dumps(found.report, ensure_ascii=False, allow_nan=False))
        return
    for line in describe(found.report):
        click.echo(line)
    click.echo(_state(found))
    for one in found.amendments:
        click.echo(f"amended {one.at:%Y-%m-%d} by {one.by}: {one.text}")


@click.command("export")
@click.argument("quarter", type=Quarter())
@click.option("--format", "form", required=True, type=click.Choice([one.value for one in Form]))
@click.option("--output", type=click.File("wb", lazy=True), help="Where to; by default mingbai-QUARTER.FORMAT here.")
@plainly
def export(quarter: str, form: str, output: BinaryIO | None) -> None:
    """Save the report of QUARTER as a file."""
    make = files.report_file(db.session(), quarter, form=Form(form), at=clock.now())
    db.session.rollback()
    if make is None:
        raise click.ClickException(f"Nothing is known of {quarter}.")
    try:
        content = make()
    except pdf.Unavailable:
        raise click.ClickException("No PDF can be made here: Pango is not installed.") from None
    _save(content, output, f"mingbai-{quarter}.{form}")


@click.command("ledger")
@click.argument("year", type=click.IntRange(2000, 2199))
@click.option(
    "--format", "form", type=click.Choice([one.value for one in YEAR_FORMS]), default="xlsx", show_default=True
)
@click.option(
    "--output", type=click.File("wb", lazy=True), help="Where to; by default mingbai-ledger-YEAR.FORMAT here."
)
@plainly
def ledger(year: int, form: str, output: BinaryIO | None) -> None:
    """Save the quarters of YEAR side by side, and its ledger of activities (活动台账) with the list of evidence."""
    content = files.year_file(db.session(), year, form=Form(form))
    _save(content, output, f"mingbai-ledger-{year}.{form}")


def _save(content: bytes, output: BinaryIO | None, name: str) -> None:
    try:
        if output is None:
            Path(name).write_bytes(content)
            click.echo(name)
        else:
            output.write(content)
    except OSError as problem:
        raise click.ClickException(f"The file cannot be written: {problem.strerror}.") from None


@click.command("close")
@click.argument("quarter", type=Quarter())
@click.option("--by", "email", required=True, help="Mail address of whoever closes it.")
@plainly
def close(quarter: str, email: str) -> None:
    """Freeze the figures of QUARTER; another person then confirms them."""
    with transaction() as session:
        who = person(session, email)
        row = reports.close(session, quarter=quarter, by=who.name, by_id=who.id, at=clock.now())
        digest = row.digest
    click.echo(f"{quarter} is closed, SHA-256 {digest}. Another person confirms it: flask metrics confirm {quarter}")


@click.command("confirm")
@click.argument("quarter", type=Quarter())
@click.option("--by", "email", required=True, help="Mail address of whoever confirms it.")
@plainly
def confirm(quarter: str, email: str) -> None:
    """Confirm the figures of a closed QUARTER as a second person."""
    with transaction() as session:
        who = person(session, email)
        reports.confirm(session, quarter=quarter, by=who.name, by_id=who.id, at=clock.now())
    click.echo(f"{quarter} is confirmed.")


@click.command("amend")
@click.argument("quarter", type=Quarter())
@click.option("--by", "email", required=True, help="Mail address of whoever says it.")
@click.option("--text", required=True, help="What came to light.")
@plainly
def amend(quarter: str, email: str, text: str) -> None:
    """Write beside a closed QUARTER what came to light later; its figures stay."""
    with transaction() as session:
        who = person(session, email)
        made = reports.amend(session, quarter=quarter, text=text, by=who.name, at=clock.now())
        changes = list(made.changes)
    for line in _changes(changes):
        click.echo(line)
    click.echo(f"{len(changes)} figures would be others today.")


@click.command("verify")
@click.argument("quarter", type=Quarter())
@click.option("--json", "wants_json", is_flag=True, help="For programs.")
@plainly
def verify(quarter: str, wants_json: bool) -> None:
    """Compute QUARTER again from what remains, and say what is the same, what differs and what is gone."""
    found = reports.verify(db.session(), quarter=quarter, at=clock.now())
    if wants_json:
        whole = {"quarter": quarter, "intact": found.intact, "parts": found.parts, "changes": found.changes}
        click.echo(json.dumps(whole, ensure_ascii=False))
    else:
        click.echo(f"stored report: {'as it was stored' if found.intact else 'CHANGED since it was stored'}")
        for name, state in sorted(found.parts.items()):
            click.echo(f"{name:<12}{PARTS[state]}")
        for line in _changes(found.changes):
            click.echo(line)
    if not found.is_same:
        raise SystemExit(1)


PARTS = {
    "same": "the same",
    "differs": "differs from what it was",
    "gone": "cannot be computed again: what it was counted from is thrown away",
}


@click.command("rebuild")
@plainly
def rebuild() -> None:
    """Make all daily sums anew from the rows that they count; no closed figure changes."""
    first = reports.first_quarter(db.session())
    db.session.rollback()
    if first is None:
        click.echo("Nothing to count.")
        return
    at = clock.now()
    last, quarter = quarters.of_moment(at, site_zone(db.session())), first
    while quarter <= last:
        with transaction() as session:
            count = rolling.roll(session, quarter=quarter, at=at)
        click.echo(f"{quarter}: {count:,} sums")
        quarter = quarters.shift(quarter, 1)


@click.command("enter")
@click.argument("quarter", type=Quarter())
@click.argument("measure", type=click.Choice([one.value for one in ENTERED]))
@click.argument("numerator", type=click.FloatRange(0))
@click.argument("denominator", type=click.FloatRange(0))
@click.option("--source", required=True, help="Which list or system the figure is from.")
@click.option("--signer", required=True, help="Who answers for it.")
@click.option("--by", "email", required=True, help="Mail address of whoever enters it.")
@plainly
def enter(
    quarter: str, measure: str, numerator: float, denominator: float, source: str, signer: str, email: str
) -> None:
    """Enter a figure that the portal cannot count: NUMERATOR of DENOMINATOR in QUARTER."""
    with transaction() as session:
        who = person(session, email)
        figures.enter(
            session,
            quarter=quarter,
            measure=Measure(measure),
            numerator=numerator,
            denominator=denominator,
            source=source,
            signer=signer,
            by=who.name,
            at=clock.now(),
        )
    click.echo(f"{quarter} {measure}: {numerator:g} of {denominator:g}")


@click.command("target")
@click.argument("measure", type=click.Choice([one.value for one in Measure]))
@click.argument("value", type=click.FloatRange(0))
@click.option("--unit", type=click.Choice([one.value for one in TargetUnit]), help="Where there are several.")
@click.option("--since", type=Quarter(), required=True, help="The quarter from which it holds.")
@click.option("--least", type=click.IntRange(2), help="Answers or pairs below which nothing is said.")
@click.option("--by", "email", required=True, help="Mail address of whoever sets it.")
@plainly
def target(measure: str, value: float, unit: str | None, since: str, least: int | None, email: str) -> None:
    """Set what is to be reached of MEASURE from a quarter on; shares as 0.9."""
    known = Measure(measure)
    with transaction() as session:
        who = person(session, email)
        figures.set_target(
            session,
            measure=known,
            value=value,
            unit=TargetUnit(unit) if unit else UNITS[known][0],
            least=least,
            since=since,
            by=who.name,
            at=clock.now(),
        )
        for one in stored.targets(session, since):
            click.echo(f"{one.measure.value:<16}{one.value:g} {one.unit.value}")


def describe(report: Report) -> Iterator[str]:
    """Return a report as lines for people: the verdict on each target."""
    met = sum(line["verdict"] == "met" for line in report["verdicts"])
    yield f"{report['quarter']}: {met} of {len(report['verdicts'])} targets met{'' if report['is_over'] else ' so far'}"
    for line in report["verdicts"]:
        yield f"{line['measure']:<16}{VERDICTS[line['verdict']]:<30}{_figure(line)}".rstrip()


def _figure(line: VerdictLine) -> str:
    if line["value"] is None:
        return "" if line["n"] is None else f"n = {line['n']:,}"
    if line["unit"] == "count":
        return f"{line['value']:,.0f} (target {line['target']:,.0f})"
    said = f"{100 * line['value']:.1f} %"
    if line["low"] is not None and line["high"] is not None:
        said += f" (95 %: {100 * line['low']:.1f} to {100 * line['high']:.1f})"
    return f"{said}, n = {line['n']:,} (target {100 * line['target']:g} % {line['unit']})"


def _changes(changes: list[dict[str, Any]]) -> Iterator[str]:
    for one in changes:
        was, now = ("…" if isinstance(one[key], list) else json.dumps(one[key]) for key in ("was", "now"))
        yield f"{one['key']}: {was} → {now}"


def _state(found: reports.Current) -> str:
    if found.state is State.OPEN:
        return f"open, as of {found.built_at:%Y-%m-%d %H:%M} UTC"
    said = f"closed {found.closed_at:%Y-%m-%d} by {found.closed_by}"
    if found.state is State.CONFIRMED:
        said += f", confirmed {found.confirmed_at:%Y-%m-%d} by {found.confirmed_by}"
    return f"{said}, SHA-256 {found.digest}"
