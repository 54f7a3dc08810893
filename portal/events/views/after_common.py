"""What the pages after a lecture share: who may see them, words, paper."""

from __future__ import annotations

import base64
import io
from functools import cache
from typing import Any

import flask
import segno
from flask import Response
from flask_babel import gettext

from portal.core import access
from portal.core.access import Permission
from portal.core.database import db
from portal.core.errors import Busy
from portal.core.settings import Settings
from portal.core.web import STATIC
from portal.events.models import Event
from portal.events.queries.common import duty
from portal.quizzes.services import pdf

ID = "<int(max=9007199254740991):id>"


def settings() -> Settings:
    """Return the settings of this installation."""
    found: Settings = flask.current_app.config["PORTAL"]
    return found


def lecture(number: int) -> Event:
    """Return a lecture, for whoever runs lectures or reads figures; 404 or 403 otherwise."""
    asking = access.present()
    if not (asking.may(Permission.ORGANISE) or asking.may(Permission.ANALYSE)):
        flask.abort(403)
    return db.session().get(Event, number) or flask.abort(404)


def on_duty(number: int) -> Event:
    """Return a lecture that the person who is asking runs, or whose door they keep; 404 or 403 otherwise."""
    event = db.session().get(Event, number) or flask.abort(404)
    if not duty(db.session(), event=event, person_id=access.present().id).on_duty:
        flask.abort(403)
    return event


def running(number: int) -> Event:
    """Return a lecture that the person who is asking runs; 404 or 403 otherwise."""
    event = db.session().get(Event, number) or flask.abort(404)
    if not runs(event):
        flask.abort(403)
    return event


def runs(event: Event) -> bool:
    """Return whether the person who is asking runs this lecture."""
    asking = access.present()
    return asking.may(Permission.ORGANISE) and duty(db.session(), event=event, person_id=asking.id).runs


def title(event: Event, locale: str | None = None) -> str:
    """Return what a lecture is called, in the language of the person who is asking."""
    words = (event.words or {}).get("title", {})
    return str(words.get(str(locale or flask.g.locale)) or next(iter(words.values()), "") or event.slug)


def by() -> dict[str, Any]:
    """Return who is asking, as services take it."""
    asking = access.present()
    return {"by": asking.name, "by_id": asking.id}


# --- paper --------------------------------------------------------------------------------------------------------


@cache
def paper_css() -> str:
    """Return the stylesheet of what is set as PDF: the tokens, and the part of the site's that is about this paper."""
    css = STATIC / "css"
    return "\n".join(path.read_text("utf-8") for path in (css / "tokens.css", css / "rooms" / "event-paper.css"))


def pdf_answer(html: str, *, name: str, lane: str = "desk", keep: bool = True) -> Response:
    """Return a page as PDF.

    Args:
        name: of the file, without its ending; ASCII.
        keep: whether the process may keep it for a while; not where names stand in it.

    Raises:
        Busy: another one is being made.
        pdf.Unavailable: none can be made on this machine.
        pdf.TooMuch: it takes too long.
    """
    try:
        made = pdf.make(html, css=paper_css(), lane=lane, keep=keep)
    except pdf.OneAtATime:
        raise Busy(gettext("Another document is being made. Please try again in a moment.")) from None
    answer = Response(made, mimetype="application/pdf")
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def qr_data(text: str) -> str:
    """Return a QR code as a `data:` address, for what is set as PDF: dark on white, in few bytes."""
    out = io.BytesIO()
    segno.make_qr(text, error="m").save(out, kind="png", scale=5, border=4)
    return f"data:image/png;base64,{base64.b64encode(out.getvalue()).decode('ascii')}"
