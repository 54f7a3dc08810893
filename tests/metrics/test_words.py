"""What a report says in words: the verdict by the interval, numbers that rounding never moves over their target."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.events.rules.attendance import AdmissionSource
from portal.metrics.queries.lectures import EVIDENCE
from portal.metrics.rules import words
from portal.metrics.rules.report import VerdictLine
from portal.metrics.rules.targets import UNITS, Measure
from portal.metrics.rules.uplift import Caveat
from portal.metrics.rules.verdicts import Verdict
from portal.metrics.rules.words import labels, notes
from portal.metrics.views import words as shown
from tests.metrics.sample import sample


def line(measure: str, **changes: Any) -> VerdictLine:
    found = next(one for one in sample()["verdicts"] if one["measure"] == measure)
    return {**found, **changes}  # type: ignore[typeddict-item]  # changes are keys of it


@pytest.mark.parametrize(
    ("verdict", "value", "said"),
    [
        ("met", 0.95, "满意度达标：不低于 90%，连 95% 区间的下限也到了。"),
        ("above_not_confirmed", 0.929, "满意度高于 90%，但样本还不够多，不能确认达标。"),
        ("above_not_confirmed", 0.9, "满意度刚到 90%，但样本还不够多，不能确认达标。"),
        ("not_met", 0.8, "满意度没有达到 90%。"),
        ("too_few", None, "满意度：样本不足，不作判断。"),
        ("not_known", None, "满意度：本季还没有数据。"),
    ],
)
def test_each_verdict_is_one_sentence(verdict: str, value: float | None, said: str) -> None:
    assert words.sentence(sample(), line("satisfaction", verdict=verdict, value=value)) == said


def test_what_nobody_entered_is_said_to_be_so() -> None:
    gone = line("training", verdict="not_known", value=None)
    assert words.sentence(sample(), gone) == "员工培训参与率：本季还没有人填报。"
    assert words.detail(sample(), gone) == "目标：不低于 100%。由人填报，全数统计，按数判断。"


def test_the_detail_has_interval_number_target_and_rule() -> None:
    assert words.detail(sample(), line("satisfaction")) == (
        "92.9%（95% 区间 88.4% 至 95.7%）；196 份有效答卷；目标：不低于 90%。"
        "少于 30 份不作判断；整个 95% 区间都不低于目标才算达标。"
    )
    assert words.detail(sample(), line("person_times")) == (
        "268 人次；目标：不低于 200 人次。全数统计，没有区间，按数判断；目标自 2026 年第一季度起由陈立设定。"
    )


def test_at_the_ceiling_the_gain_is_judged_and_said() -> None:
    report = sample()
    report["awareness"]["target"] = {"value": 0.5, "unit": "gain", "least_matched": 30, "replaced_at_ceiling": True}
    report["awareness"]["gain"] = {"value": 0.62, "low": 0.55, "high": 0.7}
    judged = line("awareness", verdict="met", caveats=["ceiling"])
    assert words.sentence(report, judged) == "认知度的归一化增益达标：不低于 50%，连 95% 区间的下限也到了。"
    said = words.detail(report, judged)
    assert said.startswith("归一化增益 62.0%（95% 区间 55.0% 至 70.0%）；126 对配对答卷；目标：相对提升不低于 20%。")
    assert "讲座前已高于 80%，相对目标无从判断，改按归一化增益不低于 50% 判断" in said


def test_points_are_said_as_points() -> None:
    report = sample()
    report["awareness"]["target"] = {"value": 0.1, "unit": "pp", "least_matched": 30, "replaced_at_ceiling": False}
    judged = line("awareness", unit="pp", target=0.1, value=0.137, low=0.109, high=0.165, verdict="met")
    assert words.sentence(report, judged) == "认知度的提升达标：不低于 10 个百分点，连 95% 区间的下限也到了。"
    assert "+13.7 个百分点（95% 区间 +10.9 个百分点 至 +16.5 个百分点）" in words.detail(report, judged)


@pytest.mark.parametrize(
    ("value", "said"), [(0.8996, "89.96%"), (0.9, "90.0%"), (0.90004, "90.0%"), (0.89996, "89.996%"), (0.5, "50.0%")]
)
def test_rounding_does_not_reach_a_target_that_was_missed(value: float, said: str) -> None:
    assert words.share(value, against=0.9) == said


@given(value=st.floats(0, 1), against=st.sampled_from([0.2, 0.5, 0.85, 0.9, 0.95, 1.0]))
def test_rounding_stays_on_its_side_to_the_third_digit(value: float, against: float) -> None:
    said = float(words.share(value, against=against).rstrip("%")) / 100
    if abs(value - against) > 1e-5:
        assert (said >= against - 1e-9) == (value >= against)
    assert said == pytest.approx(value, abs=6e-4)


@given(
    measure=st.sampled_from(list(Measure)),
    verdict=st.sampled_from([*(one.value for one in Verdict), "not_known", "unheard_of"]),
    value=st.none() | st.floats(-2, 1e6),
    low=st.none() | st.floats(-2, 1e6),
    n=st.none() | st.integers(0, 10**6),
    is_over=st.booleans(),
    data=st.data(),
)
def test_there_are_words_for_whatever_a_report_holds(
    measure: Measure,
    verdict: str,
    value: float | None,
    low: float | None,
    n: int | None,
    is_over: bool,
    data: st.DataObject,
) -> None:
    unit = data.draw(st.sampled_from([one.value for one in UNITS[measure]]))
    one = line(measure.value, verdict=verdict, value=value, low=low, high=low, n=n, unit=unit)
    report = sample(is_over=is_over, verdicts=[one])
    for said in (words.sentence(report, one), words.detail(report, one), words.overall(report)):
        assert said.endswith("。")
        assert "！" not in said
        assert "None" not in said


def test_every_key_has_its_word() -> None:
    assert set(labels.MEASURES) == {one.value for one in Measure}
    assert {one.value for one in Verdict} < set(labels.VERDICTS)
    assert set(notes.CAVEATS) == {one.value for one in Caveat}
    assert set(labels.ATTENDANCE) == set(sample()["attendance"])
    assert set(labels.ARTICLES) == set(sample()["articles"])
    assert {kind for one in sample()["ledger"] for kind in one["evidence"]} == set(labels.EVIDENCE)


def test_the_whole_in_one_sentence() -> None:
    assert words.overall(sample()) == "7 项目标中，4 项达标；2 项高于目标，未确认；1 项未达标。"
    assert words.overall(sample(is_over=False)).startswith("到目前为止，")
    assert words.overall(sample(verdicts=[])) == "没有设定目标。"


def test_caveats_come_once_and_the_weightiest_first() -> None:
    found = words.caveats(sample(demo=True, is_over=False))
    assert found[0] == "本报告是演示数据，不是真实统计。"
    assert found[1] == "本季尚未结束：数字截至 2026-10-09 09:30，还会变。"
    assert len(found) == len(set(found)) == 7


def test_methods_state_bounds_in_the_zone_of_the_report_and_the_seed() -> None:
    said = dict(words.methods(sample()))
    assert "自 2026-07-01 00:00 起，至 2026-10-01 00:00 止，起点计入，终点不计入" in said["季度"]
    assert "随机种子 20200101" in said["区间"]
    assert "报名、候补、页面浏览都不算" in said["人次"]
    assert words.methods(sample(awareness={}))


def test_names_of_quarters_and_parts() -> None:
    assert words.quarter_name("2026Q3") == "2026 年第三季度"
    assert words.quarter_name("soon") == "soon"
    assert words.part_label(sample(), "district", "gulou") == "鼓楼区"
    assert words.part_label(sample(), "district", "elsewhere") == "elsewhere"
    assert words.part_label(sample(breakdowns={}), "audience", "youth") == "青少年版"


@pytest.mark.parametrize(("measure", "said"), [("complaints_24h", "43 件投诉"), ("training", "43 名员工")])
def test_what_a_share_is_a_share_of(measure: str, said: str) -> None:
    assert words.detail(sample(), line(measure, n=43)).split("；")[1] == said


def test_every_kind_of_evidence_has_words() -> None:
    kinds = {*EVIDENCE.values(), "feedback", "seat_cards"}
    assert set(EVIDENCE) == set(AdmissionSource)
    assert set(labels.EVIDENCE) == set(shown.EVIDENCE) == kinds
