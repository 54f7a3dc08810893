"""Lectures for the public: the list, the calendar of a month, and the page of one lecture.

List and calendar are kept by the version of the site; `services.turning` says how the clock renews them. The page of a
lecture shows every seat, and so is never kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from zoneinfo import ZoneInfo

import flask
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue

from portal.core import clock, i18n, web
from portal.core.database import db
from portal.core.settings import Locale, Settings, address
from portal.core.web import public_page
from portal.events.models import Event
from portal.events.queries import common, public
from portal.events.queries.public import SeatsLeft
from portal.events.rules import looking, showing, when
from portal.events.rules.lectures import Phase
from portal.events.rules.looking import Wanted
from portal.events.rules.seats import OFFER_WAKING, SLEEPS, WAKES
from portal.reference import queries as reference
from portal.reference.rules import localised

blueprint = Blueprint("events", __name__)

PAGE_SIZE = 20
MOST_MONTHS = 12
"""How many months the filter of the date offers."""
AROUND = 1
"""How many months before or after this one the calendar leads to, whether or not there are lectures."""


def install(app: Flask) -> None:
    """Give `app` the pages, and templates their words of days and times."""
    app.register_blueprint(blueprint)


def _settings() -> Settings:
    settings: Settings = flask.current_app.config["PORTAL"]
    return settings


def _zone() -> ZoneInfo:
    return _settings().timezone


def _between(days: tuple[date, date] | None) -> tuple[datetime, datetime] | None:
    return (when.midnight(days[0], _zone()), when.midnight(days[1], _zone())) if days else None


def _topics(wanted: Wanted) -> set[str]:
    """Return the topic that is wanted with those below it."""
    below = [topic.key for topic in reference.topics(db.session()) if topic.parent == wanted.topic]
    return {wanted.topic, *below} if wanted.topic else set()


# --- the list -----------------------------------------------------------------------------------------------------


@public_page(blueprint, "/events/")
def index() -> ResponseReturnValue:
    """List the lectures to come, or those that are over."""
    now, session = clock.now(), db.session()
    wanted = Wanted.read(flask.request.args)
    today = now.astimezone(_zone()).date()
    place = looking.page_of(flask.request.args.get("page", ""))
    offered = public.choices(session, past=wanted.past, at=now)
    found = public.find(
        session,
        wanted,
        topics=_topics(wanted),
        between=_between(wanted.days(today)),
        limit=PAGE_SIZE,
        offset=(place - 1) * PAGE_SIZE,
        at=now,
    )
    return web.reader_page(
        "events/index.html",
        path="/events/",
        query=wanted.query(),
        wanted=wanted,
        found=found,
        place=place,
        pages=-(-found.total // PAGE_SIZE),
        choices=offered,
        months=_months(offered, wanted),
    )


def _months(offered: public.Choices, wanted: Wanted) -> list[str]:
    """Return the months that the filter offers: those with lectures, the nearest first."""
    keys = {looking.month_key(moment.astimezone(_zone()).date()) for moment in offered.begins}
    return sorted(keys, reverse=wanted.past)[:MOST_MONTHS]


# --- the calendar -------------------------------------------------------------------------------------------------


@public_page(blueprint, "/events/calendar")
def calendar() -> ResponseReturnValue:
    """Show a month's lectures by days."""
    now, session = clock.now(), db.session()
    wanted = Wanted.read({**flask.request.args, "when": "", "past": ""})
    this = now.astimezone(_zone()).date().replace(day=1)
    month = looking.month_of(flask.request.args.get("month", "")) or this
    after = looking.month_after(month)
    between = (when.midnight(month, _zone()), when.midnight(after, _zone()))
    days: dict[date, list[public.Card]] = {}
    for card in public.held_between(session, wanted, topics=_topics(wanted), between=between, at=now):
        for day in when.days_of(card.starts_at, card.ends_at, _zone()):
            days.setdefault(day, []).append(card)
    first, last = _reach(this)
    key = looking.month_key
    return web.reader_page(
        "events/calendar.html",
        path="/events/calendar",
        query=wanted.query(month="" if month == this else key(month)),
        wanted=wanted,
        month=month,
        month_key=key(month),
        is_this=month == this,
        weeks=when.weeks(month),
        days=days,
        total=len({card.id for cards in days.values() for card in cards}),
        # Machines that follow every link come to an end.
        before=key(looking.month_after(month, -1)) if month > first else "",
        after=key(after) if month < last else "",
        choices=public.choices(session, past=False, at=now),
        today=now.astimezone(_zone()).date(),
    )


def _reach(this: date) -> tuple[date, date]:
    """Return the first and the last month that the calendar leads to."""
    first, last = looking.month_after(this, -AROUND), looking.month_after(this, AROUND)
    held = public.bounds(db.session())
    if held is None:
        return first, last
    begin, end = (moment.astimezone(_zone()).date().replace(day=1) for moment in held)
    return min(first, begin), max(last, end)


# --- one lecture --------------------------------------------------------------------------------------------------


@public_page(blueprint, "/events/<slug:slug>")
def event(slug: str) -> ResponseReturnValue:
    """Show one lecture: what it teaches, when and where, what of it is accessible, and how to come."""
    now, session = clock.now(), db.session()
    found = common.public_event(session, slug) or flask.abort(404)
    phase = common.phase_of(found, now)
    seats = public.seats_left(session, common.pools(session, found.id))
    answer = web.reader_page(
        "events/event.html",
        event=found,
        words=found.words or {},
        phase=phase,
        seats=seats,
        has_seats=any(place.is_open for place in seats),
        map_url=showing.map_address(found.map_url),
        dial=showing.dial(found.telephone),
        structured=_structured(found, phase, seats),
        offer_hours=OFFER_WAKING.seconds // 3600,
        wakes=WAKES.hour,
        sleeps=SLEEPS.hour,
    )
    # The seats change with every registration, and what can be done changes with the clock.
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _structured(found: Event, phase: Phase, seats: list[SeatsLeft]) -> dict[str, object]:
    """Return what search engines are told of a lecture, in the language of the page."""
    base, words = _settings().base_url, found.words or {}
    title, language = _said(words.get("title", {}))
    said = showing.Said(
        title=title,
        language=language,
        summary=_text(words.get("summary", {})),
        speaker=_text(words.get("speaker", {})),
        venue=_text(found.venue),
        address=_text(found.address),
        url=base + address(f"/events/{found.slug}", locale=flask.g.locale, audience=flask.g.audience),
        image=base + web.asset("og-image.png"),
        organizer=_text(reference.site(db.session())["bank"]),
        organizer_url=f"{base}/",
    )
    return showing.structured(
        said,
        mode=found.mode,
        phase=phase,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        previous_starts_at=found.previous_starts_at,
        opens_at=found.opens_at,
        capacity={place.place: place.capacity for place in seats},
        has_seats=phase is Phase.OPEN and any(place.is_open for place in seats),
        zone=_zone(),
    )


def _text(texts: Mapping[str, str]) -> str:
    """Return a text in the language of the request, as `Reader.text` does."""
    return _said(texts)[0]


def _said(texts: Mapping[str, str]) -> tuple[str, Locale]:
    """Return a text for whoever asks, and the language that it is in then."""
    found, locale = localised(texts, flask.g.locale)
    if flask.g.locale == Locale.HANT and locale is Locale.HANS:
        return i18n.to_hant(found), Locale.HANT
    return found, locale


# --- words of days and times, for templates -----------------------------------------------------------------------


def _year() -> int:
    return clock.now().astimezone(_zone()).year


@blueprint.app_template_global()
def lecture_span(starts: datetime, ends: datetime) -> str:
    """Return day, weekday and times of a lecture; the year where it is not the present one."""
    return when.span(starts, ends, zone=_zone(), locale=Locale(flask.g.locale), year=_year())


@blueprint.app_template_global()
def lecture_full_day(moment: datetime) -> str:
    """Return the day of a moment with its weekday."""
    return when.full_day(moment, zone=_zone(), locale=Locale(flask.g.locale), year=_year())


@blueprint.app_template_global()
def lecture_hours(starts: datetime, ends: datetime) -> str:
    """Return from when until when, without the day."""
    return when.hours(starts, ends, zone=_zone(), locale=Locale(flask.g.locale), year=_year())


@blueprint.app_template_global()
def lecture_moment(moment: datetime) -> str:
    """Return day, weekday and time of a moment."""
    return when.moment_words(moment, zone=_zone(), locale=Locale(flask.g.locale), year=_year())


@blueprint.app_template_global()
def lecture_day(day: datetime | date) -> str:
    """Return a day in words; the year where it is not the present one."""
    here = day.astimezone(_zone()).date() if isinstance(day, datetime) else day
    return when.day_words(here, locale=Locale(flask.g.locale), year=_year())


@blueprint.app_template_global()
def lecture_weekday(day: datetime | date) -> str:
    """Return the name of a day of the week."""
    here = day.astimezone(_zone()).date() if isinstance(day, datetime) else day
    return when.weekday(here, Locale(flask.g.locale))


@blueprint.app_template_global()
def lecture_month(key: str | date) -> str:
    """Return a month in words."""
    first = key if isinstance(key, date) else looking.month_of(key)
    return when.month_words(first, Locale(flask.g.locale)) if first else ""


@blueprint.app_template_global()
def lecture_local(moment: datetime) -> str:
    """Return a moment as machines read it, in the site's zone."""
    return moment.astimezone(_zone()).isoformat(timespec="minutes")
