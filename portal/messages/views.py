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
from portal.messages.rules import State

blueprint = Blueprint("messages", __name__)

WORDS: dict[str, Callable[[], str]] = {
    "changes-asked": lambda: gettext("Changes are asked for"),
    "factor-changed": lambda: gettext("A second factor was changed"),
    "invitation": lambda: gettext("Invitation"),
    "password-changed": lambda: gettext("The password was changed"),
    "publication-failed": lambda: gettext("Publication failed"),
    "reset": lambda: gettext("Link for a new password"),
    "review-asked": lambda: gettext("Review is asked for"),
    "review-due": lambda: gettext("Review is due"),
    "roles-changed": lambda: gettext("The roles were changed"),
}
"""What each kind of mail is called; one is missing here: the name of its template stands for it."""

WHY: dict[str, Callable[[], str]] = {
    "Abandoned": lambda: gettext("Sending was broken off each time"),
    "SMTPDataError": lambda: gettext("The mail server refused the mail"),
    "SMTPNotSupportedError": lambda: gettext("The mail server cannot take such an address"),
    "SMTPRecipientsRefused": lambda: gettext("The mail server refused the address"),
    "SMTPSenderRefused": lambda: gettext("The mail server refused the sender"),
    "Unreadable": lambda: gettext("The site's key was replaced"),
}
"""What each kind of failure means; for any other the server, or the folder, could not be used."""


def install(app: Flask) -> None:
    """Add the outbox to `app`, and let every room put mail into it (`core.web.mail`)."""
    app.extensions["mail"] = services.queue
    app.register_blueprint(blueprint)
    section = DeskSection(lambda: gettext("Mail"), "messages.outbox", Permission.MANAGE_PEOPLE)
    web.add_desk_section(app, section)


@blueprint.get("/desk/messages")
@requires(Permission.MANAGE_PEOPLE)
def outbox() -> ResponseReturnValue:
    """Show how much waits, and which mails could not be sent."""
    counts = queries.counts(db.session())
    failed = [_shown(mail) for mail in queries.failed(db.session())]
    waiting = counts[State.WAITING] + counts[State.SENDING]
    return flask.render_template(
        "messages/outbox.html",
        waiting=waiting,
        failed_count=counts[State.FAILED],
        failed=failed,
        here_section="messages.outbox",
    )


@blueprint.post("/desk/messages/<int(max=9007199254740991):mail_id>/retry")
@requires(Permission.MANAGE_PEOPLE)
def retry(mail_id: int) -> ResponseReturnValue:
    """Send a mail again that could not be sent."""
    if not queries.exists(db.session(), mail_id):
        flask.abort(404)
    try:
        with transaction() as session:
            services.retry(session, mail_id=mail_id, by=access.present().name, at=clock.now())
        flask.flash(gettext("The mail waits to be sent. That takes a few seconds."))
    except services.NotFailed:
        flask.flash(gettext("This mail waits already, or has been sent."))
    return flask.redirect(flask.url_for("messages.outbox"), 303)


def _shown(mail: queries.Failed) -> dict[str, Any]:
    return {
        "mail": mail,
        "why": _why(mail.last_error),
        "kind": WORDS[mail.template]() if mail.template in WORDS else mail.template,
        "queued": _when(mail.created_at),
        "failed": _when(mail.failed_at),
    }


def _why(error: str) -> str:
    kind = error.partition(" ")[0]
    return WHY[kind]() if kind in WHY else gettext("The mail server could not be reached")


def _when(at: datetime) -> str:
    return f"{at.astimezone(flask.current_app.config['PORTAL'].timezone):%Y-%m-%d %H:%M}"
