"""JSON and CSV: the same report gives the same bytes."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime

from portal.core.files import safe_cell
from portal.metrics.rules.report import Report
from portal.metrics.services.exporting.closing import Closing
from portal.metrics.services.exporting.lines import HEAD, lines
from portal.metrics.services.exporting.tables import Number, Table


def json_file(report: Report, narrative: Mapping[str, str], closing: Closing) -> bytes:
    """Return report, texts and state of closing as JSON, with a line a key for people who look into it."""
    amendments = [{"at": one.at.isoformat(), "by": one.by, "text": one.text} for one in closing.amendments]
    state = {key: _moment(value) for key, value in asdict(closing).items()} | {"amendments": amendments}
    whole = {"report": report, "narrative": dict(narrative), "closing": state}
    said = json.dumps(whole, ensure_ascii=False, allow_nan=False, sort_keys=True, indent=1)
    return said.encode("utf-8", "backslashreplace") + b"\n"


def csv_file(report: Report, narrative: Mapping[str, str], closing: Closing) -> bytes:
    """Return a report as one long table in which no cell is a formula."""
    return _csv([HEAD, *lines(report, narrative, closing)])


def table_csv(table: Table) -> bytes:
    """Return a table as CSV in which no cell is a formula; numbers as they are, not as they are shown."""
    rows = [[cell.value if isinstance(cell, Number) else cell for cell in row] for row in table.rows]
    return _csv([table.head, *rows])


def _csv(rows: Iterable[Sequence[object]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in rows:
        writer.writerow(["" if cell is None else safe_cell(cell) for cell in row])
    # The mark at the beginning tells spreadsheets that it is UTF-8.
    return ("\ufeff" + out.getvalue()).encode("utf-8", "backslashreplace")


def _moment(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else value
