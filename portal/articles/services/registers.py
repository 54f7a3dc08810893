"""The check of lists that articles stand on: words in plain words, telephone numbers, and pictures."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from portal.media import queries as media
from portal.prose.rules import Level, grade
from portal.reference import queries as reference
from portal.reference.rules import Locale

HARDEST = 4
"""HSK level of the plain words in which a term is explained (`domain.md` §7: the bound of texts for the elderly)."""
KEPT_FRESH = timedelta(days=366)
"""A number that was not called or looked up for so long may belong to somebody else."""

_NAME = re.compile(r"《[^》]*》|“[^”]*罪”")

SENTENCES: Mapping[str, Mapping[str, str]] = {
    "explanation-hard": {
        "zh-Hans": "解释要HSK {grade}级才看得懂，最多{bound}级：换成更常用的字。",
        "en": "Reading the explanation takes HSK level {grade}, above {bound}: use more common characters.",
    },
    "term-twice": {
        "zh-Hans": "“{term}”在“{other}”里已经解释过。",
        "en": "“{term}” is explained under `{other}` already.",
    },
    "no-english": {"zh-Hans": "没有英文。", "en": "There is no English."},
    "number-twice": {
        "zh-Hans": "号码{number}在“{other}”里已经有了。",
        "en": "The number {number} stands under `{other}` already.",
    },
    "no-source": {"zh-Hans": "没有写明谁说的。", "en": "Nobody is named who says so."},
    "no-caution": {"zh-Hans": "没有写明它不管什么。", "en": "What it is not for is not said."},
    "picture-unused": {"zh-Hans": "没有一篇文章用这张图。", "en": "No text shows this picture."},
    "checked-long-ago": {
        "zh-Hans": "上次核对是{checked_on}，请再核对。",
        "en": "It was last checked on {checked_on}: please check it again.",
    },
    "checked-in-future": {
        "zh-Hans": "核对日期{checked_on}还没有到。",
        "en": "The day on which it was checked, {checked_on}, has not come.",
    },
}


@dataclass(frozen=True, slots=True)
class Remark:
    """What the check says of an entry of a list."""

    register: str
    """`glossary`, `hotlines` or `media`."""
    key: str
    level: Level
    message: str
    params: Mapping[str, str | int]

    def sentence(self, locale: str) -> str:
        """Return it as a sentence in zh-Hans or English."""
        return SENTENCES[self.message]["en" if locale == Locale.EN else "zh-Hans"].format(**self.params)


def judge_glossary(session: Session) -> Iterator[Remark]:
    """Check the explanations of all terms: plain enough, each once, in both languages."""
    seen: dict[str, str] = {}
    terms = reference.terms(session)
    words = sorted((entry.term.get(Locale.HANS, "") for entry in terms), key=len, reverse=True)
    for entry in terms:
        word = entry.term.get(Locale.HANS, "")
        if word in seen:
            yield Remark("glossary", entry.key, Level.BLOCK, "term-twice", {"term": word, "other": seen[word]})
        seen.setdefault(word, entry.key)
        # The names of a law and of a crime are what they are; the words around them explain.
        plain = _NAME.sub("", entry.plain.get(Locale.HANS, ""))
        without = plain
        for other in words:
            without = without.replace(other, "") if other else without
        # Other terms are explained elsewhere; but an explanation that is plain as a whole is not worse for having one.
        level = min(filter(None, (grade(plain), grade(without))), default=0)
        if level > HARDEST:
            yield Remark("glossary", entry.key, Level.BLOCK, "explanation-hard", {"grade": level, "bound": HARDEST})
        if not entry.plain.get(Locale.EN) or not entry.term.get(Locale.EN):
            yield Remark("glossary", entry.key, Level.WARN, "no-english", {})


def judge_hotlines(session: Session, *, today: date) -> Iterator[Remark]:
    """Check the registry of numbers: each once, with its source, what it is not for, and a fresh day of checking."""
    seen: dict[str, str] = {}
    for entry in reference.hotlines(session):
        if entry.number in seen:
            params = {"number": entry.number, "other": seen[entry.number]}
            yield Remark("hotlines", entry.key, Level.BLOCK, "number-twice", params)
        seen.setdefault(entry.number, entry.key)
        if not entry.source:
            yield Remark("hotlines", entry.key, Level.BLOCK, "no-source", {})
        if not entry.caution:
            yield Remark("hotlines", entry.key, Level.WARN, "no-caution", {})
        checked = {"checked_on": entry.checked_on}
        if date.fromisoformat(entry.checked_on) > today:
            yield Remark("hotlines", entry.key, Level.BLOCK, "checked-in-future", checked)
        elif date.fromisoformat(entry.checked_on) < today - KEPT_FRESH:
            yield Remark("hotlines", entry.key, Level.WARN, "checked-long-ago", checked)


def judge_media(session: Session) -> Iterator[Remark]:
    """Check the library of pictures: what each must say the database sees to, so that only idle ones are told."""
    for key in media.unused(session):
        yield Remark("media", key, Level.WARN, "picture-unused", {})
