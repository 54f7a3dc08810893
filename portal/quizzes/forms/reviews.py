"""What is typed about submitting and deciding on questions and quizzes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, SelectMultipleField, StringField, TextAreaField

from portal.core.forms import Form, at_most, known_choice, one_line, required, stripped


class SubmitForm(Form):
    """Questions and quizzes to submit as a set."""

    documents = SelectMultipleField(
        _l("What is submitted"), choices=[], coerce=str, validate_choice=False,
        validators=[required(_l("Choose at least one question or quiz.")), known_choice()],
    )  # fmt: skip
    note = StringField(_l("Note for the reviewer"), filters=[stripped], validators=[at_most(500), one_line()])


class DecideForm(Form):
    """A reviewer's opinion."""

    opinion = TextAreaField(_l("Opinion"), filters=[stripped], validators=[at_most(4_000)])


class WaiveForm(Form):
    """A finding that may stand."""

    finding = HiddenField(validators=[required(), at_most(20)])
    reason = StringField(_l("Why it may stand"), filters=[stripped], validators=[required(), at_most(500), one_line()])
