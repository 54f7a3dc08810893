"""What guardians of children under 14 are asked: they agree, or the child is not registered and nothing is kept."""

from __future__ import annotations

from dataclasses import dataclass

import flask
from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.database import db, transaction
from portal.core.web import public_page
from portal.events.forms import GuardianForm
from portal.events.models import Event, Guardian, Registration
from portal.events.queries import common, own
from portal.events.rules.lectures import Place
from portal.events.services import managing, own_data
from portal.events.views.visiting import edition, here, personal_page, sent_from_here, without_token

blueprint = Blueprint("guardians", __name__)


def install(app: Flask) -> None:
    """Give `app` the pages of guardians."""
    app.register_blueprint(blueprint)
    without_token(app, (guardian, refuse))


@dataclass(frozen=True, slots=True)
class Asked:
    """What a guardian's address leads to."""

    token: str
    guardian: Guardian
    registration: Registration
    event: Event
    place: Place

    @classmethod
    def of(cls, token: str) -> Asked:
        """Find it, or answer that there is nothing any more."""
        found = own.by_guardian_token(db.session(), token)
        if found is None:
            flask.abort(personal_page("gone.html", status=404, why="guardian", path="/"))
        return cls(token, *found)

    def url(self, more: str = "") -> str:
        """Return the address of this page, or of one below it."""
        return here(f"/events/guardian/{self.token}{more}")

    @property
    def has_lapsed(self) -> bool:
        """Whether it is too late to agree."""
        held = self.registration.hold_until
        ended = self.registration.ended_at is not None
        return self.guardian.confirmed_at is None and (ended or (held is not None and clock.now() >= held))

    def page(self, template: str, *, status: int = 200, form: GuardianForm | None = None) -> Response:
        """Return a page about it."""
        return personal_page(
            template,
            status=status,
            path=f"/events/guardian/{self.token}",
            asked=self,
            event=self.event,
            registration=self.registration,
            form=form,
            phase=common.phase_of(self.event, clock.now()),
        )


@public_page(blueprint, "/events/guardian/<token:token>", methods=("GET", "POST"))
@sent_from_here
def guardian(token: str) -> ResponseReturnValue:
    """Ask whether the guardian agrees; note that they do."""
    asked = Asked.of(token)
    audience, _locale = edition()
    sent = flask.request.form if flask.request.method == "POST" else None
    form = GuardianForm(sent, audience=audience, name=asked.guardian.name)
    if sent is None or asked.guardian.confirmed_at is not None or asked.has_lapsed:
        late = sent is not None and asked.has_lapsed
        return (
            flask.redirect(asked.url(), 303)
            if sent is not None and not late
            else asked.page("guardian.html", status=410 if asked.has_lapsed else 200, form=form)
        )
    if form.errors or form.relation is None:
        return asked.page("guardian.html", status=422, form=form)
    number = asked.registration.id
    try:
        with transaction() as session:
            managing.confirm_guardian(
                session, registration_id=number, name=form.name, relation=form.relation, at=clock.now()
            )
    except managing.NotOffered:
        return Asked.of(token).page("guardian.html", status=410, form=form)
    return flask.redirect(asked.url(), 303)


@public_page(blueprint, "/events/guardian/<token:token>/refuse", methods=("GET", "POST"))
@sent_from_here
def refuse(token: str) -> ResponseReturnValue:
    """Say what it means not to agree, or no longer; do it."""
    asked = Asked.of(token)
    if flask.request.method == "GET":
        return asked.page("guardian_refuse.html")
    number = asked.registration.id
    with transaction() as session:
        own_data.erase_own(session, registration_id=number, at=clock.now())
    return flask.redirect(here("/events/guardian/erased"), 303)


@public_page(blueprint, "/events/guardian/erased")
def erased() -> ResponseReturnValue:
    """Say that the child is not registered and nothing is kept."""
    return personal_page("gone.html", why="refused", path="/events/guardian/erased")
