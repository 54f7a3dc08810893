"""A lecture as an organiser types it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, Field, HiddenField
from wtforms.validators import ValidationError

from portal.core.forms import Form, area, line, moment, optional, radio, required, select, whole, whole_number
from portal.core.settings import Audience
from portal.events.forms.desk_fields import (
    LONGEST_URL,
    by_language,
    clock_time,
    fold_field,
    https,
    telephone,
    typed_by_language,
    typed_moment,
)
from portal.events.forms.questions import QuestionFields, questions_of, typed_questions
from portal.events.rules import plans as rules
from portal.events.rules.lectures import LONGEST, MOST_CAPACITY, MOST_SEATS_EACH, PLACES, Mode, Place
from portal.events.rules.plans import TEXTS, Details, Plan, When, Where
from portal.events.rules.spelling import as_known

MODES = {Mode.IN_PERSON: _l("In a hall"), Mode.ONLINE: _l("Online"), Mode.HYBRID: _l("In a hall and online")}
SEATS = {Place.IN_PERSON: "seats_hall", Place.ONLINE: "seats_online"}
ARTICLES = tuple(f"article_{number}" for number in range(1, 6))
LONGEST_MINUTES = int(LONGEST.total_seconds()) // 60
TIME_FIELDS = frozenset({"starts", "starts_fold", "opens", "opens_fold", "closes", "closes_fold"})
OF_ONE = TIME_FIELDS | {"base", "slug", "csrf_token"}
"""Fields that belong to one lecture, and to no template."""


def _slug(_form: Form, field: Field) -> None:
    if field.data and not rules.is_slug(field.data):
        raise ValidationError(gettext("Small letters, digits and single hyphens only, such as savings-talk-may."))


class TimeFields:
    """When a lecture is held."""

    starts = line(_l("Begins"), 30, required(), moment())
    starts_fold = fold_field()
    minutes = line(_l("How many minutes it takes"), 5, required(), whole(5, LONGEST_MINUTES), default="90")


class PlaceFields:
    """Where a lecture is held."""

    venue_hans = line(_l("Venue"), 120)
    venue_en = line(_l("Venue in English"), 120)
    address_hans = line(_l("Address"), 200)
    address_en = line(_l("Address in English"), 200)
    map_url = line(_l("Address of a map"), LONGEST_URL, https())
    online_url = line(_l("Address of the online meeting"), LONGEST_URL, https())


class PlanForm(TimeFields, PlaceFields, QuestionFields, Form):
    """Everything that is planned of a lecture; what only other steps may change is taken out once it is public."""

    base = HiddenField()
    slug = line(_l("Name in the address"), rules.LONGEST_SLUG, _slug)
    title_hans = line(_l("Title"), 60, required())
    title_en = line(_l("Title in English"), 120)
    summary_hans = area(_l("Summary"), 300)
    summary_en = area(_l("Summary in English"), 600)
    learn_hans = area(_l("What people will learn"), 1000)
    learn_en = area(_l("What people will learn, in English"), 2000)
    speaker_hans = line(_l("Speaker"), 200)
    speaker_en = line(_l("Speaker in English"), 200)
    materials_hans = area(_l("Materials"), 500)
    materials_en = area(_l("Materials in English"), 1000)
    topic = select(_l("Topic"), required())
    audience = select(_l("For which people"), required())
    article_1 = line(_l("Article to read, 1"), 80)
    article_2 = line(_l("Article to read, 2"), 80)
    article_3 = line(_l("Article to read, 3"), 80)
    article_4 = line(_l("Article to read, 4"), 80)
    article_5 = line(_l("Article to read, 5"), 80)
    pre_quiz = line(_l("Quiz before"), 80)
    post_quiz = line(_l("Quiz after"), 80)
    mode = radio(_l("How it is held"), MODES.items(), default=Mode.IN_PERSON.value)
    seats_hall = line(_l("Seats in the hall"), 6, default="40")
    seats_online = line(_l("Places online"), 6)
    opens = line(_l("Registration opens"), 30, optional(), moment())
    opens_fold = fold_field()
    closes = line(_l("Registration closes"), 30, optional(), moment())
    closes_fold = fold_field()
    step_free = BooleanField(_l("Step-free access"))
    hearing_loop = BooleanField(_l("Hearing loop"))
    sign_language = BooleanField(_l("Sign language"))
    access_note_hans = area(_l("More on access"), 300)
    access_note_en = area(_l("More on access, in English"), 600)
    telephone = line(_l("Telephone for registering, changing and cancelling"), 40, telephone())
    most_seats = line(_l("Most seats for one registration"), 2, required(), whole(1, MOST_SEATS_EACH), default="4")
    takes_groups = BooleanField(_l("Groups may register"), default=True)
    district = line(_l("District"), 80)
    branch = line(_l("Branch"), 120)
    campaign = line(_l("Campaign"), 120)

    twice: dict[str, Any]
    """Fields whose time the clocks show twice, with what can be meant."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.twice = {}

    def without_facts(self) -> PlanForm:
        """Take out what steps of their own change, once the public relies on it."""
        for name in ("mode", *SEATS.values(), *TIME_FIELDS, "minutes", *vars(PlaceFields)):
            if not name.startswith("__") and name in self:
                del self[name]
        return self

    def settle(self, **known: Collection[str]) -> None:
        """Spell names as they are known already, each by the field that they are typed into."""
        for name, spellings in known.items():
            self[name].data = as_known(self[name].data or "", spellings)

    def plan(
        self, zone: ZoneInfo, *, at: datetime, old: Plan | None, articles: Collection[str], quizzes: Collection[str],
        used: Collection[str],
    ) -> Plan | None:  # fmt: skip
        """Return what the form says, or None after putting errors beside fields.

        Args:
            old: what is stored; None: this is a new lecture.
            articles, quizzes: names that can be referred to.
            used: keys of every question that the lecture ever asked.
        """
        self._look_up(articles, quizzes)
        mode = Mode(self.mode.data) if "mode" in self and not self["mode"].errors else None
        seats = self._seats(mode) if mode is not None else {}
        when = self._when(zone, at) if "starts" in self else None
        asked = questions_of(self, old.content.get("questions") if old else None, used)
        if self.wrong:
            return None
        content = {**(old.content if old else {}), **{part: by_language(self, part) for part in TEXTS}}
        content["questions"] = asked
        if old is not None and mode is None:
            return Plan(content, self._details(), old.mode, old.seats, old.when, old.where)
        if mode is None or when is None:
            raise ValueError("a new lecture has a mode and a time")
        return Plan(content, self._details(), mode, seats, when, where_of(self))

    def _look_up(self, articles: Collection[str], quizzes: Collection[str]) -> None:
        for name in ARTICLES:
            if self[name].data and self[name].data not in articles:
                self.refuse(name, gettext("There is no public article of this name."))
        for name in ("pre_quiz", "post_quiz"):
            if self[name].data and self[name].data not in quizzes:
                self.refuse(name, gettext("There is no public quiz of this name."))

    def _seats(self, mode: Mode) -> dict[Place, int]:
        seats = {}
        for place in PLACES[mode]:
            seats[place] = whole_number(self[SEATS[place]].data, otherwise=0)
            if not 1 <= seats[place] <= MOST_CAPACITY:
                message = gettext("Write a whole number from %(least)d to %(most)d.", least=1, most=MOST_CAPACITY)
                self.refuse(SEATS[place], message)
        return seats

    def _when(self, zone: ZoneInfo, at: datetime) -> When | None:
        if self["starts"].errors or self["minutes"].errors:
            return None
        starts_at = clock_time(self, "starts", zone)
        if starts_at is None:
            return None
        ends_at = starts_at + timedelta(minutes=int(self.minutes.data))
        opens_at = self._or_default("opens", zone, min(at.replace(second=0, microsecond=0), starts_at))
        closes_at = self._or_default("closes", zone, rules.closing(starts_at))
        if opens_at is None or closes_at is None:
            return None
        if closes_at > starts_at:
            self.refuse("closes", gettext("Registration closes when the lecture begins, or earlier."))
        elif opens_at > closes_at:
            if self["opens"].data:
                self.refuse("opens", gettext("Registration opens before it closes."))
            opens_at = closes_at
        return When(starts_at, ends_at, opens_at, closes_at)

    def _or_default(self, name: str, zone: ZoneInfo, default: datetime) -> datetime | None:
        if self[name].errors:
            return None
        return clock_time(self, name, zone) if self[name].data else default

    def _details(self) -> Details:
        return Details(
            topic=self.topic.data,
            audience=Audience(self.audience.data),
            district=self.district.data or "",
            branch=self.branch.data or "",
            campaign=self.campaign.data or "",
            articles=list(dict.fromkeys(self[name].data for name in ARTICLES if self[name].data)),
            pre_quiz=self.pre_quiz.data or "",
            post_quiz=self.post_quiz.data or "",
            step_free=bool(self.step_free.data),
            hearing_loop=bool(self.hearing_loop.data),
            sign_language=bool(self.sign_language.data),
            access_note=by_language(self, "access_note"),
            telephone=self["telephone"].data or "",
            most_seats=int(self.most_seats.data),
            takes_groups=bool(self.takes_groups.data),
        )


def where_of(form: Form) -> Where:
    """Return where a lecture is held, as a form says it."""
    return Where(
        venue=by_language(form, "venue"),
        address=by_language(form, "address"),
        map_url=form["map_url"].data or "",
        online_url=form["online_url"].data or "",
    )


def typed_where(where: Where) -> dict[str, str]:
    """Return what the fields of a place say."""
    return {
        **typed_by_language("venue", where.venue),
        **typed_by_language("address", where.address),
        "map_url": where.map_url,
        "online_url": where.online_url,
    }


def typed_plan(plan: Plan, zone: ZoneInfo) -> dict[str, str]:
    """Return what the form says of a stored lecture, as if somebody had typed it."""
    details, when = plan.details, plan.when
    typed = {
        **{name: text for part in TEXTS for name, text in typed_by_language(part, plan.content.get(part)).items()},
        **typed_questions(plan.content.get("questions")),
        "topic": details.topic,
        "audience": details.audience.value,
        **dict(zip(ARTICLES, details.articles, strict=False)),
        "pre_quiz": details.pre_quiz,
        "post_quiz": details.post_quiz,
        "mode": plan.mode.value,
        **{SEATS[place]: str(seats) for place, seats in plan.seats.items()},
        **typed_moment("starts", when.starts_at, zone),
        "minutes": str(int((when.ends_at - when.starts_at).total_seconds()) // 60),
        **typed_moment("opens", when.opens_at, zone),
        **typed_moment("closes", when.closes_at, zone),
        **typed_where(plan.where),
        **typed_by_language("access_note", details.access_note),
        "telephone": details.telephone,
        "most_seats": str(details.most_seats),
        "district": details.district,
        "branch": details.branch,
        "campaign": details.campaign,
    }
    ticked = ("step_free", "hearing_loop", "sign_language", "takes_groups")
    return typed | {name: "y" for name in ticked if getattr(details, name)}


def lasting(typed: Mapping[str, str]) -> dict[str, str]:
    """Return what of a typed lecture another one can begin with."""
    return {name: value for name, value in typed.items() if name not in OF_ONE}


def as_sent(typed: Mapping[str, str]) -> MultiDict[str, str]:
    """Return typed values as a form takes them."""
    return MultiDict(dict(typed))
