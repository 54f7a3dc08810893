"""A whole quarter's report as one looks: invented, and every number agrees with the others."""

from __future__ import annotations

import copy
import random
from functools import cache
from typing import Any, cast

from portal.events.rules.satisfaction import wilson
from portal.metrics.rules import uplift as rules
from portal.metrics.rules.report import DEFINITIONS, FORMAT, Activity, Interval, Part, Point, Report, VerdictLine
from portal.metrics.rules.targets import DEFAULTS, Measure, Target
from portal.metrics.rules.uplift import Person, Uplift
from portal.metrics.rules.uplift_json import to_json
from portal.metrics.rules.verdicts import LEAST, judge_count

PAIRS = 126
QUARTERS = ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3")


def sample(**changes: Any) -> Report:
    """Return the report of 2026Q3, a copy of one's own; `changes` replace whole keys of it."""
    return cast(Report, {**copy.deepcopy(_sample()), **changes})


@cache
def _sample() -> Report:
    lectures = _lectures()
    found, late = _awareness(rules.SEED, PAIRS), _awareness(7, 41)
    awareness = {
        **to_json(found, least=LEAST),
        "follow_up": to_json(late, least=LEAST),
        "mixed": 3,
        "detection": {
            "pre": {"hit_rate": 0.71, "false_alarm_rate": 0.34, "scams": 4, "genuine": 2},
            "post": {"hit_rate": 0.89, "false_alarm_rate": 0.27, "scams": 4, "genuine": 2},
        },
    }
    return {
        "format": FORMAT,
        "definitions": DEFINITIONS,
        "quarter": "2026Q3",
        "zone": "Asia/Shanghai",
        "begins": "2026-06-30T16:00:00+00:00",
        "ends": "2026-09-30T16:00:00+00:00",
        "as_of": "2026-10-09T01:30:00+00:00",
        "is_over": True,
        "demo": False,
        "verdicts": _verdicts(found),
        "attendance": {
            "lectures": 5,
            "called_off": 1,
            "registrations": 214,
            "registered": 205,
            "registered_groups": 70,
            "registered_online": 40,
            "person_times": 268,
            "by_code": 171,
            "by_group": 62,
            "walk_in": 35,
            "tally": 12,
            "online": 33,
            "no_shows": 34,
            "no_shows_groups": 8,
            "no_shows_online": 7,
            "people_at_least": 231,
            "people_at_most": 268,
            "waiting": 6,
            "cancelled": 19,
        },
        "breakdowns": {
            "audience": [
                _part("elderly", "老年人版", lectures, 0, 3),
                _part("youth", "青少年版", lectures, 2),
                _part("new-resident", "新市民版", lectures, 1, hidden=True),
                _part("general", "普适版", lectures, 4, hidden=True),
            ],
            "topic": [
                _part("fraud", "防诈骗", lectures, 0, 3),
                _part("wise-investing", "理性投资", lectures, 2),
                _part("illegal-fundraising", "远离非法集资", lectures, 1, hidden=True),
                _part("personal-data", "个人信息保护", lectures, 4, hidden=True),
            ],
            "district": [
                _part("gulou", "鼓楼区", lectures, 0, 3),
                _part("xuanwu", "玄武区", lectures, 2),
                _part("jiangning", "江宁区", lectures, 1, hidden=True),
                _part("pukou", "浦口区", lectures, 4, hidden=True),
            ],
            "campaign": [
                _part("", "常态化（不属于集中活动）", lectures, 0, 1, 4),
                _part("2026-september", "金融教育宣传周", lectures, 2, 3),
            ],
        },
        "satisfaction": {
            "n": 196,
            "satisfied": 182,
            "share": _share(182, 196),
            "levels": {"5": 121, "4": 61, "3": None, "2": None, "1": None},
        },
        "awareness": awareness,
        "articles": {"published": 7, "reviewed": 12, "overdue": 2, "tips": 2},
        "reading": [
            {"audience": "general", "locale": "zh-Hans", "reads": 4210, "completions": 1894, "helpful_yes": 133,
             "helpful_no": 12},
            {"audience": "elderly", "locale": "zh-Hans", "reads": 2655, "completions": 1487, "helpful_yes": 97,
             "helpful_no": 6},
            {"audience": "youth", "locale": "zh-Hans", "reads": 988, "completions": 301, "helpful_yes": 22,
             "helpful_no": 7},
            {"audience": "new-resident", "locale": "zh-Hans", "reads": 1377, "completions": 640, "helpful_yes": 41,
             "helpful_no": 5},
            {"audience": "general", "locale": "en", "reads": 96, "completions": 31, "helpful_yes": 2, "helpful_no": 0},
        ],
        "search": {
            "searches": 1643,
            "nothing": 87,
            "terms": [
                {"term": "养老骗局", "times": 141},
                {"term": "验证码", "times": 118},
                {"term": "刷单", "times": 76},
            ],
            "nothing_terms": [{"term": "数字人民币钱包", "times": 19}, {"term": "社保卡挂失", "times": 11}],
        },
        "quizzes": [
            {"slug": "scam-basics", "title": "识别骗局", "finished": 366, "passed": 291,
             "mean_percent": 76.4},
            {"slug": "invest-basics", "title": "理性投资", "finished": None, "passed": None,
             "mean_percent": None},
        ],
        "entries": [
            {"measure": "complaints_24h", "numerator": 41, "denominator": 43, "source": "投诉系统 2026 年三季度导出",
             "signer": "周敏", "entered_by": "林岚", "entered_at": "2026-10-08T02:10:00+00:00"},
            {"measure": "training", "numerator": 118, "denominator": 118, "source": "培训系统签到表",
             "signer": "周敏", "entered_by": "林岚", "entered_at": "2026-10-08T02:14:00+00:00"},
        ],
        "ledger": lectures,
        "series": _series(found),
        "inputs": {
            "digest": "5f0c6d1e" * 8,
            "counts": {"lectures": 6, "registrations": 214, "check_ins": 268, "feedback": 196, "answers": 314},
        },
    }  # fmt: skip


def _lectures() -> list[Activity]:
    """Return five lectures; of two nothing is told: in one of them were four people."""
    proof = ["check_ins", "feedback", "seat_cards"]
    rows = (
        ("2026-07-scams", "守住养老钱：识别常见骗局", "2026-07-14T09:30", "elderly", "fraud", "gulou", "鼓楼支行", "",
         "in-person", 76, 0, 52, 55, 90, 68000, [*proof, "paper_sheets"]),
        ("2026-08-fundraising", "远离非法集资", "2026-08-08T14:00", "new-resident", "illegal-fundraising", "jiangning",
         "江宁支行", "", "in-person", None, None, None, None, 60, None, ["check_ins", "feedback"]),
        ("2026-09-investing", "先弄懂，再投资", "2026-09-15T14:00", "youth", "wise-investing", "xuanwu", "玄武支行",
         "2026-september", "hybrid", 78, 33, 53, 57, 80, 52000, [*proof, "meeting_list"]),
        ("2026-09-remote", "屏幕共享里的陷阱", "2026-09-18T09:30", "elderly", "fraud", "gulou", "鼓楼支行",
         "2026-september", "in-person", 58, 0, 38, 41, 70, 31050, proof),
        ("2026-09-data", "个人信息怎么护", "2026-09-26T10:00", "general", "personal-data", "pukou", "浦口支行", "",
         "in-person", None, None, None, None, 20, None, ["check_ins"]),
    )  # fmt: skip
    return [
        {
            "slug": slug, "title": title, "starts_at": starts, "audience": audience, "topic": topic,
            "district": district, "branch": branch, "campaign": campaign, "mode": mode, "person_times": there,
            "online": online,
            "satisfied_percent": None if satisfied is None or answers is None else 100 * satisfied / answers,
            "answers": answers, "materials": materials, "cost_cents": cost, "evidence": list(evidence),
        }
        for (slug, title, starts, audience, topic, district, branch, campaign, mode, there, online, satisfied, answers,
             materials, cost, evidence) in rows
    ]  # fmt: skip


_PLAIN = ((76, 52, 55), (52, 36, 40), (78, 53, 57), (58, 38, 41), (4, 3, 3))
"""Person-times, satisfied and answers of the five, hidden ones too: 268, 182, 196."""


def _part(key: str, label: str, lectures: list[Activity], *which: int, hidden: bool = False) -> Part:
    nothing: Interval = {"value": None, "low": None, "high": None}
    if hidden:
        return {"key": key, "label": label, "lectures": len(which), "person_times": None, "satisfied": None,
                "answers": None, "share": nothing, "hidden": True}  # fmt: skip
    there, satisfied, answers = (sum(_PLAIN[one][column] for one in which) for column in range(3))
    return {"key": key, "label": label, "lectures": len(which), "person_times": there, "satisfied": satisfied,
            "answers": answers, "share": _share(satisfied, answers), "hidden": False}  # fmt: skip


def _share(satisfied: int, answers: int) -> Interval:
    low, high = wilson(satisfied, answers)
    return {"value": satisfied / answers, "low": low, "high": high}


def _awareness(seed: int, pairs: int) -> Uplift:
    """Return what people at five lectures knew: eight questions that were taught, two that were not."""
    chance = random.Random(seed + 25)
    people = []
    for number in range(pairs + 32 + 15):
        talent, lecture = chance.gauss(0, 0.12), f"L{number % 5 + 1}"
        before = {f"q{item}": chance.random() < 0.59 + talent + 0.02 * (item - 4) for item in range(1, 9)}
        after = {
            item: chance.random() < (0.92 if was else 0.45 + talent + 0.01 * (number % 5))
            for item, was in before.items()
        }
        control = [sum(chance.random() < 0.5 + talent for _ in range(2)) / 2 for _ in range(2)]
        asked, again = number < pairs + 32, number < pairs or number >= pairs + 32
        people.append(
            Person(
                sum(before.values()) / 8 if asked else None,
                sum(after.values()) / 8 if again else None,
                lecture,
                control[0] if asked else None,
                control[1] if again else None,
                before if asked else {},
                after if again else {},
            )
        )
    people += [Person(0.5, None, is_linked=False)] * 9 + [Person(None, 0.75, is_linked=False)] * 6
    return rules.uplift(people)


def _verdicts(found: Uplift) -> list[VerdictLine]:
    share, rise = _share(182, 196), found.relative
    values: dict[Measure, tuple[str, float | None, float | None, float | None, int | None, list[str]]] = {
        Measure.AWARENESS: (
            found.judgement.verdict.value, rise.value, rise.low, rise.high, found.n_matched,
            [one.value for one in found.warnings],
        ),
        Measure.SATISFACTION: ("above_not_confirmed", share["value"], share["low"], share["high"], 196, []),
    }  # fmt: skip
    for measure, value in (
        (Measure.LECTURES, 5.0),
        (Measure.PERSON_TIMES, 268.0),
        (Measure.TIPS, 2.0),
        (Measure.COMPLAINTS_24H, 41 / 43),
        (Measure.TRAINING, 1.0),
    ):
        verdict = judge_count(value, _target(measure).value).value
        values[measure] = (verdict, value, None, None, None, [])
    return [
        {
            "measure": one.measure.value, "verdict": values[one.measure][0], "value": values[one.measure][1],
            "low": values[one.measure][2], "high": values[one.measure][3], "n": values[one.measure][4],
            "target": one.value, "unit": one.unit.value, "least": one.least,
            "since": "2026Q1" if one.measure is Measure.PERSON_TIMES else "",
            "set_by": "陈立" if one.measure is Measure.PERSON_TIMES else "", "caveats": values[one.measure][5],
        }
        for one in DEFAULTS
    ]  # fmt: skip


def _target(measure: Measure) -> Target:
    return next(one for one in DEFAULTS if one.measure is measure)


def _series(found: Uplift) -> dict[str, list[Point]]:
    rise, now = found.relative, _share(182, 196)
    awareness = [(None, None, None, 18), (0.11, 0.02, 0.21, 64), (0.17, 0.09, 0.26, 88), (0.19, 0.12, 0.27, 103),
                 (rise.value, rise.low, rise.high, found.n_matched)]  # fmt: skip
    satisfied = [(61, 71), (104, 118), (139, 152), (160, 171)]
    shares = [(*_share(yes, n).values(), n) for yes, n in satisfied] + [(*now.values(), 196)]
    plain: dict[str, tuple[float | None, ...]] = {
        "lectures": (2, 3, 4, 4, 5),
        "person_times": (94, 151, 203, 232, 268),
        "tips": (0, 1, 2, 1, 2),
        "complaints_24h": (None, 36 / 41, 38 / 40, 44 / 44, 41 / 43),
        "training": (None, None, 115 / 117, 1.0, 1.0),
    }
    rows: dict[str, list[Any]] = {key: [(one, None, None, None) for one in some] for key, some in plain.items()}
    rows |= {"awareness": awareness, "satisfaction": shares}
    return {
        measure.value: [
            {"quarter": quarter, "value": value, "low": low, "high": high, "n": n}
            for quarter, (value, low, high, n) in zip(QUARTERS, rows[measure.value], strict=True)
        ]
        for measure in Measure
    }
