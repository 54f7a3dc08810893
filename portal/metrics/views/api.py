"""The figures of a quarter for programs of the bank that show a token."""

from __future__ import annotations

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue

from portal.core import clock
from portal.core.access import Permission, requires_token
from portal.core.database import db
from portal.metrics.services import reports

blueprint = Blueprint("metrics_api", __name__)


@blueprint.get("/api/v1/metrics/<quarter:quarter>")
@requires_token(Permission.ANALYSE)
def quarter(quarter: str) -> ResponseReturnValue:
    """Return the report of a quarter and how far it is closed."""
    found = reports.current(db.session(), quarter, at=clock.now())
    if found is None:
        flask.abort(404)
    closing = {
        "state": found.state.value,
        "sha256": found.digest,
        "amendments": [{"at": one.at.isoformat(), "by": one.by, "text": one.text} for one in found.amendments],
    }
    return flask.Response(
        flask.json.dumps({"report": found.report, "closing": closing}, ensure_ascii=False), mimetype="application/json"
    )
