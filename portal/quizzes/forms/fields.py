"""Fields that the forms of questions and quizzes are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from portal.core.forms import Form, at_most, known_choice, one_line, stripped, whole_number
from portal.quizzes.rules.answers import number
from portal.quizzes.rules.bank import RESERVED

STEM, TEXT, OPTION = 8_000, 8_000, 2_000
"""Characters that fit."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


def name_in_address() -> Any:
    """Refuse what cannot stand in an address."""

    def check(_form: Form, field: Field) -> None:
        if not _SLUG.match(field.data or "") or field.data in RESERVED:
            raise ValidationError(_l("Small letters, digits and single hyphens only, such as safe-account."))

    return check


def known(names: Iterable[str], message: Any) -> Any:
    """Refuse a value that is not among `names`; empty is allowed."""
    there = set(names)

    def check(_form: Form, field: Field) -> None:
        if field.data and field.data not in there:
            raise ValidationError(message)

    return check


def percent() -> Any:
    """Refuse what is no share from -100 to 100 percent; empty is allowed."""

    def check(_form: Form, field: Field) -> None:
        value = number((field.data or "").removesuffix("%").removesuffix("％"))
        if field.data and (value is None or not -100 <= value <= 100):
            raise ValidationError(_l("Write a number from -100 to 100, such as 50."))

    return check


def a_number(*, least: float | None = None, pattern: str = "") -> Any:
    """Refuse what is no number; empty is allowed, and so is `pattern`."""

    def check(_form: Form, field: Field) -> None:
        value = number(field.data or "")
        if field.data and field.data != pattern and (value is None or (least is not None and value < least)):
            raise ValidationError(_l("Write a number, such as 3.5 or 2万."))

    return check


def line(label: Any, limit: int = OPTION, *checks: Any) -> StringField:
    """Return a field of one line."""
    return StringField(label, filters=[stripped], validators=[*checks, at_most(limit), one_line()])


def area(label: Any, limit: int = TEXT, *checks: Any) -> TextAreaField:
    """Return a field of several lines."""
    return TextAreaField(label, filters=[_plain], validators=[*checks, at_most(limit)])


def _plain(value: str | None) -> str | None:
    """Return typed text with one kind of line end, and without control characters, which no database need store."""
    if value is None:
        return None
    return _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


Choices = tuple[tuple[str, str], ...]
"""Values with their names."""


def select(label: Any, choices: Choices, *checks: Any) -> SelectField:
    """Return a field with choices."""
    return SelectField(label, choices=_of(choices), validate_choice=False, validators=[*checks, known_choice()])


def radio(label: Any, choices: Choices) -> RadioField:
    """Return a field of radio buttons."""
    return RadioField(label, choices=_of(choices), validate_choice=False, validators=[known_choice()])


def _of(choices: Choices) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in choices]


def whole(least: int, most: int) -> Any:
    """Refuse what is no whole number from `least` to `most`."""

    def check(_form: Form, field: Field) -> None:
        if not least <= whole_number(field.data, otherwise=least - 1) <= most:
            raise ValidationError(_l("Write a whole number from %(least)d to %(most)d.", least=least, most=most))

    return check
