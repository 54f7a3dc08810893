"""What was answered to one question, and what a given text or number means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.quizzes.rules.items import Item, Kind

LONGEST_TEXT = 200
CERTAINTIES = (1, 2, 3)
"""Not very sure, fairly sure, very sure."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer as it is stored; the parts that the kind of question does not use stay empty."""

    chosen: tuple[str, ...] = ()
    """Ids of options; in an ordering question all of them, in the order given."""
    text: str = ""
    """What was typed into a short or numeric answer."""
    pairs: Mapping[str, str] = field(default_factory=dict)
    """Matching: by the id of the left side, the id of an option that has the right side chosen."""
    dont_know: bool = False
    """The answer "I don't know", which is neither right nor wrong."""
    certainty: int = 0
    """How sure the person is; 0: not asked."""

    @property
    def is_blank(self) -> bool:
        """Whether nothing was answered."""
        return not (self.chosen or self.text.strip() or self.pairs or self.dont_know)


def to_plain(answer: Answer) -> dict[str, Any]:
    """Return the answer as plain values, for storing."""
    plain: dict[str, Any] = {}
    if answer.chosen:
        plain["chosen"] = list(answer.chosen)
    if answer.text:
        plain["text"] = answer.text
    if answer.pairs:
        plain["pairs"] = dict(answer.pairs)
    if answer.dont_know:
        plain["dont_know"] = True
    if answer.certainty:
        plain["certainty"] = answer.certainty
    return plain


def from_plain(plain: Mapping[str, Any]) -> Answer:
    """Return the answer that `to_plain` was given."""
    return Answer(
        chosen=tuple(plain.get("chosen", ())),
        text=plain.get("text", ""),
        pairs=dict(plain.get("pairs", {})),
        dont_know=plain.get("dont_know", False),
        certainty=plain.get("certainty", 0),
    )


class Unanswerable(Exception):
    """What was sent is no answer to this question: an option that it does not have, or too many of them."""


def checked(answer: Answer, item: Item) -> Answer:
    """Return the answer if the question can be answered so; "I don't know" puts everything else aside.

    Raises:
        Unanswerable: it names options that the question does not have, or more than it allows.
    """
    if answer.certainty not in (0, *CERTAINTIES):
        raise Unanswerable
    if answer.dont_know:
        return Answer(dont_know=True, certainty=answer.certainty)
    known = {option.id for option in item.options}
    if not known.issuperset(answer.chosen) or len(set(answer.chosen)) != len(answer.chosen):
        raise Unanswerable
    if item.kind in (Kind.SINGLE_CHOICE, Kind.TRUE_FALSE, Kind.JUDGEMENT) and len(answer.chosen) > 1:
        raise Unanswerable
    if item.kind is Kind.ORDERING and answer.chosen and len(answer.chosen) != len(known):
        raise Unanswerable
    if not known.issuperset(answer.pairs) or not known.issuperset(answer.pairs.values()):
        raise Unanswerable
    if len(answer.text) > LONGEST_TEXT or not answer.text.isprintable():
        raise Unanswerable
    return answer


# --- texts --------------------------------------------------------------------------------------------------------


def folded(text: str, *, case_sensitive: bool = False) -> str:
    """Return text as short answers are compared: width, punctuation, spaces and (unless said) capitals put aside.

    Ｑ１ and q1 are one answer, and so are 不听、不信 and 不听不信. Signs that mean something (%, +, ¥) stay.
    """
    even = _even(text, case_sensitive=case_sensitive)
    return "".join(sign for sign in even if sign in _MEANT or unicodedata.category(sign)[0] not in "PZC")


def _even(text: str, *, case_sensitive: bool) -> str:
    even = unicodedata.normalize("NFKC", text)
    return even if case_sensitive else unicodedata.normalize("NFKC", even.casefold())


_MEANT = frozenset("%@#&*")


def fits(pattern: str, text: str, *, case_sensitive: bool = False) -> bool:
    r"""Return whether a short answer fits a pattern, in which `*` stands for anything and `\*` for itself.

    A pattern of nothing but punctuation is compared with its punctuation. Time grows with the length of both only: the
    pieces between stars are searched for from left to right.
    """
    raw = [piece.replace("\0", "*") for piece in _split(pattern)]
    pieces = [folded(piece, case_sensitive=case_sensitive) for piece in raw]
    given = folded(text, case_sensitive=case_sensitive)
    if not any(pieces) and any(piece.strip() for piece in raw):
        pieces = ["".join(_even(piece, case_sensitive=case_sensitive).split()) for piece in raw]
        given = "".join(_even(text, case_sensitive=case_sensitive).split())
    if len(pieces) == 1:
        return given == pieces[0]
    first, *middle, last = pieces
    if len(given) < len(first) + len(last) or not given.startswith(first) or not given.endswith(last):
        return False
    at, end = len(first), len(given) - len(last)
    for piece in middle:
        found = given.find(piece, at, end)
        if found < 0:
            return False
        at = found + len(piece)
    return True


def _split(pattern: str) -> Sequence[str]:
    return pattern.replace("\\*", "\0").split("*")


# --- numbers ------------------------------------------------------------------------------------------------------

_NUMBER = re.compile(
    r"(?P<sign>[+-]?)[¥$]?(?P<digits>[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?|[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
    r"(?:[eE](?P<power>[+-]?[0-9]{1,2}))?(?P<times>[百千万亿]{0,2})(?P<unit>[^0-9]{0,6})\Z"
)
_TIMES = {"百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}


def number(text: str) -> float | None:
    """Return the number that a person means; None: it is none.

    Full-width digits, thousands' commas, 百, 千, 万 and 亿 and a unit after it are understood: `５０万元` is 500000.
    """
    even = "".join(unicodedata.normalize("NFKC", text).replace("，", ",").replace("−", "-").split())
    found = _NUMBER.match(even)
    if found is None:
        return None
    value = float(found["digits"].replace(",", "") + (f"e{found['power']}" if found["power"] else ""))
    for sign in found["times"]:
        value *= _TIMES[sign]
    return -value if found["sign"] == "-" else value
