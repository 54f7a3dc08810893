"""One stored report as a file: JSON, CSV, XLSX, DOCX or PDF. All are made of the report alone, and so they agree.

A document that would say the figures otherwise cannot be made: DOCX and PDF set the same blocks (`story`), XLSX shows
the same tables (`tables`), CSV and JSON hold the figures unrounded.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from portal.metrics.rules.report import Report
from portal.metrics.services.exporting import plain, sheets, year
from portal.metrics.services.exporting.closing import Amendment, Closing, State
from portal.metrics.services.exporting.story import PLACES, story

__all__ = ["MEDIA_TYPES", "PLACES", "YEAR_FORMS", "Amendment", "Closing", "Form", "State", "export", "year_file"]


class Form(StrEnum):
    """A kind of file; the value is the ending of its name."""

    JSON = "json"
    CSV = "csv"
    XLSX = "xlsx"
    DOCX = "docx"
    PDF = "pdf"


YEAR_FORMS = (Form.DOCX, Form.XLSX, Form.CSV)
"""Of a whole year."""
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


def year_file(number: int, reports: Mapping[str, Report], *, form: Form | str) -> bytes:
    """Return the year of some stored reports by quarter: CSV has the ledger of activities (活动台账) alone.

    Raises:
        ValueError: there is no such form of a year.
    """
    match Form(form):
        case Form.CSV:
            return plain.table_csv(year.ledger(reports))
        case Form.XLSX:
            return year.year_xlsx(number, reports)
        case Form.DOCX:
            return year.year_docx(number, reports)
    raise ValueError(form)
