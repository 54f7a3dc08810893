"""What Markdown source may say, checked before any parser sees it."""

from __future__ import annotations

import re

from portal.core.errors import PortalError, Said

MAX_SOURCE_BYTES = 60_000

MARKERS = {
    "一句话": "key", "key": "key",
    "骗子话术": "scam", "scam-talk": "scam",
    "步骤": "steps", "steps": "steps",
    "停问转": "saa:停问转", "停说打": "saa:停说打", "stop-ask-act": "saa:Stop,Ask,Act",
    "stop-tell-call": "saa:Stop,Tell,Call",
    "危险": "danger", "danger": "danger",
    "小心": "careful", "careful": "careful",
    "提示": "info", "note": "info",
    "放心": "safe", "safe": "safe",
    "案例": "case", "case": "case",
}  # fmt: skip
MARKER_LINE = re.compile(r"^\[([^\]\n]{1,20})\][ \t]*$")
MEDIA_LINE = re.compile(r"^\[(?:图片|圖片|视频|視頻|音频|音頻|media)[:：][ \t]*([^\]\s]{1,80})\][ \t]*$")
"""A picture, a video or a recording, alone on its line; which of them it is, the library knows."""
REFERENCE = re.compile(r"\[\[(\w+):([^\]|\n]*)(?:\|([^\]\n]*))?\]\]")
_ARTICLE = re.compile(r"(?:\]\([ \t]*<?|\]:[ \t]*<?|<)article:([^)>\s]*)")
"""The ways in which Markdown writes a link to an article: in the text, defined apart, or as the bare address."""
KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


class MarkupError(PortalError):
    """The source cannot be rendered; the sentence says why."""

    def __init__(self, sentence: Said) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def check(source: str) -> list[tuple[int, Said]]:
    """Return what is wrong with `source` as (line from 1, sentence); an empty list when it may be rendered.

    Bounds the shapes on which Markdown parsers take quadratic time before any parser sees them.
    """
    if len(source.encode()) > MAX_SOURCE_BYTES:
        return [(1, Said("The text is longer than %(most)s bytes.", most=f"{MAX_SOURCE_BYTES:,}"))]
    problems: list[tuple[int, Said]] = []
    open_blocks: list[tuple[int, str]] = []
    loose = {"[": 0, "(": 0, "`": 0}
    first = next((line for line in source.split("\n") if line.strip()), "")
    marker = MARKER_LINE.match(first)
    if not marker or MARKERS.get(marker[1]) != "key":
        problems.append((1, Said("The text must begin with the key message: a line [一句话] (or [key]).")))
    for number, line in enumerate(source.split("\n"), 1):
        problems.extend((number, text) for text in _check_line(line, loose))
        figure = MEDIA_LINE.match(line)
        if figure:
            problems.extend((number, text) for text in _check_figure(figure[1], [name for _, name in open_blocks]))
            continue
        marker = MARKER_LINE.match(line)
        if marker and marker[1] == "/":
            if not open_blocks:
                problems.append((number, Said("[/] closes a block, but none is open.")))
            else:
                open_blocks.pop()
        elif marker and marker[1] in MARKERS:
            if len(open_blocks) == 2:
                problems.append((number, Said("Blocks may be nested one deep, not deeper.")))
            open_blocks.append((number, marker[1]))
        elif not marker and _is_marker(line.strip()):
            problems.append((number, Said("A block's marker stands at the very beginning of its line.")))
        elif marker:
            problems.append((number, Said("[%(marker)s] is not a block that is known here.", marker=marker[1])))
    problems.extend(
        (number, Said("The block [%(name)s] is not closed with [/].", name=name)) for number, name in open_blocks
    )
    for sign, count in loose.items():
        if count > 200:
            problems.append((1, Said("The text has too many loose %(sign)s characters.", sign=sign)))
    return problems


def _check_figure(key: str, blocks: list[str]) -> list[Said]:
    problems = []
    if not KEY.match(key):
        problems.append(Said("[图片: %(key)s] does not name a key.", key=key))
    if any(MARKERS[name] == "key" for name in blocks):
        problems.append(Said("A picture cannot stand in the key message."))
    return problems


def _is_marker(text: str) -> bool:
    return text[:1] == "[" and text[-1:] == "]" and (text[1:-1] in MARKERS or text == "[/]")


def _check_line(line: str, loose: dict[str, int]) -> list[Said]:
    problems = []
    loose["["] += abs(line.count("[") - line.count("]"))
    loose["("] += abs(line.count("(") - line.count(")"))
    loose["`"] += line.count("`")
    if line.count("|") > 40:
        problems.append(Said("The line has more than 40 columns."))
    if line.count("[") > 60 or line.count("(") > 200 or re.search(r"[*_]{20}|>{10}|^[ \t]{60}", line):
        # The patterns below take quadratic time on such a line.
        return [*problems, Said("The line has too many brackets, marks or blanks to be read as text.")]
    if re.search(r"!\[[^\]]*\]\(|<img\b", line):
        problems.append(Said("A picture stands alone on its line, as [图片: key] with its key in the library."))
    if re.match(r"#(?:[^#]|\Z)|#{5}|=+[ \t]*\Z", line):
        problems.append(Said("A heading begins with ## or ###: the title is the only heading of level 1."))
    for match in REFERENCE.finditer(line):
        kind, key = match[1], match[2]
        if kind not in ("hotline", "term", "source"):
            problems.append(Said("[[%(kind)s:…]] is not known here; there are hotline, term and source.", kind=kind))
        elif not KEY.match(key):
            problems.append(Said("[[%(kind)s:%(key)s]] does not name a key.", kind=kind, key=key))
        elif "|" in match[0] and line.lstrip().startswith("|"):
            # The line would be cut there.
            problems.append(
                Said("In a table a reference has no words of its own: write [[%(kind)s:%(key)s]].", kind=kind, key=key)
            )
    return problems


def figure_line(source: str, key: str) -> int:
    """Return the first line, counted from 1, on which `source` shows the figure `key`; 1 where it does not."""
    lines = enumerate(map(MEDIA_LINE.match, source.split("\n")), 1)
    return next((number for number, line in lines if line and line[1] == key), 1)


def references(source: str) -> dict[str, set[str]]:
    """Return the keys that `source` refers to, by kind: `hotline`, `term`, `source`, `article`, `media`."""
    found: dict[str, set[str]] = {"hotline": set(), "term": set(), "source": set(), "article": set(), "media": set()}
    for match in REFERENCE.finditer(source):
        found.setdefault(match[1], set()).add(match[2])
    found["article"].update(_ARTICLE.findall(source))
    found["media"].update(line[1] for line in map(MEDIA_LINE.match, source.split("\n")) if line)
    return found
