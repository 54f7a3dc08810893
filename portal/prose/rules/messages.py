"""What the readability check says, by language. zh-Hant is converted from zh-Hans where it is shown."""

from __future__ import annotations

from collections.abc import Mapping

MESSAGES: Mapping[str, Mapping[str, str]] = {
    "sentence-long": {
        "zh-Hans": "这句有{length}个字，最好不超过{bound}个：拆成两句，一句只说一件事。",
        "en": "This sentence has {length} {unit}; at most {bound} read well. Split it: one thing a sentence.",
    },
    "clause-long": {
        "zh-Hans": "“{passage}”连着{length}个字没有停顿，最好不超过{bound}个：加逗号，或者拆开。",
        "en": "“{passage}” runs {length} {unit} without a pause; at most {bound} read well.",
    },
    "average-long": {
        "zh-Hans": "平均每句{length}个字，最好不超过{bound}个：先拆最长的几句。",
        "en": "Sentences have {length} {unit} on average; at most {bound} read well. Begin with the longest.",
    },
    "hard-characters": {
        "zh-Hans": "要认得95%的字，需要HSK {grade}级，最好不超过{bound}级。难字：{characters}",
        "en": "Knowing 95% of the characters takes HSK level {grade}, above {bound}. Hard: {characters}",
    },
    "term-unexplained": {
        "zh-Hans": "“{term}”第一次出现没有解释：写成[[term:{key}]]，或者在后面用一句白话说明。",
        "en": "“{term}” is not explained at its first use: write [[term:{key}]] or say it in plain words.",
    },
    "terms-dense": {
        "zh-Hans": "每100个字有{length}个没有解释的术语，最好不超过{bound}个。",
        "en": "{length} unexplained terms in 100 {unit}; at most {bound} read well.",
    },
    "double-negative": {
        "zh-Hans": "“{passage}”是双重否定，直接说要怎样。",
        "en": "“{passage}” is a double negative; say it straight.",
    },
    "digits": {
        "zh-Hans": "“{passage}”改用阿拉伯数字，更容易看清。",
        "en": "Write “{passage}” in digits.",
    },
}


def say(message: str, params: Mapping[str, str | int | float], *, locale: str) -> str:
    """Return a message as a sentence in zh-Hans or English (zh-Hant: as zh-Hans)."""
    language = "en" if locale == "en" else "zh-Hans"
    return MESSAGES[message][language].format(**params)
