"""GIFT that Moodle reads; what GIFT cannot say stands in a comment before the question."""

from __future__ import annotations

import re

from portal.quizzes.rules.formats import gift_reader
from portal.quizzes.rules.formats.carrying import MARK, pack
from portal.quizzes.rules.formats.common import (
    Format,
    Loss,
    Reading,
    full_option,
    lowered,
    nearest,
    percent_of,
    told,
)
from portal.quizzes.rules.formats.gift_reader import CATEGORY, decimal
from portal.quizzes.rules.items import TRUE, Item, Kind, Option
from portal.reference.rules.files import UNSTORABLE

_SPECIAL = re.compile(r"[\\:#={}~\n]")


def write(items: list[Item]) -> tuple[str, list[set[Loss]]]:
    """Return the questions as GIFT, and for each what another program will not see."""
    pieces: list[str] = []
    losses = []
    category = ""
    for item in items:
        path = _one_line(item.category)
        if path and path != category:
            pieces.append(f"{CATEGORY} {_category(path)}\n")
            category = path
        text, lost = _written(item)
        seen = _seen(text, category)
        if seen is None:
            text, lost = _written(told(item))[0], {*lost, Loss.TEXT}
            seen = _seen(text, category) or told(item)
        kept = pack(item, seen)
        pieces.append(f"// [{MARK}{kept}]\n{text}" if kept else text)
        losses.append(lost)
    return "\n".join(pieces), losses


def _seen(text: str, category: str) -> Item | None:
    reading = Reading(Format.GIFT)
    gift_reader.read(f"{CATEGORY} {_category(category)}\n\n{text}" if category else text, reading, nearest=False)
    return reading.items[0] if reading.items else None


def _one_line(text: str) -> str:
    return " ".join(UNSTORABLE.sub("", text).split())


def _category(path: str) -> str:
    # Moodle leaves signs in the name of a category as they are escaped, so that only the backslash is.
    return path.replace("\\", "\\\\")


def _safe(text: str) -> str:
    """Return a text with all its signs escaped."""
    return _SPECIAL.sub(lambda found: "\\n" if found[0] == "\n" else f"\\{found[0]}", UNSTORABLE.sub("", text))


def _arrowless(text: str, lost: set[Loss]) -> str:
    """Return a text, escaped, without the arrow, which nothing can escape."""
    if "->" in text:
        lost.add(Loss.TEXT)
    return _safe(text.replace("->", "→"))


def _written(item: Item) -> tuple[str, set[Loss]]:
    plain, lost = lowered(item, ordering=False)
    name = _safe(_one_line(item.title or item.name))
    form = "" if item.form == "moodle" else f"[{item.form}]"
    head = f"::{name}::{form}{_safe(plain.stem)}"
    tags = "".join(f"// [tag:{tag}]\n" for tag in (_tag(tag) for tag in item.tags) if tag)
    if plain.kind is Kind.DESCRIPTION:
        if plain.explanation:
            lost.add(Loss.TEXT)
        return f"{tags}{head}\n", lost
    answers = _answers(plain, lost)
    if plain.explanation:
        answers.append(f"####{_safe(plain.explanation)}")
    body = "\n\t".join(("", *answers))
    return f"{tags}{head}{{{body}\n}}\n" if answers else f"{tags}{head}{{}}\n", lost


def _tag(tag: str) -> str:
    return _one_line(tag).replace("\\", "").replace("[", "").replace("]", "\\]")[:200]


def _answers(item: Item, lost: set[Loss]) -> list[str]:
    if item.kind is Kind.ESSAY:
        return []
    if item.kind is Kind.TRUE_FALSE:
        return [_truth(item)]
    if item.kind is Kind.MATCHING:
        return [f"={_arrowless(one.text, lost)} -> {_arrowless(one.match, lost)}" for one in item.options]
    if item.kind is Kind.NUMERIC:
        return _numeric(item, lost)
    if item.kind is Kind.SHORT_ANSWER:
        return [_weighed("=", one, 1.0, lost, arrows=False) for one in item.options]
    best = full_option(item) if item.kind is Kind.SINGLE_CHOICE else -1
    return [
        f"={_commented(one, lost)}" if place == best else _weighed("~", one, 0.0, lost)
        for place, one in enumerate(item.options)
    ]


def _commented(option: Option, lost: set[Loss], *, arrows: bool = True) -> str:
    said = _safe if arrows else lambda text: _arrowless(text, lost)
    return said(option.text) + (f"#{said(option.feedback)}" if option.feedback else "")


def _weight(fraction: float, lost: set[Loss]) -> float:
    close = nearest(fraction)
    if abs(close - fraction) > 1e-5:
        lost.add(Loss.WEIGHT)
    return close


def _weighed(mark: str, option: Option, default: float, lost: set[Loss], *, arrows: bool = True) -> str:
    share = _weight(option.fraction, lost)
    # A text that begins with a percent sign needs a weight before it, or its own would be taken for one.
    said = "" if share == default and not option.text.startswith("%") else f"%{percent_of(share)}%"
    return f"{mark}{said}{_commented(option, lost, arrows=arrows)}"


def _truth(item: Item) -> str:
    right = next((one for one in item.options if one.is_right), None)
    wrong = next((one for one in item.options if not one.is_right), None)
    said = "T" if right is None or right.id == TRUE else "F"
    bits = [_safe(one.feedback) if one else "" for one in (wrong, right)]
    return f"{said}#{bits[0]}#{bits[1]}" if bits[1] else f"{said}#{bits[0]}" if bits[0] else said


def _numeric(item: Item, lost: set[Loss]) -> list[str]:
    answers = ["#"]
    other = None
    for option in item.options:
        if option.text == "*" and option.fraction == 0:
            other = option
        elif decimal(option.text) is None and option.text != "*":
            lost.add(Loss.TEXT)
        else:
            share = _weight(option.fraction, lost)
            said = "" if share == 1 else f"%{percent_of(share)}%"
            value = option.text + (f":{option.tolerance:.12f}".rstrip("0").rstrip(".") if option.tolerance else "")
            feedback = f"#{_safe(option.feedback)}" if option.feedback else ""
            answers.append(f"={said}{value}{feedback}")
    if len(answers) == 1:
        lost.add(Loss.TEXT)
        answers.append("=%0%*")
    if other is not None:
        answers.append(f"~#{_safe(other.feedback)}")
    return answers
