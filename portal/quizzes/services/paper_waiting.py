"""Files of paper results that have been looked at and wait for the word of whoever brought them, for a day at most."""

from __future__ import annotations

import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

KEPT_S = 86_400
MOST = 20
"""Files of one person that wait at once; the oldest gives way."""


def keep(raw: bytes, folder: Path, *, person_id: int) -> UUID:
    """Keep a file; return what its owner finds it by."""
    place = folder / str(person_id)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    sweep(folder)
    waiting = sorted(place.glob("*.csv"), key=lambda path: path.stat().st_mtime)
    for old in waiting[: max(0, len(waiting) - MOST + 1)]:
        old.unlink(missing_ok=True)
    token = uuid4()
    path = place / f"{token}.csv"
    path.touch(mode=0o600)
    path.write_bytes(raw)
    return token


def kept(folder: Path, *, person_id: int, token: UUID) -> bytes | None:
    """Return a file of this person; None: there is none of this name any more."""
    try:
        return (folder / str(person_id) / f"{token}.csv").read_bytes()
    except FileNotFoundError:
        return None


def forget(folder: Path, *, person_id: int, token: UUID) -> None:
    """Erase a file of this person."""
    (folder / str(person_id) / f"{token}.csv").unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Erase what has waited for longer than a day."""
    for path in folder.glob("*/*.csv"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < time.time() - KEPT_S:
                path.unlink()
