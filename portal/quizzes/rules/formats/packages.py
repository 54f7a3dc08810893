"""QTI content packages: zip files, read in memory and within bounds; nothing is ever unpacked onto a disk."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib

from portal.core.errors import Said
from portal.quizzes.rules.formats import qti_reader
from portal.quizzes.rules.formats.common import MAX_QUESTIONS, Reading, Refused, placed
from portal.quizzes.rules.formats.decoding import decoded
from portal.quizzes.rules.formats.tree import MAX_ELEMENTS, parsed

MANIFEST = "imsmanifest.xml"
MAX_FILES = MAX_QUESTIONS + 5_000
MAX_UNPACKED = 50_000_000
"""XML is wordy and packs well: 5,000 questions with their voices unpack to some 25 MB."""
_ENTRY = b"PK\x01\x02"
_ENCRYPTED = 0x1
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_BROKEN = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    NotImplementedError,
    RuntimeError,
    struct.error,
    OSError,
    ValueError,
)


def is_package(raw: bytes) -> bool:
    """Return whether the bytes begin as a zip file does."""
    return raw.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def read(raw: bytes, reading: Reading) -> None:
    """Read all items of a package into `reading`, one file after the other.

    Raises:
        Refused: it is no sound package, or unpacks to too much.
    """
    if raw.count(_ENTRY) > MAX_FILES:
        raise Refused(0, Said("The package has too many files: at most %(most)s are taken.", most=f"{MAX_FILES:,}"))
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            _read(package, reading)
    except _BROKEN:
        raise Refused(0, Said("The zip file is damaged.")) from None
    if not reading.found and not reading.errors:
        raise Refused(0, Said("There is no assessment item in the package."))


def _read(package: zipfile.ZipFile, reading: Reading) -> None:
    files = _files(package)
    elements = 0
    for name in _listed(package, files, reading):
        text = _text(package, files[name], reading)
        if text is None:
            continue
        elements += text.count("<") - text.count("</")
        if elements > MAX_ELEMENTS:
            raise Refused(
                0,
                Said(
                    "The package has more than %(most)s elements. Split it into smaller ones.", most=f"{MAX_ELEMENTS:,}"
                ),
            )
        _file(name, text, reading)


def _files(package: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """Return the XML files of the package by their names."""
    files: dict[str, zipfile.ZipInfo] = {}
    total = 0
    for info in package.infolist():
        name = info.filename
        total += info.file_size
        if name.startswith(("/", "\\")) or "\\" in name or ":" in name or ".." in name.split("/"):
            raise Refused(0, Said("The package holds a file with an unsafe name: %(name)s.", name=repr(name[:60])))
        if info.flag_bits & _ENCRYPTED:
            raise Refused(0, Said("The package is encrypted. Save it without a password."))
        if info.is_dir() or not name.lower().endswith(".xml"):
            continue
        if info.compress_type not in _METHODS:
            raise Refused(0, Said("The file %(name)s is packed in a way that is not taken.", name=repr(name[:60])))
        if name in files:
            raise Refused(0, Said("The package holds the file %(name)s twice.", name=repr(name[:60])))
        files[name] = info
    if total > MAX_UNPACKED:
        raise Refused(
            0, Said("The package unpacks to more than %(most)s MB. Split it.", most=MAX_UNPACKED // 1_000_000)
        )
    return files


def _text(package: zipfile.ZipFile, info: zipfile.ZipInfo, reading: Reading) -> str | None:
    try:
        return decoded(package.read(info), reading)
    except Refused as problem:
        reading.fail(problem.line, placed(problem.reason, file=info.filename[:60]))
        return None


def _listed(package: zipfile.ZipFile, files: dict[str, zipfile.ZipInfo], reading: Reading) -> list[str]:
    """Return the files to read, in the order of the manifest."""
    manifest = next((name for name in files if posixpath.basename(name) == MANIFEST), None)
    text = _text(package, files[manifest], reading) if manifest is not None else None
    if manifest is None or text is None:
        reading.warn(0, Said("The package has no %(manifest)s; every XML file in it was read.", manifest=MANIFEST))
        return sorted(files)
    root = parsed(text)
    folder = posixpath.dirname(manifest)
    hrefs = [
        resource.attributes.get("href", "")
        for resource in root.below("resource")
        if "item" in resource.attributes.get("type", "").lower()
    ]
    names = list(dict.fromkeys(posixpath.normpath(posixpath.join(folder, href)) for href in hrefs if href))
    for name in names:
        if name not in files:
            reading.fail(
                0, Said("The manifest names the file %(name)s, which is not in the package.", name=repr(name[:60]))
            )
    return [name for name in names if name in files]


def _file(name: str, text: str, reading: Reading) -> None:
    try:
        root = parsed(text)
    except Refused as problem:
        reading.fail(problem.line, placed(problem.reason, file=name[:60]))
        return
    items = [root] if root.tag == qti_reader.ITEM else root.below(qti_reader.ITEM)
    for element in items:
        qti_reader.read_item(element, reading, file=name[:60])
