"""Where the marks of a chart stand: geometry only. Words and colours come where it is drawn.

A chart is laid out twice, for a wide screen (quarters side by side, values upwards) and for a phone (a row a quarter,
values to the right), and the page shows the one that fits.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from portal.metrics.rules.report import Point
from portal.reference.rules.quarters import shift

QUARTERS = 5
"""This quarter and the four before it, so that the same one a year ago is seen."""
WIDE = (820, 330)
WIDE_FRAME = (66, 34, 690, 268)
"""Left, top, right, bottom; to the right of it stands what the target is."""
PHONE_WIDTH = 328
PHONE_FRAME = (24, 34, 304)
"""Left, top, right."""
ROW = 56
"""Of a quarter on a phone."""
FOOT = 32
"""Below a phone's rows, for the numbers of the scale."""
STEPS = 5
"""The most parts that a scale is divided into."""
FINEST = 0.0001
"""The smallest step of a scale: nobody reads more."""
CLOSE = 16
"""So near to the target's line a word would stand on it."""


@dataclass(frozen=True, slots=True)
class Scale:
    """The values that a chart shows, and the numbers beside it."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def along(self, value: float, start: float, end: float) -> float:
        """Return where a value stands between `start` (the lowest) and `end`."""
        return round(start + (end - start) * (value - self.low) / (self.high - self.low), 1)


@dataclass(frozen=True, slots=True)
class Tick:
    """A number of the scale and where it stands."""

    value: float
    at: float


@dataclass(frozen=True, slots=True)
class Mark:
    """A quarter: `place` is across the values, the rest along them; None: there is nothing to draw."""

    point: Point
    place: float
    at: float | None
    low: float | None
    high: float | None
    beneath: bool
    """The value's word stands on the other side, since the target's line is where it would be."""
    is_open: bool
    """The quarter is still running."""


@dataclass(frozen=True, slots=True)
class Layout:
    """A chart for one width of screen."""

    width: int
    height: int
    left: float
    top: float
    right: float
    bottom: float
    base: float
    """Where bars begin: at nought."""
    half: float
    """Half the thickness of a bar."""
    ticks: tuple[Tick, ...]
    target: float | None
    marks: tuple[Mark, ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """The same chart for a wide screen and for a phone."""

    points: tuple[Point, ...]
    target: float | None
    wide: Layout
    phone: Layout

    @property
    def is_empty(self) -> bool:
        """Whether no quarter has a figure."""
        return all(point["value"] is None for point in self.points)


def consecutive(series: Sequence[Point], last: str, most: int = QUARTERS) -> tuple[Point, ...]:
    """Return the newest quarters up to `last`, the oldest first; those of which nothing is known as gaps."""
    known = {point["quarter"]: point for point in series if point["quarter"] <= last}
    if not known:
        return ()
    names, oldest = [last], min(known)
    while len(names) < most and names[0] > oldest:
        names.insert(0, shift(names[0], -1))
    blank = Point(quarter="", value=None, low=None, high=None, n=None)
    return tuple(known.get(name) or {**blank, "quarter": name} for name in names)


def intervals(
    series: Sequence[Point],
    last: str,
    *,
    target: float | None,
    floor: float = -math.inf,
    ceiling: float = math.inf,
    is_open: bool = False,
) -> Chart:
    """Lay out points with their intervals.

    Args:
        series: the oldest first.
        last: the quarter that is shown.
        target: None: no line.
        floor: the lowest value that there can be.
        ceiling: the highest.
        is_open: the last quarter is still running.
    """
    shown = consecutive(series, last)
    values = [one for point in shown for one in (point["value"], point["low"], point["high"]) if one is not None]
    found = scale([*values, *([] if target is None else [target])], floor=floor, ceiling=ceiling)
    return _chart(shown, found, target, is_open=is_open, last=last)


def bars(series: Sequence[Point], last: str, *, target: float | None, is_open: bool = False) -> Chart:
    """Lay out counts, which begin at nought; see `intervals`."""
    shown = consecutive(series, last)
    values = [point["value"] for point in shown if point["value"] is not None]
    found = scale([0, *values, *([] if target is None else [target])], floor=0, whole=True)
    return _chart(shown, found, target, is_open=is_open, last=last)


def scale(
    values: Sequence[float], *, floor: float = -math.inf, ceiling: float = math.inf, whole: bool = False
) -> Scale:
    """Return a scale of round numbers that holds all `values`.

    Args:
        values: at least one, or the scale goes from 0 to 1.
        floor: the scale does not go below it, unless a value does.
        ceiling: nor above this one.
        whole: only whole numbers make sense.
    """
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    floor, ceiling = min(floor, low), max(ceiling, high)
    step = _step((high - low) or abs(high) or 1.0, whole=whole)
    first, final = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if final - first > STEPS:
        step = _step(step * (STEPS + 1), whole=whole)
        first, final = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if first == final:
        first, final = (first - 1, final) if (final + 1) * step > ceiling else (first, final + 1)
    ticks = [round(number * step, 10) for number in range(first, final + 1)]
    inside = tuple(one for one in ticks if floor - 1e-9 <= one <= ceiling + 1e-9)
    bottom, top = max(ticks[0], floor), min(ticks[-1], ceiling)
    return Scale(min(bottom, low), max(top, high), inside)


def _step(width: float, *, whole: bool) -> float:
    """Return the smallest round step that divides `width` into no more than `STEPS`."""
    power = 10.0 ** math.floor(math.log10(max(width, FINEST) / STEPS))
    step = next(one * power for one in (1, 2, 5, 10, 20) if one * power * STEPS >= width * (1 - 1e-9))
    return max(step, 1.0 if whole else FINEST)


def _chart(points: tuple[Point, ...], found: Scale, target: float | None, *, is_open: bool, last: str) -> Chart:
    count = max(len(points), 1)
    left, top, right, bottom = WIDE_FRAME
    slot = (right - left) / count
    wide = _layout(
        points,
        found,
        target,
        size=WIDE,
        frame=WIDE_FRAME,
        ends=(bottom, top),
        places=[left + slot * (number + 0.5) for number in range(count)],
        half=min(36.0, slot * 0.28),
        running=last if is_open else "",
    )
    left, top, right = PHONE_FRAME
    bottom = top + ROW * count
    phone = _layout(
        points,
        found,
        target,
        size=(PHONE_WIDTH, bottom + FOOT),
        frame=(left, top, right, bottom),
        ends=(left, right),
        places=[top + ROW * number + 40 for number in range(count)],
        half=8.0,
        running=last if is_open else "",
    )
    return Chart(points, target, wide, phone)


def _layout(
    points: tuple[Point, ...],
    found: Scale,
    target: float | None,
    *,
    size: tuple[int, int],
    frame: tuple[int, int, int, int],
    ends: tuple[float, float],
    places: list[float],
    half: float,
    running: str,
) -> Layout:
    def at(value: float | None) -> float | None:
        return None if value is None else found.along(value, *ends)

    line = at(target)
    marks = []
    for point, place in zip(points, places, strict=False):
        here = at(point["value"])
        beneath = here is not None and line is not None and 0 <= here - line < CLOSE
        # An interval without its value is not drawn: nothing would stand in it.
        low, high = (None, None) if here is None else (at(point["low"]), at(point["high"]))
        marks.append(Mark(point, round(place, 1), here, low, high, beneath, point["quarter"] == running))
    left, top, right, bottom = frame
    return Layout(
        width=size[0],
        height=size[1],
        left=left,
        top=top,
        right=right,
        bottom=bottom,
        base=found.along(min(max(0.0, found.low), found.high), *ends),
        half=round(half, 1),
        ticks=tuple(Tick(value, found.along(value, *ends)) for value in found.ticks),
        target=line,
        marks=tuple(marks),
    )
