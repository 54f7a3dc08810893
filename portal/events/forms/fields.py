"""What the forms of the public share: values as they were typed, kept with their errors, and checked by name.

These forms carry no token of a session and no names of fields that a browser would fill from elsewhere; they are plain
values, so that a page can show one part of them at a time and carry the rest along.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from portal.core.settings import Audience
from portal.events.rules.keeping import AccessNeed
from portal.events.rules.seats import ContactKind
from portal.messages.rules import NoPhone, phone

LONGEST_NAME = 40
LONGEST_NOTE = 300
LONGEST_ORGANISATION = 80
LONGEST_MAIL = 254
_REASONABLE = 20_000
"""Characters that are shown again of a field; nobody types more into any."""


class Typed:
    """What somebody typed into a form of the public, or what the form begins with.

    Args:
        values: as they were sent; None: the form is shown for the first time.
        defaults: what it begins with.
    """

    def __init__(
        self, values: MultiDict[str, str] | None, *, audience: Audience, defaults: Mapping[str, Iterable[str]]
    ) -> None:
        self.audience = audience
        self.is_new = values is None
        self.errors: dict[str, str] = {}
        """By field, in the order of the page; `form` for what belongs to none."""
        if values is None:
            self._values = {name: list(found) for name, found in defaults.items()}
        else:
            self._values = {name: [_evened(one[:_REASONABLE]) for one in values.getlist(name)] for name in values}

    def value(self, name: str) -> str:
        """Return what stands in a field."""
        return next(iter(self._values.get(name, [])), "")

    def has(self, name: str, value: str) -> bool:
        """Return whether one of several choices of a field is made."""
        return value in self._values.get(name, [])

    def carried(self, shown: Iterable[str]) -> list[tuple[str, str]]:
        """Return the fields that a page which shows only some carries along, unseen."""
        left = set(shown) | {"step", "go", "request"}
        return [(name, one) for name, found in self._values.items() if name not in left for one in found]

    def refuse(self, name: str, message: str) -> None:
        """Put an error beside a field; the first one stands."""
        self.errors.setdefault(name, self.voiced(message))

    def voiced(self, message: str) -> str:
        """Return a sentence in the voice of the edition: the young are addressed as such."""
        return voiced(message, self.audience)

    # --- checks

    def line(self, name: str, *, longest: int, missing: Callable[[], str] | None = None) -> str:
        """Return one line of text without what surrounds it.

        Args:
            missing: what is said where it is empty; None: it may be.
        """
        text = self.value(name).strip()
        if not text and missing is not None:
            self.refuse(name, missing())
        elif len(text) > longest:
            self.refuse(name, gettext("At most %(most)d characters, please.", most=longest))
        elif not text.isprintable():
            self.refuse(name, gettext("Write it on one line, please."))
        return text

    def lines(self, name: str, *, longest: int) -> str:
        """Return text of several lines."""
        text = self.value(name).strip()
        if len(text) > longest:
            self.refuse(name, gettext("At most %(most)d characters, please.", most=longest))
        elif not all(line.isprintable() for line in text.split("\n")):
            self.refuse(name, gettext("There are signs in it that cannot be kept. Type it again, please."))
        return text

    def telephone(self, name: str) -> str:
        """Return a mobile number in its one form."""
        try:
            return phone(self.value(name))
        except NoPhone:
            said = gettext("This is no mainland mobile number. It has 11 digits and begins with 1.")
            self.refuse(name, said if self.value(name).strip() else gettext("Write your mobile number."))
            return ""

    def mail(self, name: str) -> str:
        """Return a mail address in its one form."""
        text = self.value(name).strip()
        try:
            if len(text) > LONGEST_MAIL:
                raise EmailNotValidError
            found = validate_email(text, check_deliverability=False, test_environment=True)
        except EmailNotValidError:
            said = gettext("This is not a mail address. It looks like name@example.org.")
            self.refuse(name, said if text else gettext("Write your mail address."))
            return ""
        return found.normalized.lower()

    def contact(self, *, may_be_none: bool = True) -> tuple[ContactKind, str]:
        """Return the one contact that somebody chose."""
        kind = self.value("contact_kind")
        if kind == ContactKind.PHONE:
            return ContactKind.PHONE, self.telephone("phone")
        if kind == ContactKind.MAIL:
            return ContactKind.MAIL, self.mail("mail")
        if kind != ContactKind.NONE or not may_be_none:
            self.refuse("contact_kind", gettext("Choose one way to reach you."))
        return ContactKind.NONE, ""

    def either(self, name: str) -> tuple[ContactKind, str]:
        """Return a contact that is a mobile number or a mail address, as it was typed."""
        if "@" in self.value(name):
            return ContactKind.MAIL, self.mail(name)
        return ContactKind.PHONE, self.telephone(name)

    def access(self) -> tuple[frozenset[AccessNeed], str]:
        """Return what somebody needs in order to take part, which is kept only if they agree to that by itself."""
        found = frozenset(need for need in AccessNeed if self.has("needs", need))
        note = self.lines("access_note", longest=LONGEST_NOTE)
        if (found or note) and not self.has("agree_access", "y"):
            said = gettext("Tick this as well, or tell us nothing of what you need: without it we may not keep it.")
            self.refuse("agree_access", said)
        return found, note


def _evened(text: str) -> str:
    """Return text as it was meant: every kind of space is one, and signs that nobody sees are none."""
    plain = text.replace("\x00", "").replace("\r\n", "\n")
    if plain.isascii():
        return plain
    kinds = [(letter, unicodedata.category(letter)) for letter in plain]
    return "".join(" " if kind == "Zs" else letter for letter, kind in kinds if kind != "Cf")


def voiced(message: str, audience: str) -> str:
    """Return a sentence in the voice of an edition."""
    return message.replace("您", "你") if audience == Audience.YOUTH else message
