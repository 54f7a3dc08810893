"""How a quarter is closed: by one person, confirmed by another, and then it stands (domain.md, 8)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

LONGEST_TEXT = 20_000
"""Characters of one section that staff write."""


class State(StrEnum):
    """Where the report of a quarter stands."""

    OPEN = "open"
    CLOSED = "closed"
    """Its figures are frozen; a second person has yet to confirm them."""
    CONFIRMED = "confirmed"


class Section(StrEnum):
    """What staff write for the report: the supervisor's three headings, and what follows from the figures."""

    OVERALL = "overall"
    CAMPAIGNS = "campaigns"
    ROUTINE = "routine"
    PROBLEMS = "problems"
    PLAN = "plan"


class Refusal(StrEnum):
    """Why a step is refused."""

    NOT_OVER = "not_over"
    NO_REPORT = "no_report"
    ALREADY_CLOSED = "already_closed"
    NOT_CLOSED = "not_closed"
    SAME_PERSON = "same_person"
    ALREADY_CONFIRMED = "already_confirmed"


def may_close(state: State | None, *, is_over: bool) -> Refusal | None:
    """Return why a quarter cannot be closed, or None."""
    if state is None:
        return Refusal.NO_REPORT
    if not is_over:
        return Refusal.NOT_OVER
    return None if state is State.OPEN else Refusal.ALREADY_CLOSED


def may_confirm(state: State | None, *, closed_by_id: int | None, by_id: int) -> Refusal | None:
    """Return why a closed quarter cannot be confirmed by somebody, or None."""
    if state is State.CONFIRMED:
        return Refusal.ALREADY_CONFIRMED
    if state is not State.CLOSED:
        return Refusal.NOT_CLOSED
    return Refusal.SAME_PERSON if closed_by_id == by_id else None


def canonical(content: object) -> str:
    """Return plain values as JSON of which there is one only: keys in order, no spaces."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def digest(content: object) -> str:
    """Return the SHA-256 of `canonical`, in hexadecimal."""
    return hashlib.sha256(canonical(content).encode()).hexdigest()


def changes(was: Mapping[str, Any], now: Mapping[str, Any], *, under: str = "") -> list[dict[str, Any]]:
    """Return which figures of two reports differ: `key` as a path, `was`, `now`.

    Lists are compared as wholes: a row more in a ledger is one change.
    """
    found: list[dict[str, Any]] = []
    for key in sorted({*was, *now}):
        path, one, other = f"{under}{key}", was.get(key), now.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            found += changes(one, other, under=f"{path}.")
        elif one != other:
            found.append({"key": path, "was": one, "now": other})
    return found
