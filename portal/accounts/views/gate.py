"""Who is asking: the cookie, the session it stands for, and where people go who must sign in or confirm."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import flask
from flask import Response
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.accounts import queries, services
from portal.accounts.rules import RENEW_EVERY, Stage, permissions
from portal.core import clock
from portal.core.access import Actor, Gate, Permission, actor
from portal.core.database import db, transaction
from portal.core.errors import Busy
from portal.core.settings import Settings

BACKGROUND = "X-Background"
"""A request with this header (polling, autosave) does not prolong the session."""

_PLACE = re.compile(r"/desk/[A-Za-z0-9/_-]*\Z")
_QUERY = re.compile(r"[A-Za-z0-9._=&%+-]*\Z")
_NEXT_LIMIT = 500
SET_UP = frozenset(
    {
        "accounts.authenticator",
        "accounts.authenticator_picture",
        "accounts.passkeys",
        "accounts.passkey_options",
        "accounts.passkey_add",
        "accounts.confirm",
        "accounts.confirm_by_passkey",
        "accounts.sign_out",
    }
)
"""What somebody may reach who must first set up a second factor."""


def settings() -> Settings:
    """Return the installation's settings."""
    found: Settings = flask.current_app.config["PORTAL"]
    return found


def cookie_name() -> str:
    """Return the name of the session's cookie; over https no other host or path can set it."""
    return "__Host-mingbai" if settings().base_url.startswith("https://") else "mingbai"


def set_cookie(answer: Response, opened: services.Opened) -> Response:
    """Hand a session's token to the browser, until it is closed."""
    answer.set_cookie(
        cookie_name(),
        opened.token,
        path="/",
        secure=settings().base_url.startswith("https://"),
        httponly=True,
        samesite="Lax",
    )
    return answer


def forget_cookie(answer: Response) -> Response:
    """Take the token from the browser."""
    answer.delete_cookie(
        cookie_name(),
        path="/",
        secure=settings().base_url.startswith("https://"),
        httponly=True,
        samesite="Lax",
    )
    return answer


def visitor() -> services.Visitor:
    """Return where the request comes from."""
    return services.Visitor(flask.request.remote_addr or "", flask.request.headers.get("User-Agent", ""))


def known() -> queries.Known | None:
    """Return whose session the cookie stands for, half sessions included; looked up once a request."""
    if "known" not in flask.g:
        token = flask.request.cookies.get(cookie_name(), "")
        # Nothing is asked of the database for what cannot be a token.
        flask.g.known = queries.known(db.session(), token, at=clock.now()) if len(token) == 43 else None
    found: queries.Known | None = flask.g.known
    return found


def find() -> Actor | None:
    """Return who is asking, if they have signed in all the way; note that their session is in use."""
    found = known()
    if found is None or found.stage is not Stage.COMPLETE:
        return None
    if found.lacks_factor and flask.request.endpoint not in SET_UP:
        return None
    _note_use(found)
    return Actor(
        id=found.person_id,
        name=found.name,
        locale=found.locale,
        permissions=frozenset({Permission.DESK}) if found.lacks_factor else permissions(found.roles),
        session_id=found.session_id,
        confirmed_at=found.confirmed_at,
    )


def _note_use(found: queries.Known) -> None:
    at = clock.now()
    if BACKGROUND in flask.request.headers or at - found.seen_at < RENEW_EVERY:
        return
    try:
        with transaction() as session:
            services.note_use(session, session_id=found.session_id, at=at)
    except Busy:
        return  # the next request notes it


def _wants_json() -> bool:
    accepted = flask.request.accept_mimetypes
    return flask.request.is_json or accepted.best_match(["text/html", "application/json"]) == "application/json"


def _private(answer: Response, status: int) -> Response:
    answer.status_code = status
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def sign_in() -> ResponseReturnValue:
    """Send somebody to sign in, or to set up the second factor that they lack, and remember where they wanted to go."""
    found = known()
    if found is not None and found.stage is Stage.COMPLETE and found.lacks_factor:
        target = flask.url_for("accounts.authenticator")
    else:
        here = flask.request.full_path.rstrip("?") if flask.request.method == "GET" else ""
        target = flask.url_for("accounts.sign_in", next=inside(here))
    if _wants_json():
        return _private(flask.jsonify({"error": {"status": 401, "sign_in": target}}), 401)
    if flask.request.method in ("GET", "HEAD"):
        return _private(flask.make_response(flask.redirect(target)), 302)
    # What was typed is in the page that sent it, not here: a redirect would lose it.
    page = flask.render_template("accounts/signed_out.html", target=target)
    return _private(flask.make_response(page), 401)


def confirm() -> ResponseReturnValue:
    """Send somebody to prove again who they are, and back."""
    if flask.request.method in ("GET", "HEAD"):
        back = inside(flask.request.full_path.rstrip("?"))
    else:
        sent_from = urlsplit(flask.request.referrer or "")
        back = inside(sent_from.path + (f"?{sent_from.query}" if sent_from.query else ""))
    target = flask.url_for("accounts.confirm", next=back)
    if _wants_json():
        return _private(flask.jsonify({"error": {"status": 403, "confirm": target}}), 403)
    return _private(flask.make_response(flask.redirect(target)), 303)


def stale_form(problem: CSRFError) -> ResponseReturnValue:
    """Say that a form is from before somebody signed in or out; what was typed is in the page that sent it."""
    if _wants_json():
        return _private(flask.jsonify({"error": {"status": 400, "form": "stale"}}), 400)
    asking = actor()
    if asking:
        flask.g.locale = asking.locale
    return _private(flask.make_response(flask.render_template("accounts/stale_form.html")), problem.code or 400)


def inside(target: str | None) -> str | None:
    """Return `target` if it is a page of the desk that can be shown; None: it leads elsewhere or nowhere.

    It must match a route of this site. Everything that browsers or proxies read in two ways (backslashes, tabs,
    percent signs, dots and double slashes in the path) is refused before that.
    """
    if not target or len(target) > _NEXT_LIMIT:
        return None
    path, mark, query = target.partition("?")
    if not _PLACE.match(path) or "//" in path or (mark and not _QUERY.match(query)):
        return None
    try:
        endpoint, _values = flask.current_app.url_map.bind("localhost").match(path, method="GET")
    except (HTTPException, RequestRedirect):
        return None
    if getattr(flask.current_app.view_functions[endpoint], "access", "public") == "public":
        return None
    return target


def home() -> str:
    """Return where people arrive who wanted to go nowhere else."""
    # The desk itself belongs to a room above this one.
    desk = "articles.desk"
    return flask.url_for(desk if desk in flask.current_app.view_functions else "accounts.me")


def by_token(shown: str) -> Actor | None:
    """Return in whose name a program asks."""
    return services.tokens.actor_of(db.session(), shown, at=clock.now())


GATE = Gate(find=find, sign_in=sign_in, confirm=confirm, by_token=by_token)
