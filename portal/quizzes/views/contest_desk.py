"""Contests at the desk: setting them up, drawing, the contacts of winners, erasing."""

from __future__ import annotations

import flask
from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import SelectChoice

from portal.core import access, clock, web
from portal.core.access import DeskSection, Permission, requires
from portal.core.database import db, transaction
from portal.core.files import qr_svg
from portal.quizzes import queries
from portal.quizzes.forms import ContestForm, DrawForm
from portal.quizzes.models import Contest
from portal.quizzes.rules import contests as rules
from portal.quizzes.rules import taking
from portal.quizzes.rules.contests import Phase
from portal.quizzes.services import contests as verbs
from portal.quizzes.services import drawing
from portal.quizzes.views.groups import settings

blueprint = Blueprint("contest_desk", __name__, url_prefix="/desk/contests")


def install(app: Flask) -> None:
    """Give `app` the desk's pages of contests and their word in its menu."""
    app.register_blueprint(blueprint)
    section = DeskSection(lambda: gettext("Contests"), "contest_desk.index", Permission.ORGANISE)
    web.add_desk_section(app, section)


def _contest(slug: str) -> Contest:
    return queries.contest_of(db.session(), slug) or flask.abort(404)


def phase_word(phase: str) -> str:
    """Return where a contest stands, in words."""
    words = {
        Phase.COMING: lambda: gettext("Not begun"),
        Phase.OPEN: lambda: gettext("Open"),
        Phase.CLOSED: lambda: gettext("Over"),
        Phase.DRAWN: lambda: gettext("Drawn"),
    }
    return str(words[Phase(phase)]())


blueprint.add_app_template_global(phase_word, "contest_phase_word")


@blueprint.get("/")
@requires(Permission.ORGANISE)
def index() -> ResponseReturnValue:
    """List the contests."""
    now = clock.now()
    rows = [(row, verbs.phase_of(row.contest, now)) for row in queries.all_contests(db.session())]
    return flask.render_template("quizzes/desk_contests.html", rows=rows)


@blueprint.get("/new")
@requires(Permission.ORGANISE)
def blank() -> ResponseReturnValue:
    """Offer a form for a new contest."""
    return _form_page(_form(ContestForm(formdata=None)))


def _form(form: ContestForm) -> ContestForm:
    form.quiz.choices = [
        SelectChoice(str(key), title) for key, title in queries.quizzes_to_choose(db.session(), pairs=False)
    ]
    return form


def _form_page(form: ContestForm, *, status: int = 200) -> Response:
    page = flask.render_template("quizzes/desk_contest_new.html", form=form, zone=settings().timezone.key)
    return flask.make_response(page, status)


@blueprint.post("/new")
@requires(Permission.ORGANISE)
def make() -> ResponseReturnValue:
    """Announce a contest."""
    form, now = _form(ContestForm()), clock.now()
    values = form.values(settings().timezone, at=now) if form.validate() else None
    if values is None:
        return _form_page(form, status=422)
    try:
        with transaction() as session:
            verbs.set_up(session, values=values, by=access.present().name, at=now)
    except verbs.SlugTaken:
        form.refuse("slug", gettext("Another contest has this name. Choose another one."))
        return _form_page(form, status=422)
    return flask.redirect(flask.url_for("contest_desk.contest", slug=values["slug"]), 303)


@blueprint.get("/<slug:slug>")
@requires(Permission.ORGANISE)
def contest(slug: str) -> ResponseReturnValue:
    """Show a contest and what comes next."""
    return flask.make_response(_shown(_contest(slug), DrawForm(formdata=None)))


def _shown(found: Contest, form: DrawForm) -> str:
    session = db.session()
    return flask.render_template(
        "quizzes/desk_contest.html",
        contest=found,
        form=form,
        phase=verbs.phase_of(found, clock.now()),
        quiz=queries.slug_of_quiz(session, found.quiz_id),
        entries=queries.entries(session, found),
        kept=queries.kept_contacts(session, found),
        erased_from=rules.erased_from(closes_at=found.closes_at, drawn_at=found.drawn_at),
        address=f"{settings().base_url}/contests/{found.slug}",
        spoken=taking.spoken,
    )


@blueprint.get("/<slug:slug>/qr.svg")
@requires(Permission.ORGANISE)
def qr(slug: str) -> ResponseReturnValue:
    """Draw a code that leads to the contest."""
    return qr_svg(f"{settings().base_url}/contests/{_contest(slug).slug}")


@blueprint.post("/<slug:slug>/draw")
@requires(Permission.ORGANISE)
def draw(slug: str) -> ResponseReturnValue:
    """Draw the prizes, once."""
    _contest(slug)
    form = DrawForm()
    if not form.validate():
        return flask.make_response(_shown(_contest(slug), form), 422)
    try:
        with transaction() as session:
            drawing.draw(session, slug=slug, beacon=form.beacon.data or "", by=access.present().name, at=clock.now())
    except (drawing.NotOver, drawing.NoPrizes):
        flask.flash(gettext("There is nothing to draw now: the contest is still open, or has no prizes."), "careful")
    except drawing.BeaconMissing:
        form.refuse("beacon", gettext("A public value was announced for this draw. Write it here, exactly."))
        return flask.make_response(_shown(_contest(slug), form), 422)
    except drawing.BeaconUnannounced:
        form.refuse("beacon", gettext("No public value was announced for this draw. Leave this empty."))
        return flask.make_response(_shown(_contest(slug), form), 422)
    return flask.redirect(flask.url_for("contest_desk.contest", slug=slug), 303)


@blueprint.get("/<slug:slug>/winners")
@requires(Permission.ORGANISE, fresh=True)
def winners(slug: str) -> ResponseReturnValue:
    """Show the contacts of those who won, and of nobody else; the log says who looked."""
    _contest(slug)
    try:
        with transaction() as session:
            found = drawing.winners(session, slug=slug, by=access.present().name, at=clock.now())
    except LookupError:
        flask.abort(404)
    return flask.render_template(
        "quizzes/desk_contest_winners.html", contest=_contest(slug), winners=found, spoken=taking.spoken
    )


@blueprint.post("/<slug:slug>/erase")
@requires(Permission.ORGANISE, fresh=True)
def erase(slug: str) -> ResponseReturnValue:
    """Erase the contacts now."""
    _contest(slug)
    try:
        with transaction() as session:
            drawing.erase(session, slug=slug, by=access.present().name, at=clock.now())
    except drawing.NotOver:
        flask.flash(gettext("The contest is still open. Contacts are erased once it is over."), "careful")
    else:
        flask.flash(gettext("The contacts are erased."))
    return flask.redirect(flask.url_for("contest_desk.contest", slug=slug), 303)
