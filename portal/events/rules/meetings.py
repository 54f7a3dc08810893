"""Lists of a meeting tool: who was in the meeting, from when until when, or for how many minutes.

Columns are found by name, in Chinese or English, as Tencent Meeting, Zoom and Teams name them; lines about the meeting
that stand before the table are skipped.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from portal.quizzes.rules.paper_file import MAX_CELL, MAX_LINES, MAX_ROWS, FileFlaw, Unreadable, decoded
from portal.reference.rules import tables

SHARE = 0.3
"""Who stays for less of the lecture has not taken part, unless the organiser decides otherwise."""
FEWEST_MINUTES = 10
MOST_MINUTES = 24 * 60
PREAMBLE = 30
"""Lines that may stand before the table."""

NAMES = {
    "name": ("name", "username", "nickname", "participant", "displayname", "fullname", "nameoriginalname", "姓名",
             "昵称", "用户昵称", "用户名", "参会者", "参会人", "成员", "用户昵称入会昵称", "入会昵称", "名称",
             "名称原始名称"),
    "mail": ("email", "useremail", "mail", "邮箱", "电子邮件", "邮件", "电子邮箱", "用户邮箱"),
    "code": ("code", "registrationcode", "报名码", "编码"),
    "joined": ("join", "jointime", "joined", "入会时间", "加入时间", "进入时间", "首次入会时间"),
    "left": ("leave", "leavetime", "left", "退会时间", "离开时间", "离会时间", "最后退会时间"),
    "minutes": ("minutes", "duration", "durationminutes", "totaldurationminutes", "时长", "参会时长", "累计时长",
                "累计参会时长", "时长分钟", "持续时间分钟", "总时长分钟", "参会时长分钟", "入会时长"),
}  # fmt: skip


class Fate(StrEnum):
    """What becomes of one person in the list."""

    TAKEN = "taken"
    SHORT = "short"
    """There for less than the least that counts."""
    ALREADY = "already"
    """In already: in the hall, or from another list."""
    UNKNOWN = "unknown"
    """Nobody who registered has this code, mail address or name."""
    AMBIGUOUS = "ambiguous"
    """Several who registered have this name or mail address."""
    ENDED = "ended"
    """The registration was cancelled, passed on or has lapsed."""
    MALFORMED = "malformed"
    """Neither how long nor from when until when, or nobody is named."""


HARMLESS = frozenset({Fate.TAKEN, Fate.SHORT, Fate.ALREADY})


@dataclass(frozen=True, slots=True)
class Stay:
    """One line of a list."""

    line: int
    name: str
    mail: str
    code: str
    joined: datetime | None
    left: datetime | None
    minutes: float | None
    """None: it is told by `joined` and `left`."""

    @property
    def span(self) -> tuple[datetime, datetime] | None:
        """From when until when, where both are known."""
        known = self.joined is not None and self.left is not None and self.joined <= self.left
        return (self.joined, self.left) if known else None  # type: ignore[return-value]  # both are known

    @property
    def is_good(self) -> bool:
        """Whether it says who and how long."""
        return (self.minutes is not None or self.span is not None) and bool(self.name or self.mail or self.code)


@dataclass(frozen=True, slots=True)
class Told:
    """What becomes of one person, or of a line that cannot be read."""

    lines: tuple[int, ...]
    shown: str
    """What the list calls the person."""
    fate: Fate
    minutes: int | None = None
    code: str = ""
    """Of the registration."""


def least_minutes(length: timedelta) -> int:
    """Return how many minutes count where the organiser has not said: 30 % of the lecture, and 10 at least."""
    return max(FEWEST_MINUTES, round(length.total_seconds() / 60 * SHARE))


def total_minutes(stays: Iterable[Stay]) -> int:
    """Return how long somebody was there who joined several times; at the same time on two devices counts once."""
    known = list(stays)
    spans = [one.span for one in known]
    told = sum(
        one.minutes if one.minutes is not None else _minutes(span) for one, span in zip(known, spans, strict=True)
    )
    if all(spans):
        # A list may tell minutes as well, which leave out the time between the first joining and the last leaving.
        told = min(told, _together(span for span in spans if span))
    return min(int(told + 0.001), MOST_MINUTES)


def _minutes(span: tuple[datetime, datetime] | None) -> float:
    return (span[1] - span[0]).total_seconds() / 60 if span else 0.0


def _together(spans: Iterable[tuple[datetime, datetime]]) -> float:
    minutes, until = 0.0, datetime.min
    for begin, end in sorted(spans):
        if end > until:
            minutes += _minutes((max(begin, until), end))
            until = end
    return minutes


def even_name(text: str) -> str:
    """Return a name as names are compared: any width, case and spacing."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def digest_of(raw: bytes, minutes: int) -> str:
    """Return what a list, taken in with one least number of minutes, is recognised by."""
    return hashlib.sha256(b"meeting %d\n" % minutes + raw).hexdigest()


# --- reading ------------------------------------------------------------------------------------------------------


def stays_of(raw: bytes) -> list[Stay]:
    """Return the lines of a list.

    Raises:
        Unreadable: it is no table with somebody's name, mail address or code, and how long they were there.
    """
    rows = _rows(decoded(raw))
    start, columns = _head(rows)
    found = [_stay(line, cells, columns) for line, cells in rows[start + 1 :]]
    if not found:
        raise Unreadable(FileFlaw.EMPTY)
    if len(found) > MAX_ROWS:
        raise Unreadable(FileFlaw.TOO_MANY)
    return found


def _rows(text: str) -> list[tuple[int, list[str]]]:
    try:
        return list(tables.rows(text, head=PREAMBLE, most=MAX_LINES))
    except tables.TooLong:
        raise Unreadable(FileFlaw.TOO_MANY) from None
    except tables.Torn:
        raise Unreadable(FileFlaw.DAMAGED) from None


def _head(rows: Sequence[tuple[int, list[str]]]) -> tuple[int, dict[str, int]]:
    """Return where the names of the columns stand, and which column is which."""
    missing = "name"
    for place, (_line, cells) in enumerate(rows[:PREAMBLE]):
        columns = _columns(cells)
        who = columns.keys() & {"name", "mail", "code"}
        long = "minutes" in columns or {"joined", "left"} <= columns.keys()
        # A line such as `主题,…` may hold one of the words; the head of a table holds both.
        if who and long:
            return place, columns
        if who:
            missing = "minutes"
    raise Unreadable(FileFlaw.NO_COLUMN, missing)


def _columns(cells: Sequence[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for place, cell in enumerate(cells):
        even = unicodedata.normalize("NFKC", cell[:80]).casefold()
        plain = "".join(sign for sign in even if sign.isalnum())
        for name, words in NAMES.items():
            if plain in words:
                found.setdefault(name, place)
    return found


def _stay(line: int, cells: Sequence[str], columns: dict[str, int]) -> Stay:
    def cell(name: str) -> str:
        place = columns.get(name)
        return cells[place][:MAX_CELL].strip() if place is not None and place < len(cells) else ""

    return Stay(
        line=line,
        name=cell("name"),
        mail=cell("mail").lower(),
        code=cell("code"),
        joined=moment_of(cell("joined")),
        left=moment_of(cell("left")),
        minutes=minutes_of(cell("minutes")),
    )


_DAYS = ("%Y-%m-%d", "%m-%d-%Y")
_TIMES = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
_FORMS = tuple(f"{day} {time}" for day in _DAYS for time in _TIMES)


def moment_of(text: str) -> datetime | None:
    """Return a moment without zone; only the time between two of one list counts. None: it is none."""
    even = unicodedata.normalize("NFKC", text).strip().replace("T", " ").rstrip("Z")
    even = re.sub(r"[/.年月]", "-", even.replace("日", " ").replace("上午", "AM ").replace("下午", "PM "))
    even = re.sub(r"\s+", " ", re.sub(r"\b(AM|PM) (\S+)\Z", r"\2 \1", even)).strip()
    for form in _FORMS:
        try:
            return datetime.strptime(even[:40], form)
        except ValueError:
            continue
    return None


_CLOCK = re.compile(r"(?:([0-9]{1,3}):)?([0-9]{1,4}):([0-9]{2})\Z")
_WORDS = re.compile(
    r"(?:([0-9]+)(?:小时|时|hours?|hrs?|h))?(?:([0-9]+)(?:分钟|分|minutes?|mins?|m))?(?:([0-9]+)(?:秒钟|秒|seconds?|secs?|s))?\Z"
)
_NUMBER = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,6})?\Z")


def minutes_of(text: str) -> float | None:
    """Return minutes from `45`, `45.5`, `00:45:12`, `45:12` or `1小时5分20秒`; None: it is none."""
    even = "".join(unicodedata.normalize("NFKC", text).casefold().split())
    if not even:
        return None
    if _NUMBER.match(even):
        return float(even)
    found = _CLOCK.match(even) or _WORDS.match(even)
    if found is None:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return hours * 60 + minutes + seconds / 60
