"""One's own second factors: the authenticator and recovery codes."""

from __future__ import annotations

from typing import Any

import flask
from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts import forms, queries, services
from portal.accounts.rules import Kind
from portal.accounts.views.blueprint import blueprint, leave, page, too_many
from portal.accounts.views.gate import set_cookie, visitor
from portal.accounts.views.own import myself
from portal.core import clock
from portal.core.access import Permission, present, requires
from portal.core.database import db, transaction
from portal.core.files import qr_svg

ISSUER = "Mingbai"


def _secret() -> str:
    asking = present()
    return services.new_secret(db.session(), person_id=asking.id, session_id=asking.session_id)


@blueprint.route("/me/authenticator", methods=["GET", "POST"])
@requires(Permission.DESK, fresh=True)
def authenticator() -> ResponseReturnValue:
    """Set up the authenticator: show its secret, and turn it on with the first code that it gives."""
    form, asking, person = forms.Code(), present(), myself()
    if person.totp_secret:
        return leave(flask.url_for("accounts.me"))
    shown: dict[str, Any] = {"form": form, "secret": _secret(), "must": person.must_have_factor}
    if flask.request.method == "GET":
        return page("authenticator.html", **shown)
    if not form.validate():
        return page("authenticator.html", status=422, **shown)
    at, address = clock.now(), visitor().address
    codes: list[str] = []
    try:
        with transaction() as session:
            attempt = services.reserve(session, Kind.CODE, email=myself().email, address=address, at=at)
            opened = services.confirm_authenticator(
                session, person_id=asking.id, session_id=asking.session_id, typed=form.code.data, at=at
            )
            if opened:
                services.forgive(session, attempt)
                codes = services.new_recovery_codes(session, person_id=asking.id, by=asking.name, at=at)
    except services.Throttled as problem:
        return too_many("authenticator.html", problem, **shown)
    if opened is None:
        form.refuse("code", _("This code is not right. Please type the one that is shown now."))
        return page("authenticator.html", status=422, **shown)
    flask.g.pop("known", None)  # they may do more now than when the request began
    flask.g.pop("actor", None)
    return set_cookie(page("recovery_codes.html", codes=codes), opened)


@blueprint.get("/me/authenticator.svg")
@requires(Permission.DESK, fresh=True)
def authenticator_picture() -> ResponseReturnValue:
    """Draw the secret that is being set up as a QR code."""
    if myself().totp_secret:
        flask.abort(404)
    return qr_svg(services.uri(_secret(), email=myself().email, issuer=ISSUER), is_secret=True)


@blueprint.post("/me/authenticator/remove")
@requires(Permission.DESK, fresh=True)
def authenticator_remove() -> ResponseReturnValue:
    """Turn the authenticator off."""
    asking = present()
    with transaction() as session:
        opened = services.drop_authenticator(session, person_id=asking.id, session_id=asking.session_id, at=clock.now())
    return after_change(opened, _("The authenticator is off."))


def after_change(opened: services.Opened | None, done: str) -> Response:
    """Answer a change of factors that may have been refused."""
    if opened is None:
        flask.flash(_("Your roles need a second factor. Please set up another one before you remove this."), "careful")
        return leave(flask.url_for("accounts.me"))
    flask.flash(done)
    return set_cookie(leave(flask.url_for("accounts.me")), opened)


@blueprint.post("/me/recovery-codes")
@requires(Permission.DESK, fresh=True)
def recovery_codes() -> ResponseReturnValue:
    """Make new recovery codes and show them this once; those before stop working."""
    asking = present()
    if not queries.has_factor(db.session(), myself()):
        flask.flash(_("Recovery codes stand for a second factor. Please set one up first."), "careful")
        return leave(flask.url_for("accounts.me"))
    with transaction() as session:
        codes = services.new_recovery_codes(session, person_id=asking.id, by=asking.name, at=clock.now())
    return page("recovery_codes.html", codes=codes)
