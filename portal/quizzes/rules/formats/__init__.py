"""Questions from and to files: GIFT, Aiken, Moodle XML, QTI, our own YAML and CSV.

`read` never fails: what cannot be read is an error of the `Reading`, and the questions beside it are there. `write`
gives back files from which `read` makes the very same questions, and says what other programs will not see of them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from portal.core.errors import Said
from portal.quizzes.rules.formats import (
    aiken,
    csv_rows,
    gift_reader,
    gift_writer,
    moodle_reader,
    moodle_writer,
    our_yaml,
    packages,
    qti_reader,
    qti_writer,
)
from portal.quizzes.rules.formats.common import MAX_BYTES, Format, Found, Loss, Note, Reading, Refused, named
from portal.quizzes.rules.formats.decoding import decoded
from portal.quizzes.rules.formats.listing import listed
from portal.quizzes.rules.items import Item

EXPORTS = (Format.GIFT, Format.MOODLE_XML, Format.QTI, Format.YAML)
TOO_LARGE = Said(
    "The file is too large: at most %(most)s MB are taken. Split it into smaller files.", most=MAX_BYTES // 1_000_000
)

_SUFFIXES = {
    ".gift": Format.GIFT,
    ".aiken": Format.AIKEN,
    ".yaml": Format.YAML,
    ".yml": Format.YAML,
    ".csv": Format.CSV,
    ".zip": Format.QTI,
}
_ANSWER = re.compile(r"^[ \t]*(?:ANSWER[ \t]*[:：]|答案[ \t]*[:：])", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Lost:
    """What another program will not see of a question."""

    name: str
    what: Loss


@dataclass(frozen=True, slots=True)
class Written:
    """An export."""

    data: bytes
    suffix: str
    mimetype: str
    lost: tuple[Lost, ...]


def read(raw: bytes, *, format: Format | None = None, name: str = "", nearest: bool = False) -> Reading:
    """Return what the bytes of a file hold.

    Args:
        format: by default found out by the file's name and how it begins.
        name: of the file.
        nearest: whether a weight that Moodle does not know becomes the nearest one, rather than an error.
    """
    reading = Reading(format or Format.GIFT)
    try:
        _read(raw, reading, format=format, name=name, nearest=nearest)
    except Refused as problem:
        return Reading(reading.format, errors=[Note(problem.line, problem.reason)], refused=True)
    reading.found = named(reading.found)
    return reading


def _read(raw: bytes, reading: Reading, *, format: Format | None, name: str, nearest: bool) -> None:
    if len(raw) > MAX_BYTES:
        raise Refused(0, TOO_LARGE)
    if packages.is_package(raw):
        if format not in (None, Format.QTI):
            raise Refused(0, Said("The file is a zip file, not %(format)s.", format=str(format)))
        reading.format = Format.QTI
        packages.read(raw, reading)
        return
    text = decoded(raw, reading)
    if not text.strip():
        raise Refused(0, Said("The file is empty."))
    reading.format = format or detected(text, name)
    if reading.format is Format.GIFT:
        gift_reader.read(text, reading, nearest=nearest)
    elif reading.format is Format.AIKEN:
        aiken.read(text, reading)
    elif reading.format is Format.MOODLE_XML:
        moodle_reader.read(text, reading, nearest=nearest)
    elif reading.format is Format.QTI:
        qti_reader.read(text, reading)
    elif reading.format is Format.YAML:
        our_yaml.read(text, reading)
    else:
        csv_rows.read(text, reading)


def detected(text: str, name: str) -> Format:
    """Return the format that a text is most likely in: by the end of its file's name, else by how it looks."""
    for suffix, its in _SUFFIXES.items():
        if name.lower().endswith(suffix):
            return its
    start = text.lstrip()[:4_000]
    if start.startswith("<"):
        return Format.MOODLE_XML if re.search(r"<quiz[\s>/]", start) else Format.QTI
    if re.match(r"-[ \t]+\{?[ \t]*(?:name|type)[ \t]*:", start):
        return Format.YAML
    header = {cell.strip().strip('"').lower() for cell in re.split(r"[,;\t]", start.partition("\n")[0])}
    if {"type", "stem"} <= header:
        return Format.CSV
    return Format.AIKEN if _ANSWER.search(text) and "{" not in start else Format.GIFT


_TEXTS: dict[Format, tuple[Callable[[list[Item]], tuple[str, list[set[Loss]]]], str, str]] = {
    Format.GIFT: (gift_writer.write, ".gift.txt", "text/plain"),
    Format.MOODLE_XML: (moodle_writer.write, ".xml", "application/xml"),
    Format.YAML: (our_yaml.write, ".yaml", "application/yaml"),
}


def write(items: Sequence[Item], format: Format) -> Written:
    """Return the questions in one of the formats of `EXPORTS`."""
    if format is Format.QTI:
        data, losses = qti_writer.write(list(items))
        suffix, mimetype = ".zip", "application/zip"
    else:
        writer, suffix, mimetype = _TEXTS[format]
        text, losses = writer(list(items))
        data = text.encode()
    lost = tuple(Lost(item.name, what) for item, its in zip(items, losses, strict=True) for what in Loss if what in its)
    return Written(data, suffix, mimetype, lost)


__all__ = [
    "EXPORTS",
    "MAX_BYTES",
    "TOO_LARGE",
    "Format",
    "Found",
    "Loss",
    "Lost",
    "Note",
    "Reading",
    "Written",
    "detected",
    "listed",
    "read",
    "write",
]
