"""The four quarters of a year side by side, with the ledger of its activities: one spreadsheet, one document."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial

from portal.metrics.rules import words, year
from portal.metrics.rules.report import Report
from portal.metrics.rules.words import labels
from portal.metrics.rules.words.labels import label
from portal.metrics.services.exporting import sheets, tables
from portal.metrics.services.exporting.story import DEMO, Grid, Heading, Story, Text, bounded
from portal.metrics.services.exporting.tables import Number, Row, Table

Reports = Mapping[str, Report]
"""The stored reports of a year by quarter."""


def targets(number: int, reports: Reports) -> Table:
    """Return what came of each target, quarter by quarter."""
    quarters = year.names(number)
    head = ("指标", *(one for quarter in quarters for one in (quarter, f"{quarter} 结论")), "全年合计")
    rows: list[Row] = []
    for row in year.targets(quarters, reports):
        cells: list[Number | str] = []
        for cell in row.cells:
            cells += [tables.figure(cell.value, cell.unit), label(labels.VERDICTS, cell.verdict)]
        rows.append((label(labels.MEASURES, row.key), *cells, Number(row.total)))
    return Table("全年目标", head, rows)


def attendance(number: int, reports: Reports) -> Table:
    """Return who was there, quarter by quarter, each kind apart."""
    quarters = year.names(number)
    rows: list[Row] = [
        (label(labels.ATTENDANCE, row.key), *(Number(cell.value) for cell in row.cells), Number(row.total))
        for row in year.attendance(quarters, reports)
    ]
    return Table("全年参与情况", ("项目", *quarters, "全年合计"), rows)


def ledger(reports: Reports) -> Table:
    """Return the ledger of activities (活动台账) of the year."""
    rows = [one for quarter in sorted(reports) for one in reports[quarter]["ledger"]]
    if not reports:
        return tables.ledger(rows)
    # The last report knows what keys are called.
    return tables.ledger(rows, named=partial(words.part_label, reports[max(reports)]))


def year_xlsx(number: int, reports: Reports) -> bytes:
    """Return a year as a spreadsheet file."""
    pages = [targets(number, reports), attendance(number, reports), ledger(reports)]
    header = DEMO if _is_demo(reports) else ""
    return sheets.write(pages, title=_title(number), created=_as_of(reports), header=header)


def year_docx(number: int, reports: Reports) -> bytes:
    """Return a year as a document."""
    from portal.metrics.services.exporting.word import docx_file  # noqa: PLC0415  # only where one is saved

    missing = "、".join(words.quarter_name(one) for one in year.names(number) if one not in reports)
    activities = ledger(reports)
    blocks = [
        Heading(1, "一、全年目标", wide=True),
        Grid("各季度目标完成情况", targets(number, reports), wide=True),
        Text(
            "占比和提升不作全年合计：各季度的人不同，平均数不代表任何人。区间见各季总结。",
            "note",
            wide=True,
        ),
        *([Text(f"没有报告的季度：{missing}。", "note", wide=True)] if missing else []),
        Heading(1, "二、全年参与情况", wide=True),
        Grid("各季度参与情况", attendance(number, reports), wide=True),
        Heading(1, "三、活动台账", wide=True),
        Grid("活动台账和凭据", activities, wide=True) if activities.rows else Text("全年没有活动。", "note", wide=True),
    ]
    is_demo, known = _is_demo(reports), sorted(reports.items())
    told = Story(
        _title(number),
        tuple(f"{words.quarter_name(one)}：{'已结束' if found['is_over'] else '尚未结束'}" for one, found in known),
        f"{DEMO} · {_title(number)}" if is_demo else _title(number),
        is_demo,
        _as_of(reports),
        tuple(bounded(blocks)),
    )
    return docx_file(told)


def _title(number: int) -> str:
    return f"{number} 年消费者权益保护宣传教育全年一览"


def _is_demo(reports: Reports) -> bool:
    return any(one["demo"] for one in reports.values())


def _as_of(reports: Reports) -> datetime:
    moments = [datetime.fromisoformat(one["as_of"]) for one in reports.values()]
    return max(moments, default=datetime(2000, 1, 1, tzinfo=UTC))
