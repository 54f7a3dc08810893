"""Signing in, confirming, signing out, and the links that are mailed."""

from __future__ import annotations

import flask
from flask import Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from portal.accounts import forms, queries, services
from portal.accounts.models import Person
from portal.accounts.rules import Kind, Purpose, Stage
from portal.accounts.views.blueprint import blueprint, leave, page, too_many
from portal.accounts.views.gate import (
    forget_cookie,
    home,
    inside,
    known,
    set_cookie,
    visitor,
)
from portal.audit import services as audit
from portal.audit.rules import Tag
from portal.core import clock
from portal.core.access import Permission, actor, present, public, requires
from portal.core.database import db, transaction


def _next() -> str | None:
    return inside(flask.request.args.get("next"))


def enter(opened: services.Opened) -> Response:
    """Hand over a session's cookie and send the browser on: to the code, or into the desk."""
    flask.session.clear()  # another token for forms: none from before works afterwards
    if opened.stage is Stage.PASSWORD:
        return set_cookie(leave(flask.url_for("accounts.code", next=_next())), opened)
    return set_cookie(leave(_next() or home()), opened)


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> ResponseReturnValue:
    """Ask for address and password."""
    form = forms.SignIn()
    if flask.request.method == "GET":
        return leave(_next() or home()) if actor() else page("sign_in.html", form=form)
    if not form.validate():
        return page("sign_in.html", status=422, form=form)
    at, from_where = clock.now(), visitor()
    try:
        with transaction() as session:
            attempt = services.reserve(session, Kind.PASSWORD, email=form.email.data, address=from_where.address, at=at)
    except services.Throttled as problem:
        return too_many("sign_in.html", problem, form=form)
    checked = services.check(queries.person_by_email(db.session(), form.email.data), form.password.data)
    with transaction() as session:
        opened = services.sign_in(session, checked, attempt_id=attempt, visitor=from_where, at=at)
    if opened is None:
        form.refuse("password", _("Address and password do not belong together. Please check both."))
        return page("sign_in.html", status=422, form=form)
    return enter(opened)


@blueprint.route("/sign-in/code", methods=["GET", "POST"])
@public
def code() -> ResponseReturnValue:
    """Ask for the second factor, after a right password."""
    half = known()
    if half is None or half.stage is not Stage.PASSWORD:
        return leave(flask.url_for("accounts.sign_in", next=_next()))
    form = forms.Code()
    if flask.request.method == "GET":
        return page("code.html", form=form)
    if not form.validate():
        return page("code.html", status=422, form=form)
    at, from_where = clock.now(), visitor()
    try:
        with transaction() as session:
            email = session.get_one(Person, half.person_id).email
            attempt = services.reserve(session, Kind.CODE, email=email, address=from_where.address, at=at)
            accepted = services.accept_code(session, person_id=half.person_id, typed=form.code.data, at=at)
            opened = None
            if accepted:
                services.forgive(session, attempt)
                opened = services.complete(session, session_id=half.session_id, how=accepted, visitor=from_where, at=at)
    except services.Throttled as problem:
        return too_many("code.html", problem, form=form)
    if accepted is None:
        form.refuse("code", _("This code is not right, or was used already. Please wait for the next one."))
        return page("code.html", status=422, form=form)
    if opened is None:
        return leave(flask.url_for("accounts.sign_in", next=_next()))
    return enter(opened)


@blueprint.post("/sign-out")
@requires(Permission.DESK)
def sign_out() -> ResponseReturnValue:
    """End the session and have the browser forget what it kept of it."""
    asking = present()
    with transaction() as session:
        services.end(session, session_id=asking.session_id, person_id=asking.id, by=asking.name, at=clock.now())
    flask.session.clear()
    answer = forget_cookie(leave(flask.url_for("accounts.sign_in")))
    answer.headers["Clear-Site-Data"] = '"cache", "storage"'
    return answer


@blueprint.route("/confirm", methods=["GET", "POST"])
@requires(Permission.DESK)
def confirm() -> ResponseReturnValue:
    """Ask somebody who has signed in for the password again."""
    form, asking = forms.Password(), present()
    if flask.request.method == "GET":
        return page("confirm.html", form=form)
    if not form.validate():
        return page("confirm.html", status=422, form=form)
    at, from_where = clock.now(), visitor()
    person = db.session().get_one(Person, asking.id)
    try:
        with transaction() as session:
            attempt = services.reserve(session, Kind.PASSWORD, email=person.email, address=from_where.address, at=at)
    except services.Throttled as problem:
        return too_many("confirm.html", problem, form=form)
    checked = services.check(db.session().get(Person, asking.id), form.password.data)
    with transaction() as session:
        if not checked.right:
            audit.record(session, Tag.PROOF_REFUSED, by=asking.name, at=at, target=f"person:{asking.id}")
            opened = None
        else:
            services.forgive(session, attempt)
            opened = services.confirm(session, session_id=asking.session_id, person_id=asking.id, by=asking.name, at=at)
    if opened is None:
        form.refuse("password", _("This is not your password. Please type it again."))
        return page("confirm.html", status=422, form=form)
    return set_cookie(leave(_next() or home()), opened)


@blueprint.route("/reset", methods=["GET", "POST"])
@public
def reset() -> ResponseReturnValue:
    """Mail a link for another password; the answer is the same whether the address is known."""
    form = forms.Address()
    if flask.request.method == "GET":
        return page("reset.html", form=form, sent=False)
    if not form.validate():
        return page("reset.html", status=422, form=form, sent=False)
    at = clock.now()
    try:
        with transaction() as session:
            services.reserve(session, Kind.RESET, email=form.email.data, address=visitor().address, at=at)
            services.ask_reset(session, email=form.email.data, at=at)
    except services.Throttled as problem:
        return too_many("reset.html", problem, form=form, sent=False)
    return page("reset.html", form=form, sent=True)


@blueprint.route("/link/<token:token>", methods=["GET", "POST"])
@public
def link(token: str) -> ResponseReturnValue:
    """Show what a mailed link is for; act on POST only, because mail scanners follow links."""
    form, at = forms.NewPassword(), clock.now()
    found = queries.live_link(db.session(), token, at=at)
    if found is None:
        return page("link_gone.html", status=404)
    mailed, person = found
    is_new = mailed.purpose is Purpose.INVITATION
    if flask.request.method == "GET":
        return page("link.html", form=form, person=person, is_new=is_new)
    if not (form.validate() and strong(form, person)):
        return page("link.html", status=422, form=form, person=person, is_new=is_new)
    hashed = services.hash_password(form.password.data)
    with transaction() as session:
        accepted = services.accept(session, token=token, password_hash=hashed, at=at)
        if accepted is None:
            return page("link_gone.html", status=404)
        opened = services.enter_by_link(session, *accepted, visitor=visitor(), at=at)
    if opened is None:
        flask.flash(_("Your password is changed. Please sign in with it."))
        return leave(flask.url_for("accounts.sign_in"))
    return enter(opened)


def strong(form: forms.NewPassword | forms.ChangePassword, person: Person) -> bool:
    """Put an error beside a new password that would be guessed; return whether there is none."""
    weak = services.refuse_weak(person, form.password.data)
    if weak:
        form.refuse("password", forms.WEAKNESSES[weak])
    return weak is None
