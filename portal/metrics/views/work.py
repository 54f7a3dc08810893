"""What staff do for a quarter: enter figures, set targets, write and approve its texts, close it, save it as a file."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from sqlalchemy.orm import Session

from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, site_zone, transaction
from portal.core.i18n import in_words
from portal.metrics.forms import (
    ENTERED_KEYS,
    MEASURE_KEYS,
    SECTION_KEYS,
    UNIT_KEYS,
    AmendForm,
    EntryForm,
    TargetForm,
    TextForm,
    number,
)
from portal.metrics.queries import stored
from portal.metrics.rules.closing import Section, State
from portal.metrics.rules.targets import Measure, TargetUnit
from portal.metrics.services import figures, files, reports
from portal.metrics.services.exporting import MEDIA_TYPES, Form
from portal.metrics.views import words
from portal.quizzes.services import pdf
from portal.reference import queries as reference
from portal.reference.models import Campaign
from portal.reference.rules import quarters

blueprint = Blueprint("quarter_work", __name__)
HERE = "metrics.index"
QUARTER = "/desk/quarters/<quarter:quarter>"
SECTIONS = {
    Section.OVERALL: _l("Overall arrangement"),
    Section.CAMPAIGNS: _l("Concentrated campaigns"),
    Section.ROUTINE: _l("Routine education"),
    Section.PROBLEMS: _l("Problems and their causes"),
    Section.PLAN: _l("Plan for the next quarter"),
}
UNITS = {
    TargetUnit.COUNT: _l("a number"),
    TargetUnit.SHARE: _l("percent"),
    TargetUnit.RELATIVE: _l("percent of what it was before"),
    TargetUnit.PP: _l("percentage points"),
    TargetUnit.GAIN: _l("percent of what was missing before"),
}
FORMS = (Form.DOCX, Form.PDF, Form.XLSX, Form.CSV, Form.JSON)


def _forms(**given: Any) -> dict[str, Any]:
    """Return the forms of the page, those that were sent as they were sent."""
    made = {
        "entry": given.get("entry") or EntryForm(formdata=None),
        "target": given.get("target") or TargetForm(formdata=None),
        "text": given.get("text") or TextForm(formdata=None),
        "amend": given.get("amend") or AmendForm(formdata=None),
    }
    made["entry"].measure.choices = [(key, words.MEASURES[Measure(key)]) for key in ENTERED_KEYS]
    made["target"].aimed.choices = [(key, words.MEASURES[Measure(key)]) for key in MEASURE_KEYS]
    made["target"].unit.choices = [(key, UNITS[TargetUnit(key)]) for key in UNIT_KEYS]
    made["text"].section.choices = [(key, SECTIONS[Section(key)]) for key in SECTION_KEYS]
    return made


def _page(quarter: str, *, status: int = 200, **given: Any) -> ResponseReturnValue:
    session, at = db.session(), clock.now()
    row = stored.report(session, quarter)
    texts = stored.narratives(session, quarter)
    newest = {one.section: one for one in texts}
    approved = {one.section: one for one in texts if one.approved_at is not None}
    forms = _forms(**given)
    if not forms["target"].since.data:
        forms["target"].since.data = quarter
    page = flask.render_template(
        "metrics/work.html",
        quarter=quarter,
        state=row.state if row else State.OPEN,
        row=row,
        is_over=at >= quarters.moments(quarter, site_zone(session))[1],
        has_report=reports.current(session, quarter, at=at) is not None,
        sections=[(key, word, approved.get(key), newest.get(key)) for key, word in SECTIONS.items()],
        entries=[(words.MEASURES[Measure(one["measure"])], one) for one in stored.entries(session, quarter)],
        targets=[
            (words.MEASURES[one.measure], _target(one.value, one.unit), one) for one in stored.targets(session, quarter)
        ],
        amendments=stored.amendments(session, quarter),
        surveys=[one for one in stored.surveys(session, quarter) if one.withdrawn_at is None],
        campaigns=_campaigns(session, quarter),
        me=access.present(),
        zone=flask.current_app.config["PORTAL"].timezone,
        file_forms=FORMS,
        units=UNITS,
        here_section=HERE,
        **forms,
    )
    return page, status


def _campaigns(session: Session, quarter: str) -> list[tuple[Campaign, str]]:
    """Return the campaigns of a quarter with their names of its year, empty where none is known."""
    year, first = quarter[:4], 3 * int(quarter[5]) - 2
    return [
        (one, one.names.get(year, ""))
        for one in reference.campaigns(session)
        if one.month < first + 3 and one.until >= first
    ]


def _target(value: float, unit: TargetUnit) -> str:
    return f"{value:g}" if unit is TargetUnit.COUNT else f"{100 * value:g}"


def _done(quarter: str, said: str, part: str = "") -> ResponseReturnValue:
    flask.flash(said)
    return flask.redirect(flask.url_for("quarter_work.show", quarter=quarter, _anchor=part or None), 303)


def _attempt(quarter: str, act: Callable[[Session], object], said: str, part: str) -> ResponseReturnValue:
    """Do an act in a write unit; where it is refused, say why on the page."""
    try:
        with transaction() as session:
            act(session)
    except (reports.Refused, figures.Wrong) as problem:
        flask.flash(in_words(problem.said), "careful")
        return flask.redirect(flask.url_for("quarter_work.show", quarter=quarter), 303)
    return _done(quarter, said, part)


@blueprint.get(f"{QUARTER}/work")
@requires(Permission.ANALYSE)
def show(quarter: str) -> ResponseReturnValue:
    """Show what there is to do for a quarter."""
    return _page(quarter)


@blueprint.post(f"{QUARTER}/entries")
@requires(Permission.ANALYSE)
def enter(quarter: str) -> ResponseReturnValue:
    """Enter a figure that the portal cannot count."""
    form = _forms(entry=EntryForm())["entry"]
    if not form.validate():
        return _page(quarter, status=422, entry=form)
    try:
        with transaction() as session:
            figures.enter(
                session,
                quarter=quarter,
                measure=Measure(form.measure.data),
                numerator=number(form.numerator.data) or 0.0,
                denominator=number(form.denominator.data) or 0.0,
                source=form.source.data,
                signer=form.signer.data,
                by=access.present().name,
                at=clock.now(),
            )
    except figures.Wrong as problem:
        form.refuse("numerator", in_words(problem.said))
        return _page(quarter, status=422, entry=form)
    return _done(quarter, gettext("The figure is entered."), "entries")


@blueprint.post(f"{QUARTER}/targets")
@requires(Permission.ANALYSE)
def aim(quarter: str) -> ResponseReturnValue:
    """Set a target from a quarter on."""
    form = _forms(target=TargetForm())["target"]
    if not form.validate():
        return _page(quarter, status=422, target=form)
    with transaction() as session:
        figures.set_target(
            session,
            measure=Measure(form.aimed.data),
            value=form.share,
            unit=TargetUnit(form.unit.data),
            least=None,
            since=form.since.data,
            by=access.present().name,
            at=clock.now(),
        )
    return _done(quarter, gettext("The target is set."), "targets")


@blueprint.post(f"{QUARTER}/texts")
@requires(Permission.ANALYSE)
def write(quarter: str) -> ResponseReturnValue:
    """Write a section of the report."""
    form = _forms(text=TextForm())["text"]
    if not form.validate():
        return _page(quarter, status=422, text=form)
    asking = access.present()
    try:
        with transaction() as session:
            figures.write(
                session,
                quarter=quarter,
                section=Section(form.section.data),
                text=form.text.data,
                by=asking.name,
                by_id=asking.id,
                at=clock.now(),
            )
    except figures.Wrong as problem:
        form.refuse("text", in_words(problem.said))
        return _page(quarter, status=422, text=form)
    return _done(quarter, gettext("The text waits for a second person."), "texts")


@blueprint.post(f"{QUARTER}/texts/<int(max=9007199254740991):id>/approve")
@requires(Permission.ANALYSE)
def approve(quarter: str, id: int) -> ResponseReturnValue:
    """Approve what somebody else wrote."""
    asking = access.present()
    return _attempt(
        quarter,
        lambda session: figures.approve(session, narrative_id=id, by=asking.name, by_id=asking.id, at=clock.now()),
        gettext("The text stands in the report."),
        "texts",
    )


@blueprint.post(f"{QUARTER}/close")
@requires(Permission.ANALYSE, fresh=True)
def close(quarter: str) -> ResponseReturnValue:
    """Freeze the figures of a quarter that is over."""
    asking = access.present()
    return _attempt(
        quarter,
        lambda session: reports.close(session, quarter=quarter, by=asking.name, by_id=asking.id, at=clock.now()),
        gettext("The quarter is closed. Another person confirms it."),
        "closing",
    )


@blueprint.post(f"{QUARTER}/confirm")
@requires(Permission.ANALYSE, fresh=True)
def confirm(quarter: str) -> ResponseReturnValue:
    """Confirm closed figures as a second person."""
    asking = access.present()
    return _attempt(
        quarter,
        lambda session: reports.confirm(session, quarter=quarter, by=asking.name, by_id=asking.id, at=clock.now()),
        gettext("The quarter is confirmed."),
        "closing",
    )


@blueprint.post(f"{QUARTER}/amendments")
@requires(Permission.ANALYSE)
def amend(quarter: str) -> ResponseReturnValue:
    """Write down what came to light after closing."""
    form = AmendForm()
    if not form.validate():
        return _page(quarter, status=422, amend=form)
    asking = access.present()
    return _attempt(
        quarter,
        lambda session: reports.amend(session, quarter=quarter, text=form.found.data, by=asking.name, at=clock.now()),
        gettext("It stands beside the figures now."),
        "closing",
    )


@blueprint.post(f"{QUARTER}/file")
@requires(Permission.ANALYSE)
def save(quarter: str) -> ResponseReturnValue:
    """Save the report of a quarter as a file."""
    chosen = flask.request.form.get("form", "")
    if chosen not in {one.value for one in FORMS}:
        flask.abort(400)
    make = files.report_file(db.session(), quarter, form=Form(chosen), at=clock.now())
    db.session.rollback()
    if make is None:
        flask.abort(404)
    try:
        content = make()
    except pdf.OneAtATime:
        flask.flash(gettext("Another document is being made. Please try again in a moment."), "careful")
        return flask.redirect(flask.url_for("quarter_work.show", quarter=quarter), 303)
    except (pdf.Unavailable, pdf.TooMuch):
        flask.flash(gettext("No PDF can be made here. The Word file holds the same."), "careful")
        return flask.redirect(flask.url_for("quarter_work.show", quarter=quarter), 303)
    return as_file(content, form=Form(chosen), name=f"mingbai-{quarter}", target=f"quarter:{quarter}")


def as_file(content: bytes, *, form: Form, name: str, target: str) -> ResponseReturnValue:
    """Return figures to be saved, and write down who saved them."""
    with transaction() as session:
        files.note_export(session, target=target, form=form.value, by=access.present().name, at=clock.now())
    answer = flask.Response(content, mimetype=MEDIA_TYPES[form].partition(";")[0])
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.{form.value}"'
    answer.headers["Cache-Control"] = "private, no-store"
    return answer
