"""How a text came about: its revisions, what changed between two, and taking an old one up again."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.articles import queries, services
from portal.articles.views.common import article_or_404, blueprint, edition_or_404, me, refusals
from portal.articles.views.editor import PARTS, compare
from portal.core import clock
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.forms import whole_number

ID = "<int(max=9007199254740991):edition_id>"


@blueprint.get(f"/desk/editions/{ID}/history")
@requires(Permission.DESK)
def history(edition_id: int) -> ResponseReturnValue:
    """Show who wrote what when and why, and what changed between two revisions."""
    edition = edition_or_404(edition_id)
    session = db.session()
    revisions = queries.history(session, edition_id=edition.id)
    by_number = {revision.number: revision for revision in revisions}
    new = by_number.get(_number("to")) or (revisions[0] if revisions else None)
    before = _number("from") or edition.published_number or 0
    old = by_number.get(before) if before else None
    if old is None and new is not None and "from" not in flask.request.args:
        old = by_number.get(new.number - 1)
    changes = []
    if new is not None:
        nothing = dict.fromkeys(PARTS, "")
        changes = compare(
            {name: getattr(old, name) for name in PARTS} if old else nothing,
            {name: getattr(new, name) for name in PARTS},
        )
    return flask.render_template(
        "articles/history.html",
        here_section="articles.index",
        article=article_or_404(edition.article_id),
        edition=edition,
        revisions=revisions,
        old=old,
        new=new,
        changes=changes,
    )


def _number(name: str) -> int:
    return whole_number(flask.request.args.get(name), otherwise=0)


@blueprint.post(f"/desk/editions/{ID}/restore/<int(max=9007199254740991):number>")
@requires(Permission.WRITE)
@refusals
def restore(edition_id: int, number: int) -> ResponseReturnValue:
    """Make an old revision the working copy again."""
    edition = edition_or_404(edition_id)
    with transaction() as session:
        services.restore(
            session,
            edition_id=edition_id,
            number=number,
            expected=whole_number(flask.request.form.get("expected"), otherwise=-1),
            words=services.Words.of(session),
            by=me(),
            at=clock.now(),
        )
    flask.flash(gettext("The old text is the working copy again. The public reads it after review."))
    return flask.redirect(flask.url_for("articles.history", edition_id=edition.id), 303)
