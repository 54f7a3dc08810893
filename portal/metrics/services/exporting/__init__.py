"""One stored report as a file: JSON, CSV, XLSX, DOCX or PDF. All are made of the report alone, and so they agree.

A document that would say the figures otherwise cannot be made: DOCX and PDF set the same blocks (`story`), XLSX shows
the same tables (`tables`), CSV and JSON hold the figures unrounded.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from enum import StrEnum

from portal.metrics.rules.report import Activity, Report
from portal.metrics.services.exporting import plain, sheets, tables
from portal.metrics.services.exporting.closing import Amendment, Closing, State
from portal.metrics.services.exporting.story import DEMO, PLACES, story

__all__ = ["MEDIA_TYPES", "PLACES", "Amendment", "Closing", "Form", "State", "export", "ledger_csv",
           "ledger_xlsx"]  # fmt: skip


class Form(StrEnum):
    """A kind of file; the value is the ending of its name."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    DOCX = "docx"
    PDF = "pdf"


MEDIA_TYPES = {
    Form.JSON: "application/json",
    Form.CSV: "text/csv; charset=utf-8",
    Form.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    Form.DOCX: "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    Form.PDF: "application/pdf",
}


def export(report: Report, narrative: Mapping[str, str], *, form: Form | str, closing: Closing) -> bytes:
    """Return a report as a file.

    Args:
        narrative: the staff's approved texts by place (`PLACES`); where one is missing the document says so.
        form: which kind of file.
        closing: how far the quarter is closed, and what became known later.

    Raises:
        ValueError: there is no such form.
        pdf.OneAtATime: another PDF is being made.
        pdf.Unavailable: no PDF can be made on this machine.
        pdf.TooMuch: the PDF takes too long.
    """
    match Form(form):
        case Form.JSON:
            return plain.json_file(report, narrative, closing)
        case Form.CSV:
            return plain.csv_file(report, narrative, closing)
        case Form.XLSX:
            return sheets.report_xlsx(report, narrative, closing)
        case Form.DOCX:
            from portal.metrics.services.exporting.word import docx_file  # noqa: PLC0415  # only where one is saved

            return docx_file(story(report, narrative, closing))
        case Form.PDF:
            from portal.metrics.services.exporting.paper import pdf_file  # noqa: PLC0415  # as above

            return pdf_file(story(report, narrative, closing))


def ledger_csv(rows: Sequence[Activity], *, named: Callable[[str, str], str] | None = None) -> bytes:
    """Return a ledger of activities (活动台账) as CSV, for example of a year.

    Args:
        named: what a key of `topic`, `district` or `campaign` is called; without it keys stand for themselves.
    """
    return plain.table_csv(_ledger(rows, named))


def ledger_xlsx(
    rows: Sequence[Activity], *, named: Callable[[str, str], str] | None = None, as_of: datetime | None = None,
    is_demo: bool = False,
) -> bytes:  # fmt: skip
    """Return a ledger of activities (活动台账) as a spreadsheet file.

    Args:
        named: as for `ledger_csv`.
        as_of: stands in the file as the time of its making.
        is_demo: the figures are invented, and every page says so.
    """
    created = as_of or datetime(2000, 1, 1, tzinfo=UTC)
    header = DEMO if is_demo else ""
    return sheets.write([_ledger(rows, named)], title="活动台账", created=created, header=header)


def _ledger(rows: Sequence[Activity], named: Callable[[str, str], str] | None) -> tables.Table:
    return tables.ledger(rows) if named is None else tables.ledger(rows, named=named)
