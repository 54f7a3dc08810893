"""Measures of text. Only what a reader sees counts: give plain text, not Markdown."""

from __future__ import annotations

import math
import re

HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]")
WORD = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*|\d+(?:[.,]\d+)*")

# Characters of Chinese, and words of a Latin script, read in a minute. Slower than the 300-500 characters of fluent
# adults on purpose: these readers are worried, old, thirteen or new to the words.
HAN_A_MINUTE = {"general": 300, "elderly": 180, "youth": 240, "new-resident": 240}
WORDS_A_MINUTE = {"general": 200, "elderly": 130, "youth": 160, "new-resident": 160}


def reading_minutes(text: str, *, audience: str) -> int:
    """Return how many minutes a reader of that audience needs for `text`, at least 1."""
    han, words = len(HAN.findall(text)), len(WORD.findall(text))
    return max(1, math.ceil(han / HAN_A_MINUTE[audience] + words / WORDS_A_MINUTE[audience] - 0.25))
