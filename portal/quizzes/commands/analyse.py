"""`flask quizzes analyse`: the statistics of any table of marks, so that a paper quiz can be analysed too."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterable, Sequence
from typing import BinaryIO

import click

from portal.quizzes.rules import readings
from portal.quizzes.rules import statistics as rules
from portal.quizzes.rules.readings import Reading
from portal.quizzes.rules.statistics import Analysis, ItemStatistics, TestStatistics
from portal.quizzes.services.marks import TableError, read_marks

NAME_WIDTH = 30
HEADS = ("facility", "SD", "discr.", "effic.", "weight", "effective")


class Unreadable(click.ClickException):
    """The file is no table of marks."""

    exit_code = 2


@click.command("analyse")
@click.argument("file", metavar="MARKS.csv", type=click.File("rb"))
@click.option("--json", "wants_json", is_flag=True, help="Every figure in full, for programs.")
def analyse(file: BinaryIO, wants_json: bool) -> None:
    """Analyse a table of marks: difficulty and discrimination of every item, reliability of the test.

    The first row of MARKS.csv gives the names of the items, the second their maximum marks, every further one the
    marks of an attempt. An empty cell counts as 0 marks. "-" reads the standard input.
    """
    try:
        table = read_marks(file)
    except TableError as problem:
        raise Unreadable(str(problem)) from None
    except OSError as problem:
        raise Unreadable(f"The file cannot be read: {problem.strerror}.") from None
    analysis = rules.analyse(table.marks, maxima=table.maxima, names=table.names)
    if wants_json:
        click.echo(json.dumps(rules.to_json(analysis), ensure_ascii=False, allow_nan=False))
        return
    for line in describe(analysis):
        click.echo(line)
    if table.missing:
        click.echo(f"{_count(table.missing, 'mark')} missing, counted as 0.")
    if table.left_out:
        click.echo(f"{_count(table.left_out, 'empty row')} at the end left out.")


def describe(analysis: Analysis) -> Iterable[str]:
    """Return an analysis as lines for people: a table, and beside each item what its figures say."""
    names = [_shown(one.item) for one in analysis.items]
    width = max(map(_width, ["item", *names]))
    yield _line("item", HEADS, "what the figures say", width)
    for name, one in zip(names, analysis.items, strict=True):
        # That there are few attempts is said once, below.
        yield _line(name, _figures(one), _say(said for said in readings.reading(one) if said is not Reading.FEW), width)
    yield ""
    yield from _whole(analysis.test)


def _figures(one: ItemStatistics) -> tuple[str, ...]:
    return (
        _percent(None if one.facility is None else 100 * one.facility),
        _number(one.sd),
        _percent(one.discrimination_index),
        _percent(one.discriminative_efficiency),
        _percent(one.intended_weight),
        _percent(one.effective_weight),
    )


def _whole(test: TestStatistics) -> Iterable[str]:
    yield f"attempts              {test.n:,}"
    for label, value in (
        ("mean", f"{_number(test.mean)} of {_number(test.maximum)}"),
        ("median", _number(test.median)),
        ("standard deviation", _number(test.sd)),
        ("skewness", _number(test.skewness)),
        ("kurtosis", _number(test.kurtosis)),
        ("internal consistency", _percent(test.internal_consistency)),
        ("error ratio", _percent(test.error_ratio)),
        ("standard error", _number(test.standard_error)),
    ):
        yield f"{label:<22}{value}"
    if said := readings.read_test(test):
        yield f"→ {_say(said)}"


def _say(said: Iterable[Reading]) -> str:
    return "; ".join(readings.SENTENCES[one] for one in said)


def _line(name: str, figures: Sequence[str], said: str, width: int) -> str:
    cells = "".join(f"{figure:>11}" for figure in figures)
    return f"{name}{' ' * (width - _width(name))}{cells}  {said}".rstrip()


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:,.2f}"


def _percent(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}%"


def _count(count: int, thing: str) -> str:
    return f"{count:,} {thing}{'' if count == 1 else 's'}"


def _shown(name: str) -> str:
    """Return a name as a terminal can show it: no control characters, and not too long."""
    clean = "".join(one if one.isprintable() else " " for one in name)
    if _width(clean) <= NAME_WIDTH:
        return clean
    while _width(clean) >= NAME_WIDTH:
        clean = clean[:-1]
    return f"{clean}…"


def _width(text: str) -> int:
    """Return how many columns a text takes: Chinese characters take two."""
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)
