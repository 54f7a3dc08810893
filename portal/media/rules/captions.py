"""WebVTT captions: read strictly, and written anew from what was understood."""

from __future__ import annotations

import re

from portal.core.errors import PortalError

MAX_CUES = 5_000
MAX_CHARACTERS = 100_000
_TIME = r"(?:([0-9]{2,3}):)?([0-5][0-9]):([0-5][0-9])\.([0-9]{3})"
_TIMING = re.compile(rf"{_TIME}[ \t]+-->[ \t]+{_TIME}(?:[ \t]+(.*))?\Z")
_SETTING = re.compile(
    r"(?:align:(?:start|center|end|left|right)|vertical:(?:rl|lr)"
    r"|(?:line|position|size):-?[0-9]{1,3}(?:\.[0-9]{1,3})?%?(?:,(?:start|center|end|line-left|line-right))?)\Z"
)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


class CaptionsError(PortalError):
    """Captions cannot be taken; `line` counts from 1."""

    def __init__(self, line: int, code: str) -> None:
        super().__init__(f"Line {line} of the captions: {code}.")
        self.line = line
        self.code = code


def _milliseconds(parts: tuple[str | None, ...]) -> int:
    hours, minutes, seconds, thousandths = (int(part or 0) for part in parts)
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def _stamp(moment: int) -> str:
    seconds, thousandths = divmod(moment, 1000)
    return f"{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{thousandths:03}"


def read_captions(text: str) -> str:
    """Return WebVTT `text` as it is served: its cues, without comments, in one spelling.

    Raises:
        CaptionsError: it is not WebVTT, has markup or styles, or its times do not follow each other.
    """
    if len(text) > MAX_CHARACTERS:
        raise CaptionsError(1, "long")
    lines = text.removeprefix("\ufeff").replace("\r\n", "\n").replace("\r", "\n").split("\n")
    if not re.match(r"WEBVTT(?:[ \t]|\Z)", lines[0]):
        raise CaptionsError(1, "header")
    out = ["WEBVTT"]
    last, number = 0, 1
    while number < len(lines) and lines[number].strip():
        # What stands beside the header says nothing to the viewer.
        if "-->" in lines[number]:
            raise CaptionsError(number + 1, "header")
        number += 1
    while number < len(lines):
        if not lines[number].strip():
            number += 1
            continue
        begin = number
        while number < len(lines) and lines[number].strip():
            number += 1
        cue = _read_block(lines[begin:number], begin + 1, last)
        if cue:
            last, block = cue
            out.append(block)
        if len(out) > MAX_CUES:
            raise CaptionsError(begin + 1, "many")
    if len(out) == 1:
        raise CaptionsError(1, "none")
    return "\n\n".join(out) + "\n"


def _read_block(lines: list[str], first: int, last: int) -> tuple[int, str] | None:
    """Return when a cue begins and its text; None for a comment."""
    for place, line in enumerate(lines):
        if _CONTROL.search(line):
            raise CaptionsError(first + place, "control")
    if lines[0] == "NOTE" or lines[0].startswith(("NOTE ", "NOTE\t")):
        return None
    if lines[0].split()[0] in ("STYLE", "REGION"):
        raise CaptionsError(first, "style")
    if "-->" not in lines[0]:
        lines, first = lines[1:], first + 1
    match = _TIMING.match(lines[0].rstrip()) if lines else None
    if match is None:
        raise CaptionsError(first, "timing")
    parts = match.groups()
    begin, end, settings = _milliseconds(parts[:4]), _milliseconds(parts[4:8]), (parts[8] or "").split()
    if end <= begin or begin < last:
        raise CaptionsError(first, "order")
    if not all(_SETTING.match(setting) for setting in settings):
        raise CaptionsError(first, "setting")
    words = [line.rstrip() for line in lines[1:]]
    if not words:
        raise CaptionsError(first, "silent")
    for place, line in enumerate(words, 1):
        if "<" in line or "-->" in line:
            raise CaptionsError(first + place, "markup")
    timing = " ".join((f"{_stamp(begin)} --> {_stamp(end)}", *settings))
    return begin, "\n".join((timing, *words))
