"""Somebody whom staff register by telephone, or over the counter."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, HiddenField, SelectMultipleField

from portal.core.forms import (
    Form,
    area,
    known_choice,
    line,
    optional,
    options,
    radio,
    required,
    select,
    whole,
    whole_number,
)
from portal.core.settings import Audience, Locale
from portal.events.models import Event
from portal.events.rules import questions as rules
from portal.events.rules.keeping import AccessNeed, Relation
from portal.events.rules.lectures import MOST_IN_A_GROUP, PLACES, Place
from portal.events.rules.questions import NO, YES, Question, QuestionKind
from portal.events.rules.seats import ContactKind, Kind, Source
from portal.events.rules.wishes import GuardianWish, Wish
from portal.messages.rules import LONGEST_ADDRESS, NoPhone, phone, recipient

PLACE_WORDS = {Place.IN_PERSON: _l("In the hall"), Place.ONLINE: _l("Online")}
CONTACT_WORDS = {
    ContactKind.PHONE: _l("By short message to a mobile number"),
    ContactKind.MAIL: _l("By mail"),
    ContactKind.NONE: _l("Not at all: you read the code out"),
}
NEED_WORDS = {
    AccessNeed.STEP_FREE: _l("Wheelchair or no stairs"),
    AccessNeed.HEARING: _l("Hearing loop"),
    AccessNeed.SIGN_LANGUAGE: _l("Sign language"),
    AccessNeed.LARGE_PRINT: _l("Large print"),
    AccessNeed.CARER: _l("Comes with a carer"),
    AccessNeed.OTHER: _l("Something else"),
}
RELATION_WORDS = {
    Relation.PARENT: _l("Mother or father"),
    Relation.GRANDPARENT: _l("Grandparent"),
    Relation.OTHER_GUARDIAN: _l("Another guardian"),
}


class PersonForm(Form):
    """Who comes, with how many, and how they hear from us."""

    request = HiddenField(validators=[required()])
    kind = radio(
        _l("Who comes"),
        ((Kind.PERSON.value, _l("A person, with company or without")), (Kind.GROUP.value, _l("A group"))),
        default=Kind.PERSON.value,
    )
    place = radio(_l("Where"), checks=[required()])
    name = line(_l("What to call the person"), 60, required())
    organisation = line(_l("Centre, school or company"), 120)
    seats = line(_l("How many come"), 3, required(), whole(1, MOST_IN_A_GROUP), default="1")
    contact_kind = radio(
        _l("How they hear from us"),
        ((one.value, word) for one, word in CONTACT_WORDS.items()),
        default=ContactKind.PHONE.value,
    )
    contact = line(_l("Mobile number or mail address"), LONGEST_ADDRESS)
    needs = SelectMultipleField(
        _l("What they need"),
        choices=options((one.value, word) for one, word in NEED_WORDS.items()),
        validate_choice=False,
        validators=[known_choice()],
    )
    access_note = area(_l("More on that"), 300)
    under_14 = BooleanField(_l("The person is under 14"))
    guardian_name = line(_l("Name of the guardian on the telephone"), 60)
    relation = select(
        _l("What they are to the child"),
        optional(),
        choices=(("", "–"), *((one.value, word) for one, word in RELATION_WORDS.items())),
    )

    def wish(self, event: Event, questions: Iterable[Question]) -> Wish | None:
        """Return what a form with no errors asks for, or None after putting errors beside fields."""
        kind, contact_kind = Kind(self.kind.data), ContactKind(self.contact_kind.data)
        contact = self._contact(contact_kind)
        under_14 = bool(self.under_14.data) and kind is Kind.PERSON
        guardian = self._guardian(contact_kind, contact) if under_14 else None
        answers = self._answers(questions)
        if kind is Kind.GROUP and not self.organisation.data:
            self.refuse("organisation", gettext("Say which centre, school or company comes."))
        if self.wrong:
            return None
        return Wish(
            place=Place(self.place.data),
            name=self["name"].data,
            locale=Locale.HANS,
            audience=Audience(event.audience),
            request=self.request.data,
            seats=whole_number(self.seats.data, otherwise=0),
            kind=kind,
            source=Source.STAFF,
            contact_kind=contact_kind,
            contact=contact,
            organisation=(self.organisation.data or "") if kind is Kind.GROUP else "",
            answers=answers,
            needs=frozenset(AccessNeed(value) for value in self.needs.data or ()),
            access_note=self.access_note.data or "",
            under_14=under_14,
            guardian=guardian,
        )

    def _contact(self, kind: ContactKind) -> str:
        typed = self.contact.data or ""
        if kind is ContactKind.NONE:
            return ""
        try:
            return phone(typed) if kind is ContactKind.PHONE else recipient(typed.lower())
        except NoPhone:
            self.refuse("contact", gettext("This is no mobile number of the mainland: 11 digits, such as 13812345678."))
        except ValueError:
            self.refuse("contact", gettext("This is not a mail address. It looks like name@example.org."))
        return ""

    def _guardian(self, kind: ContactKind, contact: str) -> GuardianWish | None:
        """Return the guardian, who speaks on the telephone and so confirms at once."""
        if not self.guardian_name.data:
            self.refuse("guardian_name", gettext("A child under 14 is registered by a guardian. Ask for their name."))
        if not self.relation.data:
            self.refuse("relation", gettext("Ask what they are to the child."))
        if kind is ContactKind.NONE:
            self.refuse("contact_kind", gettext("A guardian leaves a contact, so that they can take their word back."))
        if not (self.guardian_name.data and self.relation.data and contact):
            return None
        return GuardianWish(self.guardian_name.data, kind, contact, Relation(self.relation.data))

    def _answers(self, questions: Iterable[Question]) -> dict[str, str]:
        answers = {}
        for question in questions:
            try:
                answer = rules.answer(question, self[f"answer_{question.key}"].data or "")
            except rules.WrongAnswer as problem:
                words = {
                    "missing": gettext("Please fill this in."),
                    "unknown": gettext("Please choose one of the options."),
                    "long": gettext("Please shorten this."),
                    "signs": gettext("Line breaks and control characters cannot stand here."),
                }
                self.refuse(f"answer_{question.key}", words[problem.code])
            else:
                if answer:
                    answers[question.key] = answer
        return answers


def person_form(event: Event, questions: Iterable[Question], locale: Locale, **given: Any) -> PersonForm:
    """Return the form for a lecture, with a field for each of its questions."""
    fields: dict[str, Any] = {}
    for question in questions:
        label = rules.said(question.label, locale)[0]
        checks = [required()] if question.required else []
        if question.kind is QuestionKind.TEXT:
            fields[f"answer_{question.key}"] = line(label, rules.LONGEST_ANSWER, *checks)
            continue
        choices = [(one.key, rules.said(one.label, locale)[0]) for one in question.options]
        if question.kind is QuestionKind.YES_NO:
            choices = [(YES, gettext("Yes")), (NO, gettext("No"))]
        fields[f"answer_{question.key}"] = select(label, *(checks or [optional()]), choices=[("", "–"), *choices])
    form: PersonForm = type("PersonFormOfLecture", (PersonForm,), fields)(**given)
    form.place.choices = options((place.value, PLACE_WORDS[place]) for place in PLACES[event.mode])
    if len(PLACES[event.mode]) == 1 and not form.place.data:
        form.place.data = PLACES[event.mode][0].value
    if not event.takes_groups:
        del form.kind.choices[1:]
    return form


class SeatsOfForm(Form):
    """How many come now."""

    seats = line(_l("How many come"), 3, required(), whole(1, MOST_IN_A_GROUP))
