"""The people's administration."""

from __future__ import annotations

import flask
from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from portal.accounts import forms, queries, services
from portal.accounts.models import Person
from portal.accounts.rules import Obstacle, Role
from portal.accounts.views.blueprint import blueprint, leave, page
from portal.accounts.views.gate import set_cookie
from portal.accounts.views.own import ID
from portal.core import clock
from portal.core.access import Permission, present, requires
from portal.core.database import db, transaction
from portal.core.settings import Locale

_PERSON = f"/people/{ID.format('person_id')}"

OBSTACLES = {
    Obstacle.NO_ROLE: _l("Please choose at least one role."),
    Obstacle.OWN_ADMINISTRATOR: _l("You cannot take this role from yourself. Ask another administrator."),
    Obstacle.LAST_ADMINISTRATOR: _l("Nobody could look after the people then. Make somebody else administrator first."),
    Obstacle.OWN_ACCOUNT: _l("You cannot disable your own account. Ask another administrator."),
    Obstacle.TAKEN: _l("Somebody has this mail address already."),
}


def _person(person_id: int) -> Person:
    found = db.session().get(Person, person_id)
    if found is None:
        flask.abort(404)
    return found


def _back(person_id: int, done: str) -> Response:
    flask.flash(done)
    return leave(flask.url_for("accounts.person", person_id=person_id))


@blueprint.get("/people/")
@requires(Permission.MANAGE_PEOPLE)
def people() -> ResponseReturnValue:
    """List everybody."""
    session = db.session()
    return page(
        "people.html",
        people=queries.people(session),
        with_factor=queries.with_factor(session),
        role_names=forms.ROLE_WORDS,
        here_section="accounts.people",
    )


@blueprint.route("/people/invite", methods=["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE, fresh=True)
def invite() -> ResponseReturnValue:
    """Invite somebody: they get a link by mail with which they choose a password."""
    form = forms.Invite()
    if flask.request.method == "GET":
        return page("invite.html", form=form, here_section="accounts.people")
    if not form.validate():
        return page("invite.html", status=422, form=form, here_section="accounts.people")
    try:
        with transaction() as session:
            services.invite(
                session,
                email=form.email.data,
                name=form.name.data,
                roles=form.roles.data,
                by=present().name,
                at=clock.now(),
                locale=Locale(form.locale.data),
            )
    except services.Refused as refused:
        form.refuse("email" if refused.obstacle is Obstacle.TAKEN else "roles", OBSTACLES[refused.obstacle])
        return page("invite.html", status=422, form=form, here_section="accounts.people")
    flask.flash(_("The invitation to %(name)s is on its way. It works for three days.", name=form.name.data))
    return leave(flask.url_for("accounts.people"))


@blueprint.get(_PERSON)
@requires(Permission.MANAGE_PEOPLE)
def person(person_id: int) -> ResponseReturnValue:
    """Show one person."""
    found = _person(person_id)
    return _show(found, forms.Roles(formdata=None, roles=list(found.roles)))


def _show(found: Person, form: forms.Roles, status: int = 200) -> Response:
    session = db.session()
    return page(
        "person.html",
        status=status,
        form=form,
        person=found,
        has_factor=queries.has_factor(session, found),
        sessions=queries.sessions(session, found.id, at=clock.now()),
        is_self=found.id == present().id,
        here_section="accounts.people",
    )


@blueprint.post(f"{_PERSON}/roles")
@requires(Permission.MANAGE_PEOPLE, fresh=True)
def roles(person_id: int) -> ResponseReturnValue:
    """Give a person other roles; they sign in again with what they may do now."""
    asking, form = present(), forms.Roles()
    found = _person(person_id)
    if not form.validate():
        return _show(found, form, 422)
    own = person_id == asking.id
    opened = None
    try:
        with transaction() as session:
            changed = services.set_roles(
                session,
                person_id=person_id,
                roles=[Role(name) for name in form.roles.data],
                by_id=asking.id,
                by=asking.name,
                at=clock.now(),
                keep=asking.session_id if own else None,
            )
            if own and changed:
                opened = services.renew(session, session_id=asking.session_id)
    except services.Refused as refused:
        form.refuse("roles", OBSTACLES[refused.obstacle])
        return _show(_person(person_id), form, 422)
    answer = _back(person_id, _("The roles are changed.") if changed else _("Nothing has changed."))
    return set_cookie(answer, opened) if opened else answer


@blueprint.post(f"{_PERSON}/sessions/end")
@requires(Permission.MANAGE_PEOPLE, fresh=True)
def end_persons_sessions(person_id: int) -> ResponseReturnValue:
    """Sign a person out everywhere."""
    asking = present()
    _person(person_id)
    with transaction() as session:
        keep = asking.session_id if person_id == asking.id else None
        services.end_own(session, person_id=person_id, session_id=None, keep=keep, by=asking.name, at=clock.now())
    return _back(person_id, _("Signed out everywhere."))


@blueprint.post(f"{_PERSON}/disable")
@requires(Permission.MANAGE_PEOPLE, fresh=True)
def disable(person_id: int) -> ResponseReturnValue:
    """Let a person in no more."""
    asking = present()
    _person(person_id)
    try:
        with transaction() as session:
            services.disable(session, person_id=person_id, by_id=asking.id, by=asking.name, at=clock.now())
    except services.Refused as refused:
        flask.flash(str(OBSTACLES[refused.obstacle]), "careful")
        return leave(flask.url_for("accounts.person", person_id=person_id))
    return _back(person_id, _("The account is disabled. What the person wrote stays."))


@blueprint.post(f"{_PERSON}/enable")
@requires(Permission.MANAGE_PEOPLE, fresh=True)
def enable(person_id: int) -> ResponseReturnValue:
    """Let a person in again."""
    _person(person_id)
    with transaction() as session:
        services.enable(session, person_id=person_id, by=present().name, at=clock.now())
    return _back(person_id, _("The account is open again."))


@blueprint.post(f"{_PERSON}/link")
@requires(Permission.MANAGE_PEOPLE, fresh=True)
def send_link(person_id: int) -> ResponseReturnValue:
    """Mail a person a link for another password, or their invitation once more."""
    _person(person_id)
    with transaction() as session:
        found = session.get_one(Person, person_id)
        if not found.active:
            flask.abort(409)
        send = services.send_reset if found.password_hash else services.send_invitation
        send(session, found, by=present().name, at=clock.now())
    return _back(person_id, _("The link is on its way."))


@blueprint.post(f"{_PERSON}/factors/clear")
@requires(Permission.MANAGE_PEOPLE, fresh=True)
def clear_factors(person_id: int) -> ResponseReturnValue:
    """Take the second factors from somebody who has lost them."""
    _person(person_id)
    if person_id == present().id:
        flask.flash(_("Change your own factors under your own account."), "careful")
        return leave(flask.url_for("accounts.person", person_id=person_id))
    with transaction() as session:
        services.clear_factors(session, person_id=person_id, by=present().name, at=clock.now())
    return _back(person_id, _("The second factors are gone. At the next sign-in they are set up again."))
