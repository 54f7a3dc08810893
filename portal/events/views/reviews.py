"""The way of a lecture to the public: submitting it, taking it back, and what the second person decides."""

from __future__ import annotations

from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, local_day, transaction
from portal.core.forms import whole_number
from portal.events.forms.changing import DecideForm, SubmitForm
from portal.events.models import Event, Review
from portal.events.queries import desk as queries
from portal.events.rules.plans import Why
from portal.events.services import judging, planning, workflow
from portal.events.services.workflow import Refused
from portal.events.views import desk_words as words
from portal.events.views.desk import shown
from portal.events.views.desk_common import (
    ID,
    back,
    blueprint,
    lecture_or_404,
    me,
    mine_or_403,
    page,
    refusals,
    settings,
)

LONGEST_REASON = 500


@blueprint.post(f"/<{ID}>/submit")
@requires(Permission.ORGANISE)
@refusals
def submit(id: int) -> ResponseReturnValue:
    """Ask a second person to look at the latest text."""
    event = mine_or_403(id)
    form = SubmitForm()
    if not form.validate():
        return shown(event, status=422, why=" ".join(str(field.errors[0]) for field in form.wrong))
    base = whole_number(form.base.data, otherwise=0)
    try:
        with transaction() as session:
            workflow.submit(session, event_id=id, base=base, note=form.note.data or "", **me())
    except Refused as problem:
        return shown(lecture_or_404(id), status=409, why=words.why_word(problem.why))
    flask.flash(gettext("Submitted. Somebody who did not write it will look at it."))
    return back(id)


@blueprint.post(f"/<{ID}>/take-back")
@requires(Permission.ORGANISE)
@refusals
def take_back(id: int) -> ResponseReturnValue:
    """End a review to go on writing."""
    mine_or_403(id)
    with transaction() as session:
        done = workflow.take_back(session, event_id=id, **me())
    flask.flash(gettext("Taken back. You can go on writing.") if done else gettext("No review was open."))
    return back(id)


@blueprint.get(f"/<{ID}>/review")
@requires(Permission.DESK)
def review(id: int) -> ResponseReturnValue:
    """Show what was submitted to whoever decides on it."""
    event = lecture_or_404(id)
    found = planning.open_review(db.session(), event.id)
    return back(id) if found is None else _page(event, found, DecideForm(formdata=None))


def _page(event: Event, found: Review, form: DecideForm, *, status: int = 200, why: str = "") -> flask.Response:
    session, now, zone = db.session(), clock.now(), settings().timezone
    person = access.present()
    plan = planning.plan_of(session, event, number=found.number)
    checked = judging.check(session, event, number=found.number, today=local_day(session, at=now), at=now)
    refusal: Why | None = workflow.why_not_decide(session, event, found, person.id)
    may = person.may(Permission.REVIEW)
    form.number.data = str(found.number)
    return page(
        "review",
        event,
        status=status,
        review=found,
        form=form,
        why=why,
        may=may and refusal is None,
        refusal=words.why_word(refusal) if may and refusal is not None else "",
        changes=words.compare(words.text_parts(event.words), words.text_parts(plan.content)),
        facts=words.fact_rows(plan, zone, with_link=True, topics=queries.topic_names(session)),
        checked=checked,
        remarks=words.remarks(checked),
        reasons={name: value for name, value in flask.request.form.items() if name.startswith("reason-")},
    )


@blueprint.post(f"/<{ID}>/review")
@requires(Permission.REVIEW)
@refusals
def decide(id: int) -> ResponseReturnValue:
    """Let the public have a lecture, or send it back with a reason."""
    event = lecture_or_404(id)
    found = planning.open_review(db.session(), event.id)
    if found is None:
        raise Refused(Why.WRONG_STATE)
    form = DecideForm()
    approves = flask.request.form.get("decision") == "approve"
    valid = form.validate()
    if not approves and not form.opinion.data:
        form.refuse("opinion", gettext("Say what is to be changed: the author reads it."))
        valid = False
    if not valid:
        return _page(event, found, form, status=422)
    given: dict[str, Any] = {"review_id": found.id, "opinion": form.opinion.data or "", **me()}
    if approves:
        waived = {
            name.removeprefix("reason-"): value.strip()[:LONGEST_REASON]
            for name, value in flask.request.form.items()
            if name.startswith("reason-") and value.strip()
        }
        number = whole_number(form.number.data, otherwise=0)
        try:
            with transaction() as session:
                workflow.approve(session, number=number, waived=waived, **given)
        except Refused as problem:
            if problem.why not in (Why.FINDINGS, Why.PROBLEMS, Why.NO_RULES):
                raise
            event = lecture_or_404(id)
            found = planning.open_review(db.session(), event.id)
            if found is None:
                raise
            return _page(event, found, form, status=409, why=words.why_word(problem.why))
        flask.flash(gettext("Published. People can register as planned."))
    else:
        with transaction() as session:
            workflow.send_back(session, **given)
        flask.flash(gettext("Sent back to the author."))
    return back(id)
