"""Taking a quiz: which questions are drawn, in which order, until when, and which of several attempts counts."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from portal.core.settings import Audience
from portal.quizzes.rules import marking
from portal.quizzes.rules.items import Item, Kind
from portal.quizzes.rules.marking import Total
from portal.quizzes.rules.quizzes import Counts, Instrument, Quiz

GRACE = timedelta(seconds=15)
"""An answer that was on its way when the time ran out is still taken."""
SIGNS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""What codes are made of: nothing that is read aloud or copied as something else (0 and O, 1 and I)."""
CODE_LENGTH = 8


@dataclass(frozen=True, slots=True)
class Place:
    """One question of an attempt, as it was drawn and shuffled."""

    item: str
    points: float
    order: tuple[str, ...]
    """The options as they are shown."""
    sides: tuple[str, ...] = ()
    """Matching: the options whose right sides are offered, as they are shown; equal ones once."""
    control: bool = False


def to_plain(places: Sequence[Place]) -> list[dict[str, Any]]:
    """Return places as plain values, for storing."""
    return [
        {"item": place.item, "points": place.points, "order": list(place.order)}
        | ({"sides": list(place.sides)} if place.sides else {})
        | ({"control": True} if place.control else {})
        for place in places
    ]


def from_plain(rows: Sequence[Mapping[str, Any]]) -> list[Place]:
    """Return the places that `to_plain` was given."""
    return [
        Place(row["item"], row["points"], tuple(row["order"]), tuple(row.get("sides", ())), row.get("control", False))
        for row in rows
    ]


def total(places: Sequence[Place], fractions: Mapping[int, float], *, pass_percent: int) -> Total:
    """Return what an attempt comes to.

    Args:
        fractions: what each answer is worth, by place; what was not answered is worth nothing.
    """
    pairs = ((fractions.get(slot, 0.0), place.points) for slot, place in enumerate(places))
    return marking.total(pairs, pass_percent=pass_percent)


class PoolEmpty(Exception):
    """A pool has fewer questions than are to be drawn from it."""


def draw(instrument: Instrument, chance: Random) -> list[Place]:
    """Draw the questions of an attempt: none twice, from pools at random, options shuffled where the question allows.

    Raises:
        PoolEmpty: the instrument does not hold enough.
    """
    taken = {slot.item for slot in instrument.quiz.slots if slot.pool is None}
    places: list[Place] = []
    # Narrow pools first: what a wide one could take as well must be left for them.
    widths = sorted(instrument.pools, key=lambda place: len(instrument.pools[place]))
    drawn: dict[int, list[str]] = {}
    for place in widths:
        pool = instrument.quiz.slots[place].pool
        assert pool is not None  # noqa: S101  # `pools` has the places of pools only
        left = [name for name in instrument.pools[place] if name not in taken]
        if len(left) < pool.count:
            raise PoolEmpty(place)
        drawn[place] = chance.sample(left, pool.count)
        taken.update(drawn[place])
    for place, slot in enumerate(instrument.quiz.slots):
        for name in drawn.get(place, [slot.item]):
            places.append(_shuffled(instrument.items[name], slot.points, slot.control, chance))
    if instrument.quiz.shuffle:
        chance.shuffle(places)
    return places


FIXED = frozenset({Kind.JUDGEMENT, Kind.TRUE_FALSE, Kind.SHORT_ANSWER, Kind.NUMERIC})
"""Kinds whose options always stand in the same order, or are not shown."""


def _shuffled(item: Item, points: float, control: bool, chance: Random) -> Place:
    order = [option.id for option in item.options if option.text]
    sides: list[str] = []
    if item.kind is Kind.MATCHING:
        sides = list({option.match: option.id for option in reversed(item.options)}.values())
        chance.shuffle(sides)
    if item.kind is Kind.ORDERING or (item.shuffle and item.kind not in FIXED):
        right = list(order)
        chance.shuffle(order)
        if item.kind is Kind.ORDERING and order == right and len(order) > 1:
            order.append(order.pop(0))
    return Place(item.name, points, tuple(order), tuple(sides), control)


def deadline(quiz: Quiz, audience: Audience, at: datetime) -> datetime | None:
    """Return when an attempt that begins now has to end; None: never."""
    minutes = quiz.time_limit(audience)
    return at + timedelta(minutes=minutes) if minutes else None


def is_late(deadline: datetime | None, at: datetime) -> bool:
    """Return whether an answer comes after the time, the moment of its way allowed for."""
    return deadline is not None and at > deadline + GRACE


def which_counts(percents: Sequence[float], counts: Counts) -> int:
    """Return the index of the attempt that counts, of finished ones in the order they were made; the earlier of equals.

    Raises:
        ValueError: there is none.
    """
    if not percents:
        raise ValueError("no attempt has ended")
    if counts is Counts.FIRST:
        return 0
    if counts is Counts.LAST:
        return len(percents) - 1
    return max(range(len(percents)), key=lambda place: (percents[place], -place))


# --- codes --------------------------------------------------------------------------------------------------------


def code_of(token: str) -> str:
    """Return the short code that stands for an attempt's token: 40 bits that nobody can turn back into it."""
    digest = hmac.new(b"mingbai attempt code", token.encode(), hashlib.sha256).digest()
    value = int.from_bytes(digest[:5], "big")
    return "".join(SIGNS[value >> (5 * place) & 31] for place in range(CODE_LENGTH))


def spoken(code: str) -> str:
    """Return a code as it is shown, in two halves."""
    return f"{code[:4]}-{code[4:]}"


def heard(text: str) -> str:
    """Return a code as it may have been typed: any width, case and separators."""
    even = unicodedata.normalize("NFKC", text[:40]).upper()
    return "".join(sign for sign in even if sign in SIGNS)
