"""QTI content packages: zip files, read in memory and within bounds; nothing is ever unpacked onto a disk."""

from __future__ import annotations

import io
import posixpath
import struct
import zipfile
import zlib

from portal.quizzes.rules.formats import qti_reader
from portal.quizzes.rules.formats.common import MAX_BYTES, MAX_QUESTIONS, Reading, Refused
from portal.quizzes.rules.formats.decoding import decoded
from portal.quizzes.rules.formats.tree import MAX_ELEMENTS, parsed

MANIFEST = "imsmanifest.xml"
MAX_FILES = MAX_QUESTIONS + 5_000
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
    """Read all items of a package into `reading`.

    Raises:
        Refused: it is no sound package, or unpacks to too much.
    """
    if raw.count(_ENTRY) > MAX_FILES:
        raise Refused(0, f"The package has too many files: at most {MAX_FILES:,} are taken.")
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as package:
            texts = _texts(package, reading)
    except _BROKEN:
        raise Refused(0, "The zip file is damaged.") from None
    if sum(text.count("<") for text in texts.values()) > 2 * MAX_ELEMENTS:
        raise Refused(0, f"The package has more than {MAX_ELEMENTS:,} elements. Split it into smaller ones.")
    names = _listed(texts, reading)
    before = len(reading.found) + len(reading.errors)
    for name in names:
        _file(name, texts[name], reading)
    if len(reading.found) + len(reading.errors) == before:
        raise Refused(0, "There is no assessment item in the package.")


def _texts(package: zipfile.ZipFile, reading: Reading) -> dict[str, str]:
    """Return the text of every XML file of the package."""
    files = [info for info in package.infolist() if not info.is_dir()]
    total = 0
    for info in files:
        total += info.file_size
        name = info.filename
        if name.startswith(("/", "\\")) or "\\" in name or ":" in name or ".." in name.split("/"):
            raise Refused(0, f"The package holds a file with an unsafe name: {name[:60]!r}.")
        if info.flag_bits & _ENCRYPTED:
            raise Refused(0, "The package is encrypted. Save it without a password.")
    if total > MAX_BYTES:
        raise Refused(0, f"The package unpacks to more than {MAX_BYTES // 1_000_000} MB. Split it into smaller ones.")
    texts: dict[str, str] = {}
    for info in files:
        if not info.filename.lower().endswith(".xml"):
            continue
        if info.compress_type not in _METHODS:
            raise Refused(0, f"The file {info.filename[:60]!r} is packed in a way that is not taken.")
        if info.filename in texts:
            raise Refused(0, f"The package holds the file {info.filename[:60]!r} twice.")
        try:
            texts[info.filename] = decoded(package.read(info), reading)
        except Refused as problem:
            reading.fail(problem.line, f"{info.filename[:60]}: {problem.reason}")
    return texts


def _listed(texts: dict[str, str], reading: Reading) -> list[str]:
    """Return the files to read, in the order of the manifest."""
    manifest = next((name for name in texts if posixpath.basename(name) == MANIFEST), None)
    if manifest is None:
        reading.warn(0, f"The package has no {MANIFEST}; every XML file in it was read.")
        return sorted(texts)
    root = parsed(texts.pop(manifest))
    folder = posixpath.dirname(manifest)
    hrefs = [
        resource.attributes.get("href", "")
        for resource in root.below("resource")
        if "item" in resource.attributes.get("type", "").lower()
    ]
    names = list(dict.fromkeys(posixpath.normpath(posixpath.join(folder, href)) for href in hrefs if href))
    for name in names:
        if name not in texts:
            reading.fail(0, f"The manifest names the file {name[:60]!r}, which is not in the package.")
    return [name for name in names if name in texts]


def _file(name: str, text: str, reading: Reading) -> None:
    try:
        root = parsed(text)
    except Refused as problem:
        reading.fail(problem.line, f"{name[:60]}: {problem.reason}")
        return
    items = [root] if root.tag == qti_reader.ITEM else root.below(qti_reader.ITEM)
    for element in items:
        qti_reader.read_item(element, reading, file=name[:60])
