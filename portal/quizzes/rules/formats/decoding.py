"""From the bytes of a file to its text: UTF-8, UTF-16 with its mark, or GB18030 where nothing else can be meant."""

from __future__ import annotations

import codecs
import re

from portal.core.errors import Said
from portal.quizzes.rules.formats.common import MAX_LINES, Reading, Refused
from portal.reference.rules.files import UNSTORABLE

_FREQUENT = frozenset(
    "的一是不了在有人这中大为上个国我以要他时来用们生到作地于出就分对成会可主发年动同下列哪您，。？！：、；（）“”"
)
_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_RUNS = re.compile(f"{UNSTORABLE.pattern}+")


def decoded(raw: bytes, reading: Reading) -> str:
    r"""Return the text of a file with `\n` line ends and without control characters; warn of what was not as usual.

    Raises:
        Refused: it is no text, or in an encoding that cannot be told for certain.
    """
    text = _text(raw, reading)
    place = text.find("\0")
    if place >= 0:
        line = text.count("\n", 0, place) + 1
        raise Refused(
            line, Said("The file holds a NUL character, so it is no text file, or one in UTF-16 without its mark.")
        )
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if text.count("\n") > MAX_LINES:
        raise Refused(
            0, Said("The file has more than %(most)s lines. Split it into smaller files.", most=f"{MAX_LINES:,}")
        )
    found = UNSTORABLE.search(text)
    if found:
        line = text.count("\n", 0, found.start()) + 1
        reading.warn(
            line, Said("Control characters were left out, the first of them U+%(found)s.", found=f"{ord(found[0]):04X}")
        )
        text = _RUNS.sub("", text)
    return text


def _text(raw: bytes, reading: Reading) -> str:
    for mark, encoding in _BOMS:
        if raw.startswith(mark):
            try:
                return raw[len(mark) :].decode(encoding)
            except UnicodeDecodeError:
                raise Refused(
                    0,
                    Said(
                        "The file says it is %(encoding)s, but is not. Save the file again with the encoding UTF-8.",
                        encoding=encoding.upper(),
                    ),
                ) from None
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as problem:
        line = raw.count(b"\n", 0, problem.start) + 1
    if b"\0" in raw:
        raise Refused(
            0,
            Said(
                "The file is no text file, or one in UTF-16 without its mark. "
                "Save the file again with the encoding UTF-8."
            ),
        )
    text = _chinese(raw)
    if text is None:
        raise Refused(
            line, Said("The file is neither UTF-8 nor clearly GB18030. Save the file again with the encoding UTF-8.")
        )
    reading.warn(line, Said("The file is not UTF-8; it was read as GB18030. Check the Chinese characters."))
    return text


_NOT_ASCII = re.compile(r"[^\x00-\x7f]+")


def _chinese(raw: bytes) -> str | None:
    """Return bytes as GB18030 if what comes of it is plainly Chinese: bytes of nearly any encoding can be read so."""
    try:
        text = raw.decode("gb18030")
    except UnicodeDecodeError:
        return None
    foreign = "".join(_NOT_ASCII.findall(text))[:100_000]
    # What other encodings come to lies mostly outside the everyday characters, which are those of GB 2312.
    everyday = len(foreign.encode("gb2312", "ignore").decode("gb2312"))
    frequent = sum(sign in _FREQUENT for sign in foreign)
    return text if everyday >= 0.95 * len(foreign) and frequent >= 0.08 * len(foreign) else None
