"""Seat cards: made and printed at the desk, and the quizzes that whoever holds one takes before and after."""

from __future__ import annotations

import flask
from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from sqlalchemy.orm import Session

from portal.core import access, clock, crypto, web
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.i18n import CATALOGUES
from portal.core.settings import LOCALES, Audience, Locale, address
from portal.core.together import together
from portal.core.web import NO_REFERRER, public_page, say_instead
from portal.events.forms import MOST_CARDS_AT_ONCE, CardsForm, CardsPrintForm
from portal.events.models import Event
from portal.events.queries import attendance
from portal.events.queries.common import public_event
from portal.events.rules import codes
from portal.events.rules.attendance import Wave
from portal.events.rules.waves import MOST_CARDS
from portal.events.services import cards as verbs
from portal.events.views.after_common import ID, on_duty, pdf_answer, qr_data, settings, title
from portal.quizzes import queries as quizzes
from portal.quizzes.services import pdf

blueprint = Blueprint("cards", __name__)
PER_PAGE = 8


def install(app: Flask) -> None:
    """Give `app` the pages of seat cards."""
    app.register_blueprint(blueprint)
    # No session to guard: the code on the card is all that anybody has, and `is_from_here` refuses other sites.
    app.extensions["csrf"].exempt(quiz)


# --- at the desk --------------------------------------------------------------------------------------------------


@blueprint.get(f"/desk/events/{ID}/cards")
@requires(Permission.ORGANISE)
def show(id: int) -> ResponseReturnValue:
    """Offer to make and print cards."""
    return _show(on_duty(id))


def _show(
    event: Event,
    *,
    status: int = 200,
    problem: str = "",
    form: CardsForm | None = None,
    printing: CardsPrintForm | None = None,
) -> ResponseReturnValue:
    count = attendance.cards(db.session(), event.id)
    if printing is None:
        printing = CardsPrintForm(formdata=None)
        printing.first.data = str(max(1, count - MOST_CARDS_AT_ONCE + 1))
        printing.last.data = str(max(1, count))
    return flask.render_template(
        "events/after/cards.html",
        event=event,
        title=title(event),
        count=count,
        form=form or CardsForm(formdata=None),
        printing=printing,
        problem=problem,
        quizzes={wave: quizzes.public_version(db.session(), verbs.quiz_of(event, wave)) for wave in Wave},
        Wave=Wave,
        most=MOST_CARDS,
        at_once=MOST_CARDS_AT_ONCE,
    ), status


@blueprint.post(f"/desk/events/{ID}/cards")
@requires(Permission.ORGANISE)
def make(id: int) -> ResponseReturnValue:
    """Make new cards."""
    event = on_duty(id)
    form = CardsForm()
    if not form.validate():
        return _show(event, status=422, form=form)
    count = int(form.count.data)
    try:
        with transaction() as session:
            first, last = verbs.make(session, event_id=id, count=count, by=access.present().name, at=clock.now())
    except verbs.TooManyCards:
        form.refuse("count", gettext("A lecture has at most %(most)d cards.", most=MOST_CARDS))
        return _show(on_duty(id), status=422, form=form)
    flask.flash(gettext("Cards %(first)d to %(last)d are made. Print them now.", first=first, last=last))
    return flask.redirect(flask.url_for("cards.show", id=id), 303)


@blueprint.get(f"/desk/events/{ID}/cards.pdf")
@requires(Permission.ORGANISE)
def print_cards(id: int) -> ResponseReturnValue:
    """Give cards out as PDF, eight on a page."""
    event = on_duty(id)
    form = CardsPrintForm(flask.request.args)
    if not form.validate():
        return _show(event, status=422, printing=form)
    first, last = int(form.first.data), int(form.last.data)
    found = verbs.between(db.session(), event_id=id, first=first, last=min(last, first + MOST_CARDS_AT_ONCE - 1))
    if not found:
        return _show(event, status=422, printing=form, problem=gettext("There are no cards with these numbers."))
    base = f"{settings().base_url}/events/{event.slug}/quiz"
    with force_locale(CATALOGUES[LOCALES[0]]):
        html = flask.render_template(
            "events/after/cards_print.html",
            event=event,
            title=title(event, LOCALES[0]),
            day=f"{event.starts_at.astimezone(settings().timezone):%Y-%m-%d}",
            pages=[found[start : start + PER_PAGE] for start in range(0, len(found), PER_PAGE)],
            host=settings().base_url.partition("://")[2],
            qr=lambda card: qr_data(f"{base}?card={card.code}"),
            spoken=codes.spoken,
            lang=LOCALES[0],
        )
    try:
        return pdf_answer(html, name=f"{event.slug}-cards-{first}-{found[-1].number}")
    except pdf.Unavailable:
        problem = gettext("No PDF can be made on this server. Ask whoever runs it to install Pango.")
    except pdf.TooMuch:
        problem = gettext("This is too much for one PDF. Print fewer cards at a time.")
    return _show(on_duty(id), status=422, printing=form, problem=problem)


# --- in the hall --------------------------------------------------------------------------------------------------


@public_page(blueprint, "/events/<slug:slug>/quiz", methods=("GET", "POST"))
def quiz(slug: str) -> ResponseReturnValue:
    """Ask for the code of a seat card, and begin the quiz of this moment, or go on with it."""
    event = public_event(db.session(), slug) or flask.abort(404)
    say_instead(NO_REFERRER)
    wanted = _wave(flask.request.values.get("wave"))
    typed = flask.request.values.get("card", "")[:40]
    if flask.request.method == "GET":
        return _ask(event, typed=typed, wanted=wanted)
    if not web.is_from_here():
        flask.abort(403)
    number, audience, locale = event.id, Audience(flask.g.audience), Locale(flask.g.locale)

    def work(session: Session) -> verbs.Sitting:
        return verbs.begin(
            session, event_id=number, code=typed, wanted=wanted, audience=audience, locale=locale, at=clock.now()
        )

    try:
        # In one order everywhere, and before the rows of attempts, which are numbered from 1 on.
        sitting = together.run(work, order=-int(crypto.digest(codes.typed(typed) or "")[:12], 16))
    except verbs.NoCard:
        return _ask(event, typed=typed, wanted=wanted, problem="card", status=422)
    except verbs.NoQuiz:
        return _ask(event, typed="", wanted=wanted, problem="none", status=410)
    except verbs.Done:
        return _ask(event, typed="", wanted=wanted, problem="done")
    place = f"/quizzes/attempts/{sitting.token}"
    return flask.redirect(address(place, locale=sitting.locale, audience=sitting.audience), 303)


def _wave(text: str | None) -> Wave | None:
    return Wave(text) if text in tuple(Wave) else None


def _ask(event: Event, *, typed: str, wanted: Wave | None, problem: str = "", status: int = 200) -> Response:
    code = codes.typed(typed)
    wave = verbs.wave_of(event, clock.now(), wanted)
    slug = verbs.quiz_of(event, wave) if wave else ""
    is_there = bool(slug) and quizzes.public_version(db.session(), slug) is not None
    answer = web.reader_page(
        "events/card_quiz.html",
        path=f"/events/{event.slug}/quiz",
        status=status,
        event=event,
        typed=codes.spoken(code) if code else typed,
        wanted=wanted,
        wave=wave,
        Wave=Wave,
        problem=problem or ("" if is_there else "none"),
    )
    answer.headers["Cache-Control"] = "no-store"
    return answer
