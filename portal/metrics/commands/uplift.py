"""`flask metrics uplift`: what any table of answers before and after comes to."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import BinaryIO

import click

from portal.metrics.rules import uplift as rules
from portal.metrics.rules.intervals import Estimate
from portal.metrics.rules.uplift import Caveat, Uplift
from portal.metrics.rules.uplift_json import to_json
from portal.metrics.rules.verdicts import CEILING, CEILING_GAIN, Unit, Verdict
from portal.metrics.services import pairs
from portal.metrics.services.pairs import Fate, Pairs

LEAST = 10
"""Of a table that somebody brings: Student's interval says itself how little so few people tell. A quarter's headline
asks for more (`verdicts.LEAST`)."""

VERDICTS = {
    Verdict.MET: "met: the whole interval reaches the target",
    Verdict.ABOVE_NOT_CONFIRMED: "above target, not confirmed: the interval reaches below the target",
    Verdict.NOT_MET: "not met",
    Verdict.TOO_FEW: "too few complete pairs to say anything",
}
UNITS = {Unit.RELATIVE: "of what it was before", Unit.PP: "percentage points", Unit.GAIN: "of what was missing before"}
CAVEATS = {
    Caveat.NO_CONTROL: "No untaught questions were asked: part of the rise may come from being asked twice.",
    Caveat.RETEST: "Untaught questions rose as well: look at the net rise.",
    Caveat.ATTRITION: "Many who answered before did not answer after.",
    Caveat.UNLIKE: "Those who answered twice differ from those who left in what they knew before.",
    Caveat.CEILING: f"People knew more than {CEILING:.0%} before: judged by a gain of {CEILING_GAIN:.0%} instead.",
    Caveat.ONE_LECTURE: "One lecture (or nobody recorded which): how lectures differ is not in the interval.",
    Caveat.FEW_LECTURES: "Few lectures: how they differ is known only roughly.",
    Caveat.UNLINKED: "Answers without a code are no part of the pairs.",
}


class Refused(click.ClickException):
    """The table cannot be analysed."""

    exit_code = 2


@click.command("uplift")
@click.argument("file", metavar="PAIRS.csv", type=click.File("rb"))
@click.option(
    "--target", type=click.FloatRange(0, 10), default=rules.TARGET, show_default=True, help="As a share of 1."
)
@click.option("--unit", type=click.Choice([one.value for one in Unit]), default=Unit.RELATIVE.value, show_default=True)
@click.option(
    "--least", type=click.IntRange(2), default=LEAST, show_default=True, help="Pairs below which nothing is said."
)
@click.option("--seed", type=int, default=rules.SEED, show_default=True, help="Of the drawing of lectures.")
@click.option("--leave-out", is_flag=True, help="Go on without rows that cannot be taken.")
@click.option("--json", "wants_json", is_flag=True, help="Every figure in full, for programs.")
def uplift(
    file: BinaryIO, target: float, unit: str, least: int, seed: int, *, leave_out: bool, wants_json: bool
) -> None:
    """Say what people knew before and after, each figure with its 95 % interval, and whether the target was reached.

    PAIRS.csv has the columns code,pre,post,max (an empty cell where somebody did not answer), or code and one column a
    question, pre_1 … post_1 … of 0 and 1. The columns lecture, control_pre, control_post and control_max (or pre_c1 …
    post_c1 …) are understood too. "-" reads the standard input.
    """
    try:
        table = pairs.read_pairs(file)
    except pairs.Unreadable as problem:
        raise Refused(str(problem)) from None
    except OSError as problem:
        raise Refused(f"The file cannot be read: {problem.strerror}.") from None
    for line in fates(table):
        click.echo(line, err=True)
    if table.refused and not leave_out:
        raise Refused("Nothing was computed. Mend the rows above, or go on without them: --leave-out.")
    found = rules.uplift(table.people, target=target, unit=Unit(unit), least=least, seed=seed)
    if wants_json:
        whole = {**to_json(found, least=least), "rows": {fate.value: _count(table, fate) for fate in Fate}}
        click.echo(json.dumps(whole, ensure_ascii=False, allow_nan=False))
        return
    for line in describe(found):
        click.echo(line)


def fates(table: Pairs) -> Iterable[str]:
    """Return what became of the rows; where all is well, nothing."""
    if table.ignored:
        yield f"Not used: {', '.join(table.ignored)}."
    if table.refused:
        for row in table.rows:
            yield f"Line {row.line}: {row.fate.value}{f' - {row.why}' if row.why else ''}"
    elif empty := _count(table, Fate.EMPTY):
        yield f"Rows without any answer: {empty}."


def describe(found: Uplift) -> Iterable[str]:
    """Return an uplift as lines for people, the verdict first."""
    judgement = found.judgement
    yield f"{VERDICTS[judgement.verdict]} (target {judgement.target:.0%} {UNITS[judgement.unit]})"
    yield f"answered before {found.n_pre:,}, after {found.n_post:,}, both {found.n_matched:,}"
    if found.before is not None and found.after is not None:
        yield f"before {found.before:.1%}, after {found.after:.1%}"
        yield f"difference  {_points(found.pp)}"
        yield f"relative    {_shares(found.relative)}"
        yield f"gain        {_number(found.gain)}"
    if found.net.value is not None:
        yield f"untaught    {_points(found.control)}"
        yield f"net rise    {_points(found.net)}"
    if found.independent.value is not None:
        yield f"without a code, as between strangers: {_points(found.independent)}"
    for one in found.items:
        table = one.table
        cells = f"gained {table.gained}, lost {table.lost}, right both times {table.both} of {table.n}"
        yield f"question {one.item}: {_points(one.change)}, {cells}, McNemar p = {one.p:.4f}"
    if found.clusters is not None:
        clusters = found.clusters
        yield f"{clusters.lectures} lectures, drawn {clusters.rounds:,} times with seed {clusters.seed}"
    for caveat in found.warnings:
        yield f"→ {CAVEATS[caveat]}"


def _count(table: Pairs, fate: Fate) -> int:
    return sum(row.fate is fate for row in table.rows)


def _points(one: Estimate) -> str:
    return _with_interval(one.scaled(100), "{:+.1f}", " pp")


def _shares(one: Estimate) -> str:
    return _with_interval(one.scaled(100), "{:+.1f}", " %")


def _number(one: Estimate) -> str:
    return _with_interval(one, "{:+.2f}", "")


def _with_interval(one: Estimate, form: str, unit: str) -> str:
    if one.value is None:
        return "cannot be computed"
    said = form.format(one.value) + unit
    bounds = one.bounds
    return said if bounds is None else f"{said} (95 %: {form.format(bounds[0])} to {form.format(bounds[1])})"
