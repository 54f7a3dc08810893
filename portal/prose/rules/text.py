"""An edition as the checks see it: sentences, each with its place, the blocks it stands in and what leads to it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum

from portal.core.markup.source import MARKER_LINE, MARKERS, MEDIA_LINE
from portal.prose.rules.inline import Names, Reference, Visible, visible


class Part(StrEnum):
    """The field of an edition that a text stands in."""

    TITLE = "title"
    SUMMARY = "summary"
    HOOK = "hook"
    BODY = "body"


class Form(StrEnum):
    """What a sentence is on the page."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    CELL = "cell"
    LABEL = "label"
    """The name of an entry in a definition list."""
    ENTRY = "entry"


PROSE = (Form.PARAGRAPH, Form.ITEM, Form.ENTRY)
"""Forms that are written in whole sentences."""


@dataclass(frozen=True, slots=True)
class Draft:
    """One edition as it was typed."""

    audience: str
    locale: str
    title: str
    summary: str
    body: str
    hook: str = ""
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a reader sees of one sentence. A quotation belongs to the sentence that quotes it."""

    part: Part
    form: Form
    blocks: tuple[str, ...]
    """Kinds of the blocks around it, outermost first: `key`, `scam`, `steps`, `saa`, `danger`, …"""
    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    """Of each character, where in the source of its part it begins and ends."""
    references: tuple[Reference, ...]
    lead: str
    """What introduces it: the line before a list, the head of its column, the name of its entry."""
    heading: str

    @property
    def is_scam_talk(self) -> bool:
        """Whether the page labels it as a scammer's words."""
        return "scam" in self.blocks or self.part is Part.HOOK

    def place(self, start: int, end: int) -> tuple[int, int]:
        """Return where in the source the characters from `start` to `end` stand."""
        return self.starts[start], self.ends[max(start, end - 1)]


@dataclass(frozen=True, slots=True)
class Text:
    """A draft, read."""

    draft: Draft
    sentences: tuple[Sentence, ...]
    links: tuple[tuple[int, str, bool], ...]
    """Places and addresses of the body's links, and whether they stand in scam talk."""
    blocks: frozenset[str]
    """Kinds of all blocks of the body."""
    line_starts: tuple[int, ...] = field(repr=False)

    def line(self, part: Part, offset: int) -> int:
        """Return the line, from 1, of a place."""
        return bisect_right(self.line_starts, offset) if part is Part.BODY else 1


def read(draft: Draft, names: Names | None = None) -> Text:
    """Take a draft apart; works on any text, also on one that could not be rendered."""
    names = names or Names()
    sentences: list[Sentence] = []
    for part in (Part.TITLE, Part.SUMMARY, Part.HOOK):
        source = str(getattr(draft, part.value))
        form = Form.PARAGRAPH if part is Part.SUMMARY else Form.HEADING
        sentences += _sentences(visible([(0, source)], Names()), part, form, (), "", "")
    body = _Body(names)
    body.read(draft.body)
    sentences += body.sentences
    line_starts = [0, *(match.end() for match in re.finditer("\n", draft.body))]
    return Text(draft, tuple(sentences), tuple(body.links), frozenset(body.kinds), tuple(line_starts))


_HEADING = re.compile(r"#{1,6}[ \t]+")
_ITEM = re.compile(r"[ \t]*(?:[-*+]|\d{1,3}[.)])[ \t]+")
_ENTRY = re.compile(r":[ \t]+")
_RULE = re.compile(r"[ \t]*(?:-[ \t]*){3,}\Z|[ \t]*(?:\*[ \t]*){3,}\Z")
_FENCE = re.compile(r"[ \t]*(?:```|~~~)")
_CELL = re.compile(r"(?:\[\[[^\]\n]{0,300}\]\]|\\.|[^|\\])+")


class _Body:
    """Reads the lines of a body once, from top to bottom."""

    def __init__(self, names: Names) -> None:
        self.names = names
        self.sentences: list[Sentence] = []
        self.links: list[tuple[int, str, bool]] = []
        self.kinds: set[str] = set()
        self.open: list[str] = []
        self.heading = ""
        self.lead = ""
        self.form = Form.PARAGRAPH
        self.lines: list[tuple[int, str]] = []
        self.heads: list[str] | None = None

    def read(self, source: str) -> None:
        """Read all lines."""
        offset = 0
        for line in source.split("\n"):
            self._line(line, offset)
            offset += len(line) + 1
        self._flush()

    def _line(self, line: str, offset: int) -> None:
        marker = MARKER_LINE.match(line)
        if marker and (marker[1] in MARKERS or marker[1] == "/"):
            self._marker(marker[1])
        elif not line.strip() or _RULE.match(line) or _FENCE.match(line) or MEDIA_LINE.match(line):
            self._flush()
            self.heads = None
        elif heading := _HEADING.match(line):
            self._flush()
            self.lead, self.form = "", Form.HEADING
            self.lines = [(offset + heading.end(), line[heading.end() :].rstrip(" #"))]
            self._flush()
        elif line.lstrip().startswith("|") or (self.heads is not None and "|" in line):
            self._row(line, offset)
        elif item := _ITEM.match(line):
            self._begin(Form.ITEM, item.end(), line, offset)
        elif entry := _ENTRY.match(line):
            if self.lines:
                self.form = Form.LABEL
            self._begin(Form.ENTRY, entry.end(), line, offset)
        else:
            blank = len(line) - len(line.lstrip(" \t>"))
            self.lines.append((offset + blank, line[blank:].rstrip()))

    def _marker(self, name: str) -> None:
        self._flush()
        self.lead, self.heads = "", None
        if name != "/":
            self.open.append(MARKERS[name].partition(":")[0])
            self.kinds.add(self.open[-1])
        elif self.open:
            self.open.pop()

    def _begin(self, form: Form, skip: int, line: str, offset: int) -> None:
        self._flush()
        self.form = form
        self.lines = [(offset + skip, line[skip:].rstrip())]

    def _row(self, line: str, offset: int) -> None:
        self._flush()
        if "-" in line and not set(line) - set("|:- \t"):
            return
        cells = [match for match in _CELL.finditer(line) if match[0].strip()]
        first = self.heads is None
        heads = self.heads or []
        shown = []
        for place, match in enumerate(cells):
            blank = len(match[0]) - len(match[0].lstrip())
            seen = visible([(offset + match.start() + blank, match[0].strip())], self.names)
            self._add(seen, Form.CELL, heads[place] if place < len(heads) else "")
            shown.append(seen.text)
        if first:
            self.heads = shown

    def _flush(self) -> None:
        if self.lines:
            seen = visible(self.lines, self.names)
            text = seen.text.strip()
            lead = self.lead if self.form in (Form.ITEM, Form.ENTRY) else ""
            self._add(seen, self.form, lead)
            if self.form is Form.HEADING:
                self.heading = text
            if self.form is Form.LABEL or (self.form is Form.PARAGRAPH and text.endswith(("：", ":"))):
                self.lead = text
            elif self.form is Form.PARAGRAPH:
                self.lead = ""
        self.lines, self.form = [], Form.PARAGRAPH

    def _add(self, seen: Visible, form: Form, lead: str) -> None:
        is_scam = "scam" in self.open
        self.links += [(place, address, is_scam) for place, address in seen.links]
        self.sentences += _sentences(seen, Part.BODY, form, tuple(self.open), lead, self.heading)


def _sentences(
    seen: Visible, part: Part, form: Form, blocks: tuple[str, ...], lead: str, heading: str
) -> Iterator[Sentence]:
    text = seen.text
    for start, end in split(text):
        references = tuple(
            Reference(one.kind, one.key, one.start - start, one.end - start)
            for one in seen.references
            # A source stands after the full stop of the sentence that it proves.
            if (start < one.start <= end if one.kind == "source" else start <= one.start < end)
        )
        yield Sentence(
            part, form, blocks, text[start:end], tuple(seen.starts[start:end]), tuple(seen.ends[start:end]),
            references, lead, heading,
        )  # fmt: skip


QUOTES = {"“": "”", "「": "」", "『": "』", "《": "》", '"': '"'}
_LONGEST_QUOTE = 300
_STOP = re.compile(r"[。！？!?\n]+|\.+(?=\s|\Z)|[“「『《\"]")
_CLOSING = "”’」』》）)\"'"
_COMMENT = re.compile(
    r"(?:[^，。！？]{0,4}(?:这|那|此|类似)|的|都|是|全|凡|一律|别|不要|不可|千万|就是|听到|看到|遇到|[，、,])"
)
"""How the rest of a sentence begins after a quotation that has a full stop of its own."""
_ABBREVIATION = re.compile(r"(?:\b(?:Mr|Mrs|Ms|Dr|No|vs|etc|e\.g|i\.e|art|Art))\Z")


def split(text: str, *, quotes: bool = True) -> list[tuple[int, int]]:
    """Return the sentences of one paragraph as (start, end), without the blanks around them.

    Args:
        quotes: keep what is quoted together with the sentence around it; otherwise full stops inside count too.
    """
    found: list[tuple[int, int]] = []
    start = at = 0
    while match := _STOP.search(text, at):
        at = match.end()
        if match[0] in QUOTES:
            close = text.find(QUOTES[match[0]], at, at + _LONGEST_QUOTE) if quotes else -1
            if close < 0:
                continue
            at = close + 1
            if text[close - 1] not in "。！？!?" or close - match.start() < 2 or _COMMENT.match(text, at):
                continue
        elif match[0] == "." and _ABBREVIATION.search(text, max(0, match.start() - 5), match.start()):
            continue
        while at < len(text) and text[at] in _CLOSING:
            at += 1
        start = _cut(text, start, at, found)
    _cut(text, start, len(text), found)
    return found


def _cut(text: str, start: int, end: int, found: list[tuple[int, int]]) -> int:
    piece = text[start:end]
    if piece.strip():
        found.append((start + len(piece) - len(piece.lstrip()), start + len(piece.rstrip())))
    return end
