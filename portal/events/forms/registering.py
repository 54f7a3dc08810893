"""The forms by which people and groups register."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from flask_babel import gettext
from werkzeug.datastructures import MultiDict

from portal.core import crypto
from portal.core.forms import whole_number
from portal.core.settings import Audience, Locale
from portal.events.forms.fields import LONGEST_NAME, LONGEST_ORGANISATION, Typed
from portal.events.rules import keeping
from portal.events.rules import lectures as lecture_rules
from portal.events.rules import questions as asking
from portal.events.rules.keeping import Relation
from portal.events.rules.lectures import Place
from portal.events.rules.questions import Question, WrongAnswer
from portal.events.rules.seats import ContactKind, Kind

OLDER, UNDER_14 = "14", "under-14"
ME, ASK = "me", "ask"
HEADS, LIST = "heads", "list"
_REQUEST = re.compile(r"[A-Za-z0-9_-]{43}")


class EntryForm(Typed):
    """What the forms of people and of groups share."""

    def __init__(
        self,
        values: MultiDict[str, str] | None,
        *,
        places: tuple[Place, ...],
        questions: tuple[Question, ...],
        audience: Audience,
        locale: Locale,
        defaults: Mapping[str, list[str]],
    ) -> None:
        super().__init__(values, audience=audience, defaults=defaults)
        self.places = places
        self.questions = questions
        self.locale = locale
        self.wish: dict[str, Any] | None = None
        """What is asked for, checked: the parts of a `Wish`; None: something is wrong."""
        sent = self.value("request")
        self.is_stale = values is not None and not _REQUEST.fullmatch(sent)
        self.request = sent if _REQUEST.fullmatch(sent) else crypto.token()
        """Random, made with the page: the same page sent ten times is one registration."""

    def place(self) -> Place:
        """Return where the seats are to be."""
        if len(self.places) == 1:
            return self.places[0]
        chosen = next((place for place in self.places if self.value("place") == place), None)
        if chosen is None:
            self.refuse("place", gettext("Choose whether you come to the hall or listen online."))
        return chosen or self.places[0]

    def answers(self) -> dict[str, str]:
        """Return what was answered to the organiser's questions."""
        kept = {}
        for question in self.questions:
            try:
                kept[question.key] = asking.answer(question, self.value(field_of(question)))
            except WrongAnswer as wrong:
                self.refuse(field_of(question), _WRONG[wrong.code]())
        return {key: text for key, text in kept.items() if text}

    def agreed(self) -> None:
        """Refuse a form whose sender has not agreed to the text as it is today."""
        if self.is_stale:
            self.refuse("form", gettext("This page was open for very long. Look at it once more and send it again."))
        if self.value("agree") != keeping.PRIVACY_NOTE:
            self.refuse("agree", gettext("Read what we keep and tick the box. Without it we cannot register you."))


_WRONG = {
    "missing": lambda: gettext("The organiser needs an answer to this."),
    "unknown": lambda: gettext("Choose one of the answers."),
    "long": lambda: gettext("At most %(most)d characters, please.", most=asking.LONGEST_ANSWER),
    "signs": lambda: gettext("Write it on one line, please."),
}


def field_of(question: Question) -> str:
    """Return the name of a question's field."""
    return f"q-{question.key}"


class PersonForm(EntryForm):
    """One person with company; shown whole, or in the edition for the elderly one part at a time."""

    FIELDS: Mapping[str, tuple[str, ...]] = {
        "who": ("name",),
        "contact": ("contact_kind", "phone", "mail"),
        "seats": ("seats", "place", "age"),
        "guardian": ("guardian_is", "guardian_name", "relation", "guardian_contact", "agree_child"),
        "help": ("needs", "access_note", "agree_access"),
        "questions": (),
        "agree": ("agree",),
    }
    """The parts of the form, and what stands in each."""

    def __init__(self, values: MultiDict[str, str] | None, *, most_seats: int, **options: Any) -> None:
        young = options["audience"] == Audience.YOUTH
        defaults = {
            "contact_kind": [ContactKind.NONE.value if young else ContactKind.PHONE.value],
            "seats": ["1"],
            "age": [UNDER_14 if young else OLDER],
            "guardian_is": [ASK if young else ME],
        }
        super().__init__(values, defaults=defaults, **options)
        self.most = min(most_seats, lecture_rules.MOST_SEATS_EACH)
        self.wish = None if values is None else self._read()

    @property
    def is_child(self) -> bool:
        """Whether whoever comes is under 14."""
        return self.value("age") == UNDER_14

    def parts(self) -> list[str]:
        """Return the parts of this form that this lecture and this person need."""
        left = {"questions": not self.questions, "guardian": not self.is_child}
        return [part for part in self.FIELDS if not left.get(part)]

    def fields_of(self, part: str) -> tuple[str, ...]:
        """Return the fields of a part."""
        return tuple(field_of(one) for one in self.questions) if part == "questions" else self.FIELDS[part]

    def wrong_in(self, part: str) -> dict[str, str]:
        """Return the errors of one part."""
        return {name: said for name, said in self.errors.items() if name in self.fields_of(part)}

    def _read(self) -> dict[str, Any] | None:
        name = self.line("name", longest=LONGEST_NAME, missing=lambda: gettext("Write what we may call you."))
        kind, contact = self.contact()
        seats = whole_number(self.value("seats"), otherwise=0)
        if not 1 <= seats <= self.most:
            self.refuse("seats", gettext("Choose 1 to %(most)d seats.", most=self.most))
        place = self.place()
        if self.value("age") not in (OLDER, UNDER_14):
            self.refuse("age", gettext("Say whether the person who comes is 14 or older."))
        guardian = self._guardian(kind, contact) if self.is_child else None
        needs, note = self.access()
        answers = self.answers()
        self.agreed()
        if self.errors:
            return None
        return {
            "place": place,
            "name": name,
            "locale": self.locale,
            "audience": self.audience,
            "request": self.request,
            "seats": seats,
            "contact_kind": kind,
            "contact": contact,
            "answers": answers,
            "needs": needs,
            "access_note": note,
            "under_14": self.is_child,
            "guardian": guardian,
        }

    def _guardian(self, kind: ContactKind, contact: str) -> dict[str, Any]:
        """Return who speaks for the child; whoever registers it need not write their own contact twice."""
        is_me = self.value("guardian_is") == ME
        if self.value("guardian_is") not in (ME, ASK):
            self.refuse("guardian_is", gettext("Say who agrees for the child."))
        missing = gettext("Write the guardian's name.")
        name = self.line("guardian_name", longest=LONGEST_NAME, missing=lambda: missing)
        if is_me and contact and not self.value("guardian_contact").strip():
            reached = (kind, contact)
        else:
            reached = self.either("guardian_contact")
        relation = next((one for one in Relation if self.value("relation") == one), None) if is_me else None
        if is_me and relation is None:
            self.refuse("relation", gettext("Say what you are to the child."))
        if is_me and self.value("agree_child") != keeping.GUARDIAN_NOTE:
            self.refuse("agree_child", gettext("Tick this if you agree. Otherwise choose that we ask the guardian."))
        return {"name": name, "contact_kind": reached[0], "contact": reached[1], "relation": relation}


class GroupForm(EntryForm):
    """A community centre, a school or a company, with somebody who speaks for it."""

    def __init__(self, values: MultiDict[str, str] | None, **options: Any) -> None:
        young = options["audience"] == Audience.YOUTH
        defaults = {"contact_kind": [ContactKind.PHONE.value], "how": [HEADS], "children": ["y"] if young else []}
        super().__init__(values, defaults=defaults, **options)
        self.wish = None if values is None else self._read()

    def _read(self) -> dict[str, Any] | None:
        organisation = self.line(
            "organisation",
            longest=LONGEST_ORGANISATION,
            missing=lambda: gettext("Write which centre, school or company comes."),
        )
        name = self.line("name", longest=LONGEST_NAME, missing=lambda: gettext("Write whom we may call."))
        kind, contact = self.contact(may_be_none=False)
        members = self._members()
        seats = self._seats(members)
        place = self.place()
        needs, note = self.access()
        answers = self.answers()
        self.agreed()
        if self.errors:
            return None
        return {
            "place": place,
            "name": name,
            "locale": self.locale,
            "audience": self.audience,
            "request": self.request,
            "seats": seats,
            "kind": Kind.GROUP,
            "contact_kind": kind,
            "contact": contact,
            "organisation": organisation,
            "members": members,
            "answers": answers,
            "needs": needs,
            "access_note": note,
            "under_14": self.has("children", "y"),
        }

    def _seats(self, members: tuple[str, ...]) -> int:
        most = lecture_rules.MOST_IN_A_GROUP
        seats = whole_number(self.value("people").strip(), otherwise=0)
        if members and not self.value("people").strip():
            seats = len(members)
        if not 1 <= seats <= most:
            self.refuse("people", gettext("Write how many come, from 1 to %(most)d.", most=most))
        elif members and seats != len(members):
            said = gettext("You wrote %(people)d people and %(names)d names.", people=seats, names=len(members))
            self.refuse("people", said)
        return seats

    def _members(self) -> tuple[str, ...]:
        how = self.value("how")
        if how not in (HEADS, LIST):
            self.refuse("how", gettext("Choose whether you give a number or a list of names."))
        if how != LIST:
            return ()
        if self.has("children", "y"):
            # 个人信息保护法 6, 31: no name of a child without a guardian; a number is enough.
            said = gettext("With children under 14 in the group, give the number only. Their names stay with you.")
            self.refuse("how", said)
            return ()
        names = tuple(line.strip() for line in self.value("members").split("\n") if line.strip())
        if not names:
            self.refuse("members", gettext("Write the names, one on each line, or give a number only."))
        elif len(names) > lecture_rules.MOST_IN_A_GROUP:
            self.refuse("members", gettext("At most %(most)d names, please.", most=lecture_rules.MOST_IN_A_GROUP))
        elif not all(len(one) <= LONGEST_NAME and one.isprintable() for one in names):
            said = gettext("Write one name on each line, with at most %(most)d characters.", most=LONGEST_NAME)
            self.refuse("members", said)
        return names
