"""Content packages as zip files: taken apart with suspicion, put together so that equal content makes equal bytes.

Nothing that a zip file says of itself is trusted: sizes are counted while reading, names are looked at before anything
is written, and everything is written under new names of a private folder that goes away with the `with` block.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
import time
import unicodedata
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import IO

from portal.articles.services.scanning import FOLDERS, MAX_FILES, ROOT_FILES
from portal.core.errors import PortalError
from portal.reference.rules.files import visible

MAX_PACKED = 20_000_000
MAX_UNPACKED = 100_000_000
MAX_RATIO = 200
"""How many times larger than it is packed a file may be; texts reach about 20."""
SMALL = 1_000_000
"""Below so many bytes the ratio is no danger."""
MAX_PATH = 1_000
MAX_NAME = 255
KEPT_S = 3_600
"""After so many seconds a folder that a killed process left is removed."""
CHUNK = 65_536
_ENTRY = b"PK\x01\x02"
_MAC = re.compile(r"__MACOSX/|(.*/)?\.DS_Store\Z")
_DRIVE = re.compile(r"[A-Za-z]:")
_WHEN = (1980, 1, 1, 0, 0, 0)
_ENCRYPTED = 0x1 | 0x40 | 0x2000
_UTF8 = 0x800


class Flaw(StrEnum):
    """Why an archive is not taken; the screen shows a sentence for each."""

    NOT_A_ZIP = "not-a-zip"
    DAMAGED = "damaged"
    EMPTY = "empty"
    ENCRYPTED = "encrypted"
    METHOD = "method"
    TOO_LARGE = "too-large"
    TOO_LARGE_UNPACKED = "too-large-unpacked"
    TOO_MANY = "too-many"
    BOMB = "bomb"
    NAME_OUTSIDE = "name-outside"
    NAME_BAD = "name-bad"
    NAME_NOT_UTF8 = "name-not-utf8"
    NAME_LONG = "name-long"
    SPECIAL = "special"
    TWICE = "twice"


SENTENCES = {
    Flaw.NOT_A_ZIP: "This is not a zip file.",
    Flaw.DAMAGED: "The zip file is damaged.",
    Flaw.EMPTY: "The zip file holds no file.",
    Flaw.ENCRYPTED: "The file is encrypted. Make the zip file without a password.",
    Flaw.METHOD: "The file is compressed in an unusual way. Make the zip file again with the usual settings.",
    Flaw.TOO_LARGE: f"The zip file is too large: at most {MAX_PACKED:,} bytes are taken.",
    Flaw.TOO_LARGE_UNPACKED: f"The zip file holds too much: at most {MAX_UNPACKED:,} bytes are taken.",
    Flaw.TOO_MANY: "The zip file holds too many files.",
    Flaw.BOMB: "The file is packed far more tightly than texts can be.",
    Flaw.NAME_OUTSIDE: "The name leads out of the package.",
    Flaw.NAME_BAD: "The name holds a character that cannot stand in it.",
    Flaw.NAME_NOT_UTF8: "The name is not UTF-8.",
    Flaw.NAME_LONG: "The name is too long.",
    Flaw.SPECIAL: "This is neither a file nor a folder.",
    Flaw.TWICE: "The name stands there twice, or differs from another only by capital letters or accents.",
}


class ArchiveRefused(PortalError):
    """An archive is not taken; nothing of it was kept."""

    def __init__(self, flaw: Flaw, name: str = "") -> None:
        self.flaw = flaw
        self.name = visible(name)[:200]
        super().__init__(f"{self.name}: {SENTENCES[flaw]}" if name else SENTENCES[flaw])


@contextmanager
def unpacked(raw: IO[bytes], under: Path, *, max_files: int = MAX_FILES) -> Iterator[Path]:
    """Unpack a zip file into a private folder below `under` for as long as the block lasts.

    Args:
        raw: the file, which can be read from anywhere.
        max_files: how many files it may hold.

    Raises:
        ArchiveRefused: with the reason and the file's name; nothing stays behind.
    """
    under.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(under)
    with tempfile.TemporaryDirectory(prefix="unpacked-", dir=under) as folder:
        unpack(raw, Path(folder), max_files=max_files)
        yield Path(folder)


def sweep(under: Path, *, older_than: float = KEPT_S) -> None:
    """Remove what lies in `under` for longer than `older_than` seconds: a process that was killed left it."""
    for entry in os.scandir(under):
        with suppress(OSError):
            if time.time() - entry.stat(follow_symlinks=False).st_mtime <= older_than:
                continue
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                os.unlink(entry.path)


def unpack(raw: IO[bytes], folder: Path, *, max_files: int = MAX_FILES) -> None:
    """Unpack a zip file into `folder`, which must be empty; one folder around everything is left out.

    Raises:
        ArchiveRefused: with the reason; `folder` may hold a part by then.
    """
    size = _measure(raw, max_files)
    try:
        with zipfile.ZipFile(raw) as archive:
            names = _names(archive)
            if len(names) > max_files:
                raise ArchiveRefused(Flaw.TOO_MANY)
            _write(archive, names, folder, size)
    except UnicodeDecodeError:
        raise ArchiveRefused(Flaw.NAME_NOT_UTF8) from None
    except zipfile.BadZipFile:
        raise ArchiveRefused(Flaw.DAMAGED) from None
    except (zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, IndexError, OverflowError):
        # Whatever else the library stumbles over: fields that point nowhere, streams that end in the middle.
        raise ArchiveRefused(Flaw.DAMAGED) from None


def _measure(raw: IO[bytes], max_files: int) -> int:
    """Return the size; refuse what is no zip file, or would fill memory when its directory is read."""
    size = raw.seek(0, os.SEEK_END)
    if size > MAX_PACKED:
        raise ArchiveRefused(Flaw.TOO_LARGE)
    raw.seek(0)
    if raw.read(4) not in (b"PK\x03\x04", b"PK\x05\x06"):
        raise ArchiveRefused(Flaw.NOT_A_ZIP)
    raw.seek(0)
    entries, end = 0, b""
    while chunk := raw.read(CHUNK):
        seen = end + chunk
        entries += seen.count(_ENTRY)
        # A mark that lies across two chunks is counted once: the kept end is shorter than it.
        end = seen[-len(_ENTRY) + 1 :]
    # Folders are entries too, but need not be: as many again are let pass here.
    if entries > 2 * max_files:
        raise ArchiveRefused(Flaw.TOO_MANY)
    raw.seek(0)
    return size


@dataclass(slots=True)
class _Names:
    """The files of an archive by their place in the package."""

    files: dict[str, zipfile.ZipInfo] = field(default_factory=dict)
    spelled: dict[str, tuple[str, bool]] = field(default_factory=dict)
    """Every place, however it is spelled, with its spelling and whether it is a folder."""

    def add(self, name: str, info: zipfile.ZipInfo, *, is_folder: bool) -> None:
        """Note one entry with the folders above it."""
        parts = name.split("/")
        for count in range(1, len(parts) + 1):
            place = "/".join(parts[:count])
            above = count < len(parts) or is_folder
            key = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", place).casefold())
            if self.spelled.setdefault(key, (place, above)) != (place, above):
                raise ArchiveRefused(Flaw.TWICE, name)
        if not is_folder:
            if name in self.files:
                raise ArchiveRefused(Flaw.TWICE, name)
            self.files[name] = info


def _names(archive: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    names = _Names()
    for info in archive.infolist():
        name = _name(info)
        if _MAC.match(name):
            continue  # what macOS puts beside every file
        _check_kind(info, name)
        names.add(name.rstrip("/"), info, is_folder=name.endswith("/"))
    if not names.files:
        raise ArchiveRefused(Flaw.EMPTY)
    top = next(iter(names.files)).partition("/")[0]
    is_wrapped = top not in (*ROOT_FILES, *FOLDERS, "README.md", "REVIEW.md") and all(
        name.startswith(f"{top}/") for name in names.files
    )
    return {name.removeprefix(f"{top}/"): info for name, info in names.files.items()} if is_wrapped else names.files


def _name(info: zipfile.ZipInfo) -> str:
    """Return the name of an entry, which is safe to use below a folder."""
    # `filename` is what is left after the library has cut and turned it.
    name = info.orig_filename
    if not info.flag_bits & _UTF8 and not name.isascii():
        try:
            name = name.encode("cp437").decode("utf-8")  # some systems write UTF-8 and do not say so
        except UnicodeError:
            raise ArchiveRefused(Flaw.NAME_NOT_UTF8, name) from None
    if not name.rstrip("/").isprintable() or "\\" in name or name == "":
        raise ArchiveRefused(Flaw.NAME_BAD, name)
    if name.startswith("/") or _DRIVE.match(name) or ".." in name.split("/"):
        raise ArchiveRefused(Flaw.NAME_OUTSIDE, name)
    parts = name.removesuffix("/").split("/")
    if "" in parts or "." in parts:
        raise ArchiveRefused(Flaw.NAME_BAD, name)
    if len(name) > MAX_PATH or any(len(part.encode()) > MAX_NAME for part in parts):
        raise ArchiveRefused(Flaw.NAME_LONG, name)
    return name


def _check_kind(info: zipfile.ZipInfo, name: str) -> None:
    kind = stat.S_IFMT(info.external_attr >> 16)
    if kind not in (0, stat.S_IFDIR if name.endswith("/") else stat.S_IFREG):
        raise ArchiveRefused(Flaw.SPECIAL, name)
    if info.flag_bits & _ENCRYPTED:
        raise ArchiveRefused(Flaw.ENCRYPTED, name)
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ArchiveRefused(Flaw.METHOD, name)


def _write(archive: zipfile.ZipFile, names: dict[str, zipfile.ZipInfo], folder: Path, packed: int) -> None:
    """Write the files; every byte is counted as it comes."""
    total = 0
    for name, info in names.items():
        target = folder / name
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
        size = 0
        with os.fdopen(handle, "wb") as file:
            try:
                with archive.open(info) as source:
                    while chunk := source.read(CHUNK):
                        size += len(chunk)
                        if total + size > MAX_UNPACKED:
                            raise ArchiveRefused(Flaw.TOO_LARGE_UNPACKED, name)
                        if size > SMALL and size > MAX_RATIO * min(info.compress_size, packed):
                            raise ArchiveRefused(Flaw.BOMB, name)
                        file.write(chunk)
            except (zipfile.BadZipFile, zlib.error, EOFError):
                raise ArchiveRefused(Flaw.DAMAGED, name) from None
        total += size
        # Entries that share their packed bytes are each of them harmless.
        if total > 10 * SMALL and total > MAX_RATIO * packed:
            raise ArchiveRefused(Flaw.BOMB, name)


def pack(folder: Path, into: IO[bytes]) -> None:
    """Write the files of `folder` as a zip file; the same files make the same bytes."""
    with zipfile.ZipFile(into, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*"), key=lambda one: one.relative_to(folder).as_posix()):
            if path.is_file():
                info = zipfile.ZipInfo(path.relative_to(folder).as_posix(), _WHEN)
                info.create_system = 3
                info.external_attr = (stat.S_IFREG | 0o644) << 16
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, path.read_bytes())
