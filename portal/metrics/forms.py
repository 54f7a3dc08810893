"""What staff type for a quarter: figures the portal cannot count, targets, texts, what came to light later."""

from __future__ import annotations

import math

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import Field, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from portal.core.forms import Form, Validator, at_most, known_choice, one_line, required, stripped
from portal.metrics.rules.closing import LONGEST_TEXT, Section
from portal.metrics.rules.targets import ENTERED, UNITS, Measure, TargetUnit
from portal.reference.rules import quarters

LARGEST = 1_000_000_000


def number(text: str | None) -> float | None:
    """Return the number that somebody typed, full-width digits too; None: it is none."""
    try:
        found = float((text or "").replace(",", "").replace("\uff0c", ""))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def amount() -> Validator:
    """Refuse what is no number from 0 on."""

    def check(_form: FlaskForm, field: Field) -> None:
        found = number(field.data)
        if found is None or not 0 <= found <= LARGEST:
            raise ValidationError(gettext("Write a number from 0 on, such as 44."))

    return check


def quarter_name() -> Validator:
    """Refuse what is no quarter."""

    def check(_form: FlaskForm, field: Field) -> None:
        if not quarters.NAME.fullmatch(field.data or ""):
            raise ValidationError(gettext("A quarter looks like 2026Q3."))

    return check


class EntryForm(Form):
    """A figure that the portal cannot count."""

    measure = SelectField(_l("Figure"), validate_choice=False, validators=[required(), known_choice()])
    numerator = StringField(_l("Part"), filters=[stripped], validators=[required(), amount()])
    denominator = StringField(_l("Of all"), filters=[stripped], validators=[required(), amount()])
    source = StringField(
        _l("Where the figure comes from"), filters=[stripped], validators=[required(), one_line(), at_most(300)]
    )
    signer = StringField(
        _l("Who answers for it"), filters=[stripped], validators=[required(), one_line(), at_most(120)]
    )


class UploadForm(Form):
    """A table of answers before and after."""

    file = FileField(_l("CSV file"), validators=[required(_l("Please choose a CSV file."))])


class SurveyForm(Form):
    """The word to take a survey in."""

    name = StringField(
        _l("What was asked, and where"), filters=[stripped], validators=[required(), one_line(), at_most(120)]
    )
    signer = StringField(
        _l("Who answers for it"), filters=[stripped], validators=[required(), one_line(), at_most(120)]
    )


class TargetForm(Form):
    """What is to be reached."""

    aimed = SelectField(_l("Figure"), validate_choice=False, validators=[required(), known_choice()])
    value = StringField(_l("At least"), filters=[stripped], validators=[required(), amount()])
    unit = SelectField(_l("Counted as"), validate_choice=False, validators=[required(), known_choice()])
    since = StringField(_l("From this quarter on"), filters=[stripped], validators=[required(), quarter_name()])

    def validate(self, extra_validators: dict[str, list[Validator]] | None = None) -> bool:
        """Check that the unit fits the figure."""
        is_valid = bool(super().validate(extra_validators))
        if is_valid and TargetUnit(self.unit.data) not in UNITS[Measure(self.aimed.data)]:
            self.refuse("unit", gettext("This target cannot be given in this unit."))
            return False
        if is_valid and self.unit.data != TargetUnit.COUNT and (number(self.value.data) or 0) > 100:
            self.refuse("value", gettext("A share is at most 100."))
            return False
        return is_valid

    @property
    def share(self) -> float:
        """The value as it is stored: percents as shares of 1."""
        found = number(self.value.data) or 0.0
        return found if self.unit.data == TargetUnit.COUNT else found / 100


class TextForm(Form):
    """A section of the report."""

    section = SelectField(_l("Section"), validate_choice=False, validators=[required(), known_choice()])
    text = TextAreaField(_l("Text"), filters=[stripped], validators=[required(), at_most(LONGEST_TEXT)])


class AmendForm(Form):
    """What came to light after a quarter was closed."""

    found = StringField(
        _l("What came to light"), filters=[stripped], validators=[required(), one_line(), at_most(1_000)]
    )


ENTERED_KEYS = [one.value for one in ENTERED]
MEASURE_KEYS = [one.value for one in Measure]
UNIT_KEYS = [one.value for one in TargetUnit]
SECTION_KEYS = [one.value for one in Section]
