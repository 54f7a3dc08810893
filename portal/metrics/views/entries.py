"""Every figure that somebody entered by hand, those too that a later one replaced: by quarter and by figure."""

from __future__ import annotations

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.core.access import Permission, requires
from portal.core.database import db
from portal.metrics.forms import ENTERED_KEYS
from portal.metrics.queries import stored
from portal.metrics.rules.targets import Measure
from portal.metrics.views import words

blueprint = Blueprint("quarter_entries", __name__)
HERE = "metrics.index"
MOST = 500


@blueprint.get("/desk/quarters/entries")
@requires(Permission.ANALYSE)
def index() -> ResponseReturnValue:
    """List what was entered; a quarter or figure that nobody entered anything of is none."""
    session, asked = db.session(), flask.request.args
    known = stored.entered_quarters(session)
    wanted = {"quarter": asked.get("quarter", ""), "measure": asked.get("measure", "")}
    is_known = wanted["quarter"] in ("", *known) and wanted["measure"] in ("", *ENTERED_KEYS)
    measure = Measure(wanted["measure"]) if is_known and wanted["measure"] else None
    rows = stored.entered(session, quarter=wanted["quarter"], measure=measure, most=MOST) if is_known else []
    return flask.render_template(
        "metrics/entries.html",
        rows=[(words.MEASURES[row.measure], row, counts) for row, counts in rows],
        quarters=known,
        measures=[(key, words.MEASURES[Measure(key)]) for key in ENTERED_KEYS],
        wanted=wanted,
        zone=flask.current_app.config["PORTAL"].timezone,
        most=MOST,
        here_section=HERE,
    )
