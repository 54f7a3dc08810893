"""The strict content security policy, and colours that live in one place."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.house.files import shown, tracked

INLINE = re.compile(
    r"\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|<style\b|javascript:|<script(?![^>]*\b(?:src=|type=\"application/ld\+json\"))",
    re.IGNORECASE,
)
COLOUR = re.compile(
    r"#[0-9a-f]{3,8}\b|\b(?:rgb|hsl|hwb|lab|lch|oklab|oklch|color)a?\(|"
    r":\s*(?:[^;{}]*\s)?(?:white|black|red|green|blue|gr[ae]y|orange|yellow|purple|brown|navy|teal|silver)\b(?=[^{}]*;)",
    re.IGNORECASE,
)
OUTSIDE = re.compile(r"(?:src|href)=\"(?:https?:)?//", re.IGNORECASE)


def without_comments(css: str) -> str:
    return re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)


@pytest.mark.parametrize("path", tracked("templates/*.html"), ids=shown)
def test_no_inline_style_or_script_and_nothing_from_outside(path: Path) -> None:
    text = path.read_text("utf-8")
    assert INLINE.findall(text) == []
    assert OUTSIDE.findall(text) == []


@pytest.mark.parametrize("path", [p for p in tracked("static/css/*.css") if p.name != "tokens.css"], ids=shown)
def test_colours_are_named_in_tokens_only(path: Path) -> None:
    assert COLOUR.findall(without_comments(path.read_text("utf-8"))) == []


def test_stylesheets_load_nothing() -> None:
    for path in tracked("static/css/*.css"):
        assert re.findall(r"@import|url\(", without_comments(path.read_text("utf-8"))) == [], shown(path)


@pytest.mark.parametrize(
    ("bad", "pattern"),
    [
        ('<p style="x">', INLINE),
        ("<script>x</script>", INLINE),
        ('<a onclick="x">', INLINE),
        ('<img src="//elsewhere">', OUTSIDE),
        ("a { color: #fff }", COLOUR),
        ("a { color: rgb(0 0 0) }", COLOUR),
        ("a { background: white; }", COLOUR),
    ],
)
def test_the_checks_know_their_counterexamples(bad: str, pattern: re.Pattern[str]) -> None:
    assert pattern.search(bad)


@pytest.mark.parametrize(
    ("good", "pattern"),
    [
        ('<script src="/x.js"></script>', INLINE),
        ('<script type="application/ld+json">{}</script>', INLINE),
        ("a { color: var(--ink); white-space: nowrap }", COLOUR),
        ("#main { margin: 0 }", re.compile("never")),
    ],
)
def test_the_checks_let_good_pages_pass(good: str, pattern: re.Pattern[str]) -> None:
    assert not pattern.search(good)
