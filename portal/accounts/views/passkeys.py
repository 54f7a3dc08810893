"""Passkeys: made, removed, and used to sign in or to confirm. The browser's side is `static/js/passkey.js`."""

from __future__ import annotations

import json
from typing import Any

import flask
from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts import queries, services
from portal.accounts.rules import NAME_LIMIT
from portal.accounts.services import Site
from portal.accounts.views.blueprint import blueprint, page
from portal.accounts.views.entering import enter
from portal.accounts.views.factors import ISSUER, after_change
from portal.accounts.views.gate import home, inside, set_cookie, settings, visitor
from portal.accounts.views.own import ID, myself
from portal.core import clock
from portal.core.access import Permission, present, public, requires
from portal.core.database import db, transaction


def site() -> Site:
    """Return what passkeys of this portal are bound to."""
    return Site.of(settings().base_url, name=ISSUER)


@blueprint.app_context_processor
def _site() -> dict[str, Any]:
    return {"passkey_site": site}


def _told(body: str | dict[str, Any], status: int = 200) -> Response:
    text = body if isinstance(body, str) else json.dumps(body)
    answer = Response(text, status=status, mimetype="application/json")
    answer.headers["Cache-Control"] = "private, no-store"
    return answer


def _refused() -> Response:
    return _told({"error": {"status": 422}}, 422)


def _credential() -> tuple[dict[str, Any], dict[str, Any]] | None:
    """Return what the browser sent, and the credential in it; None: it is of another shape."""
    sent = flask.request.get_json(silent=True)
    if not isinstance(sent, dict) or not isinstance(sent.get("credential"), dict):
        return None
    return sent, sent["credential"]


@blueprint.get("/sign-in/passkey")
@public
def passkey_challenge() -> ResponseReturnValue:
    """Give a browser what it needs to sign in with a passkey."""
    return _told(services.sign_in_options(site=site(), at=clock.now()))


@blueprint.post("/sign-in/passkey")
@public
def sign_in_by_passkey() -> ResponseReturnValue:
    """Sign somebody in with a passkey, which stands for both factors."""
    sent = _credential()
    if sent is None:
        return _refused()
    with transaction() as session:
        opened = services.sign_in_by_passkey(
            session, credential=sent[1], site=site(), visitor=visitor(), at=clock.now()
        )
    if opened is None:
        return _refused()
    sent_on = enter(opened)
    answer = _told({"next": sent_on.headers["Location"]})
    return set_cookie(answer, opened)


@blueprint.get("/confirm/passkey")
@requires(Permission.DESK)
def confirm_challenge() -> ResponseReturnValue:
    """Give a browser what it needs to confirm with a passkey."""
    purpose = f"confirm:{present().session_id}"
    return _told(services.sign_in_options(site=site(), at=clock.now(), purpose=purpose))


@blueprint.post("/confirm/passkey")
@requires(Permission.DESK)
def confirm_by_passkey() -> ResponseReturnValue:
    """Take a passkey instead of the password that is asked for again."""
    sent, asking, at = _credential(), present(), clock.now()
    if sent is None:
        return _refused()
    opened = None
    with transaction() as session:
        purpose = f"confirm:{asking.session_id}"
        person = services.check_passkey(session, credential=sent[1], site=site(), at=at, purpose=purpose)
        if person is not None and person.id == asking.id:
            opened = services.confirm(session, session_id=asking.session_id, person_id=asking.id, by=asking.name, at=at)
    if opened is None:
        return _refused()
    return set_cookie(_told({"next": inside(flask.request.args.get("next")) or home()}), opened)


@blueprint.get("/me/passkeys")
@requires(Permission.DESK, fresh=True)
def passkeys() -> ResponseReturnValue:
    """Show one's passkeys."""
    return page("passkeys.html", passkeys=queries.passkeys(db.session(), present().id), must=myself().must_have_factor)


@blueprint.get("/me/passkeys/options")
@requires(Permission.DESK, fresh=True)
def passkey_options() -> ResponseReturnValue:
    """Give a browser what it needs to make a passkey."""
    return _told(services.passkey_options(db.session(), person_id=present().id, site=site(), at=clock.now()))


@blueprint.post("/me/passkeys")
@requires(Permission.DESK, fresh=True)
def passkey_add() -> ResponseReturnValue:
    """Store a passkey that a browser has made."""
    sent, asking = _credential(), present()
    name = sent[0].get("name") if sent else None
    if sent is None or not isinstance(name, str):
        return _refused()
    name = " ".join(name.split())[:NAME_LIMIT]
    if not name or not name.isprintable():
        name = _("Passkey")
    with transaction() as session:
        opened = services.add_passkey(
            session,
            person_id=asking.id,
            session_id=asking.session_id,
            credential=sent[1],
            name=name,
            site=site(),
            at=clock.now(),
        )
    if opened is None:
        return _refused()
    flask.flash(_("The passkey is ready. Please make recovery codes as well, if you have none."))
    return set_cookie(_told({"next": flask.url_for("accounts.me")}), opened)


@blueprint.post(f"/me/passkeys/{ID.format('passkey_id')}/remove")
@requires(Permission.DESK, fresh=True)
def passkey_remove(passkey_id: int) -> ResponseReturnValue:
    """Take a passkey away."""
    asking = present()
    try:
        with transaction() as session:
            opened = services.drop_passkey(
                session, person_id=asking.id, passkey_id=passkey_id, session_id=asking.session_id, at=clock.now()
            )
    except LookupError:
        flask.abort(404)
    return after_change(opened, _("The passkey is removed."))
