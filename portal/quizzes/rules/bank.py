"""The bank and what grows from it: enums that the tables store."""

from __future__ import annotations

from enum import StrEnum


class Sort(StrEnum):
    """What a document of the bank is."""

    ITEM = "item"
    QUIZ = "quiz"


RESERVED = frozenset({"new", "import"})
"""Names that no question and no quiz can have: pages of the desk stand at these addresses."""


class Source(StrEnum):
    """How an attempt came in."""

    WEB = "web"
    PAPER = "paper"


class Contact(StrEnum):
    """What a contest asks of those who enter, so that one person enters once."""

    NONE = "none"
    PHONE = "phone"
    STAFF_NUMBER = "staff_number"


class DrawnFrom(StrEnum):
    """Who takes part in a prize draw."""

    EVERYBODY = "everybody"
    """Whoever entered, whatever their marks."""
    PASSED = "passed"
