"""Markdown of the portal to safe HTML: checked, rendered once at save in a killable child, sanitised by allow-lists.

A public page never renders: it takes the stored HTML and only fills in what may change after the save (telephone
numbers, glossary names, addresses of articles; see `fill`). What the special blocks look like in source stands in
`content/README.md`; this file is where they become HTML.
"""

from __future__ import annotations

import html as htmllib
import json
import re
import resource
import select
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import markdown
import nh3
from markdown.blockprocessors import BlockProcessor
from markdown.extensions.tables import TableExtension
from markdown.extensions.toc import TocExtension, slugify_unicode
from markdown.inlinepatterns import InlineProcessor
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor

from portal.core.errors import PortalError
from portal.core.settings import ROOT

MAX_SOURCE_BYTES = 60_000
TIME_LIMIT_S = 2.0
CHILD_MEMORY = 1 << 30

_MARKERS = {
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
_LABELS = {
    "zh-Hans": {"key": "一句话", "scam": "骗子话术", "source": "来源"},
    "zh-Hant": {"key": "一句話", "scam": "騙子話術", "source": "來源"},
    "en": {"key": "In one sentence", "scam": "What scammers say", "source": "source"},
}
_SAA_ENDS = {"转": "act", "打": "call", "Act": "act", "Call": "call"}
_MARKER_LINE = re.compile(r"^\[([^\]\n]{1,20})\][ \t]*$")
_INLINE = re.compile(r"\[\[(\w+):([^\]|\n]*)(?:\|([^\]\n]*))?\]\]")
_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


class MarkupError(PortalError):
    """The source cannot be rendered; the text says why."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What one source became."""

    html: str
    toc: list[dict[str, str]]
    """Level-2 headings in order: `id` and `text`."""


def check(source: str) -> list[tuple[int, str]]:
    """Return what is wrong with `source` as (line from 1, sentence); an empty list when it may be rendered.

    Bounds the shapes on which Markdown parsers take quadratic time before any parser sees them.
    """
    if len(source.encode()) > MAX_SOURCE_BYTES:
        return [(1, f"The text is longer than {MAX_SOURCE_BYTES:,} bytes.")]
    problems: list[tuple[int, str]] = []
    open_blocks: list[tuple[int, str]] = []
    loose = {"[": 0, "(": 0, "`": 0}
    first = next((line for line in source.split("\n") if line.strip()), "")
    marker = _MARKER_LINE.match(first)
    if not marker or _MARKERS.get(marker[1]) != "key":
        problems.append((1, "The text must begin with the key message: a line [一句话] (or [key])."))
    for number, line in enumerate(source.split("\n"), 1):
        problems.extend((number, text) for text in _check_line(line, loose))
        marker = _MARKER_LINE.match(line)
        if marker and marker[1] == "/":
            if not open_blocks:
                problems.append((number, "[/] closes a block, but none is open."))
            else:
                open_blocks.pop()
        elif marker and marker[1] in _MARKERS:
            if len(open_blocks) == 2:
                problems.append((number, "Blocks may be nested one deep, not deeper."))
            open_blocks.append((number, marker[1]))
        elif marker:
            problems.append((number, f"[{marker[1]}] is not a block that is known here."))
    problems.extend((number, f"The block [{name}] is not closed with [/].") for number, name in open_blocks)
    for sign, count in loose.items():
        if count > 200:
            problems.append((1, f"The text has too many loose {sign} characters."))
    return problems


def _check_line(line: str, loose: dict[str, int]) -> list[str]:
    problems = []
    loose["["] += abs(line.count("[") - line.count("]"))
    loose["("] += abs(line.count("(") - line.count(")"))
    loose["`"] += line.count("`")
    if line.count("|") > 40:
        problems.append("The line has more than 40 columns.")
    if line.count("[") > 60 or line.count("(") > 200 or re.search(r"[*_]{20}|>{10}|^[ \t]{60}", line):
        problems.append("The line has too many brackets, marks or blanks to be read as text.")
    if re.search(r"!\[[^\]]*\]\(|<img\b", line):
        problems.append("Pictures are not taken yet.")
    for match in _INLINE.finditer(line):
        kind, key = match[1], match[2]
        if kind not in ("hotline", "term", "source"):
            problems.append(f"[[{kind}:…]] is not known here; there are hotline, term and source.")
        elif not _KEY.match(key):
            problems.append(f"[[{kind}:{key}]] does not name a key.")
    return problems


def references(source: str) -> dict[str, set[str]]:
    """Return the keys that `source` refers to, by kind: `hotline`, `term`, `source`, `article`."""
    found: dict[str, set[str]] = {"hotline": set(), "term": set(), "source": set(), "article": set()}
    for match in _INLINE.finditer(source):
        found.setdefault(match[1], set()).add(match[2])
    found["article"].update(re.findall(r"\]\(article:([^)\s]*)\)", source))
    return found


# --- the Markdown extension ---------------------------------------------------------------------------------------


class _Lines(Preprocessor):
    """Stand every marker apart from its neighbours, so that the block parser sees it."""

    def run(self, lines: list[str]) -> list[str]:
        out: list[str] = []
        for line in lines:
            match = _MARKER_LINE.match(line)
            out.extend(("", line.rstrip(), "") if match and (match[1] in _MARKERS or match[1] == "/") else (line,))
        return out


class _Blocks(BlockProcessor):
    """`[name]` … `[/]`."""

    def __init__(self, parser: Any, labels: Mapping[str, str]) -> None:
        super().__init__(parser)
        self.labels = labels

    def test(self, parent: Element, block: str) -> bool:
        match = _MARKER_LINE.match(block.strip())
        return bool(match) and match is not None and match[1] in _MARKERS

    def run(self, parent: Element, blocks: list[str]) -> None:
        kind = _MARKERS[blocks.pop(0).strip()[1:-1]]
        inner: list[str] = []
        depth = 1
        while blocks:
            block = blocks.pop(0)
            match = _MARKER_LINE.match(block.strip())
            if match:
                depth += -1 if match[1] == "/" else 1
            if depth == 0:
                break
            inner.append(block)
        holder = Element("div")
        self.parser.parseBlocks(holder, inner)
        name, _, marks = kind.partition(":")
        build: Callable[..., None] = getattr(self, f"_{name}", self._notice)
        build(parent, list(holder), marks or kind)

    def _key(self, parent: Element, children: list[Element], _kind: str) -> None:
        section = SubElement(parent, "section", {"class": "key"})
        SubElement(section, "h2", {"class": "key__label", "id": "key"}).text = self.labels["key"]
        for place, child in enumerate(children):
            if child.tag == "p":
                child.set("class", "key__why" if place else "key__text")
            section.append(child)

    def _scam(self, parent: Element, children: list[Element], _kind: str) -> None:
        figure = SubElement(parent, "figure", {"class": "scam"})
        SubElement(figure, "figcaption").text = self.labels["scam"]
        SubElement(figure, "blockquote").extend(children)

    def _notice(self, parent: Element, children: list[Element], kind: str) -> None:
        box = SubElement(parent, "div", {"class": f"notice notice--{kind}"})
        if children and children[0].tag == "h3":
            children[0].set("class", "notice__title")
        box.extend(children)

    def _case(self, parent: Element, children: list[Element], _kind: str) -> None:
        SubElement(parent, "div", {"class": "case"}).extend(children)

    def _steps(self, parent: Element, children: list[Element], _kind: str) -> None:
        self._items(SubElement(parent, "ol", {"class": "steps"}), children, "steps")

    def _saa(self, parent: Element, children: list[Element], marks: str) -> None:
        box = SubElement(parent, "ol", {"class": "saa"})
        words = marks.split(",") if "," in marks else list(marks)
        items = self._items(box, children, "stop–ask–act")
        if len(items) != 3:
            raise MarkupError("The stop–ask–act box needs exactly three lines that begin with ###.")
        for item, word, kind in zip(items, words, ("stop", "ask", _SAA_ENDS[words[2]]), strict=True):
            item.set("class", f"saa__{kind}")
            body = Element("div")
            body.extend(list(item))
            for child in list(item):
                item.remove(child)
            name = "saa__mark" if len(word) == 1 else "saa__mark saa__mark--word"
            SubElement(item, "span", {"class": name, "aria-hidden": "true"}).text = word
            item.append(body)

    @staticmethod
    def _items(box: Element, children: list[Element], what: str) -> list[Element]:
        items: list[Element] = []
        for child in children:
            if child.tag == "h3":
                items.append(SubElement(box, "li"))
            elif not items:
                raise MarkupError(f"In the {what} block every entry begins with a line ### and its title.")
            items[-1].append(child)
        if not items:
            raise MarkupError(f"The {what} block is empty.")
        return items


class _References(InlineProcessor):
    """`[[hotline:…]]`, `[[term:…]]`, `[[source:…]]`: placeholders that `fill` completes on the page."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        super().__init__(_INLINE.pattern)
        self.labels = labels

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element | None, int | None, int | None]:  # type: ignore[override]  # the stub names only the old signature
        kind, key, shown = m[1], m[2], m[3]
        if kind == "source":
            element = Element("a", {"class": "src", "href": f"#src-{key}"})
            element.text = self.labels["source"]
        else:
            element = Element("span", {f"data-{kind}": key})
            element.text = markdown.util.AtomicString(shown or "")
        return element, m.start(0), m.end(0)


class _Tables(Treeprocessor):
    """Name each cell's column for narrow screens, and say which cells are headings."""

    def run(self, root: Element) -> None:
        for table in root.iter("table"):
            names = ["".join(cell.itertext()).strip() for cell in table.findall("thead/tr/th")]
            for cell in table.iter("th"):
                cell.set("scope", "col")
            for row in table.findall("tbody/tr"):
                for name, cell in zip(names, row.findall("td"), strict=False):
                    if name:
                        cell.set("data-label", name)
            for cell in [*table.iter("th"), *table.iter("td")]:
                align = cell.attrib.pop("align", "")
                if align in ("center", "right"):
                    cell.set("class", f"is-{align}")


class _Extension(markdown.Extension):
    def __init__(self, labels: Mapping[str, str]) -> None:
        super().__init__()
        self.labels = labels

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        md.preprocessors.register(_Lines(md), "portal-lines", 15)
        md.parser.blockprocessors.register(_Blocks(md.parser, self.labels), "portal-blocks", 175)
        md.inlinePatterns.register(_References(self.labels), "portal-references", 175)
        md.treeprocessors.register(_Tables(md), "portal-tables", 5)


# --- sanitising ---------------------------------------------------------------------------------------------------

_CLASSES = re.compile(r"(?:key(?:__\w+)?|scam|notice(?:--\w+|__title)?|case|steps|saa(?:__\w+|__mark--word)?|src|is-\w+)\Z")
_TAGS = {
    "a", "abbr", "blockquote", "br", "code", "dd", "div", "dl", "dt", "em", "figcaption", "figure", "h2", "h3", "h4",
    "hr", "li", "ol", "p", "pre", "section", "span", "strong", "sub", "sup", "table", "tbody", "td", "th", "thead", "tr",
    "ul",
}  # fmt: skip
_ATTRIBUTES: dict[str, set[str]] = {
    **{tag: {"class"} for tag in ("div", "section", "ol", "p", "figure")},
    "li": {"class", "id"},
    "h2": {"id", "class"}, "h3": {"id", "class"}, "h4": {"id"},
    "a": {"href", "class"}, "abbr": {"title"}, "sup": {"id"}, "ol": {"class", "start"},
    "th": {"scope", "class"}, "td": {"data-label", "class"},
    "span": {"class", "aria-hidden", "data-hotline", "data-term"},
}  # fmt: skip


def _attribute(tag: str, name: str, value: str) -> str | None:
    if name == "class":
        kept = [word for word in value.split() if _CLASSES.match(word)]
        return " ".join(kept) or None
    if name in ("data-hotline", "data-term"):
        return value if _KEY.match(value) else None
    if name == "id" and not value.strip():
        return None
    return value


def sanitise(html: str) -> str:
    """Return `html` with nothing but the tags, attributes and addresses that an article may have."""
    clean = nh3.clean(
        html,
        tags=_TAGS,
        attributes=_ATTRIBUTES,
        attribute_filter=_attribute,
        url_schemes={"http", "https", "mailto", "tel", "article"},
        link_rel=None,
        strip_comments=True,
    )
    return clean.replace('href="http', 'rel="noopener noreferrer" href="http')


def render(source: str, *, locale: str) -> Rendered:
    """Render `source` in this process; callers outside the child use a `Renderer`.

    Raises:
        MarkupError: a block is not built as it must be.
    """
    md = markdown.Markdown(
        extensions=[
            "abbr", "def_list", "fenced_code", "footnotes", "admonition", "sane_lists",
            TableExtension(use_align_attribute=True),
            TocExtension(slugify=slugify_unicode, toc_depth="2-2"),
            _Extension(_LABELS[locale]),
        ],
        extension_configs={"footnotes": {"UNIQUE_IDS": True, "BACKLINK_TITLE": "↑"}},
        output_format="html",
    )  # fmt: skip
    html = sanitise(md.convert(source))
    toc = [
        {"id": token["id"], "text": htmllib.unescape(token["name"])}
        for token in _flat(md.toc_tokens)  # type: ignore[attr-defined]  # set by the toc extension
        if token["level"] == 2 and token["id"] != "key"
    ]
    if not _KEY_TEXT.search(html):
        raise MarkupError("The key message has no text.")
    return Rendered(html=html, toc=toc)


def _flat(tokens: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [entry for token in tokens for entry in (token, *_flat(token["children"]))]


# --- filling in and taking apart ----------------------------------------------------------------------------------

_PLACE = re.compile(r'<span data-(hotline|term)="([a-z0-9-]+)">([^<]*)</span>|href="article:([^"]*)"')


def fill(html: str, *, hotline: Callable[[str], str], term: Callable[[str, str], str], article: Callable[[str], str]) -> str:
    """Return stored `html` with its placeholders completed.

    Args:
        hotline: key to HTML.
        term: key and the words shown (may be empty) to HTML.
        article: slug to the attribute `href="…"`.
    """

    def one(match: re.Match[str]) -> str:
        if match[1] == "hotline":
            return hotline(match[2])
        if match[1] == "term":
            return term(match[2], match[3])
        return article(match[4])

    return _PLACE.sub(one, html)


_KEY_TEXT = re.compile(r'<p class="key__text">(.*?)</p>', re.S)


def key_message(html: str) -> str:
    """Return the first paragraph of the key message of stored or filled `html`, as plain text."""
    found = _KEY_TEXT.search(html)
    return plain(found[1]) if found else ""


_BREAK = re.compile(r"</(?:p|h\d|li|dt|dd|tr|td|th|figcaption|blockquote|div)>|<br>")
_TAG = re.compile(r"<[^>]+>")


def plain(html: str) -> str:
    """Return the text of sanitised `html`, one line for each block."""
    text = htmllib.unescape(_TAG.sub("", _BREAK.sub("\n", html)))
    return "\n".join(line.strip() for line in text.splitlines() if line.strip())


# --- the child ----------------------------------------------------------------------------------------------------


class Renderer:
    """Renders in a child process that is killed when one text takes longer than the limit.

    Safe to share between threads (one text at a time). Close it, or use it as a context manager.
    """

    def __init__(self, *, limit: float = TIME_LIMIT_S) -> None:
        self._limit = limit
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Renderer:
        return self

    def __exit__(self, *_exc: object) -> None:
        self.close()

    def render(self, source: str, *, locale: str) -> Rendered:
        """Render `source`.

        Raises:
            MarkupError: the text is refused by `check`, is not built as it must be, or takes too long.
        """
        problems = check(source)
        if problems:
            raise MarkupError(problems[0][1])
        with self._lock:
            answer = self._ask(json.dumps({"source": source, "locale": locale}).encode() + b"\n")
        if "error" in answer:
            raise MarkupError(answer["error"])
        return Rendered(**answer)

    def _ask(self, request: bytes) -> dict[str, Any]:
        if self._child is None or self._child.poll() is not None:
            self._start()
        child = self._child
        assert child is not None and child.stdin is not None and child.stdout is not None  # noqa: S101  # narrows Popen's optional pipes
        child.stdin.write(request)
        child.stdin.flush()
        if not select.select([child.stdout], [], [], self._limit)[0]:
            self.close()
            raise MarkupError("The text takes too long to be turned into a page. Simplify its lists, tables or brackets.")
        line = child.stdout.readline()
        if not line:
            self.close()
            raise MarkupError("The text cannot be turned into a page.")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def _start(self) -> None:
        command = [sys.executable, "-m", "portal.core.markup"]
        self._child = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)  # noqa: S603  # fixed words, no shell
        # The clock starts with the first text, not while the interpreter is still loading.
        assert self._child.stdout is not None  # noqa: S101  # narrows Popen's optional pipes
        self._child.stdout.readline()

    def close(self) -> None:
        """End the child."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    pipe.close()


def _serve() -> None:
    """Answer one JSON line for each JSON line of standard input, until it ends."""
    resource.setrlimit(resource.RLIMIT_AS, (CHILD_MEMORY, CHILD_MEMORY))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    for line in sys.stdin:
        request = json.loads(line)
        try:
            answer = asdict(render(request["source"], locale=request["locale"]))
        except MarkupError as problem:
            answer = {"error": str(problem)}
        except (RecursionError, MemoryError):
            answer = {"error": "The text is nested too deeply to be turned into a page."}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    _serve()
