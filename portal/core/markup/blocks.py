"""The Markdown extension: special blocks, references, tables for narrow screens."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement

import markdown
from markdown.blockprocessors import BlockProcessor
from markdown.inlinepatterns import HTML_RE, InlineProcessor
from markdown.preprocessors import HtmlBlockPreprocessor, Preprocessor
from markdown.treeprocessors import Treeprocessor

from portal.core.errors import Said
from portal.core.markup.source import MARKER_LINE, MARKERS, MEDIA_LINE, REFERENCE, MarkupError

LABELS = {
    "zh-Hans": {"key": "一句话", "scam": "骗子话术", "source": "来源"},
    "zh-Hant": {"key": "一句話", "scam": "騙子話術", "source": "來源"},
    "en": {"key": "In one sentence", "scam": "What scammers say", "source": "source"},
}
_SAA_ENDS = {"转": "act", "打": "call", "Act": "act", "Call": "call"}


class _Lines(Preprocessor):
    """Stand every marker apart from its neighbours, so that the block parser sees it."""

    def run(self, lines: list[str]) -> list[str]:
        out: list[str] = []
        for line in lines:
            match = MARKER_LINE.match(line)
            alone = MEDIA_LINE.match(line) or (match and (match[1] in MARKERS or match[1] == "/"))
            out.extend(("", line.rstrip(), "") if alone else (line,))
        return out


class _Blocks(BlockProcessor):
    """`[name]` … `[/]`."""

    def __init__(self, parser: Any, labels: Mapping[str, str]) -> None:
        super().__init__(parser)
        self.labels = labels

    def test(self, parent: Element, block: str) -> bool:
        match = MARKER_LINE.match(block.strip("\n"))
        return bool(match) and match is not None and match[1] in MARKERS

    def run(self, parent: Element, blocks: list[str]) -> None:
        kind = MARKERS[blocks.pop(0).strip()[1:-1]]
        inner: list[str] = []
        depth = 1
        while blocks:
            block = blocks.pop(0)
            match = MARKER_LINE.match(block.strip("\n"))
            if match and not MEDIA_LINE.match(block.strip("\n")):
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
            raise MarkupError(Said("The stop–ask–act box needs exactly three lines that begin with ###."))
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
                raise MarkupError(
                    Said("In the %(what)s block every entry begins with a line ### and its title.", what=what)
                )
            items[-1].append(child)
        if not items:
            raise MarkupError(Said("The %(what)s block is empty.", what=what))
        return items


class _Figures(BlockProcessor):
    """`[图片: key]`: a place that `fill` completes on the page."""

    def test(self, parent: Element, block: str) -> bool:
        return MEDIA_LINE.match(block.strip("\n")) is not None

    def run(self, parent: Element, blocks: list[str]) -> None:
        match = MEDIA_LINE.match(blocks.pop(0).strip("\n"))
        if match:
            SubElement(parent, "figure", {"data-media": match[1]})


class _References(InlineProcessor):
    """`[[hotline:…]]`, `[[term:…]]`, `[[source:…]]`: placeholders that `fill` completes on the page."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        super().__init__(REFERENCE.pattern)
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


class _DroppedBlocks(HtmlBlockPreprocessor):
    """Raw HTML between paragraphs: taken out of the text, and not put back."""

    def run(self, lines: list[str]) -> list[str]:
        stash = self.md.htmlStash.rawHtmlBlocks
        before = len(stash)
        left = super().run(lines)
        stash[before:] = ["<!---->"] * (len(stash) - before)
        return left


class _DroppedTags(InlineProcessor):
    """A raw tag inside a paragraph: only a line break is kept."""

    def handleMatch(self, m: re.Match[str], data: str) -> tuple[Element | str, int, int]:  # type: ignore[override]  # the stub names only the old signature
        return Element("br") if re.match(r"<br\s*/?>", m[0]) else "", m.start(0), m.end(0)


class Blocks(markdown.Extension):
    """The portal's blocks and references, with labels in one language."""

    def __init__(self, labels: Mapping[str, str]) -> None:
        super().__init__()
        self.labels = labels

    def extendMarkdown(self, md: markdown.Markdown) -> None:
        """Register everything with `md`."""
        md.preprocessors.register(_DroppedBlocks(md), "html_block", 20)
        md.inlinePatterns.register(_DroppedTags(HTML_RE, md), "html", 90)
        md.preprocessors.register(_Lines(md), "portal-lines", 15)
        md.parser.blockprocessors.register(_Blocks(md.parser, self.labels), "portal-blocks", 175)
        md.parser.blockprocessors.register(_Figures(md.parser), "portal-figures", 174)
        md.inlinePatterns.register(_References(self.labels), "portal-references", 175)
        md.treeprocessors.register(_Tables(md), "portal-tables", 5)
