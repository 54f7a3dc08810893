"""The blueprint, the languages of pages before sign-in, and what all pages of this room share."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import flask
from flask import Blueprint, Response

from portal.accounts.rules import browser
from portal.accounts.services import Throttled
from portal.core.settings import LOCALES, Locale

blueprint = Blueprint("accounts", __name__, url_prefix="/desk")


@blueprint.before_request
def _speak() -> None:
    """Before anybody has signed in, the address may name the language."""
    asked = flask.request.args.get("language")
    if asked in LOCALES:
        flask.g.locale = Locale(asked)


@blueprint.app_template_filter("moment")
def moment(at: datetime) -> str:
    """Return a moment in the site's time zone as staff read it."""
    return at.astimezone(flask.current_app.config["PORTAL"].timezone).strftime("%Y-%m-%d %H:%M")


blueprint.add_app_template_filter(browser, "browser")


def page(template: str, *, status: int = 200, **values: Any) -> Response:
    """Return a page that nothing and nobody keeps."""
    answer = Response(flask.render_template(f"accounts/{template}", **values), status=status)
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def leave(target: str) -> Response:
    """Send the browser on after a write."""
    answer = flask.make_response(flask.redirect(target, 303))
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def too_many(template: str, problem: Throttled, **values: Any) -> Response:
    """Return the same page again with how long to wait; what was typed stays, save the secret."""
    answer = page(template, status=429, wait=max(1, -(-problem.seconds // 60)), **values)
    answer.headers["Retry-After"] = str(problem.seconds)
    return answer
