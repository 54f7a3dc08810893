"""Aiken as Moodle reads it, and, with a warning, as it is written in Chinese."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field

from portal.core.errors import Said
from portal.quizzes.rules.formats.common import MAX_OPTIONS, MAX_QUESTION, Reading, key_of, option_id
from portal.quizzes.rules.formats.gift_reader import TRIMMED, default_name
from portal.quizzes.rules.items import Item, Kind, Option

_OPTION = re.compile(r"([A-Z])[).][ \t]+")
_CHINESE_OPTION = re.compile(r"[（(]([A-ZＡ-Ｚ])[）)]\s*|([A-ZＡ-Ｚ])[．、）]\s*|([Ａ-Ｚ])[.)]\s*")
_NEARLY_OPTION = re.compile(r"[A-Z][).]|[a-z][).][ \t]")
_ANSWER = "ANSWER:"
_CHINESE_ANSWER = re.compile(r"(?:答案|ANSWER)[ \t]*[：:]")
_NEARLY_ANSWER = re.compile(r"answer[ \t]*[:：]", re.IGNORECASE)


@dataclass(slots=True)
class _Draft:
    """A question as far as it has been read."""

    line: int
    stem: str
    options: list[tuple[str, str]] = field(default_factory=list)
    """Letter and text."""
    chinese: bool = False
    spoilt: bool = False
    """It has been told why it cannot be read."""


def read(text: str, reading: Reading) -> None:
    """Read all questions of an Aiken text into `reading`."""
    draft: _Draft | None = None
    for number, raw in enumerate(text.split("\n"), start=1):
        line = raw.strip(TRIMMED)
        # Moodle passes over lines of one byte.
        if len(line.encode()) < 2:
            continue
        if len(line) > MAX_QUESTION:
            reading.fail(
                number, Said("The line is too long: at most %(most)s characters are taken.", most=f"{MAX_QUESTION:,}")
            )
            draft = None
            continue
        draft = _line(draft, number, line, reading)
    if draft is not None:
        _unfinished(draft, reading)


def _line(draft: _Draft | None, number: int, line: str, reading: Reading) -> _Draft | None:
    """Take one line; return the question that is being read after it."""
    option = _OPTION.match(line)
    chinese = None if option else _CHINESE_OPTION.match(line)
    if option or chinese:
        return _option(draft, number, line, option or chinese, reading, is_chinese=chinese is not None)
    if found := _CHINESE_ANSWER.match(line):
        _answer(draft, number, line[found.end() :], reading, is_chinese=not line.startswith(_ANSWER))
        return None
    if draft is not None and draft.options and _NEARLY_ANSWER.match(line):
        _spoil(
            draft, number, Said("`%(line)s` is no answer: write ANSWER: in capital letters.", line=line[:40]), reading
        )
        return None
    if draft is not None and _NEARLY_OPTION.match(line):
        _spoil(
            draft,
            number,
            Said("`%(line)s` is no option: write a capital letter, . or ) and a space.", line=line[:40]),
            reading,
        )
        return draft
    if draft is not None:
        _unfinished(draft, reading)
    return _Draft(number, line)


def _spoil(draft: _Draft, line: int, reason: str, reading: Reading) -> None:
    if not draft.spoilt:
        reading.fail(line, reason)
    draft.spoilt = True


def _unfinished(draft: _Draft, reading: Reading) -> None:
    if draft.options:
        _spoil(draft, draft.line, Said("The question has no line ANSWER: after its options."), reading)
    elif not draft.spoilt:
        reading.warn(
            draft.line,
            Said("`%(stem)s` was left out: a question's text is the one line above option A.", stem=draft.stem[:40]),
        )


def _option(
    draft: _Draft | None, number: int, line: str, found: re.Match[str] | None, reading: Reading, *, is_chinese: bool
) -> _Draft:
    if draft is None or found is None:
        reading.fail(number, Said("The option `%(line)s` has no question above it.", line=line[:40]))
        return _Draft(number, "", spoilt=True)
    letter = unicodedata.normalize("NFKC", next(group for group in found.groups() if group))
    if len(draft.options) >= MAX_OPTIONS:
        _spoil(
            draft,
            number,
            Said("The question has too many options: at most %(most)s are taken.", most=MAX_OPTIONS),
            reading,
        )
        return draft
    draft.options.append((letter, line[found.end() :].strip(TRIMMED)))
    draft.chinese = draft.chinese or is_chinese
    return draft


def _answer(draft: _Draft | None, number: int, said: str, reading: Reading, *, is_chinese: bool) -> None:
    """End a question: it is read, or told why not."""
    if draft is None:
        reading.fail(number, Said("The answer has no question above it."))
        return
    if draft.spoilt:
        return
    letter = said.strip(TRIMMED)
    if is_chinese:
        letter = unicodedata.normalize("NFKC", letter).strip(TRIMMED)
    letters = [its for its, _text in draft.options]
    if len(letters) < 2:
        _spoil(draft, draft.line, Said("The question has fewer than two options."), reading)
    elif len(letter) != 1 or not "A" <= letter <= "Z":
        _spoil(draft, number, Said("The answer `%(letter)s` is not one capital letter.", letter=letter[:40]), reading)
    elif [ord(its) - ord("A") for its in letters] != list(range(len(letters))):
        _spoil(
            draft,
            draft.line,
            Said("The options are not A, B, C … in this order, but %(said)s.", said=", ".join(letters)),
            reading,
        )
    elif letter not in letters:
        _spoil(
            draft, number, Said("The answer is %(letter)s, but there is no option %(letter)s.", letter=letter), reading
        )
    if draft.spoilt:
        return
    if draft.chinese or is_chinese:
        reading.warn(
            draft.line, Said("Full-width letters or signs were read as A. and ANSWER:; Moodle would refuse them.")
        )
    options = tuple(
        Option(option_id(place), text, float(its == letter)) for place, (its, text) in enumerate(draft.options)
    )
    item = Item(
        name=key_of("", draft.stem),
        kind=Kind.SINGLE_CHOICE,
        stem=draft.stem,
        options=options,
        form="plain",
    )
    reading.take(draft.line, item, name=default_name(draft.stem))
