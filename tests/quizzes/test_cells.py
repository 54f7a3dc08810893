"""No difference between two figures that may be shown is over fewer than five attempts."""

from __future__ import annotations

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.core.settings import Audience
from portal.quizzes.rules.cells import Cells, Leaf, guarded
from portal.quizzes.rules.counts import SMALL

QUARTERS = ("2026Q2", "2026Q3", "2026Q4")
LEAVES = [Leaf(q, a, r) for q in QUARTERS for a in Audience for r in (False, True)]
tables = st.lists(st.sampled_from([0, 0, 1, 2, 3, 4, 5, 6, 9, 40]), min_size=len(LEAVES), max_size=len(LEAVES)).map(
    lambda counts: dict(zip(LEAVES, counts, strict=True))
)


def shown(cells: Cells) -> set[frozenset[Leaf]]:
    """Return every sum of leaves that staff may see."""
    wanted = itertools.product(["", *QUARTERS], [None, *Audience], [False, True])
    return {cells.leaves(quarter, audience, every=every) for quarter, audience, every in wanted} - {frozenset()}


def atoms(sets: set[frozenset[Leaf]], leaves: list[Leaf]) -> list[set[Leaf]]:
    """Return the parts that no figure tells apart."""
    found: dict[tuple[bool, ...], set[Leaf]] = {}
    order = sorted(sets, key=sorted)
    for leaf in leaves:
        found.setdefault(tuple(leaf in one for one in order), set()).add(leaf)
    return [part for pattern, part in found.items() if any(pattern)]


@given(tables)
@settings(max_examples=400)
def test_what_can_be_told_apart_is_never_small(counts: dict[Leaf, int]) -> None:
    cells = Cells(counts)
    there = [leaf for leaf, count in counts.items() if count]
    # Every sum or difference of figures is a sum of these parts, so none of fewer attempts can be had.
    for part in atoms(shown(cells), there):
        assert sum(counts[leaf] for leaf in part) >= SMALL


@given(tables)
def test_what_is_shown_is_part_of_what_was_asked_for(counts: dict[Leaf, int]) -> None:
    cells = Cells(counts)
    for quarter, audience in itertools.product(["", *QUARTERS], [None, *Audience]):
        leaves = cells.leaves(quarter, audience)
        assert all(quarter in ("", leaf.quarter) and audience in (None, leaf.audience) for leaf in leaves)
        assert not any(leaf.repeat for leaf in leaves)
        assert leaves <= cells.leaves(quarter, audience, every=True)
        assert cells.n(quarter, audience) == (sum(counts[leaf] for leaf in leaves) or None)


def test_a_check_that_sees_nothing_would_be_no_check() -> None:
    first, second = Leaf("2026Q4", Audience.GENERAL, False), Leaf("2026Q4", Audience.YOUTH, False)
    parts = atoms({frozenset({first}), frozenset({first, second})}, [first, second])
    assert parts == [{first}, {second}]


def test_large_parts_are_all_shown() -> None:
    assert guarded({"a": 5, "b": 50, "c": 0}) == {"a", "b"}


def test_a_small_part_takes_others_with_it_until_they_are_enough() -> None:
    assert guarded({"a": 3, "b": 50, "c": 60}) == {"c"}
    assert guarded({"a": 1, "b": 1, "c": 6, "d": 60}) == {"d"}
    assert guarded({"a": 3}) == frozenset()


def test_an_audience_over_every_quarter_is_the_sum_of_those_shown() -> None:
    cells = Cells(
        {
            Leaf("2026Q3", Audience.GENERAL, False): 10,
            Leaf("2026Q3", Audience.ELDERLY, False): 8,
            Leaf("2026Q4", Audience.GENERAL, False): 20,
            Leaf("2026Q4", Audience.ELDERLY, False): 2,
        }
    )
    assert (cells.n("2026Q4"), cells.n("2026Q4", Audience.GENERAL), cells.n("", Audience.GENERAL)) == (22, None, 10)
    assert cells.n() == 40
    assert cells.leaves_out("", Audience.GENERAL)
    assert not cells.leaves_out()
    assert cells.mix() == ("2026Q3", {Audience.ELDERLY: 8 / 18, Audience.GENERAL: 10 / 18})
