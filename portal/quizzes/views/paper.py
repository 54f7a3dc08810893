"""Quizzes to print: the booklet of questions, numbered answer sheets, and the key for whoever goes through them."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

import flask
import sqlalchemy as sa
from flask import Blueprint, Flask
from flask.typing import ResponseReturnValue
from flask_babel import force_locale, gettext
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField
from wtforms.validators import NumberRange

from portal.core import access, i18n, web
from portal.core.access import DeskSection, Permission, requires
from portal.core.database import db
from portal.core.forms import Form, known_choice, required
from portal.core.settings import AUDIENCES, LOCALES, Audience, Locale, Settings
from portal.core.web import say_instead
from portal.media import services as media
from portal.media.queries import Figure
from portal.quizzes import queries, services
from portal.quizzes.models import Document, PaperSheet, QuizVersion
from portal.quizzes.rules import paper
from portal.quizzes.rules.bank import Sort
from portal.quizzes.rules.items import Item
from portal.quizzes.rules.quizzes import Instrument
from portal.quizzes.rules.taking import Place, PoolEmpty
from portal.quizzes.services import paper as verbs
from portal.quizzes.services import pdf, taking
from portal.quizzes.views.drawing import pdf_answer
from portal.quizzes.views.rewards import INLINE_PICTURES
from portal.quizzes.views.showing import show

blueprint = Blueprint("paper", __name__)
MOST_COPIES = 50
"""Answer sheets of one document; a booklet is printed once and copied by the printer."""
LARGEST_PICTURE = 3_000_000


def install(app: Flask) -> None:
    """Give `app` the pages, and their word in the desk's menu."""
    app.register_blueprint(blueprint)
    web.add_desk_section(app, DeskSection(lambda: gettext("Paper quizzes"), "paper.index", Permission.ORGANISE))


AUDIENCE_WORDS = {
    Audience.GENERAL: _l("General"),
    Audience.ELDERLY: _l("Elderly"),
    Audience.YOUTH: _l("Youth"),
    Audience.NEW_RESIDENT: _l("New residents"),
}
LOCALE_WORDS = {Locale.HANS: "简体中文", Locale.HANT: "繁體中文", Locale.EN: "English"}


def settings() -> Settings:
    """Return the settings of this installation."""
    found: Settings = flask.current_app.config["PORTAL"]
    return found


def quiz_of(slug: str) -> tuple[Document, dict[int, QuizVersion]]:
    """Return a quiz and its versions by number; a quiz that was never published is not found."""
    found = services.find(db.session(), sort=Sort.QUIZ, name=slug)
    versions = verbs.versions_of(db.session(), found.id) if found else {}
    if found is None or not versions:
        flask.abort(404)
    return found, versions


class PrintForm(Form):
    """What is to be printed."""

    class Meta(Form.Meta):
        """It only asks: nothing is changed, and the address says everything."""

        csrf = False

    version = SelectField(_l("Version"), coerce=int, validate_choice=False, validators=[required(), known_choice()])
    audience = SelectField(_l("Edition"), validate_choice=False, validators=[required(), known_choice()])
    language = SelectField(_l("Language"), validate_choice=False, validators=[required(), known_choice()])
    form = IntegerField(
        _l("Form"),
        default=1,
        validators=[
            required(),
            NumberRange(1, paper.FORMS, message=_l("Please give a number from 1 to %(most)d.", most=paper.FORMS)),
        ],
    )
    first = IntegerField(
        _l("First number"),
        default=1,
        validators=[
            required(),
            NumberRange(1, paper.COPIES, message=_l("Please give a number from 1 to %(most)d.", most=paper.COPIES)),
        ],
    )
    copies = IntegerField(
        _l("Answer sheets"),
        default=30,
        validators=[
            required(),
            NumberRange(1, MOST_COPIES, message=_l("Please give a number from 1 to %(most)d.", most=MOST_COPIES)),
        ],
    )

    def offer(self, versions: dict[int, QuizVersion]) -> None:
        """Fill in what can be chosen."""
        self.version.choices = [(number, str(number)) for number in sorted(versions, reverse=True)]
        self.audience.choices = [(one.value, AUDIENCE_WORDS[one]) for one in AUDIENCES]
        self.language.choices = [(one.value, LOCALE_WORDS[one]) for one in LOCALES]


@dataclass(frozen=True, slots=True)
class Printed:
    """What an address asks to print."""

    document: Document
    version: QuizVersion
    instrument: Instrument
    audience: Audience
    locale: Locale
    form: int
    places: list[Place]
    items: dict[str, Item]

    @property
    def title(self) -> str:
        """The quiz's title as it is said to this audience."""
        words, language = self.instrument.quiz.words(audience=self.audience, locale=self.locale)
        return self.say(words.title, language)

    @property
    def intro(self) -> str:
        """The introduction as it is said to this audience."""
        words, language = self.instrument.quiz.words(audience=self.audience, locale=self.locale)
        return self.say(words.intro, language)

    def say(self, text: str, language: Locale) -> str:
        """Return text in the characters of the printed language."""
        return i18n.to_hant(text) if self.locale is Locale.HANT and language is Locale.HANS else text

    @property
    def asks_certainty(self) -> bool:
        """Whether people say how sure they are."""
        return self.instrument.quiz.certainty


@blueprint.get("/desk/paper/")
@requires(Permission.ORGANISE)
def index() -> ResponseReturnValue:
    """List the quizzes that can be printed, and how many sheets of each are in."""
    session = db.session()
    taken = dict(
        session.execute(
            sa.select(QuizVersion.quiz_id, sa.func.count(PaperSheet.attempt_id))
            .join(PaperSheet, PaperSheet.version_id == QuizVersion.id)
            .group_by(QuizVersion.quiz_id)
        ).all()
    )
    quizzes = [
        (version, taking.instrument(version).quiz, taken.get(version.quiz_id, 0))
        for version in queries.all_newest(session)
    ]
    return flask.render_template("quizzes/paper/index.html", quizzes=quizzes, questions_of=queries.questions_of)


@blueprint.get("/desk/quizzes/<slug:slug>/paper")
@requires(Permission.ORGANISE)
def offer(slug: str) -> ResponseReturnValue:
    """Ask what is to be printed, and for whom."""
    document, versions = quiz_of(slug)
    form = PrintForm(formdata=None)
    form.offer(versions)
    form.first.data = _next_number(versions[max(versions)])
    return _offer(document, versions, form)


def _next_number(version: QuizVersion) -> int:
    """Return the number after the highest that has come back; what was printed and not come back nobody knows."""
    numbers = db.session().scalars(sa.select(PaperSheet.sheet).where(PaperSheet.version_id == version.id))
    highest = max((sheet.copy for sheet in map(paper.sheet_of, numbers) if sheet), default=0)
    return min(highest + 1, paper.COPIES)


def _offer(
    document: Document, versions: dict[int, QuizVersion], form: PrintForm, *, status: int = 200, problem: str = ""
) -> ResponseReturnValue:
    newest = taking.instrument(versions[max(versions)])
    return flask.render_template(
        "quizzes/paper/offer.html",
        document=document,
        form=form,
        quiz=newest.quiz,
        has_lots=bool(newest.pools) or newest.quiz.shuffle,
        most=MOST_COPIES,
        problem=problem,
    ), status


@blueprint.get("/desk/quizzes/<slug:slug>/paper/<any('booklet', 'sheets', 'key'):part>")
@requires(Permission.ORGANISE)
def show_part(slug: str, part: str) -> ResponseReturnValue:
    """Show a part to be printed by the browser."""
    return _part(slug, part, as_pdf=False)


@blueprint.get("/desk/quizzes/<slug:slug>/paper/<any('booklet', 'sheets', 'key'):part>.pdf")
@requires(Permission.ORGANISE)
def part_as_pdf(slug: str, part: str) -> ResponseReturnValue:
    """Give a part out as PDF."""
    return _part(slug, part, as_pdf=True)


def _part(slug: str, part: str, *, as_pdf: bool) -> ResponseReturnValue:
    document, versions = quiz_of(slug)
    form = PrintForm(formdata=_with_defaults(max(versions)))
    form.offer(versions)
    if not form.validate():
        return _offer(document, versions, form, status=422)
    try:
        printed = _printed(document, versions[form.version.data], form)
    except paper.Unprintable:
        problem = gettext("A question has more options than there are letters. It cannot be printed.")
        return _offer(document, versions, form, status=422, problem=problem)
    except PoolEmpty:
        problem = gettext("There are not enough questions to draw from.")
        return _offer(document, versions, form, status=422, problem=problem)
    last = min(form.first.data + form.copies.data - 1, paper.COPIES)
    # What is printed speaks the readers' language, not that of whoever prints it; the key speaks to staff.
    with force_locale(i18n.CATALOGUES[flask.g.locale if part == "key" else printed.locale]):
        html = flask.render_template(
            f"quizzes/paper/{part}.html",
            printed=printed,
            as_pdf=as_pdf,
            questions=_questions(printed),
            sheets=[
                paper.Sheet(printed.version.number, printed.form, copy) for copy in range(form.first.data, last + 1)
            ],
            key=paper.key,
            letters=paper.LETTERS,
            audience_word=AUDIENCE_WORDS[printed.audience],
            picture=_embedded,
            lang=flask.g.locale if part == "key" else printed.locale,
        )
    if not as_pdf:
        say_instead(INLINE_PICTURES)
        return html
    try:
        name = f"{slug}-{part}-v{printed.version.number}-{printed.form}-{printed.audience.value}"
        return pdf_answer(html, name=name)
    except pdf.Unavailable:
        problem = gettext("No PDF can be made on this server. Print the page from the browser instead.")
    except pdf.TooMuch:
        problem = gettext("This is too much for one PDF. Print fewer answer sheets at a time.")
    return _offer(document, versions, form, status=422, problem=problem)


def _with_defaults(newest: int) -> Any:
    values = flask.request.args.copy()
    defaults = {"version": newest, "audience": "general", "language": "zh-Hans", "form": 1, "first": 1, "copies": 1}
    for name, value in defaults.items():
        values.setdefault(name, str(value))
    return values


def _printed(document: Document, version: QuizVersion, form: PrintForm) -> Printed:
    instrument = taking.instrument(version)
    return Printed(
        document=document,
        version=version,
        instrument=instrument,
        audience=Audience(form.audience.data),
        locale=Locale(form.language.data),
        form=form.form.data,
        places=paper.layout(instrument, version=version.number, form=form.form.data),
        items=dict(taking.keyed(db.session(), version)),
    )


def _questions(printed: Printed) -> list[Any]:
    return [
        show(printed.items[place.item], place, slot=slot, audience=printed.audience, locale=printed.locale)
        for slot, place in enumerate(printed.places)
    ]


def _embedded(figure: Figure) -> str:
    """Return a picture as a `data:` address: a PDF fetches nothing. Empty: it cannot be had."""
    fitting = [file for file in figure.fallback if file.width <= 1300] or figure.fallback[:1]
    if not fitting:
        return ""
    _empty, _media, key, version, name = fitting[-1].url.split("?")[0].split("/")
    path = media.folder(settings().data, key, int(version)) / name
    if not path.is_file() or path.stat().st_size > LARGEST_PICTURE:
        return ""
    return f"data:{fitting[-1].content_type};base64,{base64.b64encode(path.read_bytes()).decode('ascii')}"


def typist() -> verbs.Typist:
    """Return who is typing."""
    person = access.present()
    return verbs.Typist(person.id, person.name)
