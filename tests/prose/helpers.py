"""Texts and rules as the checks take them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

import yaml

from portal.core.settings import ROOT
from portal.prose.rules import Around, Draft, Finding, Lint, Names, Text, read
from portal.reference.rules import Problems, lists, read_yaml

NUMBERS = {
    "110": "110",
    "96110": "96110",
    "12381": "12381",
    "12378": "12378",
    "12337": "12337",
    "12321": "12321",
    "bank": "955XX",
}
TERMS = {"brushing": "刷单", "transfer": "转账", "net-value": "净值", "verification-code": "验证码"}
NAMES = Names(numbers=NUMBERS, terms=TERMS)
AROUND = Around(
    numbers=frozenset(NUMBERS.values()),
    sources=({"key": "s", "url": "https://www.pbc.example/x"},),
    checked_on=date(2026, 11, 1),
    review_by=date(2027, 2, 1),
    today=date(2026, 11, 22),
)
REGISTRY = replace(
    AROUND,
    numbers=frozenset(
        str(row["number"]) for row in yaml.safe_load((ROOT / "content/hotlines.yaml").read_text("utf-8"))["hotlines"]
    ),
)
"""The same with the library's own numbers."""
FRAME = (
    "[一句话]\n先挂断。\n[/]\n\n[停问转]\n### 停\n挂断。\n### 问\n打[[hotline:96110]]。\n### 转\n问清再说。\n[/]\n\n"
)
"""What every article has to have, so that only what stands after it can be wrong."""


@lru_cache(maxsize=1)
def rows() -> dict[str, Any]:
    """Return the starter library's rules as they are stored."""
    problems = Problems()
    node = read_yaml((ROOT / "content/lint.yaml").read_text("utf-8"), file="lint.yaml", problems=problems)
    assert node is not None
    found = lists.read_lint(node)
    assert problems.found == []
    return found


@lru_cache(maxsize=1)
def lint() -> Lint:
    """Return the starter library's rules, ready."""
    return Lint.of(rows())


def text_of(body: str, *, audience: str = "general", locale: str = "zh-Hans", **fields: str) -> Text:
    """Return a read edition."""
    words = {"title": "标题", "summary": "说明", **fields}
    return read(Draft(audience=audience, locale=locale, body=body, **words), NAMES)


def findings(body: str, *, around: Around = AROUND, framed: bool = True, **fields: str) -> list[Finding]:
    """Return what the starter library's rules find in a body that has everything an article needs."""
    return lint().check(text_of((FRAME if framed else "") + body, **fields), around)


def found(body: str, *, around: Around = AROUND, framed: bool = True, **fields: str) -> list[str]:
    """Return the ids of the rules that fire, each once."""
    return sorted({finding.rule.id for finding in findings(body, around=around, framed=framed, **fields)})


def sentences() -> list[dict[str, Any]]:
    """Return the judged sentences."""
    stored: list[dict[str, Any]] = yaml.safe_load((ROOT / "tests/prose/sentences.yaml").read_text("utf-8"))
    return stored
