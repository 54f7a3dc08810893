"""What a telephone that had no network sends: steps at the door, each checked by itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.events.rules.attendance import MOST_AT_ONCE, NONCE

MOST_STEPS = 50
"""How many steps one sending holds: a write unit of some hundred milliseconds."""
LARGEST = 32_768
"""Bytes of one sending."""
KINDS = frozenset({"code", "walk-in", "tally", "undo"})


@dataclass(frozen=True, slots=True)
class Step:
    """One step at a door without a network."""

    nonce: str
    kind: str
    at: datetime
    people: int = 1
    code: str = ""
    guest: int | None = None
    """The number of a registration that was found by its name."""
    of: str = ""
    """The nonce of the step that is taken back."""


def steps(sent: object) -> list[tuple[str, Step | None]] | None:
    """Return what was sent, each with its nonce; None in place of what is malformed, be it one step or all."""
    if not isinstance(sent, dict) or not isinstance(sent.get("steps"), list):
        return None
    raw: list[object] = sent["steps"]
    if not 1 <= len(raw) <= MOST_STEPS:
        return None
    read = [(one, _step(one)) for one in raw]
    return [(_word(one.get("nonce")) if isinstance(one, dict) else "", step) for one, step in read]


def device(sent: object) -> str:
    """Return what the telephone calls its door."""
    name = sent.get("device") if isinstance(sent, dict) else ""
    return "".join(letter for letter in _word(name) if letter.isprintable())[:40]


def _word(value: object) -> str:
    return value[:64] if isinstance(value, str) else ""


def _step(one: object) -> Step | None:
    if not isinstance(one, dict):
        return None
    nonce, kind, of = (_word(one.get(name)) for name in ("nonce", "kind", "of"))
    people, guest = one.get("people", 1), one.get("guest")
    at = _moment(one.get("at"))
    if at is None or kind not in KINDS or not NONCE.fullmatch(nonce) or not _whole(people, MOST_AT_ONCE):
        return None
    if kind == "undo" and not NONCE.fullmatch(of):
        return None
    if guest is not None and not _whole(guest, 2**53 - 1):
        return None
    return Step(nonce, kind, at, people, _word(one.get("code")), guest, of)


def _whole(value: Any, most: int) -> bool:
    return type(value) is int and 1 <= value <= most


def _moment(value: object) -> datetime | None:
    try:
        at = datetime.fromisoformat(_word(value))
    except ValueError:
        return None
    return at if at.tzinfo is not None and 2000 < at.year < 2200 else None
