"""How a file of another format keeps what that format cannot say.

Beside each question stands, where other programs do not look, a JSON text with the fields in which the question
differs from what the format alone says, and a digest of the latter. Reading puts both together again. When the digest
no longer fits, somebody has edited the question in another program: then the texts are taken from what stands there,
and only what the other program never showed is added.
"""

from __future__ import annotations

import json
from typing import Any

from portal.core.errors import Said
from portal.quizzes.rules.formats.common import MAX_QUESTION, Reading, digest
from portal.quizzes.rules.items import Item, to_plain
from portal.quizzes.rules.reading import node_of, read_item
from portal.reference.rules.files import Problems

MARK = "mingbai:"
NEVER_SHOWN = ("name", "topic", "difficulty", "article", "source", "checked_on", "marking", "voices")
"""Fields that hold good even when another program has changed the question."""


def pack(item: Item, seen: Item) -> str:
    """Return what must be kept beside a question for it to come back whole; empty: nothing.

    Args:
        seen: the question as the format alone says it.
    """
    whole, there = to_plain(item), to_plain(seen)
    fields = {name: value for name, value in whole.items() if there.get(name) != value}
    gone = [name for name in there if name not in whole]
    if not fields and not gone:
        return ""
    return _visible(json.dumps({"read": _print(there), "set": fields, "drop": gone}, ensure_ascii=False))


def _visible(text: str) -> str:
    """Return a JSON text in which every sign that does not show, or that a format may not hold, is escaped."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else json.dumps(sign)[1:-1] for sign in text)


def _print(plain: dict[str, Any]) -> str:
    return digest(json.dumps({**plain, "name": "", "category": ""}, sort_keys=True))


_DAMAGED = Said("What Mingbai had kept beside the question is damaged; the question was read without it.")


class Spoilt(Exception):
    """What was kept beside a question cannot be used; carries the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Edited(Exception):
    """The question was changed in another program; carries what can be made of it."""

    def __init__(self, item: Item) -> None:
        super().__init__("The question was changed since it was exported.")
        self.item = item


def unpack(seen: Item, text: str) -> Item:
    """Return the question that was written, from what the format says and what was kept beside it.

    Raises:
        Spoilt: what was kept cannot be used.
        Edited: what the format says was changed since.
    """
    there = to_plain(seen)
    try:
        kept = json.loads(text) if len(text) <= MAX_QUESTION else {}
        fields, gone, printed = kept["set"], kept["drop"], kept["read"]
        if not isinstance(fields, dict) or not isinstance(gone, list):
            raise TypeError
        gone = [str(name) for name in gone]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Spoilt(_DAMAGED) from None
    edited = printed != _print(there)
    if edited:
        fields = {name: value for name, value in fields.items() if name in NEVER_SHOWN}
        gone = []
        if not isinstance(fields.get("voices", {}), dict) or _voices_misfit(fields, seen):
            fields.pop("voices")
    whole = _checked({name: value for name, value in {**there, **fields}.items() if name not in gone})
    if edited:
        raise Edited(whole)
    return whole


def _voices_misfit(fields: dict[str, Any], seen: Item) -> bool:
    """Return whether a voice speaks of an option that is no longer there."""
    known = {option.id for option in seen.options}
    for voice in fields.get("voices", {}).values():
        said = voice.get("options", {}) if isinstance(voice, dict) else None
        if not isinstance(said, dict) or not known.issuperset(said):
            return True
    return False


def _checked(plain: dict[str, Any]) -> Item:
    problems = Problems()
    try:
        item = read_item(node_of(plain, line=0, problems=problems))
    except ValueError:
        raise Spoilt(_DAMAGED) from None
    if item is None:
        said = problems.found[0].text if problems.found else Said("It cannot be read.")
        raise Spoilt(
            Said(
                "What Mingbai had kept beside the question cannot be used (%(said)s); it was read without it.",
                said=said,
            )
        )
    return item


def brought_back(item: Item, kept: str, line: int, reading: Reading) -> Item:
    """Return the question with what was kept beside it; warn where that no longer fits."""
    try:
        return unpack(item, kept)
    except Spoilt as problem:
        reading.warn(line, problem.reason)
        return item
    except Edited as edited:
        reading.warn(
            line,
            Said(
                "The question was changed since it was exported; its texts and answers were taken as they stand here."
            ),
        )
        return edited.item
