"""Who comes to a lecture, for those who run it: registering by telephone, changing and cancelling for people."""

from __future__ import annotations

import secrets
from typing import Any

import flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.settings import Locale
from portal.events.forms.people import NEED_WORDS, PersonForm, SeatsOfForm, person_form
from portal.events.models import Event, Registration
from portal.events.queries import common
from portal.events.queries import desk as queries
from portal.events.rules import codes
from portal.events.rules import questions as asking
from portal.events.rules.lectures import EventState, Phase
from portal.events.rules.seats import MOVES, State
from portal.events.services import assisting, registering
from portal.events.services.managing import NoSeats, NotOffered, TooLate
from portal.events.services.registering import Became, NoSuchPlace, NotOpen, TooMany
from portal.events.views.desk_common import ID, actor, blueprint, mine_or_403, page, settings

WHO = f"{ID}>/people/<int(max=9007199254740991):who"


@blueprint.get(f"/<{ID}>/people")
@requires(Permission.ORGANISE)
def people(id: int) -> ResponseReturnValue:
    """List who has registered, and how many need what; only those who run the lecture see names."""
    event = mine_or_403(id)
    session = db.session()
    found = queries.registrations(session, event.id)
    return page(
        "people",
        event,
        found=found,
        lines=queries.places_in_line(found),
        needs=[(NEED_WORDS[need], count) for need, count in queries.needs(session, event.id).items()],
        pools=common.pools(session, event.id),
        places={pool.id: pool.place for pool in common.pools(session, event.id)},
        counts={state: sum(one.state is state for one in found) for state in State},
        opens=_takes(event),
    )


def _takes(event: Event) -> bool:
    """Return whether staff may still register people."""
    ended = (Phase.OVER, Phase.CANCELLED)
    return event.state is EventState.PUBLISHED and common.phase_of(event, clock.now()) not in ended


# --- registering --------------------------------------------------------------------------------------------------


def _questions(event: Event) -> tuple[asking.Question, ...]:
    return asking.read((event.words or {}).get("questions"))


@blueprint.get(f"/<{ID}>/people/new")
@requires(Permission.ORGANISE)
def register(id: int) -> ResponseReturnValue:
    """Offer the form for somebody on the telephone."""
    event = mine_or_403(id)
    if not _takes(event):
        sentence = gettext("This lecture takes no registrations now.")
        return page("refused", event, status=409, sentence=sentence)
    form = person_form(event, _questions(event), _locale(), formdata=None)
    form.request.data = secrets.token_urlsafe(32)
    return _form_page(event, form)


def _form_page(event: Event, form: PersonForm, *, status: int = 200) -> flask.Response:
    kept = (settings().keep_contacts_days, settings().keep_access_days)
    return page("register", event, status=status, form=form, questions=_questions(event), kept=kept)


def _locale() -> Locale:
    return access.present().locale


@blueprint.post(f"/<{ID}>/people/new")
@requires(Permission.ORGANISE)
def do_register(id: int) -> ResponseReturnValue:
    """Register somebody on the telephone; the next page has the code to read out."""
    event = mine_or_403(id)
    questions = _questions(event)
    form = person_form(event, questions, _locale())
    if form.place.data is None:
        form.place.data = next(iter(choice.value for choice in form.place.choices))
    wish = form.wish(event, questions) if form.validate() else None
    if wish is None:
        return _form_page(event, form, status=422)
    try:
        with transaction() as session:
            made = registering.register(session, event_id=id, wish=wish, **actor())
    except (NotOpen, NoSuchPlace, LookupError):
        return page(
            "refused", mine_or_403(id), status=409, sentence=gettext("This lecture takes no registrations now.")
        )
    except TooMany as problem:
        name, message = _too_many(problem)
        form.refuse(name, message)
        return _form_page(mine_or_403(id), form, status=422)
    if made.became is Became.KNOWN:
        flask.flash(gettext("This person is registered already, with this contact. Here is their registration."))
    elif made.became is Became.NEW:
        flask.flash(gettext("Registered. Read the code out, and say where and when."))
    return flask.redirect(flask.url_for("lectures.person", id=id, who=made.id), 303)


def _too_many(problem: TooMany) -> tuple[str, str]:
    if problem.of == "group":
        return "kind", gettext("This lecture takes no groups.")
    return "seats", gettext("At most %(most)d seats can be taken at once.", most=problem.most)


# --- one person ---------------------------------------------------------------------------------------------------


def _registration(event: Event, who: int) -> Registration:
    found = db.session.get(Registration, who)
    return found if found is not None and found.event_id == event.id else flask.abort(404)


@blueprint.get(f"/<{WHO}>")
@requires(Permission.ORGANISE)
def person(id: int, who: int) -> ResponseReturnValue:
    """Show one registration: the code to read out, and what can be done for the person."""
    event = mine_or_403(id)
    return _person(event, _registration(event, who), SeatsOfForm(formdata=None))


def _person(
    event: Event, found: Registration, form: SeatsOfForm, *, status: int = 200, why: str = ""
) -> flask.Response:
    session, now = db.session(), clock.now()
    lines = queries.places_in_line(queries.registrations(session, event.id))
    if not form.seats.data:
        form.seats.data = str(found.seats)
    stands = State.CANCELLED in MOVES[found.state] and event.state is EventState.PUBLISHED and now < event.starts_at
    return page(
        "person",
        event,
        status=status,
        found=found,
        code=codes.spoken(found.code),
        line=lines.get(found.id),
        place=next(pool.place for pool in common.pools(session, event.id) if pool.id == found.pool_id),
        form=form,
        stands=stands,
        offered=stands and found.state is State.OFFERED,
        why=why,
    )


@blueprint.post(f"/<{WHO}>")
@requires(Permission.ORGANISE)
def act(id: int, who: int) -> ResponseReturnValue:
    """Cancel, accept, pass on, or take other seats for somebody."""
    event = mine_or_403(id)
    found = _registration(event, who)
    form = SeatsOfForm()
    given: dict[str, Any] = {"registration_id": who, **actor()}
    wanted = flask.request.form.get("action")
    if wanted == "seats" and not form.validate():
        return _person(event, found, form, status=422)
    try:
        with transaction() as session:
            here = session.get_one(Event, id)
            if wanted == "cancel":
                done = assisting.cancel(session, event=here, **given)
            elif wanted == "accept":
                done = assisting.accept(session, event=here, **given)
            elif wanted == "pass":
                done = assisting.pass_on(session, event=here, **given)
            elif wanted == "seats":
                done = assisting.change_seats(session, event=here, seats=int(form.seats.data), **given)
            else:
                flask.abort(400)
    except (TooLate, NotOffered):
        why = gettext("Not possible any more: the lecture has begun, or the registration has ended.")
        return _again(id, who, SeatsOfForm(formdata=None), status=409, why=why)
    except TooMany as problem:
        form.refuse("seats", _too_many(problem)[1])
        return _again(id, who, form, status=422)
    except NoSeats as problem:
        message = gettext("So many are not free: at most %(free)d more, or others wait for them.", free=problem.free)
        form.refuse("seats", message)
        return _again(id, who, form, status=422)
    except LookupError:
        flask.abort(404)
    flask.flash(gettext("Done. The person is told, if they left a contact.") if done else gettext("Nothing to change."))
    return flask.redirect(flask.url_for("lectures.person", id=id, who=who), 303)


def _again(id: int, who: int, form: SeatsOfForm, *, status: int, why: str = "") -> flask.Response:
    event = mine_or_403(id)
    return _person(event, _registration(event, who), form, status=status, why=why)
