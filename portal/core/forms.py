"""Forms: what was typed, checked, kept, and shown again with its errors in the reader's language.

WTForms' own messages are only half translated (its zh_Hant is zh_Hans), so every message here is ours.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field
from wtforms.validators import StopValidation, ValidationError

Validator = Callable[[FlaskForm, Field], None]


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
