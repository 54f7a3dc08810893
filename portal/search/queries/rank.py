"""Which documents answer a plan, and in what order. One token after the other, over arrays; no tree of matchers.

First the documents that have every word. When they are fewer than `ENOUGH`, also those that have some of them. When
they are enough, only those of the others that are about a part of the question, and better than the tenth of the first:
ten articles that have all words in passing must not hide the one of which the title is the question's chief word.
The more of the question a document covers, the more its score counts.
"""

from __future__ import annotations

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from portal.search.queries.reader import Index
from portal.search.rules import ENOUGH, Concept, Plan, rarity

LIMIT_S = 1.0
"""Seconds after which the words that are left are not looked for."""

SAME = 0.85
"""A synonym against the word itself."""
_PART, _SOUND, _CHARACTER = 0.55, 0.4, 0.25
_LEAST = 0.2
"""What a document's score would count that covers nothing; one that covers all counts 1 more."""
_RELEVANT = 0.2
"""Documents that cover less than this share of what the best one covers are left out."""
_HEARD_ENOUGH = 0.25
"""Share of the question's sound that a title must have."""
_ORDERED_BY_CHARACTERS = 200
_ALL = 0.99
_TITLES_COMPARED = 100
_IN_TITLE = 1.3
"""What it is worth that the whole question stands in the title."""


@dataclass(frozen=True, slots=True)
class Ranking:
    """Every document that answers, best first."""

    scores: list[tuple[float, int]]
    """(score, document number)."""
    widened: bool


class _Search:
    """One run over the index for one reader."""

    def __init__(self, index: Index, allowed: Collection[int], until: float) -> None:
        self._index = index
        self._allowed = allowed
        self._until = until

    def late(self) -> bool:
        return time.monotonic() > self._until

    def rare(self, field: str, token: str) -> float:
        return rarity(len(self._index.postings(field, token)[0]), self._index.documents)

    def add(
        self, into: dict[int, float], token: str, among: Collection[int], *, field: str = "text", of: str | None = None
    ) -> None:
        """Raise each document's score to what this token gives it.

        `of` is the word that was asked for when the token only stands for it: it then counts for no more than that
        word, however rare it is itself.
        """
        ids, weights = self._index.postings(field, token)
        if not ids:
            return
        scores = self.weigh(ids, weights, self.factor(field, token, of), among)
        if field == "text":
            about, lead = self._index.postings("lead", token)
            for number, score in self.weigh(about, lead, self.factor("lead", token, of), among).items():
                scores[number] = scores.get(number, 0.0) + score
        if into:
            get = into.get
            into.update([(number, score) for number, score in scores.items() if score > get(number, 0.0)])
        else:
            into.update(scores)

    def factor(self, field: str, token: str, of: str | None) -> float:
        rare = self.rare(field, token)
        if of is None:
            return rare
        return SAME * (min(rare, self.rare(field, of)) if self._index.postings(field, of)[0] else rare)

    def weigh(self, ids: Any, weights: Any, factor: float, among: Collection[int]) -> dict[int, float]:
        if 4 * len(among) < len(ids):
            weight_of = dict(zip(ids, weights, strict=True))
            return {number: factor * weight_of[number] for number in among if number in weight_of}
        return {number: factor * weight for number, weight in zip(ids, weights, strict=True) if number in among}

    def whole(self, concept: Concept, among: Collection[int]) -> dict[int, float]:
        """Return the documents among `among` that have the word or one that stands for it."""
        found: dict[int, float] = {}
        self.add(found, concept.word, among)
        for word in concept.same:
            self.add(found, word, among, of=concept.word)
        for sound in concept.sounds:
            self.add(found, sound, among, field="pinyin")
        return found

    def about(self, plan: Plan) -> frozenset[int]:
        """Return the documents of which the lead has a word of the plan."""
        found: set[int] = set()
        for concept in plan.chief:
            for word in (concept.word, *concept.same):
                found.update(self._index.postings("lead", word)[0])
        return frozenset(self._allowed).intersection(found)

    def share(self, field: str, tokens: Collection[str], among: Collection[int]) -> dict[int, float]:
        """Return which share of the tokens (by rarity) each document among `among` has, between 0 and 1."""
        rarities = {token: self.rare(field, token) for token in tokens}
        total = sum(rarities.values())
        found: dict[int, float] = {}
        get = found.get
        wanted = among if isinstance(among, frozenset) else frozenset(among)
        for token, rare in rarities.items():
            part = rare / total
            for number in wanted.intersection(self._index.postings(field, token)[0]):
                found[number] = get(number, 0.0) + part
        return found

    def every(self, plan: Plan) -> dict[int, float]:
        """Return the documents that have every word of the plan."""
        concepts = sorted(plan.chief, key=self._holding)
        scores: dict[int, float] = {}
        among: Collection[int] = self._allowed
        for position, concept in enumerate(concepts):
            found = self.whole(concept, among)
            scores = found if position == 0 else {number: scores[number] + found[number] for number in found}
            among = scores
            if not scores or self.late():
                break
        return scores

    def _holding(self, concept: Concept) -> int:
        return len(self._index.postings("text", concept.word)[0]) + sum(
            len(self._index.postings("text", word)[0]) for word in concept.same
        )

    def some(self, plan: Plan, among: frozenset[int]) -> dict[int, float]:
        """Return the documents among `among` that have some of it: the more of the question, the better."""
        scores: dict[int, float] = {}
        covered: dict[int, float] = {}
        chief = plan.chief
        worth = [max(0.5, self.rare("text", concept.word)) for concept in chief]
        total = sum(worth)
        score_of, cover_of = scores.get, covered.get
        for concept, its_worth in zip(chief, worth, strict=True):
            if self.late():
                break
            share = its_worth / total
            whole = self.whole(concept, among)
            for number, score in whole.items():
                scores[number] = score_of(number, 0.0) + score
                covered[number] = cover_of(number, 0.0) + share
            for field, pieces in (("text", concept.parts), ("pinyin", concept.sound_parts)):
                for number, part in self.share(field, pieces, among).items() if pieces else ():
                    if number not in whole:
                        scores[number] = score_of(number, 0.0) + _PART * part * its_worth
                        covered[number] = cover_of(number, 0.0) + _PART * part * share
        if plan.heard and not self.late():
            for number, part in self.share("pinyin", plan.heard, among).items():
                if part >= _HEARD_ENOUGH:
                    scores[number] = score_of(number, 0.0) + _SOUND * part * total
                    covered[number] = max(cover_of(number, 0.0), _SOUND * part)
        if not scores:
            return self._by_characters(plan)
        least = _RELEVANT * max(covered.values())
        kept = {number: score for number, score in scores.items() if covered[number] >= least}
        # Characters only order what was found, so only the best are looked at.
        best = frozenset(sorted(kept, key=kept.__getitem__, reverse=True)[:_ORDERED_BY_CHARACTERS])
        for concept, its_worth in zip(chief, worth, strict=True):
            if concept.characters and not self.late():
                for number, part in self.share("text", concept.characters, best).items():
                    kept[number] += _CHARACTER * part * its_worth
        return {number: score * (_LEAST + covered[number]) for number, score in kept.items()}

    def _by_characters(self, plan: Plan) -> dict[int, float]:
        """Return the documents that have all characters of some word: the last resort."""
        scores: dict[int, float] = {}
        for concept in plan.concepts:
            if concept.characters and not self.late():
                for number, part in self.share("text", concept.characters, self._allowed).items():
                    if part > _ALL:
                        scores[number] = scores.get(number, 0.0) + _CHARACTER * len(concept.characters)
        return scores


def rank(index: Index, plan: Plan, allowed: Collection[int], *, gone: Collection[int] = ()) -> Ranking:
    """Return the documents among `allowed` and not `gone` that answer the plan, best first.

    Raises:
        Exception: of any kind, when the index is damaged.

    """
    if not plan.concepts:
        return Ranking([], False)
    search = _Search(index, allowed, time.monotonic() + LIMIT_S)
    every = search.every(plan)
    for number in gone:
        every.pop(number, None)
    scores = {number: score * (_LEAST + 1) for number, score in every.items()}
    if len(every) < ENOUGH:
        others, least = search.some(plan, frozenset(allowed)), 0.0
    elif len(plan.chief) > 1:
        others, least = search.some(plan, search.about(plan)), sorted(scores.values())[-ENOUGH]
    else:
        others, least = {}, 0.0
    for number, score in others.items():
        if score > least and number not in every and number not in gone:
            scores[number] = score
    return Ranking(_sorted(index, plan.text, scores), len(scores) > len(every))


def _sorted(index: Index, text: str, scores: Mapping[int, float]) -> list[tuple[float, int]]:
    """Return (score, document), best first; those with the whole question in the title are raised."""
    ranked = sorted([(-score, number) for number, score in scores.items()])
    entries = index.entries
    top = [
        (score * _IN_TITLE if text in entries[number].folded else score, number)
        for score, number in ranked[:_TITLES_COMPARED]
    ]
    top.sort()
    return [(-score, number) for score, number in (*top, *ranked[_TITLES_COMPARED:])]
