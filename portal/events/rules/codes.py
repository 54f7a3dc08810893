"""Codes that are read aloud, typed and scanned: of registrations, seat cards and rows on paper."""

from __future__ import annotations

import secrets
import unicodedata

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""No 0 and O, no 1, I and L: they are heard and read as each other."""
LENGTH = 8


def new_code() -> str:
    """Return a random code of 8 characters: 31 to the power of 8, some 8.5e11 of them."""
    return "".join(secrets.choice(ALPHABET) for _place in range(LENGTH))


def spoken(code: str) -> str:
    """Return a code as it is shown: in two groups of four."""
    return f"{code[:4]} {code[4:]}"


def typed(text: str) -> str | None:
    """Return the code that somebody typed or scanned, however it is spaced and written; None: it is none.

    Full-width letters and digits count as their narrow forms, and small letters as capitals.
    """
    if len(text) > 64:
        return None
    even = unicodedata.normalize("NFKC", text).upper()
    plain = "".join(letter for letter in even if letter.isalnum())
    return plain if len(plain) == LENGTH and all(letter in ALPHABET for letter in plain) else None
