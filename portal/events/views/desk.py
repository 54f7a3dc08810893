"""Lectures at the desk: what is to be done now, the list, and one lecture with all that can be done with it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import flask
from flask import Flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext

from portal.core import access, clock, web
from portal.core.access import DeskSection, Permission, requires
from portal.core.database import db, local_day
from portal.core.forms import whole_number
from portal.core.settings import AUDIENCES
from portal.events.models import Event
from portal.events.queries import common
from portal.events.queries import desk as queries
from portal.events.rules.lectures import EventState
from portal.events.services import judging, planning, workflow
from portal.events.views import desk_words as words
from portal.events.views.desk_common import HERE, ID, blueprint, lecture_or_404, page, runs, settings
from portal.reference import queries as reference

SOON = timedelta(days=14)
"""Lectures that begin within this time stand among what is to be done."""
REPORTED_WITHIN = timedelta(days=120)
"""How long the desk asks what a lecture cost."""


def install(app: Flask) -> None:
    """Give `app` the desk's pages of lectures, their word in its menu, and a line on its first page."""
    app.register_blueprint(blueprint)
    web.add_desk_section(app, DeskSection(lambda: str(gettext("Lectures")), HERE, Permission.DESK))
    web.add_desk_waiting(app, waiting)


def waiting() -> tuple[str, str] | None:
    """Tell a reviewer, on the desk's first page, how many lectures wait for a decision of theirs."""
    asking = access.actor()
    if asking is None or not asking.may(Permission.REVIEW):
        return None
    count = len(queries.reviews_waiting(db.session(), asking.id))
    if not count:
        return None
    sentence = ngettext("%(num)d lecture waits for review", "%(num)d lectures wait for review", count)
    return str(sentence), flask.url_for("lectures.index")


# --- the list -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Task:
    """One thing that is to be done with a lecture now."""

    what: str
    row: queries.Row
    link: str
    act: str


def _tasks(rows: list[queries.Row], *, at: datetime) -> Iterator[Task]:
    """Yield what whoever asks has to do, the most urgent first."""
    person = access.present()
    session = db.session()
    by_id = {row.event.id: row for row in rows}

    def task(what: str, row: queries.Row, endpoint: str, act: str) -> Task:
        return Task(what, row, flask.url_for(endpoint, id=row.event.id), act)

    if person.may(Permission.REVIEW):
        for review in queries.reviews_waiting(session, person.id):
            row = by_id[review.event_id]
            yield task(gettext("Waits for your review"), row, "lectures.review", gettext("Review"))
    if not person.may(Permission.ORGANISE):
        return
    own = queries.run_by(session, person.id)
    mine = [row for row in rows if row.event.id in own]
    for row in mine:
        if row.sent_back and row.event.state is not EventState.CANCELLED:
            yield task(gettext("Sent back"), row, "lectures.show", gettext("Mend"))
    for row in mine:
        event = row.event
        if event.state is EventState.PUBLISHED and event.ends_at > at and event.starts_at - at <= SOON:
            yield task(gettext("Coming"), row, "lectures.show", gettext("Look"))
    for row in mine:
        event = row.event
        is_new = event.state is EventState.DRAFT or (
            event.state is EventState.PUBLISHED and event.latest_number != event.published_number
        )
        if is_new and row.review is None and not row.sent_back and event.ends_at > at:
            yield task(gettext("Draft"), row, "lectures.show", gettext("Go on planning"))
    for row in mine:
        event = row.event
        unsaid = event.cost_cents is None or event.materials is None
        if event.state is EventState.PUBLISHED and event.ends_at <= at < event.ends_at + REPORTED_WITHIN and unsaid:
            yield task(gettext("To be reported"), row, "lectures.report", gettext("Report"))


@blueprint.get("/")
@requires(Permission.DESK)
def index() -> ResponseReturnValue:
    """List the lectures, what is to be done first; without names, so for everybody at the desk."""
    session, now, zone = db.session(), clock.now(), settings().timezone
    asked = flask.request.args
    wanted = queries.Filter(
        text=asked.get("q", "")[:100].strip(),
        **{name: asked.get(name, "")[:80] for name in ("state", "topic", "audience", "district", "month")},
    )
    rows = queries.lectures(session, wanted, zone=zone, at=now)
    everything = rows if wanted == queries.Filter() else queries.lectures(session, queries.Filter(), zone=zone, at=now)
    place = max(whole_number(asked.get("page"), otherwise=1), 1)
    start = (place - 1) * queries.SHOWN
    kept = {name: value for name, value in asked.items() if value and name != "page"}
    return page(
        "index",
        tasks=list(_tasks(everything, at=now)),
        rows=rows[start : start + queries.SHOWN],
        count=len(rows),
        wanted=wanted,
        now=now,
        states={
            "": gettext("All"),
            "draft": gettext("Draft"),
            "review": gettext("In review"),
            "coming": gettext("Coming"),
            "over": gettext("Over"),
            "cancelled": gettext("Called off"),
        },
        topics=[("", gettext("All")), *((topic.key, topic.name["zh-Hans"]) for topic in reference.topics(session))],
        audiences=[("", gettext("All")), *((one.value, words.audience_word(one)) for one in AUDIENCES)],
        districts=queries.districts(session),
        earlier=flask.url_for(HERE, **kept, page=place - 1) if place > 1 else "",  # type: ignore[arg-type]  # free names
        later=flask.url_for(HERE, **kept, page=place + 1) if len(rows) > start + queries.SHOWN else "",  # type: ignore[arg-type]  # free names
    )


# --- one lecture --------------------------------------------------------------------------------------------------


@blueprint.get(f"/<{ID}>")
@requires(Permission.DESK)
def show(id: int) -> ResponseReturnValue:
    """Show a lecture: where it stands, what is next, its seats, and what can be changed."""
    return shown(lecture_or_404(id))


def shown(event: Event, *, status: int = 200, why: str = "", note: str | None = "") -> flask.Response:
    """Return the page of a lecture, with the reason why something was refused and the note that was typed."""
    session, now = db.session(), clock.now()
    review = planning.open_review(session, event.id)
    person = access.present()
    plan = planning.plan_of(session, event)
    checked = judging.check(session, event, today=local_day(session, at=now), at=now)
    reviews = queries.reviews_of(session, event.id)
    decides = (
        review is not None
        and person.may(Permission.REVIEW)
        and workflow.why_not_decide(session, event, review, person.id) is None
    )
    return page(
        "show",
        event,
        status=status,
        why=why,
        note=note or "",
        now=now,
        review=review,
        decides=decides,
        runs=runs(event),
        facts=words.fact_rows(plan, settings().timezone, with_link=runs(event), topics=queries.topic_names(session)),
        texts=words.text_parts(plan.content),
        news=event.latest_number != event.published_number,
        checked=checked,
        remarks=words.remarks(checked),
        pools=common.pools(session, event.id),
        reviews=reviews,
        revisions=queries.revisions(session, event.id),
        series=queries.series_of(session, event),
        dates=queries.series_to_submit(session, event, person_id=person.id, at=now),
        phase=common.phase_of(event, now).value,
        owner=queries.person_name(session, event.owner_id),
        waits=queries.waiting_counts(session, event.id),
    )
