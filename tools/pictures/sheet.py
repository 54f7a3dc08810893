"""A sheet to draw on: the colours of tokens.css, the icons of icons.svg, and letters that stay readable on a phone.

A sheet is 600 units wide and 1,200 pixels. On the narrowest phone (320 pixels, 288 of them for a picture) a letter of
26 units is 12.5 pixels high, so nothing is written smaller.
"""

from __future__ import annotations

import re
from html import escape
from pathlib import Path

ROOT = Path(__file__).parents[2]
WIDTH = 600
SMALLEST = 26
LEADING = 1.36
_LIGHT = (ROOT / "static/css/tokens.css").read_text("utf-8").partition("\n}\n")[0]
COLOURS = dict(re.findall(r"--([a-z0-9-]+): (#[0-9a-f]{6});", _LIGHT))
ICONS = dict(
    re.findall(r'<symbol id="i-([a-z-]+)" viewBox="0 0 24 24">(.*?)</symbol>', (ROOT / "static/icons.svg").read_text())
)


class Sheet:
    """One picture. Places are the top left corners of things, save for words, which hang from the middle of a line."""

    def __init__(self, title: str, height: int) -> None:
        self.height = height
        self._parts: list[str] = []
        self.box(0, 0, WIDTH, height, fill="paper", line="", r=0)
        self.words(WIDTH / 2, 46, title, size=36, bold=True, at="middle")

    def svg(self) -> str:
        """Return the whole picture."""
        inside = "\n".join(self._parts)
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{self.height}" '
            f'viewBox="0 0 {WIDTH} {self.height}" font-family="Noto Sans CJK SC" stroke-linecap="round" '
            f'stroke-linejoin="round">\n{inside}\n</svg>\n'
        )

    def add(self, part: str) -> None:
        """Add a piece of SVG."""
        self._parts.append(part)

    def box(
        self, x: float, y: float, w: float, h: float, *, fill: str = "surface", line: str = "line", r: float = 10
    ) -> None:
        """Draw a box with round corners."""
        edge = f' stroke="{COLOURS[line]}" stroke-width="2"' if line else ""
        self.add(f'<rect x="{x}" y="{y}" width="{w}" height="{h}" rx="{r}" fill="{COLOURS[fill]}"{edge}/>')

    def disc(self, x: float, y: float, r: float, *, fill: str = "brand") -> None:
        """Draw a disc round its middle."""
        self.add(f'<circle cx="{x}" cy="{y}" r="{r}" fill="{COLOURS[fill]}"/>')

    def line(self, path: str, *, colour: str = "edge", width: float = 3, dash: str = "") -> None:
        """Draw a line along an SVG path."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.add(f'<path d="{path}" fill="none" stroke="{COLOURS[colour]}" stroke-width="{width}"{dashed}/>')

    def down(self, x: float, y: float, length: float, *, colour: str = "edge") -> None:
        """Draw an arrow that points down."""
        end = y + length
        self.line(f"M{x} {y}V{end}M{x - 9} {end - 10}L{x} {end}L{x + 9} {end - 10}", colour=colour, width=4)

    def icon(self, name: str, x: float, y: float, size: float, *, colour: str = "brand") -> None:
        """Draw one of the site's own icons."""
        self.add(
            f'<g transform="translate({x} {y}) scale({size / 24})" fill="none" stroke="{COLOURS[colour]}" '
            f'stroke-width="2">{ICONS[name]}</g>'
        )

    def words(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = 28,
        colour: str = "ink",
        bold: bool = False,
        at: str = "start",
    ) -> None:
        """Write words; `y` is the middle of the first line."""
        if size < SMALLEST:
            raise ValueError(f"{text}: {size} is too small to be read on a phone")
        weight = ' font-weight="700"' if bold else ""
        for number, line in enumerate(text.split("\n")):
            place = f'x="{x}" y="{round(y + number * size * LEADING + size * 0.36, 1)}"'
            self.add(
                f'<text {place} font-size="{size}" fill="{COLOURS[colour]}" text-anchor="{at}"{weight}>'
                f"{escape(line)}</text>"
            )

    def row(
        self,
        y: float,
        h: float,
        sign: str,
        head: str,
        body: str,
        *,
        colour: str = "brand",
        tint: str = "surface",
        is_icon: bool = False,
    ) -> None:
        """Draw a box across the sheet: a disc with a sign or an icon, a heading, and words below it."""
        self.box(24, y, WIDTH - 48, h, fill=tint, line="line" if tint == "surface" else colour)
        middle = y + h / 2
        self.disc(80, middle, 38, fill=colour)
        if is_icon:
            self.icon(sign, 60, middle - 20, 40, colour="on-brand")
        else:
            self.words(80, middle, sign, size=38, colour="on-brand", bold=True, at="middle")
        lines = body.count("\n") + 1 if body else 0
        top = middle - lines * 28 * LEADING / 2
        self.words(138, top, head, size=32, bold=True, colour=colour if colour != "brand" else "ink")
        if body:
            self.words(138, top + 42, body, colour="ink-2")

    def foot(self, text: str, *, colour: str = "brand", tint: str = "brand-tint") -> None:
        """Write what to keep in mind along the lower edge, two lines at most."""
        lines = text.count("\n") + 1
        h = 34 + lines * 40
        y = self.height - h - 24
        self.box(24, y, WIDTH - 48, h, fill=tint, line="")
        self.words(
            WIDTH / 2, y + h / 2 - (lines - 1) * 30 * LEADING / 2, text, size=30, bold=True, colour=colour, at="middle"
        )
