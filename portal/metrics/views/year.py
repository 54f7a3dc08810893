"""A year: its four quarters side by side, and the ledger of its activities as a file."""

from __future__ import annotations

from typing import cast

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from portal.core import clock
from portal.core.access import Permission, requires
from portal.core.database import db, site_zone
from portal.metrics.rules import year as rules
from portal.metrics.rules.report import Report
from portal.metrics.services import files
from portal.metrics.services.exporting import YEAR_FORMS, Form
from portal.metrics.views import words
from portal.metrics.views.work import as_file
from portal.reference.rules import quarters

blueprint = Blueprint("quarter_year", __name__)
HERE = "metrics.index"
YEAR = "/desk/quarters/year/<int(min=2000, max=2199):year>"
KINDS = {
    "lectures": _l("Lectures held"),
    "called_off": _l("Called off"),
    "registrations": _l("Registrations"),
    "person_times": _l("Person-times"),
    "by_code": _l("In the hall, by code"),
    "by_group": _l("In groups"),
    "walk_in": _l("Without registration"),
    "tally": _l("Heads only counted"),
    "online": _l("Online, long enough"),
    "no_shows": _l("Did not come, of the hall"),
    "no_shows_groups": _l("Did not come, of groups"),
    "no_shows_online": _l("Did not come, online"),
}
SAVED_AS = {Form.DOCX: _l("Word"), Form.XLSX: _l("Spreadsheet"), Form.CSV: _l("Ledger as CSV")}


@blueprint.get(YEAR)
@requires(Permission.ANALYSE)
def show(year: int) -> ResponseReturnValue:
    """Show the quarters of a year that have a report."""
    session = db.session()
    rows = files.of_year(session, year)
    reports = {quarter: cast("Report", row.report) for quarter, row in rows.items()}
    names = rules.names(year)
    now = int(quarters.of_moment(clock.now(), site_zone(session))[:4])
    return flask.render_template(
        "metrics/year.html",
        year=year,
        title=gettext("The year %(year)s", year=year),
        quarters=[(name, words.STATES[rows[name].state] if name in rows else None) for name in names],
        targets=[(words.word(words.MEASURES, row.key), row) for row in rules.targets(names, reports)],
        attendance=[(KINDS[row.key], row) for row in rules.attendance(names, reports)] if reports else [],
        is_invented=any(report["demo"] for report in reports.values()),
        looks=words.LOOKS,
        saved_as=SAVED_AS,
        earlier=year - 1 if year > 2000 else None,
        later=year + 1 if year < now else None,
        here_section=HERE,
    )


@blueprint.post(f"{YEAR}/file")
@requires(Permission.ANALYSE)
def save(year: int) -> ResponseReturnValue:
    """Save a year as a file."""
    chosen = flask.request.form.get("form", "")
    if chosen not in {one.value for one in YEAR_FORMS}:
        flask.abort(400)
    content = files.year_file(db.session(), year, form=Form(chosen))
    db.session.rollback()
    return as_file(content, form=Form(chosen), name=f"mingbai-year-{year}", target=f"year:{year}")
