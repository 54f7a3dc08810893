"""Marking anew after a wrong key: what would change is shown first; who, when and why are kept, and both marks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, TextAreaField

from portal.articles.rules import Person
from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.forms import Form, at_most, required, stripped
from portal.quizzes.models import QuizVersion
from portal.quizzes.queries import results
from portal.quizzes.rules.items import Item, Marking, from_plain, markings
from portal.quizzes.services import regrading
from portal.quizzes.services.taking import instrument, keyed

blueprint = Blueprint("regrading", __name__)
ADDRESS = "/desk/quiz-figures/<slug:slug>/versions/<int(max=9007199254740991):number>/regrade/<slug:item>"


class RegradeForm(Form):
    """Why a question is marked anew, and which plan was seen."""

    reason = TextAreaField(
        _l("Why the marks change"), filters=[stripped], validators=[required(_l("Please say why.")), at_most(500)]
    )
    seen = HiddenField()


@blueprint.get(ADDRESS)
@requires(Permission.REVIEW)
def show(slug: str, number: int, item: str) -> ResponseReturnValue:
    """Show both keys, and what marking by the new one would change."""
    version = _version(slug, number)
    return flask.render_template("quizzes/desk_figures_regrade.html", **_context(slug, version, item))


def _version(slug: str, number: int) -> QuizVersion:
    versions = results.quiz_versions(db.session(), slug)
    return next((version for version in versions if version.number == number), None) or flask.abort(404)


def _context(slug: str, version: QuizVersion, item: str, form: RegradeForm | None = None) -> dict[str, Any]:
    session = db.session()
    asked = keyed(session, version).get(item) or flask.abort(404)
    plan, refusal = None, ""
    try:
        plan = regrading.plan(session, version_id=version.id, item=item)
    except regrading.CannotRegrade as problem:
        refusal = why(str(problem))
    form = form or RegradeForm(formdata=None)
    form.seen.data = plan.seen if plan else ""
    return {
        "slug": slug,
        "version": version,
        "quiz": instrument(version).quiz,
        "item": asked,
        "plan": plan,
        "refusal": refusal,
        "keys": [_key(plan.before), _key(plan.after)] if plan else [],
        "form": form,
        "history": results.regrades(session, version.id, item),
        "key_of": _key_of,
        "changes": results.changed_marks(session, version.id, item),
        "here_section": "figures.index" if access.present().may(Permission.ANALYSE) else "bank.questions",
    }


def _key_of(plain: dict[str, Any]) -> list[tuple[str, str]]:
    return _key(from_plain(plain))


def _key(item: Item) -> list[tuple[str, str]]:
    """Return each option in words, with what it is worth."""
    found = []
    for option in item.options:
        text = f"{option.text} → {option.match}" if option.match else option.text
        if option.tolerance:
            text = f"{text} ± {option.tolerance:g}"
        found.append((text or "–", f"{100 * option.fraction:.0f}%"))
    return [*found, (gettext("Marking rule"), MARKINGS[item.marking]())] if len(markings(item.kind)) > 1 else found


MARKINGS: dict[Marking, Callable[[], str]] = {
    Marking.SHORT_HALF: lambda: gettext("some of the right ones half, a wrong one nothing"),
    Marking.EXACT: lambda: gettext("all right ones and no other, or nothing"),
    Marking.RIGHT_SHARE: lambda: gettext("each right one its share"),
    Marking.WRONG_HALF: lambda: gettext("each right one its share, a wrong one costs half"),
    Marking.WRONG_ALL: lambda: gettext("each right one its share, a wrong one costs everything"),
    Marking.RIGHT_MINUS_WRONG: lambda: gettext("right ones less wrong ones"),
    Marking.EVERY_DECISION: lambda: gettext("every option rightly chosen or left counts"),
    Marking.HALVES: lambda: gettext("one mistake half, two a quarter"),
    Marking.WEIGHTS: lambda: gettext("each option its own weight"),
}


@blueprint.post(ADDRESS)
@requires(Permission.REVIEW)
def mark_anew(slug: str, number: int, item: str) -> ResponseReturnValue:
    """Order that every answer to the question is marked anew, once; the worker does it."""
    version = _version(slug, number)
    form = RegradeForm()
    if not form.validate():
        return flask.render_template("quizzes/desk_figures_regrade.html", **_context(slug, version, item, form)), 400
    asking = access.present()
    person = Person(asking.id, asking.name, asking.permissions)
    try:
        with transaction() as session:
            regrading.regrade(
                session,
                version_id=version.id,
                item=item,
                reason=form.reason.data,
                by=person,
                at=clock.now(),
                # A form without it agrees to nothing.
                seen=form.seen.data or "-",
            )
    except LookupError:
        flask.abort(404)
    except regrading.CannotRegrade as problem:
        db.session.rollback()
        flask.flash(why(str(problem)), "careful")
    else:
        flask.flash(gettext("The answers are being marked anew. Look again in a moment to see what changed."))
    return flask.redirect(flask.url_for("regrading.show", slug=slug, number=number, item=item), 303)


def why(code: str) -> str:
    """Return why a question cannot be marked anew, in words."""
    words = {
        "same": lambda: gettext("The marks already follow the key that is published. There is nothing to change."),
        "not-public": lambda: gettext("The question is not published. Mend its key, have it approved and publish it."),
        "other-options": lambda: gettext(
            "The published question has other options than this version asked. Its answers cannot be marked by it."
        ),
        "under-way": lambda: gettext("The answers to this question are being marked anew just now."),
        "other-plan": lambda: gettext("The key has changed since you looked. Look at it again before you decide."),
        "permission": lambda: gettext("Only people who may approve can mark anew."),
    }
    return str(words[code]())
