"""What somebody looks for in the list of lectures, as it stands in addresses."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date, timedelta
from urllib.parse import urlencode

from portal.core.settings import Audience

WEEK, MONTH = "week", "month"
_MONTH = re.compile(r"(20[0-9]{2}|21[0-9]{2})-(0[1-9]|1[0-2])")
_KEY = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
MOST_SIGNS = 80
MOST_PAGES = 999


def month_of(text: str) -> date | None:
    """Return the first day of a month that is written as 2026-11; None: it is none from 2000 to 2199."""
    return date.fromisoformat(f"{text}-01") if _MONTH.fullmatch(text) else None


def month_key(day: date) -> str:
    """Return how the month of a day stands in addresses."""
    return f"{day.year:04}-{day.month:02}"


def month_after(first: date, count: int = 1) -> date:
    """Return the first day of the month that comes `count` months after that of `first`."""
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


@dataclass(frozen=True, slots=True)
class Wanted:
    """The filters of the list. Whatever makes no sense in an address is left out, as if nobody had asked."""

    topic: str = ""
    audience: str = ""
    """Whom it is for; lectures for everybody are for them too."""
    district: str = ""
    when: str = ""
    """`week`, `month`, or a month such as `2026-11`."""
    online: bool = False
    past: bool = False

    @classmethod
    def read(cls, given: Mapping[str, str]) -> Wanted:
        """Return what an address asks for."""
        topic, audience, when = given.get("topic", ""), given.get("audience", ""), given.get("when", "")
        district = given.get("district", "").strip()
        return cls(
            topic=topic if len(topic) <= MOST_SIGNS and _KEY.fullmatch(topic) else "",
            audience=audience if audience in tuple(Audience) else "",
            district=district if len(district) <= MOST_SIGNS and district.isprintable() else "",
            when=when if when in (WEEK, MONTH) or month_of(when) else "",
            online=given.get("online") == "1",
            past=given.get("past") == "1",
        )

    def query(self, **changed: object) -> str:
        """Return the part of an address after the path: these filters with some changed; empty where there are none.

        Args:
            changed: filters by name, and what else is to stand there.
        """
        known = {name: value for name, value in changed.items() if name in self.__slots__}
        values = {**asdict(replace(self, **known)), **changed}  # type: ignore[arg-type]  # named like the fields
        told = {name: "1" if value is True else value for name, value in values.items() if value}
        return f"?{urlencode(told)}" if told else ""

    @property
    def narrows(self) -> bool:
        """Whether any filter is set; `past` is another list rather than a filter."""
        return replace(self, past=False) != Wanted()

    def days(self, today: date) -> tuple[date, date] | None:
        """Return the first day that is looked at and the one after the last; None: any day."""
        if self.when == WEEK:
            first = today - timedelta(days=today.weekday())
            return first, first + timedelta(days=7)
        month = today.replace(day=1) if self.when == MONTH else month_of(self.when)
        return (month, month_after(month)) if month else None


def page_of(text: str) -> int:
    """Return the number of the page that an address asks for; the first where it makes no sense."""
    fits = text.isascii() and text.isdigit() and len(text) <= len(str(MOST_PAGES))
    return max(1, int(text)) if fits else 1
