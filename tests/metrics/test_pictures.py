"""Charts for documents: their axes, and the same in words."""

from __future__ import annotations

import io
import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from portal.metrics.services.exporting import pictures
from tests.metrics.sample import sample


@given(st.lists(st.floats(-3, 1e6) | st.floats(0, 1), min_size=1, max_size=12), st.sampled_from([1.0, math.inf]))
def test_an_axis_holds_its_values_between_few_round_lines(values: list[float], limit: float) -> None:
    scale = pictures._scale(values, limit=limit)
    assert scale.low <= min(values) + 1e-9
    assert scale.high >= max(values) - 1e-9
    assert 2 <= len(scale.ticks) <= 8
    assert all(later > earlier for earlier, later in itertools.pairwise(scale.ticks))
    assert 0 <= scale.y(max(values)) <= scale.y(min(values)) <= pictures.HEIGHT


def test_a_chart_is_a_picture_with_the_same_in_words() -> None:
    if pictures._font() is None:
        pytest.skip("no font with 汉字 is installed (apt-get install fonts-noto-cjk)")
    made = pictures.measure(sample(), "person_times")
    assert made is not None
    assert made.alt == (
        "讲座参与人次：2025Q3 94 人次；2025Q4 151 人次；2026Q1 203 人次；"
        "2026Q2 232 人次；2026Q3 268 人次。目标 200 人次。"
    )
    with Image.open(io.BytesIO(made.png)) as picture:
        assert (picture.format, picture.size) == ("PNG", (pictures.WIDTH, pictures.HEIGHT))
    awareness = pictures.measure(sample(), "awareness")
    assert awareness is not None
    assert "2025Q3 没有数字；2025Q4 +11.0%（95% 区间 +2.0% 至 +21.0%）" in awareness.alt


def test_where_there_is_nothing_to_draw_there_is_no_chart() -> None:
    nothing = [{"quarter": "2026Q3", "value": None, "low": None, "high": None, "n": 3}]
    assert pictures.measure(sample(series={"satisfaction": nothing}), "satisfaction") is None
    assert pictures.measure(sample(verdicts=[]), "satisfaction") is None
    assert pictures.measure(sample(), "unheard_of") is None
