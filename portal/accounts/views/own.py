"""One's own account: name, language, password, sessions."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts import forms, queries, services
from portal.accounts.models import Person
from portal.accounts.rules import Kind
from portal.accounts.views.blueprint import blueprint, leave, page, too_many
from portal.accounts.views.entering import strong
from portal.accounts.views.gate import set_cookie, visitor
from portal.core import clock
from portal.core.access import Permission, present, requires
from portal.core.database import db, transaction
from portal.core.settings import Locale

ID = "<int(max=9007199254740991):{}>"


def myself() -> Person:
    """Return the person who is asking."""
    return db.session().get_one(Person, present().id)


@blueprint.get("/me")
@requires(Permission.DESK)
def me() -> ResponseReturnValue:
    """Show one's own account."""
    person = myself()
    return _me(forms.Profile(formdata=None, name=person.name, locale=person.locale.value))


def _me(form: forms.Profile, status: int = 200) -> ResponseReturnValue:
    person, session = myself(), db.session()
    return page(
        "me.html",
        status=status,
        form=form,
        person=person,
        roles=[forms.ROLE_NAMES[role] for role in forms.ROLE_NAMES if role in person.roles],
        passkeys=queries.passkeys(session, person.id),
        codes_left=queries.recovery_codes_left(session, person.id),
        sessions=queries.sessions(session, person.id, at=clock.now()),
        this=present().session_id,
    )


@blueprint.post("/me")
@requires(Permission.DESK)
def rename() -> ResponseReturnValue:
    """Change one's name and language."""
    form = forms.Profile()
    if not form.validate():
        return _me(form, 422)
    with transaction() as session:
        services.rename(
            session, person_id=present().id, name=form.name.data, locale=Locale(form.locale.data), at=clock.now()
        )
    flask.g.locale = Locale(form.locale.data)
    flask.flash(_("Saved."))
    return leave(flask.url_for("accounts.me"))


@blueprint.route("/me/password", methods=["GET", "POST"])
@requires(Permission.DESK)
def password() -> ResponseReturnValue:
    """Change one's password; all other sessions end."""
    form, asking = forms.ChangePassword(), present()
    if flask.request.method == "GET":
        return page("password.html", form=form)
    if not (form.validate() and strong(form, myself())):
        return page("password.html", status=422, form=form)
    at = clock.now()
    try:
        with transaction() as session:
            email = session.get_one(Person, asking.id).email
            address = visitor().address
            attempt = services.reserve(session, Kind.PASSWORD, email=email, address=address, at=at)
    except services.Throttled as problem:
        return too_many("password.html", problem, form=form)
    checked = services.check(myself(), form.current.data)
    if not checked.right:
        form.refuse("current", _("This is not your password. Please type it again."))
        return page("password.html", status=422, form=form)
    hashed = services.hash_password(form.password.data)
    with transaction() as session:
        services.forgive(session, attempt)
        opened = services.change_password(
            session,
            person_id=asking.id,
            stored=checked.stored,
            password_hash=hashed,
            session_id=asking.session_id,
            at=at,
        )
    if opened is None:
        return leave(flask.url_for("accounts.sign_in"))
    flask.flash(_("Your password is changed, and you are signed out everywhere else."))
    return set_cookie(leave(flask.url_for("accounts.me")), opened)


@blueprint.post(f"/me/sessions/{ID.format('session_id')}/end")
@requires(Permission.DESK)
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of one's own sessions."""
    asking = present()
    with transaction() as session:
        ended = services.end_own(
            session, person_id=asking.id, session_id=session_id, keep=None, by=asking.name, at=clock.now()
        )
    if not ended:
        flask.abort(404)
    flask.flash(_("That browser is signed out."))
    return leave(flask.url_for("accounts.me"))


@blueprint.post("/me/sessions/end")
@requires(Permission.DESK)
def end_sessions() -> ResponseReturnValue:
    """End all of one's sessions but this one."""
    asking = present()
    with transaction() as session:
        services.end_own(
            session, person_id=asking.id, session_id=None, keep=asking.session_id, by=asking.name, at=clock.now()
        )
    flask.flash(_("You are signed out everywhere else."))
    return leave(flask.url_for("accounts.me"))
