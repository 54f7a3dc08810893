"""One run of Markdown to the characters that a reader sees, each with its place in the source."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_TOKEN = re.compile(
    r"\[\[(?P<kind>\w{1,20}):(?P<key>[^\]|\n]{0,100})(?:\|(?P<shown>[^\]\n]{0,200}))?\]\]"
    r"|\\(?P<escaped>[\\`*_{}\[\]()#+\-.!|<>])"
    r"|\[\^[^\]\n]{1,40}\]:?"
    r"|\[(?P<label>[^\[\]\n]{1,300})\]\((?P<address>[^()\s]{0,500})(?:\s[^()\n]{0,200})?\)"
    r"|<(?P<bare>https?://[^<>\s]{1,500})>"
    r"|(?P<break><br\s*/?>)|</?[A-Za-z!][^<>]{0,500}>"
    r"|(?P<entity>&(?:\#\d{1,7}|\#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});)"
    r"|[*`]+|(?<!\w)_{1,3}|_{1,3}(?!\w)|[\u200b-\u200f\u2060\ufeff\u00ad]"
)


@dataclass(frozen=True, slots=True)
class Reference:
    """`[[kind:key]]`, and the characters of the text that it became (`start` to `end`)."""

    kind: str
    key: str
    start: int
    end: int


@dataclass(slots=True)
class Visible:
    """Characters as shown. `starts[i]` and `ends[i]` bound the part of the source that became the character `i`."""

    chars: list[str] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    ends: list[int] = field(default_factory=list)
    references: list[Reference] = field(default_factory=list)
    links: list[tuple[int, str]] = field(default_factory=list)
    """Addresses of links, with the place in the source at which each link begins."""

    @property
    def text(self) -> str:
        """All characters together."""
        return "".join(self.chars)

    def add(self, text: str, start: int, end: int) -> None:
        """Append `text`, every character of which stands for the source from `start` to `end`."""
        self.chars.extend(text)
        self.starts.extend([start] * len(text))
        self.ends.extend([end] * len(text))


@dataclass(frozen=True, slots=True)
class Names:
    """What references are shown as in one language: telephone numbers and glossary terms by key."""

    numbers: Mapping[str, str] = field(default_factory=dict)
    terms: Mapping[str, str] = field(default_factory=dict)


def visible(lines: Sequence[tuple[int, str]], names: Names) -> Visible:
    """Return what a reader sees of `lines`, each given with its place in the source."""
    seen = Visible()
    for number, (offset, line) in enumerate(lines):
        if number:
            before = seen.chars[-1] if seen.chars else "\n"
            # Browsers show a line's end as a blank, which counts only between words of a Latin script.
            if before.isascii() and line[:1].isascii():
                seen.add(" ", offset - 1, offset)
        _run(line, offset, names, seen)
    return seen


def _run(line: str, offset: int, names: Names, seen: Visible) -> None:
    done = 0
    for match in _TOKEN.finditer(line):
        _plain(line, done, match.start(), offset, seen)
        start, done = offset + match.start(), match.end()
        end = offset + done
        if match["kind"] is not None:
            _reference(match, start, end, names, seen)
        elif match["label"] is not None:
            seen.links.append((start, match["address"]))
            _run(match["label"], offset + match.start("label"), names, seen)
        elif match["bare"] is not None:
            seen.links.append((start, match["bare"]))
            _plain(line, match.start("bare"), match.end("bare"), offset, seen)
        elif match["escaped"] is not None:
            seen.add(match["escaped"], start, end)
        elif match["entity"] is not None:
            seen.add(html.unescape(match["entity"]), start, end)
        elif match["break"] is not None:
            seen.add("\n", start, end)
    _plain(line, done, len(line), offset, seen)


def _plain(line: str, start: int, end: int, offset: int, seen: Visible) -> None:
    seen.chars.extend(line[start:end])
    seen.starts.extend(range(offset + start, offset + end))
    seen.ends.extend(range(offset + start + 1, offset + end + 1))


def _reference(match: re.Match[str], start: int, end: int, names: Names, seen: Visible) -> None:
    kind, key = match["kind"], match["key"]
    first = len(seen.chars)
    if kind == "hotline":
        seen.add(names.numbers.get(key, key), start, end)
    elif kind == "term":
        seen.add(match["shown"] or names.terms.get(key, key), start, end)
    seen.references.append(Reference(kind, key, first, len(seen.chars)))
