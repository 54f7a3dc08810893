"""Whether a sentence warns against the words it holds.

Education has to quote what scammers promise. A phrase is excused where the sentence denies it, forbids it, doubts it or
says that scammers say it, and nowhere else: a negation that belongs to something else in the sentence does not count,
and neither does one that is itself denied (绝不是骗局).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from portal.prose.rules import cues
from portal.prose.rules.phrases import Span
from portal.prose.rules.text import QUOTES

NEAR = 8
"""Characters over which a plain negation reaches forward in its clause."""

_CLAUSE = re.compile(r"[，。；！？：,;!?:\n]")
_CLAUSE_OR_LIST = re.compile(r"[，。；！？,;!?\n]")


def quotations(text: str) -> list[tuple[int, int]]:
    """Return what stands in quotation marks, marks included; titles in 《》 too."""
    found = []
    at = 0
    while at < len(text):
        close = text.find(QUOTES[text[at]], at + 1) if text[at] in QUOTES else -1
        if close > 0:
            found.append((at, close + 1))
            at = close
        at += 1
    return found


def is_title(text: str, start: int, end: int) -> bool:
    """Whether the characters from `start` to `end` stand in a title, between 《 and 》."""
    return any(text[a] == "《" and a < start and end < b for a, b in quotations(text))


def is_denied(text: str, spans: Sequence[Span]) -> bool:
    """Return whether a sentence denies or disowns the words at `spans`. That it warns of fraud is not enough."""
    start, end = spans[0][0], spans[-1][1]
    if text[start:end].isascii():
        return _warned_en(text, start, end)
    quotes = quotations(text)
    begin, stop = next(((a, b) for a, b in quotes if a < start and end < b), (start, end))
    outside = _blanked(text, quotes)
    return _is_negated(outside, begin, spans) or bool(_cues(cues.DISOWNED, outside, stop, len(text)))


def is_warned(text: str, spans: Sequence[Span], *, lead: str = "", heading: str = "") -> bool:
    """Return whether a sentence warns against the words at `spans`.

    Args:
        text: the folded sentence.
        spans: where the words of a pattern stand, in their order; what stands between them belongs to the sentence.
        lead: folded; what introduces the sentence. A warning there covers the items of its list.
        heading: folded; a warning there covers what the sentence quotes.
    """
    start, end = spans[0][0], spans[-1][1]
    if text[start].isascii() and text[end - 1].isascii() and text[start:end].isascii():
        return _warned_en(text, start, end) or bool(lead and (cues.EN_CUE.search(lead) or tells(lead)))
    quotes = quotations(text)
    own = next(((a, b) for a, b in quotes if a < start and end < b and text[a] != "《"), None)
    begin, stop = own or (start, end)
    outside = _blanked(text, quotes)
    if _is_asked(text, begin, stop, spans) or (own and _is_mentioned(outside)):
        return True
    if _is_negated(outside, begin, spans) or _reaches(cues.MET, NEAR, outside, begin, spans):
        return True
    if _is_suspected(outside, begin, spans) or _is_unmasked(outside, stop, spans):
        return True
    if lead and tells(lead):
        return True
    return bool(own and heading and tells(heading))


def _is_mentioned(outside: str) -> bool:
    """Whether a sentence talks about what it quotes, and does not sell it."""
    return bool(cues.MENTIONED.search(outside)) and not cues.SELLING.search(outside)


def _is_asked(text: str, start: int, end: int, spans: Sequence[Span]) -> bool:
    """Whether the words are what is asked: 保本吗？, 会不会亏."""
    if any(text.startswith("会不会", max(0, first - 1)) for first, _ in spans):
        return True
    asked = cues.QUESTION.match(text, end) or cues.ASKED.search(text, 0, start)
    if cues.RHETORICAL.search(text, spans[0][0], spans[-1][1]):
        return False
    if not asked:
        return bool(cues.ASKED_AS_A_WHOLE.search(text)) and not cues.BAIT.search(text) and not cues.SELLING.search(text)
    return not cues.BAIT.search(text, _clause_start(text, start), start)


def _blanked(text: str, spans: Iterable[tuple[int, int]]) -> str:
    """Return `text` with what is quoted blanked out: a warning inside a quotation is the quoted person's."""
    for start, end in spans:
        text = text[:start] + "\0" * (end - start) + text[end:]
    return text


def clause(text: str, at: int) -> Span:
    """Return the clause around a place."""
    end = _CLAUSE.search(text, at)
    return _clause_start(text, at), end.start() if end else len(text)


def clauses(text: str) -> list[Span]:
    """Return the clauses of a text that is not empty."""
    found, at = [], 0
    for end in (*(match.start() for match in _CLAUSE.finditer(text)), len(text)):
        if end > at:
            found.append((at, end))
        at = end + 1
    return found or [(0, len(text))]


def _clause_start(text: str, at: int) -> int:
    return max((match.end() for match in _CLAUSE.finditer(text, 0, at)), default=0)


def _is_negated(text: str, begin: int, spans: Sequence[Span]) -> bool:
    """Whether something in the same clause, before one of the words, denies or forbids it, or it is said to fail."""
    if any(cues.FAILED.match(text, end) and not text[start:end].endswith(("比", "赶", "追")) for start, end in spans):
        return True
    return any(
        _is_negated_at(text, max(begin, start) if number else begin, spans) for number, (start, _) in enumerate(spans)
    )


def _is_negated_at(text: str, at: int, spans: Sequence[Span]) -> bool:
    if text[max(0, at - 1) : at] in tuple("不未没非难莫") and not any(start < at <= end for start, end in spans):
        return True
    return _reaches(cues.NEGATED, NEAR, text, at, spans) or _reaches(cues.FORBIDDEN, at, text, at, spans)


def _reaches(pattern: re.Pattern[str], reach: int, text: str, at: int, spans: Sequence[Span]) -> bool:
    """Whether something at most so many characters before `at`, in the same clause, says something of what is there."""
    return any(
        match.end() >= at - reach
        and not _is_among(match, spans)
        and not cues.TURN.search(text, match.end(), at)
        and not cues.OWN.search(text, match.end(), at)
        for match in pattern.finditer(text, _clause_start(text, at), at)
    )


def _is_suspected(text: str, begin: int, spans: Sequence[Span]) -> bool:
    """Whether something before the last of the words says that they are a scammer's, or a mistake."""
    last = max(begin, spans[-1][0]) if len(spans) > 1 else begin
    near = max((match.end() for match in _CLAUSE_OR_LIST.finditer(text, 0, last)), default=0)
    first = min(begin, spans[0][0])
    found = _cues(cues.SUSPECTED, text, near, last, spans) + _cues(
        cues.SUSPECTED, text, _clause_start(text, first), first
    )
    found += _cues(cues.REPORTED, text, 0, last, spans)
    return any(not cues.OWN.search(text, match.end(), last) for match in found)


def _is_unmasked(text: str, stop: int, spans: Sequence[Span]) -> bool:
    """Whether something after the words, or between them, unmasks them."""
    last = spans[-1][0]
    between = _cues(cues.UNMASKED, text, spans[0][1], last, spans) if len(spans) > 1 else []
    after = _cues(cues.UNMASKED, text, stop, len(text), spans)
    return any(not cues.OWN.search(text, match.end(), last) for match in between) or any(
        not cues.OWN.search(text, stop, match.start()) for match in after
    )


def _is_among(match: re.Match[str], spans: Sequence[Span]) -> bool:
    return any(start < match.end() and match.start() < end for start, end in spans)


def tells(text: str) -> bool:
    """Whether an introduction or a heading says that what follows is a scammer's."""
    return any(_cues(pattern, text, 0, len(text)) for pattern in (cues.SUSPECTED, cues.REPORTED, cues.UNMASKED))


def _cues(pattern: re.Pattern[str], text: str, start: int, end: int, spans: Sequence[Span] = ()) -> list[re.Match[str]]:
    """Return the cues between two places that are not denied themselves and no part of the words in question."""
    return [
        match
        for match in pattern.finditer(text, start, end)
        if not cues.DENIED.search(text, max(start, match.start() - 9), match.start()) and not _is_among(match, spans)
    ]


def _warned_en(text: str, start: int, end: int) -> bool:
    for match in cues.EN_CUE.finditer(text):
        if match.start() >= start and match.end() <= end:
            continue
        if cues.EN_REVERSED.search(text, max(0, match.start() - 12), match.start()):
            continue
        is_before = match.end() <= start
        between = text[match.end() : start] if is_before else text[end : match.start()]
        is_plain = match[0] in cues.EN_PLAIN
        if is_plain and not is_before:
            continue
        if is_plain and (len(between) > 40 or cues.EN_TURN.search(between)):
            continue
        return True
    return False
