"""Figures of a text in one form, whatever language and script they are written in: 50万元 is 500,000 yuan."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal

_MONTHS = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
)  # fmt: skip
_DATE = re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日|([0-9]{4})-([0-9]{2})-([0-9]{2})(?![0-9])")
_DATE_EN = re.compile(rf"\b([0-9]{{1,2}})\s({'|'.join(_MONTHS)})\s([0-9]{{4}})\b", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<letter>(?<![A-Za-z0-9])[A-Z])?(?P<number>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|[0-9]+(?:\.[0-9]+)?)"
    r"\s?(?P<scale>亿|千万|百万|万|千|thousand\b|million\b|billion\b)?(?:\s?(?P<percent>%|％|per cent\b|percent\b))?"
)
_SCALES = {
    "千": 1_000, "万": 10_000, "百万": 1_000_000, "千万": 10_000_000, "亿": 100_000_000,
    "thousand": 1_000, "million": 1_000_000, "billion": 1_000_000_000,
}  # fmt: skip
_SPELT = re.compile(r"(?P<percent>百分之)?(?P<digits>[一二两三四五六七八九十百千万零]{1,12})")
_WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50,
}  # fmt: skip
_WORD = re.compile(rf"\b(?:{'|'.join(_WORDS)})\b", re.IGNORECASE)
_DIGITS = {digit: number for number, digit in enumerate("零一二三四五六七八九")} | {"两": 2}
_PLACES = {"十": 10, "百": 100, "千": 1_000}


def figures(text: str) -> Iterator[tuple[str, str]]:
    """Yield every figure written in digits as (canonical form, as written). Dates count whole."""
    rest = text
    for pattern in (_DATE, _DATE_EN):
        for match in pattern.finditer(rest):
            yield _date(match), match[0]
        rest = pattern.sub(lambda match: " " * len(match[0]), rest)
    for match in _NUMBER.finditer(rest):
        yield _canonical(match), match[0].strip()


def _date(match: re.Match[str]) -> str:
    parts = [part for part in match.groups() if part is not None]
    if not parts[1].isdigit():
        parts = [parts[2], str(_MONTHS.index(parts[1].lower()) + 1), parts[0]]
    return "-".join(str(int(part)) for part in parts)


def _canonical(match: re.Match[str]) -> str:
    value = Decimal(match["number"].replace(",", "")) * _SCALES.get((match["scale"] or "").lower(), 1)
    number = format(value.normalize(), "f")
    return (match["letter"] or "") + number + ("%" if match["percent"] else "")


def spelt(text: str) -> Iterator[str]:
    """Yield the canonical forms of figures written in words, Chinese or English."""
    for match in _SPELT.finditer(text):
        value = chinese(match["digits"])
        if value is not None:
            yield f"{value}%" if match["percent"] else str(value)
    for match in _WORD.finditer(text):
        yield str(_WORDS[match[0].lower()])


def chinese(digits: str) -> int | None:
    """Return the value of a Chinese numeral such as 五十万, or None when it is none."""
    total = section = number = 0
    for digit in digits:
        if digit in _DIGITS:
            number = _DIGITS[digit]
        elif digit in _PLACES:
            section += (number or (1 if digit == "十" else 0)) * _PLACES[digit]
            number = 0
        else:
            total += (section + number) * 10_000
            section = number = 0
    value = total + section + number
    return value or None
