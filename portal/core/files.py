"""Answers that are made to be kept: tables that spreadsheets open as they are meant, and codes to scan."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

import flask
import segno
from flask import Response


def csv_file(rows: Iterable[Iterable[object]], *, name: str) -> Response:
    """Return rows as a CSV file that spreadsheets open as it is meant: UTF-8, and no cell is ever a formula.

    Args:
        name: of the file, without its ending; ASCII.
    """

    def lines() -> Iterator[str]:
        yield "\ufeff"
        for row in rows:
            line = io.StringIO()
            csv.writer(line).writerow([safe_cell(value) for value in row])
            yield line.getvalue()

    answer = Response(flask.stream_with_context(lines()), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer


def safe_cell(value: object) -> str:
    """Return a value as text; what a spreadsheet would take for a formula gets an apostrophe before it."""
    text = str(value)
    if isinstance(value, int | float):
        # A number below 0 is none.
        return text
    return f"'{text}" if text.lstrip(" \u3000").startswith(_FORMULA) or text.startswith(("\t", "\r", "\n")) else text


_FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def qr_svg(text: str, *, is_secret: bool = False, caching: str = "private, no-store") -> Response:
    """Return a picture of a QR code, dark on white in every theme, with the margin that cameras need.

    Args:
        is_secret: the picture does not say `text` in words as well.
    """
    out = io.BytesIO()
    title = None if is_secret else text
    segno.make_qr(text, error="m").save(out, kind="svg", scale=6, border=4, dark="#000", light="#fff", title=title)
    return Response(out.getvalue(), mimetype="image/svg+xml", headers={"Cache-Control": caching})
