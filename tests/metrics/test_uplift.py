"""What answers before and after come to: verdicts, caveats, and what is never said."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.metrics.rules.intervals import Estimate, Table
from portal.metrics.rules.uplift import Caveat, Person, uplift
from portal.metrics.rules.verdicts import Unit, Verdict, judge, judge_count


def people(n: int, before: float, after: float, *, spread: float = 0.2, lecture: str = "") -> list[Person]:
    """Return pairs with these means exactly, half of them above and half below."""
    signs = [spread if place % 2 else -spread for place in range(n)]
    later = [spread if place // 2 % 2 else -spread for place in range(n)]
    return [Person(before + one, after + two, lecture) for one, two in zip(signs, later, strict=True)]


def test_a_naive_twenty_percent_is_not_confirmed() -> None:
    """The mean rises by more than a fifth, as a naive report would say; the interval begins far below."""
    found = uplift(people(40, 0.5, 0.61))
    assert found.relative.value == pytest.approx(0.22)
    assert (found.relative.low or 0) < 0.2
    assert found.judgement.verdict is Verdict.ABOVE_NOT_CONFIRMED
    assert uplift(people(4_000, 0.5, 0.61)).judgement.verdict is Verdict.MET
    assert uplift(people(4_000, 0.5, 0.59)).judgement.verdict is Verdict.NOT_MET


def test_the_unit_decides() -> None:
    """From 40 to 55 %: 15 points, 37.5 % of what it was, a quarter of what was missing."""
    known = people(4_000, 0.4, 0.55)
    verdicts = {unit: uplift(known, unit=unit).judgement.verdict for unit in Unit}
    assert verdicts == {Unit.RELATIVE: Verdict.MET, Unit.PP: Verdict.NOT_MET, Unit.GAIN: Verdict.MET}


def test_too_few_pairs_give_no_number() -> None:
    found = uplift([*people(29, 0.4, 0.8), Person(0.4, None)])
    assert (found.n_pre, found.n_post, found.n_matched) == (30, 29, 29)
    assert found.judgement.verdict is Verdict.TOO_FEW
    assert (found.before, found.after, found.items) == (None, None, ())
    assert {found.pp, found.relative, found.gain, found.net, found.independent} == {Estimate()}
    assert uplift(people(30, 0.4, 0.8)).judgement.verdict is Verdict.MET
    assert uplift([], least=0).judgement.verdict is Verdict.TOO_FEW
    assert uplift([Person(0.4, 0.5)], least=1).judgement.verdict is Verdict.TOO_FEW


def test_at_the_ceiling_the_gain_is_judged_and_said() -> None:
    """From 85 % nobody can rise by a fifth: half of what was missing is asked for instead."""
    low, high = (uplift(people(4_000, 0.85, after, spread=0.05)) for after in (0.9, 0.95))
    assert [one.judgement.verdict for one in (low, high)] == [Verdict.NOT_MET, Verdict.MET]
    assert (high.judgement.unit, high.judgement.target, high.judgement.at_ceiling) == (Unit.GAIN, 0.5, True)
    assert Caveat.CEILING in high.warnings
    everybody = uplift([Person(1.0, 1.0)] * 40)
    assert (everybody.judgement.verdict, everybody.gain.value) == (Verdict.NOT_MET, None)


def test_where_nobody_knew_anything_points_are_judged() -> None:
    found = uplift([Person(0.0, 0.5)] * 40)
    assert (found.relative.value, found.judgement.unit, found.judgement.verdict) == (None, Unit.PP, Verdict.MET)


def test_unlinked_answers_are_never_paired() -> None:
    linked = people(40, 0.5, 0.7)
    loose = [Person(0.2, None, is_linked=False)] * 35 + [Person(None, 0.9, is_linked=False)] * 35
    alone, both = uplift(linked), uplift([*linked, *loose])
    assert (both.n_pre, both.n_post, both.n_matched) == (75, 75, 40)
    assert (both.pp, both.relative, both.gain) == (alone.pp, alone.relative, alone.gain)
    assert (both.unlinked_pre, both.unlinked_post) == (35, 35)
    assert both.independent.value == pytest.approx(0.7)
    assert Caveat.UNLINKED in both.warnings
    # Even one that says both, where nothing says that both are the same person's.
    assert uplift([*linked, Person(0.1, 0.9, is_linked=False)]).n_matched == 40


def test_untaught_questions_take_their_part_away() -> None:
    known = [replace(one, control_before=0.4, control_after=0.45) for one in people(40, 0.5, 0.7)]
    found = uplift(known)
    assert found.control.value == pytest.approx(0.05)
    assert found.net.value == pytest.approx(0.15)
    assert Caveat.RETEST in found.warnings
    assert Caveat.NO_CONTROL not in found.warnings
    assert Caveat.NO_CONTROL in uplift(people(40, 0.5, 0.7)).warnings
    # What was taught as its own control: nothing is left (peers: HCItestretest as its own control).
    same = uplift([replace(one, control_before=one.before, control_after=one.after) for one in people(40, 0.5, 0.6)])
    assert same.net == Estimate(0.0, 0.0, 0.0)


def test_who_was_lost_is_said() -> None:
    stayed = people(40, 0.7, 0.8, spread=0.1)
    gone = [Person(one.before and one.before - 0.3, None) for one in people(40, 0.7, 0.8, spread=0.1)]
    found = uplift([*stayed, *gone])
    assert found.attrition.share == 0.5
    assert found.attrition.kept_before == pytest.approx(0.7)
    assert found.attrition.lost_before == pytest.approx(0.4)
    assert {Caveat.ATTRITION, Caveat.UNLIKE} <= set(found.warnings)
    assert not {Caveat.ATTRITION, Caveat.UNLIKE} & set(uplift(stayed).warnings)


def test_questions_one_by_one() -> None:
    cells = {(True, True): 10, (False, True): 15, (True, False): 5, (False, False): 10}
    known = [
        Person(0.5, 0.6, items_before={"a": before}, items_after={"a": after})
        for (before, after), count in cells.items()
        for _one in range(count)
    ]
    (item,) = uplift(known).items
    assert item.table == Table(10, 15, 5, 10)
    assert item.change.value == 0.25
    assert round(item.p, 4) == 0.0414


def test_lectures_are_drawn_whole_and_the_same_seed_draws_the_same() -> None:
    """Two lectures of which one taught everything: people of one are alike, so n is two and not eighty."""
    known = [*people(40, 0.5, 0.5, lecture="a"), *people(40, 0.5, 0.8, lecture="b")]
    found = uplift(known)
    assert found.clusters is not None
    assert found.clusters.pp.bounds == pytest.approx((0, 0.3))
    assert (found.pp.low or 0) <= 1e-9
    assert found.judgement.verdict is Verdict.ABOVE_NOT_CONFIRMED
    assert uplift([replace(one, lecture="") for one in known]).judgement.verdict is Verdict.ABOVE_NOT_CONFIRMED
    shuffled = known.copy()
    random.Random(1).shuffle(shuffled)  # an order for a test
    assert uplift(shuffled).clusters == found.clusters
    assert Caveat.FEW_LECTURES in found.warnings
    assert Caveat.ONE_LECTURE in uplift(people(40, 0.5, 0.6)).warnings
    many = [one for place in range(30) for one in people(8, 0.5, 0.55 + place % 3 / 20, lecture=f"{place}")]
    first, second = (uplift(many, seed=seed).clusters for seed in (1, 2))
    assert first != second


@given(st.floats(-1, 1), st.floats(0, 0.5), st.floats(-1, 1))
def test_a_verdict_is_met_only_where_the_whole_interval_is(value: float, half: float, target: float) -> None:
    verdict = judge(Estimate(value, value - half, value + half), target)
    if verdict is Verdict.MET:
        assert value - half >= target - 2e-9
    if verdict is Verdict.NOT_MET:
        assert value < target


def test_what_was_counted_in_full_needs_no_interval() -> None:
    assert [judge_count(value, 200) for value in (199, 200)] == [Verdict.NOT_MET, Verdict.MET]
