"""Files into which messages go where no server is named: they are somebody's words, and go as the words do."""

from __future__ import annotations

import re
from collections.abc import Set
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from portal.core.settings import Settings
from portal.messages.rules import KEPT

_OURS = re.compile(r"[0-9a-f]{32}\.(?:eml|txt)")


def folders(settings: Settings) -> list[Path]:
    """Return the folders that messages may have been written to, as the settings are now."""
    found = []
    for kind in ("mail", "sms"):
        said: str = getattr(settings, kind, "")
        found.append(Path(said.removeprefix("file:")) if said.startswith("file:") else settings.data / kind)
    return found


def forget_files(settings: Settings, *, recipients: Set[str], at: datetime) -> int:
    """Delete the files of messages to these people, and those a month old; return how many there were."""
    words = [one.encode() for one in recipients]
    gone = 0
    for folder in folders(settings):
        for path in folder.glob("*") if folder.is_dir() else ():
            # In a folder of somebody's choice there may be other files.
            if not _OURS.fullmatch(path.name):
                continue
            with suppress(FileNotFoundError):
                old = datetime.fromtimestamp(path.stat().st_mtime, UTC) < at - KEPT
                if old or any(word in raw for raw in [path.read_bytes()] for word in words):
                    path.unlink()
                    gone += 1
    return gone
