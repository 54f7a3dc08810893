"""XML as a tree of elements with their lines, read so that no file can harm: no DTD, no entities, no depths."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any
from xml.sax import SAXException, SAXParseException  # nosec B406  # errors
from xml.sax.handler import ContentHandler  # nosec B406  # the parser is defusedxml's; this is only the base of a handler
from xml.sax.saxutils import escape, quoteattr  # nosec B406  # for writing

from defusedxml import DefusedXmlException
from defusedxml.sax import make_parser

from portal.core.errors import Said
from portal.quizzes.rules.formats.common import Refused, collecting_later
from portal.reference.rules.files import UNSTORABLE

MAX_DEPTH = 60
MAX_ELEMENTS = 400_000
MAX_ATTRIBUTES = 40
MAX_TAG = 200_000
_OVERGROWN = re.compile(f"<[^<>]{{{MAX_TAG}}}")
TARGET = "mingbai"
"""Of the processing instruction in which a question of ours keeps what the format cannot say."""


class Element:
    """An element: its name without prefix, attributes without prefix, texts and elements in their order."""

    __slots__ = ("attributes", "content", "kept", "line", "tag")

    def __init__(self, tag: str, attributes: dict[str, str], line: int) -> None:
        self.tag = tag
        self.attributes = attributes
        self.line = line
        self.content: list[str | Element] = []
        self.kept = ""
        """What our own export put into a processing instruction."""

    @property
    def children(self) -> list[Element]:
        """The elements directly inside."""
        return [one for one in self.content if isinstance(one, Element)]

    @property
    def text(self) -> str:
        """The text directly inside."""
        return "".join(one for one in self.content if isinstance(one, str))

    def child(self, tag: str) -> Element | None:
        """Return the first element of a name directly inside."""
        return next((one for one in self.content if isinstance(one, Element) and one.tag == tag), None)

    def all(self, tag: str) -> list[Element]:
        """Return all elements of a name directly inside."""
        return [one for one in self.children if one.tag == tag]

    def below(self, *tags: str) -> list[Element]:
        """Return all elements of some names at any depth, as they stand; not those inside one that was found."""
        found: list[Element] = []
        for one in self.children:
            if one.tag in tags:
                found.append(one)
            else:
                found += one.below(*tags)
        return found


@lru_cache(maxsize=1_000)
def plain_tag(name: str) -> str:
    """Return a name without its prefix, without hyphens and in small letters: `qti-item-body` is `itembody`."""
    name = name.rpartition(":")[2].lower()
    return name.removeprefix("qti-").replace("-", "")


class _Builder(ContentHandler):
    def __init__(self) -> None:
        super().__init__()
        self.root: Element | None = None
        self._open: list[Element] = []
        self._locator: Any = None
        self._count = 0

    def setDocumentLocator(self, locator: Any) -> None:  # noqa: N802  # the interface's name
        self._locator = locator

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802  # the interface's name
        line = self._locator.getLineNumber()
        self._count += 1
        if len(self._open) >= MAX_DEPTH:
            raise Refused(
                line, Said("The elements are nested too deeply: at most %(most)s levels are taken.", most=MAX_DEPTH)
            )
        if self._count > MAX_ELEMENTS:
            raise Refused(line, _TOO_MANY)
        if len(attrs) > MAX_ATTRIBUTES:
            raise Refused(line, Said("An element has more than %(most)s attributes.", most=MAX_ATTRIBUTES))
        attributes = {plain_tag(key): value for key, value in attrs.items()} if len(attrs) else {}
        element = Element(plain_tag(name), attributes, line)
        if self._open:
            self._open[-1].content.append(element)
        else:
            self.root = element
        self._open.append(element)

    def endElement(self, name: str) -> None:  # noqa: N802  # the interface's name
        self._open.pop()

    def characters(self, content: str) -> None:
        self._open[-1].content.append(content)

    def processingInstruction(self, target: str, data: str) -> None:  # noqa: N802  # the interface's name
        if target == TARGET and self._open:
            self._open[-1].kept = data.strip()


_TOO_MANY = Said("The file has more than %(most)s elements. Split it into smaller files.", most=f"{MAX_ELEMENTS:,}")


def parsed(text: str) -> Element:
    """Return the root of an XML text.

    Raises:
        Refused: it is no XML, has a DTD or entities of its own, or is too deep or too large.
    """
    # A quick bound before anything is built: what stands in CDATA has further signs of this kind.
    opened = text.count("<") - text.count("</")
    if opened > (MAX_ELEMENTS if "<![CDATA[" not in text else 5 * MAX_ELEMENTS):
        raise Refused(0, _TOO_MANY)
    overgrown = _OVERGROWN.search(text)
    if overgrown:
        line = text.count("\n", 0, overgrown.start()) + 1
        raise Refused(line, Said("A tag is longer than %(most)s characters.", most=f"{MAX_TAG:,}"))
    builder = _Builder()
    parser = make_parser()
    parser.forbid_dtd = True
    parser.setContentHandler(builder)
    builder.setDocumentLocator(parser)
    try:
        with collecting_later():
            parser.feed(text)
            parser.close()
    except DefusedXmlException:
        raise Refused(
            1,
            Said("The file declares a document type or entities of its own, which are not taken. Remove <!DOCTYPE …>."),
        ) from None
    except SAXParseException as problem:
        raise Refused(
            problem.getLineNumber() or 0,
            Said("This is not well-formed XML: %(problem)s.", problem=problem.getMessage()),
        ) from None
    except SAXException as problem:
        raise Refused(0, Said("This is not well-formed XML: %(problem)s.", problem=problem.getMessage())) from None
    if builder.root is None:
        raise Refused(0, Said("The file is empty."))
    return builder.root


def xml_text(text: str) -> str:
    """Return a text for the inside of an element."""
    return escape(UNSTORABLE.sub("", text))


def xml_attribute(text: str) -> str:
    """Return a text as the value of an attribute, in quotes."""
    return quoteattr(UNSTORABLE.sub("", text), {"\n": "&#10;", "\t": "&#9;"})


def kept_instruction(kept: str) -> str:
    """Return the processing instruction that keeps a JSON text; every program passes over it."""
    safe = kept.replace("?>", "?\\u003e")
    return f"<?{TARGET} {safe}?>" if kept else ""
