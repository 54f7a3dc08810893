"""Fields that the forms of every room are made of."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable
from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import Field, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from portal.core.forms.checks import Form, at_most, known_choice, one_line, stripped, whole_number

Choices = Iterable[tuple[str, Any]]
"""Values with their names."""
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*\Z")


def line(label: Any, limit: int, *checks: Any, default: str | None = None) -> StringField:
    """Return a field of one line."""
    return StringField(label, filters=[stripped], default=default, validators=[*checks, at_most(limit), one_line()])


def area(label: Any, limit: int, *checks: Any) -> TextAreaField:
    """Return a field of several lines."""
    return TextAreaField(label, filters=[_plain], validators=[*checks, at_most(limit)])


def _plain(value: str | None) -> str | None:
    """Return typed text with one kind of line end, and without control characters, which no database need store."""
    if value is None:
        return None
    return _CONTROL.sub("", value.replace("\r\n", "\n").replace("\r", "\n")).strip()


def select(label: Any, *checks: Any, choices: Choices = ()) -> SelectField:
    """Return a field with choices; those that only the database knows are set by the view."""
    return SelectField(label, choices=options(choices), validate_choice=False, validators=[*checks, known_choice()])


def radio(label: Any, choices: Choices = (), *, default: str | None = None, checks: Iterable[Any] = ()) -> RadioField:
    """Return a field of radio buttons."""
    return RadioField(
        label, choices=options(choices), default=default, validate_choice=False, validators=[*checks, known_choice()]
    )


def options(choices: Choices) -> list[SelectChoice]:
    """Return values with their names as WTForms takes them."""
    return [SelectChoice(value, label) for value, label in choices]


def whole(least: int, most: int) -> Any:
    """Refuse what is no whole number from `least` to `most`."""

    def check(_form: Form, field: Field) -> None:
        if not least <= whole_number(field.data, otherwise=least - 1) <= most:
            raise ValidationError(_l("Write a whole number from %(least)d to %(most)d.", least=least, most=most))

    return check


def known(names: Iterable[str], message: Any) -> Any:
    """Refuse a value that is not among `names`; empty is allowed."""
    there = set(names)

    def check(_form: Form, field: Field) -> None:
        if field.data and field.data not in there:
            raise ValidationError(message)

    return check


def name_in_address(reserved: Collection[str] = ()) -> Any:
    """Refuse what cannot stand in an address."""

    def check(_form: Form, field: Field) -> None:
        if not _SLUG.match(field.data or "") or field.data in reserved:
            raise ValidationError(_l("Small letters, digits and single hyphens only, such as safe-account."))

    return check
