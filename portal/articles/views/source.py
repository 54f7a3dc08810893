"""What changed in the source of an edition, and confirming that the edition still says the same."""

from __future__ import annotations

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.articles import services
from portal.articles.views.common import blueprint, edition_or_404, me, refusals
from portal.core import clock
from portal.core.access import Permission, requires
from portal.core.database import transaction
from portal.core.forms import whole_number


@blueprint.post("/desk/editions/<int(max=9007199254740991):edition_id>/source")
@requires(Permission.WRITE)
@refusals
def confirm_source(edition_id: int) -> ResponseReturnValue:
    """Confirm that an edition agrees with what its source says now."""
    edition = edition_or_404(edition_id)
    given = flask.request.form
    with transaction() as session:
        services.confirm_source(
            session,
            edition_id=edition.id,
            revision=whole_number(given.get("revision", ""), otherwise=0),
            sheet_number=whole_number(given.get("sheet", ""), otherwise=0),
            by=me(),
            at=clock.now(),
        )
    flask.flash(gettext("Confirmed: this edition agrees with its source."))
    there = flask.url_for(
        "articles.edit", article_id=edition.article_id, audience=edition.audience, language=edition.locale
    )
    return flask.redirect(there, 303)
