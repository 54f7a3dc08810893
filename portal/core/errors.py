"""Base classes of every error that a room raises on purpose, and sentences that can be said in another language."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import Any


class PortalError(Exception):
    """Something a person can mend; its text is a sentence for whoever caused it."""


class Busy(PortalError):
    """The database cannot take the work now (locked, full or unreachable); trying again may help."""


def outline(problem: BaseException) -> str:
    """Return a traceback without the errors' own texts, for logs.

    A text may name people: PostgreSQL writes the whole row that broke a rule into it, and Python the value that was no
    number.
    """
    parts: list[str] = []
    seen: set[int] = set()
    link: BaseException | None = problem
    while link is not None and id(link) not in seen:
        seen.add(id(link))
        kind = type(link)
        frames = "".join(traceback.format_tb(link.__traceback__))
        parts.insert(0, f"{frames}{kind.__module__}.{kind.__qualname__}")
        link = link.__cause__ or (None if link.__suppress_context__ else link.__context__)
    return "\n-- which led to --\n".join(parts)


class Said(str):
    """An English sentence that remembers how it was made, so that a page can say it in the language of its reader.

    Rules know no catalogue. They say `Said("There is no topic `%(topic)s`.", topic=key)`: the catalogues have the first
    argument, commands print the whole, and pages hand it to `core.i18n.in_words`.
    """

    msgid: str
    values: dict[str, Any]

    __slots__ = ("msgid", "values")

    def __new__(cls, msgid: str, /, **values: Any) -> Said:
        """Put `values` into `msgid`."""
        made = super().__new__(cls, msgid % values if values else msgid)
        made.msgid = msgid
        made.values = values
        return made

    def mapped(self, change: Callable[[str], str]) -> Said:
        """Return the sentence with each text in it changed."""
        made = {name: change(value) if isinstance(value, str) else value for name, value in self.values.items()}
        return Said(self.msgid, **made)
