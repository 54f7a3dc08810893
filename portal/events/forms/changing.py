"""What is typed about moving a lecture, calling it off, its seats, who runs it, what it cost; and about its review."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, SelectMultipleField
from wtforms.validators import ValidationError

from portal.core.forms import Form, area, known_choice, line, optional, radio, required, select, whole, whole_number
from portal.events.forms.desk_fields import clock_time
from portal.events.forms.plan import PlaceFields, TimeFields
from portal.events.rules import plans as rules
from portal.events.rules.lectures import MOST_CAPACITY
from portal.events.rules.plans import MOST_REPEATS, Every

EVERY = {
    Every.WEEK: _l("Every week"),
    Every.FORTNIGHT: _l("Every two weeks"),
    Every.MONTH: _l("Every month, on the same day"),
}
MOST_CENTS = 10**11
_MONEY = re.compile(r"([0-9]{1,9})(?:\.([0-9]{1,2}))?")
_PAIR = re.compile(r"([0-9]{1,15}):([0-9]{1,9})", re.ASCII)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class SeriesFields(Form):
    """A step that can be taken for several dates of a series in one go."""

    series = BooleanField()
    dates = HiddenField()
    """Which dates the page listed, each with the number that was read of it, such as `12:3 13:1`."""

    def listed(self) -> dict[int, int]:
        """Return the number that was read by the id of the lecture; empty: what was sent is no such list."""
        found = [_PAIR.fullmatch(pair) for pair in (self.dates.data or "").split()]
        return {int(pair[1]): int(pair[2]) for pair in found if pair} if all(found) else {}


class SubmitForm(SeriesFields):
    """A text that a second person is asked to look at."""

    base = HiddenField()
    note = line(_l("Note for the reviewer"), 500)


class DecideForm(SeriesFields):
    """What the second person says; reasons for letting findings stand are fields of the page."""

    number = HiddenField()
    opinion = area(_l("Opinion"), 4_000)


class MoveForm(TimeFields, PlaceFields, Form):
    """Another time or place."""

    base = HiddenField()
    confirmed = HiddenField()

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.twice: dict[str, Any] = {}

    def times(self, zone: ZoneInfo, *, at: datetime) -> tuple[datetime, datetime] | None:
        """Return when it begins and ends then, or None after putting errors beside fields."""
        starts_at = clock_time(self, "starts", zone)
        if starts_at is None:
            return None
        if starts_at <= at:
            self.refuse("starts", gettext("This time is over. Choose a later one."))
            return None
        return starts_at, starts_at + timedelta(minutes=int(self.minutes.data))


class CallOffForm(SeriesFields):
    """Why a lecture does not take place."""

    base = HiddenField()
    reason = line(_l("Reason, as people read it"), 300, required())
    confirmed = HiddenField()


class SeatsForm(Form):
    """How many seats there are in one place."""

    place = HiddenField()
    capacity = line(_l("Seats"), 6, required(), whole(0, MOST_CAPACITY))


class StaffForm(Form):
    """Who runs a lecture."""

    owner = select(_l("Runs it"), required())
    runs = SelectMultipleField(_l("Run it as well"), choices=[], validate_choice=False, validators=[known_choice()])
    door = SelectMultipleField(
        _l("At the door on the day"), choices=[], validate_choice=False, validators=[known_choice()]
    )


def _money(_form: Form, field: Field) -> None:
    if not _MONEY.fullmatch(field.data or ""):
        raise ValidationError(gettext("Write an amount in yuan, such as 1280 or 1280.50."))


class ReportForm(Form):
    """What a lecture cost, and what was handed out."""

    cost = line(_l("Cost in yuan"), 12, optional(), _money)
    materials = line(_l("Leaflets and the like that were handed out"), 7, optional(), whole(0, 1_000_000))

    def values(self) -> tuple[int | None, int | None]:
        """Return what a form with no errors says: the cost in cents, and how many things."""
        found = _MONEY.fullmatch(self.cost.data or "")
        cents = int(found[1]) * 100 + int((found[2] or "").ljust(2, "0")) if found else None
        return cents, whole_number(self.materials.data, otherwise=None)


class RepeatForm(Form):
    """Further days of a lecture."""

    name = line(_l("Name of the series"), 120, required())
    how = radio(
        _l("When"),
        (*((one.value, word) for one, word in EVERY.items()), ("days", _l("On the days below"))),
        default=Every.WEEK.value,
    )
    times = line(_l("How many further times"), 3, optional(), whole(1, MOST_REPEATS), default="3")
    days = area(_l("Days, one a line"), 20 * MOST_REPEATS)
    opens_days = line(_l("Registration opens how many days before"), 4, optional(), whole(0, 3650))

    def wanted(self, first: date) -> list[date] | None:
        """Return the days, or None after putting errors beside fields."""
        if self.how.data != "days":
            if not self.times.data:
                self.refuse("times", gettext("Say how many further times."))
                return None
            return rules.days(first, every=Every(self.how.data), times=int(self.times.data))
        found = []
        for text in (self.days.data or "").split():
            try:
                if not _DAY.fullmatch(text):
                    raise ValueError(text)
                found.append(date.fromisoformat(text))
            except ValueError:
                self.refuse("days", gettext("%(text)s is no day. Write days as 2026-12-31.", text=text[:20]))
                return None
        if not found or len(found) > MOST_REPEATS:
            self.refuse("days", gettext("Write 1 to %(most)d days.", most=MOST_REPEATS))
            return None
        return found


class TemplateForm(Form):
    """The name of a template."""

    name = line(_l("Name of the template"), 120, required())
    instead = BooleanField(_l("Replace the template of this name"))
