"""Charts as pictures for documents, drawn in the colours of the light theme. Where no font for 汉字 is installed there
is no picture, and the table beside it stands alone.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from functools import cache
from math import inf
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from portal.core.settings import ROOT
from portal.metrics.rules import words
from portal.metrics.rules.report import Point, Report
from portal.metrics.rules.words import labels
from portal.metrics.rules.words.verdicts import said_by

WIDTH, HEIGHT = 1600, 640
LEFT, RIGHT, TOP, BOTTOM = 170, 60, 60, 90
SIZE = 30
STEPS = (1.0, 2.0, 5.0, 10.0)
FONTS = (
    ("/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/noto-cjk/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/google-noto-sans-cjk-fonts/NotoSansCJK-Regular.ttc", 2),
    ("/usr/share/fonts/truetype/wqy/wqy-microhei.ttc", 0),
)
"""Where distributions put a font that has 汉字, and which face of the file is the one for Simplified Chinese."""
_TOKEN = re.compile(r"--([a-z0-9-]+):\s*(#[0-9a-f]{6})\b")


class Made(NamedTuple):
    """A chart, and the same in words."""

    png: bytes
    alt: str


class Scale(NamedTuple):
    """An axis from `low` to `high` with a line at each of `ticks`."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def y(self, value: float) -> float:
        """Return where a value is drawn."""
        return HEIGHT - BOTTOM - (value - self.low) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)


def measure(report: Report, name: str) -> Made | None:
    """Return a measure over the quarters: points with intervals, or bars where all were counted. None: nothing to draw.

    The line of the target is named in words, and so is every value: nothing is told by colour alone.
    """
    points = report["series"].get(name) or []
    line = next((one for one in report["verdicts"] if one["measure"] == name), None)
    font = _font()
    if font is None or line is None or all(one["value"] is None for one in points):
        return None
    by = words.judged(report, line)
    said = said_by(name, by.unit)
    # No share is above 100 %.
    limit = 1.0 if by.unit == "share" else inf
    png = _draw(points, by.target, said, bars=by.unit == "count", limit=limit, font=font)
    return Made(png, _alt(name, points, by.target, said))


def _alt(name: str, points: list[Point], target: float, said: Callable[[float | None], str]) -> str:
    values = []
    for one in points:
        value = said(one["value"]) if one["value"] is not None else "没有数字"
        if one["low"] is not None and one["high"] is not None:
            value += f"（{words.interval_words(said(one['low']), said(one['high']))}）"
        values.append(f"{one['quarter']} {value}")
    return f"{words.label(labels.MEASURES, name)}：{'；'.join(values)}。目标 {said(target)}。"


def _draw(
    points: list[Point],
    target: float,
    said: Callable[[float | None], str],
    *,
    bars: bool,
    limit: float,
    font: ImageFont.FreeTypeFont,
) -> bytes:
    ink = ink_of_paper()
    picture = Image.new("RGB", (WIDTH, HEIGHT), ink["surface"])
    draw = ImageDraw.Draw(picture)
    known = [one[key] for one in points for key in ("value", "low", "high")]
    values = [*(one for one in known if one is not None), target]
    scale = _scale([0.0, *values] if bars else values, limit=limit)
    right = WIDTH - RIGHT
    for tick in scale.ticks:
        y = scale.y(tick)
        draw.line((LEFT, y, right, y), fill=ink["line"], width=2)
        draw.text((LEFT - 16, y), said(tick).split(" ")[0], fill=ink["ink-2"], font=font, anchor="rm")
    step = (right - LEFT) / max(1, len(points))
    for place, one in enumerate(points):
        x = LEFT + step * (place + 0.5)
        draw.text((x, HEIGHT - BOTTOM + 24), one["quarter"], fill=ink["ink"], font=font, anchor="mt")
        value = one["value"]
        if value is None:
            draw.text((x, HEIGHT - BOTTOM - 16), "没有数字", fill=ink["ink-2"], font=font, anchor="mb")
        elif bars:
            draw.rectangle((x - step / 5, scale.y(value), x + step / 5, scale.y(scale.low)), fill=ink["brand"])
        else:
            _whisker(draw, x, one, scale, ink["brand"])
    y = scale.y(target)
    for start in range(LEFT, right, 28):
        draw.line((start, y, min(start + 16, right), y), fill=ink["careful"], width=4)
    for place, one in enumerate(points):
        if one["value"] is not None:
            x, top = LEFT + step * (place + 0.5), scale.y(one["value"])
            at, anchor = ((x, top - 12), "mb") if bars else ((x + 22, top), "lm")
            _label(draw, at, said(one["value"]).split(" ")[0], font, anchor, ink)
    _label(draw, (LEFT + 8, y - 8), f"目标 {said(target)}", font, "lb", ink, colour=ink["careful"])
    out = io.BytesIO()
    picture.save(out, "PNG", optimize=True)
    return out.getvalue()


def _whisker(draw: ImageDraw.ImageDraw, x: float, one: Point, scale: Scale, colour: str) -> None:
    value, low, high = one["value"], one["low"], one["high"]
    if low is not None and high is not None:
        bottom, top = scale.y(low), scale.y(high)
        draw.line((x, bottom, x, top), fill=colour, width=5)
        for y in (bottom, top):
            draw.line((x - 18, y, x + 18, y), fill=colour, width=5)
    if value is not None:
        y = scale.y(value)
        draw.ellipse((x - 12, y - 12, x + 12, y + 12), fill=colour)


def _label(
    draw: ImageDraw.ImageDraw,
    at: tuple[float, float],
    text: str,
    font: ImageFont.FreeTypeFont,
    anchor: str,
    ink: dict[str, str],
    *,
    colour: str = "",
) -> None:
    """Write words on a piece of paper of their own, so that no line runs through them."""
    left, top, right, bottom = draw.textbbox(at, text, font=font, anchor=anchor)
    draw.rectangle((left - 6, top - 4, right + 6, bottom + 4), fill=ink["surface"])
    draw.text(at, text, fill=colour or ink["ink"], font=font, anchor=anchor)


def _scale(values: list[float], *, limit: float = inf) -> Scale:
    """Return an axis with about four lines at round numbers around the values; a value at `limit` may be at its top."""
    least, most = min(values), max(values)
    # Values that are all but one: an axis as long as they are high, or 1.
    span = most - least if most - least > 1e-4 * max(1.0, abs(most)) else max(abs(most), 1.0)
    rough = span / 4
    power = 10.0 ** _exponent(rough)
    step = next(one * power for one in STEPS if one * power >= rough - 1e-12)
    first = int(least // step)
    last = int(-(-most // step))
    if last * step - most < step / 5 and (last + 1) * step <= limit + 1e-9:
        last += 1
    first -= first == last
    ticks = tuple(round(place * step, 10) for place in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], ticks)


def _exponent(value: float) -> int:
    return int(f"{value:e}".partition("e")[2])


@cache
def _font() -> ImageFont.FreeTypeFont | None:
    for path, face in FONTS:
        if Path(path).is_file():
            return ImageFont.truetype(path, SIZE, index=face)
    return None


@cache
def ink_of_paper() -> dict[str, str]:
    """Return the colours of the light theme, which stands first in tokens.css."""
    found: dict[str, str] = {}
    for name, value in _TOKEN.findall((ROOT / "static" / "css" / "tokens.css").read_text("utf-8")):
        found.setdefault(name, value)
    return found
