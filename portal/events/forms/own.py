"""The forms of those who have registered, and of guardians."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from portal.core.settings import Audience
from portal.events.forms.fields import LONGEST_NAME, Typed
from portal.events.models import Registration
from portal.events.rules import keeping
from portal.events.rules.keeping import AccessNeed, Relation
from portal.events.rules.seats import ContactKind, Kind


class CorrectForm(Typed):
    """Name, contact and needs, as they are to be."""

    def __init__(
        self,
        values: MultiDict[str, str] | None,
        *,
        registration: Registration,
        needs: list[AccessNeed],
        audience: Audience,
    ) -> None:
        kind, contact = registration.contact_kind, registration.contact or ""
        has_needs = bool(needs or registration.access_note)
        defaults = {
            "name": [registration.name or ""],
            "contact_kind": [kind.value],
            "phone": [contact if kind is ContactKind.PHONE else ""],
            "mail": [contact if kind is ContactKind.MAIL else ""],
            "needs": [need.value for need in needs],
            "access_note": [registration.access_note or ""],
            "agree_access": ["y"] if has_needs else [],
        }
        super().__init__(values, audience=audience, defaults=defaults)
        self.may_be_none = registration.kind is Kind.PERSON
        self.correction = None if values is None else self._read()

    def _read(self) -> dict[str, Any] | None:
        name = self.line("name", longest=LONGEST_NAME, missing=lambda: gettext("Write what we may call you."))
        kind, contact = self.contact(may_be_none=self.may_be_none)
        needs, note = self.access()
        if self.errors:
            return None
        return {"name": name, "contact_kind": kind, "contact": contact, "needs": needs, "access_note": note}


class GuardianForm(Typed):
    """A guardian's word for a child."""

    def __init__(self, values: MultiDict[str, str] | None, *, audience: Audience, name: str) -> None:
        super().__init__(values, audience=audience, defaults={"guardian_name": [name]})
        self.name = ""
        self.relation: Relation | None = None
        if values is not None:
            self._read()

    def _read(self) -> None:
        self.name = self.line("guardian_name", longest=LONGEST_NAME, missing=lambda: gettext("Write your name."))
        self.relation = next((one for one in Relation if self.value("relation") == one), None)
        if self.relation is None:
            self.refuse("relation", gettext("Say what you are to the child."))
        if self.value("agree_child") != keeping.GUARDIAN_NOTE:
            self.refuse("agree_child", gettext("Tick this if you agree. If you do not, choose “I do not agree” below."))


class CodeForm(Typed):
    """A code that was kept, and the name that was given."""

    def __init__(self, values: MultiDict[str, str] | None, *, audience: Audience) -> None:
        super().__init__(values, audience=audience, defaults={})
        if values is None:
            return
        self.code = self.value("code")[:64]
        self.name = self.value("name")[: LONGEST_NAME * 2]
        if not self.code.strip():
            self.refuse("code", gettext("Write the code. It has eight signs."))
        if not self.name.strip():
            self.refuse("name", gettext("Write the name that you gave when you registered."))
