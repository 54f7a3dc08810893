"""What readers found helpful, for staff who read figures."""

from __future__ import annotations

import flask
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.articles import queries
from portal.articles.models import Article
from portal.core import web
from portal.core.access import DeskSection, Permission, requires
from portal.core.database import db
from portal.core.files import csv_file

blueprint = Blueprint("helpful", __name__)
EVERY = "all"


def _quarter() -> str:
    """Return the quarter asked for, of those that there are answers of; empty: every quarter."""
    known = queries.quarters(db.session())
    asked = flask.request.args.get("quarter", known[0] if known else EVERY)
    if asked != EVERY and asked not in known:
        flask.abort(404)
    return "" if asked == EVERY else asked


@blueprint.get("/desk/helpful")
@requires(Permission.ANALYSE)
def index() -> ResponseReturnValue:
    """Show the answers of a quarter by article and edition."""
    quarter = _quarter()
    session = db.session()
    return flask.render_template(
        "articles/helpful.html",
        quarter=quarter,
        quarters=queries.quarters(session),
        tallies=queries.tallies(session, quarter=quarter),
        here_section="helpful.index",
    )


@blueprint.get("/desk/helpful/<int(max=9007199254740991):article_id>")
@requires(Permission.ANALYSE)
def article(article_id: int) -> ResponseReturnValue:
    """Show what readers wrote about one article."""
    session = db.session()
    found = session.get(Article, article_id) or flask.abort(404)
    return flask.render_template(
        "articles/remarks.html",
        article=found,
        title=queries.titles_of(session).get(found.id, found.slug),
        tallies=[tally for tally in queries.tallies(session) if tally.article_id == found.id],
        comments=queries.comments(session, article_id=found.id),
        here_section="helpful.index",
    )


@blueprint.get("/desk/helpful.csv")
@requires(Permission.ANALYSE)
def export() -> ResponseReturnValue:
    """Save the answers of a quarter, each edition with what was written about it, as a CSV file."""
    quarter = _quarter()
    session = db.session()
    head = ["quarter", "article", "title", "audience", "language", "yes", "no", "share_helpful", "comments"]
    rows: list[list[object]] = [list(head)]
    for tally in queries.tallies(session, quarter=quarter):
        said = [
            comment.text
            for comment in queries.comments(session, article_id=tally.article_id)
            if (comment.audience, comment.locale, comment.quarter) == (tally.audience, tally.locale, tally.quarter)
        ]
        share = f"{tally.share}%"
        edition = [tally.audience, tally.locale]
        rows.append([tally.quarter, tally.slug, tally.title, *edition, tally.yes, tally.no, share, "\n".join(said)])
    return csv_file(rows, name=f"helpful-{quarter or EVERY}")


def _label() -> str:
    return str(gettext("Was it helpful"))


def install(app: Flask) -> None:
    """Give `app` these pages and their word in the desk's menu."""
    app.register_blueprint(blueprint)
    web.add_desk_section(app, DeskSection(_label, "helpful.index", Permission.ANALYSE))
