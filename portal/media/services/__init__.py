"""Verbs of the library: take in, describe, replace, retire, and note where a file is used."""

from portal.media.services.files import Received, best, folder, received, remove_old, sweep
from portal.media.services.library import (
    Changed,
    Duplicate,
    Incomplete,
    InUse,
    NotFound,
    UnknownMedia,
    add,
    bring,
    describe,
    replace,
    restore,
    retire,
    set_uses,
)

__all__ = [
    "Changed",
    "Duplicate",
    "InUse",
    "Incomplete",
    "NotFound",
    "Received",
    "UnknownMedia",
    "add",
    "best",
    "bring",
    "describe",
    "folder",
    "received",
    "remove_old",
    "replace",
    "restore",
    "retire",
    "set_uses",
    "sweep",
]
