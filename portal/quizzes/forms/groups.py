"""What an organiser types about a group."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField

from portal.core.forms import (
    Form,
    at_most,
    known_choice,
    moment,
    one_line,
    optional,
    read_moment,
    required,
    stripped,
)


class GroupForm(Form):
    """A class or a community centre that takes a quiz together."""

    label = StringField(_l("Class or place"), filters=[stripped], validators=[required(), at_most(120), one_line()])
    quiz = SelectField(_l("Quiz"), choices=[], validate_choice=False, validators=[required(), known_choice()])
    closes = StringField(_l("Open until"), filters=[stripped], validators=[optional(), moment()])

    def closes_at(self, zone: ZoneInfo, *, at: datetime) -> datetime | None:
        """Return when the code ends; None: never, or an error stands beside the field."""
        if not self.closes.data:
            return None
        found = read_moment(self, "closes", zone)
        if found is not None and found <= at:
            self.refuse("closes", gettext("This is past already. Choose a later time, or leave it empty."))
            return None
        return found
