"""What a file holds as plain values, for `flask quizzes import --json`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from portal.quizzes.rules.formats.common import Found, Note, Reading
from portal.quizzes.rules.items import Item, Kind, Option

CATEGORY = "category"


def listed(reading: Reading) -> dict[str, Any]:
    """Return the questions, errors and warnings of a file."""
    return {
        "questions": [_question(one) for one in reading.found],
        "errors": _notes(reading.errors),
        "warnings": _notes(reading.warnings),
        "format": reading.format.value,
    }


def _notes(notes: Sequence[Note]) -> list[dict[str, Any]]:
    return [{"line": note.line, "reason": note.reason} for note in notes]


def _question(found: Found) -> dict[str, Any]:
    item = found.item
    if item is None:
        return {
            "name": found.name,
            "type": CATEGORY,
            "line": found.line,
            "stem": "",
            "options": [],
            "category": found.category,
        }
    return {
        "name": found.name,
        "type": item.kind.value,
        "line": found.line,
        "stem": item.stem,
        "options": [_option(item, option) for option in item.options],
        "category": item.category,
        "key": item.name,
        "explanation": item.explanation,
        "marking": item.marking.value,
        "form": item.form,
        "tags": list(item.tags),
    }


def _option(item: Item, option: Option) -> dict[str, Any]:
    plain: dict[str, Any] = {"text": option.text, "fraction": option.fraction, "feedback": option.feedback}
    if item.kind is Kind.TRUE_FALSE:
        plain["text"] = option.id
    elif item.kind is Kind.MATCHING:
        # A pair is right as it stands; a distractor belongs to nothing.
        plain |= {
            "text": f"{option.text} -> {option.match}".strip(),
            "fraction": float(bool(option.text.strip())),
            "left": option.text,
            "right": option.match,
        }
    elif item.kind is Kind.ORDERING:
        plain["fraction"] = 1.0
    elif item.kind is Kind.NUMERIC:
        plain["tolerance"] = option.tolerance
    return plain
