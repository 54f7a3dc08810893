"""Taking a quiz, without an account: the address of the attempt is all that anybody has of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, TypeVar

import flask
from flask import Blueprint, Response
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from portal.core import clock, web
from portal.core.database import db
from portal.core.forms import whole_number
from portal.core.settings import Audience, Settings, address
from portal.core.together import together
from portal.core.web import public_page
from portal.quizzes import queries
from portal.quizzes.models import Attempt, QuizVersion
from portal.quizzes.rules import taking
from portal.quizzes.rules.answers import Answer, Unanswerable
from portal.quizzes.rules.marking import Outcome
from portal.quizzes.rules.quizzes import Layout
from portal.quizzes.services import contests
from portal.quizzes.services import taking as verbs
from portal.quizzes.views import pieces
from portal.quizzes.views.given import NotYet, answer_of, is_given
from portal.quizzes.views.showing import attempt_edition, medium_name
from portal.quizzes.views.sitting import Sitting

blueprint = Blueprint("quizzes", __name__)

WORDS: dict[str, Callable[[], str]] = {
    "blank": lambda: gettext("Choose an answer first. If you do not know, say so: that is an answer too."),
    "unsure": lambda: gettext("Say as well how sure you are."),
    "number": lambda: gettext("Write a number, such as 500 or 50万."),
    "long": lambda: gettext("That is too long. A few words are enough."),
    "signs": lambda: gettext("Write it on one line, please."),
    "places": lambda: gettext("Give each line a place of its own, from 1 on."),
}
View = TypeVar("View", bound=Callable[..., Any])


def sent_from_here(view: View) -> View:
    """Refuse forms that pages of other sites send; these forms carry no token (`web.is_from_here`)."""

    @wraps(view)
    def guarded(*arguments: Any, **options: Any) -> ResponseReturnValue:
        if flask.request.method == "POST" and not web.is_from_here():
            flask.abort(403)
        answer: ResponseReturnValue = view(*arguments, **options)
        return answer

    return guarded  # type: ignore[return-value]  # the same view


def _settings() -> Settings:
    settings: Settings = flask.current_app.config["PORTAL"]
    return settings


def here(path: str) -> str:
    """Return the address of a public page in the edition of the request."""
    return address(path, locale=flask.g.locale, audience=flask.g.audience)


# --- choosing -----------------------------------------------------------------------------------------------------


@public_page(blueprint, "/quizzes/")
def index() -> ResponseReturnValue:
    """List the quizzes, and the contests that are open or to come; the youth edition has none."""
    audience, locale = attempt_edition()
    session, now = db.session(), clock.now()
    cards = [(card, *card.quiz.words(audience=audience, locale=locale)) for card in queries.cards(session)]
    found = queries.announced(session, at=now) if audience is not Audience.YOUTH else []
    answer = web.reader_page("quizzes/index.html", cards=cards, contests=found, now=now)
    if found:
        # They open and close with the clock, which no kept page knows.
        answer.headers["Cache-Control"] = "no-store"
    return answer


@public_page(blueprint, "/quizzes/<slug:slug>")
def quiz(slug: str) -> ResponseReturnValue:
    """Say what a quiz is about, and offer to begin."""
    return _start_page(_version(slug))


def _start_page(version: QuizVersion, *, error: str = "", group: str = "") -> Response:
    audience, locale = attempt_edition()
    instrument = verbs.instrument(version)
    words, language = instrument.quiz.words(audience=audience, locale=locale)
    return web.reader_page(
        "quizzes/start.html",
        path=f"/quizzes/{instrument.quiz.slug}",
        status=422 if error else 200,
        quiz=instrument.quiz,
        words=words,
        language=language,
        questions=queries.questions_of(instrument.quiz),
        minutes=instrument.quiz.time_limit(audience),
        group=group or taking.heard(flask.request.args.get("group", "")),
        error=error,
    )


def _version(slug: str) -> QuizVersion:
    version = queries.public_version(db.session(), slug)
    if version is None:
        flask.abort(404)
    return version


@public_page(blueprint, "/quizzes/<slug:slug>/begin", methods=("POST",))
@sent_from_here
def begin(slug: str) -> ResponseReturnValue:
    """Begin an attempt and go to it."""
    version = _version(slug)
    audience, locale = attempt_edition()
    group = flask.request.form.get("group", "").strip()[:40]
    try:
        token = _begin(version.id, audience=audience, locale=locale, group=group)
    except verbs.GroupClosed:
        words = gettext("This code is not open for this quiz. Look at it again, or leave the field empty.")
        return _start_page(_version(slug), error=words, group=group)
    return flask.redirect(here(f"/quizzes/attempts/{token}"), 303)


def _begin(version_id: int, *, after: int = 0, **options: Any) -> str:
    """Begin an attempt, perhaps `after` another; return its token."""

    def work(session: Session) -> str:
        former = session.get_one(Attempt, after) if after else None
        version = session.get_one(QuizVersion, version_id)
        now = clock.now()
        contest_id = contests.goes_on(session, former, at=now) if former is not None else None
        begun = verbs.begin(session, version=version, after=former, contest_id=contest_id, at=now, **options)
        return begun.token

    return together.run(work, order=after)


@public_page(blueprint, "/quizzes/attempts/", methods=("GET", "POST"))
@sent_from_here
def resume() -> ResponseReturnValue:
    """Go on with an attempt on another device, by its short code."""
    if flask.request.method == "GET":
        return web.reader_page("quizzes/resume.html", code="", error="")
    code = flask.request.form.get("code", "")[:40]
    token = verbs.of_code(db.session(), code)
    if token is None:
        words = gettext(
            "There is no quiz under way with this code. It has eight signs, such as %(code)s.", code="7K3M-9QXT"
        )
        return web.reader_page("quizzes/resume.html", status=422, code=code, error=words)
    return flask.redirect(here(f"/quizzes/attempts/{token}"), 303)


# --- answering ----------------------------------------------------------------------------------------------------


@public_page(blueprint, "/quizzes/attempts/<token:token>")
def attempt(token: str) -> ResponseReturnValue:
    """Show where an attempt stands: a question, its key once told, or what is left to do."""
    sitting = Sitting(token)
    if attempt_edition() != sitting.edition:
        return flask.redirect(sitting.url(), 303)
    if sitting.attempt.finished_at is not None:
        return flask.redirect(sitting.url("/result"), 303)
    if sitting.is_late:
        return sitting.page("late.html")
    if sitting.quiz.layout is Layout.ALL:
        return _all(sitting, errors={})
    asked = whole_number(flask.request.args.get("q"), otherwise=None)
    slot = asked - 1 if asked is not None else sitting.first_open
    if slot is None or slot >= len(sitting.places):
        return sitting.page("overview.html", left=[n for n in range(len(sitting.places)) if n not in sitting.responses])
    return _question(sitting, max(0, slot))


def _question(sitting: Sitting, slot: int, *, error: str = "", form: Any = None) -> Response:
    response = sitting.responses.get(slot)
    told = sitting.quiz.tells_at_once and response is not None and response.outcome is not Outcome.BLANK
    question = sitting.shown(slot, told=told, error=error, form=form)
    left = sitting.first_open
    return sitting.page(
        "told.html" if told else "one.html",
        status=422 if error else 200,
        question=question,
        number=slot + 1,
        count=len(sitting.places),
        is_last=slot + 1 == len(sitting.places),
        is_done=left is None,
    )


@public_page(blueprint, "/quizzes/attempts/<token:token>/answers/<int(max=999):number>", methods=("POST",))
@sent_from_here
def answer(token: str, number: int) -> ResponseReturnValue:
    """Save the answer to one question and go on."""
    sitting = Sitting(token)
    slot = number - 1
    if not 0 <= slot < len(sitting.places):
        flask.abort(404)
    is_background = flask.request.headers.get("X-Background") == "1"
    try:
        _save(sitting, {slot: _given(sitting, slot)})
    except NotYet as problem:
        if is_background:
            return Response(status=204)
        return _question(sitting, slot, error=WORDS[problem.code](), form=flask.request.form)
    except verbs.Ended:
        return flask.redirect(sitting.url("/result"), 303)
    except verbs.TimeIsUp:
        return flask.redirect(sitting.url(), 303)
    except verbs.Locked:
        return flask.redirect(sitting.url(f"?q={number}"), 303)
    if is_background:
        return Response(status=204)
    return flask.redirect(sitting.url(f"?q={number if sitting.quiz.tells_at_once else number + 1}"), 303)


def _given(sitting: Sitting, slot: int) -> Answer:
    """Return the answer that the form brings to one question.

    Raises:
        NotYet: it cannot be taken as it stands. What no browser sends is a 400.
    """
    try:
        return answer_of(flask.request.form, slot=slot, item=sitting.item(slot), asks_certainty=sitting.quiz.certainty)
    except Unanswerable:
        flask.abort(400)


def _save(sitting: Sitting, given: Mapping[int, Answer]) -> None:
    attempt_id = sitting.attempt.id

    def work(session: Session) -> None:
        for slot, one in given.items():
            verbs.save(session, attempt_id=attempt_id, slot=slot, answer=one, at=clock.now())

    together.run(work, order=attempt_id)


@public_page(blueprint, "/quizzes/attempts/<token:token>/answers", methods=("POST",))
@sent_from_here
def answer_all(token: str) -> ResponseReturnValue:
    """Save every answer of a page that shows all questions, and end if that was asked."""
    sitting = Sitting(token)
    errors: dict[int, str] = {}
    given: dict[int, Answer] = {}
    for slot in range(len(sitting.places)):
        if is_given(flask.request.form, slot):
            try:
                given[slot] = _given(sitting, slot)
            except NotYet as problem:
                # A question that was left is no mistake; one that was half answered is.
                if problem.code != "blank":
                    errors[slot] = WORDS[problem.code]()
    try:
        _save(sitting, given)
    except (verbs.Ended, verbs.TimeIsUp, verbs.Locked):
        return flask.redirect(sitting.url(), 303)
    if flask.request.headers.get("X-Background") == "1":
        return Response(status=204)
    if errors:
        return _all(Sitting(token), errors=errors)
    if flask.request.form.get("go") == "finish":
        return _finished(sitting)
    return flask.redirect(sitting.url("#end"), 303)


def _all(sitting: Sitting, *, errors: Mapping[int, str]) -> Response:
    questions = [
        sitting.shown(slot, told=False, error=errors.get(slot, ""), form=flask.request.form if slot in errors else None)
        for slot in range(len(sitting.places))
    ]
    return sitting.page("all.html", status=422 if errors else 200, questions=questions)


@public_page(blueprint, "/quizzes/attempts/<token:token>/finish", methods=("POST",))
@sent_from_here
def finish(token: str) -> ResponseReturnValue:
    """End the attempt and show what it came to."""
    return _finished(Sitting(token))


def _finished(sitting: Sitting) -> ResponseReturnValue:
    attempt_id, zone = sitting.attempt.id, _settings().timezone

    def work(session: Session) -> None:
        verbs.finish(session, attempt_id=attempt_id, at=clock.now(), zone=zone)

    together.run(work, order=attempt_id)
    return flask.redirect(sitting.url("/result"), 303)


@public_page(blueprint, "/quizzes/attempts/<token:token>/result")
def result(token: str) -> ResponseReturnValue:
    """Show what an attempt came to, with the key of every question."""
    sitting = Sitting(token)
    if attempt_edition() != sitting.edition:
        return flask.redirect(sitting.url("/result"), 303)
    if sitting.attempt.finished_at is None:
        return flask.redirect(sitting.url(), 303)
    return result_page(sitting, pieces.of(sitting))


def result_page(sitting: Sitting, parts: Sequence[pieces.Piece], *, status: int = 200) -> Response:
    """Return the page of what an ended attempt came to, with the `parts` that other views add to it."""
    done = verbs.series(db.session(), sitting.attempt)
    percents = [one.percent or 0.0 for one in done]
    counting = done[taking.which_counts(percents, sitting.quiz.counts)]
    return sitting.page(
        "result.html",
        status=status,
        parts_after=parts,
        # What the forms of a pair ask is told at the lecture, not between the two.
        questions=[] if sitting.quiz.pair else [sitting.shown(n, told=True) for n in range(len(sitting.places))],
        attempt=sitting.attempt,
        counting=counting,
        attempts=len(done),
        may_repeat=not sitting.quiz.attempts or sitting.attempt.ordinal < sitting.quiz.attempts,
    )


@public_page(blueprint, "/quizzes/attempts/<token:token>/again", methods=("POST",))
@sent_from_here
def again(token: str) -> ResponseReturnValue:
    """Take the quiz once more, as it is now."""
    sitting = Sitting(token)
    version = _version(sitting.quiz.slug)
    audience, locale = sitting.edition
    try:
        token = _begin(version.id, audience=audience, locale=locale, after=sitting.attempt.id)
    except verbs.NoMoreAttempts:
        return flask.redirect(sitting.url("/result"), 303)
    return flask.redirect(address(f"/quizzes/attempts/{token}", locale=locale, audience=audience), 303)


blueprint.add_app_template_global(medium_name)


@blueprint.record_once
def _without_token(state: BlueprintSetupState) -> None:
    # These forms have no session to guard: the secret is in the address, or the form does nothing in anybody's name.
    # `sent_from_here` refuses what comes from elsewhere.
    for view in (begin, resume, answer, answer_all, finish, again):
        state.app.extensions["csrf"].exempt(view)
