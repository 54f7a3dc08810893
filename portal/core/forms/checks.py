"""Forms: what was typed, checked, kept, and shown again with its errors in the reader's language.

WTForms' own messages are only half translated (its zh_Hant is zh_Hans), so every message here is ours.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import StopValidation, ValidationError

Validator = Callable[[FlaskForm, Field], None]
Otherwise = TypeVar("Otherwise")

_MOMENT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}")


class Form(FlaskForm):  # type: ignore[misc]  # the library has no types
    """The base of every staff form; it carries the CSRF token."""

    class Meta:
        """Messages come from the validators below."""

        locales = ("en",)

    def refuse(self, field: str, message: Any) -> None:
        """Put an error that only the database could tell beside a field."""
        self[field].errors = [*self[field].errors, message]

    @property
    def wrong(self) -> list[Field]:
        """The fields that have errors, in the order of the page."""
        return [field for field in self if field.errors]


def stripped(value: str | None) -> str | None:
    """Remove white space around a value, and characters that no person types."""
    return None if value is None else value.replace("\x00", "").strip()


def required(message: Any = None) -> Validator:
    """Refuse an empty field."""

    def check(_form: FlaskForm, field: Field) -> None:
        if not field.data or (isinstance(field.data, str) and not field.data.strip()):
            raise StopValidation(message or _l("Please fill this in."))

    check.field_flags = {"required": True}  # type: ignore[attr-defined]  # WTForms reads this mark
    return check


def optional() -> Validator:
    """Skip the other checks of an empty field."""

    def check(_form: FlaskForm, field: Field) -> None:
        if not field.data or (isinstance(field.data, str) and not field.data.strip()):
            field.errors = []
            raise StopValidation

    return check


def at_most(limit: int) -> Validator:
    """Refuse text longer than `limit` characters."""

    def check(_form: FlaskForm, field: Field) -> None:
        if field.data and len(field.data) > limit:
            raise ValidationError(
                _l(
                    "This has %(count)d characters; at most %(limit)d fit. Please shorten it.",
                    count=len(field.data),
                    limit=limit,
                )
            )

    # No `maxlength` on the page: a browser would cut what is pasted without a word.
    return check


def one_line() -> Validator:
    """Refuse line breaks and other control characters: the value may stand in a mail header or a log line."""

    def check(_form: FlaskForm, field: Field) -> None:
        if field.data and not field.data.isprintable():
            raise ValidationError(_l("Line breaks and control characters cannot stand here."))

    return check


def mail_address() -> Validator:
    """Refuse what is not a mail address; nothing is asked of any server."""

    def check(_form: FlaskForm, field: Field) -> None:
        try:
            validate_email(field.data or "", check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            raise ValidationError(_l("This is not a mail address. It looks like name@example.org.")) from None

    return check


def known_choice(message: Any = None) -> Validator:
    """Refuse a value that is not among the field's choices (use with `validate_choice=False`)."""

    def check(_form: FlaskForm, field: Field) -> None:
        known = {str(choice.value) for choice in field.iter_choices()}
        given = field.data if isinstance(field.data, list) else [field.data]
        if not all(str(value) in known for value in given):
            raise ValidationError(message or _l("Please choose one of the options."))

    return check


def whole_number(text: str | None, *, otherwise: Otherwise) -> int | Otherwise:
    """Return the whole number that somebody sent, or `otherwise` where it is none, or none that anything could have."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else otherwise


def moment() -> Validator:
    """Refuse what is no day with a time, as browsers send it."""

    def check(_form: FlaskForm, field: Field) -> None:
        try:
            fits = _MOMENT.fullmatch(field.data or "") and 2000 < datetime.fromisoformat(field.data).year < 2200
        except ValueError:
            fits = False
        if not fits:
            raise ValidationError(gettext("Write day and time as 2026-12-31 18:00."))

    return check


def read_moment(form: Form, name: str, zone: ZoneInfo) -> datetime | None:
    """Return the moment that a checked field means in `zone`, or None after putting an error beside it.

    A time that the clocks skip or show twice is refused.
    """
    local = datetime.fromisoformat(form[name].data)
    first, second = local.replace(tzinfo=zone), local.replace(tzinfo=zone, fold=1)
    if first.utcoffset() != second.utcoffset():
        form.refuse(name, gettext("The clocks are changed at this time. Choose another one."))
        return None
    return first.astimezone(UTC)
