"""What the desk's pages of lectures share: the blueprint, who may do what with one lecture, and refusals."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import access, clock
from portal.core.access import Permission
from portal.core.database import db
from portal.core.settings import Settings
from portal.events.models import Event
from portal.events.queries.common import duty
from portal.events.queries.desk import title_of
from portal.events.services import planning
from portal.events.services.workflow import Refused
from portal.events.views import desk_words as words

blueprint = Blueprint("lectures", __name__, url_prefix="/desk/events")
View = TypeVar("View", bound=Callable[..., Any])
ID = "int(max=9007199254740991):id"
HERE = "lectures.index"
"""The word of the desk's menu that these pages belong to."""


def settings() -> Settings:
    """Return the site's settings."""
    found: Settings = flask.current_app.config["PORTAL"]
    return found


def lecture_or_404(number: int) -> Event:
    """Return a lecture, or answer that there is none."""
    return db.session.get(Event, number) or flask.abort(404)


def runs(event: Event) -> bool:
    """Return whether whoever asks plans this lecture."""
    person = access.present()
    return person.may(Permission.ORGANISE) and duty(db.session(), event=event, person_id=person.id).runs


def mine_or_403(number: int) -> Event:
    """Return a lecture that whoever asks runs."""
    event = lecture_or_404(number)
    if not runs(event):
        flask.abort(403)
    return event


def me() -> dict[str, Any]:
    """Return who acts and when, as verbs take it."""
    person = access.present()
    return {"by": person.name, "by_id": person.id, "at": clock.now()}


def actor() -> dict[str, Any]:
    """Return who acts and when, for verbs that do not ask for the id."""
    return {"by": access.present().name, "at": clock.now()}


def back(number: int, endpoint: str = "lectures.show") -> ResponseReturnValue:
    """Send to a page of a lecture after something was done."""
    return flask.redirect(flask.url_for(endpoint, id=number), 303)


def page(template: str, event: Event | None = None, *, status: int = 200, **context: Any) -> flask.Response:
    """Return a page of the desk, of one lecture or of none."""
    if event is not None:
        context = {"event": event, "title": name_of(event), **context}
    return flask.make_response(
        flask.render_template(
            f"events/desk/{template}.html", here_section=HERE, zone=settings().timezone.key, **context
        ),
        status,
    )


def name_of(event: Event) -> str:
    """Return what the desk calls a lecture: the title that was written last."""
    return title_of(planning.revision(db.session(), event.id, event.latest_number).content)


def tabs(event: Event) -> list[tuple[str, str]]:
    """Return the pages of one lecture that whoever asks may open: endpoint and word."""
    person = access.present()
    role = duty(db.session(), event=event, person_id=person.id)
    organises = person.may(Permission.ORGANISE)
    pages = (
        ("lectures.show", gettext("Plan"), True),
        ("lectures.people", gettext("People"), organises and role.runs),
        ("door.show", gettext("At the door"), organises and role.on_duty),
        ("sheets.show", gettext("Paper"), organises and role.on_duty),
        ("afterwards.show", gettext("Afterwards"), organises or person.may(Permission.ANALYSE)),
    )
    there = flask.current_app.view_functions
    return [(endpoint, word) for endpoint, word, allowed in pages if allowed and endpoint in there]


def refusals(view: View) -> View:
    """Answer what the rules refuse with a sentence that says what to do instead."""

    @wraps(view)
    def guarded(*arguments: Any, **options: Any) -> ResponseReturnValue:
        try:
            return cast(ResponseReturnValue, view(*arguments, **options))
        except LookupError:
            db.session.rollback()
            flask.abort(404)
        except Refused as problem:
            sentence = refusal(problem)
        except planning.Stale:
            sentence = gettext("Somebody has changed this meanwhile. Look at it again before you decide.")
        except planning.NotNow:
            sentence = gettext("This step is not possible now: look at where the lecture stands.")
        db.session.rollback()
        event = db.session.get(Event, options["id"])
        return page("refused", event, status=409, sentence=sentence)

    return cast(View, guarded)


def refusal(problem: Refused) -> str:
    """Return why a step is refused; of several dates that were to go together, which one keeps them back."""
    why = words.why_word(problem.why)
    if problem.starts_at is None:
        return why
    return str(
        gettext("%(when)s: %(why)s Nothing was done for the other dates.", when=moment(problem.starts_at), why=why)
    )


def moment(at: Any) -> str:
    """Return a moment in the site's zone, for templates."""
    return words.moment(at, settings().timezone) if at else ""


blueprint.add_app_template_global(tabs, "lecture_tabs")
blueprint.add_app_template_filter(moment, "lecture_moment")
blueprint.add_app_template_global(words.state_of, "lecture_state_of")
for _helper in (
    words.mode_word,
    words.place_word,
    words.outcome_word,
    words.seat_word,
    words.problem_word,
    words.audience_word,
):
    blueprint.add_app_template_global(_helper, f"lecture_{_helper.__name__}")
