"""Where the marks of charts stand."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.metrics.rules import charts
from portal.metrics.rules.charts import Chart, Layout, bars, consecutive, intervals, scale
from portal.metrics.rules.report import Point
from portal.reference.rules.quarters import shift

LAST = "2026Q3"


def point(quarter: str, value: float | None, low: float | None = None, high: float | None = None) -> Point:
    return {"quarter": quarter, "value": value, "low": low, "high": high, "n": None if value is None else 40}


SHARES = [point("2026Q1", 0.8, 0.7, 0.9), point("2026Q2", 0.9, 0.85, 0.95), point("2026Q3", 1.0, 0.97, 1.0)]


@st.composite
def series(draw: st.DrawFn, low: float = -2, high: float = 5, *, whole: bool = False) -> list[Point]:
    """Quarters up to the last one, some of them missing, some without a value, some without an interval."""
    number = st.integers(0, 100_000).map(float) if whole else st.floats(low, high, allow_nan=False)
    found = []
    for back in range(draw(st.integers(0, 7)), -1, -1):
        kind = draw(st.sampled_from(["missing", "none", "value", "interval"]))
        three = sorted(draw(st.tuples(number, number, number)))
        name = shift(LAST, -back)
        if kind == "none":
            found.append(point(name, None))
        elif kind == "value" or (kind == "interval" and whole):
            found.append(point(name, three[1]))
        elif kind == "interval":
            found.append(point(name, three[1], three[0], three[2]))
    return found


def sides(layout: Layout, *, upwards: bool) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the bounds of values, and of the places of quarters."""
    across, down = (layout.left, layout.right), (layout.top, layout.bottom)
    return (down, across) if upwards else (across, down)


def both(chart: Chart) -> list[tuple[Layout, bool]]:
    return [(chart.wide, True), (chart.phone, False)]


@given(series(), st.none() | st.floats(-1, 3))
def test_everything_is_inside_the_frame(found: list[Point], target: float | None) -> None:
    for layout, upwards in both(intervals(found, LAST, target=target)):
        values, places = sides(layout, upwards=upwards)
        assert [one for one in layout.marks if not places[0] <= one.place <= places[1]] == []
        drawn = [at for one in layout.marks for at in (one.at, one.low, one.high) if at is not None]
        drawn += [tick.at for tick in layout.ticks] + ([] if layout.target is None else [layout.target])
        assert [at for at in drawn if not values[0] - 0.1 <= at <= values[1] + 0.1] == []
        assert (layout.target is None) == (target is None)


@given(series())
def test_an_interval_is_drawn_where_there_is_one_and_holds_its_point(found: list[Point]) -> None:
    for layout, upwards in both(intervals(found, LAST, target=0.2)):
        for mark in layout.marks:
            known = mark.point["value"] is not None
            assert (mark.at is not None) == known
            assert (mark.low is not None) == (known and mark.point["low"] is not None)
            if mark.at is not None and mark.low is not None and mark.high is not None:
                ends = (mark.high, mark.low) if upwards else (mark.low, mark.high)
                assert ends[0] <= mark.at <= ends[1]


@given(series(whole=True), st.none() | st.integers(0, 50_000))
def test_bars_begin_at_nought_and_are_as_long_as_their_count(found: list[Point], target: int | None) -> None:
    chart = bars(found, LAST, target=target)
    for layout, upwards in both(chart):
        tallest = max((mark.point["value"] or 0 for mark in layout.marks), default=0)
        for mark in layout.marks:
            if mark.at is not None and tallest:
                length = layout.base - mark.at if upwards else mark.at - layout.base
                assert length >= 0
                full = max(abs(one.at - layout.base) for one in layout.marks if one.at is not None)
                assert length == pytest.approx(full * (mark.point["value"] or 0) / tallest, abs=0.3)
        assert all(tick.value == round(tick.value) for tick in layout.ticks)


@given(st.lists(st.floats(-50, 1e6, allow_nan=False), max_size=8), st.booleans())
def test_a_scale_is_round_and_holds_its_values(values: list[float], whole: bool) -> None:
    found = scale(values, whole=whole)
    assert found.low < found.high
    assert all(found.low <= one <= found.high for one in values)
    assert 1 <= len(found.ticks) <= charts.STEPS + 2
    assert list(found.ticks) == sorted(set(found.ticks))


def test_a_scale_of_shares_does_not_go_beyond_all_of_them() -> None:
    assert scale([0.97, 1.0], floor=0, ceiling=1).high == 1.0
    assert scale([1.0], floor=0, ceiling=1).high == 1.0
    assert scale([0.0], floor=0, ceiling=1).low == 0.0
    assert scale([0.759, 0.9, 0.95], floor=0, ceiling=1).ticks == (0.75, 0.8, 0.85, 0.9, 0.95)


def test_a_quarter_of_which_nothing_is_known_is_a_gap() -> None:
    found = [SHARES[0], SHARES[2]]
    shown = consecutive(found, LAST)
    assert [one["quarter"] for one in shown] == ["2026Q1", "2026Q2", "2026Q3"]
    assert shown[1]["value"] is None
    marks = intervals(found, LAST, target=0.9).wide.marks
    assert [one.at is None for one in marks] == [False, True, False]


def test_only_the_newest_quarters_are_shown_and_none_after_the_last() -> None:
    found = [point(shift("2027Q2", -back), 1.0) for back in range(12, -1, -1)]
    shown = [one["quarter"] for one in consecutive(found, LAST)]
    assert shown == ["2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3"]


@pytest.mark.parametrize("found", [[], [point(LAST, None)], [point("2027Q1", 1.0)]])
def test_nothing_known_is_an_empty_chart(found: list[Point]) -> None:
    assert intervals(found, LAST, target=0.9).is_empty
    assert bars(found, LAST, target=200).is_empty


def test_a_running_quarter_is_told_from_those_that_are_over() -> None:
    marks = bars(SHARES, LAST, target=1, is_open=True).phone.marks
    assert [one.is_open for one in marks] == [False, False, True]
    assert not any(one.is_open for one in bars(SHARES, LAST, target=1).phone.marks)


def test_a_word_does_not_stand_on_the_line_of_the_target() -> None:
    marks = intervals(SHARES, LAST, target=0.9, floor=0, ceiling=1).wide.marks
    # It would stand above the point, where the line runs only for what is just below the target or on it.
    assert [one.beneath for one in marks] == [False, True, False]
