"""How long sessions and links live, and what codes look like."""

from __future__ import annotations

import secrets
import unicodedata
from datetime import datetime, timedelta
from enum import StrEnum

IDLE = timedelta(minutes=30)
ABSOLUTE = timedelta(hours=12)
HALF = timedelta(minutes=10)
"""How long the second factor may take after the password."""
RENEW_EVERY = timedelta(minutes=1)
"""A session's last use is noted at most this often, so that reading does not write each time."""
CODE_STEPS = (0, -1, 1)
"""Which codes of the authenticator are taken: this half minute's, the one before and the one after."""
RECOVERY_CODES = 10
PASSKEYS = 10
"""So many passkeys may a person have."""
_ALPHABET = "23456789abcdefghjkmnpqrstuvwxyz"
_GROUPS = 3
_GROUP = 4


class Stage(StrEnum):
    """How far somebody has come with signing in."""

    PASSWORD = "password"  # noqa: S105  # a name, no secret
    """The password was right; the second factor is still to come."""
    COMPLETE = "complete"


class Purpose(StrEnum):
    """What a mailed link is for; a link of one purpose is nothing for another."""

    INVITATION = "invitation"
    RESET = "reset"


LINK_LIFE = {Purpose.INVITATION: timedelta(hours=72), Purpose.RESET: timedelta(minutes=30)}


def is_live(*, stage: Stage, created_at: datetime, seen_at: datetime, at: datetime) -> bool:
    """Return whether a session may still be used."""
    if stage is Stage.PASSWORD:
        return at - created_at < HALF
    return at - seen_at < IDLE and at - created_at < ABSOLUTE


def recovery_code() -> str:
    """Return a new recovery code of 59 bits, without letters and digits that look alike."""
    groups = ("".join(secrets.choice(_ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def tidy_code(typed: str) -> str:
    """Return a typed code without spaces and hyphens, in small ASCII letters where it was typed full-width."""
    plain = unicodedata.normalize("NFKC", typed[:100]).lower()
    return "".join(character for character in plain if character.isalnum())
