"""Numbers that belong to a person: found by their own arithmetic, and never shown whole."""

from __future__ import annotations

import re

_ID = re.compile(r"(?<![0-9])[1-9][0-9]{5}[ \-]?[0-9]{8}[ \-]?[0-9]{3}[0-9xX](?![0-9a-zA-Z])")
_CARD = re.compile(
    r"(?<![0-9])(?:[0-9]{13,19}|[0-9]{4}(?:[ \-][0-9]{4}){2,3}(?:[ \-][0-9]{1,4})?|[0-9]{6}[ \-][0-9]{10,13})"
    r"(?![0-9a-zA-Z])"
)
_MOBILE = re.compile(r"(?<![0-9])(?:\+?86[ \-]?)?1[3-9][0-9][ \-]?[0-9]{4}[ \-]?[0-9]{4}(?![0-9])")
_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10X98765432"


def _digits(run: str) -> str:
    return run.replace(" ", "").replace("-", "").upper()


def is_id_number(digits: str) -> bool:
    """Whether these are the 18 characters of a resident identity card, by date and check digit (GB 11643)."""
    if not re.fullmatch(
        r"[1-9][0-9]{5}(?:19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}[0-9X]", digits
    ):
        return False
    return (
        _ID_CHECKS[sum(int(digit) * weight for digit, weight in zip(digits, _ID_WEIGHTS, strict=False)) % 11]
        == digits[17]
    )


def is_card_number(digits: str) -> bool:
    """Whether these are 13 to 19 digits with a right last one (Luhn), as bank cards have them."""
    if not re.fullmatch(r"[1-9][0-9]{12,18}", digits) or len(set(digits)) < 3:
        return False
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def id_numbers(text: str) -> list[tuple[int, int]]:
    """Return where identity card numbers stand."""
    return [match.span() for match in _ID.finditer(text) if is_id_number(_digits(match[0]))]


def card_numbers(text: str) -> list[tuple[int, int]]:
    """Return where bank card numbers stand."""
    ids = id_numbers(text)
    return [
        match.span() for match in _CARD.finditer(text) if is_card_number(_digits(match[0])) and match.span() not in ids
    ]


def mobile_numbers(text: str) -> list[tuple[int, int]]:
    """Return where mobile numbers stand, with or without +86."""
    longer = [*id_numbers(text), *card_numbers(text)]
    return [
        match.span()
        for match in _MOBILE.finditer(text)
        if not any(start <= match.start() < end for start, end in longer)
    ]


def mask(text: str) -> str:
    """Return `text` with every long run of digits reduced to its first three and last two."""

    def one(match: re.Match[str]) -> str:
        run = match[0]
        return run[:3] + re.sub("[0-9xX]", "*", run[3:-2]) + run[-2:]

    return re.sub(r"[0-9０-９][0-9０-９ \-]{8,30}[0-9０-９xX]", one, text)
