"""Names that people type each time anew (districts, campaigns): two spellings of one name are the same name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable


def fold(name: str) -> str:
    """Return what all spellings of a name share: neither width of signs nor case nor spaces tell names apart."""
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())


def as_known(name: str, known: Iterable[str]) -> str:
    """Return a name as the first of the known ones that is the same is spelt; a new one with single spaces."""
    wanted = fold(name)
    return next((one for one in known if fold(one) == wanted), " ".join(name.split()))
