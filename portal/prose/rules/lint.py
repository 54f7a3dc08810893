"""The compliance lint: every rule over every sentence, with an eye for what a sentence warns against."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from portal.prose.rules import detectors, required
from portal.prose.rules.around import Around
from portal.prose.rules.context import is_denied, is_title, is_warned
from portal.prose.rules.detectors import Hit
from portal.prose.rules.folding import Folded, fold, simplified
from portal.prose.rules.parity import Gap, gaps
from portal.prose.rules.personal import mask
from portal.prose.rules.phrases import Phrase
from portal.prose.rules.rule import Context, Finding, Level, Rule, rule
from portal.prose.rules.text import Part, Sentence, Text

REACH = 150
"""Characters on either side that count as the sentence around some words."""
MOST = 50
"""Hits of one rule in one sentence that are looked at."""


@dataclass(frozen=True, slots=True)
class _Folded:
    """All sentences of a text, folded and joined, so that a phrase is sought once in all of them."""

    sentences: Sequence[Sentence]
    folded: list[Folded]
    text: str
    begins: list[int] = field(default_factory=list)

    def find(self, phrases: Iterable[Phrase]) -> Iterator[tuple[int, int, int]]:
        """Yield (sentence, start, end in its folded text)."""
        for phrase in phrases:
            for start, end in phrase.find(self.text):
                number = bisect_right(self.begins, start) - 1
                yield number, start - self.begins[number], end - self.begins[number]


def _folded(text: Text) -> _Folded:
    folded = [fold(sentence.text) for sentence in text.sentences]
    joined = "\n".join(one.text for one in folded)
    if text.draft.locale == "zh-Hant":
        joined = simplified(joined)
        at = 0
        for number, one in enumerate(folded):
            folded[number] = Folded(joined[at : at + len(one.text)], one.places)
            at += len(one.text) + 1
    begins, at = [], 0
    for one in folded:
        begins.append(at)
        at += len(one.text) + 1
    return _Folded(text.sentences, folded, joined, begins)


@dataclass(frozen=True, slots=True)
class Lint:
    """The rules of `lint.yaml`, ready."""

    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Lint:
        """Make the rules of what is stored of `lint.yaml`."""
        return cls(tuple(rule(row) for row in content.get("rules", ())))

    def check(self, text: Text, around: Around) -> list[Finding]:
        """Return everything the rules find, in the order of the text, what is missing last."""
        folded = _folded(text)
        found: list[Finding] = []
        for one in self.rules:
            if not one.topics or text.draft.topic in one.topics:
                found += self._apply(one, text, folded, around)
        order = list(Part)
        found.sort(key=lambda finding: (finding.end == 0, order.index(finding.part), finding.start, -finding.end))
        return _without_repeats(found)

    def _apply(self, one: Rule, text: Text, folded: _Folded, around: Around) -> Iterator[Finding]:
        if one.detector in required.MISSING:
            if required.MISSING[one.detector](one, text, folded.text, around):
                yield Finding(one, Part.BODY, 1, 0, 0, "", "")
        elif one.detector in detectors.LINKS:
            for place, address in detectors.LINKS[one.detector](text, around):
                yield Finding(
                    one, Part.BODY, text.line(Part.BODY, place), place, place + len(address), address, address
                )
        elif one.detector == "facts-equal":
            for gap in gaps(text, around.facts):
                yield _of_gap(one, text, gap)
        elif one.detector in detectors.SENTENCES:
            for number, sentence in enumerate(text.sentences):
                if one.context is Context.NOWHERE or not sentence.is_scam_talk:
                    for hit in detectors.SENTENCES[one.detector](one, sentence, folded.folded[number].text, around):
                        yield _finding(one, text, sentence, folded.folded[number], hit)
        else:
            seen: Counter[int] = Counter()
            for number, start, end in folded.find(one.phrases):
                sentence, plain = folded.sentences[number], folded.folded[number]
                seen[number] += 1
                # A sentence of so many hits is no education, and looking at each of them would take long.
                if seen[number] <= MOST and not _is_excused(one, sentence, plain.text, start, end):
                    yield _finding(one, text, sentence, plain, Hit(start, end))


def _near(text: str, start: int, end: int) -> tuple[str, int]:
    """Return what stands around some characters, and where it begins: no sentence that is read is longer."""
    begin = max(0, start - REACH)
    return text[begin : end + REACH], begin


def _is_excused(one: Rule, sentence: Sentence, whole: str, start: int, end: int) -> bool:
    if one.context is not Context.NOWHERE and sentence.is_scam_talk:
        return True
    if one.sourced and any(reference.kind == "source" for reference in sentence.references):
        return True
    text, begin = _near(whole, start, end)
    start, end = start - begin, end - begin
    if one.titles and is_title(text, start, end):
        return True
    if any(True for phrase in one.unless for _ in phrase.find(text)):
        return True
    if one.context is Context.DENIED:
        return is_denied(text, start, end)
    return one.context is Context.WARNED and is_warned(
        text, start, end, lead=fold(sentence.lead[-REACH:]).text, heading=fold(sentence.heading[-REACH:]).text
    )


def _finding(one: Rule, text: Text, sentence: Sentence, plain: Folded, hit: Hit) -> Finding:
    first, last = plain.places[hit.start], plain.places[hit.end - 1] + 1
    start, end = sentence.place(first, last)
    passage = sentence.text[first:last]
    return Finding(
        rule=one,
        part=sentence.part,
        line=text.line(sentence.part, start),
        start=start,
        end=end,
        passage=mask(passage),
        sentence=_near(mask(sentence.text), first, last)[0],
    )


def _of_gap(one: Rule, text: Text, gap: Gap) -> Finding:
    """Say which figures of a fact are missing, at the sentence that seems to state it."""
    part, start, end = Part.BODY, 0, 0
    if gap.sentence is not None:
        part = gap.sentence.part
        start, end = gap.sentence.place(0, len(gap.sentence.text))
    return Finding(one, part, text.line(part, start), start, end, "、".join(gap.missing), gap.fact)


def _without_repeats(found: list[Finding]) -> list[Finding]:
    """Of findings of one rule that overlap, keep the first and longest."""
    kept: list[Finding] = []
    last: dict[tuple[str, Part], int] = {}
    for finding in found:
        name = (finding.rule.id, finding.part)
        if finding.end and finding.start < last.get(name, 0):
            continue
        last[name] = max(last.get(name, 0), finding.end)
        kept.append(finding)
    return kept


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Return those that keep a text from being submitted."""
    return [finding for finding in findings if finding.level is Level.BLOCK]
