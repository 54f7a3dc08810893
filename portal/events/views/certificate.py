"""The certificate of attendance: for those who came, by the address of their own page. Nothing is stored for it."""

from __future__ import annotations

from typing import Any

import flask
import sqlalchemy as sa
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue

from portal.core import crypto, web
from portal.core.database import db
from portal.core.web import NO_REFERRER, public_page, say_instead
from portal.events.models import Event, Registration
from portal.events.queries.sheets import counted_people
from portal.events.rules.seats import Kind
from portal.events.views.after_common import pdf_answer
from portal.quizzes.services import pdf

blueprint = Blueprint("attendance_certificate", __name__)


def install(app: Flask) -> None:
    """Give `app` the certificate of attendance."""
    app.register_blueprint(blueprint)


@public_page(blueprint, "/events/registrations/<token:token>/certificate.pdf")
def certificate(token: str) -> ResponseReturnValue:
    """Give out a certificate with the name as it was typed; where no PDF can be made, a page to print."""
    say_instead(NO_REFERRER)
    session = db.session()
    found = session.scalar(sa.select(Registration).where(Registration.token_digest == crypto.digest(token)))
    if found is None:
        flask.abort(404)
    event = session.get_one(Event, found.event_id)
    people = counted_people(session, [found.id]).get(found.id, 0)
    if not people or event.words is None:
        answer = web.reader_page("events/no_certificate.html", path=f"/events/{event.slug}", status=404, event=event)
        answer.headers["Cache-Control"] = "no-store"
        return answer
    values: dict[str, Any] = {
        "event": event,
        "name": (found.organisation or found.name or "") if found.kind is Kind.GROUP else (found.name or ""),
        "people": people if found.kind is Kind.GROUP else 0,
    }
    page = web.reader_page("events/certificate.html", path=f"/events/{event.slug}", as_pdf=True, **values)
    try:
        return pdf_answer(page.get_data(as_text=True), name="mingbai-attendance", lane="public", keep=False)
    except (pdf.Unavailable, pdf.TooMuch):
        page = web.reader_page("events/certificate.html", path=f"/events/{event.slug}", as_pdf=False, **values)
        page.headers["Cache-Control"] = "private, no-store"
        return page
