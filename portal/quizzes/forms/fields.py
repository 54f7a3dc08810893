"""Fields that the forms of questions and quizzes are made of."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, StringField, TextAreaField
from wtforms.validators import ValidationError

from portal.core.forms import Form
from portal.core.forms import area as core_area
from portal.core.forms import line as core_line
from portal.quizzes.rules.answers import number

STEM, TEXT, OPTION = 8_000, 8_000, 2_000
"""Characters that fit."""


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
    """Return a field of one line; by default as long as an option."""
    return core_line(label, limit, *checks)


def area(label: Any, limit: int = TEXT, *checks: Any) -> TextAreaField:
    """Return a field of several lines; by default as long as an explanation."""
    return core_area(label, limit, *checks)
