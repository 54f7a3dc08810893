"""How the files of a content package are read and written: strictly, with the line of every problem.

YAML is read with every scalar as the text it shows, so that a title such as `no` or `2024-06-25` stays a title. Tags,
anchors, aliases, repeated keys and deep nesting are refused: none is needed here, and each has been an attack.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import yaml

from portal.core.errors import Said

MAX_YAML_BYTES = 1_000_000
MAX_DEPTH = 8
KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")
MAX_KEY = 80
UNSTORABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z")


def visible(text: str) -> str:
    """Return `text` fit for a terminal: what would not show, or would steer the terminal, is written out."""
    return "".join(sign if sign.isprintable() else sign.encode("unicode_escape").decode() for sign in text)


def _shown(value: str) -> str:
    return value.mapped(_shown) if isinstance(value, Said) else visible(value)


class PackageError(Exception):
    """A package cannot be taken; `problems` lists every reason."""

    def __init__(self, problems: list[Problem]) -> None:
        super().__init__("\n".join(str(problem) for problem in problems))
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a package, where (file relative to the package, line from 1; 0: the file as a whole)."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.text}" if self.line else f"{self.file}: {self.text}"


@dataclass(slots=True)
class Problems:
    """Collects problems of one package, so that all are told at once."""

    found: list[Problem] = field(default_factory=list)

    def add(self, file: str, line: int, text: str) -> None:
        """Note one problem; a `Said` can be said in other languages."""
        self.found.append(Problem(visible(file), line, _shown(text)))

    def __bool__(self) -> bool:
        return bool(self.found)


_HELD = {
    "\0": Said("The file holds a NUL character."),
    "\r": Said("The file holds a carriage return (CRLF line end); use LF line ends."),
}


class _Refused(Exception):
    """A file cannot be read on; carries line and text."""

    def __init__(self, line: int, text: Said) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


def read_text(raw: bytes, *, file: str, limit: int, problems: Problems) -> str | None:
    """Decode the bytes of a package file, or note the problem and return None.

    Args:
        limit: bytes the file may have.
    """
    if len(raw) > limit:
        problems.add(file, 0, Said("The file is too large: at most %(limit)s bytes are taken.", limit=f"{limit:,}"))
        return None
    if raw.startswith((b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")):
        problems.add(file, 1, Said("The file begins with a byte-order mark. Save it as UTF-8 without BOM."))
        return None
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
        problems.add(file, line, Said("The file is not UTF-8. Save it again with the encoding UTF-8."))
        return None
    found = UNSTORABLE.search(text)
    if found is None:
        return text
    other = Said("The file holds the control character %(name)s.", name=f"U+{ord(found[0]):04X}")
    problems.add(file, text.count("\n", 0, found.start()) + 1, _HELD.get(found[0], other))
    return None


class Node:
    """A YAML value with its place: `.value` is a str, a list of Nodes or a dict of Nodes."""

    __slots__ = ("file", "line", "problems", "value")

    def __init__(self, value: Any, *, file: str, line: int, problems: Problems) -> None:
        self.value = value
        self.file = file
        self.line = line
        self.problems = problems

    def complain(self, text: str) -> None:
        """Note a problem at this place."""
        self.problems.add(self.file, self.line, text)

    def mapping(self, *, required: tuple[str, ...] = (), optional: tuple[str, ...] | None = ()) -> dict[str, Node]:
        """Return the fields of a mapping; complain of missing and unknown ones. `optional=None` allows any key."""
        if not isinstance(self.value, dict):
            self.complain(Said("Here must stand fields, as `name: value`."))
            return {}
        for name in required:
            if name not in self.value:
                self.complain(Said("The field `%(name)s` is missing.", name=name))
        if optional is not None:
            for name, node in self.value.items():
                if name not in required and name not in optional:
                    node.complain(Said("`%(name)s` is not a field that is known here.", name=name))
        return self.value

    def items(self) -> list[Node]:
        """Return the entries of a list."""
        if self.value == "":
            return []
        if not isinstance(self.value, list):
            self.complain(Said("Here must stand a list, each entry after a hyphen."))
            return []
        return self.value

    def text(self, *, limit: int = 2_000, empty: bool = False) -> str:
        """Return the text of a scalar; at most `limit` characters."""
        if not isinstance(self.value, str):
            self.complain(Said("Here must stand one text."))
            return ""
        if not self.value.strip() and not empty:
            self.complain(Said("This must not be empty."))
        if UNSTORABLE.search(self.value):
            self.complain(Said("This text holds a control character or half a character that cannot be stored."))
            return ""
        if len(self.value) > limit:
            self.complain(
                Said(
                    "This text has %(value)s characters; at most %(limit)s are taken.",
                    value=f"{len(self.value):,}",
                    limit=f"{limit:,}",
                )
            )
        return self.value

    def key(self) -> str:
        """Return a key: small letters, digits and single hyphens."""
        text = self.text()
        if text and (not KEY.match(text) or len(text) > MAX_KEY):
            self.complain(
                Said(
                    "`%(text)s` is not a key: use small letters, digits and single hyphens, at most 80.",
                    text=text[:100],
                )
            )
        return text

    def day(self) -> str:
        """Return a date as `2026-11-22`."""
        text = self.text()
        try:
            return date.fromisoformat(text).isoformat() if _DAY.match(text) else self._no_day(text)
        except ValueError:
            return self._no_day(text)

    def _no_day(self, text: str) -> str:
        self.complain(Said("`%(text)s` is not a date; write it as 2026-11-22.", text=text[:40]))
        return ""

    def choice(self, choices: tuple[str, ...]) -> str:
        """Return one of `choices`."""
        text = self.text()
        if text not in choices:
            self.complain(Said("`%(text)s` is not one of: %(choices)s.", text=text[:40], choices=", ".join(choices)))
            return choices[0]
        return text

    def localised(self, *, limit: int = 2_000) -> dict[str, str]:
        """Return localised text as a mapping by locale; one plain string means zh-Hans."""
        if isinstance(self.value, str):
            return {"zh-Hans": self.text(limit=limit)}
        fields = self.mapping(required=("zh-Hans",), optional=("zh-Hant", "en"))
        return {locale: node.text(limit=limit) for locale, node in fields.items()}


def _build(node: yaml.Node, depth: int, file: str, problems: Problems) -> Node:
    line = node.start_mark.line + 1
    if depth > MAX_DEPTH:
        raise _Refused(line, Said("The values are nested too deeply."))
    if isinstance(node, yaml.ScalarNode):
        return Node(node.value, file=file, line=line, problems=problems)
    if isinstance(node, yaml.SequenceNode):
        entries = [_build(child, depth + 1, file, problems) for child in node.value]
        return Node(entries, file=file, line=line, problems=problems)
    fields: dict[str, Node] = {}
    for name, child in node.value:
        if not isinstance(name, yaml.ScalarNode):
            raise _Refused(name.start_mark.line + 1, Said("The name of a field must be plain text."))
        if name.value in fields:
            raise _Refused(name.start_mark.line + 1, Said("The field `%(value)s` stands here twice.", value=name.value))
        fields[name.value] = _build(child, depth + 1, file, problems)
    return Node(fields, file=file, line=line, problems=problems)


def _guarded(text: str) -> Iterator[yaml.Event]:
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        line = event.start_mark.line + 1 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _Refused(
                line, Said("Anchors and aliases (& and *) are not taken. Put quotes around text that needs them.")
            )
        if getattr(event, "tag", None):
            raise _Refused(
                line, Said("Tags (!) are not taken. Put quotes around text that begins with an exclamation mark.")
            )
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > MAX_DEPTH:
                raise _Refused(line, Said("The values are nested too deeply."))
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        yield event


def read_yaml(text: str, *, file: str, problems: Problems, first_line: int = 1) -> Node | None:
    """Read one YAML document, or note the problem and return None.

    Args:
        first_line: the line of the file on which `text` begins (front matter begins on the second).
    """
    try:
        for _event in _guarded(text):
            pass
        composed = yaml.compose(text, Loader=yaml.CSafeLoader)
        if composed is None:
            return Node("", file=file, line=first_line, problems=problems)
        node = _build(composed, 0, file, problems)
    except _Refused as problem:
        problems.add(file, problem.line + first_line - 1, problem.text)
        return None
    except yaml.YAMLError as problem:
        mark = getattr(problem, "problem_mark", None) or getattr(problem, "context_mark", None)
        line = int(mark.line if mark else 0) + first_line
        reason = getattr(problem, "problem", None) or "it cannot be read"
        problems.add(file, line, Said("This is not valid YAML: %(reason)s.", reason=reason))
        return None
    if first_line > 1:
        _shift(node, first_line - 1)
    return node


def _shift(node: Node, lines: int) -> None:
    node.line += lines
    children = node.value.values() if isinstance(node.value, dict) else node.value
    if not isinstance(children, str):
        for child in children:
            _shift(child, lines)


def write_yaml(value: Mapping[str, Any] | list[Any]) -> str:
    """Return YAML that `read_yaml` reads back to the same texts."""
    return yaml.safe_dump(value, allow_unicode=True, sort_keys=False, width=2**31, default_flow_style=False)
