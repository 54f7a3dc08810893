"""What keys of a report are called."""

from __future__ import annotations

from collections.abc import Mapping

from portal.metrics.rules.report import Part, Report

MEASURES = {
    "lectures": "金融知识讲座场次",
    "person_times": "讲座参与人次",
    "awareness": "认知度",
    "satisfaction": "满意度",
    "tips": "金融安全提示",
    "complaints_24h": "投诉 24 小时处理率",
    "training": "员工培训参与率",
}
VERDICTS = {
    "met": "达标",
    "above_not_confirmed": "高于目标，未确认",
    "not_met": "未达标",
    "too_few": "样本不足",
    "not_known": "没有数据",
}
ANSWERS = {
    "awareness": "对配对答卷",
    "satisfaction": "份有效答卷",
    "complaints_24h": "件投诉",
    "training": "名员工",
}
"""What a share is a share of."""
ATTENDANCE = {
    "lectures": "举办讲座（场）",
    "called_off": "取消的讲座（场）",
    "registrations": "报名（份）",
    "registered": "个人报名座位",
    "registered_groups": "团体报名座位",
    "registered_online": "线上报名",
    "person_times": "参与人次",
    "by_code": "其中：凭报名签到",
    "by_group": "其中：团体签到",
    "walk_in": "其中：现场加入",
    "tally": "只清点人数（不计入人次）",
    "online": "线上观看（另计，不计入人次）",
    "no_shows": "个人报名未到",
    "no_shows_groups": "团体报名未到",
    "no_shows_online": "线上报名未到",
    "people_at_least": "人数（至少）",
    "people_at_most": "人数（至多）",
    "waiting": "候补未轮到",
    "cancelled": "主动取消",
}
"""In the order in which they are shown."""
ARTICLES = {
    "published": "新发布的文章",
    "reviewed": "复核过的文章",
    "overdue": "逾期未复核的文章",
    "tips": "发布的金融安全提示",
}
DIMENSIONS = {"audience": "受众", "topic": "主题", "district": "地区", "campaign": "活动"}
AUDIENCES = {"general": "普适版", "elderly": "老年人版", "youth": "青少年版", "new-resident": "新市民版"}
LOCALES = {"zh-Hans": "简体中文", "zh-Hant": "繁体中文", "en": "英文"}
MODES = {"in-person": "现场", "online": "线上", "hybrid": "现场加线上"}
LEVELS = {"5": "非常满意", "4": "满意", "3": "一般", "2": "不满意", "1": "非常不满意"}
EVIDENCE = {
    "check_ins": "签到记录",
    "paper_sheets": "纸质签到表",
    "meeting_list": "线上会议名单",
    "feedback": "满意度答卷",
    "seat_cards": "座位卡答卷",
}
UNITS = {
    "count": "个",
    "share": "占比",
    "relative": "相对提升",
    "pp": "百分点",
    "gain": "归一化增益",
}
COUNTED = {"lectures": "场", "person_times": "人次", "tips": "条"}
"""What a count counts, after its number."""
STATES = {"open": "未封账，数字还会变", "closed": "已封账，待另一人确认", "confirmed": "已封账，已确认"}
QUARTERS = ("一", "二", "三", "四")


def label(words: Mapping[str, str], key: str) -> str:
    """Return the word for a key, or the key itself where there is none."""
    return words.get(key, key)


def part_label(report: Report, dimension: str, key: str) -> str:
    """Return what a row of a breakdown is called, for the ledger that knows its key only."""
    rows: list[Part] = report["breakdowns"].get(dimension, [])
    known = next((one["label"] for one in rows if one["key"] == key), "")
    return known or (label(AUDIENCES, key) if dimension == "audience" else key)


def quarter_name(quarter: str) -> str:
    """Return a quarter as people say it: 2026 年第三季度."""
    year, _, number = quarter.partition("Q")
    return f"{year} 年第{QUARTERS[int(number) - 1]}季度" if number in {"1", "2", "3", "4"} else quarter
