"""What the pages of the bank share: who acts, and how a refusal is shown."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.articles.rules import Person
from portal.articles.services import Refused, Stale
from portal.core import access, clock
from portal.core.database import db, transaction
from portal.core.forms import Form, whole_number
from portal.core.i18n import in_words
from portal.core.settings import Settings
from portal.media.services import UnknownMedia
from portal.quizzes import services
from portal.quizzes.models import Document, Revision
from portal.quizzes.rules.bank import Sort
from portal.quizzes.views import words

blueprint = Blueprint("bank", __name__)
View = TypeVar("View", bound=Callable[..., Any])

ID = "int(max=9007199254740991)"
PLACE = "<any(questions, quizzes):place>"
FURTHEST = 10**9
"""A revision that nobody can have: what is no number was not the latest."""


def me() -> Person:
    """Return who acts, as the rules see them."""
    actor = access.present()
    return Person(actor.id, actor.name, actor.permissions)


def settings() -> Settings:
    """Return the site's settings."""
    found: Settings = flask.current_app.config["PORTAL"]
    return found


def document_or_404(sort: Sort, name: str) -> tuple[Document, Revision]:
    """Return a question or quiz with its working copy, or answer that there is none."""
    session = db.session()
    found = services.find(session, sort=sort, name=name) or flask.abort(404)
    return found, services.revision(session, found) or flask.abort(404)


def sort_at(place: str) -> Sort:
    """Return what stands at a place of the desk."""
    return Sort.ITEM if place == "questions" else Sort.QUIZ


def save(sort: Sort, content: dict[str, Any], form: Form, *, is_new: bool) -> None:
    """Save what the editor's form came to as the next revision of a question or quiz, in the name of who is asking.

    Raises:
        NameTaken: it is new, and there is another of its name.
        Conflict: somebody saved another revision meanwhile.
    """
    # What is stored but said to be new was not read before it was written.
    base = 0 if is_new else seen(form["base"].data)
    with transaction() as session:
        services.save(
            session,
            sort=sort,
            content=content,
            base=base,
            by=me().name,
            authors=[me().id],
            at=clock.now(),
            note=form["note"].data or "",
        )


def seen(number: str | None) -> int:
    """Return the revision that somebody had before them, as their form says."""
    return whole_number(number, otherwise=0) or FURTHEST


def address(document: Document) -> str:
    """Return where a document is looked at and written."""
    if document.sort is Sort.ITEM:
        return flask.url_for("bank.question", name=document.name)
    return flask.url_for("bank.quiz", name=document.name)


def refusals(view: View) -> View:
    """Answer what the rules refuse with a sentence that says what to do instead."""

    @wraps(view)
    def guarded(*arguments: Any, **options: Any) -> ResponseReturnValue:
        why, sentence = "", ""
        try:
            return cast(ResponseReturnValue, view(*arguments, **options))
        except LookupError:
            db.session.rollback()
            flask.abort(404)
        except Refused as problem:
            why = problem.why.value
        except Stale:
            sentence = gettext("Somebody has changed this meanwhile. Look at it again before you decide.")
        except services.InUse as problem:
            sentence = gettext(
                "Public quizzes need this question: %(names)s. Change or withdraw them first.",
                names=", ".join(problem.quizzes),
            )
        except UnknownMedia as problem:
            sentence = gettext("The library no longer has the picture %(keys)s.", keys=", ".join(problem.keys))
        db.session.rollback()
        page = flask.render_template(
            "quizzes/desk/refused.html", why=why, sentence=sentence, here_section="bank.reviews"
        )
        return flask.make_response(page, 409)

    return cast(View, guarded)


for _helper in (words.voice_word, words.problem_word):
    blueprint.add_app_template_global(_helper, f"bank_{_helper.__name__}")
blueprint.add_app_template_global(lambda kind: str(words.KINDS[kind][0]()), "bank_kind_word")
blueprint.add_app_template_global(lambda one: str(words.DIFFICULTIES[one]()), "bank_difficulty_word")
blueprint.add_app_template_global(lambda one: str(words.MEDIA[one]()), "bank_medium_word")
blueprint.add_app_template_global(lambda one: str(words.MARKINGS[one][0]()), "bank_marking_word")
blueprint.add_app_template_global(address, "bank_address")
blueprint.add_app_template_global(in_words, "bank_in_words")
blueprint.add_app_template_filter(words.voice_word, "bank_voice")
