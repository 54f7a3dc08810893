"""Nobody is kept out: axe-core finds nothing on any kind of page."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.journeys.conftest import Open
from tests.journeys.pages import ARTICLE, DESKTOP, EDITIONS, PAGES, PHONE, UNFOLD, place

AXE = Path(__file__).resolve().parents[1] / "vendor" / "axe-core-4.14.1"
DIGESTS = {
    "axe.min.js": "29348999450cdf2849a8e70b7912fc2da85a849da39c0d0d5394f51d4a9ed95c",
    "LICENSE": "af175b9d96ee93c21a036152e1b905b0b95304d4ae8c2c921c7609100ba8df7e",
}
AA = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SCRIPT = (AXE / "axe.min.js").read_text("utf-8")


def findings(page: Page, *, rules: list[str] | None = None) -> list[str]:
    """Return what axe-core objects to, as sentences."""
    page.evaluate(SCRIPT)  # by the debugger, which the page's own policy does not bind
    only: dict[str, Any] = {"type": "rule", "values": rules} if rules else {"type": "tag", "values": AA}
    found = page.evaluate("only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only)
    return [
        f"{page.url}: {problem['id']}: {node['target']} {node['failureSummary'][:400]}"
        for problem in found["violations"]
        for node in problem["nodes"]
    ]


def test_the_checker_is_the_one_that_was_reviewed() -> None:
    assert {name: hashlib.sha256((AXE / name).read_bytes()).hexdigest() for name in DIGESTS} == DIGESTS


def test_the_checker_can_find_something(reader: Open) -> None:
    visit = reader()
    visit.page.set_content("<html><title>x</title><main><img src='data:,'><button></button></main></html>")
    assert {line.split(": ")[1] for line in findings(visit.page)} >= {"image-alt", "button-name", "html-has-lang"}


@pytest.mark.parametrize(("locale", "audience"), EDITIONS)
def test_axe_finds_nothing(reader: Open, locale: str, audience: str) -> None:
    visit = reader(PHONE if audience in ("elderly", "new-resident") else DESKTOP)
    found: list[str] = []
    for name, path in PAGES.items():
        page = visit.open(place(path, locale, audience))
        found += findings(page)
        if name == "missing":
            visit.complaints.clear()  # the browser itself remarks on the 404
    assert found == []


@pytest.mark.parametrize("size", [PHONE, DESKTOP])
@pytest.mark.parametrize("audience", ["general", "youth"])
def test_the_other_screen_too(reader: Open, audience: str, size: tuple[int, int]) -> None:
    visit = reader(size, color_scheme="dark")
    found: list[str] = []
    for path in ("/", ARTICLE, PAGES["results"]):
        found += findings(visit.open(place(path, audience=audience)))
    assert found == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("audience", ["elderly", "new-resident"])
@pytest.mark.parametrize("locale", ["zh-Hans", "en"])
def test_text_keeps_the_strictest_contrast(reader: Open, locale: str, audience: str, scheme: Any) -> None:
    visit = reader(PHONE, color_scheme=scheme)
    found: list[str] = []
    for path in PAGES.values():
        page = visit.open(place(path, locale, audience))
        page.evaluate(UNFOLD)
        found += findings(page, rules=["color-contrast", "color-contrast-enhanced"])
    visit.complaints.clear()
    assert found == []
