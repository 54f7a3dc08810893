"""What the pages of the door share: who is on duty, the words for what happened, the camera."""

from __future__ import annotations

from datetime import datetime

import flask
from flask_babel import gettext

from portal.core import access, web
from portal.core.database import db
from portal.events.models import Event
from portal.events.queries.common import duty
from portal.events.rules import attendance as rules
from portal.events.rules.attendance import AdmissionKind, Window
from portal.events.rules.keeping import AccessNeed, Relation
from portal.events.rules.lectures import EventState

ID = "<int(max=9007199254740991):id>"
DOOR_NAME = "door"
"""Where the browser's session keeps what this door is called."""
CAMERA = {"Permissions-Policy": web.SECURITY_HEADERS["Permissions-Policy"].replace("camera=()", "camera=(self)")}
"""For `say_instead`: this page may use the camera, to read codes."""


def on_duty(number: int) -> Event:
    """Return a lecture whose door the person who is asking keeps; 404 or 403 otherwise."""
    event = db.session().get(Event, number) or flask.abort(404)
    if not duty(db.session(), event=event, person_id=access.present().id).on_duty:
        flask.abort(403)
    return event


def running(number: int) -> Event:
    """Return a lecture that the person who is asking runs; 404 or 403 otherwise."""
    event = db.session().get(Event, number) or flask.abort(404)
    if not duty(db.session(), event=event, person_id=access.present().id).runs:
        flask.abort(403)
    return event


def shut(event: Event, at: datetime) -> str:
    """Return why nobody is let in now; empty: the door is open."""
    if event.state is EventState.DRAFT:
        return "draft"
    if event.state is EventState.CANCELLED:
        return "cancelled"
    window = rules.window(starts_at=event.starts_at, ends_at=event.ends_at, at=at)
    return "" if window is Window.OPEN else window.value


def title(event: Event) -> str:
    """Return what a lecture is called, in the language of the person who is asking."""
    words = (event.words or {}).get("title", {})
    return str(words.get(str(flask.g.locale)) or next(iter(words.values()), "") or event.slug)


def clock_time(at: datetime) -> str:
    """Return the time of day in the site's zone."""
    return at.astimezone(flask.current_app.config["PORTAL"].timezone).strftime("%H:%M")


def need_word(need: AccessNeed) -> str:
    """Return what somebody needs, as the door acts on it."""
    words = {
        AccessNeed.STEP_FREE: lambda: gettext("No steps"),
        AccessNeed.HEARING: lambda: gettext("Hearing loop, or a seat near the front"),
        AccessNeed.SIGN_LANGUAGE: lambda: gettext("Sign language"),
        AccessNeed.LARGE_PRINT: lambda: gettext("Large print"),
        AccessNeed.CARER: lambda: gettext("Comes with a carer"),
        AccessNeed.OTHER: lambda: gettext("Something else"),
    }
    return str(words[need]())


def kind_word(kind: AdmissionKind) -> str:
    """Return how people came in."""
    words = {
        AdmissionKind.CODE: lambda: gettext("Registered"),
        AdmissionKind.GROUP: lambda: gettext("Group"),
        AdmissionKind.WALK_IN: lambda: gettext("Without registration"),
        AdmissionKind.TALLY: lambda: gettext("Counted heads"),
        AdmissionKind.ONLINE: lambda: gettext("Online"),
    }
    return str(words[kind]())


def relation_words() -> list[tuple[str, str]]:
    """Return what a guardian can be to a child."""
    words = {
        Relation.PARENT: lambda: gettext("Parent"),
        Relation.GRANDPARENT: lambda: gettext("Grandparent"),
        Relation.OTHER_GUARDIAN: lambda: gettext("Other guardian"),
    }
    return [(relation.value, str(words[relation]())) for relation in words]
