"""Texts made to take long: the slowest shape of each kind, in processor time. Nothing may be much worse than linear."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from functools import partial

from bench.prose import starter
from bench.report import Report
from portal.prose.rules import Draft, Lint, Text, measure, read
from portal.prose.rules.diff import diff
from portal.search.rules import Words, plan, sounds_of_characters

UNITS = ("保", "保本", "不保本，", "年化8%以上", "“保本”", "12321", "没有", "1 ", "http://a", "骗", "《", "五年内不能",
         "我行不会亏最好", "不", "非", "一二三四五六七八九十", "净值", "人，", "“", "人。", "a ", "非人")  # fmt: skip
SOURCES = (" " * 60_000, "[" * 60_000, "_" * 60_000 + "a", "a" + "_" * 60_000 + "a", "<" * 60_000, "|" * 60_000,
           "“" * 20_000, "- " * 30_000, "&" * 60_000, "[[" * 30_000, "\\" * 60_000, "“a。" * 15_000, "| " * 30_000,
           ".\n" * 30_000, "《" * 20_000, "[a](" * 15_000, "#" * 60_000, "1." * 30_000, "-" * 60_000,
           "- - " * 15_000 + "x")  # fmt: skip
PAIRS = (("的一是在" * 900, "在是一的" * 900),
         ("甲\n乙\n" * 900, "乙\n甲\n丙\n" * 600), ("\n" * 10_000, "字\n" * 2_500),
         ("立即转账。" * 700, "马上挂断！" * 700), ("ab" * 5_000, "ba" * 5_000))  # fmt: skip
LARGEST = (("甲乙" * 10_000, "乙丙" * 10_000), ("a\nb\n" * 15_000, "b\nc\n" * 15_000))
QUERIES = ("*", "?*?*?*?*", "[a TO z]", "a* OR " * 500, "(" * 5000, "NOT " * 500, "text:x^9~2", "骗" * 1_000_000)


def run(report: Report) -> None:
    """Time every shape once and print the slowest of each kind."""
    rules, names, terms, around = starter()
    lint = Lint.of(rules)

    def text(body: str) -> Text:
        return read(Draft(audience="general", locale="zh-Hans", title="标题", summary="说明", body=body), names)

    long = [text(unit * (20_000 // len(unit))) for unit in UNITS]
    words, sounds = Words(), sounds_of_characters()
    kept = frozenset(sounds.values())
    kinds: tuple[tuple[str, float, Iterable[Callable[[], object]]], ...] = (
        ("compliance of 20,000 characters", 3, [partial(lint.check, one, around) for one in long]),
        ("readability of 20,000 characters", 2, [partial(measure, one, terms) for one in long]),
        ("reading 60,000 characters", 2, [partial(text, one) for one in SOURCES]),
        ("diff of 10 KB", 0.5, [partial(diff, *one) for one in PAIRS]),
        ("diff of the largest texts", 2.5, [partial(diff, *one) for one in LARGEST]),
        ("plan of a query", 0.5, [partial(plan, one, words, sounds, kept) for one in QUERIES]),
    )
    for name, limit, shapes in kinds:
        report.value(f"hostile: {name}, slowest", max(_seconds(shape) for shape in shapes), "s", at_most=limit)


def _seconds(work: Callable[[], object]) -> float:
    begun = time.process_time()
    work()
    return time.process_time() - begun
