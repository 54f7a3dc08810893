"""Attendance: how people come in, from where that is known, and what is counted as what."""

from __future__ import annotations

from enum import StrEnum


class AdmissionKind(StrEnum):
    """How people came in; each is counted apart (`domain.md` §8)."""

    CODE = "code"
    """Somebody who had registered."""
    GROUP = "group"
    """Heads of a group that had registered."""
    WALK_IN = "walk-in"
    """Somebody who had not."""
    TALLY = "tally"
    """Heads of whom nothing is known."""
    ONLINE = "online"


class AdmissionSource(StrEnum):
    """From where it is known."""

    DOOR = "door"
    OFFLINE = "offline"
    """At the door, with no network: sent later."""
    PAPER = "paper"
    FILE = "file"
    """The meeting tool's list."""
    LINK = "link"


class Wave(StrEnum):
    """When a card's quiz was taken."""

    PRE = "pre"
    POST = "post"
    FOLLOW_UP = "follow-up"
