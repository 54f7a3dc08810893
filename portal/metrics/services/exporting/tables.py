"""The tables of a report: spreadsheets and documents show the same rows, so that they agree."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from portal.metrics.rules import words
from portal.metrics.rules.report import Activity, Report
from portal.metrics.rules.words import labels
from portal.metrics.rules.words.labels import label
from portal.metrics.rules.words.notes import local

HIDDEN = "隐去"
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Number(NamedTuple):
    """A number and how it is written; None leaves its cell empty."""

    value: float | None
    form: str = "count"
    """`count`, `share` (of 1, shown in percent), `rise` (with its sign), `percent` (of 100), `pp`, `p`, `money`."""

    def __str__(self) -> str:
        if self.value is None:
            return ""
        write = _WRITTEN[self.form]
        return write(self.value)


_WRITTEN: dict[str, Callable[[float], str]] = {
    "count": words.number,
    "share": words.share,
    "percent": lambda value: f"{value:.1f}%",
    "pp": lambda value: f"{value:+.1f}",
    "rise": lambda value: words.share(value, sign=True),
    "p": lambda value: "<0.0001" if value < 0.0001 else f"{value:.4f}",
    "money": lambda value: f"{value:,.2f}",
}

Cell = str | Number
Row = Sequence[Cell]


@dataclass(frozen=True, slots=True)
class Table:
    """A table with the names of its columns."""

    name: str
    """Of a sheet: at most 31 characters."""
    head: tuple[str, ...]
    rows: Sequence[Row]


def clean(text: str) -> str:
    """Return a text without the characters that no XML may hold."""
    return _UNFIT.sub("", text)


def targets(report: Report) -> Table:
    """Return the targets and what came of them."""
    rows: list[Row] = []
    for line in report["verdicts"]:
        by = words.judged(report, line)
        rows.append(
            (
                label(labels.MEASURES, line["measure"]),
                *(figure(one, by.unit) for one in (by.value, by.low, by.high)),
                Number(line["n"]),
                clean(words.target_words(line)),
                label(labels.VERDICTS, line["verdict"]),
            )
        )
    return Table("目标与结论", ("指标", "本季", "95% 下限", "95% 上限", "样本", "目标", "结论"), rows)


def attendance(report: Report) -> Table:
    """Return who was there, each kind apart."""
    there: Mapping[str, Any] = report["attendance"]
    rows = [(words, Number(there[key])) for key, words in labels.ATTENDANCE.items() if key in there]
    return Table("参与情况", ("项目", "数量"), rows)


def breakdown(report: Report, dimension: str) -> Table:
    """Return one breakdown; of hidden rows the figures stay empty."""
    rows = [
        (
            clean(one["label"]),
            Number(one["lectures"]),
            Number(None if one["hidden"] else one["person_times"]),
            Number(None if one["hidden"] else one["answers"]),
            Number(None if one["hidden"] else one["share"]["value"], "share"),
            Number(None if one["hidden"] else one["share"]["low"], "share"),
            Number(None if one["hidden"] else one["share"]["high"], "share"),
            HIDDEN if one["hidden"] else "",
        )
        for one in report["breakdowns"].get(dimension, [])
    ]
    name = label(labels.DIMENSIONS, dimension)
    head = (name, "场次", "人次", "有效答卷", "满意度", "95% 下限", "95% 上限", "备注")
    return Table(f"按{name}", head, rows)


def satisfaction(report: Report) -> Table:
    """Return the levels of satisfaction."""
    found = report["satisfaction"]
    rows: list[Row] = [(words, Number(found["levels"].get(key))) for key, words in labels.LEVELS.items()]
    rows += [("有效答卷", Number(found["n"])), ("非常满意和满意", Number(found["satisfied"]))]
    share = found["share"]
    bounds = (("满意度", share["value"]), ("95% 下限", share["low"]), ("95% 上限", share["high"]))
    rows += [(name, Number(value, "share")) for name, value in bounds]
    return Table("满意度", ("项目", "数量"), rows)


def awareness(report: Report) -> Table:
    """Return what people knew before and after, the follow-up beside."""
    first: dict[str, Any] = report["awareness"]
    later: dict[str, Any] = first.get("follow_up") or {}
    rows: list[Row] = []
    for path, name, form in (
        ("n_pre", "讲座前答卷", "count"),
        ("n_post", "讲座后答卷", "count"),
        ("n_matched", "配成对的答卷", "count"),
        ("pre_percent", "讲座前平均答对率", "percent"),
        ("post_percent", "讲座后平均答对率", "percent"),
        ("difference_pp", "提升（百分点）", "pp"),
        ("relative", "相对提升", "rise"),
        ("gain", "归一化增益", "share"),
        ("control_pp", "没讲的题的变化（百分点）", "pp"),
        ("net_pp", "净提升（百分点）", "pp"),
        ("attrition.matched_share", "讲座前作答的人里讲座后也作答", "share"),
        ("attrition.kept_pre_percent", "前后都作答的人讲座前答对率", "percent"),
        ("attrition.lost_pre_percent", "只在讲座前作答的人答对率", "percent"),
        ("attrition.difference_pp", "两者之差（百分点）", "pp"),
        ("unlinked.n_pre", "没有编号的讲座前答卷（另算）", "count"),
        ("unlinked.n_post", "没有编号的讲座后答卷（另算）", "count"),
        ("unlinked.difference_pp", "没有编号的答卷前后之差（百分点）", "pp"),
    ):
        cells = [_cells(inner(one, path), form) for one in (first, later)]
        if later:
            rows.append((name, *cells[0], cells[1][0], cells[1][1], cells[1][2]))
        else:
            rows.append((name, *cells[0]))
    head = ("项目", "本季", "95% 下限", "95% 上限")
    return Table("认知度", (*head, "30 天后", "30 天后下限", "30 天后上限") if later else head, rows)


def surveys(report: Report) -> Table:
    """Return what the surveys on paper came to."""
    rows: list[Row] = [
        (
            clean(one["name"]),
            Number(one["found"]["n_matched"]),
            Number(one["found"]["pre_percent"], "percent"),
            Number(one["found"]["post_percent"], "percent"),
            *_cells(one["found"]["difference_pp"], "pp"),
            *_cells(one["found"]["relative"], "rise"),
            label(labels.VERDICTS, one["found"]["verdict"]),
            clean(one["signer"]),
        )
        for one in report.get("surveys", [])
    ]
    head = ("纸质问卷", "对数", "前测", "后测", "提升（百分点）", "95% 下限", "95% 上限")
    return Table("纸质问卷", (*head, "相对提升", "95% 下限", "95% 上限", "结论", "签字人"), rows)


def detection(report: Report) -> Table:
    """Return how scams were told from what is genuine."""
    found: dict[str, Any] = report["awareness"].get("detection") or {}
    rows: list[Row] = []
    for key, name in (("pre", "讲座前"), ("post", "讲座后")):
        one = found.get(key) or {}
        if one:
            rates = (Number(one.get(rate), "share") for rate in ("hit_rate", "false_alarm_rate"))
            rows.append((name, *rates, Number(one.get("scams")), Number(one.get("genuine"))))
    return Table("辨别骗局", ("时间", "认出骗局", "错认为骗局", "骗局题", "真实情形题"), rows)


def items(report: Report) -> Table:
    """Return how the answers to each question changed."""
    rows = [
        (
            clean(str(one["item"])),
            Number(one["n"]),
            Number(one["right_both"]),
            Number(one["gained"]),
            Number(one["lost"]),
            Number(one["wrong_both"]),
            *_cells(one["change_pp"], "pp"),
            Number(one["mcnemar_p"], "p"),
        )
        for one in report["awareness"].get("items") or []
    ]
    head = ("题目", "对数", "都对", "错变对", "对变错", "都错", "变化（百分点）", "95% 下限", "95% 上限", "McNemar p")
    return Table("逐题变化", head, rows)


def series(report: Report) -> Table:
    """Return every measure quarter by quarter."""
    units = {line["measure"]: words.judged(report, line).unit for line in report["verdicts"]}
    rows: list[Row] = []
    for measure, found in report["series"].items():
        unit = units.get(measure, "count")
        for one in found:
            figures = (figure(value, unit) for value in (one["value"], one["low"], one["high"]))
            rows.append((label(labels.MEASURES, measure), one["quarter"], *figures, Number(one["n"])))
    return Table("各季对比", ("指标", "季度", "数值", "95% 下限", "95% 上限", "样本"), rows)


def compared(report: Report) -> Table:
    """Return the measures side by side: a row a measure, a column a quarter; for documents, which are narrow."""
    quarters = sorted({one["quarter"] for found in report["series"].values() for one in found})
    units = {line["measure"]: words.judged(report, line).unit for line in report["verdicts"]}
    rows: list[Row] = []
    for measure, found in report["series"].items():
        values = {one["quarter"]: one["value"] for one in found}
        figures = (figure(values.get(one), units.get(measure, "count")) for one in quarters)
        rows.append((label(labels.MEASURES, measure), *figures))
    return Table("各季对比", ("指标", *quarters), rows)


def articles(report: Report) -> Table:
    """Return what was published and reviewed."""
    rows = [(words, Number(report["articles"].get(key))) for key, words in labels.ARTICLES.items()]
    return Table("文章", ("项目", "数量"), rows)


def reading(report: Report) -> Table:
    """Return how often each edition was read."""
    rows = [
        (
            label(labels.AUDIENCES, one["audience"]),
            label(labels.LOCALES, one["locale"]),
            Number(one["reads"]),
            Number(one["completions"]),
            Number(one["helpful_yes"]),
            Number(one["helpful_no"]),
        )
        for one in report["reading"]
    ]
    return Table("阅读", ("版本", "语言", "阅读", "读完", "有帮助", "没帮助"), rows)


def terms(report: Report) -> Table:
    """Return what was searched for."""
    found = report["search"]
    rows: list[Row] = [
        ("全部搜索", "", Number(found.get("searches"))),
        ("没有结果的搜索", "", Number(found.get("nothing"))),
    ]
    rows += [("搜索词", clean(one["term"]), Number(one["times"])) for one in found.get("terms", [])]
    rows += [("没有结果的词", clean(one["term"]), Number(one["times"])) for one in found.get("nothing_terms", [])]
    return Table("搜索", ("项目", "词", "次数"), rows)


def quizzes(report: Report) -> Table:
    """Return how quizzes were taken."""
    rows = [
        (
            clean(one["title"]),
            Number(one["finished"]),
            Number(one["passed"]),
            Number(one["mean_percent"], "percent"),
            HIDDEN if one["finished"] is None else "",
        )
        for one in report["quizzes"]
    ]
    return Table("测验", ("测验", "完成", "及格", "平均得分率", "备注"), rows)


def entries(report: Report) -> Table:
    """Return the figures that people entered."""
    rows: list[Row] = []
    for one in report["entries"]:
        below = one["denominator"]
        share = one["numerator"] / below if below else None
        rows.append(
            (
                label(labels.MEASURES, one["measure"]),
                Number(one["numerator"]),
                Number(below),
                Number(share, "share"),
                clean(one["source"]),
                clean(one["signer"]),
                clean(one["entered_by"]),
                local(report, one["entered_at"]),
            )
        )
    return Table("人工填报", ("指标", "分子", "分母", "占比", "来源", "签字人", "填报人", "填报时间"), rows)


LEDGER_HEAD = (
    "日期", "活动", "受众", "主题", "地区", "网点", "集中活动", "形式", "人次", "线上", "满意度", "有效答卷",
    "发放资料", "费用（元）", "凭据", "编号",
)  # fmt: skip


def ledger(rows: Sequence[Activity], *, named: Callable[[str, str], str] = lambda _dimension, key: key) -> Table:
    """Return the ledger of activities (活动台账).

    Args:
        named: what a key of a dimension is called.
    """
    found: list[Row] = [
        (
            clean(one["starts_at"].replace("T", " ")),
            clean(one["title"]),
            clean(label(labels.AUDIENCES, one["audience"])),
            clean(named("topic", one["topic"])),
            clean(named("district", one["district"])),
            clean(one["branch"]),
            clean(named("campaign", one["campaign"])) if one["campaign"] else "",
            label(labels.MODES, one["mode"]),
            Number(one["person_times"]),
            Number(one["online"]),
            Number(one["satisfied_percent"], "percent"),
            Number(one["answers"]),
            Number(one["materials"]),
            Number(None if one["cost_cents"] is None else one["cost_cents"] / 100, "money"),
            "、".join(label(labels.EVIDENCE, kind) for kind in one["evidence"]),
            clean(one["slug"]),
        )
        for one in rows
    ]
    return Table("活动台账", LEDGER_HEAD, found)


def inner(found: Mapping[str, Any], path: str) -> Any:
    """Return what stands under a key, or under `key.key`; None where there is nothing."""
    key, dot, rest = path.partition(".")
    value = found.get(key)
    return value if not dot else inner(value or {}, rest)


def figure(value: float | None, unit: str) -> Number:
    """Return a value in the unit of its target."""
    if unit == "pp":
        return Number(None if value is None else 100 * value, "pp")
    return Number(value, {"relative": "rise", "gain": "share", "share": "share"}.get(unit, "count"))


def _cells(found: Any, form: str) -> tuple[Number, Number, Number]:
    if isinstance(found, dict):
        return Number(found.get("value"), form), Number(found.get("low"), form), Number(found.get("high"), form)
    return Number(found, form), Number(None, form), Number(None, form)
