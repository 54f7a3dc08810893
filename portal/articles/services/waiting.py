"""Packages that have been checked and wait for the word of whoever brought them, for an hour at most.

The zip file waits as it came. Only its owner finds it, and it can be claimed once.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO
from uuid import UUID, uuid4

from portal.articles.services.archives import sweep
from portal.core.errors import PortalError


class OneAtATime(PortalError):
    """Another package is being taken in at this moment."""


class Gone(PortalError):
    """The package was claimed already, or has waited too long."""


@dataclass(slots=True)
class Findings:
    """What the check of a package said; everything fit for JSON."""

    name: str = ""
    files: int = 0
    problems: list[tuple[str, int, str]] = field(default_factory=list)
    more_problems: int = 0
    pictures_added: list[str] = field(default_factory=list)
    articles_added: list[str] = field(default_factory=list)
    articles_changed: list[str] = field(default_factory=list)
    editions_added: list[str] = field(default_factory=list)
    editions_changed: list[str] = field(default_factory=list)
    unchanged: int = 0
    kept: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    basis: str = ""
    """A digest of what would be changed and of what that stands on."""
    is_done: bool = False

    @property
    def changes(self) -> bool:
        """Whether taking the package in would change anything."""
        brings = (self.articles_added, self.articles_changed, self.editions_added, self.editions_changed)
        return bool(self.pictures_added or any(brings))


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Let one package at a time be worked on in this installation.

    Raises:
        OneAtATime: somebody else's is under way.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with (folder / "lock").open("wb") as handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OneAtATime("Another package is being taken in. Please try again in a minute.") from None
        # Closing the file gives the lock back, also when the process is killed.
        os.utime(handle.fileno())
        yield


def keep(raw: IO[bytes], folder: Path, *, person_id: int, findings: Findings) -> UUID:
    """Keep a checked package for its owner; return the name to ask for it by."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(folder)
    token = uuid4()
    if not findings.problems:
        raw.seek(0)
        handle = os.open(_zip(folder, person_id, token), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            shutil.copyfileobj(raw, file)
    note(folder, person_id=person_id, token=token, findings=findings)
    return token


def note(folder: Path, *, person_id: int, token: UUID, findings: Findings) -> None:
    """Write down what is known of a package now."""
    path = _notes(folder, person_id, token)
    aside = path.with_suffix(".new")
    aside.touch(mode=0o600)
    aside.write_text(json.dumps(asdict(findings)), "utf-8")
    aside.replace(path)


def findings_of(folder: Path, *, person_id: int, token: UUID) -> Findings | None:
    """Return what is known of a package; None: this person has none of that name, or it has waited too long."""
    try:
        sweep(folder)
        return Findings(**json.loads(_notes(folder, person_id, token).read_text("utf-8")))
    except FileNotFoundError:
        return None


@contextmanager
def claimed(folder: Path, *, person_id: int, token: UUID) -> Iterator[IO[bytes]]:
    """Take a package that waits; when the block fails it waits again, otherwise it is gone.

    Raises:
        Gone: it does not wait.
    """
    waiting = _zip(folder, person_id, token)
    taken = waiting.with_suffix(".taken")
    try:
        waiting.rename(taken)
        os.utime(taken)  # it is in use: no sweep takes it away
    except FileNotFoundError:
        raise Gone("This package does not wait any more.") from None
    try:
        with taken.open("rb") as raw:
            yield raw
    except BaseException:
        taken.rename(waiting)
        raise
    taken.unlink()


def _zip(folder: Path, person_id: int, token: UUID) -> Path:
    return folder / f"{person_id}-{token}.zip"


def _notes(folder: Path, person_id: int, token: UUID) -> Path:
    return folder / f"{person_id}-{token}.json"
