"""Spreadsheet files: a sheet a section, numbers as numbers, and text that stays text whatever it begins with."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import partial

from portal.metrics.rules import words
from portal.metrics.rules.report import Report
from portal.metrics.rules.words import labels
from portal.metrics.rules.words.notes import local
from portal.metrics.services.exporting import tables
from portal.metrics.services.exporting.closing import Closing
from portal.metrics.services.exporting.story import DEMO, PLACES, closing_lines, title
from portal.metrics.services.exporting.tables import Number, Row, Table, clean

LONGEST = 32_000
"""Signs in a cell; a spreadsheet takes 32,767."""
FORMS = {
    "count": "#,##0.##",
    "share": "0.0%",
    "rise": "+0.0%;-0.0%;0.0%",
    "percent": "0.0",
    "pp": "+0.0;-0.0;0.0",
    "p": "0.0000",
    "money": "#,##0.00",
}
WIDEST = 60


def report_xlsx(report: Report, narrative: Mapping[str, str], closing: Closing) -> bytes:
    """Return a report as a spreadsheet file."""
    pages = [
        _about(report, closing),
        tables.targets(report),
        tables.attendance(report),
        *(tables.breakdown(report, dimension) for dimension in labels.DIMENSIONS),
        tables.satisfaction(report),
        tables.awareness(report),
        tables.detection(report),
        tables.items(report),
        tables.surveys(report),
        tables.series(report),
        tables.articles(report),
        tables.reading(report),
        tables.terms(report),
        tables.quizzes(report),
        tables.entries(report),
        tables.ledger(report["ledger"], named=partial(words.part_label, report)),
        Table(
            "文字", ("位置", "内容"), [(words, text) for key, words in PLACES.items() for text in _told(narrative, key)]
        ),
        Table("方法与提示", ("项目", "说明"), _notes(report)),
        Table(
            "更正",
            ("时间", "记录人", "内容"),
            [(local(report, one.at.isoformat()), clean(one.by), clean(one.text)) for one in closing.amendments],
        ),
    ]
    header = DEMO if report["demo"] else ""
    return write(pages, title=title(report), created=datetime.fromisoformat(report["as_of"]), header=header)


def write(pages: Sequence[Table], *, title: str, created: datetime, header: str = "") -> bytes:
    """Return tables as a spreadsheet file.

    Args:
        created: stands in the file as the time of its making, so that the same report gives the same file.
        header: printed on every page, and above every table.
    """
    import xlsxwriter  # noqa: PLC0415  # a server loads it only where somebody saves a spreadsheet

    out = io.BytesIO()
    as_text = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(out, {**as_text, "in_memory": True}) as book:
        book.set_properties({"title": title, "created": created.astimezone(UTC).replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
        text = book.add_format({"text_wrap": True, "valign": "top"})
        forms = {key: book.add_format({"num_format": form, "valign": "top"}) for key, form in FORMS.items()}
        for table in pages:
            page = book.add_worksheet(table.name)
            first = 0
            if header:
                page.set_header(f"&C{header}")
                page.write_string(0, 0, header, bold)
                first = 1
            page.freeze_panes(first + 1, 0)
            page.repeat_rows(first)
            page.set_landscape()
            page.set_paper(9)
            page.fit_to_pages(1, 0)
            for column, name in enumerate(table.head):
                page.write_string(first, column, name, bold)
                page.set_column(column, column, _width(table, column))
            for number, row in enumerate(table.rows, first + 1):
                for column, cell in enumerate(row):
                    if not isinstance(cell, Number):
                        page.write_string(number, column, cell[:LONGEST], text)
                    elif cell.value is not None:
                        page.write_number(number, column, cell.value, forms[cell.form])
    return out.getvalue()


def _width(table: Table, column: int) -> int:
    """Return a width that most cells of a column fit into: a 汉字 takes two places."""
    cells = [table.head[column], *(str(row[column]) for row in table.rows if column < len(row))]
    return max(8, min(WIDEST, 2 + max(sum(1 if sign.isascii() else 2 for sign in cell) for cell in cells)))


def _about(report: Report, closing: Closing) -> Table:
    rows: list[Row] = [
        ("报告", title(report)),
        ("季度", report["quarter"]),
        ("结论", words.overall(report)),
        ("时区", clean(report["zone"])),
        ("起（计入）", local(report, report["begins"])),
        ("止（不计入）", local(report, report["ends"])),
        ("数据截至", local(report, report["as_of"])),
        ("演示数据", "是，不是真实统计" if report["demo"] else "否"),
    ]
    rows += [("封账", one) for one in closing_lines(report, closing)]
    return Table("概况", ("项目", "内容"), rows)


def _told(narrative: Mapping[str, str], key: str) -> list[str]:
    """Return an approved text in cells that a spreadsheet can hold."""
    text = clean(narrative.get(key, "").strip())
    return [text[at : at + LONGEST] for at in range(0, len(text), LONGEST)] or [f"（待填写：{PLACES[key]}）"]


def _notes(report: Report) -> list[Row]:
    found: list[Row] = [
        (words.label(labels.MEASURES, one["measure"]), words.sentence(report, one) + words.detail(report, one))
        for one in report["verdicts"]
    ]
    found += [("提示", clean(one)) for one in words.caveats(report)]
    return found + [(name, clean(text)) for name, text in words.methods(report)]
