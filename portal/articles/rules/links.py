"""Links to other sites: which may be asked for, what an answer means, and from when on a link counts as broken."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from ipaddress import IPv4Address, IPv6Network, ip_address
from urllib.parse import quote, urlsplit

LONGEST_URL = 500
"""A longer one is not checked; sources have no longer ones."""
_LONGEST_ASKED = 2_000
PORTS = frozenset({80, 443})
DAY = timedelta(days=1)
WEEK = timedelta(days=7)
_NOT_IN_ADDRESSES = re.compile(r"[\x00-\x20\x7f\\]")
_NAME = re.compile(r"(?:[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?\.)+[a-z0-9-]{1,63}\Z")
_LIKE_A_NUMBER = re.compile(r"(?:\d+|0x[0-9a-f]*)\Z")
_UNICAST_6 = IPv6Network("2000::/3")


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request for a web address goes; nothing in it but printable ASCII."""

    scheme: str
    host: str
    """A name, or an address without brackets."""
    port: int
    path: str
    """With the query."""

    @property
    def authority(self) -> str:
        """What the `Host` line of a request says."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == {"http": 80, "https": 443}[self.scheme] else f"{host}:{self.port}"


def target(url: str, *, ports: frozenset[int] = PORTS) -> Target | None:
    """Return where a request for `url` would go; None: it may not be asked for."""
    if len(url) > _LONGEST_ASKED or _NOT_IN_ADDRESSES.search(url):
        return None
    try:
        parts = urlsplit(url)
        host = _host(parts.hostname or "")
        port = parts.port or {"http": 80, "https": 443}[parts.scheme]
    except (ValueError, KeyError):
        return None
    if not host or port not in ports or "@" in parts.netloc:
        return None
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~")
    query = quote(parts.query, safe="/?%:@!$&'()*+,;=~[]")
    return Target(parts.scheme, host, port, f"{path}?{query}" if query else path)


def _host(shown: str) -> str:
    """Return a host as the network writes it; empty: it is none, or a number in disguise.

    Raises:
        ValueError: it is an address written wrongly, or a name that cannot be written in ASCII.
    """
    if ":" in shown:
        return "" if "%" in shown else str(ip_address(shown))
    name = shown.encode("idna").decode("ascii").lower().removesuffix(".")
    if _LIKE_A_NUMBER.match(name.rpartition(".")[2]):
        # 0x7f.1, 0177.0.0.1 and 2130706433 are addresses to a resolver, whoever reads them.
        return str(IPv4Address(name))
    return name if _NAME.match(name) else ""


def is_public(address: str) -> bool:
    """Return whether an IP address belongs to one machine of the public internet."""
    place = ip_address(address.partition("%")[0])
    if isinstance(place, IPv4Address):
        return place.is_global and not place.is_multicast
    # Outside lie those that stand for an IPv4 address, as ::ffff: and 64:ff9b:: do; 2002:: does so inside.
    return place.is_global and place in _UNICAST_6 and place.sixtofour is None


class Outcome(StrEnum):
    """What became of a check."""

    THERE = "there"
    GUARDED = "guarded"
    """The server answers, but not to programs: a reader may see the page."""
    REFUSED = "refused"
    """Not asked for: the address, or one that it leads on to, is not of the public web."""
    GONE = "gone"
    ERROR = "error"
    NO_NAME = "no-name"
    UNREACHABLE = "unreachable"
    SLOW = "slow"
    UNTRUSTED = "untrusted"
    ASTRAY = "astray"
    """It leads on and on."""
    GARBLED = "garbled"


FAILURES = frozenset(Outcome) - {Outcome.THERE, Outcome.GUARDED, Outcome.REFUSED}
_GUARDED = frozenset({401, 403, 405, 412, 429, 521})
"""412 and 521 are how shields before sites of Chinese authorities answer a program that runs no script."""


def outcome_of(status: int) -> Outcome:
    """Return what the last answer's status says of the page."""
    if status < 400:
        return Outcome.THERE
    if status in (404, 410):
        return Outcome.GONE
    return Outcome.GUARDED if status in _GUARDED else Outcome.ERROR


@dataclass(frozen=True, slots=True)
class History:
    """The failures of a link in a row."""

    failures: int = 0
    """Those of one day count once."""
    failed_at: datetime | None = None
    counted_at: datetime | None = None
    """When the last of them was counted."""


def after(before: History, outcome: Outcome, *, at: datetime) -> History:
    """Return a link's history with one more check."""
    if outcome not in FAILURES:
        return History()
    if before.counted_at is not None and at - before.counted_at < DAY:
        return before
    return History(before.failures + 1, before.failed_at or at, at)


def next_check(outcome: Outcome, *, at: datetime) -> datetime:
    """Return when a link is asked for again."""
    return at + (DAY if outcome in FAILURES else WEEK)


def is_broken(outcome: Outcome | None, failures: int) -> bool:
    """Return whether a link counts as broken: a server may be away for a day, and a page for a moment."""
    return outcome in FAILURES and failures >= (2 if outcome is Outcome.GONE else 3)
