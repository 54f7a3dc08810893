"""The summary for the supervisor as a row of blocks, which DOCX and PDF both set: so both say the same.

The three headings are the supervisor's own (`domain.md` §2.4).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from portal.metrics.rules import words
from portal.metrics.rules.closing import State
from portal.metrics.rules.report import Activity, Report
from portal.metrics.rules.words import labels
from portal.metrics.rules.words.notes import attrition_words, local
from portal.metrics.services.exporting import tables
from portal.metrics.services.exporting.closing import Closing
from portal.metrics.services.exporting.tables import Number, Table, clean

PLACES = {
    "overall": "本季总体安排和组织情况",
    "campaigns": "集中教育宣传活动的做法和效果",
    "routine": "常态化消费者教育的做法和效果",
    "problems": "发现的问题和原因",
    "plan": "下一步安排",
}
"""Where the staff's approved texts stand, and what is asked for there."""
MOST_ROWS = 200
"""Of a table in a document; setting thousands of rows would take minutes. Spreadsheets hold them all."""
SHORT = 20
"""Rows of a table that is not broken over pages."""
DEMO = "演示数据，不是真实统计"


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; 1 is a part of the summary."""

    level: int
    text: str
    wide: bool = False
    """It stands on a page that lies on its side, as what follows it does."""


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph. Its kind: `plain`, `verdict`, `note`, or `place` where a text is still to be written."""

    text: str
    kind: str = "plain"
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """A list."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table with its caption."""

    caption: str
    table: Table
    wide: bool = False
    """It has more columns than an upright page holds."""

    @property
    def narrow(self) -> bool:
        """Whether it has so few columns that on the whole width its numbers would stand far from their names."""
        return len(self.table.head) < 4 and all(isinstance(row[-1], Number) for row in self.table.rows)

    @property
    def whole(self) -> bool:
        """Whether it is short enough to be kept on one page."""
        return len(self.table.rows) <= SHORT


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart with its caption, and words for who cannot see it. The table with the same numbers stands beside it."""

    caption: str
    png: bytes
    alt: str


Block = Heading | Text | Points | Grid | Picture


@dataclass(frozen=True, slots=True)
class Story:
    """A whole summary."""

    title: str
    about: tuple[str, ...]
    running: str
    """On every page."""
    is_demo: bool
    created: datetime
    blocks: tuple[Block, ...]


def title(report: Report) -> str:
    """Return what the summary is called."""
    return f"{words.quarter_name(report['quarter'])}消费者权益保护宣传教育总结"


def story(report: Report, narrative: Mapping[str, str], closing: Closing) -> Story:
    """Return the summary of a quarter."""
    begins, ends = local(report, report["begins"]), local(report, report["ends"])
    about = (
        f"统计区间：{begins} 至 {ends}（不含），{report['zone']}",
        f"数据截至：{local(report, report['as_of'])}{'' if report['is_over'] else '（本季尚未结束）'}",
        *closing_lines(report, closing),
    )
    found = (
        *_verdicts(report),
        *_overall(report, narrative),
        *_campaigns(report, narrative),
        *_routine(report, narrative),
        *_after(report, narrative),
        *_appendices(report, closing),
    )
    created = datetime.fromisoformat(report["as_of"])
    running = f"{DEMO} · {title(report)}" if report["demo"] else title(report)
    return Story(title(report), tuple(map(clean, about)), running, report["demo"], created, tuple(bounded(found)))


def closing_lines(report: Report, closing: Closing) -> tuple[str, ...]:
    """Return how far a quarter is closed, by whom and when."""
    found = [f"状态：{labels.STATES[closing.state.value]}"]
    said = [
        f"{word}：{who}，{local(report, when.isoformat())}"
        for word, who, when in (
            ("封账", closing.closed_by, closing.closed_at),
            ("确认", closing.confirmed_by, closing.confirmed_at),
        )
        if when is not None
    ]
    if said:
        found.append("；".join(said))
    if closing.digest:
        of_what = "报告" if closing.state is State.OPEN else "封账"
        found.append(f"{of_what}内容摘要（SHA-256）：{closing.digest}")
    if closing.amendments:
        found.append(f"封账后有 {len(closing.amendments)} 条更正，见文末")
    return tuple(map(clean, found))


def bounded(blocks: Iterable[Block]) -> Iterator[Block]:
    """Return blocks in which long tables are cut, and say so."""
    for block in blocks:
        if isinstance(block, Grid) and len(block.table.rows) > MOST_ROWS:
            table = block.table
            yield replace(block, table=replace(table, rows=table.rows[:MOST_ROWS]))
            said = f"这里列出前 {MOST_ROWS} 行，共 {len(table.rows)} 行；全部见同一季度的 XLSX 或 CSV 文件。"
            yield Text(said, "note", wide=block.wide)
        else:
            yield block


def _verdicts(report: Report) -> Iterator[Block]:
    yield Heading(1, "结论")
    yield Text(words.overall(report), "verdict")
    for line in report["verdicts"]:
        yield Text(clean(words.sentence(report, line)), "verdict")
        yield Text(clean(words.detail(report, line)), "note")
    yield Grid("目标与结论", tables.targets(report))
    found = words.caveats(report)
    if found:
        yield Heading(2, "使用这些数字前请知道")
        yield Points(tuple(map(clean, found)))


def _overall(report: Report, narrative: Mapping[str, str]) -> Iterator[Block]:
    yield Heading(1, "一、总体安排")
    yield from _told(narrative, "overall")
    yield Heading(2, "参与情况")
    yield from _chart(report, "person_times")
    yield Grid("参与情况", tables.attendance(report))
    for dimension in ("audience", "topic", "district"):
        if report["breakdowns"].get(dimension):
            table = tables.breakdown(report, dimension)
            yield Grid(f"{table.name}分", table)
    yield Heading(2, "认知度")
    yield from _chart(report, "awareness")
    yield Grid("讲座前后的答对率", tables.awareness(report))
    if said := attrition_words(report["awareness"]):
        yield Text(said, "note")
    if (found := tables.detection(report)).rows:
        yield Grid("辨别骗局的能力", found)
    if (found := tables.items(report)).rows:
        yield Grid("每道题的变化", found)
    if (found := tables.surveys(report)).rows:
        yield Grid("纸质问卷（另列，不并入认知度）", found)
    yield Heading(2, "满意度")
    yield from _chart(report, "satisfaction")
    yield Grid("满意度", tables.satisfaction(report))
    if None in report["satisfaction"]["levels"].values():
        yield Text("留空的等级人数太少，连同能反推出它们的等级一起隐去；不是 0。", "note")
    yield Heading(2, "与前几季比较")
    yield Grid("各季对比", tables.compared(report))
    yield Heading(2, "投诉处理与员工培训")
    if report["entries"]:
        yield Grid("人工填报的数", tables.entries(report))
    else:
        yield Text("本季还没有人填报。", "note")


def _campaigns(report: Report, narrative: Mapping[str, str]) -> Iterator[Block]:
    yield Heading(1, "二、集中教育宣传活动")
    yield from _told(narrative, "campaigns")
    if report["breakdowns"].get("campaign"):
        yield Grid("按活动分", tables.breakdown(report, "campaign"))
    yield from _activities(report, [one for one in report["ledger"] if one["campaign"]], "集中活动中的讲座")


def _routine(report: Report, narrative: Mapping[str, str]) -> Iterator[Block]:
    yield Heading(1, "三、常态化消费者教育")
    yield from _told(narrative, "routine")
    yield from _activities(report, [one for one in report["ledger"] if not one["campaign"]], "常态化讲座")
    yield Heading(2, "文章与阅读")
    yield Grid("文章和安全提示", tables.articles(report))
    if report["reading"]:
        yield Grid("按版本的阅读", tables.reading(report))
    yield Heading(2, "搜索")
    yield Grid("读者在找什么", tables.terms(report))
    if report["quizzes"]:
        yield Heading(2, "测验")
        yield Grid("测验参与", tables.quizzes(report))


def _after(report: Report, narrative: Mapping[str, str]) -> Iterator[Block]:
    yield Heading(1, "四、问题与下一步")
    yield Heading(2, "问题")
    yield from _told(narrative, "problems")
    yield Heading(2, "下一步")
    yield from _told(narrative, "plan")


def _appendices(report: Report, closing: Closing) -> Iterator[Block]:
    rows = report["ledger"]
    yield Heading(1, "附一　活动台账", wide=bool(rows))
    if rows:
        yield Grid("活动台账和凭据", _ledger(report, rows), wide=True)
        yield Text("人次、满意度留空：人数太少而隐去，或没有记录；不是 0。", "note", wide=True)
    else:
        yield Text("本季没有活动。", "note")
    yield Heading(1, "附二　方法说明")
    for name, text in words.methods(report):
        yield Text(clean(f"{name}：{text}"), "note")
    yield Heading(1, "附三　更正")
    if closing.amendments:
        said = [(local(report, one.at.isoformat()), clean(one.by), clean(one.text)) for one in closing.amendments]
        yield Grid("封账后的更正", Table("更正", ("时间", "记录人", "内容"), said))
    else:
        yield Text("没有更正。", "note")


def _told(narrative: Mapping[str, str], key: str) -> Iterator[Block]:
    lines = [line.strip() for line in clean(narrative.get(key, "")).splitlines()]
    found = [line for line in lines if line]
    if found:
        yield from (Text(line) for line in found)
    else:
        yield Text(f"（待填写：{PLACES[key]}）", "place")


def _activities(report: Report, rows: list[Activity], caption: str) -> Iterator[Block]:
    if rows:
        whole = _ledger(report, rows)
        kept = [whole.head.index(one) for one in ("日期", "活动", "受众", "网点", "人次", "满意度", "有效答卷")]
        short = [tuple(row[at] for at in kept) for row in whole.rows]
        yield Grid(caption, Table(caption, tuple(whole.head[at] for at in kept), short))
    else:
        yield Text(f"本季没有{caption}。", "note")


def _ledger(report: Report, rows: list[Activity]) -> Table:
    return tables.ledger(rows, named=lambda dimension, key: words.part_label(report, dimension, key))


def _chart(report: Report, measure: str) -> Iterator[Block]:
    from portal.metrics.services.exporting import pictures  # noqa: PLC0415  # it loads Pillow

    made = pictures.measure(report, measure)
    if made is not None:
        yield Picture(f"{words.label(labels.MEASURES, measure)}，按季度", *made)
