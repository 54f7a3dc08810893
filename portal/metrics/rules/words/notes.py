"""How each figure is made, and what its reader has to know."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from portal.metrics.rules.report import Report
from portal.metrics.rules.uplift import FEW_LECTURES, LOW_SHARE
from portal.metrics.rules.verdicts import CEILING, CEILING_GAIN
from portal.metrics.rules.words.figures import number, plain_share, share
from portal.metrics.rules.words.labels import quarter_name

CAVEATS = {
    "no_control": "没有问讲座未讲的题：提升里可能有一部分只是因为同样的题问了两遍。",
    "retest": "讲座没讲的题答对率也升了：请看扣除这一部分后的净提升。",
    "attrition": f"讲座前作答的人里，讲座后再次作答的不到 {plain_share(LOW_SHARE)}：留下的人可能和离开的人不一样。",
    "unlike": "前后都作答的人和只作答一次的人，讲座前的水平不同：结果不能推到所有听众。",
    "ceiling": f"讲座前答对率已高于 {plain_share(CEILING)}，相对提升无从判断，"
    f"改按归一化增益（目标 {plain_share(CEILING_GAIN)}）判断。",
    "one_lecture": "配对答卷来自一场讲座，或没有记下是哪一场：区间里不含讲座之间的差别。",
    "few_lectures": f"配对答卷来自不到 {FEW_LECTURES} 场讲座：讲座之间的差别只能粗略估计，区间可能偏窄。",
    "unlinked": "没有座位卡编号的答卷无法配对，不计入认知度。",
}


def caveats(report: Report) -> list[str]:
    """Return what a reader has to know before using the figures, the weightiest first."""
    found = []
    if report["demo"]:
        found.append("本报告是演示数据，不是真实统计。")
    if not report["is_over"]:
        found.append(f"本季尚未结束：数字截至 {local(report, report['as_of'])}，还会变。")
    codes: list[str] = []
    for line in report["verdicts"]:
        codes += [one for one in line["caveats"] if one not in codes]
    codes += [one for one in report["awareness"].get("warnings", []) if one not in codes]
    found += [CAVEATS.get(one, one) for one in codes]
    mixed = report["awareness"].get("mixed") or 0
    if mixed:
        found.append(f"有 {number(mixed)} 对答卷前后用的测验版本不同，不可比较，没有计入。")
    if any(one["hidden"] for rows in report["breakdowns"].values() for one in rows):
        found.append("分项表里有少于 5 人的格子：它们连同能反推出它们的格子一起隐去，各行之和因此小于合计。")
    there = report["attendance"]
    if there["tally"]:
        found.append(f"另有 {number(there['tally'])} 人只清点了人数，没有签到凭据，不计入人次。")
    return found


def methods(report: Report) -> list[tuple[str, str]]:
    """Return the definitions behind the figures: what is defined, and how."""
    awareness = report["awareness"]
    return [
        (
            "季度",
            f"{quarter_name(report['quarter'])}按 {report['zone']} 的自然季度计：自 "
            f"{local(report, report['begins'])} 起，至 {local(report, report['ends'])} 止，"
            "起点计入，终点不计入。讲座按开始时间归入季度。",
        ),
        (
            "人次",
            "参与人次是经核实的签到之和，每人每场记一次：凭报名签到、团体签到和现场加入三类相加。"
            "报名、候补、页面浏览都不算。线上观看单列，只清点的人数单列，都不并入人次。",
        ),
        (
            "人数",
            "人数是去掉重复后的人。同一联系方式报名两次的人可以认出，别的人认不出，所以给出至少和至多两个数。",
        ),
        ("未到", "报名而没有签到的座位；主动取消的不算未到。"),
        (
            "认知度",
            "讲座前后各答一次题，用座位卡上的匿名编号把同一人的两次作答配成对，只用配成对的答卷。"
            "相对提升 = 讲座后平均答对率 ÷ 讲座前平均答对率 - 1；百分点差 = 两者之差；"
            "归一化增益 = 提升的部分 ÷ 讲座前还差的部分。没有编号的答卷按互不相干的两组人另算，从不混入。",
        ),
        *(
            [
                (
                    "纸质问卷",
                    "纸质问卷由人录成表格上传，原表封存。每份问卷单独配对、单独判断，用的题和座位卡不同，所以不并入认知度。",
                )
            ]
            if report.get("surveys")
            else []
        ),
        ("满意度", "五个等级中“非常满意”和“满意”两级的人数 ÷ 有效答卷数。"),
        (
            "区间",
            f"区间都是 95% 区间。满意度用 Wilson 区间；百分点差用配对 t 区间，相对提升用比值对数的 t 区间，"
            f"归一化增益用 Fieller 区间；每题的变化用 Newcombe 配对区间，显著性用 McNemar 精确检验。"
            f"{_drawn(awareness)}",
        ),
        (
            "判断",
            "抽样得来的数按整个区间判断：区间下限不低于目标才算达标；只有点估计到了，算“高于目标，未确认”。"
            "全数统计的数没有区间，按数判断。样本少于规定的最少数，不给数字，只说样本不足。没有写明设定人的目标是系统自带的。",
        ),
        (
            "隐去",
            "分项表中少于 5 人的格子不显示；若能用合计减出它们，再隐去一个格子。隐去的格子留空，不是 0。",
        ),
        (
            "阅读",
            "阅读和读完按版本计数，不用 Cookie，不识别身份：每天换一次随机数来认出同一天的重复打开，午夜销毁；"
            "爬虫不计。所以跨天的同一人会重复计数，阅读次数不是人数。",
        ),
        ("搜索", "记搜索词和有没有结果，不记是谁搜的；搜的次数少于 5 的词不显示。"),
        (
            "填报",
            "投诉处理和员工培训等数由人填报，写明来源、签字人、填报人和时间，系统不核算。",
        ),
        (
            "依据",
            f"定义版本 {report['definitions']}，格式版本 {report['format']}；"
            f"数字截至 {local(report, report['as_of'])}；原始数据摘要 {report['inputs'].get('digest', '-')}。",
        ),
    ]


def local(report: Report, moment: str, *, with_time: bool = True) -> str:
    """Return a moment on the clocks of the report's zone: 2026-10-09 09:30."""
    at = datetime.fromisoformat(moment)
    if at.tzinfo is not None:
        at = at.astimezone(ZoneInfo(report["zone"]))
    return at.strftime("%Y-%m-%d %H:%M" if with_time else "%Y-%m-%d")


def attrition_words(awareness: dict[str, Any]) -> str:
    """Return how many of those who answered before did so after, in words."""
    found = awareness.get("attrition") or {}
    if found.get("matched_share") is None:
        return ""
    kept, lost = found.get("kept_pre_percent"), found.get("lost_pre_percent")
    said = f"讲座前作答的人里，{share(found['matched_share'])} 讲座后也作答"
    if kept is not None and lost is not None:
        said += f"；讲座前的答对率，留下的人 {share(kept / 100)}，离开的人 {share(lost / 100)}"
    return said + "。"


def _drawn(awareness: dict[str, Any]) -> str:
    found = awareness.get("lectures")
    if not found:
        return ""
    return (
        f"配对答卷来自 {found['count']} 场讲座：再把整场讲座有放回地抽 {number(found['rounds'])} 次"
        f"（随机种子 {found['seed']}），取两种区间合起来最宽的范围。"
    )
