"""Lists that have been looked at and wait for the word of whoever brought them: sealed, since names stand in them."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from portal.core import crypto
from portal.quizzes.services import paper_waiting


@dataclass(frozen=True, slots=True)
class Waiting:
    """A list of one lecture."""

    event_id: int
    kind: str
    """`sheet`, `typed` or `meeting`."""
    raw: bytes
    minutes: int = 0
    """Of a meeting: the least that counts."""


def keep(waiting: Waiting, folder: Path, *, person_id: int) -> UUID:
    """Keep a list for a day at most; return what its owner finds it by."""
    plain = {
        "event": waiting.event_id,
        "kind": waiting.kind,
        "minutes": waiting.minutes,
        "raw": base64.b64encode(waiting.raw).decode("ascii"),
    }
    return paper_waiting.keep(crypto.seal(json.dumps(plain)).encode("ascii"), folder, person_id=person_id)


def kept(folder: Path, *, person_id: int, token: UUID, event_id: int) -> Waiting | None:
    """Return a list of this person for this lecture; None: there is none of this name any more."""
    sealed = paper_waiting.kept(folder, person_id=person_id, token=token)
    if sealed is None:
        return None
    try:
        plain = json.loads(crypto.unseal(sealed.decode("ascii")))
    except crypto.Unreadable:
        # The site's key was replaced meanwhile: whoever brought the list brings it again.
        return None
    if plain["event"] != event_id:
        return None
    return Waiting(event_id, plain["kind"], base64.b64decode(plain["raw"]), plain["minutes"])


def forget(folder: Path, *, person_id: int, token: UUID) -> None:
    """Erase a list that was taken in."""
    paper_waiting.forget(folder, person_id=person_id, token=token)
