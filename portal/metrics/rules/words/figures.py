"""Numbers as people read them. Rounding never moves a figure over its target."""

from __future__ import annotations

NONE = "-"


def number(value: float | None, *, digits: int = 1) -> str:
    """Return a number: whole ones without a point, with thousands apart."""
    if value is None:
        return NONE
    if float(value).is_integer():
        return f"{int(value):,}"
    return f"{value:,.{digits}f}"


def share(value: float | None, *, against: float | None = None, sign: bool = False) -> str:
    """Return a share of 1 in percent: 92.9%.

    Args:
        against: what it is judged by: 89.96 % is not written as 90.0 % where 90 % is asked for.
        sign: whether a rise has its plus.
    """
    return NONE if value is None else f"{_rounded(100 * value, _percent(against), sign=sign)}%"


def points(value: float | None, *, against: float | None = None) -> str:
    """Return percentage points, given as a share of 1: +13.7 个百分点."""
    return NONE if value is None else f"{_rounded(100 * value, _percent(against), sign=True)} 个百分点"


def plain_share(value: float) -> str:
    """Return a target in percent without needless digits: 90%, 62.5%."""
    return f"{round(100 * value, 4):g}%"


def interval_words(low: str, high: str) -> str:
    """Return an interval of two bounds that are words already."""
    return f"95% 区间 {low} 至 {high}"


def _percent(value: float | None) -> float | None:
    return None if value is None else 100 * value


def _rounded(value: float, against: float | None, *, sign: bool) -> str:
    """Return a number with as many digits as it needs to stay on its side of `against`."""
    form = "+" if sign else ""
    for digits in (1, 2, 3):
        said = format(value, f"{form}.{digits}f")
        if against is None or _side(float(said), against) == _side(value, against):
            break
    return said.lstrip("+-") if float(said) == 0 else said


def _side(value: float, against: float) -> bool:
    return value >= against - 1e-7
