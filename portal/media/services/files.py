"""Files on the disk: received and checked in a folder of their own, then moved into place in one step.

`<data>/media/<key>/<version>/<name>`; every part of the name is made here, none comes from whoever sent the file.
"""

from __future__ import annotations

import hashlib
import json
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from portal.core.settings import ROOT
from portal.media.models import Asset
from portal.media.rules import LIMITS, TYPES, Kind, Reason, Refused, find_kind, inspect

INCOMING = ".incoming"
TIME_LIMIT_S = 40
"""Seconds that drawing a picture, or the scanner, may take."""
ORPHAN_SECONDS = 3_600
"""A folder that no row knows is left alone for so long: its write unit may still be under way."""
_PART = 1_000_000


@dataclass(frozen=True, slots=True)
class Part:
    """One file that will be served."""

    name: str
    width: int
    height: int
    bytes: int
    content_type: str


@dataclass(frozen=True, slots=True)
class Received:
    """A file that was checked and waits in `place` to be moved into the library."""

    kind: Kind
    digest: str
    parts: tuple[Part, ...]
    place: Path

    def move(self, target: Path) -> None:
        """Put the files where they will be served from, in one step.

        Called inside the write unit that will name them: whatever lies there already belongs to a unit that failed.
        """
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        self.place.rename(target)
        _sync(target.parent)


def folder(data: Path, key: str, version: int) -> Path:
    """Return where the files of one version lie."""
    return data / "media" / key / str(version)


def best(data: Path, asset: Asset) -> Path:
    """Return the file of a picture that every program reads, in its largest size."""
    chosen = [file for file in asset.files if file.content_type != "image/webp"][-1]
    return folder(data, asset.key, asset.version) / chosen.name


@contextmanager
def received(source: IO[bytes], *, filename: str, data: Path, scanner: str = "") -> Iterator[Received]:
    """Check the file that `source` brings; what was not moved at the end of the block is removed.

    Args:
        filename: as its sender calls it; only its ending is read.
        scanner: a program that is given the file's path and ends with 0 when it is harmless, 1 when it is not.

    Raises:
        Refused: it is not taken.
    """
    work = data / "media" / INCOMING / secrets.token_hex(8)
    work.mkdir(parents=True)
    try:
        yield _check(source, filename, work, scanner)
    finally:
        shutil.rmtree(work, ignore_errors=True)


def _check(source: IO[bytes], filename: str, work: Path, scanner: str) -> Received:
    raw = work / "raw"
    digest = hashlib.sha256()
    size, head = 0, b""
    with raw.open("wb") as file:
        while part := source.read(_PART):
            head = head or part[:4096]
            size += len(part)
            if size > max(LIMITS.values()):
                raise Refused(Reason.TOO_LARGE)
            digest.update(part)
            file.write(part)
    kind, form = find_kind(filename, head, size)
    if scanner:
        _scan(scanner, raw)
    place = work / "ready"
    place.mkdir()
    if kind is Kind.PICTURE:
        parts = _draw(form, raw, place)
    else:
        with raw.open("rb") as file:
            clip = inspect(file, form, size)
        name = f"{kind.value}.{form}"
        raw.rename(place / name)
        parts = (Part(name, clip.width, clip.height, size, TYPES[form]),)
    for made in place.iterdir():
        _sync(made)
    _sync(place)
    return Received(kind=kind, digest=digest.hexdigest(), parts=parts, place=place)


def _draw(form: str, raw: Path, place: Path) -> tuple[Part, ...]:
    command = [sys.executable, "-m", "portal.media", form, str(raw), str(place)]
    try:
        child = subprocess.run(command, cwd=ROOT, capture_output=True, timeout=TIME_LIMIT_S, check=False)  # noqa: S603  # our own module, no shell
    except subprocess.TimeoutExpired:
        raise Refused(Reason.TAKES_TOO_LONG) from None
    if child.returncode:
        # Killed at its limit of time or memory, or by a fault in a decoder.
        raise Refused(Reason.DAMAGED)
    answer: dict[str, Any] = json.loads(child.stdout)
    if "refused" in answer:
        raise Refused(Reason(answer["refused"]))
    return tuple(
        Part(
            name=one["name"],
            width=one["width"],
            height=one["height"],
            bytes=(place / one["name"]).stat().st_size,
            content_type=TYPES[one["name"].rpartition(".")[2]],
        )
        for one in answer["drawn"]
    )


def _scan(scanner: str, raw: Path) -> None:
    try:
        code = subprocess.run([scanner, str(raw)], capture_output=True, timeout=TIME_LIMIT_S, check=False).returncode  # noqa: S603  # the owner's own program, no shell
    except (OSError, subprocess.TimeoutExpired):
        raise Refused(Reason.UNCHECKED) from None
    if code:
        raise Refused(Reason.HARMFUL if code == 1 else Reason.UNCHECKED)


def _sync(path: Path) -> None:
    """Wait until a file or folder is on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def remove_old(*, data: Path, key: str, version: int) -> None:
    """Remove the files of versions before `version`; called when the write unit that replaced them is through."""
    for place in (data / "media" / key).glob("*"):
        if place.name.isdecimal() and int(place.name) < version:
            shutil.rmtree(place, ignore_errors=True)


def sweep(session: Session, *, data: Path) -> int:
    """Remove what no row knows: uploads that broke off, replaced versions; return how many folders went."""
    library = data / "media"
    if not library.is_dir():
        return 0
    versions = {row.key: row.version for row in session.execute(sa.select(Asset.key, Asset.version))}
    gone = 0
    for place in [*library.glob(f"{INCOMING}/*"), *library.glob("[!.]*/*")]:
        if str(versions.get(place.parent.name)) == place.name:
            continue
        if time.time() - place.stat().st_mtime > ORPHAN_SECONDS:
            shutil.rmtree(place, ignore_errors=True)
            gone += 1
    for place in library.glob("[!.]*"):
        if place.name not in versions and not any(place.iterdir()):
            place.rmdir()
    return gone
