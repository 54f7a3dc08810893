"""How often somebody may guess, counted in moving windows.

The owner of an account must not be locked out by a stranger's guesses:

- A window lasts minutes, and a refused attempt is not counted: whoever stops guessing is through again when the window
  has passed.
- A network from which the owner has signed in before counts only its own guesses at this account: guesses from
  elsewhere (and the global limit) do not stop it.
- A passkey cannot be guessed and is not limited at all.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Kind(StrEnum):
    """What is attempted; each is counted apart."""

    PASSWORD = "password"  # noqa: S105  # a name, no secret
    CODE = "code"
    RESET = "reset"


class Scope(StrEnum):
    """Whose attempts are counted together."""

    ACCOUNT = "account"
    ADDRESS = "address"
    GLOBAL = "global"


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts within any span of `within`."""

    scope: Scope
    most: int
    within: timedelta


_FIVE_MINUTES = timedelta(minutes=5)
_HOUR = timedelta(hours=1)

LIMITS: dict[Kind, tuple[Limit, ...]] = {
    Kind.PASSWORD: (
        Limit(Scope.ACCOUNT, 10, _FIVE_MINUTES),
        Limit(Scope.ADDRESS, 10, _FIVE_MINUTES),
        Limit(Scope.GLOBAL, 1000, _FIVE_MINUTES),
    ),
    Kind.CODE: (
        Limit(Scope.ACCOUNT, 5, _FIVE_MINUTES),
        Limit(Scope.ACCOUNT, 20, _HOUR),
        Limit(Scope.ADDRESS, 10, _FIVE_MINUTES),
        Limit(Scope.GLOBAL, 1000, _FIVE_MINUTES),
    ),
    Kind.RESET: (
        Limit(Scope.ACCOUNT, 3, _HOUR),
        Limit(Scope.ADDRESS, 10, _HOUR),
        Limit(Scope.GLOBAL, 200, _HOUR),
    ),
}

LONGEST_WINDOW = max(limit.within for limits in LIMITS.values() for limit in limits)


def wait(times: Sequence[datetime], limit: Limit, at: datetime) -> timedelta | None:
    """Return how long somebody must wait who has made attempts at `times`; None: they may try now."""
    counted = sorted(time for time in times if time > at - limit.within)
    if len(counted) < limit.most:
        return None
    return counted[-limit.most] + limit.within - at


def network(address: str) -> str:
    """Return what is counted as one address: an IPv6 subscriber has a whole /64 to choose from."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return ""
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)
