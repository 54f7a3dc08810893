"""The compliance lint: every rule over every sentence, with an eye for what a sentence warns against."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from portal.prose.rules import detectors, required
from portal.prose.rules.around import Around
from portal.prose.rules.context import is_denied, is_title, is_warned, tells
from portal.prose.rules.detectors import Hit
from portal.prose.rules.folding import Folded, fold, simplified
from portal.prose.rules.likeness import Likeness, learnt
from portal.prose.rules.parity import Gap, gaps
from portal.prose.rules.personal import mask
from portal.prose.rules.phrases import Phrase, Sought, Span
from portal.prose.rules.rule import Context, Finding, Level, Rule, rule
from portal.prose.rules.text import PROSE, Part, Sentence, Text

REACH = 150
"""Characters on either side that count as the sentence around some words."""
MOST = 50
"""Hits of one rule in one sentence that are looked at."""
WORDING = frozenset("ABCDHI")
"""Groups whose rules the second opinion may overrule (see `likeness`): they are about how something is said."""


@dataclass(frozen=True, slots=True)
class _Folded:
    """All sentences of a text, folded and joined, so that a phrase is sought once in all of them."""

    sentences: Sequence[Sentence]
    folded: list[Folded]
    sought: Sought
    begins: list[int]

    def find(self, phrases: Iterable[Phrase]) -> Iterator[tuple[int, tuple[Span, ...]]]:
        """Yield the number of a sentence and the places of a pattern's words in its folded text."""
        for phrase in phrases:
            for spans in phrase.find(self.sought):
                number = bisect_right(self.begins, spans[0][0]) - 1
                begin = self.begins[number]
                yield number, tuple((start - begin, end - begin) for start, end in spans)


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
    return _Folded(text.sentences, folded, Sought(joined), begins)


@dataclass(frozen=True, slots=True)
class Lint:
    """The rules of `lint.yaml`, ready."""

    rules: tuple[Rule, ...]

    @classmethod
    def of(cls, content: Mapping[str, Any]) -> Lint:
        """Make the rules of what is stored of `lint.yaml`."""
        classes = {name: tuple(words) for name, words in content.get("classes", {}).items()}
        return cls(tuple(rule(row, classes) for row in content.get("rules", ())))

    def check(self, text: Text, around: Around) -> list[Finding]:
        """Return everything the rules find, in the order of the text, what is missing last."""
        folded = _folded(text)
        rules = [one for one in self.rules if not one.topics or text.draft.topic in one.topics]
        second = learnt() if text.draft.locale != "en" and any(one.detector == "likeness" for one in rules) else None
        found: list[Finding] = []
        for one in rules:
            found += self._apply(one, text, folded, around, second)
        if second:
            for one in rules:
                if one.detector == "likeness":
                    found += _alike(one, text, folded, second, tuple(found))
        order = list(Part)
        found.sort(key=lambda finding: (finding.end == 0, order.index(finding.part), finding.start, -finding.end))
        return _without_repeats(found)

    def _apply(
        self, one: Rule, text: Text, folded: _Folded, around: Around, second: Likeness | None
    ) -> Iterator[Finding]:
        if one.detector in required.MISSING:
            if required.MISSING[one.detector](one, text, folded.sought, around):
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
        if one.detector not in required.MISSING:
            seen: Counter[int] = Counter()
            told: set[int] = set()
            opinion = second if _is_about_wording(one) else None
            for number, spans in folded.find(one.phrases):
                sentence, plain = folded.sentences[number], folded.folded[number]
                if len(spans) > 1 and number in told:
                    continue
                seen[number] += 1
                # A sentence of so many hits is no education, and looking at each of them would take long.
                if (
                    seen[number] <= MOST
                    and not _is_excused(one, sentence, plain.text, spans)
                    and not (opinion and sentence.form in PROSE and opinion.teaches(plain.text))
                ):
                    told.add(number)
                    yield _finding(one, text, sentence, plain, Hit(spans[0][0], spans[-1][1]))


def _is_about_wording(one: Rule) -> bool:
    return one.context is Context.WARNED and not one.detector and one.group in WORDING


def _alike(one: Rule, text: Text, folded: _Folded, second: Likeness, found: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the sentences in which no rule found anything and which read like those that were stopped."""
    for sentence, plain in zip(folded.sentences, folded.folded, strict=True):
        if sentence.is_scam_talk or sentence.form not in PROSE or not second.stops(plain.text):
            continue
        start, end = sentence.place(0, len(sentence.text))
        is_told = any(other.part is sentence.part and other.start < end and start < other.end for other in found)
        if not is_told and not (sentence.lead and tells(fold(sentence.lead[-REACH:]).text)):
            yield _finding(one, text, sentence, plain, Hit(*second.why(plain.text)))


def _near(text: str, start: int, end: int) -> tuple[str, int]:
    """Return what stands around some characters, and where it begins: no sentence that is read is longer."""
    begin = max(0, start - REACH)
    return text[begin : end + REACH], begin


def _is_excused(one: Rule, sentence: Sentence, whole: str, spans: tuple[Span, ...]) -> bool:
    if one.context is not Context.NOWHERE and sentence.is_scam_talk:
        return True
    if one.sourced and any(reference.kind == "source" for reference in sentence.references):
        return True
    text, begin = _near(whole, spans[0][0], spans[-1][1])
    spans = tuple((start - begin, end - begin) for start, end in spans)
    if one.titles and is_title(text, spans[0][0], spans[-1][1]):
        return True
    if any(True for phrase in one.unless for _ in phrase.find(Sought(text))):
        return True
    if one.context is Context.DENIED:
        return is_denied(text, spans)
    return one.context is Context.WARNED and is_warned(
        text, spans, lead=fold(sentence.lead[-REACH:]).text, heading=fold(sentence.heading[-REACH:]).text
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
