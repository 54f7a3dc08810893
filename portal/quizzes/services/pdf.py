"""PDF from HTML and a stylesheet, by WeasyPrint in a child process: bounded in time, memory and number.

The fonts and Pango that it needs come from the operating system; where they are missing, pages offer to
print instead.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import threading
from collections import OrderedDict

from portal.core.errors import PortalError
from portal.core.settings import ROOT

TIME_LIMIT_S = 60.0
KEPT = 8
KEPT_BYTES = 2_000_000
"""What is asked for twice is mostly asked for twice in a row: finished documents that a process keeps."""


class Unavailable(PortalError):
    """No PDF can be made on this machine."""


class OneAtATime(PortalError):
    """Another document is being set in this process; a moment later there is room."""


class TooMuch(PortalError):
    """The document could not be set within the limits of time and memory."""


MISSING = 3
"""How the child says that Pango or a font library is not installed."""

_turns = {"public": threading.Lock(), "desk": threading.Lock()}
"""Fifty answer sheets of the desk must not keep anybody from a certificate."""
_kept: OrderedDict[str, bytes] = OrderedDict()


def available() -> bool:
    """Whether PDFs can be made on this machine, tried with a small one."""
    try:
        return make("<p>1</p>", css="").startswith(b"%PDF-")
    except Unavailable:
        return False


def make(html: str, *, css: str, medium: str = "print", lane: str = "desk", keep: bool = True) -> bytes:
    """Return a page as PDF. What cannot be fetched stays out: nothing is fetched but `data:` addresses.

    Args:
        medium: `print` or `screen`; which palette of tokens.css it has.
        lane: `public` or `desk`; of each one document is made at a time.
        keep: whether the process keeps it for a while; not where people's names stand in it.

    Raises:
        OneAtATime: another one is being made.
        Unavailable: none can be made on this machine.
        TooMuch: it takes too long, or too much memory.
    """
    asked = json.dumps({"html": html, "css": css, "medium": medium}).encode()
    key = hashlib.sha256(asked).hexdigest()
    found = _kept.get(key)
    if found is not None:
        return found
    turn = _turns[lane]
    if not turn.acquire(blocking=False):
        raise OneAtATime
    try:
        made = _set(asked)
        if keep:
            _kept[key] = made
        while len(_kept) > KEPT or (len(_kept) > 1 and sum(map(len, _kept.values())) > KEPT_BYTES):
            _kept.popitem(last=False)
        return made
    finally:
        turn.release()


def _set(asked: bytes) -> bytes:
    command = [sys.executable, "-m", "portal.quizzes"]
    try:
        child = subprocess.run(command, cwd=ROOT, input=asked, capture_output=True, timeout=TIME_LIMIT_S, check=False)  # noqa: S603  # our own module, no shell
    except subprocess.TimeoutExpired:
        raise TooMuch from None
    if child.returncode == MISSING:
        raise Unavailable
    if child.returncode or not child.stdout.startswith(b"%PDF-"):
        raise TooMuch
    return child.stdout
