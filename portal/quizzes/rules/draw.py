"""A prize draw that anyone can do again.

1. Before the first entry the bank publishes the commitment: SHA-256 of a secret seed of 32 bytes.
2. At the end the tickets that take part are put in order, each once, and joined by line feeds; the list's hash is the
   SHA-256 of that text. List and hash are published before the draw.
3. Each ticket's number is HMAC-SHA256 with the seed's 32 bytes as the key, over the text `HASH:TICKET`, or
   `HASH:VALUE:TICKET` where a public value was announced beforehand that nobody can know before the end.
4. The tickets with the smallest numbers win, the smallest first. Then the seed is published.

All texts are UTF-8, all hashes small hexadecimal. The seed cannot be chosen to suit the entries, since it is fixed
before them; but whoever knows it could add entries that suit it. The public value closes that gap: the list is fixed
and published before anybody knows the value.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from portal.quizzes.rules.taking import CODE_LENGTH, SIGNS

ALGORITHM = "mingbai-draw-1"
_TICKET = re.compile(f"[{SIGNS}]{{{CODE_LENGTH}}}")
_HASH = re.compile("[0-9a-f]{64}")

RECIPE = """\
import hashlib, hmac, json, sys

r = json.load(open(sys.argv[1], encoding="utf-8"))
key = bytes.fromhex(r["seed"])
assert hashlib.sha256(key).hexdigest() == r["commitment"]
listed = hashlib.sha256("\\n".join(r["entries"]).encode()).hexdigest()
assert listed == r["list_hash"] and r["entries"] == sorted(set(r["entries"]))
start = ":".join([listed] + [r["beacon"]] * bool(r["beacon"]))
number = lambda ticket: hmac.new(key, f"{start}:{ticket}".encode(), "sha256").hexdigest()
assert sorted(r["entries"], key=number)[: r["prizes"]] == r["winners"]
print("The draw is right.")
"""
"""The whole check in Python, to be shown beside the record: whoever does not trust the portal runs this instead."""


def commitment(seed: str) -> str:
    """Return what is published of a seed (64 hexadecimal signs) before the draw."""
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def in_order(tickets: Iterable[str]) -> list[str]:
    """Return tickets as they are listed."""
    return sorted(set(tickets))


def list_text(tickets: Sequence[str]) -> str:
    """Return the text whose hash is published."""
    return "\n".join(tickets)


def list_hash(tickets: Sequence[str]) -> str:
    """Return the hash of tickets that are in order."""
    return hashlib.sha256(list_text(tickets).encode()).hexdigest()


def drawn(tickets: Iterable[str], *, seed: str, beacon: str = "") -> list[str]:
    """Return all tickets in the order in which they are drawn; the first ones win."""
    listed = in_order(tickets)
    start = ":".join([list_hash(listed), *([beacon] if beacon else [])])
    key = bytes.fromhex(seed)
    return sorted(listed, key=lambda ticket: hmac.new(key, f"{start}:{ticket}".encode(), hashlib.sha256).hexdigest())


# --- the record ---------------------------------------------------------------------------------------------------


def record(
    *,
    contest: str,
    seed: str,
    tickets: Sequence[str],
    prizes: int,
    drawn_from: str,
    announced: str,
    beacon: str,
    closed_at: str,
    drawn_at: str,
) -> dict[str, Any]:
    """Return everything that is published of a draw.

    Args:
        announced: which public value was to be used, in words; empty: none.
        beacon: the value itself.
    """
    made: dict[str, Any] = {
        "algorithm": ALGORITHM,
        "contest": contest,
        "commitment": commitment(seed),
        "seed": seed,
        "drawn_from": drawn_from,
        "prizes": prizes,
        "announced": announced,
        "beacon": beacon,
        "closed_at": closed_at,
        "drawn_at": drawn_at,
        "entries": list(tickets),
        "list_hash": list_hash(tickets),
        "winners": drawn(tickets, seed=seed, beacon=beacon)[:prizes],
    }
    return made | {"digest": digest(made)}


def digest(made: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a record without its digest, as JSON with sorted keys, no spaces, UTF-8."""
    bare = {name: value for name, value in made.items() if name != "digest"}
    return hashlib.sha256(
        json.dumps(bare, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode("utf-8", "surrogatepass")
    ).hexdigest()


class Fault(StrEnum):
    """What is wrong with a record."""

    MALFORMED = "malformed"
    ALGORITHM = "algorithm"
    COMMITMENT = "commitment"
    ORDER = "order"
    LIST_HASH = "list_hash"
    BEACON = "beacon"
    WINNERS = "winners"
    DIGEST = "digest"


_TEXTS = ("algorithm", "contest", "drawn_from", "announced", "beacon", "closed_at", "drawn_at")
_HASHES = ("commitment", "seed", "list_hash", "digest")
_LISTS = ("entries", "winners")


def is_record(found: object) -> bool:
    """Return whether something has the shape of a record."""
    if not isinstance(found, dict) or set(found) != {*_TEXTS, *_HASHES, *_LISTS, "prizes"}:
        return False
    return (
        all(isinstance(found[name], str) for name in _TEXTS)
        and all(isinstance(found[name], str) and _HASH.fullmatch(found[name]) for name in _HASHES)
        and all(
            isinstance(found[name], list)
            and all(isinstance(one, str) and _TICKET.fullmatch(one) for one in found[name])
            for name in _LISTS
        )
        and type(found["prizes"]) is int
        and found["prizes"] >= 0
    )


def faults(found: Any) -> list[Fault]:
    """Return everything that is wrong with a record; nothing: whoever does the draw again comes to the same.

    What ties the record to a contest is the commitment: it must be the one that was published before the first entry.
    """
    if not is_record(found):
        return [Fault.MALFORMED]
    if found["algorithm"] != ALGORITHM:
        return [Fault.ALGORITHM]
    entries = found["entries"]
    again = drawn(entries, seed=found["seed"], beacon=found["beacon"])[: found["prizes"]]
    checks = {
        Fault.COMMITMENT: commitment(found["seed"]) == found["commitment"],
        Fault.ORDER: in_order(entries) == entries,
        Fault.LIST_HASH: list_hash(entries) == found["list_hash"],
        Fault.BEACON: bool(found["announced"]) == bool(found["beacon"]),
        Fault.WINNERS: again == found["winners"],
        Fault.DIGEST: digest(found) == found["digest"],
    }
    return [fault for fault, holds in checks.items() if not holds]
