"""What is changed after a lecture is public: moved, called off, its seats, who runs it, what it cost."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from wtforms import SelectChoice

from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.forms import whole_number
from portal.events.forms.changing import CallOffForm, MoveForm, ReportForm, SeatsForm, StaffForm
from portal.events.forms.desk_fields import ask_again, typed_moment
from portal.events.forms.plan import as_sent, typed_where, where_of
from portal.events.models import Event
from portal.events.queries import common
from portal.events.queries import desk as queries
from portal.events.rules.lectures import EventState, Mode, Place
from portal.events.rules.plans import Where
from portal.events.services import moving, planning
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


def _public(event: Event, until: datetime) -> None:
    """Refuse a step that is for lectures which the public sees and which are not over.

    Raises:
        NotNow: this is none.
    """
    if event.state is not EventState.PUBLISHED or clock.now() >= until:
        raise planning.NotNow


# --- moved --------------------------------------------------------------------------------------------------------


@blueprint.get(f"/<{ID}>/move")
@requires(Permission.ORGANISE)
@refusals
def move(id: int) -> ResponseReturnValue:
    """Offer another time or place."""
    event = mine_or_403(id)
    _public(event, event.starts_at)
    typed = {
        **typed_moment("starts", event.starts_at, settings().timezone),
        **typed_where(Where(event.venue, event.address, event.map_url, event.online_url)),
        "minutes": str(int((event.ends_at - event.starts_at).total_seconds()) // 60),
        "base": str(event.sequence),
    }
    form = MoveForm(formdata=as_sent(typed))
    ask_again(form, settings().timezone, "starts")
    return page("move", event, form=form)


@blueprint.post(f"/<{ID}>/move")
@requires(Permission.ORGANISE)
@refusals
def do_move(id: int) -> ResponseReturnValue:
    """Show what a move changes and how many will be told; move when that was confirmed."""
    event, zone, now = mine_or_403(id), settings().timezone, clock.now()
    _public(event, event.starts_at)
    form = MoveForm()
    times = form.times(zone, at=now) if form.validate() else None
    where = where_of(form)
    if times is not None:
        _complete(form, event, where)
    if times is None or form.wrong:
        return page("move", event, status=422, form=form)
    starts_at, ends_at = times
    if form.confirmed.data != "yes":
        after = moving.when_moved(event, starts_at=starts_at, ends_at=ends_at, at=now)
        old = planning.plan_of(db.session(), event)
        rows_before, rows_after = (
            dict(words.fact_rows(one, zone, with_link=True)) for one in (old, replace(old, when=after, where=where))
        )
        names = [*rows_after, *(name for name in rows_before if name not in rows_after)]
        changes = [
            (name, rows_before.get(name, ""), rows_after.get(name, ""))
            for name in names
            if rows_before.get(name) != rows_after.get(name)
        ]
        return page("move_confirm", event, form=form, changes=changes, reach=queries.reach(db.session(), id))
    base = whole_number(form.base.data, otherwise=-1)
    with transaction() as session:
        done = moving.move(session, event_id=id, starts_at=starts_at, ends_at=ends_at, where=where, base=base, **me())
        reach = queries.reach(session, id)
    flask.flash(_told(reach) if done else gettext("Nothing was different, so nobody was told."))
    return back(id)


def _complete(form: MoveForm, event: Event, where: Where) -> None:
    """Put errors beside what a lecture of this kind cannot be without."""
    if event.mode is not Mode.ONLINE:
        for name, text in (("venue_hans", where.venue), ("address_hans", where.address)):
            if not text.get("zh-Hans"):
                form.refuse(name, gettext("Please fill this in."))
    if event.mode is not Mode.IN_PERSON and not where.online_url:
        form.refuse("online_url", gettext("Please fill this in."))


def _told(reach: queries.Reach) -> str:
    return str(
        gettext(
            "Done. %(told)d are told by mail or short message; %(silent)d left no contact.",
            told=reach.told,
            silent=reach.silent,
        )
    )


# --- called off ---------------------------------------------------------------------------------------------------


@blueprint.route(f"/<{ID}>/call-off", methods=["GET", "POST"])
@requires(Permission.ORGANISE)
@refusals
def call_off(id: int) -> ResponseReturnValue:
    """Say that a lecture does not take place, or several dates of its series, after one look at how many are told."""
    event = mine_or_403(id)
    _public(event, event.ends_at)
    form = CallOffForm()
    if flask.request.method == "GET":
        form.base.data = str(event.sequence)
        return _call_off(event, form)
    if not form.validate():
        return _call_off(event, form, status=422)
    numbers = form.listed() if form.series.data else {id: whole_number(form.base.data, otherwise=-1)}
    if form.series.data and (not numbers or numbers.keys() - queries.run_by(db.session(), access.present().id)):
        raise planning.Stale
    if form.confirmed.data != "yes":
        return _call_off(event, form, listed=numbers)
    reach = queries.reach(db.session(), *numbers)
    reason = form.reason.data
    with transaction() as session:
        if form.series.data:
            moving.call_off_series(session, event_id=id, numbers=numbers, reason=reason, **me())
        else:
            moving.call_off(session, event_id=id, reason=reason, base=numbers[id], **me())
    flask.flash(_told(reach))
    return back(id)


def _call_off(event: Event, form: CallOffForm, *, status: int = 200, listed: Collection[int] = ()) -> flask.Response:
    """Show the page; with dates `listed`, by their ids, it asks for the last word about these."""
    session = db.session()
    dates = queries.series_to_call_off(session, event, person_id=access.present().id, at=clock.now())
    if listed:
        dates = [one for one in dates if one.id in listed]
    reach = queries.reach(session, *(listed or [event.id]))
    return page("call_off", event, status=status, form=form, dates=dates, reach=reach, asks=bool(listed))


# --- seats --------------------------------------------------------------------------------------------------------


@blueprint.get(f"/<{ID}>/seats")
@requires(Permission.ORGANISE)
@refusals
def seats(id: int) -> ResponseReturnValue:
    """Offer more seats or fewer."""
    event = mine_or_403(id)
    if event.state is EventState.CANCELLED:
        raise planning.NotNow
    return _seats(event)


def _seats(event: Event, sent: SeatsForm | None = None, *, status: int = 200) -> flask.Response:
    session = db.session()
    waits = queries.waiting_counts(session, event.id)
    rows = []
    for pool in common.pools(session, event.id):
        is_sent = sent is not None and sent.place.data == pool.place.value
        form = sent if sent is not None and is_sent else SeatsForm(formdata=None, data={"capacity": str(pool.capacity)})
        rows.append((pool, waits.get(pool.id, 0), form))
    return page("seats", event, status=status, rows=rows, sent=sent)


@blueprint.post(f"/<{ID}>/seats")
@requires(Permission.ORGANISE)
@refusals
def resize(id: int) -> ResponseReturnValue:
    """Give a lecture more seats or fewer, never fewer than are taken."""
    event = mine_or_403(id)
    form = SeatsForm()
    if form.place.data not in list(Place):
        flask.abort(404)
    if not form.validate():
        return _seats(event, form, status=422)
    try:
        with transaction() as session:
            moving.resize(
                session, event_id=id, place=Place(form.place.data), capacity=int(form.capacity.data), **actor()
            )
    except moving.SeatsTaken as problem:
        message = gettext("%(taken)d seats are taken, so there cannot be fewer.", taken=problem.taken)
        form.refuse("capacity", message)
        return _seats(lecture_or_404(id), form, status=422)
    flask.flash(gettext("Saved. Free seats are offered to those who wait, in their order."))
    return back(id)


# --- who runs it --------------------------------------------------------------------------------------------------


@blueprint.route(f"/<{ID}>/staff", methods=["GET", "POST"])
@requires(Permission.ORGANISE)
@refusals
def staff(id: int) -> ResponseReturnValue:
    """Say who runs a lecture and who stands at its door."""
    event = mine_or_403(id)
    session = db.session()
    form = StaffForm()
    there = queries.staff_of(session, id)
    keep = {event.owner_id, *(one.person_id for one in there)}
    people = [(str(one.id), one.name) for one in queries.organisers(session, keep)]
    for field in (form.owner, form.runs, form.door):
        field.choices = [SelectChoice(*pair) for pair in people]
    if flask.request.method == "GET":
        form.owner.data = str(event.owner_id)
        form.runs.data = [str(one.person_id) for one in there if not one.at_the_door]
        form.door.data = [str(one.person_id) for one in there if one.at_the_door]
        return page("staff", event, form=form)
    if not form.validate():
        return page("staff", event, status=422, form=form)
    with transaction() as unit:
        moving.name_staff(
            unit,
            event_id=id,
            owner_id=int(form.owner.data),
            runs=[int(one) for one in form.runs.data or ()],
            door=[int(one) for one in form.door.data or ()],
            **actor(),
        )
    flask.flash(gettext("Saved. Only these people see names."))
    return back(id)


# --- what it cost -------------------------------------------------------------------------------------------------


@blueprint.route(f"/<{ID}>/report", methods=["GET", "POST"])
@requires(Permission.ORGANISE)
@refusals
def report(id: int) -> ResponseReturnValue:
    """Note what a lecture cost and what was handed out, for the report."""
    event = mine_or_403(id)
    if event.state is EventState.DRAFT:
        raise planning.NotNow
    form = ReportForm()
    if flask.request.method == "GET":
        cents = event.cost_cents
        form.cost.data = "" if cents is None else f"{cents // 100}.{cents % 100:02}"
        form.materials.data = "" if event.materials is None else str(event.materials)
        return page("report", event, form=form)
    if not form.validate():
        return page("report", event, status=422, form=form)
    with transaction() as session:
        cost_cents, materials = form.values()
        moving.report(session, event_id=id, cost_cents=cost_cents, materials=materials, **actor())
    flask.flash(gettext("Saved for the report."))
    return back(id)
