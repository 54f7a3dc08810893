"""How figures of a quarter are written."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from flask_babel import get_locale, gettext

from portal.metrics.rules.targets import TargetUnit

NOT_KNOWN = "–"
MINUS = "−"
"""A minus sign, which screen readers say; a hyphen they may not."""
MOST_DIGITS = 4


def whole(value: float | None) -> str:
    """Return a count."""
    return NOT_KNOWN if value is None else f"{value:,.0f}".replace("-", MINUS)


def percent(value: float | None, *, unlike: float | None = None, signed: bool = False) -> str:
    """Return a share as a percentage of one decimal, without an empty one.

    Args:
        value: from 0 to 1.
        unlike: a target that is not this value: as many decimals as it takes to see that.
        signed: with a plus.
    """
    if value is None:
        return NOT_KNOWN
    return _number(100 * value, None if unlike is None else 100 * unlike, signed=signed) + "%"


def percentage(value: float | None) -> str:
    """Return what is a percentage already."""
    return NOT_KNOWN if value is None else _number(value) + "%"


def points(value: float | None) -> str:
    """Return percentage points."""
    return NOT_KNOWN if value is None else gettext("%(number)s percentage points", number=_number(value, signed=True))


def signed(value: float | None) -> str:
    """Return percentage points where the head of the column says so."""
    return NOT_KNOWN if value is None else _number(value, signed=True)


def gain(value: float | None) -> str:
    """Return a normalised gain."""
    return NOT_KNOWN if value is None else f"{round(value, 2) + 0.0:.2f}".replace("-", MINUS)


def probability(value: float | None) -> str:
    """Return a p."""
    if value is None:
        return NOT_KNOWN
    return "< 0.001" if value < 0.001 else f"{value:.3f}"


def in_unit(value: float | None, unit: str, *, unlike: float | None = None) -> str:
    """Return a measure in its unit: counts as they are, everything else from 0 to 1."""
    if value is None:
        return NOT_KNOWN
    if unit == TargetUnit.COUNT:
        return whole(value)
    if unit == TargetUnit.GAIN:
        return gain(value)
    if unit == TargetUnit.PP:
        return points(100 * value)
    return percent(value, unlike=unlike, signed=unit == TargetUnit.RELATIVE)


def brief(value: float | None, unit: str) -> str:
    """Return a measure as charts have room for it: percentage points without the word."""
    if value is not None and unit == TargetUnit.PP:
        return _number(100 * value, signed=True)
    return in_unit(value, unit)


def span(low: float | None, high: float | None, unit: str) -> str:
    """Return an interval; empty: there is none."""
    if low is None or high is None:
        return ""
    if unit == TargetUnit.PP:
        bounds = {"low": _number(100 * low, signed=True), "high": _number(100 * high, signed=True)}
        return str(gettext("%(low)s to %(high)s percentage points", **bounds))
    return str(gettext("%(low)s to %(high)s", low=in_unit(low, unit), high=in_unit(high, unit)))


def difference(value: float | None, unit: str) -> str:
    """Return by how much a measure is another than it was."""
    if value is None:
        return NOT_KNOWN
    if unit == TargetUnit.COUNT:
        return f"{value:+,.0f}".replace("-", MINUS) if value else "0"
    if unit == TargetUnit.GAIN:
        return f"{round(value, 2) + 0.0:+.2f}".replace("-", MINUS)
    return points(100 * value)


def _number(value: float, unlike: float | None = None, *, signed: bool = False) -> str:
    digits = 1
    if unlike is not None and abs(unlike - value) > 1e-7:
        while digits < MOST_DIGITS and round(value, digits) == round(unlike, digits):
            digits += 1
    # Without the minus of a nought that was rounded.
    number = round(value, digits) + 0.0
    written = f"{number:{'+' if signed and number else ''},.{digits}f}".replace("-", MINUS)
    return written.removesuffix(".0")


# --- quarters and days


def quarter_name(quarter: str) -> str:
    """Return the name of a quarter, as in a heading."""
    year = quarter[:4]
    names = {
        "1": lambda: gettext("First quarter of %(year)s", year=year),
        "2": lambda: gettext("Second quarter of %(year)s", year=year),
        "3": lambda: gettext("Third quarter of %(year)s", year=year),
        "4": lambda: gettext("Fourth quarter of %(year)s", year=year),
    }
    return str(names[quarter[5]]())


def quarter_short(quarter: str) -> str:
    """Return the name of a quarter where there is little room."""
    year = quarter[:4]
    names = {
        "1": lambda: gettext("Q1 %(year)s", year=year),
        "2": lambda: gettext("Q2 %(year)s", year=year),
        "3": lambda: gettext("Q3 %(year)s", year=year),
        "4": lambda: gettext("Q4 %(year)s", year=year),
    }
    return str(names[quarter[5]]())


def day(value: date) -> str:
    """Return a day without its year."""
    return str(format_skeleton("MMMd", datetime(value.year, value.month, value.day), locale=get_locale()))


def moment(value: datetime | str, zone: ZoneInfo) -> str:
    """Return a time in a zone."""
    at = datetime.fromisoformat(value) if isinstance(value, str) else value
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"
