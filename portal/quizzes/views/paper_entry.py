"""Typing in what is on paper: two people, one after the other, neither of whom sees what the other typed."""

from __future__ import annotations

from dataclasses import dataclass

import flask
import sqlalchemy as sa
from flask import Blueprint
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from wtforms import SelectField, StringField

from portal.core import access, clock
from portal.core.access import Permission, requires
from portal.core.database import db, transaction
from portal.core.forms import Form, at_most, known_choice, one_line, required, stripped, whole_number
from portal.core.settings import AUDIENCES, Audience
from portal.quizzes.models import Document, PaperSheet, QuizVersion
from portal.quizzes.queries import questions_of
from portal.quizzes.rules import paper, taking
from portal.quizzes.rules.answers import Answer
from portal.quizzes.rules.paper import BadAnswer, Sheet, Typed, read_answer, sheet_of, write_answer
from portal.quizzes.rules.paper_file import day_of
from portal.quizzes.services import paper as verbs
from portal.quizzes.services import taking as quizzes
from portal.quizzes.views.paper import AUDIENCE_WORDS, quiz_of, settings, typist
from portal.quizzes.views.paper_words import flaw_words, kind_words

blueprint = Blueprint("paper_entry", __name__)
SHOWN = 100
"""Sheets of each list."""
LONGEST_CELL = 400


class SheetForm(Form):
    """What stands at the top of a sheet."""

    sheet = StringField(_l("Sheet number"), filters=[stripped], validators=[required(), at_most(40), one_line()])
    audience = SelectField(_l("Edition"), validate_choice=False, validators=[required(), known_choice()])
    group = StringField(_l("Group code"), filters=[stripped], validators=[at_most(40), one_line()])
    day = StringField(_l("Filled in on"), filters=[stripped], validators=[at_most(20), one_line()])


@dataclass(frozen=True, slots=True)
class Line:
    """One question of the form to type into."""

    name: str
    hint: str
    value: str
    error: str


@blueprint.get("/desk/quizzes/<slug:slug>/paper/entry")
@requires(Permission.ORGANISE)
def entry(slug: str) -> ResponseReturnValue:
    """Ask for what stands on one sheet."""
    document, versions = quiz_of(slug)
    asked = flask.request.args
    form = _form()
    form.sheet.data = asked.get("sheet", "")[:40]
    form.audience.data = asked.get("audience") if asked.get("audience") in set(AUDIENCES) else Audience.GENERAL.value
    form.group.data = asked.get("group", "")[:40]
    form.day.data = asked.get("day", "")[:20]
    return _entry(document, versions, form)


def _form(*, sent: bool = False) -> SheetForm:
    form = SheetForm() if sent else SheetForm(formdata=None)
    form.audience.choices = [(one.value, AUDIENCE_WORDS[one]) for one in AUDIENCES]
    return form


def _version(versions: dict[int, QuizVersion]) -> QuizVersion:
    return versions.get(whole_number(flask.request.args.get("version"), otherwise=0)) or versions[max(versions)]


def _entry(
    document: Document,
    versions: dict[int, QuizVersion],
    form: SheetForm,
    *,
    errors: dict[str, str] | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    version = _version(versions)
    instrument = quizzes.instrument(version)
    kinds = ["" for _ in range(questions_of(instrument.quiz))]
    if not instrument.pools and not instrument.quiz.shuffle:
        kinds = [kind_words(instrument.items[slot.item].kind) for slot in instrument.quiz.slots]
    lines = [
        Line(
            f"q{place}",
            hint,
            flask.request.form.get(f"q{place}", "")[:LONGEST_CELL],
            (errors or {}).get(f"q{place}", ""),
        )
        for place, hint in enumerate(kinds, 1)
    ]
    rows = db.session().scalars(
        sa.select(PaperSheet)
        .where(PaperSheet.version_id == version.id, PaperSheet.attempt_id.is_(None))
        .order_by(PaperSheet.sheet)
        .limit(SHOWN * 2)
    )
    waiting: dict[verbs.Stage, list[PaperSheet]] = {verbs.Stage.HALF: [], verbs.Stage.DIFFERENT: []}
    for row in rows:
        waiting[verbs.stage(row)].append(row)
    done = db.session().scalar(
        sa.select(sa.func.count()).where(PaperSheet.version_id == version.id, PaperSheet.attempt_id.is_not(None))
    )
    return flask.render_template(
        "quizzes/paper/entry.html",
        document=document,
        quiz=instrument.quiz,
        version=version,
        versions=sorted(versions, reverse=True),
        form=form,
        lines=lines,
        half=waiting[verbs.Stage.HALF][:SHOWN],
        differing=waiting[verbs.Stage.DIFFERENT][:SHOWN],
        done=done,
        me=access.present().id,
        url_of=lambda row: sheet_url(document.name, sheet_of(row.sheet) or Sheet(1, 1, 1)),
    ), status


@blueprint.post("/desk/quizzes/<slug:slug>/paper/entry")
@requires(Permission.ORGANISE)
def type_in(slug: str) -> ResponseReturnValue:
    """Note what was typed; when two people have typed the same, take the sheet."""
    document, versions = quiz_of(slug)
    form = _form(sent=True)
    version = _version(versions)
    valid = form.validate()
    sheet = sheet_of(form.sheet.data or "", only=next(iter(versions)) if len(versions) == 1 else None)
    if sheet is None and not form.sheet.errors:
        form.refuse("sheet", gettext("This is no sheet number. It looks like %(number)s.", number="P1-1-0001"))
    elif sheet is not None and sheet.version != version.number:
        form.refuse(
            "sheet",
            gettext("This sheet is of version %(number)d. Choose that version above first.", number=sheet.version)
            if sheet.version in versions
            else gettext("This quiz has no version %(number)d.", number=sheet.version),
        )
    day = day_of(form.day.data or "", today=clock.now().astimezone(settings().timezone).date())
    if day is None:
        form.refuse("day", gettext("This is no date, or one to come. It looks like %(day)s.", day="2026-11-22"))
    if not valid or form.wrong or sheet is None or day is None:
        return _entry(document, versions, form, status=422)
    try:
        given, errors = _answers(version, sheet)
    except (paper.Unprintable, taking.PoolEmpty):
        flask.abort(404)
    if errors:
        return _entry(document, versions, form, errors=errors, status=422)
    typed = Typed(Audience(form.audience.data), given, taking.heard(form.group.data or ""), day)
    refusal = _store(version, sheet, typed)
    if isinstance(refusal, tuple):
        form.refuse(*refusal)
        return _entry(document, versions, form, status=422)
    if refusal is verbs.Stage.DIFFERENT:
        return flask.redirect(sheet_url(slug, sheet), 303)
    if refusal is verbs.Stage.HALF:
        flask.flash(gettext("%(number)s is noted. Another person types it a second time.", number=sheet.number))
    else:
        flask.flash(gettext("%(number)s is in: both typed the same.", number=sheet.number))
    again = {"version": version.number, "audience": typed.audience.value, "group": form.group.data, "day": day}
    kept = {name: value for name, value in again.items() if value}
    return flask.redirect(flask.url_for("paper_entry.entry", slug=slug, **kept), 303)


def sheet_url(slug: str, sheet: Sheet) -> str:
    """Return the address of what is known of a sheet."""
    return flask.url_for("paper_entry.sheet", slug=slug, version=sheet.version, form=sheet.form, copy=sheet.copy)


def _answers(version: QuizVersion, sheet: Sheet) -> tuple[dict[int, Answer], dict[str, str]]:
    """Return the answers that were typed, and what is wrong with the others."""
    instrument = quizzes.instrument(version)
    given: dict[int, Answer] = {}
    errors: dict[str, str] = {}
    for slot, place in enumerate(paper.layout(instrument, version=version.number, form=sheet.form)):
        name = f"q{slot + 1}"
        text = flask.request.form.get(name, "")[:LONGEST_CELL]
        try:
            answer = read_answer(text, instrument.items[place.item], place, asks_certainty=instrument.quiz.certainty)
        except BadAnswer as bad:
            errors[name] = flaw_words(bad.flaw)
            continue
        if answer is not None:
            given[slot] = answer
    return given, errors


def _store(version: QuizVersion, sheet: Sheet, typed: Typed) -> verbs.Stage | tuple[str, str]:
    """Store a sheet; return where it stands, or the field that is wrong and why."""
    version_id, at, zone = version.id, clock.now(), settings().timezone
    try:
        with transaction() as session:
            row = verbs.type_sheet(
                session, version_id=version_id, sheet=sheet, typed=typed, by=typist(), at=at, zone=zone
            )
            return verbs.stage(row)
    except verbs.SamePerson:
        return "sheet", gettext("You have typed this sheet already. Now another person types it, without looking.")
    except verbs.AlreadyTaken:
        return "sheet", gettext("This sheet is in already: two people typed it the same, or it came in a file.")
    except verbs.NoSuchGroup:
        return "group", gettext("This quiz has no group with this code. Look at it again, or leave the field empty.")
    except verbs.NoAnswers:
        return "sheet", gettext("Nothing is answered on this sheet. An empty sheet is not taken in.")


@blueprint.get(
    "/desk/quizzes/<slug:slug>/paper/sheets/<int(max=999999):version>-<int(max=9):form>-<int(max=9999):copy>"
)
@requires(Permission.ORGANISE)
def sheet(slug: str, version: int, form: int, copy: int) -> ResponseReturnValue:
    """Show where a sheet stands; where two people typed differently, both side by side."""
    document, versions = quiz_of(slug)
    asked = Sheet(version, form, copy)
    of = versions.get(version)
    row = verbs.find(db.session(), version_id=of.id, sheet=asked) if of else None
    if of is None or row is None:
        flask.abort(404)
    stage = verbs.stage(row)
    return flask.render_template(
        "quizzes/paper/sheet.html",
        document=document,
        quiz=quizzes.instrument(of).quiz,
        version=of,
        row=row,
        stage=stage,
        # What one person typed is shown to nobody before a second one has typed.
        pairs=_side_by_side(of, asked, row) if stage is verbs.Stage.DIFFERENT else [],
    )


def _side_by_side(version: QuizVersion, sheet: Sheet, row: PaperSheet) -> list[tuple[str, str, str, bool]]:
    """Return name, first, second and whether they differ, of everything on a sheet."""
    instrument = quizzes.instrument(version)
    first, second = paper.typed_from_plain(row.first), paper.typed_from_plain(row.second or row.first)
    differing = set(first.differences(second))
    found = [
        (
            gettext("Edition"),
            str(AUDIENCE_WORDS[first.audience]),
            str(AUDIENCE_WORDS[second.audience]),
            "audience" in differing,
        ),
        (gettext("Group code"), first.group, second.group, "group" in differing),
        (gettext("Filled in on"), first.day, second.day, "day" in differing),
    ]
    for slot, place in enumerate(paper.layout(instrument, version=version.number, form=sheet.form)):
        item = instrument.items[place.item]
        sure = instrument.quiz.certainty
        shown = [write_answer(one.answers.get(slot), item, place, asks_certainty=sure) for one in (first, second)]
        found.append((gettext("Question %(number)d", number=slot + 1), *shown, f"q{slot + 1}" in differing))
    return found
