"""What came of a lecture: attendance, satisfaction, what it changed, thanks."""

from __future__ import annotations

import flask
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_babel import lazy_gettext as _l

from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.files import qr_svg
from portal.core.settings import Audience
from portal.events.forms import ConfirmForm, PaperAnswersForm
from portal.events.models import Event
from portal.events.queries import attendance as queries
from portal.events.queries.common import duty
from portal.events.queries.pairs import uplift
from portal.events.rules import codes
from portal.events.rules.attendance import AdmissionKind, AdmissionSource, Wave
from portal.events.rules.satisfaction import FEW, FEWEST, LEVELS
from portal.events.rules.uplift import LEAST
from portal.events.services import cards, feedback, thanks
from portal.events.views import after_words as words
from portal.events.views.after_common import ID, lecture, on_duty, running, runs, settings, title

blueprint = Blueprint("afterwards", __name__)


def install(app: Flask) -> None:
    """Give `app` the pages of what came of lectures."""
    app.register_blueprint(blueprint)


@blueprint.get(f"/desk/events/{ID}/after")
@requires(Permission.DESK)
def show(id: int) -> ResponseReturnValue:
    """Show the figures of a lecture; nobody is in them by name."""
    return _show(lecture(id))


def _show(event: Event, *, status: int = 200, form: PaperAnswersForm | None = None) -> ResponseReturnValue:
    session = db.session()
    found = queries.attendance(session, event.id)
    asking = access.present()
    counts = queries.levels(session, event.id)
    answers = queries.satisfied(session, event.id)
    return flask.render_template(
        "events/after/show.html",
        event=event,
        title=title(event),
        found=found,
        came=[(words.KINDS[kind], found.came[kind], kind) for kind in AdmissionKind],
        tally=AdmissionKind.TALLY,
        online=AdmissionKind.ONLINE,
        sources=[(words.SOURCES[source], people) for source, people in sorted(found.sources.items())],
        audiences=queries.by_audience(session, event.id),
        answers=answers,
        levels=[(words.LEVELS[level], counts[level]) for level in LEVELS],
        few=FEW,
        fewest=FEWEST,
        least=LEAST,
        changes=[(words.WAVES[wave], uplift(session, event.id, wave=wave)) for wave in (Wave.POST, Wave.FOLLOW_UP)],
        cards=queries.cards(session, event.id),
        conflicts=queries.conflicts(session, event.id),
        spoken=codes.spoken,
        is_over=clock.now() >= event.ends_at,
        has_begun=clock.now() >= event.starts_at,
        runs=runs(event),
        on_duty=asking.may(Permission.ORGANISE) and duty(session, event=event, person_id=asking.id).on_duty,
        unthanked=thanks.left(session, event.id),
        batch=thanks.BATCH,
        form=form or _paper_form(event),
        confirm=ConfirmForm(formdata=None),
        addresses=_addresses(event),
    ), status


def _paper_form(event: Event) -> PaperAnswersForm:
    form = PaperAnswersForm(formdata=None)
    for level, count in queries.levels(db.session(), event.id, source=AdmissionSource.PAPER).items():
        form[f"level_{level}"].data = str(count)
    return form


def _addresses(event: Event) -> list[tuple[str, str, str]]:
    """Return what can be shown on a slide: its name, its words, its address."""
    base = f"{settings().base_url}/events/{event.slug}"
    found = [("feedback", gettext("How satisfied people are"), f"{base}/feedback")]
    for wave in Wave:
        if cards.quiz_of(event, wave):
            word = gettext("Quiz with seat cards: %(when)s", when=words.WAVES[wave])
            found.append((wave.value, word, f"{base}/quiz?wave={wave.value}"))
    return found


@blueprint.get(f"/desk/events/{ID}/after/<any('feedback', 'pre', 'post', 'follow-up'):what>.svg")
@requires(Permission.DESK)
def qr(id: int, what: str) -> ResponseReturnValue:
    """Draw a code for a slide."""
    found = {name: address for name, _word, address in _addresses(lecture(id))}
    return qr_svg(found[what]) if what in found else flask.abort(404)


@blueprint.post(f"/desk/events/{ID}/after/thanks")
@requires(Permission.ORGANISE)
def thank(id: int) -> ResponseReturnValue:
    """Write to those who came, each once, a batch at a time."""
    running(id)
    try:
        with transaction() as session:
            told = thanks.thank(session, event_id=id, by=access.present().name, at=clock.now())
    except thanks.NotOver:
        flask.flash(gettext("The lecture is not over, or does not take place."), "careful")
    else:
        left = thanks.left(db.session(), id)
        flask.flash(ngettext("Thanks go to %(num)d person.", "Thanks go to %(num)d people.", told))
        if left:
            flask.flash(
                ngettext(
                    "%(num)d person is still to be thanked. Send again.",
                    "%(num)d people are still to be thanked. Send again.",
                    left,
                ),
                "careful",
            )
    return flask.redirect(flask.url_for("afterwards.show", id=id), 303)


@blueprint.post(f"/desk/events/{ID}/after/satisfaction")
@requires(Permission.ORGANISE)
def enter_answers(id: int) -> ResponseReturnValue:
    """Set how often each level was ticked on paper."""
    event = on_duty(id)
    form = PaperAnswersForm()
    if not form.validate():
        return _show(event, status=422, form=form)
    counts: dict[int, int] = form.counts()
    try:
        with transaction() as session:
            changed = feedback.set_paper(session, event_id=id, counts=counts, by=access.present().name, at=clock.now())
    except feedback.NotNow:
        flask.flash(gettext("Nothing was taken: the lecture has not begun, or does not take place."), "careful")
    else:
        flask.flash(gettext("The answers on paper are in.") if changed else gettext("Nothing has changed."))
    return flask.redirect(flask.url_for("afterwards.show", id=id), 303)


def share(value: float | None) -> str:
    """Return a percentage with one decimal."""
    return "–" if value is None else f"{value:.1f}%"


def signed(value: float | None) -> str:
    """Return a difference with its sign."""
    return "–" if value is None else f"{round(value, 1) + 0.0:+.1f}"


def yuan(cents: int | None) -> str:
    """Return an amount of money; empty: it is not known."""
    return "" if cents is None else f"¥{cents / 100:,.2f}"


AUDIENCES = {
    Audience.GENERAL: _l("General"),
    Audience.ELDERLY: _l("Elderly"),
    Audience.YOUTH: _l("Youth"),
    Audience.NEW_RESIDENT: _l("New residents"),
}


def audience_word(audience: Audience) -> str:
    """Return what an edition is called."""
    return str(AUDIENCES[audience])


blueprint.add_app_template_global(audience_word, "after_audience")
for _helper in (share, signed, yuan):
    blueprint.add_app_template_filter(_helper, f"after_{_helper.__name__}")
