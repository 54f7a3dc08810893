"""`flask quizzes paper`: taking in a file of paper results."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click
import flask

from portal.core import clock
from portal.core.database import db, transaction
from portal.core.errors import PortalError
from portal.core.settings import Settings
from portal.quizzes.models import Document
from portal.quizzes.rules import taking
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.paper import Unprintable
from portal.quizzes.rules.paper_file import HARMLESS, MAX_BYTES, Fate, FileFlaw, Told, Unreadable
from portal.quizzes.services import find, paper_files
from portal.quizzes.services.paper import Typist

COMMAND = Typist(0, "command")


@click.command()
@flask.cli.with_appcontext
@click.argument("slug")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Say what becomes of every row; change nothing.")
@click.option("--all-or-nothing", is_flag=True, help="Take nothing unless every row is good.")
@click.option("--json", "as_json", is_flag=True, help="Say it as JSON.")
def paper(slug: str, file: Path, dry_run: bool, all_or_nothing: bool, as_json: bool) -> None:
    """Take the sheets of FILE (sheet,audience,group,q1…qn) into the quiz SLUG; the same file twice changes nothing.

    The command fails when the file cannot be read, or when nothing was taken because a row is a mistake.
    """
    try:
        report = _report(slug, _read(file), dry_run=dry_run, all_or_nothing=all_or_nothing)
    except Unreadable as problem:
        said = f"{problem.flaw.value}{f': {problem.name}' if problem.name else ''}"
        raise _failure(f"{file.name} cannot be taken ({said}). Nothing was changed.", as_json) from None
    except LookupError:
        raise _failure(f"There is no published quiz {slug[:80]!r}.", as_json) from None
    except (Unprintable, taking.PoolEmpty):
        raise _failure(f"The quiz {slug} cannot be on paper.", as_json) from None
    except (OSError, PortalError) as problem:
        raise _failure(str(problem), as_json) from None
    for line in [_as_json(report)] if as_json else _lines(report, dry_run=dry_run):
        click.echo(line)
    if report.refused and not report.is_done and (all_or_nothing or not report.good) and not dry_run:
        sys.exit(1)


def _failure(text: str, as_json: bool) -> click.ClickException | SystemExit:
    if not as_json:
        return click.ClickException(text)
    click.echo(json.dumps({"rows": [], "errors": [{"line": None, "reason": text}]}, ensure_ascii=False))
    return SystemExit(1)


def _read(file: Path) -> bytes:
    with file.open("rb") as opened:
        raw = opened.read(MAX_BYTES + 1)
    if len(raw) > MAX_BYTES:
        raise Unreadable(FileFlaw.TOO_LARGE)
    return raw


def _report(slug: str, raw: bytes, *, dry_run: bool, all_or_nothing: bool) -> paper_files.Report:
    settings: Settings = flask.current_app.config["PORTAL"]
    at, zone = clock.now(), settings.timezone
    if dry_run:
        return paper_files.look(db.session(), quiz=_quiz(slug), raw=raw, at=at, zone=zone)
    with transaction() as session:
        return paper_files.take(
            session, quiz=_quiz(slug), raw=raw, by=COMMAND, at=at, zone=zone, all_or_nothing=all_or_nothing
        )


def _quiz(slug: str) -> Document:
    found = find(db.session(), sort=Sort.QUIZ, name=slug)
    if found is None:
        raise LookupError(slug)
    return found


def _why(row: Told) -> str:
    parts = [row.column, row.flaw.value if row.flaw else "", repr(row.said) if row.said else ""]
    return " ".join(part for part in parts if part)


def _lines(report: paper_files.Report, *, dry_run: bool) -> list[str]:
    lines = [f"line {row.line}: {row.sheet} {row.fate.value} {_why(row)}".rstrip() for row in report.rows]
    if report.before is not None:
        return [*lines, "This very file was taken before; nothing was changed."]
    if report.is_done:
        return [*lines, f"{len(report.good)} sheets taken, {report.refused} rows refused."]
    would = "would be taken" if dry_run else "could be taken"
    return [*lines, f"{len(report.good)} sheets {would}, {report.refused} rows refused. Nothing was changed."]


def _as_json(report: paper_files.Report) -> str:
    rows: list[dict[str, Any]] = [
        {
            "line": row.line,
            "sheet": row.sheet,
            "fate": row.fate.value,
            "column": row.column or None,
            "reason": _why(row) or None,
        }
        for row in report.rows
    ]
    return json.dumps(
        {
            "version": report.version,
            "is_done": report.is_done,
            "taken_before": report.before is not None,
            "taken": report.count(Fate.TAKEN) if report.is_done else 0,
            "same": report.count(Fate.SAME),
            "refused": report.refused,
            "rows": rows,
            "errors": [{"line": row["line"], "reason": f"{row['fate']} {row['reason'] or ''}".strip()}
                       for row, told in zip(rows, report.rows, strict=True) if told.fate not in HARMLESS],
        },
        ensure_ascii=False,
    )  # fmt: skip
