"""Hits and false alarms."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.detection import Detection, detect
from portal.quizzes.rules.items import GENUINE, SCAM, UNSURE, Item, Kind, Option

COUNT = st.integers(0, 500)


def test_a_published_example():
    """statpsych (D. G. Bonett), signal(82, 46, 100, 100): d-prime 1.002793, Threshold 0.09943603, Bias -0.4019603.

    Its threshold is -z(F), its bias is threshold - d′/2, which is c.
    """
    found = Detection(hits=82, misses=18, false_alarms=46, correct_rejections=54)
    assert found.d_prime == pytest.approx(1.002793, abs=5e-7)
    assert found.criterion == pytest.approx(-0.4019603, abs=5e-8)
    assert (found.hit_rate, found.false_alarm_rate) == (0.82, 0.46)


def test_by_hand():
    """Nothing but right: H = 9.5/10 and F = 0.5/10, so z is ±1.6449 (the familiar 95 %)."""
    found = Detection(hits=9, misses=0, false_alarms=0, correct_rejections=9)
    assert found.d_prime == pytest.approx(2 * 1.6448536, abs=1e-6)
    assert found.criterion == pytest.approx(0, abs=1e-12)


def test_who_calls_everything_a_scam_tells_nothing_apart():
    found = Detection(hits=10, misses=0, false_alarms=10, correct_rejections=0)
    assert (found.hit_rate, found.false_alarm_rate) == (1, 1)
    assert found.d_prime == 0
    assert found.criterion < -1


def test_both_kinds_are_needed():
    only_scams = Detection(hits=3, misses=1, false_alarms=0, correct_rejections=0)
    assert (only_scams.hit_rate, only_scams.false_alarm_rate) == (0.75, None)
    assert only_scams.d_prime is only_scams.criterion is None
    only_genuine = Detection(hits=0, misses=0, false_alarms=1, correct_rejections=3)
    assert (only_genuine.hit_rate, only_genuine.false_alarm_rate) == (None, 0.25)
    assert only_genuine.d_prime is only_genuine.criterion is None


def message(right: str) -> Item:
    options = tuple(Option(id=key, text=key, fraction=float(key == right)) for key in (SCAM, GENUINE, UNSURE))
    return Item(name=right, kind=Kind.JUDGEMENT, stem="?", options=options)


def test_not_sure_and_dont_know_stand_apart():
    scam, genuine = message(SCAM), message(GENUINE)
    answers = [(scam, Answer((said,))) for said in (SCAM, SCAM, SCAM, GENUINE)]
    answers += [(genuine, Answer((said,))) for said in (GENUINE, SCAM, GENUINE)]
    plain = detect(answers)
    assert plain == Detection(hits=3, misses=1, false_alarms=1, correct_rejections=2)
    for one in (scam, genuine):
        answers += [(one, Answer((UNSURE,))), (one, Answer(dont_know=True)), (one, Answer())]
    answers += [(replace(scam, kind=Kind.SINGLE_CHOICE), Answer((SCAM,)))]
    more = detect(answers)
    assert more == replace(plain, unsure=2, unknown=2)
    assert (more.d_prime, more.criterion, more.hit_rate) == (plain.d_prime, plain.criterion, plain.hit_rate)


@given(COUNT, COUNT, COUNT, COUNT)
def test_exchanging_the_words_turns_the_leaning_round(hits, misses, alarms, rejections):
    one = Detection(hits, misses, alarms, rejections)
    # Call scams genuine and genuine messages scams: the same skill, the opposite leaning.
    other = Detection(rejections, alarms, misses, hits)
    if one.d_prime is None:
        assert not (hits + misses) or not (alarms + rejections)
        return
    assert other.d_prime == pytest.approx(one.d_prime)
    assert other.criterion == pytest.approx(-one.criterion)


@given(COUNT, COUNT, COUNT, COUNT)
def test_a_hit_more_is_never_worse(hits, misses, alarms, rejections):
    one, more = Detection(hits, misses + 1, alarms, rejections + 1), Detection(hits + 1, misses, alarms, rejections + 1)
    assert more.d_prime > one.d_prime
    assert more.criterion < one.criterion
