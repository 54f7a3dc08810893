"""Zip files for tests: honest ones, and ones that no honest program writes."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path

from portal.articles.services import archives

MARKS = {"local": 0x04034B50, "entry": 0x02014B50, "end": 0x06054B50}


@dataclass
class Entry:
    """One entry, every field of which may be a lie."""

    name: bytes = b"topics.yaml"
    content: bytes = b"[]\n"
    flags: int = 0
    method: int = 8
    attributes: int = 0
    packed: bytes | None = None
    size: int | None = None
    crc: int | None = None
    local_name: bytes | None = None
    offset: int | None = None

    def raw(self) -> bytes:
        if self.packed is not None:
            return self.packed
        if self.method != 8:
            return self.content
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        return packer.compress(self.content) + packer.flush()


def forge(*entries: Entry, count: int | None = None) -> bytes:
    """Write a zip file field by field, so that each may say what it likes."""
    body, directory = b"", b""
    for entry in entries:
        raw = entry.raw()
        crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
        size = len(entry.content) if entry.size is None else entry.size
        same = (20, entry.flags, entry.method, 0, 0x21, crc, len(raw), size)
        local = entry.name if entry.local_name is None else entry.local_name
        offset = len(body) if entry.offset is None else entry.offset
        if entry.offset is None:
            body += struct.pack("<I5H3I2H", MARKS["local"], *same, len(local), 0) + local + raw
        directory += (
            struct.pack(
                "<I6H3I5H2I", MARKS["entry"], 0x0314, *same, len(entry.name), 0, 0, 0, 0, entry.attributes, offset
            )
            + entry.name
        )
    number = len(entries) if count is None else count
    end = struct.pack("<I4H2IH", MARKS["end"], 0, 0, number, number, len(directory), len(body), 0)
    return body + directory + end


def zipped(files: dict[str, bytes | str]) -> bytes:
    """Return an honest zip file."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return file.getvalue()


def packed(folder: Path) -> bytes:
    """Return a folder as the desk gives it out."""
    file = io.BytesIO()
    archives.pack(folder, file)
    return file.getvalue()
