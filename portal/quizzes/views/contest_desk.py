"""Contests at the desk: setting them up, changing them before they begin, drawing, the contacts of winners, erasing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import flask
from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import SelectChoice

from portal.core import access, clock, web
from portal.core.access import DeskSection, Permission, requires
from portal.core.database import db, transaction
from portal.core.files import qr_svg
from portal.core.forms import whole_number
from portal.quizzes import queries
from portal.quizzes.forms import CONTACTS, DRAWN, ContestForm, DrawForm, TermsForm
from portal.quizzes.models import Contest
from portal.quizzes.rules import contests as rules
from portal.quizzes.rules import taking
from portal.quizzes.rules.contests import Phase
from portal.quizzes.services import contests as verbs
from portal.quizzes.services import drawing
from portal.quizzes.views.groups import settings
from portal.quizzes.views.judging import Changes, compare

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


@blueprint.route("/<slug:slug>/edit", methods=["GET", "POST"])
@requires(Permission.ORGANISE)
def edit(slug: str) -> ResponseReturnValue:
    """Change a contest that has not begun."""
    found, form, now, zone = _contest(slug), TermsForm(), clock.now(), settings().timezone
    if flask.request.method == "GET":
        if verbs.phase_of(found, now) is not Phase.COMING:
            return _has_begun(slug)
        form.show(found, zone)
        return _edit_page(found, form)
    values = form.terms(zone, at=now, winners=found.winners) if form.validate() else None
    if values is None:
        return _edit_page(found, form, status=422)
    try:
        with transaction() as session:
            seen = whole_number(form.edits.data, otherwise=0)
            verbs.change(session, slug=slug, values=values, edits=seen, by=access.present().name, at=now)
    except verbs.HasBegun:
        return _has_begun(slug)
    except verbs.Changed:
        theirs = _contest(slug)
        form.edits.data = str(theirs.edits)
        changes = compare(_parts(_terms_of(theirs)), _parts(values))
        return _edit_page(theirs, form, changes=changes, status=409)
    except verbs.Committed:
        form.refuse(
            "closes",
            gettext("A public value is announced for the draw, and nobody may know it before the end. So the contest "
                    "cannot close later than announced."),
        )  # fmt: skip
        return _edit_page(_contest(slug), form, status=422)
    return flask.redirect(flask.url_for("contest_desk.contest", slug=slug), 303)


def _has_begun(slug: str) -> ResponseReturnValue:
    flask.flash(gettext("The contest has begun: people take part by its rules as they are, so they stand."), "careful")
    return flask.redirect(flask.url_for("contest_desk.contest", slug=slug), 303)


def _terms_of(contest: Contest) -> dict[str, Any]:
    return {name: getattr(contest, name) for name in verbs.CHANGEABLE}


def _parts(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the terms of a contest as text, under the words of the form."""
    zone, form = settings().timezone, TermsForm(formdata=None)
    opens, closes = (f"{values[name].astimezone(zone):%Y-%m-%d %H:%M}" for name in ("opens_at", "closes_at"))
    said = {
        form.title: values["title"],
        form.opens: opens,
        form.closes: closes,
        form.contact: str(CONTACTS[values["contact"]]),
        form.prize: values["prize"],
        form.has_leaderboard: gettext("yes") if values["has_leaderboard"] else "–",
    }
    return {str(field.label.text): text for field, text in said.items()}


def _edit_page(found: Contest, form: TermsForm, *, changes: Changes | None = None, status: int = 200) -> Response:
    page = flask.render_template(
        "quizzes/desk_contest_edit.html",
        contest=found,
        form=form,
        changes=changes,
        quiz=queries.slug_of_quiz(db.session(), found.quiz_id),
        drawn_from=DRAWN[found.drawn_from],
        zone=settings().timezone.key,
    )
    return flask.make_response(page, status)


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
    except drawing.BeingMarked:
        _being_marked()
    except drawing.BeaconMissing:
        form.refuse("beacon", gettext("A public value was announced for this draw. Write it here, exactly."))
        return flask.make_response(_shown(_contest(slug), form), 422)
    except drawing.BeaconUnannounced:
        form.refuse("beacon", gettext("No public value was announced for this draw. Leave this empty."))
        return flask.make_response(_shown(_contest(slug), form), 422)
    return flask.redirect(flask.url_for("contest_desk.contest", slug=slug), 303)


def _being_marked() -> None:
    flask.flash(gettext("Answers to the quiz are being marked anew. Try again in a few minutes."), "careful")


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
    except drawing.BeingMarked:
        _being_marked()
    else:
        flask.flash(gettext("The contacts are erased."))
    return flask.redirect(flask.url_for("contest_desk.contest", slug=slug), 303)
