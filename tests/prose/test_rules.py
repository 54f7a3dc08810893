"""Measures of text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.prose.rules import HAN_A_MINUTE, WORDS_A_MINUTE, reading_minutes

AUDIENCES = sorted(HAN_A_MINUTE)


@pytest.mark.parametrize(
    ("text", "audience", "minutes"),
    [
        ("", "general", 1),
        ("，。！", "general", 1),
        ("字" * 300, "general", 1),
        ("字" * 375, "general", 1),
        ("字" * 376, "general", 2),
        ("字" * 600, "elderly", 4),
        ("字" * 600, "youth", 3),
        ("word " * 600, "general", 3),
        ("don't 1,000.5 " * 100, "general", 1),
        ("字" * 300 + "word " * 200, "general", 2),
    ],
)
def test_minutes_of_a_text(text: str, audience: str, minutes: int) -> None:
    assert reading_minutes(text, audience=audience) == minutes


def test_every_audience_has_its_pace_and_the_elderly_the_slowest() -> None:
    assert AUDIENCES == ["elderly", "general", "new-resident", "youth"]
    assert sorted(WORDS_A_MINUTE) == AUDIENCES
    assert min(HAN_A_MINUTE, key=HAN_A_MINUTE.__getitem__) == "elderly"


@given(st.text(), st.text(), st.sampled_from(AUDIENCES))
def test_more_text_never_takes_less_time(one: str, two: str, audience: str) -> None:
    whole = reading_minutes(f"{one} {two}", audience=audience)
    assert whole >= max(reading_minutes(one, audience=audience), reading_minutes(two, audience=audience)) >= 1
