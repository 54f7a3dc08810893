"""The forms of sign-in, of one's own account, and of the people's administration."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import PasswordField, SelectChoice, SelectField, SelectMultipleField, StringField

from portal.accounts.rules import EMAIL_LIMIT, LONGEST, NAME_LIMIT, SHORTEST, Role, Weakness
from portal.core.forms import Form, at_most, known_choice, mail_address, one_line, required, stripped
from portal.core.settings import Locale

LOCALE_CHOICES = [
    SelectChoice(Locale.HANS.value, "简体中文"),
    SelectChoice(Locale.HANT.value, "繁體中文"),
    SelectChoice(Locale.EN.value, "English"),
]

ROLE_NAMES: dict[Role, Any] = {
    Role.AUTHOR: _l("Author: writes and submits"),
    Role.REVIEWER: _l("Reviewer: approves and publishes, needs a second factor"),
    Role.ORGANISER: _l("Organiser: runs lectures"),
    Role.ANALYST: _l("Analyst: reads and exports figures"),
    Role.ADMINISTRATOR: _l("Administrator: looks after people, needs a second factor"),
}
ROLE_WORDS: dict[str, Any] = {
    Role.AUTHOR.value: _l("Author"),
    Role.REVIEWER.value: _l("Reviewer"),
    Role.ORGANISER.value: _l("Organiser"),
    Role.ANALYST.value: _l("Analyst"),
    Role.ADMINISTRATOR.value: _l("Administrator"),
}
ROLE_CHOICES = [SelectChoice(role.value, name) for role, name in ROLE_NAMES.items()]

WEAKNESSES: dict[Weakness, Any] = {
    Weakness.SHORT: _l(
        "Please use at least %(count)d characters. A short sentence is easy to remember.", count=SHORTEST
    ),
    Weakness.LONG: _l("Please use at most %(count)d characters.", count=LONGEST),
    Weakness.COMMON: _l("Many people use this password, so it is guessed first. Please think of another one."),
    Weakness.OWN: _l("This is hardly more than your name, your address or a word of the bank. Please add more to it."),
}


class SignIn(Form):
    """Who is there."""

    email = StringField(_l("E-mail"), [required(), at_most(EMAIL_LIMIT)], filters=[stripped])
    password = PasswordField(_l("Password"), [required()])


class Code(Form):
    """The second factor."""

    code = StringField(_l("Code"), [required(), at_most(100)], filters=[stripped])


class Password(Form):
    """Who is there still."""

    password = PasswordField(_l("Password"), [required()])


class Address(Form):
    """Where a reset goes."""

    email = StringField(_l("E-mail"), [required(), at_most(EMAIL_LIMIT), mail_address()], filters=[stripped])


class NewPassword(Form):
    """A first or another password."""

    password = PasswordField(_l("New password"), [required()])


class ChangePassword(Form):
    """Another password, by somebody who knows the present one."""

    current = PasswordField(_l("Present password"), [required()])
    password = PasswordField(_l("New password"), [required()])


class Profile(Form):
    """What a person is called, and their language."""

    name = StringField(_l("Name"), [required(), at_most(NAME_LIMIT), one_line()], filters=[stripped])
    locale = SelectField(
        _l("Language of the desk"), [required(), known_choice()], choices=LOCALE_CHOICES, validate_choice=False
    )


class Roles(Form):
    """What somebody may do."""

    roles = SelectMultipleField(
        _l("Roles"),
        [required(_l("Please choose at least one role.")), known_choice()],
        choices=ROLE_CHOICES,
        validate_choice=False,
    )


class Invite(Roles):
    """Somebody new."""

    name = StringField(_l("Name"), [required(), at_most(NAME_LIMIT), one_line()], filters=[stripped])
    email = StringField(_l("E-mail"), [required(), at_most(EMAIL_LIMIT), mail_address()], filters=[stripped])
    locale = SelectField(
        _l("Language of the desk"), [required(), known_choice()], choices=LOCALE_CHOICES, validate_choice=False
    )
