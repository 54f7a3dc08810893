"""What the desk's pages share: who acts, days and states in words, and how a refusal is shown."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, TypeVar, cast

import flask
from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.accounts import queries as accounts
from portal.articles.models import Article, Edition
from portal.articles.rules import Act, Person, ReviewState, State, Why
from portal.articles.services import Refused, SlugTaken, Stale
from portal.core import access, clock, markup
from portal.core.database import db, local_day
from portal.core.settings import Audience, Locale, Settings
from portal.media.services import UnknownMedia

blueprint = Blueprint("articles", __name__)
View = TypeVar("View", bound=Callable[..., Any])


def me() -> Person:
    """Return who acts, as the rules see them."""
    actor = access.present()
    return Person(actor.id, actor.name, actor.permissions)


def settings() -> Settings:
    """Return the site's settings."""
    found: Settings = flask.current_app.config["PORTAL"]
    return found


def renderer() -> markup.Renderer:
    """Return this process's one renderer."""
    found: markup.Renderer = flask.current_app.extensions["renderer"]
    return found


def article_or_404(article_id: int) -> Article:
    """Return an article, or answer that there is none."""
    return db.session.get(Article, article_id) or flask.abort(404)


def edition_or_404(edition_id: int) -> Edition:
    """Return an edition, or answer that there is none."""
    return db.session.get(Edition, edition_id) or flask.abort(404)


def refusals(view: View) -> View:
    """Answer what the rules refuse with a sentence on the page that the person came from."""

    @wraps(view)
    def guarded(*arguments: Any, **options: Any) -> ResponseReturnValue:
        try:
            return cast(ResponseReturnValue, view(*arguments, **options))
        except LookupError:
            db.session.rollback()
            flask.abort(404)
        except Refused as problem:
            sentence = why(problem.why)
        except SlugTaken:
            sentence = gettext("Another article has this name in its address, now or from before.")
        except Stale:
            sentence = gettext("Somebody has changed this meanwhile. Look at it again before you decide.")
        except UnknownMedia as problem:
            sentence = gettext(
                "The text shows what the library no longer has: %(keys)s. Bring it back, or take it out of the text.",
                keys=", ".join(problem.keys),
            )
        db.session.rollback()
        flask.flash(sentence, "careful")
        return flask.make_response(flask.render_template("articles/refused.html", sentence=sentence), 409)

    return cast(View, guarded)


def people_choices() -> list[tuple[str, str]]:
    """Return everybody who can look after an article, and nobody."""
    return [("", "–"), *((str(one.id), one.name) for one in accounts.people(db.session()) if one.active)]


def when(moment: datetime | None) -> str:
    """Return a time in the site's zone, such as 2026-11-22 14:04."""
    return f"{moment.astimezone(settings().timezone):%Y-%m-%d %H:%M}" if moment else ""


def today() -> str:
    """Return the day in the site's zone."""
    return local_day(db.session(), at=clock.now()).isoformat()


def state_word(state: str) -> str:
    """Return a state in words."""
    words: dict[str, str] = {
        State.DRAFT: gettext("Draft"),
        State.IN_REVIEW: gettext("In review"),
        State.NEEDS_CHANGES: gettext("Sent back"),
        State.APPROVED: gettext("Approved"),
        State.SCHEDULED: gettext("Scheduled"),
        State.PUBLISHED: gettext("Published"),
        State.WITHDRAWN: gettext("Withdrawn"),
    }
    return words[State(state)]


def audience_word(audience: str) -> str:
    """Return an audience in words."""
    words: dict[str, str] = {
        Audience.GENERAL: gettext("General"),
        Audience.ELDERLY: gettext("Elderly"),
        Audience.YOUTH: gettext("Youth"),
        Audience.NEW_RESIDENT: gettext("New residents"),
    }
    return words[Audience(audience)]


def locale_word(locale: str) -> str:
    """Return a language by its own name."""
    return {Locale.HANS: "简体中文", Locale.HANT: "繁體中文", Locale.EN: "English"}[Locale(locale)]


def edition_word(edition: Edition) -> str:
    """Return an edition in words; simplified Chinese goes without saying."""
    word = audience_word(edition.audience)
    return word if edition.locale == Locale.HANS else f"{word} · {locale_word(edition.locale)}"


def why(reason: Why) -> str:
    """Return why an act is refused, as a sentence that says what to do instead."""
    words: dict[str, str] = {
        Why.NO_PERMISSION: gettext("Your role does not allow this. Ask an administrator."),
        Why.OWN_TEXT: gettext("You wrote part of this text. Somebody else must look at it."),
        Why.WRONG_STATE: gettext("This step is not possible now: look at the state of the text."),
        Why.NO_TEXT: gettext("There is no text yet."),
        Why.NOTHING_NEW: gettext("Nothing has changed since the last publication."),
        Why.NO_RULES: gettext(
            "There are no rules to check by, so nothing can pass. Ask for content/lint.yaml to be taken in."
        ),
        Why.FINDINGS: gettext("The check has found what must be mended first, or waived by a reviewer with a reason."),
        Why.NOT_PUBLIC: gettext("The public does not read this now."),
        Why.NOT_AN_ALERT: gettext("Only a fraud alert may be published without a second person."),
        Why.NO_EMERGENCY: gettext("Nothing here waits for a second person."),
        Why.NO_END: gettext("An alert needs a day on which it ends. Set it with the facts."),
    }
    return words[reason]


def act_word(act: Act) -> str:
    """Return an act as a button says it."""
    words: dict[str, str] = {
        Act.EDIT: gettext("Edit"),
        Act.SUBMIT: gettext("Submit for review"),
        Act.TAKE_BACK: gettext("Take back"),
        Act.WAIVE: gettext("Let it stand"),
        Act.ASK_CHANGES: gettext("Send back"),
        Act.APPROVE: gettext("Approve"),
        Act.PUBLISH: gettext("Publish now"),
        Act.SCHEDULE: gettext("Publish at a time"),
        Act.UNSCHEDULE: gettext("Take the time away"),
        Act.WITHDRAW: gettext("Withdraw"),
        Act.PUBLISH_ALONE: gettext("Publish alone"),
        Act.CONFIRM: gettext("Confirm as second person"),
    }
    return words[act]


def review_word(state: str) -> str:
    """Return where a submitted set stands, in words."""
    words: dict[str, str] = {
        ReviewState.OPEN: gettext("In review"),
        ReviewState.CHANGES: gettext("Sent back"),
        ReviewState.APPROVED: gettext("Approved"),
        ReviewState.SCHEDULED: gettext("Scheduled"),
        ReviewState.PUBLISHED: gettext("Published"),
        ReviewState.VOID: gettext("Void: something was changed, or it was taken back"),
    }
    return words[ReviewState(state)]


def part_word(part: str) -> str:
    """Return a part of a text in words."""
    words: dict[str, str] = {
        "title": gettext("Title"),
        "summary": gettext("Summary"),
        "hook": gettext("Hook on the home page"),
        "body": gettext("Text"),
    }
    return words[part]


def preview_url(edition: Edition) -> str:
    """Return where an edition's working copy is seen as its readers would see it."""
    if not edition.latest_number or "reading.preview" not in flask.current_app.view_functions:
        return ""
    return flask.url_for("reading.preview", edition_id=edition.id, number=edition.latest_number)


for _helper in (when, state_word, audience_word, locale_word, edition_word, why, act_word):
    blueprint.add_app_template_global(_helper, f"desk_{_helper.__name__}")
blueprint.add_app_template_global(review_word)
blueprint.add_app_template_global(part_word)
blueprint.add_app_template_global(preview_url)
blueprint.add_app_template_filter(edition_word, "desk_edition")
