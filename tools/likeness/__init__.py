"""Learns `portal/prose/rules/likeness.txt` from judged sentences: logistic regression, the same for the same sentences.

Pieces that stand in few sentences may weigh more (by the logarithm of their rarity), since common ones stand
everywhere. What the library says is added as right, each sentence with very little weight: it keeps the model from
stopping what articles say without letting ten thousand quiet sentences drown the judged ones.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import yaml

from bench.prose import starter
from portal.core.settings import ROOT
from portal.prose.rules import Draft, Group, read
from portal.prose.rules.folding import fold
from portal.prose.rules.likeness import SCALE, STOPPED, Likeness, pieces
from portal.prose.rules.text import PROSE
from portal.quizzes.services.judging import voices, words
from portal.quizzes.services.package import read_bank

JUDGED = ROOT / "tests/prose/drafts.yaml"
APART = (Group.PERSONAL_DATA, Group.HOTLINES, Group.STALE_FACTS)
"""What is wrong there is a name, a number or a year in a sentence that reads like any other: detectors find it."""
LIBRARY = 0.01
"""What a sentence of the library weighs beside a judged one."""
ROUNDS = 4
"""After each of them a sentence of the library that still comes near being stopped weighs ten times as much."""
NEAR = 0.25
RIDGE = 0.1
FEWEST = 2
"""Judged sentences that must have a piece."""

Judged = Sequence[tuple[str, bool]]


def rows() -> list[dict[str, Any]]:
    """Return the judged sentences as they are stored."""
    stored: list[dict[str, Any]] = yaml.safe_load(JUDGED.read_text("utf-8"))
    return stored


def judged(stored: Sequence[dict[str, Any]]) -> list[tuple[str, bool]]:
    """Return the sentences that can be judged by their wording, and whether each must be stopped."""
    return [(row["text"], "bad" in row) for row in stored if row.get("bad") not in APART]


def digest(examples: Judged) -> str:
    """Return a name for exactly these examples."""
    return hashlib.sha256(json.dumps(list(examples), ensure_ascii=False).encode()).hexdigest()[:16]


def library() -> list[str]:
    """Return what articles, glossary and questions say in simplified Chinese, but for what they quote of scammers."""
    _rules, names, _terms, _around = starter()
    found = {
        sentence.text
        for draft in _drafts()
        for sentence in read(draft, names).sentences
        if sentence.form in PROSE and not sentence.is_scam_talk
    }
    return sorted(found)


def _drafts() -> Iterator[Draft]:
    for path in sorted((ROOT / "content/articles").glob("*/*.zh-Hans.md")):
        _begin, head, body = path.read_text("utf-8").split("---\n", 2)
        yield _draft(body, summary=yaml.safe_load(head)["summary"])
    for entry in yaml.safe_load((ROOT / "content/glossary.yaml").read_text("utf-8")):
        yield _draft(entry["plain"]["zh-Hans"])
    for item in read_bank(ROOT / "content/quizzes").items:
        for _audience, locale, said in voices(item):
            if locale == "zh-Hans":
                yield _draft(words(said).own)


def _draft(body: str, *, summary: str = "") -> Draft:
    return Draft(audience="general", locale="zh-Hans", title="", summary=summary, body=body)


def learn(examples: Judged, quiet: Sequence[str] = ()) -> Likeness:
    """Return what can be learnt of judged sentences, and of those of the library."""
    sets = [pieces(fold(text).text) for text in (*(text for text, _bad in examples), *quiet)]
    seen = Counter(piece for known in sets[: len(examples)] for piece in known)
    vocabulary = sorted(piece for piece, count in seen.items() if count >= FEWEST)
    numbers = {piece: number for number, piece in enumerate(vocabulary)}
    rarity = np.array([1 + np.log(len(examples) / seen[piece]) for piece in vocabulary])
    known = [[numbers[piece] for piece in one if piece in numbers] for one in sets]
    sizes = np.array([len(one) for one in known])
    row, column = np.repeat(np.arange(len(sets)), sizes), np.array([number for one in known for number in one])
    value = rarity[column] / np.sqrt(sizes)[row]
    bad = np.array([*(bad for _text, bad in examples), *(False for _text in quiet)], float)
    weight = np.array([*(1.0 for _one in examples), *(LIBRARY for _text in quiet)])
    for _round in range(ROUNDS):
        theta = _fit(row, column, value, bad, weight, len(vocabulary))
        odds = np.bincount(row, value * theta[column], len(sets)) + theta[-1]
        weight[len(examples) :][odds[len(examples) :] > STOPPED - NEAR] *= 10
    hundredths = np.rint(theta * np.append(rarity, 1) * SCALE).astype(int).tolist()
    bias = hundredths.pop()
    weights = dict(zip(vocabulary, hundredths, strict=True))
    return Likeness(bias, weights, digest(examples))


def _fit(row: Any, column: Any, value: Any, bad: Any, weight: Any, size: int) -> Any:
    """Return the weights, the bias last: Newton's method, each step solved by conjugate gradients."""

    def forward(vector: Any) -> Any:
        return np.bincount(row, value * vector[column], len(bad)) + vector[size]

    def back(residue: Any) -> Any:
        return np.append(np.bincount(column, value * residue[row], size), residue.sum())

    ridge = np.append(np.full(size, RIDGE), RIDGE / 100)
    theta = np.zeros(size + 1)
    for _step in range(12):
        chance = 1 / (1 + np.exp(-forward(theta)))
        slope = -back(weight * (chance - bad)) - ridge * theta
        curve = weight * chance * (1 - chance)
        step, way, rest = np.zeros(size + 1), slope.copy(), slope
        power = first = rest @ rest
        for _turn in range(40):
            if power <= 1e-4 * first:
                break
            along = back(curve * forward(way)) + ridge * way
            far = power / (way @ along)
            step, rest = step + far * way, rest - far * along
            power, before = rest @ rest, power
            way = rest + power / before * way
        theta = theta + step
    return theta
