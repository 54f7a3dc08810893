"""Reading GIFT as others read it: with gift-pegjs, put into the words that our own reader's questions are put into."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Sequence
from typing import Any

import pytest

from portal.core.settings import ROOT
from portal.quizzes.rules.formats import Reading
from portal.quizzes.rules.items import TRUE, Item, Kind

TOOLS = ROOT / "tools"
needs_node = pytest.mark.skipif(
    shutil.which("node") is None or not (TOOLS / "node_modules" / "gift-pegjs").exists(),
    reason="node or gift-pegjs is not installed (make tools)",
)
Plain = dict[str, Any]
"""A question: type, title, form, stem, answers and general feedback."""


def by_gift_pegjs(texts: Sequence[str]) -> list[list[Plain] | None]:
    """Return what gift-pegjs understands of each text; None: it refuses the text."""
    told = subprocess.run(
        ["node", "read-gift.mjs"],
        cwd=TOOLS,
        input=json.dumps(texts),
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return [read and [_theirs(question) for question in read] for read in json.loads(told.stdout)]


def by_us(reading: Reading) -> list[Plain] | None:
    """Return what our reader understood, in the same words; None: it refused something."""
    if reading.errors:
        return None
    return [
        meant(one.item) if one.item is not None else {"type": "category", "title": one.category}
        for one in reading.found
    ]


def meant(item: Item) -> Plain:
    """Return a question of the kinds that GIFT has."""
    answers: list[Any] = [(_spaced(one.text), _share(one.fraction), _spaced(one.feedback)) for one in item.options]
    if item.kind is Kind.TRUE_FALSE:
        (right,) = (one for one in item.options if one.is_right)
        (wrong,) = (one for one in item.options if not one.is_right)
        answers = [right.id == TRUE, _spaced(wrong.feedback), _spaced(right.feedback)]
    elif item.kind is Kind.MATCHING:
        answers = [(_spaced(one.text), _spaced(one.match)) for one in item.options]
    elif item.kind is Kind.NUMERIC:
        answers = [
            (*(("*", 0.0) if one.text == "*" else _number(one.text, one.tolerance)), *answer[1:])
            for one, answer in zip(item.options, answers, strict=True)
        ]
    return {
        "type": item.kind.value,
        "title": _spaced(item.title),
        "form": item.form,
        "stem": _spaced(item.stem),
        "answers": answers,
        "feedback": _spaced(item.explanation),
    }


def _theirs(question: Plain) -> Plain:
    kind = question["type"]
    if kind == "Category":
        return {"type": "category", "title": question["title"]}
    choices = question.get("choices", [])
    if isinstance(choices, dict):  # a number that stands alone
        choices = [{"isCorrect": True, "weight": None, "text": choices, "feedback": None}]
    said = [(_their_text(one["text"]), _their_share(one), _their_text(one["feedback"])) for one in choices]
    answers: list[Any] = said
    if kind == "MC":
        kind = Kind.SINGLE_CHOICE if any(one["isCorrect"] for one in choices) else Kind.MULTIPLE_CHOICE
    elif kind == "TF":
        # Their names for the two differ from Moodle's where the statement is true; their order is the same.
        answers = [question["isTrue"], _their_text(question["trueFeedback"]), _their_text(question["falseFeedback"])]
    elif kind == "Matching":
        answers = [(_spaced(one["subquestion"]["text"]), _spaced(one["subanswer"])) for one in question["matchPairs"]]
    elif kind == "Numerical":
        answers = [(*_their_number(one["text"]), *rest[1:]) for one, rest in zip(choices, said, strict=True)]
    return {
        "type": str(KINDS.get(kind, kind)),
        "title": _spaced(question["title"] or ""),
        "form": question["stem"]["format"],
        "stem": _spaced(question["stem"]["text"]),
        "answers": answers,
        "feedback": _their_text(question.get("globalFeedback")),
    }


KINDS = {
    "Description": Kind.DESCRIPTION,
    "Numerical": Kind.NUMERIC,
    "Short": Kind.SHORT_ANSWER,
    "Essay": Kind.ESSAY,
    "TF": Kind.TRUE_FALSE,
    "Matching": Kind.MATCHING,
}


def _their_text(text: Plain | None) -> str:
    return _spaced(text.get("text", "")) if text else ""


def _their_share(choice: Plain) -> float:
    return _share(float(choice["isCorrect"]) if choice["weight"] is None else choice["weight"] / 100)


def _their_number(text: Plain) -> tuple[Any, float]:
    if text.get("type") == "high-low":
        low, high = text["numberLow"], text["numberHigh"]
        return _number((low + high) / 2, (high - low) / 2)
    return ("*", 0.0) if "number" not in text else _number(text["number"], text.get("range", 0.0))


def _number(value: Any, tolerance: float) -> tuple[float, float]:
    return float(f"{float(value):.12g}"), float(f"{tolerance:.12g}")


def _share(fraction: float) -> float:
    return round(fraction, 5)


def _spaced(text: str) -> str:
    """Return a text with single spaces: what a browser shows of runs and line ends is the same.

    JavaScript takes a byte-order mark for a space.
    """
    return " ".join(text.replace("\ufeff", " ").split())
