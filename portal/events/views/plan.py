"""The plan of a lecture: from nothing, a template or another lecture; saved as its next revision; series; templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from wtforms import SelectChoice

from portal.core import clock
from portal.core.access import Permission, requires
from portal.core.database import db, local_day, transaction
from portal.core.forms import whole_number
from portal.core.settings import AUDIENCES, Audience
from portal.events.forms.changing import RepeatForm, TemplateForm
from portal.events.forms.desk_fields import ask_again
from portal.events.forms.plan import PlanForm, as_sent, lasting, typed_plan
from portal.events.forms.questions import ROWS
from portal.events.models import Event, Template
from portal.events.queries import desk as queries
from portal.events.rules.lectures import EventState
from portal.events.rules.plans import ClockSkips, Plan
from portal.events.services import judging, planning, series
from portal.events.views import desk_words as words
from portal.events.views.desk_common import (
    ID,
    actor,
    back,
    blueprint,
    lecture_or_404,
    me,
    mine_or_403,
    page,
    refusals,
    settings,
)
from portal.reference import queries as reference

FURTHEST = 10**9
"""A revision that nobody can have: what is no number was not the latest."""
BLANK = {
    "audience": Audience.GENERAL.value,
    "mode": "in-person",
    "seats_hall": "40",
    "minutes": "90",
    "most_seats": "4",
}


def _form(typed: Mapping[str, str] | None, event: Event | None) -> PlanForm:
    """Return the form, with what was sent (None) or with values that are shown."""
    form = PlanForm() if typed is None else PlanForm(formdata=as_sent(typed))
    topics = reference.topics(db.session())
    groups = {topic.parent for topic in topics}
    named = [(topic.key, topic.name["zh-Hans"]) for topic in topics if topic.key not in groups]
    stored = form.topic.data
    if event is not None and event.topic and event.topic not in dict(named):
        named.append((event.topic, event.topic))
    form.topic.choices = [SelectChoice("", "–"), *(SelectChoice(*pair) for pair in named)]
    form.topic.data = stored
    form.audience.choices = [SelectChoice(one.value, words.audience_word(one)) for one in AUDIENCES]
    if event is not None:
        del form.slug
        if event.state is not EventState.DRAFT:
            form.without_facts()
    return form


def _page(form: PlanForm, event: Event | None, *, status: int = 200, **context: Any) -> flask.Response:
    session = db.session()
    return page(
        "plan",
        event,
        status=status,
        form=form,
        rows=ROWS,
        articles=queries.article_titles(session),
        quizzes=queries.quiz_titles(session),
        districts=queries.districts(session),
        campaigns=_campaigns(),
        under_review=event is not None and planning.open_review(session, event.id) is not None,
        **context,
    )


def _campaigns(*, but: int | None = None) -> list[str]:
    """Return the names of campaigns: of this year's calendar, then as lectures have them."""
    session = db.session()
    year = str(local_day(session, at=clock.now()).year)
    of_year = [one.names[year] for one in reference.campaigns(session) if year in one.names]
    return list(dict.fromkeys([*of_year, *queries.campaigns(session, but=but)]))


def _planned(form: PlanForm, event: Event | None) -> Plan | None:
    """Return what was typed, or None after putting errors beside fields."""
    if not form.validate():
        # What needs several fields is said as well: whoever mends one mistake should not find the next afterwards.
        _read(form, event)
        return None
    return _read(form, event)


def _read(form: PlanForm, event: Event | None) -> Plan | None:
    session = db.session()
    # Whoever mends the spelling of a lecture is not held to what it was.
    own = event.id if event is not None else None
    form.settle(district=queries.districts(session, but=own), campaign=_campaigns(but=own))
    old = planning.plan_of(session, event) if event is not None else None
    return form.plan(
        settings().timezone,
        at=clock.now(),
        old=old,
        articles=queries.article_titles(session).keys() | set(old.details.articles if old else ()),
        quizzes=queries.quiz_titles(session).keys() | ({old.details.pre_quiz, old.details.post_quiz} if old else set()),
        used=queries.question_keys(session, event.id) if event is not None else (),
    )


# --- new ----------------------------------------------------------------------------------------------------------


@blueprint.get("/new")
@requires(Permission.ORGANISE)
def new() -> ResponseReturnValue:
    """Offer the form of a new lecture: empty, from a template, or like another lecture."""
    session = db.session()
    template_id = whole_number(flask.request.args.get("template"), otherwise=0)
    like = whole_number(flask.request.args.get("like"), otherwise=0)
    typed: Mapping[str, str] = BLANK | {"takes_groups": "y"}
    if template_id:
        template = session.get(Template, template_id) or flask.abort(404)
        typed = template.plan
    elif like:
        event = lecture_or_404(like)
        typed = _without_question_keys(lasting(typed_plan(planning.plan_of(session, event), settings().timezone)))
    return _page(_form(typed, None), None, templates=queries.templates(session), chosen=template_id)


def _without_question_keys(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in typed.items() if not name.endswith("_key")}


@blueprint.post("/new")
@requires(Permission.ORGANISE)
def add() -> ResponseReturnValue:
    """Store a new lecture as a draft."""
    form = _form(None, None)
    plan = _planned(form, None)
    if plan is None:
        return _page(form, None, status=422)
    try:
        with transaction() as session:
            number = planning.create(session, plan=plan, slug=form.slug.data or "", **me()).id
    except planning.SlugTaken:
        form.refuse("slug", gettext("Another lecture has this name. Choose another one."))
        return _page(form, None, status=422)
    flask.flash(gettext("Saved as a draft. The public sees it after review."))
    return back(number)


# --- changed ------------------------------------------------------------------------------------------------------


@blueprint.get(f"/<{ID}>/plan")
@requires(Permission.ORGANISE)
def edit(id: int) -> ResponseReturnValue:
    """Offer the plan of a lecture for writing."""
    event = mine_or_403(id)
    if event.state is EventState.CANCELLED:
        return page("refused", event, status=409, sentence=gettext("It was called off. Plan another one like it."))
    typed = typed_plan(planning.plan_of(db.session(), event), settings().timezone)
    form = _form({**typed, "base": str(event.latest_number)}, event)
    ask_again(form, settings().timezone, "starts", "opens", "closes")
    return _page(form, event)


@blueprint.post(f"/<{ID}>/plan")
@requires(Permission.ORGANISE)
@refusals
def save(id: int) -> ResponseReturnValue:
    """Save the plan as the lecture's next revision, or only check what was typed."""
    event = mine_or_403(id)
    form = _form(None, event)
    plan = _planned(form, event)
    if plan is None:
        return _page(form, event, status=422)
    now = clock.now()
    if flask.request.form.get("action") == "check":
        checked = judging.check_plan(
            db.session(),
            plan,
            name=event.slug,
            is_public=event.published_number is not None,
            today=local_day(db.session(), at=now),
            at=now,
        )
        return _page(form, event, checked=checked, remarks=words.remarks(checked))
    base = whole_number(form.base.data, otherwise=0) or FURTHEST
    before = event.latest_number
    try:
        with transaction() as session:
            made = planning.save(session, event_id=id, plan=plan, base=base, **me())
            told = _saved_word(made, made.latest_number != before)
    except planning.Stale:
        return _clash(form, id, plan)
    flask.flash(told)
    return back(id)


def _saved_word(event: Event, is_new: bool) -> str:
    if not is_new:
        return str(gettext("Nothing was different, so nothing was saved."))
    if event.published_number == event.latest_number:
        return str(gettext("Saved. The public reads it at once."))
    return str(gettext("Saved as a draft. The public sees it after review."))


def _clash(form: PlanForm, number: int, plan: Plan) -> flask.Response:
    """Return the form with what was typed, and how it differs from what somebody else saved meanwhile."""
    event, zone = lecture_or_404(number), settings().timezone
    theirs = planning.plan_of(db.session(), event)
    if event.state is not EventState.DRAFT:
        plan = Plan(plan.content, plan.details, theirs.mode, theirs.seats, theirs.when, theirs.where)
        form.without_facts()
    form.base.data = str(event.latest_number)
    latest = planning.revision(db.session(), number, event.latest_number)
    changes = words.compare(words.plan_parts(theirs, zone), words.plan_parts(plan, zone))
    return _page(form, event, status=409, changes=changes, latest=latest)


# --- series -------------------------------------------------------------------------------------------------------


@blueprint.route(f"/<{ID}>/repeat", methods=["GET", "POST"])
@requires(Permission.ORGANISE)
@refusals
def repeat(id: int) -> ResponseReturnValue:
    """Plan a lecture again on further days."""
    event = mine_or_403(id)
    form = RepeatForm()
    found = queries.series_of(db.session(), event)
    if flask.request.method == "GET":
        form.name.data = (
            found[0].name
            if found
            else planning.revision(db.session(), event.id, event.latest_number).content["title"].get("zh-Hans", "")
        )
        form.opens_days.data = str(max((event.starts_at - event.opens_at).days, 0))
        return page("repeat", event, form=form)
    days = form.wanted(local_day(db.session(), at=event.starts_at)) if form.validate() else None
    if days is None:
        return page("repeat", event, status=422, form=form)
    ahead = whole_number(form.opens_days.data, otherwise=None)
    try:
        with transaction() as session:
            made = series.repeat(
                session,
                event_id=id,
                name=form.name.data,
                days=days,
                opens_before=None if ahead is None else timedelta(days=ahead),
                **me(),
            )
            count = len(made)
    except ClockSkips as problem:
        form.refuse(
            "days" if form.how.data == "days" else "times",
            gettext(
                "On %(days)s the clocks are put forward and skip this time. Leave these days out, and plan them apart.",
                days=", ".join(day.isoformat() for day in problem.days),
            ),
        )
        return page("repeat", lecture_or_404(id), status=422, form=form)
    flask.flash(ngettext("%(num)d lecture is planned.", "%(num)d lectures are planned.", count))
    return back(id)


# --- templates ----------------------------------------------------------------------------------------------------


@blueprint.route(f"/<{ID}>/template", methods=["GET", "POST"])
@requires(Permission.ORGANISE)
def keep_template(id: int) -> ResponseReturnValue:
    """Keep a lecture as a template for others."""
    event = lecture_or_404(id)
    form = TemplateForm()
    if flask.request.method == "GET":
        return page("template", event, form=form)
    if not form.validate():
        return page("template", event, status=422, form=form)
    typed = lasting(typed_plan(planning.plan_of(db.session(), event), settings().timezone))
    try:
        with transaction() as session:
            planning.keep_template(
                session,
                name=form.name.data,
                plan=_without_question_keys(typed),
                instead=bool(form.instead.data),
                **actor(),
            )
    except planning.NameTaken:
        form.refuse("name", gettext("There is a template of this name. Choose another name, or replace it."))
        return page("template", lecture_or_404(id), status=422, form=form)
    flask.flash(gettext("Kept as a template."))
    return flask.redirect(flask.url_for("lectures.templates"), 303)


@blueprint.get("/templates")
@requires(Permission.ORGANISE)
def templates() -> ResponseReturnValue:
    """List the templates."""
    return _templates(TemplateForm(formdata=None))


def _templates(form: TemplateForm, *, wrong: int = 0, status: int = 200) -> flask.Response:
    found = queries.templates(db.session())
    return page("templates", None, status=status, found=found, form=form, wrong=wrong)


@blueprint.post("/templates/<int(max=9007199254740991):template_id>")
@requires(Permission.ORGANISE)
def change_template(template_id: int) -> ResponseReturnValue:
    """Rename a template, or throw it away."""
    form = TemplateForm()
    removes = flask.request.form.get("action") == "remove"
    if db.session.get(Template, template_id) is None:
        flask.abort(404)
    if not removes and not form.validate():
        return _templates(form, wrong=template_id, status=422)
    try:
        with transaction() as session:
            if removes:
                planning.remove_template(session, template_id=template_id, **actor())
            else:
                planning.rename_template(session, template_id=template_id, name=form.name.data, **actor())
    except LookupError:
        flask.abort(404)
    except planning.NameTaken:
        form.refuse("name", gettext("Another template has this name."))
        return _templates(form, wrong=template_id, status=422)
    flask.flash(gettext("Thrown away.") if removes else gettext("Renamed."))
    return flask.redirect(flask.url_for("lectures.templates"), 303)
