"""What spreadsheets save as a table of text, and in which encoding it is."""

from __future__ import annotations

import codecs


class NotText(ValueError):
    """The bytes are no text; `line` is the first that cannot be read, from 1, and None where none of it is text."""

    def __init__(self, line: int | None = None) -> None:
        super().__init__("no text" if line is None else f"line {line} cannot be read")
        self.line = line


def encoding_of(raw: bytes) -> str:
    """Return the encoding of a table as spreadsheets save it: UTF-8, UTF-16 with its mark, or GB18030.

    The bytes can be decoded with it, and a mark at the beginning is no part of the text. Nearly any bytes can be read
    as GB18030; whoever takes them in checks what the cells hold.

    Raises:
        NotText: they are none of these, or hold a NUL character.
    """
    is_marked = raw.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    if not is_marked and b"\0" in raw:
        raise NotText
    place = 0
    for encoding in ("utf-16",) if is_marked else ("utf-8-sig", "gb18030"):
        try:
            text = raw.decode(encoding)
        except UnicodeDecodeError as problem:
            # The encoding that went further is the one that was meant.
            place = max(place, problem.start)
        else:
            if is_marked and "\0" in text:
                raise NotText
            return encoding
    raise NotText(raw.count(b"\n", 0, place) + 1)
