"""Student's t distribution, without a library of 100 MB for one function.

The distribution function is the regularised incomplete beta function (M. Abramowitz and I. A. Stegun, *Handbook of
Mathematical Functions*, 26.7.1 and 26.5.8), its continued fraction evaluated by the modified Lentz method (W. J. Lentz,
*Applied Optics* 15 (1976), 668-671; I. J. Thompson and A. R. Barnett, *J. Comput. Phys.* 64 (1986), 490-509).
"""

from __future__ import annotations

import math
from functools import cache
from statistics import NormalDist

_TINY = 1e-300
_ENOUGH = 1e-15
_MOST_TERMS = 10_000
NORMAL_FROM = 10_000_000
"""With so many degrees of freedom t and the normal distribution agree in seven digits."""


def cdf(t: float, df: float) -> float:
    """Return P(T <= t) for `df` degrees of freedom, which need not be whole.

    Raises:
        ValueError: there are no degrees of freedom.
    """
    if not df > 0:
        raise ValueError(f"{df} degrees of freedom")
    tail = _incomplete_beta(df / 2, 0.5, df / (df + t * t)) / 2
    return 1 - tail if t > 0 else tail


@cache
def quantile(p: float, df: float) -> float:
    """Return the t below which T lies with probability `p`, to about twelve digits.

    Raises:
        ValueError: `p` is not between 0 and 1, or there are no degrees of freedom.
    """
    if not 0 < p < 1 or not df > 0:
        raise ValueError((p, df))
    if df >= NORMAL_FROM:
        return NormalDist().inv_cdf(p)
    if p < 0.5:
        return -quantile(1 - p, df)
    low, high = 0.0, 2.0
    while cdf(high, df) < p:
        low, high = high, high * 2
    while high - low > 1e-13 * max(1.0, high):
        middle = (low + high) / 2
        if middle in (low, high):
            break
        if cdf(middle, df) < p:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def _incomplete_beta(a: float, b: float, x: float) -> float:
    """Return I_x(a, b)."""
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    front = math.exp(math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x))
    # The fraction converges fast on one side of the mean; the other side is its mirror image (26.5.2).
    if x < (a + 1) / (a + b + 2):
        return front * _fraction(a, b, x) / a
    return 1 - front * _fraction(b, a, 1 - x) / b


def _fraction(a: float, b: float, x: float) -> float:
    """Return the continued fraction of the incomplete beta function."""
    c, d = 1.0, 1 / _off_zero(1 - (a + b) * x / (a + 1))
    value = d
    for m in range(1, _MOST_TERMS):
        for step in (
            m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)),
        ):
            d = 1 / _off_zero(1 + step * d)
            c = _off_zero(1 + step / c)
            value *= c * d
        if abs(c * d - 1) < _ENOUGH:
            break
    return value


def _off_zero(value: float) -> float:
    return value if abs(value) > _TINY else _TINY
