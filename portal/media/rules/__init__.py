"""What a file may be, and what must be said about it."""

from portal.media.rules.captions import CaptionsError, read_captions
from portal.media.rules.kinds import (
    LIMITS,
    MARKS,
    MAX_PIXELS,
    MAX_SIDE,
    MAX_UPLOAD,
    NAMES,
    SENTENCES,
    TYPES,
    Kind,
    Reason,
    Refused,
    find_kind,
)
from portal.media.rules.sound import Clip, inspect

__all__ = [
    "LIMITS",
    "MARKS",
    "MAX_PIXELS",
    "MAX_SIDE",
    "MAX_UPLOAD",
    "NAMES",
    "SENTENCES",
    "TYPES",
    "CaptionsError",
    "Clip",
    "Kind",
    "Reason",
    "Refused",
    "find_kind",
    "inspect",
    "read_captions",
]
