"""What may stand in a message, when it is tried again, and which numbers reach a mobile phone."""

from __future__ import annotations

import re
import unicodedata
from datetime import timedelta
from enum import StrEnum

BACK_OFF = tuple(timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480))
"""How long after each failure a mail is tried again; after one more it has failed."""
MOST_ATTEMPTS = len(BACK_OFF) + 1
LEASE = timedelta(minutes=10)
"""How long a worker may take over what it has claimed; after that it is taken to be dead."""
KEPT = timedelta(days=30)
"""How long the note of a mail that was sent, or has failed, is kept."""
LONGEST_ADDRESS = 254
LONGEST_PHONE = 60
"""Characters that a number may be typed with."""

_TEMPLATE = re.compile(r"[a-z]+(?:-[a-z]+)*")
_ADDRESS = re.compile(r"[^\s@<>\",;:()\[\]\\]+@[^\s@<>\",;:()\[\]\\]+")
_PHONE = re.compile(r"(?:(?:\+|00)?86)?(1[3-9][0-9]{9})")
_BETWEEN = re.compile(r"[\s\-‐‑‒–—―−()·._/]+")
_METHOD = re.compile(r"^METHOD:([A-Z]+)\r?$", re.MULTILINE)
_NOT_IN_A_LINE = {"Cc", "Cs", "Zl", "Zp"}


class Channel(StrEnum):
    """How a message reaches a person."""

    MAIL = "mail"
    SMS = "sms"


class State(StrEnum):
    """Where a message is."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


def next_try(attempts: int) -> timedelta | None:
    """Return how long to wait after the `attempts`-th failure; None: it was the last."""
    return BACK_OFF[attempts - 1] if attempts < MOST_ATTEMPTS else None


def one_line(text: str) -> str:
    """Return `text`, which is to stand in a header.

    Raises:
        ValueError: it has a line break or another control character, which could end the header and begin another.
    """
    # Nearly every text is printable as a whole, which is told at once.
    if not text.isprintable() and any(unicodedata.category(character) in _NOT_IN_A_LINE for character in text):
        raise ValueError("a line break or control character cannot stand in the header of a mail")
    return text


def recipient(text: str) -> str:
    """Return `text`, which is to be the one address that a mail goes to.

    Raises:
        ValueError: it is not exactly one bare address.
    """
    if len(text) > LONGEST_ADDRESS or not _ADDRESS.fullmatch(one_line(text)):
        raise ValueError("a mail goes to exactly one address")
    return text


def template_name(text: str) -> str:
    """Return `text`, the name of a template, which becomes part of a path.

    Raises:
        ValueError: it is not one.
    """
    if not _TEMPLATE.fullmatch(text):
        raise ValueError("the name of a template is small letters and hyphens")
    return text


def parts(source: str) -> tuple[str, str]:
    """Return the subject and the body of a template's file: its first line, and what follows.

    Raises:
        ValueError: one of them is empty.
    """
    subject, _end, body = source.partition("\n")
    if not subject.strip() or not body.strip():
        raise ValueError("a template is a line for the subject, and then the body")
    return subject, body.lstrip("\n")


def calendar_method(text: str) -> str:
    """Return what a calendar says is to be done with it, which the header of its part repeats (RFC 6047, 2.4).

    Raises:
        ValueError: it says nothing, or more than one thing.
    """
    found = _METHOD.findall(text)
    if len(found) != 1:
        raise ValueError("a calendar that is sent says one METHOD")
    return str(found[0])


def masked(address: str) -> str:
    """Return enough of an address or number to recognise whose it is, for somebody who knows it."""
    name, at, domain = address.rpartition("@")
    return f"{name[:1]}***@{domain}" if at else f"{address[:3]}****{address[-4:]}"


# --- mobile numbers -----------------------------------------------------------------------------------------------


class NoPhone(ValueError):
    """What was typed is no mobile number of the mainland."""


def evened(typed: str) -> str:
    """Return a number as typed, with signs of full width made ordinary, and what stands between its parts left out."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", typed))


def phone(text: str) -> str:
    """Return a mobile number of the mainland as its eleven digits, however it was typed.

    Raises:
        NoPhone: it is none.
    """
    found = _PHONE.fullmatch(evened(text)) if len(text) <= LONGEST_PHONE else None
    if found is None:
        raise NoPhone
    return found[1]
