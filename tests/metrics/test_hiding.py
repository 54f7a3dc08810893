"""Figures of few people cannot be subtracted out of what is shown."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as st

from portal.events.rules.satisfaction import LEVELS, SATISFIED
from portal.metrics.rules.hiding import hide
from portal.metrics.rules.summary import satisfied
from portal.quizzes.rules.counts import SMALL

COUNTS = st.dictionaries(st.integers(0, 12), st.integers(0, 40), max_size=10)


@given(COUNTS, st.data())
def test_what_is_hidden_is_enough_people_or_nobody(counts: dict[int, int], data: st.DataObject) -> None:
    rows_of = {
        name: {lecture: data.draw(st.sampled_from(["a", "b", "c"])) for lecture in counts}
        for name in ("topic", "district")
    }
    shown = hide(counts, rows_of)
    assert all(counts[lecture] >= SMALL for lecture in shown.lectures)

    def rest(members: list[int]) -> int:
        return sum(counts[lecture] for lecture in members if lecture not in shown.lectures)

    assert rest(list(counts)) == 0 or rest(list(counts)) >= min(SMALL, sum(counts.values()))
    for name, row_of in rows_of.items():
        members: defaultdict[str, list[int]] = defaultdict(list)
        for lecture in counts:
            members[row_of[lecture]].append(lecture)
        for row in shown.rows[name]:
            assert sum(counts[lecture] for lecture in members[row]) >= SMALL
            # A row that is shown, less its lectures that are shown, tells of nobody or of enough.
            assert rest(members[row]) == 0 or rest(members[row]) >= SMALL
        hidden = sum(counts[one] for row, ones in members.items() if row not in shown.rows[name] for one in ones)
        assert hidden == 0 or hidden >= min(SMALL, sum(counts.values()))


def test_a_lecture_of_three_takes_another_with_it() -> None:
    """District A is 103: beside it, and beside 100 of its lectures, three people would be seen."""
    counts = {1: 100, 2: 3, 3: 50, 4: 60}
    shown = hide(counts, {"district": {1: "A", 2: "A", 3: "B", 4: "B"}})
    assert shown.rows["district"] == {"A", "B"}
    assert shown.lectures == {4} or shown.lectures == {3, 4}
    assert 1 not in shown.lectures
    assert 2 not in shown.lectures


@given(st.fixed_dictionaries({level: st.integers(0, 30) for level in LEVELS}))
def test_levels_of_few_answers_are_hidden_within_their_group(levels: dict[int, int]) -> None:
    found = satisfied(levels)
    n = sum(levels.values())
    assert found["n"] == n
    if n < 5:
        assert found["share"]["value"] is None
        assert set(found["levels"].values()) == {None}
        return
    for group in (set(SATISFIED), set(LEVELS) - SATISFIED):
        hidden = [level for level in group if found["levels"][str(level)] is None]
        total = sum(levels[level] for level in group)
        assert sum(levels[level] for level in hidden) in {0, total} or sum(levels[level] for level in hidden) >= SMALL
        assert all(levels[level] == 0 or levels[level] >= SMALL for level in group - set(hidden))
