"""What staff type about articles, checked."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import (
    Field,
    HiddenField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.validators import ValidationError

from portal.articles.rules import Kind
from portal.core.forms import Form, at_most, known_choice, name_in_address, one_line, required, stripped


def day() -> Any:
    """Refuse what is not a day."""

    def check(_form: Form, field: Field) -> None:
        try:
            date.fromisoformat(field.data or "")
        except ValueError:
            raise ValidationError(_l("Write the day as 2026-11-22.")) from None

    return check


class NewForm(Form):
    """An article to begin."""

    kind = RadioField(_l("Kind"), choices=[], validate_choice=False, validators=[known_choice()], default=Kind.ARTICLE)
    slug = StringField(
        _l("Name in the address"), filters=[stripped], validators=[required(), at_most(80), name_in_address()]
    )
    topic = SelectField(_l("Topic"), choices=[], validate_choice=False, validators=[required(), known_choice()])


class TextForm(Form):
    """One edition's text."""

    base = HiddenField(default="0")
    title = StringField(_l("Title"), filters=[stripped], validators=[required(), at_most(120), one_line()])
    summary = StringField(_l("Summary"), filters=[stripped], validators=[required(), at_most(300), one_line()])
    hook = StringField(_l("Hook on the home page"), filters=[stripped], validators=[at_most(80), one_line()])
    body = TextAreaField(_l("Text"), validators=[required()])
    note = StringField(_l("What you changed and why"), filters=[stripped], validators=[at_most(300), one_line()])


class SubmitForm(Form):
    """Editions to submit as a set."""

    editions = SelectMultipleField(
        _l("Editions"), choices=[], coerce=str, validate_choice=False,
        validators=[required(_l("Choose at least one edition.")), known_choice()],
    )  # fmt: skip
    note = StringField(_l("Note for the reviewer"), filters=[stripped], validators=[at_most(500), one_line()])


class WithdrawForm(Form):
    """Editions to take from the public."""

    editions = SelectMultipleField(
        _l("Editions"), choices=[], coerce=str, validate_choice=False,
        validators=[required(_l("Choose at least one edition.")), known_choice()],
    )  # fmt: skip
    note = StringField(
        _l("What readers are told"), filters=[stripped], validators=[required(), at_most(300), one_line()]
    )
    to = StringField(_l("Article to point to"), filters=[stripped], validators=[at_most(80)])


class AloneForm(Form):
    """An alert to publish without a second person."""

    reason = StringField(
        _l("Why it cannot wait"), filters=[stripped], validators=[required(), at_most(500), one_line()]
    )


class DecideForm(Form):
    """A reviewer's opinion."""

    opinion = TextAreaField(_l("Opinion"), filters=[stripped], validators=[at_most(4_000)])


class WaiveForm(Form):
    """A finding that may stand."""

    finding = HiddenField(validators=[required()])
    reason = StringField(_l("Why it may stand"), filters=[stripped], validators=[required(), at_most(500), one_line()])


class ScheduleForm(Form):
    """A day and a time in the site's zone."""

    day = StringField(_l("Day"), filters=[stripped], validators=[required(), day()])
    time = StringField(_l("Time"), filters=[stripped], validators=[required()])

    def moment(self, zone: ZoneInfo) -> datetime | None:
        """Return the moment that is meant, or None after putting an error beside the field.

        A time that the clocks skip is refused, and one that they show twice is asked about.
        """
        match = re.fullmatch(r"([01]?[0-9]|2[0-3])[:：]([0-5][0-9])", self.time.data or "")
        if not match:
            self.refuse("time", gettext("Write the time as 09:30."))
            return None
        local = datetime.fromisoformat(self.day.data).replace(hour=int(match[1]), minute=int(match[2]))
        first, second = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
        if first.utcoffset() != second.utcoffset():
            self.refuse("time", gettext("The clocks are changed at this time. Choose another one."))
            return None
        return first


class OwnersForm(Form):
    """Who looks after an article."""

    owner = SelectField(_l("Owner"), choices=[], validate_choice=False, validators=[known_choice()])
    deputy = SelectField(_l("Deputy"), choices=[], validate_choice=False, validators=[known_choice()])


class ConfirmFactsForm(Form):
    """The facts were checked again."""

    review_by = StringField(_l("To be checked again by"), filters=[stripped], validators=[required(), day()])


class PreviewForm(Form):
    """An address for somebody without an account."""

    note = StringField(_l("For whom"), filters=[stripped], validators=[required(), at_most(120), one_line()])
    days = SelectField(_l("For how long"), choices=[], validate_choice=False, validators=[known_choice()])
