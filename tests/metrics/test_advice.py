"""What changed, what to do, and how far a quarter is."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.events.rules.satisfaction import wilson
from portal.metrics.rules.advice import Advice, needed, steps
from portal.metrics.rules.changes import changes
from portal.metrics.rules.pace import Pace, pace
from portal.metrics.rules.report import Report
from tests.metrics.sample import sample

SHANGHAI = ZoneInfo("Asia/Shanghai")


def told(measure: str, **changed: Any) -> Report:
    """Return a quarter in which every target was met, except that of one measure, and nothing else wants doing."""
    report = sample()
    for line in report["verdicts"]:
        line["verdict"] = "met"
        if line["measure"] == measure:
            line.update(changed)  # type: ignore[typeddict-item]  # the test's own values
    report["awareness"].update(mixed=0, warnings=[])
    report["articles"]["overdue"] = 0
    report["search"]["nothing_terms"] = []
    return report


@pytest.mark.parametrize(
    ("measure", "changed", "advice", "values"),
    [
        ("lectures", {"verdict": "not_met", "value": 0.0}, Advice.HOLD_LECTURES, {"missing": 1}),
        ("person_times", {"verdict": "not_met", "value": 120.0}, Advice.INVITE, {"missing": 80, "lectures": 2}),
        ("tips", {"verdict": "not_met", "value": 0.0}, Advice.PUBLISH_TIP, {"missing": 1}),
        ("awareness", {"verdict": "too_few", "n": 12}, Advice.USE_SEAT_CARDS, {"pairs": 12, "least": 30}),
        ("awareness", {"verdict": "above_not_confirmed"}, Advice.MORE_PAIRS, {}),
        ("satisfaction", {"verdict": "too_few", "n": 9}, Advice.ASK_FEEDBACK, {"answers": 9, "least": 30}),
        ("satisfaction", {"verdict": "not_met"}, Advice.READ_REMARKS, {}),
        ("complaints_24h", {"verdict": "not_met"}, Advice.ANSWER_COMPLAINTS, {}),
        ("complaints_24h", {"verdict": "not_known"}, Advice.ENTER, {"measure": "complaints_24h"}),
        ("training", {"verdict": "not_met"}, Advice.TRAIN, {}),
    ],
)
def test_each_verdict_says_what_to_do(measure: str, changed: Any, advice: Advice, values: dict[str, Any]) -> None:
    assert [(one.advice, one.values) for one in steps(told(measure, **changed), None)] == [(advice, values)]


def test_where_all_is_well_nothing_is_advised() -> None:
    assert steps(told("", verdict="met"), None) == []


def test_the_questions_that_rose_least_are_named() -> None:
    report = told("awareness", verdict="not_met")
    (step,) = steps(report, None)
    rises = {one["item"]: one["change_pp"]["value"] for one in report["awareness"]["items"]}
    assert step.advice is Advice.LOOK_AT_QUESTIONS
    assert str(step.values["items"]).split(", ") == sorted(rises, key=lambda item: rises[item])[:3]


def test_a_count_that_will_be_reached_at_this_pace_needs_nothing() -> None:
    report = told("person_times", verdict="not_met", value=120.0)
    assert steps(report, Pace(46, 92)) == []
    assert [one.advice for one in steps(report, Pace(80, 92))] == [Advice.INVITE]
    assert [one.advice for one in steps(report, Pace(0, 92))] == [Advice.INVITE]


def test_what_stands_beside_the_targets_is_advised_too() -> None:
    report = told("")
    report["articles"]["overdue"] = 2
    report["search"]["nothing_terms"] = [{"term": "社保卡挂失", "times": 11}]
    report["attendance"].update(registered=100, no_shows=40)
    report["awareness"].update(mixed=3, warnings=["attrition", "no_control"])
    line = next(one for one in report["verdicts"] if one["measure"] == "awareness")
    line["verdict"] = "above_not_confirmed"
    found = [one.advice.value for one in steps(report, None)]
    assert found == [
        "more_pairs", "same_quiz", "ask_before_leaving", "ask_untaught", "remind", "review_articles", "write_about",
    ]  # fmt: skip


@given(st.integers(500, 989).map(lambda share: share / 1000), st.integers(5, 300).map(lambda part: part / 1000))
def test_so_many_answers_confirm_a_share(target: float, above: float) -> None:
    share = min(target + above, 1.0)
    enough = needed(share, target)
    assert enough is not None
    # One answer is not a fraction: rounded up, so many confirm it; a quarter fewer do not.
    assert wilson(math.ceil(share * enough), enough)[0] >= target - 1e-9
    fewer = math.floor(enough * 0.75)
    assert fewer < 20 or wilson(math.floor(share * fewer), fewer)[0] < target


def test_a_share_that_is_not_above_its_target_is_never_confirmed() -> None:
    assert needed(0.9, 0.9) is None
    assert needed(0.9000001, 0.9) is None
    assert needed(0.95, 0.9) == 140
    assert wilson(133, 140)[0] >= 0.9 > wilson(114, 120)[0]


def test_changes_against_the_last_quarter_and_a_year_ago() -> None:
    found = {one.measure.value: one for one in changes(sample())}
    times = found["person_times"]
    assert (times.before.quarter, times.before.difference) == ("2026Q2", 36)
    assert (times.year_ago.quarter, times.year_ago.difference) == ("2025Q3", 174)
    assert not times.before.overlaps
    assert found["satisfaction"].before.overlaps
    assert found["awareness"].year_ago.difference is None
    assert found["training"].year_ago.value is None


def test_a_measure_that_was_never_known_is_left_out() -> None:
    report = sample()
    report["series"]["tips"] = [{**one, "value": None} for one in report["series"]["tips"]]
    del report["series"]["training"]
    assert {"tips", "training"}.isdisjoint(one.measure.value for one in changes(report))


def test_days_of_the_pace_are_those_of_the_zone() -> None:
    # Already the second day in Shanghai, still the first in Greenwich.
    assert pace("2026Q3", SHANGHAI, datetime(2026, 7, 1, 16, tzinfo=UTC)) == Pace(1, 92)
    assert pace("2026Q3", SHANGHAI, datetime(2026, 6, 1, tzinfo=UTC)).passed == 0
    assert pace("2026Q3", SHANGHAI, datetime(2027, 6, 1, tzinfo=UTC)).left == 0
    assert Pace(46, 92).reached(100) == 200
    assert Pace(0, 92).reached(100) is None
