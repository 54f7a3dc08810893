"""The invented quarter agrees with itself."""

from __future__ import annotations

from tests.metrics.sample import sample


def test_the_numbers_of_the_sample_agree_with_each_other() -> None:
    report = sample()
    there = report["attendance"]
    assert there["person_times"] == there["by_code"] + there["by_group"] + there["walk_in"] == 268
    assert there["registered"] - there["no_shows"] == there["by_code"]
    assert there["registered_groups"] - there["no_shows_groups"] == there["by_group"]
    assert there["registered_online"] - there["no_shows_online"] == there["online"]
    assert there["people_at_least"] <= there["people_at_most"] <= there["person_times"]
    for rows in report["breakdowns"].values():
        assert sum(one["lectures"] for one in rows) == there["lectures"] == len(report["ledger"])
        assert sum(one["person_times"] or 0 for one in rows) <= there["person_times"]
        hidden = [one for one in rows if one["hidden"]]
        assert len(hidden) != 1
        assert all(one["person_times"] is None and one["share"]["value"] is None for one in hidden)
    verdicts = {one["measure"]: one for one in report["verdicts"]}
    assert verdicts["awareness"]["n"] == report["awareness"]["n_matched"] == 126
    assert verdicts["awareness"]["verdict"] == report["awareness"]["verdict"] == "above_not_confirmed"
    assert round(100 * (verdicts["awareness"]["value"] or 0)) == 23
    for measure, points in report["series"].items():
        assert len(points) == 5
        assert points[-1]["quarter"] == report["quarter"]
        assert (points[-1]["value"], points[-1]["n"]) == (verdicts[measure]["value"], verdicts[measure]["n"])


def test_a_change_is_one_s_own() -> None:
    sample(demo=True)["ledger"].clear()
    assert sample(demo=True)["demo"]
    assert len(sample()["ledger"]) == 5
