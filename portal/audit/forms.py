"""The filter above the log."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, SelectField, StringField
from wtforms.validators import ValidationError

from portal.audit.queries import Filter
from portal.core.forms import Form, at_most, known_choice, optional, stripped


def _a_day(_form: FlaskForm, field: Field) -> None:
    try:
        day = date.fromisoformat(field.data)
    except ValueError:
        day = None
    # Other calendars' edges cannot be moved into another time zone.
    if day is None or not 1900 <= day.year <= 9000:
        raise ValidationError(_l("This is not a day. It looks like 2026-11-22."))


class FilterForm(Form):
    """Which acts somebody wants to see. It changes nothing and stands in the address, so it carries no token."""

    class Meta:
        """Without the token."""

        csrf = False

    person = StringField(_l("Who"), [optional(), at_most(120)], filters=[stripped])
    tag = SelectField(_l("What was done"), [optional(), known_choice()], validate_choice=False)
    target = StringField(_l("To what"), [optional(), at_most(200)], filters=[stripped])
    since = StringField(_l("From this day"), [optional(), _a_day], filters=[stripped])
    until = StringField(_l("To this day"), [optional(), _a_day], filters=[stripped])

    def wanted(self, zone: ZoneInfo) -> Filter:
        """Return the filter; days are those of `zone`."""

        def begins(text: str | None, days: int = 0) -> datetime | None:
            day = date.fromisoformat(text) + timedelta(days=days) if text else None
            return datetime.combine(day, time(), zone) if day else None

        return Filter(
            person=self.person.data or "",
            tag=self.tag.data or "",
            target=self.target.data or "",
            since=begins(self.since.data),
            until=begins(self.until.data, days=1),
        )
