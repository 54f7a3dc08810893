"""One sentence for each target first; then the number with its interval, what it stands on, and the target."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import isnan

from portal.metrics.rules.report import Report, VerdictLine
from portal.metrics.rules.targets import ENTERED
from portal.metrics.rules.verdicts import CEILING, CEILING_GAIN, CLOSE
from portal.metrics.rules.words.figures import interval_words, number, plain_share, points, share
from portal.metrics.rules.words.labels import ANSWERS, COUNTED, MEASURES, VERDICTS, label, quarter_name

_LEAD = {"relative": "相对提升", "pp": "提升", "gain": "归一化增益"}
"""What of awareness is asked for, before its number."""
_OF = {unit: f"的{words}" for unit, words in _LEAD.items()}
_ENTERED = frozenset(one.value for one in ENTERED)


@dataclass(frozen=True, slots=True)
class Judged:
    """What a verdict was reached by: of awareness another unit may have been judged than was set."""

    value: float | None
    low: float | None
    high: float | None
    target: float
    unit: str


def judged(report: Report, line: VerdictLine) -> Judged:
    """Return by what a target was judged."""
    own = Judged(line["value"], line["low"], line["high"], line["target"], line["unit"])
    chosen = report["awareness"].get("target") if line["measure"] == "awareness" else None
    if not chosen or chosen["unit"] == line["unit"]:
        return own
    unit = chosen["unit"]
    found = report["awareness"].get("difference_pp" if unit == "pp" else unit) or {}
    value, low, high = (found.get(one) for one in ("value", "low", "high"))
    if unit == "pp":
        value, low, high = (None if one is None else one / 100 for one in (value, low, high))
    return Judged(value, low, high, chosen["value"], unit)


def sentence(report: Report, line: VerdictLine) -> str:
    """Return what is to be said of a target in one sentence."""
    by = judged(report, line)
    subject, aim = f"{label(MEASURES, line['measure'])}{_OF.get(by.unit, '')}", _target(line["measure"], by)
    verdict = line["verdict"]
    if verdict == "met":
        sure = "，连 95% 区间的下限也到了" if by.low is not None else ""
        return f"{subject}达标：不低于 {aim}{sure}。"
    if verdict == "above_not_confirmed":
        over = by.value is not None and by.value > by.target + CLOSE
        return f"{subject}{'高于' if over else '刚到'} {aim}，但样本还不够多，不能确认达标。"
    if verdict == "too_few":
        return f"{label(MEASURES, line['measure'])}：样本不足，不作判断。"
    if verdict == "not_met":
        return f"{subject}{'没有达到' if report['is_over'] else '到目前还没有达到'} {aim}。"
    if verdict == "not_known":
        return f"{subject}：本季{'还没有人填报' if line['measure'] in _ENTERED else '还没有数据'}。"
    return f"{subject}：{label(VERDICTS, verdict)}。"


def detail(report: Report, line: VerdictLine) -> str:
    """Return the number with its interval, what it stands on, and the target with its rule."""
    by = judged(report, line)
    parts = []
    if by.value is not None:
        said = _said(line["measure"], by)
        value = said(by.value)
        if by.low is not None and by.high is not None:
            value += f"（{interval_words(said(by.low), said(by.high))}）"
        lead = _LEAD.get(by.unit, "")
        parts.append(f"{lead} {value}" if lead else value)
    if line["n"] is not None:
        parts.append(f"{number(line['n'])} {label(ANSWERS, line['measure'])}")
    parts.append(f"目标：{target_words(line)}")
    return "；".join(parts) + "。" + rule(report, line)


def target_words(line: VerdictLine) -> str:
    """Return a target with its unit: 不低于 90%, 相对提升不低于 20%."""
    by = Judged(None, None, None, line["target"], line["unit"])
    return f"{_LEAD.get(line['unit'], '')}不低于 {_target(line['measure'], by)}"


def rule(report: Report, line: VerdictLine) -> str:
    """Return how a target is judged, from when on it holds and who set it."""
    by = judged(report, line)
    said = []
    if by.unit != line["unit"]:
        if by.unit == "gain":
            before, gain = plain_share(CEILING), plain_share(CEILING_GAIN)
            said.append(f"讲座前已高于 {before}，相对目标无从判断，改按归一化增益不低于 {gain} 判断")
        else:
            said.append("讲座前没有人答对，无从计算相对提升，改按百分点判断")
    if line["least"] is not None:
        said.append(f"少于 {line['least']} {'对' if line['measure'] == 'awareness' else '份'}不作判断")
        said.append("整个 95% 区间都不低于目标才算达标")
    elif line["measure"] in _ENTERED:
        said.append("由人填报，全数统计，按数判断")
    else:
        said.append("全数统计，没有区间，按数判断")
    if line["set_by"]:
        since = f"自 {quarter_name(line['since'])}起" if line["since"] else ""
        said.append(f"目标{since}由{line['set_by']}设定")
    return "；".join(said) + "。"


def overall(report: Report) -> str:
    """Return the report in one sentence: how many targets came to what."""
    counts = Counter(line["verdict"] for line in report["verdicts"])
    parts = [f"{counts[key]} 项{words}" for key, words in VERDICTS.items() if counts[key]]
    lead = "" if report["is_over"] else "到目前为止，"
    return f"{lead}{len(report['verdicts'])} 项目标中，{'；'.join(parts)}。" if parts else "没有设定目标。"


def said_by(measure: str, unit: str) -> Callable[[float | None], str]:
    """Return how values of a measure are written, for tables and charts."""
    return _said(measure, Judged(None, None, None, float("nan"), unit))


def _said(measure: str, by: Judged) -> Callable[[float | None], str]:
    # A target that is not a number is no target: there is nothing to stay on a side of.
    against = None if isnan(by.target) else by.target
    if by.unit == "count":
        unit = COUNTED.get(measure, "")
        return lambda value: f"{number(value)} {unit}".rstrip()
    if by.unit == "pp":
        return partial(points, against=against)
    if by.unit == "gain":
        return partial(share, against=against)
    return partial(share, against=against, sign=by.unit == "relative")


def _target(measure: str, by: Judged) -> str:
    if by.unit == "count":
        return f"{number(by.target)} {COUNTED.get(measure, '')}".rstrip()
    said = plain_share(by.target)
    return f"{said[:-1]} 个百分点" if by.unit == "pp" else said
