"""The texts of QTI: from its XHTML to plain lines, and back."""

from __future__ import annotations

import html
import re

from portal.quizzes.rules.formats.tree import Element, xml_text

INTERACTIONS = (
    *("choiceinteraction", "orderinteraction", "matchinteraction", "textentryinteraction", "extendedtextinteraction"),
    *("associateinteraction", "gapmatchinteraction", "inlinechoiceinteraction", "hottextinteraction"),
    *("hotspotinteraction", "selectpointinteraction", "graphicorderinteraction", "graphicassociateinteraction"),
    *("graphicgapmatchinteraction", "sliderinteraction", "mediainteraction", "drawinginteraction"),
    *("uploadinteraction", "positionobjectinteraction", "portablecustominteraction", "custominteraction"),
    "endattemptinteraction",
)
_BLOCKS = frozenset(
    ("p", "div", "li", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "tr", "prompt", "dt", "dd")
)
_DROPPED = frozenset(("img", "object", "audio", "video", "math", "picture", "source", "track", "svg"))
_HIDDEN = frozenset(("feedbackinline", "feedbackblock", "rubricblock", "templateblock", "script", "style"))
_WITHOUT_TEXT = frozenset(INTERACTIONS) - {"textentryinteraction", "inlinechoiceinteraction"}
GAP = "_____"


def flat(element: Element) -> str:
    """Return the text of a choice or a feedback."""
    lines, _dropped = _lines(element)
    return "\n".join(lines)


def body_text(body: Element) -> tuple[str, list[str]]:
    """Return the text of an item's body with its prompt, and the names of what is no text."""
    lines, dropped = _lines(body)
    return "\n".join(lines), dropped


class _Writer:
    def __init__(self) -> None:
        self.lines: list[list[str]] = [[]]
        self.dropped: list[str] = []

    def walk(self, element: Element) -> None:
        """Add what an element says; elements are nested no deeper than the reader allows."""
        for one in element.content:
            if isinstance(one, str):
                self.lines[-1].append(one)
            elif one.tag in _HIDDEN:
                continue
            elif one.tag in _DROPPED:
                self.dropped.append(one.tag)
            elif one.tag == "br":
                self.lines.append([])
            elif one.tag == "textentryinteraction":
                self.lines[-1].append(GAP)
            elif one.tag in _WITHOUT_TEXT:
                self._prompts(one)
            elif one.tag in _BLOCKS:
                self._block(one)
            else:
                self.walk(one)

    def _prompts(self, interaction: Element) -> None:
        for prompt in interaction.all("prompt"):
            self._block(prompt)

    def _block(self, element: Element) -> None:
        self.lines.append([])
        self.walk(element)
        self.lines.append([])


def _lines(element: Element) -> tuple[list[str], list[str]]:
    writer = _Writer()
    writer.walk(element)
    kept = [line for parts in writer.lines if (line := _collapsed("".join(parts)))]
    # A gap at the very end, on a line of its own, only says where to type.
    if kept and kept[-1] == GAP:
        kept.pop()
    return kept, list(dict.fromkeys(writer.dropped))


def _collapsed(text: str) -> str:
    return " ".join(part for part in text.replace("\t", " ").replace("\n", " ").replace("\r", " ").split(" ") if part)


_MARKUP = re.compile(r"<[^<>]*>")


def without_markup(text: str) -> str:
    """Return a text in HTML as its words alone."""
    return html.unescape(_MARKUP.sub("", text))


def paragraphs(text: str) -> str:
    """Return a text as XHTML paragraphs, a line each."""
    return "".join(f"<p>{xml_text(line)}</p>" for line in text.split("\n") if line.strip())


def inline(text: str) -> str:
    """Return a text as XHTML with breaks between its lines."""
    return "<br/>".join(xml_text(line) for line in text.split("\n"))
