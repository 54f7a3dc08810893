"""What an organiser plans: texts, details, when and where; local times as clocks show them; days that recur."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from portal.core.settings import Audience, Locale
from portal.events.rules.lectures import Mode, Place

LANGUAGES = (Locale.HANS, Locale.EN)
"""The languages that organisers write; zh-Hant is made from zh-Hans."""
TEXTS = ("title", "summary", "learn", "speaker", "materials")
"""The parts of the text of a lecture, each by language."""
RESERVED = frozenset({"new", "feed", "registrations", "guardian", "code", "feedback", "calendar", "templates"})
"""Words that stand in other addresses below `/events/`."""
CLOSES_BEFORE = timedelta(hours=1)
"""How long before the lecture registration closes where nobody says otherwise."""
MOST_REPEATS = 53
LONGEST_SLUG = 80

_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


class Why(StrEnum):
    """Why a step of the way to the public is refused; the page has a sentence for each."""

    OWN_TEXT = "own-text"
    WRONG_STATE = "wrong-state"
    NOTHING_NEW = "nothing-new"
    PROBLEMS = "problems"
    FINDINGS = "findings"
    NO_RULES = "no-rules"
    WAS_PUBLIC = "was-public"
    HAS_PEOPLE = "has-people"


class Every(StrEnum):
    """How a lecture recurs."""

    WEEK = "week"
    FORTNIGHT = "fortnight"
    MONTH = "month"


@dataclass(frozen=True, slots=True)
class When:
    """When a lecture is held, and when people can register."""

    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime


@dataclass(frozen=True, slots=True)
class Where:
    """Where it is held."""

    venue: dict[str, str] = field(default_factory=dict)
    address: dict[str, str] = field(default_factory=dict)
    map_url: str = ""
    online_url: str = ""


@dataclass(frozen=True, slots=True)
class Details:
    """What else is known of a lecture; nobody who registered has to be told when it changes."""

    topic: str
    audience: Audience = Audience.GENERAL
    district: str = ""
    branch: str = ""
    campaign: str = ""
    articles: list[str] = field(default_factory=list)
    pre_quiz: str = ""
    post_quiz: str = ""
    step_free: bool = False
    hearing_loop: bool = False
    sign_language: bool = False
    access_note: dict[str, str] = field(default_factory=dict)
    telephone: str = ""
    most_seats: int = 4
    takes_groups: bool = True


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole lecture as an organiser plans it."""

    content: dict[str, Any]
    details: Details
    mode: Mode
    seats: dict[Place, int]
    when: When
    where: Where


def is_slug(text: str) -> bool:
    """Return whether `text` can be the name of a lecture in its address."""
    return len(text) <= LONGEST_SLUG and _SLUG.match(text) is not None and text not in RESERVED


def slug_for(topic: str, day: date) -> str:
    """Return a name in the address for a lecture that nobody has named."""
    start = re.sub(r"[^a-z0-9]+", "-", topic.lower()).strip("-")[:60].strip("-") or "lecture"
    return f"{start}-{day.isoformat()}"


def undated(slug: str) -> str:
    """Return the name of a lecture without the day in it, short enough that another day can follow."""
    return re.sub(r"-[0-9]{4}-[0-9]{2}-[0-9]{2}(-[0-9]+)?\Z", "", slug)[: LONGEST_SLUG - 16].rstrip("-") or "lecture"


def moments(local: datetime, zone: ZoneInfo) -> tuple[datetime, ...]:
    """Return the moments at which the clocks of `zone` show `local`: none where they skip it, two where they show it
    twice.
    """
    found = []
    for fold in (0, 1):
        moment = local.replace(tzinfo=zone, fold=fold).astimezone(UTC)
        if moment.astimezone(zone).replace(tzinfo=None, fold=0) == local.replace(fold=0) and moment not in found:
            found.append(moment)
    return tuple(found)


def closing(starts_at: datetime) -> datetime:
    """Return when registration closes where nobody says otherwise."""
    return starts_at - CLOSES_BEFORE


def moved(old: When, *, starts_at: datetime, ends_at: datetime, at: datetime) -> When:
    """Return the times of a lecture that is moved at `at`.

    Registration closes as long before the lecture as it did. Once open it stays so; what is yet to open moves along.
    """
    shift = starts_at - old.starts_at
    closes_at = old.closes_at + shift
    opens_at = old.opens_at if old.opens_at <= at else old.opens_at + shift
    return When(starts_at, ends_at, min(opens_at, closes_at), closes_at)


# --- what recurs --------------------------------------------------------------------------------------------------


def days(first: date, *, every: Every, times: int) -> list[date]:
    """Return the days on which a lecture recurs after `first`, without it.

    Every month is on the same day of the month; a month that has no such day has its last.
    """
    if every is not Every.MONTH:
        step = timedelta(weeks=1 if every is Every.WEEK else 2)
        return [first + step * number for number in range(1, times + 1)]
    found = []
    for number in range(1, times + 1):
        year, month = divmod(first.year * 12 + first.month - 1 + number, 12)
        found.append(date(year, month + 1, min(first.day, calendar.monthrange(year, month + 1)[1])))
    return found


class ClockSkips(ValueError):
    """The clocks skip a local time on some days.

    Args:
        days: those days.
    """

    def __init__(self, days: list[date]) -> None:
        super().__init__(", ".join(day.isoformat() for day in days))
        self.days = days


def recurring(
    first: When, wanted: Iterable[date], *, zone: ZoneInfo, opens_before: timedelta | None, at: datetime
) -> list[When]:
    """Return when a lecture is held on further days: at the same local time, for as long, whatever the clocks do.

    Where the clocks show the time twice, the first is taken.

    Args:
        opens_before: how long before each lecture registration opens; None: at once.

    Raises:
        ClockSkips: they skip it on some of the days.
    """
    time_of_day = first.starts_at.astimezone(zone).time().replace(fold=0)
    found, skipped = [], []
    for day in wanted:
        there = moments(datetime.combine(day, time_of_day), zone)
        if not there:
            skipped.append(day)
            continue
        starts_at = there[0]
        closes_at = starts_at - (first.starts_at - first.closes_at)
        opens_at = at if opens_before is None else starts_at - opens_before
        ends_at = starts_at + (first.ends_at - first.starts_at)
        found.append(When(starts_at, ends_at, min(opens_at, closes_at), closes_at))
    if skipped:
        raise ClockSkips(skipped)
    return found


# --- what a lecture lacks -----------------------------------------------------------------------------------------


def problems(plan: Plan, *, is_public: bool, at: datetime) -> list[str]:
    """Return codes of what keeps a lecture from being shown, whatever anybody thinks of its texts.

    Args:
        is_public: it already is; then nothing is said of its time any more.
    """
    found = [f"{part}-missing" for part in ("title", "summary", "learn") if not _there(plan.content.get(part))]
    if plan.mode is not Mode.ONLINE:
        found += [
            f"{name}-missing"
            for name, text in (("venue", plan.where.venue), ("address", plan.where.address))
            if not _there(text)
        ]
    if plan.mode is not Mode.IN_PERSON and not plan.where.online_url:
        found.append("online-missing")
    if not plan.details.telephone:
        found.append("telephone-missing")
    if not is_public and plan.when.starts_at <= at:
        found.append("over")
    return found


def _there(text: dict[str, str] | None) -> bool:
    return bool(text and text.get(Locale.HANS))
