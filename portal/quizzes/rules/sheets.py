"""The answers of many attempts as columns of numbers, and the figures that come of them.

Imports numpy, like `moments`: import it inside the function that needs it.

An answer is a *code*: a number that stands for what was said. There are few different answers to a question, so each
is marked once, by the key that holds now, and not once for every attempt that gave it.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from portal.core.settings import Audience
from portal.quizzes.rules import marking
from portal.quizzes.rules.answers import Answer, from_plain
from portal.quizzes.rules.cells import guarded
from portal.quizzes.rules.counts import is_small, suppress
from portal.quizzes.rules.detection import Detection, detect
from portal.quizzes.rules.figures import (
    Column,
    Counted,
    Figures,
    ItemFigures,
    Seconds,
    shown_detection,
    standardised,
)
from portal.quizzes.rules.items import CHOICES, Item, Kind
from portal.quizzes.rules.marking import Mark, Outcome
from portal.quizzes.rules.readings import read_test, reading
from portal.quizzes.rules.statistics import analyse, of_drawn

Ints = NDArray[np.int32]
Floats = NDArray[np.float64]

NONE = -1
"""In a column of codes: nothing was answered. In one of times: unknown."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """Attempts × places."""

    columns: tuple[Column, ...]
    items: Mapping[str, Item]
    """The questions with the keys that they are marked by now."""
    names: tuple[str, ...]
    """The questions by number."""
    said: Sequence[str]
    """By code: the answer as it is stored; of questions whose answers are not counted: outcome and share."""
    item: NDArray[np.int16]
    """The number of the question that stood at each place."""
    code: Ints
    tenths: Ints
    """Tenths of a second."""

    @property
    def n(self) -> int:
        """How many attempts there are."""
        return len(self.code)

    def questions(self, place: int) -> Iterator[tuple[str, NDArray[np.bool_] | None]]:
        """Return each question that stood at a place, and in which attempts; None: in all."""
        column = self.columns[place]
        if column.item:
            yield column.item, None
            return
        there = np.bincount(self.item[:, place], minlength=len(self.names))
        for number in np.flatnonzero(there):
            yield self.names[number], self.item[:, place] == number


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a code means for one question."""

    answer: Answer | None
    """None: only its outcome is known."""
    mark: Mark


def meaning(said: str, item: Item) -> Meaning:
    """Return what an answer means, and its mark by the question's key."""
    if said.startswith("{"):
        answer = from_plain(json.loads(said))
        return Meaning(answer, marking.mark(item, answer))
    outcome, _, fraction = said.partition(" ")
    return Meaning(None, Mark(float(fraction), Outcome(outcome)))


class Marked:
    """A sheet with its marks."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._meanings: dict[tuple[str, int], Meaning] = {}
        self.shares: Floats = np.zeros(sheet.code.shape)
        """What each answer is worth, as a share of the place's points; an answer that was not given is worth none."""
        self.counts: dict[tuple[int, str], Counter[int]] = {}
        """By slot and question: how often each code was given."""
        for place, column in enumerate(sheet.columns):
            for name, rows in sheet.questions(place):
                self._mark(place, column, name, rows)
        self.marks: Floats = self.shares * np.array([column.points for column in sheet.columns])
        self.totals: Floats = self.marks.sum(axis=1)

    def _mark(self, place: int, column: Column, name: str, rows: NDArray[np.bool_] | None) -> None:
        codes = self.sheet.code[:, place] if rows is None else self.sheet.code[rows, place]
        found = np.bincount(codes + 1)
        worth = np.zeros(len(found))
        counts = self.counts.setdefault((column.slot, name), Counter())
        for one in np.flatnonzero(found).tolist():
            counts[one - 1] += int(found[one])
            worth[one] = self.of(name, one - 1).mark.fraction
        if rows is None:
            self.shares[:, place] = worth[codes + 1]
        else:
            self.shares[rows, place] = worth[codes + 1]

    def of(self, name: str, code: int) -> Meaning:
        """Return what a code means for a question."""
        if code == NONE:
            return Meaning(Answer(), Mark(0.0, Outcome.BLANK))
        found = self._meanings.get((name, code))
        if found is None:
            found = self._meanings[name, code] = meaning(self.sheet.said[code], self.sheet.items[name])
        return found


def figures(
    sheet: Sheet, *, audiences: Mapping[Audience, NDArray[np.bool_]], mix: Mapping[Audience, float] | None = None
) -> Figures:
    """Return the figures of a sheet.

    Args:
        audiences: the attempts of each audience that may be shown apart.
        mix: the shares of audiences that standardised means are made with.
    """
    marked = Marked(sheet)
    maxima = [column.points for column in sheet.columns]
    analysis = analyse(
        marked.marks, maxima=maxima, names=[column.item or f"#{column.slot + 1}" for column in sheet.columns]
    )
    means = {audience: _means(marked.marks[rows], maxima) for audience, rows in audiences.items()}
    items = []
    for place, (column, statistics) in enumerate(zip(sheet.columns, analysis.items, strict=True)):
        apart = {audience: found[place] for audience, found in means.items()}
        items.append(
            ItemFigures(
                column=column,
                item=column.item,
                statistics=statistics,
                readings=tuple(reading(statistics)),
                counted=_counted(marked, column.slot, column.item) if column.item else None,
                seconds=_seconds(sheet.tenths[:, place]),
                by_audience=apart,
                standardised=standardised(apart, mix or {}),
            )
        )
    drawn, few = _drawn(marked)
    full = sum(maxima)
    totals = {
        audience: float(marked.totals[rows].mean()) / full if full and rows.any() else None
        for audience, rows in audiences.items()
    }
    return Figures(
        n=sheet.n,
        test=analysis.test,
        readings=tuple(read_test(analysis.test)),
        items=tuple(items),
        drawn=tuple(drawn),
        drawn_few=few,
        detection=_detection(marked),
        by_audience=totals,
        standardised=standardised(totals, mix or {}),
    )


def _means(marks: Floats, maxima: Sequence[float]) -> list[float | None]:
    """Return the facility of each place."""
    found = marks.mean(axis=0).tolist() if len(marks) else [None] * len(maxima)
    return [None if mean is None or not full else mean / full for mean, full in zip(found, maxima, strict=True)]


def _drawn(marked: Marked) -> tuple[list[ItemFigures], bool]:
    """Return the questions that were drawn by enough attempts, and whether there are others."""
    sheet, found, few = marked.sheet, [], False
    slots = {column.slot: column for column in sheet.columns if not column.item}
    for slot, column in slots.items():
        places = [place for place, one in enumerate(sheet.columns) if one.slot == slot]
        taken = {name: counts.total() for (where, name), counts in marked.counts.items() if where == slot}
        shown = guarded(taken)
        few = few or len(shown) < len(taken)
        for name in (name for name in column.pool if name in shown):
            number = sheet.names.index(name)
            at = [sheet.item[:, place] == number for place in places]
            x = np.concatenate([marked.marks[rows, place] for rows, place in zip(at, places, strict=True)])
            totals = np.concatenate([marked.totals[rows] for rows in at])
            tenths = np.concatenate([sheet.tenths[rows, place] for rows, place in zip(at, places, strict=True)])
            statistics = of_drawn(x, totals, maximum=column.points, name=name)
            counted = _counted(marked, slot, name)
            found.append(ItemFigures(column, name, statistics, tuple(reading(statistics)), counted, _seconds(tenths)))
    return found, few


def _counted(marked: Marked, slot: int, name: str) -> Counted:
    item = marked.sheet.items[name]
    by_outcome = item.kind not in CHOICES
    given: Counter[str] = Counter()
    unknown = blank = 0
    counts = marked.counts.get((slot, name), Counter())
    for code, count in counts.items():
        meant = marked.of(name, code)
        if meant.answer is not None and meant.answer.dont_know:
            unknown += count
        elif meant.mark.outcome is Outcome.BLANK:
            blank += count
        elif meant.answer is not None and not by_outcome:
            given.update(dict.fromkeys(set(meant.answer.chosen), count))
        elif meant.mark.outcome is Outcome.DONT_KNOW:
            unknown += count
        else:
            given[meant.mark.outcome.value] += count
    keys = [option.id for option in item.options]
    if by_outcome:
        keys = [outcome.value for outcome in (Outcome.RIGHT, Outcome.PARTLY, Outcome.WRONG)]
    # True and False are no ids of options, and so cannot be taken for one.
    parts: dict[str | bool, int] = {**{key: given[key] for key in keys}, True: unknown, False: blank}
    shown = _parts(parts, whole=item.kind is not Kind.MULTIPLE_CHOICE)
    options = tuple((key, shown[key]) for key in keys)
    return Counted(counts.total(), options, by_outcome, shown[True], shown[False])


def _parts(parts: dict[str | bool, int], *, whole: bool) -> dict[str | bool, int | None]:
    """Return counts without those that must not be shown; `whole`: together they make a number that is known."""
    if not whole:
        return suppress(parts)
    shown = guarded(parts)
    # A part of nobody beside hidden ones would leave these fewer to be shared out among.
    return {key: count if key in shown or (not count and len(shown) == _filled(parts)) else None
            for key, count in parts.items()}  # fmt: skip


def _filled(parts: Mapping[str | bool, int]) -> int:
    return sum(1 for count in parts.values() if count)


def _seconds(tenths: Ints) -> Seconds:
    known = tenths[tenths >= 0]
    if is_small(len(known)):
        return Seconds()
    lower, median, upper = (np.percentile(known, (25, 50, 75)) / 10).tolist()
    return Seconds(lower, median, upper)


def _detection(marked: Marked) -> Detection | None:
    totals = Counter[str]()
    for (_slot, name), counts in marked.counts.items():
        item = marked.sheet.items[name]
        if item.kind is not Kind.JUDGEMENT:
            continue
        for code, count in counts.items():
            answer = marked.of(name, code).answer
            one = detect([(item, answer or Answer())])
            for part in Detection.__dataclass_fields__:
                totals[part] += count * getattr(one, part)
    return shown_detection(Detection(**{part: totals[part] for part in Detection.__dataclass_fields__}))
