"""Contests for the public: the rules and the proof of the draw, entering with an ended attempt, and taking that back.

The youth edition has none: whoever comes to a contest there is sent to the plain quiz.
"""

from __future__ import annotations

from collections.abc import Callable

import flask
from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import clock, web
from portal.core.database import db, transaction
from portal.core.settings import Audience
from portal.core.web import public_page
from portal.quizzes import queries
from portal.quizzes.models import Contest
from portal.quizzes.rules import contests as rules
from portal.quizzes.rules import draw as lots
from portal.quizzes.rules import taking
from portal.quizzes.rules.bank import Contact
from portal.quizzes.rules.contests import NoContact, Phase
from portal.quizzes.services import contests as verbs
from portal.quizzes.services import taking as attempts
from portal.quizzes.services.contests import Done
from portal.quizzes.views import pieces
from portal.quizzes.views.pieces import Piece
from portal.quizzes.views.public import here, result_page, sent_from_here
from portal.quizzes.views.showing import attempt_edition
from portal.quizzes.views.sitting import Sitting

blueprint = Blueprint("contests", __name__)

PART = "quizzes/parts/enter.html"
WRONG: dict[str, Callable[[], str]] = {
    Contact.PHONE: lambda: gettext("This is no mainland mobile number. It has 11 digits and begins with 1."),
    Contact.STAFF_NUMBER: lambda: gettext("This is no staff number. It has 4 to 20 letters or digits."),
    "agree": lambda: gettext("Read what you agree to and tick the box. Without it nobody enters."),
}


def install(app: Flask) -> None:
    """Give `app` the pages of contests, and the result of an attempt its form to enter."""
    app.register_blueprint(blueprint)
    for view in (begin, enter, withdraw):
        # As with every form of the public: the secret is in the address, and `sent_from_here` guards the rest.
        app.extensions["csrf"].exempt(view)


def _contest(slug: str) -> Contest:
    contest = queries.contest_of(db.session(), slug)
    if contest is None:
        flask.abort(404)
    if flask.g.audience == Audience.YOUTH:
        if flask.request.method == "POST":
            flask.abort(404)
        flask.abort(flask.redirect(here(f"/quizzes/{queries.slug_of_quiz(db.session(), contest.quiz_id)}"), 303))
    return contest


def _unkept(answer: Response) -> Response:
    """Have nobody keep an answer: it changes with the clock."""
    answer.headers["Cache-Control"] = "no-store"
    return answer


@public_page(blueprint, "/contests/<slug:slug>")
def contest(slug: str) -> ResponseReturnValue:
    """Say what a contest is about, offer to begin, and prove the draw."""
    found = _contest(slug)
    session, now = db.session(), clock.now()
    phase = verbs.phase_of(found, now)
    quiz = queries.slug_of_quiz(session, found.quiz_id)
    version = queries.public_version(session, quiz)
    over = phase in (Phase.CLOSED, Phase.DRAWN)
    places = queries.leaderboard(session, found) if over and found.has_leaderboard else []
    words = None
    if version is not None:
        audience, locale = attempt_edition()
        words = attempts.instrument(version).quiz.words(audience=audience, locale=locale)
    answer = web.reader_page(
        "quizzes/contest.html",
        contest=found,
        phase=phase,
        quiz=attempts.instrument(version).quiz if version is not None else None,
        words=words,
        places=places[: rules.SHOWN_RANKS],
        left_out=max(0, len(places) - rules.SHOWN_RANKS),
        algorithm=lots.ALGORITHM,
        recipe=lots.RECIPE,
        kept_days=rules.KEPT.days,
        spoken=taking.spoken,
    )
    return _unkept(answer)


@public_page(blueprint, "/contests/<slug:slug>/begin", methods=("POST",))
@sent_from_here
def begin(slug: str) -> ResponseReturnValue:
    """Begin an attempt that can be entered, and go to it."""
    found = _contest(slug)
    version = queries.public_version(db.session(), queries.slug_of_quiz(db.session(), found.quiz_id))
    if version is None:
        flask.abort(404)
    audience, locale = attempt_edition()
    try:
        with transaction() as session:
            begun = verbs.begin(
                session, contest=found, version=version, audience=audience, locale=locale, at=clock.now()
            )
    except verbs.NotOpen:
        return flask.redirect(here(f"/contests/{slug}"), 303)
    return flask.redirect(here(f"/quizzes/attempts/{begun.token}"), 303)


@public_page(blueprint, "/contests/<slug:slug>/entries.txt")
def tickets(slug: str) -> ResponseReturnValue:
    """Hand out the list of tickets, once it is fixed; its SHA-256 is the published hash."""
    found = _contest(slug)
    if found.draw is None:
        flask.abort(404)
    return _unkept(web.page(lots.list_text(found.draw["entries"]), mimetype="text/plain"))


@public_page(blueprint, "/contests/<slug:slug>/draw.json")
def draw_record(slug: str) -> ResponseReturnValue:
    """Hand out the record of the draw, as `flask quizzes draw --verify` reads it."""
    found = _contest(slug)
    if found.drawn_at is None:
        flask.abort(404)
    answer = flask.jsonify(found.draw)
    answer.headers["Content-Disposition"] = f'attachment; filename="{slug}-draw.json"'
    return _unkept(answer)


# --- entering -----------------------------------------------------------------------------------------------------


@pieces.add
def entry(sitting: Sitting) -> Piece | None:
    """Return the form to enter, or the ticket of who has."""
    return _entry(sitting)


def _entry(sitting: Sitting, *, wrong: str = "", typed: str = "") -> Piece | None:
    session = db.session()
    found = queries.contest_of_attempt(session, sitting.attempt)
    if found is None:
        return None
    said = flask.request.args.get("entry", "")
    made = verbs.entry_of(session, sitting.attempt)
    values = {
        "contest": found,
        "is_open": verbs.phase_of(found, clock.now()) is Phase.OPEN,
        "ticket": taking.spoken(made.ticket) if made is not None else "",
        "is_erased": made is not None and made.erased_at is not None,
        "done": said if said in (*Done, "withdrawn") else "",
        "wrong": wrong,
        "error": WRONG[wrong]() if wrong else "",
        "typed": typed,
        "consent": rules.CONSENT,
        "kept_days": rules.KEPT.days,
    }
    return Piece(PART, values)


def _sitting(token: str) -> tuple[Sitting, Contest]:
    sitting = Sitting(token)
    found = queries.contest_of_attempt(db.session(), sitting.attempt)
    if found is None:
        flask.abort(404)
    return sitting, found


@public_page(blueprint, "/quizzes/attempts/<token:token>/enter", methods=("POST",))
@sent_from_here
def enter(token: str) -> ResponseReturnValue:
    """Enter an ended attempt, once a person."""
    sitting, found = _sitting(token)
    typed = flask.request.form.get("contact", "")[: rules.LONGEST_CONTACT + 1]
    has_entered = verbs.entry_of(db.session(), sitting.attempt) is not None
    if not has_entered and flask.request.form.get("agree") != rules.CONSENT:
        return _refused(sitting, wrong="agree", typed=typed)
    attempt_id = sitting.attempt.id
    try:
        with transaction() as session:
            done = verbs.enter(session, attempt_id=attempt_id, typed=typed, at=clock.now()).done
    except NoContact:
        return _refused(Sitting(token), wrong=found.contact, typed=typed)
    except verbs.NotOpen:
        return flask.redirect(sitting.url("/result#entry"), 303)
    except verbs.NotEnded:
        return flask.redirect(sitting.url(), 303)
    return flask.redirect(sitting.url(f"/result?entry={done}#entry"), 303)


def _refused(sitting: Sitting, *, wrong: str, typed: str) -> ResponseReturnValue:
    if sitting.attempt.finished_at is None:
        return flask.redirect(sitting.url(), 303)
    parts = [part for part in pieces.of(sitting) if part.template != PART]
    own = _entry(sitting, wrong=wrong, typed=typed)
    return result_page(sitting, [*parts, own] if own else parts, status=422)


@public_page(blueprint, "/quizzes/attempts/<token:token>/withdraw", methods=("POST",))
@sent_from_here
def withdraw(token: str) -> ResponseReturnValue:
    """Take an entry back and erase its contact."""
    sitting, _found = _sitting(token)
    attempt_id, ticket = sitting.attempt.id, flask.request.form.get("ticket", "")[:40]
    with transaction() as session:
        taken_back = verbs.withdraw(session, attempt_id=attempt_id, ticket=ticket, at=clock.now())
    return flask.redirect(sitting.url(f"/result{'?entry=withdrawn' if taken_back else ''}#entry"), 303)
