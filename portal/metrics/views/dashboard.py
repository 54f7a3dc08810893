"""A quarter on one page: are we on target, where not, what changed, what to do; then everything behind it."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock
from portal.core.access import Permission, requires
from portal.core.database import db
from portal.metrics.rules.pace import pace as pace_of
from portal.metrics.services import reports
from portal.metrics.views import definitions, figures, shown, words
from portal.reference.rules import quarters

blueprint = Blueprint("metrics", __name__)
HERE = "metrics.index"
FILTERS = (
    figures.whole,
    figures.percent,
    figures.percentage,
    figures.points,
    figures.signed,
    figures.gain,
    figures.probability,
    figures.in_unit,
    figures.span,
    figures.brief,
    figures.quarter_name,
    figures.quarter_short,
    figures.day,
    figures.moment,
)
for _helper in FILTERS:
    blueprint.add_app_template_filter(_helper, f"quarter_{_helper.__name__.removeprefix('quarter_')}")


def _zone() -> ZoneInfo:
    zone: ZoneInfo = flask.current_app.config["PORTAL"].timezone
    return zone


@blueprint.get("/desk/quarters/")
@requires(Permission.ANALYSE)
def index() -> ResponseReturnValue:
    """Lead to the quarter of today."""
    quarter = quarters.of_moment(clock.now(), _zone())
    return flask.redirect(flask.url_for("metrics.quarter", quarter=quarter), 302)


@blueprint.get("/desk/quarters/definitions")
@requires(Permission.ANALYSE)
def meanings() -> ResponseReturnValue:
    """Say what each figure means and how it is counted."""
    return flask.render_template("metrics/definitions.html", groups=definitions.GROUPS, here_section=HERE)


@blueprint.get("/desk/quarters/<quarter:quarter>")
@requires(Permission.ANALYSE)
def quarter(quarter: str) -> ResponseReturnValue:
    """Show a quarter."""
    at = clock.now()
    if quarter > quarters.of_moment(at, _zone()):
        return nothing(quarter, at=at)
    kept = reports.current(db.session(), quarter, at=at)
    return nothing(quarter, at=at) if kept is None else render(kept)


def nothing(quarter: str, *, at: datetime) -> str:
    """Return the page of a quarter of which nothing is known."""
    first, last = quarters.days(quarter)[0], quarters.last_day(quarter)
    now = quarters.of_moment(at, _zone())
    return flask.render_template(
        "metrics/nothing.html",
        quarter=quarter,
        first=first,
        last=last,
        now=now,
        is_future=quarter > now,
        left=pace_of(quarter, _zone(), at).left,
        lectures=shown.address("lectures.new"),
        **_around(quarter, now),
    )


def render(kept: reports.Current) -> str:
    """Return the page of a report."""
    report = kept.report
    zone = ZoneInfo(report["zone"])
    as_of = datetime.fromisoformat(report["as_of"])
    name = report["quarter"]
    pace = None if report["is_over"] else pace_of(name, zone, as_of)
    first, last = quarters.days(name)[0], quarters.last_day(name)
    values = {"quarter": figures.quarter_name(name), "met": shown.met(report), "all": len(report["verdicts"])}
    return flask.render_template(
        "metrics/quarter.html",
        title=gettext("%(quarter)s so far: %(met)d of %(all)d targets met", **values)
        if pace
        else gettext("%(quarter)s: %(met)d of %(all)d targets met", **values),
        kept=kept,
        report=report,
        zone=zone,
        pace=pace,
        quarter=name,
        first=first,
        last=last,
        lines=shown.lines(report, pace),
        to_do=shown.to_do(report, pace),
        changed=shown.changed(report),
        drawn=shown.drawn(report),
        labels={part["key"]: part["label"] for parts in report["breakdowns"].values() for part in parts},
        words=words,
        rows={measure.value: shown.address(endpoint) for measure, endpoint in shown.ROWS.items()},
        **_around(name, quarters.of_moment(clock.now(), zone)),
    )


def _around(quarter: str, now: str) -> dict[str, str]:
    """Return the quarters before and after; none after the present one."""
    after = quarters.shift(quarter, 1)
    earlier = quarters.shift(quarter, -1)
    return {
        "earlier": earlier if earlier >= "2000Q1" else "",
        "later": after if after <= now else "",
        "here_section": HERE,
    }
