"""What people knew before and after: pairs by code, each figure with its interval (`measures.md`, 2).

Pairs alone carry the headline. Who answered once only is told apart: the difference between all who answered before and
all who answered after is computed as between strangers, and never mixed with the pairs.
"""

from __future__ import annotations

import math
import random
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from portal.metrics.rules import intervals
from portal.metrics.rules.intervals import Estimate, Table
from portal.metrics.rules.verdicts import LEAST, Judgement, Unit, Verdict, judge_rise

TARGET = 0.2
ROUNDS = 2_000
"""Drawings of lectures of which the interval between lectures is made."""
SEED = 20_200_101
"""What the drawings begin with unless another seed is recorded."""
FEW_LECTURES = 10
"""With fewer than these the interval between lectures is known to be too narrow."""
LOW_SHARE = 0.6
"""Where fewer of those who answered before also answered after, those left may be others than those gone."""
EDGE = 1e-9
RETEST = 0.064
"""What merely asking again raised the mean by, in data without any teaching (`measures.md`, 1)."""


@dataclass(frozen=True, slots=True)
class Person:
    """What one person answered; shares from 0 to 1. None: not asked then, or nobody knows that it was they."""

    before: float | None
    after: float | None
    lecture: str = ""
    """Where it was; empty: there was one, or nobody recorded it."""
    control_before: float | None = None
    control_after: float | None = None
    """Questions that the lecture did not speak of."""
    items_before: Mapping[str, bool] = field(default_factory=dict)
    items_after: Mapping[str, bool] = field(default_factory=dict)
    """By question: whether it was right."""
    is_linked: bool = True
    """A code says that both are the same person's."""

    @property
    def is_pair(self) -> bool:
        """Whether it counts for the headline."""
        return self.is_linked and self.before is not None and self.after is not None


class Caveat(StrEnum):
    """What a reader of the figures has to know."""

    NO_CONTROL = "no_control"
    """No question was left untaught: a part of the rise may come from being asked twice."""
    RETEST = "retest"
    """Untaught questions rose as well."""
    ATTRITION = "attrition"
    """Many who answered before did not answer after."""
    UNLIKE = "unlike"
    """Those who stayed knew more, or less, than those who left."""
    CEILING = "ceiling"
    """People knew so much before that the relative target cannot be judged."""
    ONE_LECTURE = "one_lecture"
    """How much lectures differ cannot be seen from one."""
    FEW_LECTURES = "few_lectures"
    """The interval between so few lectures is too narrow."""
    UNLINKED = "unlinked"
    """Answers without a code are left out of the headline."""


@dataclass(frozen=True, slots=True)
class ItemChange:
    """How the answers to one question changed, in pairs."""

    item: str
    table: Table
    change: Estimate
    p: float
    """McNemar's exact p, two-sided."""


@dataclass(frozen=True, slots=True)
class Attrition:
    """Who was lost between before and after."""

    share: float | None
    """Of those who answered before, how many answered after too."""
    kept_before: float | None
    lost_before: float | None
    """What both knew before, as mean shares."""
    difference: Estimate
    """Kept less lost."""


@dataclass(frozen=True, slots=True)
class Clusters:
    """How the interval between lectures was made."""

    lectures: int
    seed: int
    rounds: int
    pp: Estimate
    relative: Estimate
    gain: Estimate


@dataclass(frozen=True, slots=True)
class Uplift:
    """What answers before and after come to. Figures are None where there are too few pairs to say."""

    n_pre: int
    n_post: int
    n_matched: int
    judgement: Judgement
    before: float | None = None
    after: float | None = None
    pp: Estimate = Estimate()
    relative: Estimate = Estimate()
    gain: Estimate = Estimate()
    control: Estimate = Estimate()
    """The change of untaught questions."""
    net: Estimate = Estimate()
    """The rise less that of untaught questions, of each person."""
    items: tuple[ItemChange, ...] = ()
    attrition: Attrition = Attrition(None, None, None, Estimate())
    unlinked_pre: int = 0
    unlinked_post: int = 0
    independent: Estimate = Estimate()
    """The difference between all unlinked answers before and all after, as between strangers."""
    clusters: Clusters | None = None
    warnings: tuple[Caveat, ...] = ()


def uplift(
    people: Iterable[Person],
    *,
    target: float = TARGET,
    unit: Unit = Unit.RELATIVE,
    least: int = LEAST,
    seed: int = SEED,
    rounds: int = ROUNDS,
) -> Uplift:
    """Return what people knew before and after, with a verdict on the target.

    Args:
        people: everybody who answered at least once.
        target: what was to be reached, as a share.
        unit: in what; see `Unit`.
        least: complete pairs below which no figure is given.
        seed: of the drawing of lectures; the same one gives the same interval.
        rounds: drawings.
    """
    known = list(people)
    linked = [one for one in known if one.is_linked]
    pairs = [one for one in linked if one.is_pair]
    unlinked = ([one.before for one in known if not one.is_linked], [one.after for one in known if not one.is_linked])
    loose_pre, loose_post = ([value for value in values if value is not None] for values in unlinked)
    n_pre = sum(one.before is not None for one in known)
    n_post = sum(one.after is not None for one in known)
    said = [Caveat.UNLINKED] if loose_pre or loose_post else []
    strangers = _independent(loose_pre, loose_post, least)
    if len(pairs) < max(least, 2):
        judgement = Judgement(Verdict.TOO_FEW, unit, target)
        return Uplift(
            n_pre,
            n_post,
            len(pairs),
            judgement,
            independent=strangers,
            warnings=tuple(said),
            unlinked_pre=len(loose_pre),
            unlinked_post=len(loose_post),
        )
    m = intervals.moments([one.before or 0.0 for one in pairs], [one.after or 0.0 for one in pairs])
    pp, relative, gain = intervals.difference(m), intervals.relative(m), intervals.gain(m, maximum=1.0)
    clusters = _clusters(pairs, seed=seed, rounds=rounds)
    if clusters is not None:
        # Of few lectures neither interval alone is wide enough, so that which holds both is judged.
        pp, relative, gain = pp.widened(clusters.pp), relative.widened(clusters.relative), gain.widened(clusters.gain)
    control, net = _control(pairs, least)
    attrition = _attrition(linked)
    judgement = judge_rise(
        n=m.n, before=m.first, pp=pp, relative=relative, gain=gain, target=target, unit=unit, least=least
    )
    said += _warnings(judgement, control, attrition, clusters)
    return Uplift(
        n_pre,
        n_post,
        m.n,
        judgement,
        before=m.first,
        after=m.second,
        pp=pp,
        relative=relative,
        gain=gain,
        control=control,
        net=net,
        items=_items(pairs),
        attrition=attrition,
        independent=strangers,
        clusters=clusters,
        warnings=tuple(said),
        unlinked_pre=len(loose_pre),
        unlinked_post=len(loose_post),
    )


def _independent(before: Sequence[float], after: Sequence[float], least: int) -> Estimate:
    enough = min(len(before), len(after)) >= max(least, 2)
    return intervals.independent(before, after) if enough else Estimate()


def _control(pairs: Sequence[Person], least: int) -> tuple[Estimate, Estimate]:
    """Return the change of untaught questions, and the rise less it."""
    asked = [
        (one.control_before, one.control_after, one.before or 0.0, one.after or 0.0)
        for one in pairs
        if one.control_before is not None and one.control_after is not None
    ]
    if len(asked) < max(least, 2):
        return Estimate(), Estimate()
    first = [before for before, _after, _taught, _then in asked]
    second = [after for _before, after, _taught, _then in asked]
    net = [(then - taught) - (after - before) for before, after, taught, then in asked]
    zero = [0.0] * len(net)
    return intervals.difference(intervals.moments(first, second)), intervals.difference(intervals.moments(zero, net))


def _attrition(linked: Sequence[Person]) -> Attrition:
    kept = [one.before for one in linked if one.before is not None and one.after is not None]
    lost = [one.before for one in linked if one.before is not None and one.after is None]
    total = len(kept) + len(lost)
    return Attrition(
        len(kept) / total if total else None,
        math.fsum(kept) / len(kept) if kept else None,
        math.fsum(lost) / len(lost) if lost else None,
        intervals.independent(lost, kept),
    )


def _items(pairs: Sequence[Person]) -> tuple[ItemChange, ...]:
    counts: dict[str, list[int]] = {}
    for one in pairs:
        for item, was in one.items_before.items():
            now = one.items_after.get(item)
            if now is not None:
                cells = counts.setdefault(item, [0, 0, 0, 0])
                cells[(0 if now else 2) if was else (1 if now else 3)] += 1
    tables = {item: Table(*cells) for item, cells in counts.items()}
    return tuple(
        ItemChange(item, table, intervals.newcombe_paired(table), intervals.mcnemar_exact(table.gained, table.lost))
        for item, table in tables.items()
    )


def _clusters(pairs: Sequence[Person], *, seed: int, rounds: int) -> Clusters | None:
    """Return the intervals that come of drawing whole lectures with replacement; None: there is one lecture.

    A. C. Davison and D. V. Hinkley, *Bootstrap Methods and their Application* (1997), 3.8: people of one lecture are
    alike, so lectures are drawn and not people. Percentiles of the drawings.
    """
    lectures: defaultdict[str, list[Person]] = defaultdict(list)
    for one in pairs:
        lectures[one.lecture].append(one)
    if len(lectures) < 2:
        return None
    # In the order of their names, and summed exactly: what is drawn depends on the seed and the data, not on the order
    # of the rows.
    cells = [
        (
            float(len(lectures[name])),
            math.fsum(one.before or 0.0 for one in lectures[name]),
            math.fsum(one.after or 0.0 for one in lectures[name]),
        )
        for name in sorted(lectures)
    ]
    chance, count = random.Random(seed), len(cells)  # noqa: S311  # statistics, to be drawn again by anybody
    found: tuple[list[float], list[float], list[float]] = ([], [], [])
    for _round in range(rounds):
        n = before = after = 0.0
        for _draw in range(count):
            cell = cells[int(chance.random() * count)]
            n, before, after = n + cell[0], before + cell[1], after + cell[2]
        found[0].append((after - before) / n)
        if before > EDGE:
            found[1].append(after / before - 1)
        if n - before > EDGE:
            found[2].append((after - before) / (n - before))
    pp, relative, gain = (_percentiles(values, rounds) for values in found)
    return Clusters(count, seed, rounds, pp, relative, gain)


def _percentiles(values: list[float], rounds: int) -> Estimate:
    """Return the points of 2.5 and 97.5 %; none where a drawing had no value."""
    if len(values) < rounds:
        return Estimate()
    values.sort()
    low, high = int(0.025 * rounds), min(rounds - 1, math.ceil(0.975 * rounds) - 1)
    return Estimate(None, values[low], values[high])


def _warnings(
    judgement: Judgement, control: Estimate, attrition: Attrition, clusters: Clusters | None
) -> Iterable[Caveat]:
    if control.low is None:
        yield Caveat.NO_CONTROL
    elif control.low > 0:
        yield Caveat.RETEST
    if attrition.share is not None and attrition.share < LOW_SHARE:
        yield Caveat.ATTRITION
    bounds = attrition.difference.bounds
    if bounds is not None and (bounds[0] > 0 or bounds[1] < 0):
        yield Caveat.UNLIKE
    if judgement.at_ceiling:
        yield Caveat.CEILING
    if clusters is None:
        yield Caveat.ONE_LECTURE
    elif clusters.lectures < FEW_LECTURES:
        yield Caveat.FEW_LECTURES
