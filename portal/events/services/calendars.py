"""Calendars of lectures: of one, of all that come, and of a person's own seat."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy.orm import Session

from portal.core.database import site_address, site_sender
from portal.core.i18n import to_hant
from portal.core.settings import DEFAULT_AUDIENCE, Audience, Locale, address
from portal.events.models import Event, Registration
from portal.events.queries.common import place_of
from portal.events.rules import calendar as rules
from portal.events.rules import codes, telling
from portal.events.rules.calendar import Entry, Method
from portal.events.rules.lectures import EventState, Mode, Place


def in_language(texts: Mapping[str, str] | None, locale: Locale) -> str:
    """Return a text of the desk in one language; zh-Hant is made from zh-Hans, which stands for any that is missing."""
    texts = texts or {}
    if locale is Locale.HANT and not texts.get(locale):
        return to_hant(texts.get(Locale.HANS, ""))
    return texts.get(locale) or texts.get(Locale.HANS, "")


def title(event: Event, locale: Locale) -> str:
    """Return the title of a lecture in one line."""
    return telling.one_line(in_language((event.words or {}).get("title"), locale))


def where(event: Event, place: Place | None, locale: Locale) -> str:
    """Return where a lecture is held for those in one place; None: for everybody."""
    hall = telling.place(in_language(event.venue, locale), in_language(event.address, locale), locale)
    online = telling.ONLINE[locale]
    if place is Place.ONLINE or event.mode is Mode.ONLINE:
        return online
    if place is None and event.mode is Mode.HYBRID:
        return f"{hall} / {online}"
    return hall


def link(session: Session, path: str, *, locale: Locale, audience: Audience = DEFAULT_AUDIENCE) -> str:
    """Return the whole address of a public page in one language and edition."""
    return site_address(session) + address(path, locale=locale, audience=audience)


def public(
    session: Session, events: Iterable[Event], *, locale: Locale, audience: Audience = DEFAULT_AUDIENCE, name: str = ""
) -> str:
    """Return a calendar for everybody. It says the same at every moment until a lecture is changed.

    Args:
        name: of a feed.
    """
    entries = [
        _entry(session, event, locale=locale, audience=audience, place=None, extra="", made_at=event.updated_at)
        for event in events
    ]
    return _whole(session, entries, Method.PUBLISH, name)


def own(session: Session, event: Event, registration: Registration, *, cancel: bool, made_at: datetime) -> str:
    """Return the calendar of somebody who has a seat, in their language; with their code, but not their own address.

    Calendars are kept by others, and whoever has the address of a person's own page can cancel there.

    Args:
        cancel: take it out of their calendar: the lecture does not take place, or they gave their seat back.
    """
    place = place_of(session, registration)
    extra = "" if cancel else telling.CODE[registration.locale].format(codes.spoken(registration.code))
    if place is Place.ONLINE and event.online_url and not cancel:
        extra += f"\n{event.online_url}"
    entry = _entry(
        session,
        event,
        locale=registration.locale,
        audience=registration.audience,
        place=place,
        extra=extra,
        made_at=made_at,
        cancelled=cancel,
    )
    return _whole(session, [entry], Method.CANCEL if cancel else Method.PUBLISH, "")


def _whole(session: Session, entries: list[Entry], method: Method, name: str) -> str:
    host = urlsplit(site_address(session)).hostname or ""
    return rules.calendar(entries, method=method, host=host, sender=site_sender(session), name=name)


def _entry(
    session: Session,
    event: Event,
    *,
    locale: Locale,
    audience: Audience,
    place: Place | None,
    extra: str,
    made_at: datetime,
    cancelled: bool = False,
) -> Entry:
    called_off = event.state is EventState.CANCELLED
    heading = title(event, locale)
    url = link(session, f"/events/{event.slug}", locale=locale, audience=audience)
    telephone = telling.TELEPHONE[locale].format(event.telephone) if event.telephone else ""
    summary = in_language((event.words or {}).get("summary"), locale)
    reason = event.cancel_reason if called_off else ""
    return Entry(
        uid=event.uid,
        sequence=event.sequence,
        made_at=made_at,
        changed_at=event.updated_at,
        starts_at=event.starts_at,
        ends_at=event.ends_at,
        # Many programs that show feeds pass over STATUS.
        title=telling.CALLED_OFF[locale].format(heading) if called_off else heading,
        place=where(event, place, locale),
        words="\n".join(part for part in (reason, extra, summary, telephone, url) if part),
        url=url,
        cancelled=cancelled or called_off,
    )
