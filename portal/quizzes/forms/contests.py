"""What an organiser decides about a contest."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, Field, HiddenField, RadioField, SelectChoice, SelectField, StringField, TextAreaField
from wtforms.validators import ValidationError

from portal.core.forms import (
    Form,
    at_most,
    known_choice,
    moment,
    one_line,
    optional,
    read_moment,
    required,
    stripped,
    whole_number,
)
from portal.quizzes.models import Contest
from portal.quizzes.rules.bank import Contact, DrawnFrom
from portal.quizzes.rules.contests import LONGEST_BEACON, MOST_WINNERS

CONTACTS = {
    Contact.PHONE: _l("Mobile number"),
    Contact.STAFF_NUMBER: _l("Staff number"),
    Contact.NONE: _l("Nothing: winners come with their ticket"),
}
DRAWN = {
    DrawnFrom.EVERYBODY: _l("Everybody who enters, whatever their marks"),
    DrawnFrom.PASSED: _l("Whoever passes the quiz"),
}


def _slug(_form: Form, field: Field) -> None:
    if field.data and not re.fullmatch(r"[a-z0-9]+(?:-[a-z0-9]+)*", field.data):
        raise ValidationError(gettext("Small letters, digits and single hyphens only, such as spring-2027."))


def _prizes(_form: Form, field: Field) -> None:
    if whole_number(field.data, otherwise=MOST_WINNERS + 1) > MOST_WINNERS:
        raise ValidationError(gettext("Write a whole number from 0 to %(most)d.", most=MOST_WINNERS))


class TermsForm(Form):
    """What of a contest can be changed until it begins."""

    title = StringField(_l("Title"), filters=[stripped], validators=[required(), at_most(120), one_line()])
    prize = TextAreaField(_l("Prizes"), filters=[stripped], validators=[at_most(500)])
    opens = StringField(_l("Opens"), filters=[stripped], validators=[required(), moment()])
    closes = StringField(_l("Closes"), filters=[stripped], validators=[required(), moment()])
    contact = RadioField(
        _l("What people leave, so that each enters once"),
        choices=[SelectChoice(one.value, word) for one, word in CONTACTS.items()],
        default=Contact.PHONE.value,
        validate_choice=False,
        validators=[known_choice()],
    )
    has_leaderboard = BooleanField(_l("Show how the tickets stand, once it is over"))
    edits = HiddenField()
    """The state of the contest that the person has seen."""

    def show(self, contest: Contest, zone: ZoneInfo) -> None:
        """Fill the fields with what holds now."""
        self.title.data, self.prize.data, self.contact.data = contest.title, contest.prize, contest.contact.value
        self.opens.data, self.closes.data = (
            f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}" for moment in (contest.opens_at, contest.closes_at)
        )
        self.has_leaderboard.data = contest.has_leaderboard
        self.edits.data = str(contest.edits)

    def terms(self, zone: ZoneInfo, *, at: datetime, winners: int) -> dict[str, Any] | None:
        """Return what the form says, or None after putting errors beside fields.

        Args:
            winners: how many prizes are drawn.
        """
        opens_at, closes_at = read_moment(self, "opens", zone), read_moment(self, "closes", zone)
        if opens_at is None or closes_at is None:
            return None
        if closes_at <= max(opens_at, at):
            self.refuse("closes", gettext("It must close after it opens, and later than now."))
            return None
        if winners and not self.prize.data:
            self.refuse("prize", gettext("Say what can be won."))
            return None
        return {
            "title": self.title.data,
            "prize": self.prize.data or "",
            "opens_at": opens_at,
            "closes_at": closes_at,
            "contact": Contact(self.contact.data),
            "has_leaderboard": bool(self.has_leaderboard.data),
        }


class ContestForm(TermsForm):
    """A contest, with what its draw depends on, which stands once it is announced."""

    slug = StringField(_l("Name in the address"), filters=[stripped], validators=[required(), at_most(80), _slug])
    quiz = SelectField(_l("Quiz"), choices=[], validate_choice=False, validators=[required(), known_choice()])
    winners = StringField(
        _l("How many prizes are drawn"), filters=[stripped], default="0", validators=[required(), _prizes]
    )
    drawn_from = RadioField(
        _l("Who takes part in the draw"),
        choices=[SelectChoice(one.value, word) for one, word in DRAWN.items()],
        default=DrawnFrom.EVERYBODY.value,
        validate_choice=False,
        validators=[known_choice()],
    )
    beacon = StringField(
        _l("Public value for the draw"),
        filters=[stripped],
        validators=[optional(), at_most(LONGEST_BEACON), one_line()],
    )

    def values(self, zone: ZoneInfo, *, at: datetime) -> dict[str, Any] | None:
        """Return what the form says, or None after putting errors beside fields."""
        winners = int(self.winners.data)
        terms = self.terms(zone, at=at, winners=winners)
        return terms and {
            **terms,
            "slug": self.slug.data,
            "quiz_id": int(self.quiz.data),
            "drawn_from": DrawnFrom(self.drawn_from.data),
            "winners": winners,
            "beacon": self.beacon.data or "",
        }


class DrawForm(Form):
    """The draw."""

    beacon = StringField(
        _l("The public value"), filters=[stripped], validators=[optional(), at_most(LONGEST_BEACON), one_line()]
    )
