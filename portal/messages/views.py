"""The outbox on the desk: what waits, and what could not be sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import flask
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import access, clock, web
from portal.core.access import DeskSection, Permission, requires
from portal.core.database import db, transaction
from portal.messages import queries, services
from portal.messages.rules import Channel, State

blueprint = Blueprint("messages", __name__)

WORDS: dict[str, Callable[[], str]] = {
    "changes-asked": lambda: gettext("Changes are asked for"),
    "event-again": lambda: gettext("Lecture: the code once more"),
    "event-called-off": lambda: gettext("Lecture: does not take place"),
    "event-cancelled": lambda: gettext("Lecture: registration cancelled"),
    "event-changed": lambda: gettext("Lecture: registration changed"),
    "event-confirmed": lambda: gettext("Lecture: registered"),
    "event-lapsed": lambda: gettext("Lecture: time to answer ran out"),
    "event-moved": lambda: gettext("Lecture: moved"),
    "event-offered": lambda: gettext("Lecture: a seat is offered"),
    "event-pending": lambda: gettext("Lecture: a guardian is asked"),
    "event-reminder": lambda: gettext("Lecture: reminder"),
    "event-thanks": lambda: gettext("Lecture: thanks"),
    "event-waiting": lambda: gettext("Lecture: on the waiting list"),
    "factor-changed": lambda: gettext("A second factor was changed"),
    "invitation": lambda: gettext("Invitation"),
    "password-changed": lambda: gettext("The password was changed"),
    "publication-failed": lambda: gettext("Publication failed"),
    "reset": lambda: gettext("Link for a new password"),
    "review-approved": lambda: gettext("Approved"),
    "review-asked": lambda: gettext("Review is asked for"),
    "review-due": lambda: gettext("Review is due"),
    "roles-changed": lambda: gettext("The roles were changed"),
}
"""What each kind of message is called; one is missing here: the name of its template stands for it."""

WHY: dict[str, Callable[[], str]] = {
    "Abandoned": lambda: gettext("Sending was broken off each time"),
    "HTTP": lambda: gettext("The gateway refused the short message"),
    "SMTPDataError": lambda: gettext("The mail server refused the mail"),
    "SMTPNotSupportedError": lambda: gettext("The mail server cannot take such an address"),
    "SMTPRecipientsRefused": lambda: gettext("The mail server refused the address"),
    "SMTPSenderRefused": lambda: gettext("The mail server refused the sender"),
    "Unreadable": lambda: gettext("The site's key was replaced"),
}
"""What each kind of failure means; for any other the server, gateway or folder could not be used."""


def install(app: Flask) -> None:
    """Add the outbox to `app`, and let every room put mail into it (`core.web.mail`)."""
    app.extensions["mail"] = services.queue
    app.register_blueprint(blueprint)
    section = DeskSection(lambda: gettext("Mail"), "messages.outbox", Permission.MANAGE_PEOPLE)
    web.add_desk_section(app, section)


@blueprint.get("/desk/messages")
@requires(Permission.MANAGE_PEOPLE)
def outbox() -> ResponseReturnValue:
    """Show how much waits, and which mails and short messages could not be sent."""
    counts = queries.counts(db.session())
    failed = [_shown(mail) for mail in queries.failed(db.session())]
    waiting = {channel: counts[channel, State.WAITING] + counts[channel, State.SENDING] for channel in Channel}
    return flask.render_template(
        "messages/outbox.html",
        waiting=waiting[Channel.MAIL],
        waiting_texts=waiting[Channel.SMS],
        failed_count=sum(counts[channel, State.FAILED] for channel in Channel),
        failed=failed,
        here_section="messages.outbox",
    )


@blueprint.post("/desk/messages/<int(max=9007199254740991):mail_id>/retry")
@requires(Permission.MANAGE_PEOPLE)
def retry(mail_id: int) -> ResponseReturnValue:
    """Send a message again that could not be sent."""
    channel = queries.channel_of(db.session(), mail_id)
    if channel is None:
        flask.abort(404)
    try:
        with transaction() as session:
            services.retry(session, mail_id=mail_id, by=access.present().name, at=clock.now())
        if channel is Channel.MAIL:
            flask.flash(gettext("The mail waits to be sent. That takes a few seconds."))
        else:
            flask.flash(gettext("The short message waits to be sent. That takes a few seconds."))
    except services.NotFailed:
        flask.flash(gettext("This message waits already, or has been sent."))
    return flask.redirect(flask.url_for("messages.outbox"), 303)


def _shown(mail: queries.Failed) -> dict[str, Any]:
    return {
        "mail": mail,
        "why": _why(mail.last_error, mail.channel),
        "channel": gettext("Short message") if mail.channel is Channel.SMS else gettext("Mail"),
        "kind": WORDS[mail.template]() if mail.template in WORDS else mail.template,
        "queued": _when(mail.created_at),
        "failed": _when(mail.failed_at),
    }


def _why(error: str, channel: Channel) -> str:
    kind = error.partition(" ")[0]
    if kind in WHY:
        return WHY[kind]()
    if channel is Channel.SMS:
        return str(gettext("The gateway for short messages could not be reached"))
    return str(gettext("The mail server could not be reached"))


def _when(at: datetime) -> str:
    return f"{at.astimezone(flask.current_app.config['PORTAL'].timezone):%Y-%m-%d %H:%M}"
