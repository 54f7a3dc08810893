"""How long the desk's check of a text takes, in processor time: it runs beside the editor while somebody types."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import yaml

from bench.report import Report
from portal.core.settings import ROOT
from portal.prose.rules import Around, Draft, Lint, Names, measure, read
from portal.prose.rules.diff import diff
from portal.reference.rules import Problems, lists, read_yaml

LENGTH = 5_000
LIMIT_MS = 100
DIFF_LIMIT_MS = 500


def run(report: Report) -> None:
    """Measure reading, compliance and readability of 5,000 characters, and the diff of 10 KB."""
    rules, names, terms, around = starter()
    draft = Draft(audience="elderly", locale="zh-Hans", title="标题", summary="说明", body=_body())

    def whole() -> None:
        text = read(draft, names)
        Lint.of(rules).check(text, around)
        measure(text, terms)

    text = read(draft, names)
    lint = Lint.of(rules)
    report.note(f"{sum(map(str.isalnum, draft.body)):,} characters, {len(text.sentences)} sentences")
    report.value("reading Markdown into sentences", _ms(lambda: read(draft, names)), "ms")
    report.value("compliance", _ms(lambda: lint.check(text, around)), "ms")
    report.value("readability", _ms(lambda: measure(text, terms)), "ms")
    report.value(f"the whole check of {LENGTH:,} characters", _ms(whole), "ms", at_most=LIMIT_MS)
    body = draft.body[: 10_000 // 3]
    report.value("diff of 10 KB, one word changed", _ms(lambda: diff(body, body.replace("立即", "马上", 1))), "ms")
    report.value("diff of 10 KB, rewritten", _ms(lambda: diff(body, body[::-1])), "ms", at_most=DIFF_LIMIT_MS)
    worst = ("的一是在" * 900, "在是一的" * 900)
    report.value("diff of 10 KB in one line, shuffled", _ms(lambda: diff(*worst)), "ms", at_most=DIFF_LIMIT_MS)


def starter() -> tuple[lists.Row, Names, dict[str, tuple[str, ...]], Around]:
    """Return what the check of a text needs, as the starter library has it: rules, names, terms, surroundings."""
    node = read_yaml((ROOT / "content/lint.yaml").read_text("utf-8"), file="lint.yaml", problems=Problems())
    assert node is not None
    glossary = yaml.safe_load((ROOT / "content/glossary.yaml").read_text("utf-8"))
    hotlines = yaml.safe_load((ROOT / "content/hotlines.yaml").read_text("utf-8"))["hotlines"]
    terms = {entry["key"]: entry["term"]["zh-Hans"] for entry in glossary}
    names = Names(numbers={entry["key"]: str(entry["number"]) for entry in hotlines}, terms=terms)
    around = Around(numbers=frozenset(names.numbers.values()))
    return lists.read_lint(node), names, {key: (word,) for key, word in terms.items()}, around


def _body() -> str:
    """Return articles of the starter library, one after another, up to the length."""
    bodies, count = [], 0
    for path in sorted((ROOT / "content/articles").glob("*/*.zh-Hans.md")):
        bodies.append(path.read_text("utf-8").split("---\n", 2)[2])
        count += sum(map(str.isalnum, bodies[-1]))
        if count >= LENGTH:
            break
    return "\n\n".join(bodies)


def _ms(work: Callable[[], object], times: int = 9) -> float:
    work()
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append((time.process_time() - start) * 1000)
    return statistics.median(taken)
