"""The way of a lecture to the public: submitted, taken back, thrown away; and what the second person decides."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, local_day, transaction
from portal.core.forms import whole_number
from portal.events.forms.changing import DecideForm, SubmitForm
from portal.events.models import Event, Review
from portal.events.queries import desk as queries
from portal.events.rules.plans import Plan, Why
from portal.events.services import judging, planning, review_mail, workflow
from portal.events.services.workflow import Refused
from portal.events.views import desk_words as words
from portal.events.views.desk import shown
from portal.events.views.desk_common import (
    HERE,
    ID,
    actor,
    back,
    blueprint,
    lecture_or_404,
    me,
    mine_or_403,
    page,
    refusal,
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
        return shown(event, status=422, why=" ".join(str(field.errors[0]) for field in form.wrong), note=form.note.data)
    note = form.note.data or ""
    try:
        with transaction() as session:
            if form.series.data:
                numbers = form.listed()
                if numbers.keys() - queries.run_by(session, access.present().id):
                    raise planning.Stale
                made = workflow.submit_series(session, event_id=id, numbers=numbers, note=note, **me())
            else:
                base = whole_number(form.base.data, otherwise=0)
                made = [workflow.submit(session, event_id=id, base=base, note=note, **me())]
            review_mail.tell_submitted(session, made, site=settings().base_url, at=clock.now())
    except Refused as problem:
        return shown(lecture_or_404(id), status=409, why=refusal(problem), note=note)
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


@blueprint.route(f"/<{ID}>/discard", methods=["GET", "POST"])
@requires(Permission.ORGANISE)
@refusals
def discard(id: int) -> ResponseReturnValue:
    """Throw a draft away, after it was asked once."""
    event = mine_or_403(id)
    if why := workflow.why_not_discard(db.session(), event):
        raise Refused(why)
    if flask.request.method == "GET":
        return page("discard", event, review=planning.open_review(db.session(), id))
    base = whole_number(flask.request.form.get("base"), otherwise=0)
    with transaction() as session:
        workflow.discard(session, event_id=id, base=base, **actor())
    flask.flash(gettext("Thrown away."))
    return flask.redirect(flask.url_for(HERE), 303)


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
    refused: Why | None = workflow.why_not_decide(session, event, found, person.id)
    may = person.may(Permission.REVIEW)
    form.number.data = str(found.number)
    return page(
        "review",
        event,
        status=status,
        review=found,
        form=form,
        why=why,
        may=may and refused is None,
        refusal=words.why_word(refused) if may and refused is not None else "",
        changes=words.compare(words.text_parts(event.words), words.text_parts(plan.content)),
        facts=words.fact_rows(plan, zone, with_link=True, topics=queries.topic_names(session)),
        checked=checked,
        remarks=words.remarks(checked),
        dates=_dates(event, plan, checked, at=now),
        reasons={name: value for name, value in flask.request.form.items() if name.startswith("reason-")},
    )


@dataclass(slots=True)
class Date:
    """One date of the series that waits for a second person."""

    event: Event
    review: Review
    changes: words.Changes
    """What it says otherwise than the date that is shown, its times apart."""
    refusal: str
    """Why whoever asks may not decide on it."""
    checked: judging.Checked | None = None
    """What the check says of what is otherwise."""
    remarks: Sequence[words.Remark] = ()
    """Of that, what it does not say of a date further up the page."""


def _dates(event: Event, seen: Plan, checked: judging.Checked, *, at: datetime) -> list[Date]:
    """Return the dates of the series that wait, the one that is shown among them; none where it waits alone."""
    session, zone = db.session(), settings().timezone
    here, today = words.plan_parts(seen, zone), local_day(session, at=at)
    told = {remark.key for remark in words.remarks(checked)}
    found = []
    for one, review in queries.series_reviews(session, event):
        plan = replace(planning.plan_of(session, one, number=review.number), when=seen.when)
        why = workflow.why_not_decide(session, one, review, access.present().id)
        date = Date(one, review, words.compare(here, words.plan_parts(plan, zone)), words.why_word(why) if why else "")
        if date.changes:
            date.checked = judging.check(session, one, number=review.number, today=today, at=at)
            date.remarks = [remark for remark in words.remarks(date.checked) if remark.key not in told]
            told |= {remark.key for remark in date.remarks}
        found.append(date)
    return found if len(found) > 1 else []


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
    try:
        with transaction() as session:
            decided = _decide(session, found, form, approves=approves)
            review_mail.tell_decided(session, decided, site=settings().base_url, at=clock.now())
    except Refused as problem:
        if problem.why not in (Why.FINDINGS, Why.PROBLEMS, Why.NO_RULES) and problem.starts_at is None:
            raise
        event = lecture_or_404(id)
        found = planning.open_review(db.session(), event.id)
        if found is None:
            raise
        return _page(event, found, form, status=409, why=refusal(problem))
    if approves:
        flask.flash(gettext("Published. People can register as planned."))
    else:
        flask.flash(gettext("Sent back to the author."))
    return back(id)


def _decide(session: Session, found: Review, form: DecideForm, *, approves: bool) -> list[Review]:
    given: dict[str, Any] = {"opinion": form.opinion.data or "", **me()}
    waived = {
        name.removeprefix("reason-"): value.strip()[:LONGEST_REASON]
        for name, value in flask.request.form.items()
        if name.startswith("reason-") and value.strip()
    }
    if form.series.data:
        return workflow.decide_series(
            session, event_id=found.event_id, numbers=form.listed(), approves=approves, waived=waived, **given
        )
    if approves:
        number = whole_number(form.number.data, otherwise=0)
        workflow.approve(session, review_id=found.id, number=number, waived=waived, **given)
    else:
        workflow.send_back(session, review_id=found.id, **given)
    return [session.get_one(Review, found.id)]
