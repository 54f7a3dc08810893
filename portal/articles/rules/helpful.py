"""Pure rules of "Was this helpful?": when it counts, from where, and what of a comment is kept."""

from __future__ import annotations

import re
from datetime import datetime, tzinfo
from ipaddress import ip_address

LONGEST_COMMENT = 200
MOST_FROM_ONE = 10
"""Answers from one place in an hour, over all articles."""
MOST_OF_ALL = 2_000
"""Answers from everywhere in an hour; more than that are not readers."""
MASK = "***"

_LINK = re.compile(
    r"(?:https?://|www\.)[!-~]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
    r"|\b[\w-]+(?:\.[\w-]+)*\.(?:com|cn|net|org|top|xyz|cc|vip|info|io|me)\b[!-~]*",
    re.IGNORECASE | re.ASCII,
)
# Seven digits are a telephone number already; prices and years are shorter.
_NUMBER = re.compile(r"\+?\d(?:[\s\-－—()（）.·]{0,2}\d){6,}[xX]?")


def day_of(at: datetime, zone: tzinfo) -> str:
    """Return the day of a moment in a zone, such as 2026-11-22."""
    return at.astimezone(zone).date().isoformat()


def place_of(address: str) -> str:
    """Return what counts as one sender: an IPv4 address, or the network of an IPv6 address, of which one has many."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if found.version == 6:
        mapped = found.ipv4_mapped
        return str(mapped) if mapped else found.exploded[:19]
    return str(found)


def kept_comment(text: str) -> str:
    """Return a comment as one line, without links, addresses, and numbers that may be somebody's."""
    line = " ".join("".join(char if char.isprintable() else " " for char in text).split())
    return _NUMBER.sub(MASK, _LINK.sub(MASK, line))[:LONGEST_COMMENT]
