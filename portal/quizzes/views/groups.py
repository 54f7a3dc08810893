"""Codes for classes and community centres: making them, printing them, and results in sums.

Organisers make them: they are who goes to schools and centres. Writing questions gives no right to run them.
"""

from __future__ import annotations

from collections.abc import Iterator

import flask
from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import SelectChoice

from portal.audit.rules import Tag
from portal.audit.services import record
from portal.core import access, clock, web
from portal.core.access import DeskSection, Permission, requires
from portal.core.database import db, transaction
from portal.core.files import csv_file, qr_svg
from portal.core.settings import AUDIENCES, Audience, Settings, address
from portal.core.web import NO_REFERRER, public_page, say_instead
from portal.quizzes import queries
from portal.quizzes.forms import GroupForm
from portal.quizzes.models import Group
from portal.quizzes.queries import Results
from portal.quizzes.rules import taking
from portal.quizzes.rules.groups import BANDS, FEWEST
from portal.quizzes.services import groups as verbs

blueprint = Blueprint("groups", __name__)
ID = "<int(max=9007199254740991):group_id>"


def install(app: Flask) -> None:
    """Give `app` the pages of groups and their word in the desk's menu."""
    app.register_blueprint(blueprint)
    section = DeskSection(lambda: gettext("Groups"), "groups.index", Permission.ORGANISE)
    web.add_desk_section(app, section)


def settings() -> Settings:
    """Return the site's settings."""
    found: Settings = flask.current_app.config["PORTAL"]
    return found


def _group(group_id: int) -> Group:
    return queries.group_of(db.session(), group_id) or flask.abort(404)


@blueprint.get("/desk/groups/")
@requires(Permission.ORGANISE)
def index() -> ResponseReturnValue:
    """List the groups, and offer to make one."""
    return _index(_form(GroupForm(formdata=None)))


def _form(form: GroupForm) -> GroupForm:
    form.quiz.choices = [
        SelectChoice(str(key), title) for key, title in queries.quizzes_to_choose(db.session(), pairs=True)
    ]
    return form


def _index(form: GroupForm, *, status: int = 200) -> Response:
    page = flask.render_template(
        "quizzes/desk_groups.html",
        form=form,
        rows=queries.all_groups(db.session()),
        now=clock.now(),
        fewest=FEWEST,
        spoken=taking.spoken,
    )
    return flask.make_response(page, status)


@blueprint.post("/desk/groups/")
@requires(Permission.ORGANISE)
def make() -> ResponseReturnValue:
    """Make a code."""
    form, now = _form(GroupForm()), clock.now()
    closes_at = form.closes_at(settings().timezone, at=now) if form.validate() else None
    if form.wrong:
        return _index(form, status=422)
    with transaction() as session:
        group_id = verbs.open_group(
            session,
            quiz_id=int(form.quiz.data),
            label=form.label.data,
            closes_at=closes_at,
            by=access.present().name,
            at=now,
        ).id
    return flask.redirect(flask.url_for("groups.group", group_id=group_id), 303)


@blueprint.get(f"/desk/groups/{ID}")
@requires(Permission.ORGANISE)
def group(group_id: int) -> ResponseReturnValue:
    """Show a group: its code, and how it did."""
    return _shown(_group(group_id))


def _shown(found: Group, *, link: str = "") -> str:
    session = db.session()
    return flask.render_template(
        "quizzes/desk_group.html",
        group=found,
        quiz=queries.slug_of_quiz(session, found.quiz_id),
        is_open=found.closes_at is None or found.closes_at > clock.now(),
        results=queries.group_results(session, found),
        bands=BANDS,
        fewest=FEWEST,
        code=taking.spoken(found.code),
        link=link,
    )


@blueprint.post(f"/desk/groups/{ID}/close")
@requires(Permission.ORGANISE)
def close(group_id: int) -> ResponseReturnValue:
    """End a code."""
    _group(group_id)
    with transaction() as session:
        verbs.close_group(session, group_id=group_id, by=access.present().name, at=clock.now())
    flask.flash(gettext("The code is closed. Nobody can begin with it any more."))
    return flask.redirect(flask.url_for("groups.group", group_id=group_id), 303)


@blueprint.post(f"/desk/groups/{ID}/link")
@requires(Permission.ORGANISE)
def link(group_id: int) -> ResponseReturnValue:
    """Make a new address for the results and show it this once; the one before stops working."""
    _group(group_id)
    with transaction() as session:
        token = verbs.new_link(session, group_id=group_id, by=access.present().name, at=clock.now())
    return _shown(_group(group_id), link=f"{settings().base_url}/quizzes/groups/{token}")


# --- on paper -----------------------------------------------------------------------------------------------------


def _edition() -> Audience:
    asked = flask.request.args.get("edition", "")
    return Audience(asked) if asked in AUDIENCES else Audience.GENERAL


def _address(found: Group, audience: Audience) -> str:
    quiz = queries.slug_of_quiz(db.session(), found.quiz_id)
    return settings().base_url + address(f"/quizzes/{quiz}", audience=audience)


@blueprint.get(f"/desk/groups/{ID}/print")
@requires(Permission.ORGANISE)
def sheet(group_id: int) -> ResponseReturnValue:
    """Show a page to print: the code, the address, and a QR code with both."""
    found, audience = _group(group_id), _edition()
    return flask.render_template(
        "quizzes/desk_group_print.html",
        group=found,
        audience=audience,
        audiences=AUDIENCES,
        address=_address(found, audience),
        code=taking.spoken(found.code),
    )


@blueprint.get(f"/desk/groups/{ID}/qr.svg")
@requires(Permission.ORGANISE)
def qr(group_id: int) -> ResponseReturnValue:
    """Draw the address with the code filled in."""
    found = _group(group_id)
    return qr_svg(f"{_address(found, _edition())}?group={found.code}")


# --- results ------------------------------------------------------------------------------------------------------


@blueprint.get(f"/desk/groups/{ID}/results.csv")
@requires(Permission.ORGANISE)
def results_file(group_id: int) -> ResponseReturnValue:
    """Hand out the results as a file; as many as the page shows, and no more."""
    found = _group(group_id)
    results = queries.group_results(db.session(), found)
    with transaction() as session:
        who = access.present().name
        record(session, Tag.RESULTS_EXPORTED, by=who, at=clock.now(), target=f"group:{group_id}")
    return csv_file(list(_rows(_group(group_id), results)), name=f"group-{group_id}")


def _rows(found: Group, results: Results) -> Iterator[list[object]]:
    yield [gettext("Group"), found.label]
    if results.summary is None:
        yield [gettext("Too few have finished (fewer than %(fewest)d); nothing is told.", fewest=FEWEST)]
        return
    summary = results.summary
    yield [gettext("Finished"), summary.finished]
    yield [gettext("Counted"), summary.counted]
    yield [gettext("Mean in percent"), round(summary.mean, 1)]
    yield [gettext("Median in percent"), round(summary.median, 1)]
    for (low, high), count in zip(BANDS, summary.bands, strict=True):
        yield [f"{low}–{high} %", count]
    yield []
    yield [
        gettext("Question"),
        gettext("Wording"),
        gettext("Asked"),
        gettext("Share of points"),
        gettext("Do not know"),
    ]
    for figure in results.figures:
        told = [f"{share:.3f}" if share is not None else "" for share in (figure.facility, figure.dont_know)]
        asked = figure.asked if figure.facility is not None else f"< {FEWEST}"
        yield [figure.item, results.stems.get(figure.item, ""), asked, *told]


@public_page(blueprint, "/quizzes/groups/<token:token>")
def public_results(token: str) -> ResponseReturnValue:
    """Show a teacher without an account how the group did."""
    session = db.session()
    found = verbs.of_link(session, token) or flask.abort(404)
    say_instead(NO_REFERRER)
    answer = web.reader_page(
        "quizzes/group_results.html",
        group=found,
        results=queries.group_results(session, found),
        bands=BANDS,
        fewest=FEWEST,
    )
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
