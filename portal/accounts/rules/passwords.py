"""Which passwords are refused, told without asking anybody: the list of common ones lies beside this room."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from enum import StrEnum
from functools import cache
from pathlib import Path

SHORTEST = 8
LONGEST = 128
_LIST = Path(__file__).resolve().parents[1] / "common_passwords.txt"

# What a password of a bank's portal is likely to be made of.
BANK_WORDS = (
    "mingbai", "yinhang", "zhongguo", "renmin", "xiaobao", "fanzha", "zhihang", "bank", "finance", "portal", "desk",
    "明白", "银行", "銀行", "支行", "消保", "反诈", "工作台", "人民", "中国", "管理员", "密码",
)  # fmt: skip
_LEET = str.maketrans("@4031!$57+", "aaoeiisstt")
_SEQUENCES = ("01234567890", "09876543210", "abcdefghijklmnopqrstuvwxyz", "zyxwvutsrqponmlkjihgfedcba")
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik9ol0p", "q1w2e3r4t5y6u7i8o9p0")
_TAIL = re.compile(r"[\d\W_]+\Z")
_HEAD = re.compile(r"\A[\d\W_]+")


class Weakness(StrEnum):
    """Why a password is refused."""

    SHORT = "short"
    LONG = "long"
    COMMON = "common"
    OWN = "own"
    """It is little more than the person's own name or address, or a word of the bank."""


def folded(password: str) -> str:
    """Return the form in which a password is hashed: full-width and half-width typing are the same."""
    return unicodedata.normalize("NFKC", password)


def weakness(password: str, *, own: Iterable[str] = ()) -> Weakness | None:
    """Return why `password` is refused; None: it may be used. Nothing is cut off, and any character is allowed.

    Args:
        own: the person's name and mail address.
    """
    if len(password) < SHORTEST:
        return Weakness.SHORT
    if len(password) > LONGEST:
        return Weakness.LONG
    plain = folded(password).casefold()
    if _is_common(plain):
        return Weakness.COMMON
    rest = plain
    for word in sorted({*_words(own), *BANK_WORDS}, key=len, reverse=True):
        rest = rest.replace(word, "")
    if rest != plain and len(rest) < SHORTEST:
        return Weakness.OWN
    return None


def _is_common(plain: str) -> bool:
    known = _common()
    forms = {plain, plain.translate(_LEET), _TAIL.sub("", plain), _HEAD.sub("", plain)}
    forms |= {_TAIL.sub("", plain).translate(_LEET), _TAIL.sub("", plain.translate(_LEET))}
    if not known.isdisjoint(forms):
        return True
    if len(set(plain)) <= 2 or _repeats(plain):
        return True
    return any(plain in (row * 3) or plain in (row[::-1] * 3) for row in (*_SEQUENCES, *_ROWS))


def _repeats(plain: str) -> bool:
    """Return whether a short piece over and over makes the whole."""
    return any(plain == (plain[:size] * len(plain))[: len(plain)] for size in range(1, min(4, len(plain) // 2) + 1))


def _words(own: Iterable[str]) -> set[str]:
    """Return the pieces of a name or address that are long enough to be recognised in a password."""
    pieces = {piece for text in own for piece in re.split(r"[\s@._+-]+", folded(text).casefold())}
    pieces |= {folded(text).casefold() for text in own}
    return {piece for piece in pieces if len(piece) >= (3 if piece.isascii() else 2)}


@cache
def _common() -> frozenset[str]:
    return frozenset(line for line in _LIST.read_text("utf-8").splitlines() if line and not line.startswith("#"))
